//! Which words of a command are paths, and what is done with them.

use super::flags::value;
use super::forms::only_prints_lines;
use super::{Operand, Use};
use crate::client::Version;
use crate::client::paths::{self, FIND_PATHS, GIT_GREP, PROGRAM_FLAGS, Paths, PatternFlags};
use crate::shell::Word;
use std::borrow::Cow;

/// The paths among the words behind the name of a command.
pub(super) fn of<'a>(known: Paths, words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    match known {
        Paths::Read(values) => {
            each_operand(words, values, |word| found.push(Operand::of(word, Use::Read)));
        }
        Paths::Write => each_operand(words, &[], |word| found.push(Operand::of(word, Use::Write))),
        Paths::Copy => copies(words, false, found),
        Paths::Transfer => transfers(words, found),
        Paths::Program(_) | Paths::ProgramAlone if names_program(words) => asks(words, found),
        Paths::Program(_) | Paths::ProgramAlone => {
            if words.iter().any(|word| word.glob || word.expansion) {
                asks(words, found);
            }
            if let Paths::Program(flags) = known {
                patterns(flags, words, found);
            }
        }
        Paths::Move => copies(words, true, found),
        Paths::Pattern(flags) => patterns(flags, words, found),
        Paths::Enter => {
            let mut operands = Vec::new();
            each_operand(words, &[], |word| operands.push(word));
            // A flag behind the folder becomes a part of its name.
            let last = words.last().map(|word| word.span);
            if let [to] = operands.as_slice()
                && last == Some(to.span)
            {
                found.push(Operand::of(to, Use::Enter));
            }
        }
        Paths::Find => finds(words, found),
        Paths::FindPlain => {
            finds(words, found);
            let globs = |operand: &Operand| {
                operand.path.as_deref().is_some_and(|path| path.contains(['*', '?', '[']))
            };
            let unclear = found.iter().any(|operand| globs(operand) || operand.word.expansion);
            found.retain(|operand| !globs(operand));
            if unclear {
                asks(words, found);
            }
        }
        Paths::Git => git(words, found),
        Paths::GitDiff if words.iter().any(|word| value(word) == "--no-index") => git(words, found),
        Paths::GitDiff => {}
        Paths::Man => man(words, found),
        Paths::Sed => sed(words, found),
        Paths::SedOrEdit => {
            sed(words, found);
            let writes = found.iter().any(|operand| operand.used == Use::Write);
            found.retain(|operand| !writes || operand.used == Use::Write);
        }
        Paths::Tr => {
            let deletes = words.iter().any(|word| is_flag(word) && value(word).contains('d'));
            let mut sets = if deletes { 1 } else { 2 };
            each_operand(words, &[], |word| {
                if sets == 0 {
                    found.push(Operand::of(word, Use::Read));
                } else {
                    sets -= 1;
                }
            });
        }
    }
}

/// The client asks, whatever is allowed short of every command.
fn asks<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    found.extend(words.first().map(|word| Operand { word, path: None, used: Use::Write }));
}

/// Whether a flag of `awk` names a program, or the program runs another one.
fn names_program(words: &[Word]) -> bool {
    let mut names = words.iter().map(|word| value(word).split('=').next().unwrap_or_default());
    names.any(|name| PROGRAM_FLAGS.contains(&name)) || words.iter().any(|word| value(word).contains('|'))
}

fn transfers<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    if words.iter().any(is_flag) {
        return asks(words, found);
    }
    let Some((last, others)) = words.split_last() else { return };
    for word in others {
        found.push(Operand::of(word, Use::Write));
        let name = word.value.as_deref().and_then(|path| path.trim_end_matches('/').rsplit('/').next());
        if let (Some(folder), Some(name)) = (last.value.as_deref(), name) {
            let path = Some(Cow::Owned(format!("{}/{name}", folder.trim_end_matches('/'))));
            found.push(Operand { word, path, used: Use::Write });
        }
    }
    found.push(Operand::of(last, Use::Write));
}

fn is_flag(word: &Word) -> bool {
    value(word).len() > 1 && value(word).starts_with('-')
}

fn each_operand<'a>(words: &'a [Word<'a>], values: &[&str], mut take: impl FnMut(&'a Word<'a>)) {
    let mut words = words.iter();
    let mut ended = false;
    while let Some(word) = words.next() {
        if ended || !is_flag(word) {
            take(word);
        } else if value(word) == "--" {
            ended = true;
        } else if values.contains(&value(word)) {
            words.next();
        }
    }
}

fn copies<'a>(words: &'a [Word<'a>], moves: bool, found: &mut Vec<Operand<'a>>) {
    let mut operands = Vec::new();
    let mut folder: Option<(&'a Word<'a>, Option<&'a str>)> = None;
    let mut rest = words.iter();
    let mut ended = false;
    let flagged = words.iter().any(|word| is_flag(word) && value(word) != "--");
    while let Some(word) = rest.next() {
        let text = value(word);
        let joined = text
            .strip_prefix("--target-directory=")
            .or_else(|| text.strip_prefix("-t").filter(|path| !path.is_empty()));
        if let Some(path) = joined {
            // Behind `--`, too.
            folder = Some((word, Some(path)));
        } else if ended || !is_flag(word) {
            operands.push(word);
        } else if text == "--" {
            ended = true;
        } else if matches!(text, "-t" | "--target-directory")
            && let Some(next) = rest.next()
        {
            found.push(Operand::of(next, Use::Read));
            folder = Some((next, next.value.as_deref()));
        }
    }
    let (to, path) = match (folder, operands.as_slice()) {
        (Some(folder), _) => folder,
        (None, [_, .., last]) => {
            let last: &'a Word<'a> = last;
            operands.pop();
            read_unless_last(last, words, found);
            (last, last.value.as_deref())
        }
        (None, _) => {
            for word in operands {
                read_unless_last(word, words, found);
                found.push(Operand::of(word, Use::Write));
            }
            return;
        }
    };
    found.push(Operand { word: to, path: path.map(Cow::Borrowed), used: Use::Write });
    for word in operands {
        found.push(Operand::of(word, Use::Read));
        // With any flag the client takes what is copied for written, too (observed, 2.1.330).
        if moves || flagged {
            found.push(Operand::of(word, Use::Write));
        }
        let name = word.value.as_deref().and_then(|path| path.trim_end_matches('/').rsplit('/').next());
        if let (Some(path), Some(name)) = (path, name) {
            let path = Some(Cow::Owned(format!("{}/{name}", path.trim_end_matches('/'))));
            found.push(Operand { word, path, used: Use::Write });
        }
    }
}

/// The client takes the last word for the destination, so that a flag behind it makes it a source.
fn read_unless_last<'a>(word: &'a Word<'a>, words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    if words.last().is_some_and(|last| last.span != word.span) {
        found.push(Operand::of(word, Use::Read));
    }
}

fn patterns<'a>(flags: &PatternFlags, words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    let mut words = words.iter();
    let (mut pattern, mut ended, mut operand) = (false, false, false);
    while let Some(word) = words.next() {
        let text = value(word);
        if ended || !is_flag(word) {
            if text == "-" && flags.values_after {
                continue;
            }
            if pattern {
                found.push(Operand::of(word, Use::Read));
            }
            pattern = true;
            operand = true;
            continue;
        }
        if text == "--" {
            ended = true;
            continue;
        }
        let (name, joined) = match text.split_once('=') {
            Some((name, joined)) => (name, Some(joined)),
            None => (text, None),
        };
        if flags.files.contains(&name) {
            pattern = true;
            match joined {
                Some(path) => found.push(Operand { word, path: Some(Cow::Borrowed(path)), used: Use::Read }),
                None => {
                    let Some(word) = words.next() else { continue };
                    let path = match value(word).split_once('=').filter(|_| is_flag(word)) {
                        Some((_, path)) => Some(Cow::Borrowed(path)),
                        None => word.value.as_deref().map(Cow::Borrowed),
                    };
                    found.push(Operand { word, path, used: Use::Read });
                }
            }
        } else if flags.read_files.contains(&name) {
            match joined {
                Some(path) => found.push(Operand { word, path: Some(Cow::Borrowed(path)), used: Use::Read }),
                None => found.extend(words.next().map(|word| Operand::of(word, Use::Read))),
            }
        } else if flags.named_files.contains(&name) {
            words.next();
            found.extend(words.next().map(|word| Operand::of(word, Use::Read)));
        } else if flags.patterns.contains(&name) {
            pattern = true;
            if joined.is_none() && (flags.values_after || !operand) {
                words.next();
            }
        } else if flags.values.contains(&name) {
            if joined.is_none() && (flags.values_after || !operand) {
                words.next();
            }
        } else if flags.joined && !text.starts_with("--") {
            let letters = text.strip_prefix('-').unwrap_or_default();
            // Of several letters in one word the client knows a last `f`, but no `e`.
            if let Some(path) = letters.strip_prefix('f') {
                pattern = true;
                found.push(Operand { word, path: Some(Cow::Borrowed(path)), used: Use::Read });
            } else if letters.ends_with('f') {
                pattern = true;
                found.extend(words.next().map(|word| Operand::of(word, Use::Read)));
            } else if letters.starts_with('e') {
                pattern = true;
            }
        } else if let Some(path) = text.strip_prefix("-f").filter(|_| operand && !flags.values_after) {
            found.push(Operand { word, path: Some(Cow::Borrowed(path)), used: Use::Read });
        }
    }
}

fn finds<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    let mut words = words.iter();
    let mut roots = true;
    while let Some(word) = words.next() {
        let text = value(word);
        if FIND_PATHS.contains(&text) || text.starts_with("-newer") {
            roots = false;
            found.extend(words.next().map(|word| Operand::of(word, Use::Read)));
        } else if !is_flag(word) {
            roots &= !matches!(text, "(" | "!" | ")" | "," | "-");
            if roots {
                found.push(Operand::of(word, Use::Read));
            }
        } else {
            roots &= matches!(text, "--" | "-H" | "-L" | "-P");
        }
    }
}

fn git<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        match value(word) {
            "diff" => {
                each_operand(rest, &[], |word| found.push(Operand::of(word, Use::Read)));
                return;
            }
            "grep" => return patterns(&GIT_GREP, rest, found),
            "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" => {
                rest = rest.get(1..).unwrap_or_default();
            }
            flag if flag.starts_with('-') => {}
            _ => return,
        }
    }
}

fn man<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    for word in words {
        let text = value(word);
        let path = match text.split_once('=') {
            _ if !is_flag(word) => Some(text),
            Some((_, joined)) => Some(joined),
            None if text.starts_with("--") => None,
            None => text.char_indices().nth(2).and_then(|(at, _)| text.get(at..)),
        };
        if let Some(path) = path {
            found.push(Operand { word, path: Some(Cow::Borrowed(path)), used: Use::Read });
        }
    }
}

fn sed<'a>(words: &'a [Word<'a>], found: &mut Vec<Operand<'a>>) {
    let prints = only_prints_lines(words);
    let mut add = |word: &'a Word<'a>| {
        found.push(Operand::of(word, Use::Read));
        if !prints {
            found.push(Operand::of(word, Use::Write));
        }
    };
    let mut words = words.iter();
    let (mut script, mut ended, mut operand) = (false, false, false);
    while let Some(word) = words.next() {
        let text = value(word);
        if ended || !is_flag(word) {
            if script {
                add(word);
            }
            operand = true;
            script |= !text.is_empty();
        } else if text == "--" {
            ended = true;
        } else if matches!(text, "-e" | "--expression") {
            if !operand {
                words.next();
            }
            script = true;
        } else if matches!(text, "-f" | "--file") {
            script = true;
            if let Some(file) = words.next() {
                add(file);
            }
        } else {
            script |= text.contains(['e', 'f']);
        }
    }
}

/// The paths among the words of a command with this name.
pub(super) fn find<'a>(name: &str, words: &'a [Word<'a>], version: Version) -> Vec<Operand<'a>> {
    let mut found = Vec::new();
    if let Some(known) = paths::find(name, version) {
        of(known, words, &mut found);
    }
    found
}
