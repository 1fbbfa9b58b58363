//! Rules that decide nothing: for each of their texts another rule of the list says the same, or a stronger
//! list refuses it, or no rule is needed.
//!
//! Leaves out parameter rules, and allow rules for tools that are never asked for. Under a rule for every
//! command the allow rule for some still decides about lines in the background, and is not idle.

use std::cell::OnceCell;
use std::collections::HashSet;

use serde_json::Map;

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

/// The rules of one access as sets of texts, each made when it is asked for first.
struct Told<'a> {
    access: &'a Access,
    commands: OnceCell<[Vec<RuleTexts>; 3]>,
    read: OnceCell<[PathTexts; 3]>,
    edit: OnceCell<[PathTexts; 3]>,
    hosts: OnceCell<[Vec<RuleTexts>; 3]>,
    tools: OnceCell<[Vec<RuleTexts>; 3]>,
}

/// What a rule is held against.
struct Beside<'t> {
    own: Vec<&'t RuleTexts>,
    same: Vec<&'t RuleTexts>,
    stronger: Vec<&'t RuleTexts>,
    /// A rule of one of these lists for every command.
    whole: Option<RuleTexts>,
    whole_is_stronger: bool,
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
    let told = Told::new(access);
    let mut gone = HashSet::new();
    let mut found = Vec::new();
    for rule in candidates {
        // Most do, and need no sets of texts.
        if access.stands_alone(rule) {
            continue;
        }
        if let Some(idle) = told.idle(rule, &gone, world, budget) {
            gone.insert(rule);
            found.push(idle);
        }
    }
    found
}

impl<'a> Told<'a> {
    fn new(access: &'a Access) -> Self {
        Self {
            access,
            commands: OnceCell::new(),
            read: OnceCell::new(),
            edit: OnceCell::new(),
            hosts: OnceCell::new(),
            tools: OnceCell::new(),
        }
    }

    fn idle(
        &self,
        rule: RuleId,
        gone: &HashSet<RuleId>,
        world: &dyn World,
        budget: &mut Budget,
    ) -> Option<Idle> {
        let mut beside = self.beside(rule)?;
        for rules in [&mut beside.same, &mut beside.stronger] {
            rules.retain(|other| other.rule != rule && !gone.contains(&other.rule));
        }
        if let Some(line) = beside.one_text().filter(|line| commands::is_compound(line)) {
            return self.whole_line(rule, gone, line, world);
        }
        let own = union(beside.own.iter().copied()).and(&beside.all);
        let text = match never_matches(&own, budget) {
            // Elsewhere there are texts beyond those that are looked at.
            Proof::Proved => {
                let certain = beside.is_of_commands || beside.own.is_empty();
                return certain.then_some(Idle { rule, why: Reason::Empty, example: None });
            }
            Proof::Undecided => return None,
            Proof::Refuted(text) => text,
        };
        // Most rules are the only ones for their shortest text.
        if !beside.rules().any(|other| other.texts.matches(&text)) && !beside.free.contains(&text) {
            return None;
        }
        let why = beside.why(&own, budget)?;
        // A rule for one text stands for the line as a whole, too.
        let example = (beside.calls)(&text).into_iter().next();
        let differs = |line| !self.decides_alike(rule, gone, &commands::call(line), world);
        if beside.one_text().is_some_and(differs) {
            return None;
        }
        Some(Idle { rule, why, example })
    }

    fn beside(&self, rule: RuleId) -> Option<Beside<'_>> {
        let access = self.access;
        let loaded = access.rules().get(rule)?;
        let (list, tool) = (loaded.list, loaded.rule.tool());
        let stronger: &[List] = match list {
            List::Allow => &[List::Ask, List::Deny],
            List::Ask => &[List::Deny],
            List::Deny => &[],
        };
        if loaded.rule.is_whole_tool() {
            let all = names::beside(list, tool)?;
            let calls = |name: &str| vec![Call { tool: name.to_owned(), input: Map::new() }];
            let tools = self.tools.get_or_init(|| List::ALL.map(|list| access.tool_texts(list)));
            return Some(Beside::new(rule, |list| of(tools, list), list, stronger, all, calls));
        }
        let content = loaded.rule.content()?;
        if list != List::Allow && tools::parameter(tool, content).is_some() {
            return None;
        }
        match tools::find(tool).map(|tool| tool.content)? {
            ContentKind::Command if tool == "Bash" => {
                let texts = self.commands.get_or_init(|| List::ALL.map(|list| access.command_texts(list)));
                let (all, calls) = (commands::all_lines(), |line: &str| vec![commands::call(line)]);
                let mut beside = Beside::new(rule, |list| of(texts, list), list, stronger, all, calls);
                beside.is_of_commands = true;
                beside.keep_meeting();
                let mut whole = stronger.iter().chain([&list]).filter(|list| **list != List::Allow);
                beside.whole =
                    whole.find_map(|list| access.whole_tool(*list, tool)).map(RuleTexts::everything);
                beside.whole_is_stronger =
                    stronger.iter().any(|list| access.whole_tool(*list, tool).is_some());
                Some(beside)
            }
            ContentKind::Path if matches!(tool, "Read" | "Edit") => {
                let edit = tool == "Edit";
                let cell = if edit { &self.edit } else { &self.read };
                let texts = cell.get_or_init(|| List::ALL.map(|list| access.path_texts(edit, list)));
                if texts.iter().any(|texts| texts.untold.contains(&rule)) {
                    return None;
                }
                // Ask rules do not hold what commands do.
                let stronger: &[List] = if list == List::Deny { &[] } else { &[List::Deny] };
                let told = |list| texts.get(list as usize).map_or(&[][..], |texts| &texts.told);
                let calls = if edit { files::edits } else { files::reads };
                let mut beside = Beside::new(rule, told, list, stronger, files::all(access), calls);
                if !edit && list == List::Allow {
                    beside.free = files::inside(access);
                }
                Some(beside)
            }
            ContentKind::Domain => {
                let texts = self.hosts.get_or_init(|| List::ALL.map(|list| access.host_texts(list)));
                Some(Beside::new(rule, |list| of(texts, list), list, stronger, hosts::names(), hosts::calls))
            }
            _ => None,
        }
    }

    /// A rule for a whole line with operators.
    fn whole_line(
        &self,
        rule: RuleId,
        gone: &HashSet<RuleId>,
        line: &str,
        world: &dyn World,
    ) -> Option<Idle> {
        let call = commands::call(line);
        if !self.decides_alike(rule, gone, &call, world) {
            return None;
        }
        let without = self.access.without_commands(|id| id == rule || gone.contains(&id));
        let decision = without.decide(&call, world, &mut Silent);
        let by: Vec<RuleId> = decision.cause.rule().into_iter().collect();
        let why = match (decision.verdict, self.access.rules().get(rule)?.list) {
            (Verdict::Allow, List::Allow) if by.is_empty() => Reason::Free,
            (Verdict::Allow, List::Allow) | (Verdict::Ask, List::Ask) | (Verdict::Deny, List::Deny) => {
                Reason::Covered(by)
            }
            _ => Reason::Beaten(by),
        };
        let (Reason::Covered(by) | Reason::Beaten(by)) = &why else {
            return Some(Idle { rule, why, example: Some(call) });
        };
        // Nothing is said where no rule is at hand that says it instead.
        (!by.is_empty()).then(|| Idle { rule, why: why.clone(), example: Some(call) })
    }

    /// Whether a call is decided in the same way without the rule.
    fn decides_alike(&self, rule: RuleId, gone: &HashSet<RuleId>, call: &Call, world: &dyn World) -> bool {
        let decide = |access: &Access| access.decide(call, world, &mut Silent).verdict;
        let with = self.access.without_commands(|id| gone.contains(&id));
        let without = self.access.without_commands(|id| id == rule || gone.contains(&id));
        decide(&with) == decide(&without)
    }
}

fn of(lists: &[Vec<RuleTexts>; 3], list: List) -> &[RuleTexts] {
    lists.get(list as usize).map_or(&[], Vec::as_slice)
}

impl<'t> Beside<'t> {
    fn new(
        rule: RuleId,
        texts: impl Fn(List) -> &'t [RuleTexts],
        list: List,
        stronger: &[List],
        all: Language,
        calls: fn(&str) -> Vec<Call>,
    ) -> Self {
        let (own, same) = texts(list).iter().partition(|other| other.rule == rule);
        let stronger = stronger.iter().flat_map(|list| texts(*list)).collect();
        Self {
            own,
            same,
            stronger,
            whole: None,
            whole_is_stronger: false,
            free: Language::nothing(),
            all,
            calls,
            is_of_commands: false,
        }
    }

    /// Leaves out rules that are for no text of the rule's own.
    fn keep_meeting(&mut self) {
        let own = &self.own;
        for rules in [&mut self.same, &mut self.stronger] {
            rules.retain(|other| own.iter().any(|own| commands::meets(&own.start, &other.start)));
        }
    }

    fn rules(&self) -> impl Iterator<Item = &RuleTexts> {
        self.same.iter().chain(&self.stronger).copied().chain(&self.whole)
    }

    /// Why the rules beside it and what is free leave nothing to the rule; none where they do, or may do so.
    fn why(&self, own: &Language, budget: &mut Budget) -> Option<Reason> {
        let mut proved = |rules: &[&RuleTexts]| {
            let left = own.minus(&union(rules.iter().copied()).or(&self.free));
            never_matches(&left, budget) == Proof::Proved
        };
        let rules: Vec<&RuleTexts> = self.rules().collect();
        if !proved(&rules) {
            return None;
        }
        if proved(&[]) {
            return Some(Reason::Free);
        }
        let is_stronger = |rule: &RuleTexts| {
            self.stronger.iter().any(|other| other.rule == rule.rule)
                || (self.whole_is_stronger
                    && self.whole.as_ref().is_some_and(|whole| whole.rule == rule.rule))
        };
        let alone = rules.iter().find(|rule| proved(&[rule]));
        let needed = match alone {
            Some(rule) => vec![*rule],
            None => {
                let mut needed = rules.clone();
                for rule in &rules {
                    let fewer: Vec<&RuleTexts> =
                        needed.iter().copied().filter(|one| !std::ptr::eq(*one, *rule)).collect();
                    if proved(&fewer) {
                        needed = fewer;
                    }
                }
                needed
            }
        };
        let beaten = needed.iter().any(|rule| is_stronger(rule));
        let by = needed.iter().map(|rule| rule.rule).collect();
        Some(if beaten { Reason::Beaten(by) } else { Reason::Covered(by) })
    }

    /// The one text of a rule for commands that is for no other.
    fn one_text(&self) -> Option<&'t str> {
        let [own] = &*self.own else { return None };
        own.exact.as_deref().filter(|_| self.is_of_commands)
    }
}
