//! Whether a command only reads, form by form.

use super::flags::{self, seems_to_expand, value};
use crate::client::read_only::{self, DOCKER_SERVER, FIND_ACTIONS, FIND_VALUES, Form, XARGS_TARGETS};
use crate::shell::Word;

/// Whether the words behind the name of a command keep it reading.
pub(super) fn only_reads(text: &str, git: bool, form: Form, words: &[Word]) -> bool {
    match form {
        Form::Any => true,
        Form::Flags(table) => flags::hold(table, false, words),
        Form::Exactly(lists) => lists.iter().any(|list| {
            list.len() == words.len() && list.iter().zip(words).all(|(known, word)| *known == value(word))
        }),
        Form::Repeated(known) => words.iter().all(|word| known.contains(&value(word))),
        Form::Cd => match words {
            [to] => value(to) == "-" || !value(to).starts_with('-'),
            _ => false,
        },
        Form::History => match words {
            [] => true,
            [count] => !count.quoted && value(count).bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        },
        Form::Ifconfig => match words {
            [] => true,
            [name] => is_interface(value(name)),
            _ => false,
        },
        Form::Find => finds(words),
        Form::Jq => filters(text, words),
        Form::Printf => prints(words),
        Form::Sed => prints_lines(words),
        Form::Brackets => tests(words),
        Form::Test => compares(words),
        Form::Uniq => counts(words),
        Form::Xargs => passes_on(words),
        Form::Subcommands(list) => {
            let found = list.iter().find(|(names, _)| {
                names.len() <= words.len() && names.iter().zip(words).all(|(name, word)| *name == value(word))
            });
            let Some((names, form)) = found else { return false };
            let rest = words.get(names.len()..).unwrap_or_default();
            match form {
                Form::Flags(table) => flags::hold(table, git, rest),
                form => only_reads(text, git, *form, rest),
            }
        }
        Form::Docker => words.iter().map(value).all(|word| !leads_elsewhere(word)),
    }
}

fn is_interface(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.' | b'/'))
}

fn leads_elsewhere(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    DOCKER_SERVER.contains(&name)
        || (word.starts_with('-') && !word.starts_with("--") && name.contains(['H', 'c', 'r']))
}

fn finds(words: &[Word]) -> bool {
    let mut words = words.iter().map(value);
    while let Some(word) = words.next() {
        if word.contains(['*', '?', '[', ']']) {
            return false;
        }
        if FIND_ACTIONS.contains(&word) {
            return false;
        }
        if FIND_VALUES.binary_search(&word).is_ok() || is_newer(word) {
            words.next();
        }
    }
    true
}

/// `-newermt` and the like.
fn is_newer(word: &str) -> bool {
    word.strip_prefix("-newer").is_some_and(|kinds| {
        let mut kinds = kinds.bytes();
        kinds.next().is_some_and(|kind| b"aBcm".contains(&kind))
            && kinds.next().is_some_and(|kind| b"aBcmt".contains(&kind))
            && kinds.next().is_none()
    })
}

fn prints(words: &[Word]) -> bool {
    let words = match words.split_first() {
        Some((first, rest)) if value(first) == "--" => rest,
        Some((first, _)) if value(first).starts_with('-') => return false,
        _ => words,
    };
    let Some((format, rest)) = words.split_first() else { return true };
    // A number could be an expression with a command in it.
    let numeric = value(format).contains('%')
        && value(format).split('%').skip(1).any(|directive| {
            directive
                .trim_start_matches(|c: char| c.is_ascii_digit() || "+-#.*' ".contains(c))
                .starts_with(|c: char| "diouxXeEfFgGaA*".contains(c))
        });
    (rest.is_empty() || !value(format).contains("%n"))
        && rest.iter().map(value).all(|word| !numeric || is_number(word))
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `sed -n` with addresses and `p`, or one substitution of standard input.
fn prints_lines(words: &[Word]) -> bool {
    let (mut quiet, mut ended) = (false, false);
    let mut operands = 0_usize;
    let mut prints = true;
    let mut first = "";
    for word in words.iter().map(value) {
        if seems_to_expand(word) {
            return false;
        }
        if !ended && word == "--" {
            ended = true;
        } else if word.starts_with('-') {
            match word {
                "--quiet" | "--silent" => quiet = true,
                "--regexp-extended" | "--posix" | "--zero-terminated" => {}
                _ if word.starts_with("--") => return false,
                _ => {
                    let Some(letters) = word.strip_prefix('-') else { return false };
                    if letters.is_empty() || !letters.bytes().all(|letter| b"nErz".contains(&letter)) {
                        return false;
                    }
                    quiet |= letters.contains('n');
                }
            }
        } else {
            if operands == 0 {
                first = word;
                prints = only_prints(word);
            }
            operands += 1;
        }
    }
    if operands == 0 {
        return false;
    }
    if prints {
        return quiet;
    }
    operands == 1
        && !quiet
        && substitutes(first)
        && words
            .iter()
            .map(value)
            .all(|word| matches!(word, "-E" | "-r" | "--regexp-extended") || word == first)
}

/// Whether `sed` prints lines of its files and does nothing else.
pub(super) fn only_prints_lines(words: &[Word]) -> bool {
    let quiet = |word: &str| {
        matches!(word, "--quiet" | "--silent")
            || word.starts_with('-') && !word.starts_with("--") && word.contains('n')
    };
    words.iter().map(value).any(quiet) && prints_lines(words)
}

/// `5p`, `1,5p` and the like, separated with `;`.
fn only_prints(script: &str) -> bool {
    script.split(';').all(|command| {
        let Some(lines) = command.trim().strip_suffix('p') else { return false };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        lines.is_empty()
            || match lines.split_once(',') {
                Some((from, to)) => digits(from) && digits(to),
                None => digits(lines),
            }
    })
}

/// `s/a/b/` with harmless flags.
pub(super) fn substitutes(script: &str) -> bool {
    let Some(rest) = script.strip_prefix("s/") else { return false };
    let mut parts = rest.split('/');
    let (Some(from), Some(to), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    // `s/$x/` is taken for a variable, even in quotes.
    let named = |text: &str| {
        text.split('$').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    };
    !from.ends_with('\\')
        && !script.contains('{')
        && !named(script)
        && !to.ends_with('\\')
        && last.bytes().all(|flag| b"gpimIM123456789".contains(&flag))
}

/// `[ … ]` and `[[ … ]]`: comparisons of numbers must have numbers on both sides, which could be expressions
/// with commands in them otherwise.
fn tests(words: &[Word]) -> bool {
    let Some((last, words)) = words.split_last() else { return false };
    if !matches!(value(last), "]" | "]]") {
        return false;
    }
    words.iter().all(|word| !word.expansion && !seems_to_expand(value(word)))
        && compares_numbers(words)
        && words.split(|word| matches!(value(word), "-a" | "-o" | "&&" | "||")).all(is_condition)
}

/// A condition without `and` and `or`: `x`, `-f x`, `x = y`.
fn is_condition(words: &[Word]) -> bool {
    let around = |word: &Word| matches!(value(word), "!" | "(" | ")");
    let first = words.iter().position(|word| !around(word)).unwrap_or(words.len());
    let last = words.iter().rposition(|word| !around(word)).map_or(first, |at| at + 1);
    match words.get(first..last).unwrap_or_default() {
        [] | [_] => true,
        [operator, _] => value(operator).starts_with('-'),
        [_, operator, _] => {
            value(operator).starts_with('-')
                || matches!(value(operator), "=" | "==" | "!=" | "<" | ">" | "=~")
        }
        _ => false,
    }
}

/// `test` with the flags of its table.
fn compares(words: &[Word]) -> bool {
    let is_comparison = |word: &&Word| {
        COMPARISONS.contains(&value(word))
            || value(word) == "-nt"
            || value(word) == "-ot"
            || value(word) == "-ef"
    };
    if !compares_numbers(words) || words.iter().any(|word| value(word).contains('[')) {
        return false;
    }
    let mut rest = words;
    loop {
        let end = rest.iter().position(|word| is_comparison(&word)).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        if !flags::hold(&read_only::TEST, false, part) {
            return false;
        }
        let Some((_, after)) = after.split_first() else { return true };
        rest = after;
    }
}

const COMPARISONS: &[&str] = &["-eq", "-ge", "-gt", "-le", "-lt", "-ne"];

fn compares_numbers(words: &[Word]) -> bool {
    words.iter().enumerate().all(|(at, word)| {
        !COMPARISONS.contains(&value(word)) || {
            let left = at.checked_sub(1).and_then(|at| words.get(at));
            let right = words.get(at + 1);
            [left, right].iter().all(|side| side.is_some_and(|side| is_number(value(side))))
        }
    })
}

/// The flags of `uniq`, none of them quoted; operands would be read and written.
fn counts(words: &[Word]) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let flag = value(word);
        if word.quoted {
            return false;
        }
        let holds = if let Some(long) = flag.strip_prefix("--") {
            let (name, given) = long.split_once('=').unwrap_or((long, "x"));
            !name.is_empty()
                && !given.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        } else {
            let letters = flag.strip_prefix('-').unwrap_or_default();
            !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        if !holds {
            return false;
        }
        if matches!(flag, "-f" | "-s" | "-w") {
            let mut after = words.clone();
            if let Some(next) = after.next().filter(|next| !value(next).starts_with('-')) {
                if next.quoted || !value(next).bytes().all(|byte| byte.is_ascii_digit()) {
                    return false;
                }
                words = after;
            }
        }
    }
    true
}

fn passes_on(words: &[Word]) -> bool {
    if words.iter().map(value).any(seems_to_expand) {
        return false;
    }
    let mut at = 0;
    while let Some(word) = words.get(at).map(value) {
        at += 1;
        if word == "--" {
            return words.get(at).map(value).is_some_and(|target| XARGS_TARGETS.contains(&target));
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, given)) if word.starts_with('-') => (name, Some(given)),
            _ => (word, None),
        };
        let given = |at: usize| inline.or_else(|| words.get(at).map(value));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let holds = match name {
            "-n" | "-s" | "-L" | "-P" => given(at).is_some_and(digits),
            "-I" => given(at) == Some("{}"),
            "-E" => given(at) == Some("EOF"),
            "-d" => given(at).is_some_and(|text| text.len() == 1 && text != "-"),
            _ => {
                if !word.starts_with('-') {
                    return XARGS_TARGETS.contains(&word);
                }
                let letters = word.strip_prefix('-').unwrap_or_default();
                if !letters.bytes().all(|letter| b"0rtx".contains(&letter)) {
                    return false;
                }
                continue;
            }
        };
        if !holds {
            return false;
        }
        if inline.is_none() {
            at += 1;
        }
    }
    true
}

/// The words of `jq` that read files or the environment on their own.
const JQ_FLAGS: &[&str] =
    &["--from-file", "--rawfile", "--slurpfile", "--run-tests", "--library-path", "--argfile"];

fn filters(text: &str, words: &[Word]) -> bool {
    let mut operands = false;
    for word in words {
        let raw = text.get(word.span.start..word.span.end).unwrap_or_default();
        let plain = value(word);
        if JQ_FLAGS.iter().any(|flag| plain.contains(flag)) || names_environment(plain) {
            return false;
        }
        if word.expansion && !raw.contains("HOME") {
            return false;
        }
        if plain.starts_with('-') && !plain.starts_with("--") && plain.contains(['f', 'L']) {
            return false;
        }
        if raw.starts_with('-') {
            if operands || !is_jq_flag(raw) {
                return false;
            }
            continue;
        }
        operands = true;
        let inner = match raw.as_bytes().first() {
            Some(b'\'') => raw.strip_prefix('\'').and_then(|raw| raw.strip_suffix('\'')),
            Some(b'"') => raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')),
            _ => Some(raw),
        };
        let quote = raw.chars().next().filter(|first| matches!(first, '\'' | '"'));
        let holds = inner.is_some_and(|inner| {
            quote.is_none_or(|quote| !inner.contains(quote)) && (quote.is_none() || !inner.contains('`'))
        });
        if !holds {
            return false;
        }
    }
    operands
}

fn is_jq_flag(raw: &str) -> bool {
    if let Some(long) = raw.strip_prefix("--") {
        let (name, given) = long.split_once('=').unwrap_or((long, "x"));
        return !name.is_empty()
            && !given.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    }
    let letters = raw.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether `env`, `$ENV`, `include` or `import` stands in a filter as a word of its own.
fn names_environment(filter: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    filter.contains("$ENV")
        || filter.split(|c: char| !word(c)).any(|name| matches!(name, "env" | "include" | "import"))
}
