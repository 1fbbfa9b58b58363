//! Commands of the shell itself that the client does not let pass by a pattern.
//!
//! Observed with client 2.1.330; those of zsh stand in its documentation.

use crate::shell::Word;

/// Commands that run their words, in whatever way, or change how later ones are read.
const EVALUATING: &[&str] = &[
    ".",
    "alias",
    "bind",
    "chrt",
    "complete",
    "coproc",
    "emulate",
    "enable",
    "eval",
    "exec",
    "flock",
    "hash",
    "ionice",
    "let",
    "ltrace",
    "mapfile",
    "nocorrect",
    "nsenter",
    "readarray",
    "script",
    "setsid",
    "shopt",
    "source",
    "strace",
    "sysopen",
    "sysread",
    "sysseek",
    "syswrite",
    "taskset",
    "trap",
    "unshare",
    "watch",
    "zcompile",
    "zf_chmod",
    "zf_chown",
    "zf_ln",
    "zf_mkdir",
    "zf_mv",
    "zf_rm",
    "zf_rmdir",
    "zle",
    "zmodload",
    "zpty",
    "zregexparse",
    "zsocket",
    "ztcp",
    "{}",
];

/// Commands that a pattern or an unknown value among their words could change.
const PARTICULAR: &[&str] = &[
    "[", "declare", "exit", "export", "getopts", "local", "printf", "read", "readonly", "return", "set",
    "test", "typeset", "unset", "wait",
];

/// Whether no pattern allows the command of this name.
pub fn is_evaluating(name: &str) -> bool {
    EVALUATING.binary_search(&name).is_ok()
}

fn changes_meaning(name: &str, word: &Word<'_>) -> bool {
    let declares = declares(name);
    if declares
        && word.value.as_deref().is_some_and(|value| value.contains('='))
        && !value(word).contains("__")
    {
        return false;
    }
    let runtime =
        !matches!(name, "test" | "[" | "wait" | "exit" | "return" | "set") && value(word).contains("__");
    let placeholder =
        runtime && (value(word).contains("__TRACKED_VAR__") || value(word).contains("__CMDSUB_OUTPUT__"));
    let begins = |known: &str| value(word).starts_with(known);
    let odd_name = (declares || name == "unset")
        && !value(word).starts_with('-')
        && !is_name(value(word).split('=').next().unwrap_or_default());
    word.glob
        || placeholder
        || odd_name
        || ["__TRACKED_VAR__", "__CMDSUB_OUTPUT__"].into_iter().any(begins)
        || (value(word).starts_with('~') && value(word).len() > 1)
        || (matches!(name, "read" | "unset") && value(word).starts_with('~') && !word.quoted)
}

/// Words of `find` that run or remove something.
const FIND_ACTIONS: &[&str] =
    &["-delete", "-exec", "-execdir", "-fls", "-fprint", "-fprint0", "-fprintf", "-ok", "-okdir"];

/// Words of the grammar that cannot be commands.
const GRAMMAR: &[&str] = &["do", "done", "elif", "else", "esac", "fi", "function", "then"];

/// Commands that set variables by their words.
const DECLARING: &[&str] = &["declare", "export", "local", "readonly", "typeset"];

/// Whether the words set variables.
pub fn declares(name: &str) -> bool {
    DECLARING.binary_search(&name).is_ok()
}

/// Whether a command is asked for whatever pattern allows it. `words` begin with the command itself.
pub fn is_refused(words: &[Word<'_>]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let Some(name) = first.value.as_deref() else { return true };
    EVALUATING.binary_search(&name).is_ok()
        || GRAMMAR.binary_search(&name).is_ok()
        || name.is_empty()
        || name.starts_with(['-', '|', '&'])
        || (PARTICULAR.contains(&name) && rest.iter().any(|word| changes_meaning(name, word)))
        || match name {
            "[" => rest.last().is_none_or(|word| value(word) != "]"),
            "cd" => rest.iter().filter(|word| !value(word).starts_with('-')).count() > 1,
            "fc" => rest.iter().any(|word| value(word) == "-e"),
            "find" => rest.iter().any(|word| FIND_ACTIONS.contains(&value(word))),
            "awk" | "gawk" | "mawk" | "nawk" => rest.iter().any(|word| value(word).contains("system(")),
            "jq" => rest.iter().any(|word| filters_dangerously(value(word))),
            _ => false,
        }
        || words.iter().filter_map(|word| word.value.as_deref()).any(is_hiding)
        || (matches!(name, "test" | "[" | "printf" | "read" | "unset" | "wait")
            && rest.iter().any(|word| word.value.as_deref().is_some_and(|value| value.contains('['))))
        || (name == "[[" && compares_names(rest))
}

fn value<'a>(word: &'a Word<'_>) -> &'a str {
    word.value.as_deref().unwrap_or_default()
}

/// Words of `jq` that read other files or run something.
fn filters_dangerously(word: &str) -> bool {
    const FLAGS: &[&str] = &["--from-file", "--library-path", "--rawfile", "--slurpfile", "-L", "-f"];
    word.contains("system(")
        || FLAGS
            .iter()
            .any(|flag| word.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Environments of processes, and comments hidden behind a line break.
fn is_hiding(value: &str) -> bool {
    (value.contains("/proc/") && value.contains("/environ"))
        || value.split('\n').skip(1).any(|line| line.trim_start_matches([' ', '\t']).starts_with('#'))
}

/// `[[ a -eq 1 ]]`: the shell takes the name for an expression.
fn compares_names(words: &[Word<'_>]) -> bool {
    let value = |at: usize| words.get(at).and_then(|word| word.value.as_deref()).unwrap_or_default();
    let number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    (1..words.len()).any(|at| {
        matches!(value(at), "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge")
            && !(number(value(at - 1)) && number(value(at + 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        for table in [EVALUATING, GRAMMAR, DECLARING] {
            assert!(table.is_sorted());
        }
    }
}
