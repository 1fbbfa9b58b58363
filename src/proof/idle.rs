//! Rules that decide nothing: for each of their texts another rule of the list says the same, or a stronger
//! list refuses it, or no rule is needed.
//!
//! Leaves out parameter rules, and allow rules for tools that are never asked for. Under a rule for every
//! command the allow rule for some still decides about lines in the background, and is not idle.

use std::collections::HashSet;

use super::question::union;
use super::{commands, files, hosts, names};
use crate::access::{Access, Call, PathTexts, RuleId, RuleTexts, Silent, Verdict, World};
use crate::automaton::{Budget, Language, Proof, never_matches};
use crate::client::tools::{self, ContentKind};
use crate::rule::List;

/// A rule that decides nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// The rule.
    pub rule: RuleId,
    /// Why.
    pub why: Reason,
    /// A call of its texts, none where there are none.
    pub example: Option<Call>,
}

/// Why a rule decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Others of its list say the same: one, or a few that do so together.
    Covered(Vec<RuleId>),
    /// Rules of a stronger list refuse all of it, alone or together with others of its own.
    Beaten(Vec<RuleId>),
    /// The client allows it without a rule.
    Free,
    /// No call has such a text.
    Empty,
}

/// What a rule is held against.
struct Beside {
    own: Vec<RuleTexts>,
    same: Vec<RuleTexts>,
    stronger: Vec<RuleTexts>,
    /// What is allowed without a rule.
    free: Language,
    /// All texts that there are.
    all: Language,
    calls: fn(&str) -> Vec<Call>,
    is_of_commands: bool,
}

/// The first rules of `candidates` that could go, one after the other, without a change of any decision.
/// What is not decided within the budget stays.
pub fn idle_rules(
    access: &Access,
    candidates: impl IntoIterator<Item = RuleId>,
    world: &dyn World,
    budget: &mut Budget,
) -> Vec<Idle> {
    let mut gone = HashSet::new();
    let mut found = Vec::new();
    for rule in candidates {
        if let Some(idle) = idle(access, rule, &gone, world, budget) {
            gone.insert(rule);
            found.push(idle);
        }
    }
    found
}

fn idle(
    access: &Access,
    rule: RuleId,
    gone: &HashSet<RuleId>,
    world: &dyn World,
    budget: &mut Budget,
) -> Option<Idle> {
    let mut beside = Beside::of(access, rule)?;
    for rules in [&mut beside.same, &mut beside.stronger] {
        rules.retain(|other| other.rule != rule && !gone.contains(&other.rule));
    }
    let own = union(&beside.own).and(&beside.all);
    let mut proved = |texts: &Language| never_matches(texts, budget) == Proof::Proved;
    if let Some(line) = beside.whole_line() {
        return whole_line(access, rule, gone, &line, world);
    }
    let example = match never_matches(&own, &mut Budget::default()) {
        Proof::Proved => return beside.is_told().then_some(Idle { rule, why: Reason::Empty, example: None }),
        Proof::Undecided => return None,
        Proof::Refuted(text) => (beside.calls)(&text).into_iter().next(),
    };
    let rules: Vec<&RuleTexts> = beside.same.iter().chain(&beside.stronger).collect();
    let covers = |rules: &[&RuleTexts]| own.minus(&union(rules.iter().copied()).or(&beside.free));
    if !proved(&covers(&rules)) {
        return None;
    }
    // A rule for one text stands for the line as a whole, too.
    if let Some(text) = beside.one_text()
        && !decides_alike(access, rule, gone, &commands::call(&text), world)
    {
        return None;
    }
    let alone = |others: &[RuleTexts], proved: &mut dyn FnMut(&Language) -> bool| {
        others.iter().find(|other| proved(&covers(&[*other]))).map(|other| other.rule)
    };
    let why = if proved(&own.minus(&beside.free)) {
        Reason::Free
    } else if let Some(other) = alone(&beside.same, &mut proved) {
        Reason::Covered(vec![other])
    } else if let Some(other) = alone(&beside.stronger, &mut proved) {
        Reason::Beaten(vec![other])
    } else {
        let stronger = beside.stronger.iter().map(|other| other.rule);
        let mut needed: Vec<&RuleTexts> = rules.clone();
        for other in &rules {
            let fewer: Vec<&RuleTexts> =
                needed.iter().copied().filter(|one| !std::ptr::eq(*one, *other)).collect();
            if proved(&covers(&fewer)) {
                needed = fewer;
            }
        }
        let stronger: HashSet<RuleId> = stronger.collect();
        let needed: Vec<RuleId> = needed.iter().map(|other| other.rule).collect();
        match needed.iter().any(|rule| stronger.contains(rule)) {
            true => Reason::Beaten(needed),
            false => Reason::Covered(needed),
        }
    };
    Some(Idle { rule, why, example })
}

impl Beside {
    fn of(access: &Access, rule: RuleId) -> Option<Self> {
        let loaded = access.rules().get(rule)?;
        let (list, tool) = (loaded.list, loaded.rule.tool());
        let stronger: &[List] = match list {
            List::Allow => &[List::Ask, List::Deny],
            List::Ask => &[List::Deny],
            List::Deny => &[],
        };
        if loaded.rule.is_whole_tool() {
            let all = names::beside(list, tool)?;
            let calls = |name: &str| vec![Call { tool: name.to_owned(), input: serde_json::Map::new() }];
            return Some(Self::new(rule, &|list| access.tool_texts(list), list, stronger, all, calls));
        }
        let content = loaded.rule.content()?;
        if list != List::Allow && tools::parameter(tool, content).is_some() {
            return None;
        }
        match tools::find(tool).map(|tool| tool.content)? {
            ContentKind::Command if tool == "Bash" => {
                let mut beside = Self::new(
                    rule,
                    &|list| access.command_texts(list),
                    list,
                    stronger,
                    commands::all_lines(),
                    |line| vec![commands::call(line)],
                );
                beside.is_of_commands = true;
                beside.keep_meeting();
                // Rules for every command.
                let whole =
                    stronger.iter().chain(std::iter::once(&list).filter(|list| **list != List::Allow));
                for list in whole {
                    if let Some(rule) = access.whole_tool(*list, tool) {
                        let all = RuleTexts::everything(rule);
                        let rules =
                            if stronger.contains(list) { &mut beside.stronger } else { &mut beside.same };
                        rules.push(all);
                    }
                }
                Some(beside)
            }
            ContentKind::Path if matches!(tool, "Read" | "Edit") => {
                let edit = tool == "Edit";
                // Ask rules do not hold what commands do.
                let stronger: &[List] = if list == List::Deny { &[] } else { &[List::Deny] };
                let texts = |list| -> PathTexts { access.path_texts(edit, list) };
                let all = files::all(access);
                let calls = if edit { files::edits } else { files::reads };
                let mut beside = Self::new(rule, &|list| texts(list).told, list, stronger, all, calls);
                if !edit && list == List::Allow {
                    beside.free = files::inside(access);
                }
                let untold = stronger.iter().chain([&list]).any(|list| texts(*list).untold.contains(&rule));
                (!untold).then_some(beside)
            }
            ContentKind::Domain => {
                let texts = |list| access.host_texts(list);
                Some(Self::new(rule, &texts, list, stronger, hosts::names(), hosts::calls))
            }
            _ => None,
        }
    }

    fn new(
        rule: RuleId,
        texts: &dyn Fn(List) -> Vec<RuleTexts>,
        list: List,
        stronger: &[List],
        all: Language,
        calls: fn(&str) -> Vec<Call>,
    ) -> Self {
        let (own, same) = texts(list).into_iter().partition(|other| other.rule == rule);
        let stronger = stronger.iter().flat_map(|list| texts(*list)).collect();
        Self { own, same, stronger, free: Language::nothing(), all, calls, is_of_commands: false }
    }

    /// Leaves out rules that are for no text of the rule's own.
    fn keep_meeting(&mut self) {
        let starts: Vec<Box<str>> = self.own.iter().map(|own| own.start.clone()).collect();
        for rules in [&mut self.same, &mut self.stronger] {
            rules.retain(|other| starts.iter().any(|start| commands::meets(start, &other.start)));
        }
    }

    /// Whether the rule has texts at all, none of which may exist.
    fn is_told(&self) -> bool {
        !self.own.is_empty()
    }

    /// The line that the rule is for, where no command has its text.
    fn whole_line(&self) -> Option<String> {
        self.one_text().filter(|text| commands::is_compound(text))
    }

    /// The one text of a rule for commands that is for no other.
    fn one_text(&self) -> Option<String> {
        let [own] = &*self.own else { return None };
        own.exact.as_deref().filter(|_| self.is_of_commands).map(str::to_owned)
    }
}

/// A rule for a whole line with operators.
fn whole_line(
    access: &Access,
    rule: RuleId,
    gone: &HashSet<RuleId>,
    line: &str,
    world: &dyn World,
) -> Option<Idle> {
    let call = commands::call(line);
    if !decides_alike(access, rule, gone, &call, world) {
        return None;
    }
    let without = access.without_commands(|id| id == rule || gone.contains(&id));
    let decision = without.decide(&call, world, &mut Silent);
    let list = access.rules().get(rule)?.list;
    let by: Vec<RuleId> = decision.cause.rule().into_iter().collect();
    let why = match (decision.verdict, list) {
        (Verdict::Allow, List::Allow) if by.is_empty() => Reason::Free,
        (Verdict::Allow, List::Allow) | (Verdict::Ask, List::Ask) | (Verdict::Deny, List::Deny) => {
            Reason::Covered(by)
        }
        _ if by.is_empty() => return None,
        _ => Reason::Beaten(by),
    };
    Some(Idle { rule, why, example: Some(call) })
}

/// Whether a call is decided in the same way without the rule.
fn decides_alike(
    access: &Access,
    rule: RuleId,
    gone: &HashSet<RuleId>,
    call: &Call,
    world: &dyn World,
) -> bool {
    let decide = |access: &Access| access.decide(call, world, &mut Silent).verdict;
    let with = access.without_commands(|id| gone.contains(&id));
    let without = access.without_commands(|id| id == rule || gone.contains(&id));
    decide(&with) == decide(&without)
}
