//! What a line that is allowed may be held against deny and ask rules as: the words that it begins with, and
//! what its wrappers run. A rule that refuses nothing of the kind refuses nothing that is allowed.
//!
//! INVARIANT: never less than there is.

use super::meets;
use crate::access::RuleTexts;
use crate::client::read_only;
use crate::client::wrappers::{self, Operand};
use crate::proof::Freedom;

/// Whether a deny or ask rule can matter to lines that are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It cannot.
    Nothing,
    /// A rule allows texts that begin as its own do.
    Some,
    /// Any text may be that of an allowed line.
    Everything,
}

/// Commands that run on their own where edits are accepted.
const EDITING: [&str; 7] = ["cp", "mkdir", "mv", "rm", "rmdir", "sed", "touch"];

/// Whether a rule for texts that begin with these whole words can matter.
pub(super) fn of(allow: &[RuleTexts], allows_all: bool, freedom: Freedom, words: &str) -> Reach {
    let name = words.split(' ').next().unwrap_or_default();
    if allows_all || freedom.lifts || !is_plain(name) || name.contains('=') {
        return Reach::Everything;
    }
    if let Some(wrapper) = wrappers::find(base(name)).filter(|wrapper| wrapper.open.seen) {
        // What is allowed is so behind the wrapper, too.
        let mut rest = words.split_once(' ').map_or("", |(_, rest)| rest);
        if wrapper.open.operand == Operand::Duration {
            let duration = rest.split_once(' ').filter(|(word, _)| wrappers::is_duration(word));
            rest = duration.map_or("", |(_, rest)| rest);
        }
        let reads = matches!(wrapper.name, "builtin" | "command" | "noglob" | "timeout");
        let behind = match rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            true => of(allow, false, freedom, rest) != Reach::Nothing,
            false => reads || !allow.is_empty(),
        };
        if behind {
            return Reach::Everything;
        }
    }
    let begun = words.split(' ').skip(1).take_while(|word| is_plain(word));
    let begun: Vec<&str> = std::iter::once(base(name)).chain(begun).collect();
    if read_only::may_read(&begun) || (freedom.accepts_edits && EDITING.contains(&base(name))) {
        return Reach::Everything;
    }
    let mut reach = Reach::Nothing;
    for rule in allow {
        match beginnings(rule) {
            None => return Reach::Everything,
            Some(starts) if starts.iter().any(|start| meets(start, words)) => reach = Reach::Some,
            Some(_) => {}
        }
    }
    reach
}

/// The wrappers that rules allow to be called.
pub(super) fn wrappers(allow: &[RuleTexts]) -> Vec<Box<str>> {
    let names = allow.iter().filter_map(|rule| rule.words.split(' ').next());
    let mut names: Vec<Box<str>> =
        names.filter(|name| wrappers::find(name).is_some()).map(Box::from).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What texts begin with that belong to lines which the rule allows; none where that may be anything.
fn beginnings(rule: &RuleTexts) -> Option<Vec<String>> {
    // Such a line is decided as it stands.
    if rule.exact.as_deref().is_some_and(|line| !super::lines::is_plain(line)) {
        return Some(Vec::new());
    }
    let words: Vec<&str> = rule.words.split(' ').take_while(|word| is_plain(word)).collect();
    let name = words.first()?;
    if name.contains('=') || runs_another(base(name)) {
        return None;
    }
    let written = words.join(" ");
    let bare = written.strip_prefix(name).map(|rest| format!("{}{rest}", base(name)));
    Some(std::iter::once(written).chain(bare).collect())
}

/// The name of a program without its folder.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn runs_another(name: &str) -> bool {
    matches!(name, "xargs" | "busybox") || wrappers::find(name).is_some() || wrappers::SHELLS.contains(&name)
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte))
}
