//! Least privilege from recorded calls: allow rules that were never used, and narrower ones for those that were used for
//! a part of what they allow.
//!
//! INVARIANT: what is suggested lets nothing more happen than today's settings, proved for every call, step by step; a
//! step that is not proved is left out.
//! INVARIANT: a rule is told to be unused only where calls were recorded, and each that could have used it was read.
//! INVARIANT: no rule is suggested for a program that runs whatever it is told to (`client::launchers`).
//!
//! Left out: deny and ask rules. A call that they stopped is no reason to keep them or to let them go.

mod narrower;
mod usage;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::access::{Access, Cause, MapWorld, RuleId, Setup, Silent, Trace, Verdict};
use crate::automaton::Budget;
use crate::proof::{self, Pair};
use crate::replay::private;
use crate::rule::{List, Rule};
use crate::settings::Scope;
use crate::text::Span;

pub use usage::{Used, UsedCall};

/// What an answer does not speak of, each in one sentence.
pub const LIMITS: &[&str] = &[
    "what was not recorded may still be needed: a rule that nobody used in these days may be the one for the next release",
    "calls whose record is cut, masked or without input are not looked at",
    "hooks, modes and which MCP servers run are left out, of what is proved as well",
];

/// Most examples of calls that would be asked for.
const MOST_EXAMPLES: usize = 5;

/// What is suggested for one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// It decided no recorded call, for all that the client allows by itself or by another rule: it may go.
    Unused,
    /// These take its place, each with the number of calls that it is for.
    Narrower(Vec<(String, u64)>),
    /// It stays.
    Kept(Why),
}

/// Why a rule stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is for one thing already, and that was used.
    Narrow,
    /// It was used for too many things to name them.
    Broad,
    /// It was used for programs that run whatever they are told to.
    Launcher,
    /// That the settings without it let nothing more happen is not proved.
    Unproved,
    /// Nothing was recorded.
    Unrecorded,
    /// It decided no call that was read, and the records do not hold what others of its tool were called with.
    Unread,
}

impl Why {
    /// The reason, as one says it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Narrow => "it was used, and is for little else",
            Self::Broad => "it was used for too many things to name each",
            Self::Launcher => {
                "it was used for programs that run whatever they are told to, and no rule is suggested for these"
            }
            Self::Unproved => "that nothing more is allowed without it is not proved",
            Self::Unrecorded => "no call was recorded here, so whether it is used is not known",
            Self::Unread => {
                "it decided no call that could be read, and of others of its kind the record does not hold the input"
            }
        }
    }

    /// The reason as one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::Broad => "broad",
            Self::Launcher => "launcher",
            Self::Unproved => "unproved",
            Self::Unrecorded => "unrecorded",
            Self::Unread => "unread",
        }
    }
}

/// What is suggested for the allow rules of some settings.
#[derive(Debug)]
pub struct Suggestion {
    /// The settings as they are, made ready: rules refer to it.
    pub access: Access,
    /// Each allow rule, how many calls it decided or had a part in, and what is suggested.
    pub rules: Vec<(RuleId, u64, Advice)>,
    /// The allow rules that are left, in their order, new ones where the old one stood.
    pub allow: Vec<String>,
    /// How many recorded calls are allowed today.
    pub allowed: u64,
    /// How many of these would be asked for.
    pub asked: u64,
    /// Some of these, without what tells of somebody.
    pub examples: Vec<String>,
}

/// Hears which rules a call falls under, and for which part of a command line.
#[derive(Default)]
struct Parts {
    matched: HashSet<RuleId>,
    parts: Vec<(RuleId, String)>,
}

impl Trace for Parts {
    fn listens(&self) -> bool {
        true
    }

    fn matched(&mut self, _part: Option<Span>, rule: RuleId) {
        self.matched.insert(rule);
    }

    fn part(&mut self, _part: Span, text: &str, verdict: Verdict, cause: Cause) {
        if let (Verdict::Allow, Cause::Rule(rule)) = (verdict, cause) {
            self.parts.push((rule, text.to_owned()));
        }
    }
}

/// What a rule was used for: texts of its kind, each with the number of calls.
#[derive(Debug, Clone, Default)]
struct Uses {
    calls: u64,
    texts: BTreeMap<String, u64>,
}

/// The tools whose calls rules for files are for: commands name files as well.
const FILE_TOOLS: &[&str] =
    &["Bash", "Edit", "Glob", "Grep", "MultiEdit", "Monitor", "NotebookEdit", "Read", "Write"];

/// Whether a call of one of these tools may have used a rule.
fn may_use(rule: &Rule, tools: &BTreeSet<String>) -> bool {
    let tool = crate::client::tools::canonical_name(rule.tool());
    match tool {
        "Read" | "Edit" | "Write" | "NotebookEdit" => FILE_TOOLS.iter().any(|tool| tools.contains(*tool)),
        "Bash" => tools.contains("Bash") || tools.contains("Monitor"),
        tool => tools.contains(tool),
    }
}

/// Looks for what the allow rules in the first `files` of a setup could be without. `unread` are the tools of calls
/// that were made and are not among `used`.
///
/// The setup is to be in the place that the calls were moved to.
pub fn suggest(
    setup: &Setup,
    files: usize,
    used: &[UsedCall],
    unread: &BTreeSet<String>,
    budget: usize,
) -> Suggestion {
    let world = MapWorld::bare(&setup.place);
    let access = Access::new(setup, &world).by_rules_alone();
    let candidates: Vec<RuleId> = access
        .rules()
        .iter()
        .filter(|(_, loaded)| loaded.list == List::Allow && loaded.file < files)
        .map(|(id, _)| id)
        .collect();
    let uses = uses(&access, &world, used);
    let mut steps = Steps { old: setup, now: setup.clone(), budget };
    let mut rules = Vec::new();
    let mut allow = Vec::new();
    for id in candidates {
        let Some(loaded) = access.rules().get(id) else { continue };
        let place = (loaded.file, loaded.pointer.clone(), loaded.span);
        let text = loaded.rule.text().to_owned();
        let uses = uses.get(&id).cloned().unwrap_or_default();
        let advice = if used.is_empty() && unread.is_empty() {
            Advice::Kept(Why::Unrecorded)
        } else if uses.calls == 0 && may_use(&loaded.rule, unread) {
            Advice::Kept(Why::Unread)
        } else if uses.calls == 0 {
            let mut next = steps.now.clone();
            next.left_out.push(place);
            if steps.take(next) { Advice::Unused } else { Advice::Kept(Why::Unproved) }
        } else {
            // What a rule is meant from is another folder in the user's own file than in a project's.
            let scope = setup.files.get(loaded.file).map(|file| file.settings.scope());
            let has_project = scope != Some(Scope::User);
            match narrower::rules_for(&loaded.rule, &uses.texts, &setup.place, has_project) {
                Err(why) => Advice::Kept(why),
                Ok(found) => steps.narrow(place, found),
            }
        };
        match &advice {
            Advice::Unused => {}
            Advice::Narrower(rules) => allow.extend(rules.iter().map(|(text, _)| text.clone())),
            Advice::Kept(_) => allow.push(text),
        }
        rules.push((id, uses.calls, advice));
    }
    let mut seen = HashSet::new();
    allow.retain(|text| seen.insert(text.clone()));
    let after = Access::new(&steps.now, &world).by_rules_alone();
    let (allowed, asked, examples) = lost(&access, &after, &world, used);
    Suggestion { access, rules, allow, allowed, asked, examples }
}

/// What each rule was used for.
fn uses(access: &Access, world: &MapWorld, used: &[UsedCall]) -> BTreeMap<RuleId, Uses> {
    let mut found: BTreeMap<RuleId, Uses> = BTreeMap::new();
    for UsedCall { call, count } in used {
        let mut parts = Parts::default();
        let decision = access.decide(call, world, &mut parts);
        if let Cause::Rule(rule) = decision.cause {
            parts.matched.insert(rule);
        }
        parts.matched.extend(parts.parts.iter().map(|(rule, _)| *rule));
        for rule in &parts.matched {
            let uses = found.entry(*rule).or_default();
            uses.calls += count;
            let own = parts.parts.iter().filter(|(other, _)| other == rule).map(|(_, text)| text.clone());
            let texts: Vec<String> =
                if call.tool == "Bash" { own.collect() } else { narrower::text_of(call) };
            for text in texts {
                *uses.texts.entry(text).or_default() += count;
            }
        }
    }
    found
}

/// How many calls are allowed, how many of them are not any more, and some of these.
fn lost(before: &Access, after: &Access, world: &MapWorld, used: &[UsedCall]) -> (u64, u64, Vec<String>) {
    let (mut allowed, mut asked, mut examples) = (0, 0, Vec::new());
    for UsedCall { call, count } in used {
        let decide = |access: &Access| access.decide(call, world, &mut Silent).verdict;
        if decide(before) != Verdict::Allow {
            continue;
        }
        allowed += count;
        if decide(after) != Verdict::Allow {
            asked += count;
            let shown = private(&call.shown(), &HashSet::new(), false);
            if examples.len() < MOST_EXAMPLES && !examples.contains(&shown) {
                examples.push(shown);
            }
        }
    }
    (allowed, asked, examples)
}

/// Settings on the way from today's to those that are suggested.
struct Steps<'s> {
    old: &'s Setup,
    now: Setup,
    budget: usize,
}

impl Steps<'_> {
    /// Goes on to other settings, where these are proved to let nothing more happen than today's.
    fn take(&mut self, next: Setup) -> bool {
        let pair = Pair::new(self.old, &next);
        let proved = proof::gains(pair.sides(), &mut Budget(self.budget)).is_proved_empty();
        if proved {
            self.now = next;
        }
        proved
    }

    /// Whether a rule more than today's lets nothing more happen.
    fn lies_within(&self, rule: &str) -> bool {
        let mut next = self.old.clone();
        next.allowed.push(rule.to_owned());
        let pair = Pair::new(self.old, &next);
        proof::gains(pair.sides(), &mut Budget(self.budget)).is_proved_empty()
    }

    /// Puts narrower rules in the place of one.
    fn narrow(
        &mut self,
        place: (usize, crate::json::Pointer, Span),
        mut found: Vec<(String, u64)>,
    ) -> Advice {
        found.retain(|(rule, _)| self.lies_within(rule));
        if found.is_empty() {
            return Advice::Kept(Why::Unproved);
        }
        let mut next = self.now.clone();
        next.left_out.push(place);
        next.allowed.extend(found.iter().map(|(rule, _)| rule.clone()));
        if self.take(next) { Advice::Narrower(found) } else { Advice::Kept(Why::Unproved) }
    }
}

/// Whether a text is a rule that the client takes as one to allow something.
fn is_rule(text: &str) -> bool {
    Rule::parse(text).fault(List::Allow).is_none() && crate::rule::rules_in(text).len() == 1
}

#[cfg(test)]
mod tests;
