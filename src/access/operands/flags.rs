//! Holds the words of a command against the flags with which it only reads.
//!
//! The client's way of reading flags is its own: digits behind `-A` count for some commands only, a value
//! is joined with `=` even to a flag of one letter, and a value does not begin with a dash.

use crate::client::read_only::{Flags, Operands, REFLOG_WRITES, TPUT_CAPABILITIES};
use crate::shell::Word;

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Number,
    Text,
}

fn takes(flags: &Flags, name: &str) -> Option<Takes> {
    let holds = |list: &[&str]| list.binary_search(&name).is_ok();
    if holds(flags.plain) {
        Some(Takes::Nothing)
    } else if holds(flags.number) {
        Some(Takes::Number)
    } else if holds(flags.text) {
        Some(Takes::Text)
    } else {
        None
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the client reads a word as a flag.
fn is_flag(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-')
}

/// The value of a word; words without one were refused before.
pub(super) fn value<'a>(word: &'a Word<'_>) -> &'a str {
    word.value.as_deref().unwrap_or_default()
}

/// Whether a word holds what the client takes for an expansion although the shell does not: it looks at
/// the text alone.
pub(super) fn seems_to_expand(word: &str) -> bool {
    word.contains(['$', '`']) || (word.contains('{') && (word.contains(',') || word.contains("..")))
}

/// Whether these words are flags of the table and operands that go with them.
pub(super) fn hold(flags: &Flags, git: bool, words: &[Word]) -> bool {
    if words
        .iter()
        .map(value)
        .any(|word| seems_to_expand(word) || (flags.joined_digits && word.contains('\n')))
    {
        return false;
    }
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let word = value(word);
        at += 1;
        if word == "--" {
            if flags.dashes_end {
                break;
            }
            continue;
        }
        if !is_flag(word) {
            continue;
        }
        let (name, inline) = match word.split_once('=') {
            Some((name, inline)) => (name, Some(inline)),
            None => (word, None),
        };
        if inline.is_some() && !flags.inline {
            return false;
        }
        match takes(flags, name) {
            Some(Takes::Nothing) if inline.is_none() => {}
            Some(Takes::Nothing) => return false,
            Some(kind) => {
                let given = match inline {
                    Some(inline) => inline,
                    None => {
                        let Some(next) = words.get(at) else { return false };
                        at += 1;
                        value(next)
                    }
                };
                let dashed = given.starts_with('-')
                    && (inline.is_some()
                        || !given.chars().nth(1).is_some_and(|c| c.is_ascii_punctuation() && c != '-'));
                // `--sort=-date` of git sorts the other way round.
                let backwards = git && name == "--sort" && inline.is_some();
                if dashed && !backwards {
                    return false;
                }
                if kind == Takes::Number && !digits(given) {
                    return false;
                }
            }
            None if git && name.strip_prefix('-').is_some_and(digits) => {}
            None if inline.is_none() && joined(flags, name) => {}
            None => return false,
        }
    }
    operands_hold(flags, words)
}

/// Several flags in one word, or a flag with digits behind it.
fn joined(flags: &Flags, word: &str) -> bool {
    let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
        return false;
    };
    if letters.chars().count() < 2 {
        return false;
    }
    if flags.joined_digits {
        let mut rest = letters.chars();
        let first = rest.next().unwrap_or_default();
        if digits(rest.as_str()) && matches!(letter(flags, first), Some(Takes::Number | Takes::Text)) {
            return true;
        }
    }
    flags.combined && letters.chars().all(|one| letter(flags, one) == Some(Takes::Nothing))
}

fn letter(flags: &Flags, letter: char) -> Option<Takes> {
    let mut buffer = [b'-', 0, 0, 0, 0];
    let (_, end) = buffer.split_at_mut_checked(1)?;
    let length = letter.encode_utf8(end).len() + 1;
    let name = buffer.get(..length).and_then(|name| std::str::from_utf8(name).ok())?;
    takes(flags, name)
}

/// The words that are neither flags nor their values.
fn plain_operands<'a>(flags: &'a Flags, words: &'a [Word<'a>]) -> impl Iterator<Item = &'a str> {
    let mut takes_value = false;
    let mut ended = false;
    words.iter().map(value).filter(move |word| {
        if std::mem::take(&mut takes_value) {
            return false;
        }
        if ended {
            return true;
        }
        if *word == "--" {
            ended = true;
            return false;
        }
        if is_flag(word) {
            takes_value = matches!(takes(flags, word), Some(Takes::Number | Takes::Text));
            return false;
        }
        true
    })
}

fn operands_hold(flags: &Flags, words: &[Word]) -> bool {
    let mut operands = plain_operands(flags, words);
    match flags.operands {
        Operands::Any => true,
        Operands::Files => {
            words.iter().map(value).all(|word| !word.starts_with("--") || word == "--")
                && operands.all(|word| !word.starts_with("+m"))
        }
        Operands::Names => operands.all(|word| word != "-"),
        Operands::None => words
            .iter()
            .map(value)
            .all(|word| word.is_empty() || is_flag(word) && (word != "--" || flags.combined)),
        Operands::Format => {
            words.iter().all(|word| value(word) != "--iso-8601")
                && operands.all(|word| word.starts_with(['+', '-']))
        }
        Operands::Bsd => {
            let every = words.iter().any(|word| value(word) == "-e");
            operands.all(|word| {
                let shows_environment = every || word.contains(['e', 'E']);
                !shows_environment
            })
        }
        Operands::Capability => operands.all(|word| !TPUT_CAPABILITIES.contains(&word)),
        Operands::Page => pages(words),
        Operands::Filter => operands.all(|word| word.split(' ').all(is_filter_word)),
        Operands::Name => {
            let name = operands.next();
            let named = |name: &str| {
                !name.is_empty()
                    && name != "-"
                    && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            };
            name.is_some_and(named)
                && operands.next().is_none()
                && words.iter().any(|word| value(word) == "-n")
        }
        Operands::Reflog => {
            let first = words.first().map_or("-", value);
            (first.is_empty() || first.starts_with('-') || matches!(first, "show" | "list"))
                && operands.all(|word| !REFLOG_WRITES.contains(&word))
        }
        Operands::Listing { list, operand } => lists(flags, list, operand, words),
    }
}

/// Whether `man` and `help` are given names: no paths, and no search behind a name, since what follows it may
/// be a path then.
fn pages(words: &[Word]) -> bool {
    let (mut searches, mut named, mut section) = (false, false, false);
    words.iter().map(value).all(|word| {
        if std::mem::take(&mut section) {
            return !word.is_empty();
        }
        if is_flag(word) {
            let search = matches!(word, "--whatis" | "--apropos")
                || (!word.starts_with("--") && word.contains(['k', 'f']));
            searches |= search;
            section = matches!(word, "-s" | "-S");
            return !(search && named);
        }
        named = true;
        !word.contains('/') && (searches || !word.contains('~'))
    })
}

/// A word of a filter of `ss`, so far as they were seen: others ask.
fn is_filter_word(word: &str) -> bool {
    matches!(word, "src" | "dst" | "sport" | "dport" | "state" | "exclude" | "established")
        || word.starts_with(':')
        || !word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether `git branch` or `git tag` lists: every operand follows a flag that says so.
fn lists(flags: &Flags, list: &[&str], operand: &[&str], words: &[Word]) -> bool {
    let (mut listing, mut optional, mut skip, mut ended) = (false, false, false, false);
    for word in words.iter().map(value) {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word == "--" || word == "-" || word.is_empty() {
            ended |= word == "--";
            continue;
        }
        if !ended && is_flag(word) {
            let short = !word.starts_with("--");
            listing |= list.contains(&word) || (short && word.contains('l'));
            optional = operand.contains(&word);
            skip = !optional && takes(flags, word) == Some(Takes::Text);
            if takes(flags, word) == Some(Takes::Number) && !listing {
                skip = word == "-n";
            }
        } else if !listing && !optional {
            return false;
        }
    }
    true
}
