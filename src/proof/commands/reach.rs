//! What a line that is allowed may be held against deny and ask rules as: the words that it begins with, and
//! what its wrappers run. A rule that refuses nothing of the kind refuses nothing that is allowed.
//!
//! INVARIANT: never less than there is.

use super::meets;
use crate::access::RuleTexts;
use crate::client::{read_only, wrappers};
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
    let (name, rest) = words.split_once(' ').unwrap_or((words, ""));
    let base = name.rsplit('/').next().unwrap_or_default();
    let begun: Vec<&str> =
        std::iter::once(base).chain(rest.split(' ').take_while(|word| is_plain(word))).collect();
    let known = is_plain(name)
        && !name.contains('=')
        && !runs_another(base)
        && !read_only::may_read(&begun)
        && !(freedom.accepts_edits && EDITING.contains(&base));
    if allows_all || freedom.lifts || !known {
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
    if rule.exact && !super::lines::is_plain(&rule.start) {
        return Some(Vec::new());
    }
    let words: Vec<&str> = rule.words.split(' ').take_while(|word| is_plain(word)).collect();
    let name = words.first()?;
    let base = name.rsplit('/').next().unwrap_or_default();
    if name.contains('=') || runs_another(base) {
        return None;
    }
    let written = words.join(" ");
    let bare = written.strip_prefix(name).map(|rest| format!("{base}{rest}"));
    Some(std::iter::once(written).chain(bare).collect())
}

fn runs_another(name: &str) -> bool {
    matches!(name, "xargs" | "busybox") || wrappers::find(name).is_some() || wrappers::SHELLS.contains(&name)
}

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte))
}
