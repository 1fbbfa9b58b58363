//! The content of a command rule: exact, prefix or wildcard.
//!
//! Leaves out which texts of a command line are held against it.

use super::parse::List;
use crate::glob::Wildcard;

/// A command pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// One text and no other.
    Exact(Box<str>),
    /// `npm run:*` and `npm run *`: the text alone, or the text, a blank and anything.
    Prefix(Box<str>),
    /// Anything with a `*` elsewhere.
    Wildcard(Wildcard),
}

/// Words that run another command or change what runs; rules that begin with them are not compared.
const SPECIAL_WORDS: &[&str] = &[
    "!",
    ".",
    "alias",
    "bash",
    "builtin",
    "busybox",
    "case",
    "cd",
    "chroot",
    "chrt",
    "command",
    "coproc",
    "dash",
    "doas",
    "env",
    "eval",
    "exec",
    "export",
    "find",
    "flock",
    "for",
    "function",
    "if",
    "ionice",
    "let",
    "ltrace",
    "nice",
    "nocorrect",
    "noglob",
    "nohup",
    "npx",
    "nsenter",
    "parallel",
    "pkexec",
    "popd",
    "pushd",
    "sandbox-exec",
    "script",
    "set",
    "setsid",
    "sh",
    "source",
    "ssh",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "taskset",
    "then",
    "time",
    "timeout",
    "trap",
    "until",
    "unshare",
    "watch",
    "while",
    "xargs",
    "zsh",
];

/// Words behind which an allow rule is looked for (observed, 2.1.330).
const TRANSPARENT_WORDS: &[&str] =
    &["!", "builtin", "command", "nice", "noglob", "nohup", "stdbuf", "time", "timeout", "xargs"];

impl Command {
    /// Reads the content of a rule.
    pub(super) fn new(content: &str) -> Self {
        if let Some(prefix) = content.strip_suffix(":*").filter(|prefix| !prefix.is_empty()) {
            return Self::Prefix(prefix.into());
        }
        let pattern = Wildcard::with_escapes(content);
        if pattern.is_literal() {
            return Self::Exact(pattern.prefix().into());
        }
        match content.strip_suffix(" *") {
            Some(prefix) if pattern.stars() == 1 && !prefix.is_empty() => {
                Self::Prefix(pattern.prefix().trim_end_matches(' ').into())
            }
            _ => Self::Wildcard(pattern),
        }
    }

    /// Whether the rule is about one simple command that begins with an ordinary, literal word.
    pub(super) fn is_plain(&self) -> bool {
        let (head, complete) = match self {
            Self::Exact(text) | Self::Prefix(text) => (&**text, true),
            Self::Wildcard(pattern) => (pattern.prefix(), false),
        };
        let mut words = head.split(' ');
        let word = words.next().unwrap_or_default();
        let complete = complete || words.next().is_some();
        let ordinary = |b: u8| b.is_ascii_alphanumeric() || b"_.:/=@%+,-".contains(&b);
        let name = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        complete
            && !word.is_empty()
            && word.bytes().all(name)
            && !SPECIAL_WORDS.contains(&word)
            && !head.contains("  ")
            && head.trim() == head.trim_end_matches(' ')
            && match self {
                Self::Exact(text) => !text.ends_with(' ') && text.bytes().all(|b| b == b' ' || ordinary(b)),
                Self::Prefix(text) => !text.ends_with(' ') && !text.contains('*'),
                Self::Wildcard(_) => true,
            }
    }

    /// Whether every command that `narrow` covers in `list` is covered by this pattern.
    pub(super) fn covers(&self, list: List, narrow: &Self) -> bool {
        let tame = |command: &Self| command.forms().iter().all(|form| !form.suffix().contains("**/"));
        if self == narrow {
            return true;
        }
        if !narrow.is_plain() || (list == List::Allow && !self.is_plain()) || !tame(self) || !tame(narrow) {
            return false;
        }
        let forms = self.forms();
        narrow.forms().iter().all(|inner| forms.iter().any(|form| form.covers(inner)))
    }

    /// Whether no simple command fits both.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        self.is_plain()
            && other.is_plain()
            && self.forms().iter().all(|a| other.forms().iter().all(|b| a.is_apart_from(b)))
    }

    /// Whether no simple command that this pattern allows is one of `other`: they begin with different
    /// words, and an allow rule is not looked for behind the word of `other`.
    pub(super) fn never_runs(&self, other: &Self) -> bool {
        let named = |word: &&str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        let word = other.first_word().filter(named).filter(|word| !TRANSPARENT_WORDS.contains(word));
        self.is_plain() && word.is_some_and(|word| self.first_word() != Some(word))
    }

    /// The first word, none where a wildcard may be part of it.
    fn first_word(&self) -> Option<&str> {
        let (head, complete) = match self {
            Self::Exact(text) | Self::Prefix(text) => (&**text, true),
            Self::Wildcard(pattern) => (pattern.prefix(), false),
        };
        match head.split_once(' ') {
            Some((word, _)) => Some(word),
            None => complete.then_some(head),
        }
        .filter(|word| !word.is_empty())
    }

    /// The patterns whose union this is.
    fn forms(&self) -> Vec<Wildcard> {
        let literal = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
        match self {
            Self::Exact(text) => vec![Wildcard::with_escapes(&literal(text))],
            Self::Prefix(text) => vec![
                Wildcard::with_escapes(&literal(text)),
                Wildcard::with_escapes(&format!("{} *", literal(text))),
            ],
            Self::Wildcard(pattern) => vec![pattern.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: List, wide: &str, narrow: &str) -> bool {
        Command::new(wide).covers(list, &Command::new(narrow))
    }

    #[test]
    fn two_spellings_of_a_prefix_are_one() {
        assert_eq!(Command::new("foo:*"), Command::new("foo *"));
        assert_eq!(Command::new("foo"), Command::Exact("foo".into()));
        assert_eq!(Command::new(r"foo \*"), Command::Exact("foo *".into()));
        assert!(matches!(Command::new("foo * *"), Command::Wildcard(_)));
        assert!(matches!(Command::new("foo*"), Command::Wildcard(_)));
        assert!(matches!(Command::new(":*"), Command::Wildcard(_)));
    }

    #[test]
    fn wider_patterns_cover_narrower_ones() {
        for list in List::ALL {
            assert!(covers(list, "npm *", "npm run test"));
            assert!(covers(list, "npm *", "npm"));
            assert!(covers(list, "npm:*", "npm run *"));
            assert!(covers(list, "git * main", "git push * main"));
            assert!(!covers(list, "npm run *", "npm *"));
            assert!(!covers(list, "npm run test", "npm run test *"));
            assert!(!covers(list, "git * *", "git *"));
        }
        assert!(covers(List::Deny, "npm*", "npm run *"));
        assert!(!covers(List::Deny, "n*", "npm*"));
    }

    #[test]
    fn an_allowed_word_lets_no_other_word_through() {
        let never_runs = |allow: &str, never: &str| Command::new(allow).never_runs(&Command::new(never));
        assert!(never_runs("npm test *", "sudo *"));
        assert!(never_runs("git * main", "curl *"));
        assert!(!never_runs("npm *", "npm publish *"));
        assert!(!never_runs("sudo *", "curl *"));
        assert!(!never_runs("npm *", "timeout *"));
        assert!(!never_runs("*", "curl *"));
        assert!(!never_runs("npm*", "curl *"));
        assert!(!never_runs("npm *", "* install"));
    }

    #[test]
    fn what_may_run_something_else_is_not_compared() {
        for list in List::ALL {
            assert!(!covers(list, "foo *", "foo a && bar"));
            assert!(!covers(list, "timeout *", "timeout 5 foo"));
            assert!(!covers(list, "watch *", "watch ls"));
            assert!(!covers(list, "foo *", "foo $(bar)"));
        }
        assert!(!covers(List::Allow, "* a", "foo a"));
    }
}
