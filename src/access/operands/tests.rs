//! Commands as the client was seen to take them, 2.1.330.

use super::*;
use crate::access::Place;

/// Words separated by blanks, without quotes.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    for part in text.split(' ') {
        if !part.is_empty() {
            found.push(Word { glob: part.contains(['*', '?', '[']), ..Word::plain(part, at) });
        }
        at += part.len() + 1;
    }
    found
}

fn reads(text: &str) -> bool {
    is_read_only(text, &words(text))
}

#[test]
fn flags_keep_a_command_reading_or_not() {
    for text in ["ls -la", "sort -n in.txt", "git log -5 --oneline", "grep -A5 x in.txt", "xargs -n 1 echo"] {
        assert!(reads(text), "{text}");
    }
    for text in ["sort -o x in.txt", "git log --output=x", "xargs -n1 echo", "git branch x", "find . -delete"]
    {
        assert!(!reads(text), "{text}");
    }
}

/// The paths of a command, with `r`, `w` or `e` for what is done.
fn paths(text: &str) -> Vec<String> {
    let words = words(text);
    operands(&words, Version::NEWEST)
        .iter()
        .map(|operand| {
            let used = match operand.used {
                Use::Read => 'r',
                Use::Write => 'w',
                Use::Enter => 'e',
            };
            format!("{used} {}", operand.path.as_deref().unwrap_or_default())
        })
        .collect()
}

#[test]
fn paths_are_read_or_written() {
    assert_eq!(paths("cat -n a -- -b"), ["r a", "r -b"]);
    assert_eq!(paths("grep -e x a"), ["r a"]);
    assert_eq!(paths("grep -rn x a b"), ["r a", "r b"]);
    assert_eq!(paths("grep --file=p x"), ["r p", "r x"]);
    assert_eq!(paths("jq --arg k v a"), ["r a"]);
    assert_eq!(paths("tr a b c"), ["r c"]);
    assert_eq!(paths("find a b -newer c -name d"), ["r a", "r b", "r c"]);
    assert_eq!(paths("cp a b/c d"), ["w d", "r a", "w d/a", "r b/c", "w d/c"]);
    assert_eq!(paths("mv -t d a"), ["r d", "w d", "r a", "w a", "w d/a"]);
    assert_eq!(paths("sed -n 1p a"), ["r a"]);
    assert_eq!(paths("sed s/a/b/ a"), ["r a", "w a"]);
    assert_eq!(paths("git -C x diff a"), ["r a"]);
    assert_eq!(paths("git log a"), [""; 0]);
    assert_eq!(paths("cd src"), ["e src"]);
    assert_eq!(paths("less a"), [""; 0]);
}

#[test]
fn accepted_edits_are_few_and_plain() {
    for text in ["mkdir -p a", "rm -rf a", "touch a", "cp a b", "sed -i s/a/b/g a"] {
        assert!(edits(&words(text)), "{text}");
    }
    for text in ["touch -c a", "cp -r a b", "rm a*", "sed -i 1d a", "sed -i s/a/b/e a", "tee a", "sed -i"] {
        assert!(!edits(&words(text)), "{text}");
    }
}

#[test]
fn removals_of_the_root_the_home_and_the_project_are_critical() {
    let place = Place { project: "/h/u/p".into(), home: "/h/u".into(), config: "/h/u/.claude".into() };
    let critical = |text: &str| removes_critical(text, &words(text), &place);
    for path in
        ["/", "/etc", "/etc/*", "~", "~/", "..", ".", "*", "./*", "*/*", "/h/u/p/*", "../p", "a/..", "//"]
    {
        assert!(critical(&format!("rm -rf a {path}")), "{path}");
    }
    for path in ["a", "/etc/x", "~/x", "a/*", "x*", "../x", "C:/"] {
        assert!(!critical(&format!("rm -rf {path}")), "{path}");
    }
    assert!(!critical("cat /"));
}
