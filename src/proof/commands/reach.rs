//! What lines that are allowed may be held against deny and ask rules as: the words that they begin with, what
//! stands in front of these, and what their wrappers run. A rule for nothing of the kind refuses nothing that
//! is allowed.
//!
//! INVARIANT: never less than there is.

use super::meets;
use crate::access::RuleTexts;
use crate::automaton::{Class, Language, Pattern};
use crate::client::{read_only, wrappers};
use crate::proof::Freedom;

/// The texts for which a deny or ask rule can matter.
pub(super) enum Reach {
    /// None of the rule's.
    Nothing,
    /// These.
    Within(Language),
    /// Any.
    Everything,
}

/// What is allowed without a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Free {
    /// Whether commands that only read count.
    pub(super) reads: bool,
    /// What the mode adds.
    pub(super) mode: Freedom,
}

/// Commands that run on their own where edits are accepted.
const EDITING: [&str; 7] = ["cp", "mkdir", "mv", "rm", "rmdir", "sed", "touch"];

/// Where a rule for texts that begin with these whole words can matter.
pub(super) fn of(allow: &[RuleTexts], allows_all: bool, free: Free, words: &str) -> Reach {
    if allows_all || free.mode.lifts {
        return Reach::Everything;
    }
    let name = words.split(' ').next().unwrap_or_default();
    // What begins so is not in front of something else.
    let known = is_plain(name) && !name.contains('=') && !runs_another(base(name));
    let may_meet = |start: &str| !known || meets(start, words);
    let mut texts: Vec<Pattern> = Vec::new();
    for rule in allow {
        let Some(starts) = beginnings(rule) else { return Reach::Everything };
        let starts = starts.iter().filter(|start| may_meet(start));
        texts.extend(
            starts.map(|start| if rule.exact.is_some() { Pattern::text(start) } else { begun(start) }),
        );
    }
    let plain = words.split(' ').skip(1).take_while(|word| is_plain(word));
    let plain: Vec<&str> = std::iter::once(base(name)).chain(plain).collect();
    let bare = plain.join(" ");
    if free.reads && (!known || read_only::may_read(&plain)) {
        let names = read_only::names().filter(|name| !known || meets(name, &bare));
        texts.extend(names.map(|name| begun(&name)));
    }
    if free.mode.accepts_edits {
        let names = EDITING.iter().filter(|name| !known || meets(name, &bare));
        texts.extend(names.map(|name| begun(name)));
    }
    if texts.is_empty() {
        return Reach::Nothing;
    }
    Reach::Within(Pattern::chain([in_front().optional(), Pattern::either(texts)]).into())
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

/// What texts begin with that belong to lines which the rule allows, the whole text of a rule for one; none
/// where that may be anything.
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
    let written = rule.exact.as_deref().map_or_else(|| words.join(" "), str::to_owned);
    let bare = written.strip_prefix(name).map(|rest| format!("{}{rest}", base(name)));
    Some(std::iter::once(written).chain(bare).collect())
}

fn blanks() -> Pattern {
    let blank = || Class::of(" \t");
    Pattern::chain([Pattern::one(blank()), Pattern::many(blank())])
}

/// Texts that begin with these words.
fn begun(words: &str) -> Pattern {
    let mut parts = Vec::new();
    for (at, word) in words.split(' ').enumerate() {
        if at > 0 {
            parts.push(blanks());
        }
        parts.push(Pattern::text(word));
    }
    // A name may be that of a program in a folder, and what follows may be cut off.
    parts.push(Pattern::chain([blanks(), Pattern::anything()]).optional());
    Pattern::chain(parts)
}

/// What may stand in front of a command that a rule allows: variables, and wrappers that allow rules look
/// through.
fn in_front() -> Pattern {
    let open = wrappers::all().iter().filter(|wrapper| wrapper.open.seen);
    let names = open.map(|wrapper| Pattern::text(wrapper.name)).chain([Pattern::text("xargs")]);
    let folder = Pattern::chain([Pattern::anything(), Pattern::text("/")]).optional();
    let letters = Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::single('_'));
    let variable = Pattern::chain([Pattern::many(letters), Pattern::text("="), Pattern::anything()]);
    let wrapper = Pattern::chain([folder, Pattern::either(names)]);
    let more = Pattern::chain([blanks(), Pattern::anything()]).optional();
    Pattern::chain([Pattern::either([variable, wrapper]), more, blanks()])
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
