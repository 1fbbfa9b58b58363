//! One call: the order in which rules, hooks, tools and the mode have their say.

use serde_json::{Map, Value};

use super::bash::Around;
use super::hooks::{Answers, HookWord};
use super::rule_set::RuleSet;
use super::tools::{Check, Hold};
use super::{
    Access, Call, Cause, Decision, Loaded, MapWorld, Mode, Place, RuleId, Rules, Setup, Silent, Trace,
    Verdict, World,
};
use crate::client::tools;
use crate::json::Pointer;
use crate::rule::{List, Rule};
use crate::settings::Scope;
use crate::text::Span;

impl Access {
    /// Decides one call.
    pub fn decide(&self, call: &Call, world: &dyn World, trace: &mut impl Trace) -> Decision {
        let decision = self.decide_alone(call, world, trace);
        let Some(other) = &self.other else { return decision };
        let theirs = other.decide_alone(call, world, &mut Silent).verdict;
        if theirs == decision.verdict {
            return decision;
        }
        let cause = Cause::Version { older: theirs, newer: decision.verdict };
        Decision { verdict: Verdict::Undecided, cause }
    }

    fn decide_alone(&self, call: &Call, world: &dyn World, trace: &mut impl Trace) -> Decision {
        let said = |verdict, cause| Decision { verdict, cause };
        let tool = tools::canonical_name(&call.tool);
        if self.halted {
            return said(Verdict::Deny, Cause::Halted);
        }
        if let Some(rule) = self.set.whole.find(List::Deny, tool) {
            trace.matched(None, rule);
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        if tool.starts_with("mcp__") && self.servers.as_ref().is_some_and(|servers| !servers.offer(tool)) {
            return said(Verdict::Deny, Cause::Server);
        }
        let answers = self.ask_hooks(tool, call, world);
        let decision = self.judge(tool, &call.input, &answers, world, trace);
        if answers.unknown && decision.verdict != Verdict::Deny {
            return said(Verdict::Undecided, decision.cause);
        }
        // Which commands may read elsewhere is the client's own judgement: it asks for many a plain one, such as
        // `cd src && npm test` (observed, 2.1.330).
        if self.blocks_reads && tool == "Bash" && decision.verdict == Verdict::Allow {
            return said(Verdict::Undecided, decision.cause);
        }
        if self.servers_matter && tool.starts_with("mcp__") && decision.verdict != Verdict::Deny {
            return said(Verdict::Undecided, Cause::Server);
        }
        decision
    }

    fn ask_hooks(&self, tool: &str, call: &Call, world: &dyn World) -> Answers {
        if self.hooks.is_empty() {
            return Answers::default();
        }
        self.hooks.answers(tool, world, |condition| self.falls_under(condition, tool, &call.input, world))
    }

    /// Whether a call falls under one rule; none where that is not known.
    fn falls_under(
        &self,
        rule: &str,
        tool: &str,
        input: &Map<String, Value>,
        world: &dyn World,
    ) -> Option<bool> {
        let rule = Rule::parse(rule);
        if rule.fault(List::Deny).is_some() {
            return None;
        }
        if rule.tool() != tool {
            return Some(false);
        }
        if rule.is_whole_tool() {
            return Some(true);
        }
        let alone = self.with_rules([(List::Deny, rule)]);
        match alone.check_tool(tool, input, world, &mut Silent) {
            Check::Deny(Cause::Rule(_)) | Check::Refuse(Cause::Rule(_)) => Some(true),
            Check::Unknown(_) => None,
            _ => Some(false),
        }
    }

    fn judge(
        &self,
        tool: &str,
        input: &Map<String, Value>,
        answers: &Answers,
        world: &dyn World,
        trace: &mut impl Trace,
    ) -> Decision {
        let said = |verdict, cause| Decision { verdict, cause };
        let input = answers.input.as_ref().unwrap_or(input);
        if let Some((HookWord::Deny, hook)) = answers.word {
            return said(Verdict::Deny, Cause::Hook(hook));
        }
        let check = self.check(tool, input, world, trace);
        match (check, answers.word) {
            (Check::Deny(cause), _) => said(Verdict::Deny, cause),
            (Check::Unknown(cause), _) => said(Verdict::Undecided, cause),
            // What rules or the client's own care ask for stays as it is, whatever a hook says.
            (Check::Ask(cause, hold @ (Hold::Firm | Hold::Guarded)), _) => self.asked(tool, cause, hold),
            // The mode does not turn the question of a hook into a refusal.
            (_, Some((HookWord::Ask, hook))) => said(Verdict::Ask, Cause::Hook(hook)),
            (Check::Refuse(cause), _) => said(Verdict::Deny, cause),
            (Check::Ask(..), Some((_, hook))) => said(Verdict::Allow, Cause::Hook(hook)),
            (Check::Ask(cause, Hold::Open), None) => self.asked(tool, cause, Hold::Open),
            (Check::Allow(cause), _) => self.allowed(tool, cause),
        }
    }

    /// What the mode makes of a question.
    fn asked(&self, tool: &str, cause: Cause, hold: Hold) -> Decision {
        let said = |verdict, cause| Decision { verdict, cause };
        match self.mode {
            Mode::BypassPermissions if hold != Hold::Firm => said(Verdict::Allow, Cause::Mode),
            Mode::Plan
                if (hold != Hold::Firm || cause == Cause::Critical) && !tools::EDITING.contains(&tool) =>
            {
                said(Verdict::Undecided, cause)
            }
            Mode::Auto => said(Verdict::Undecided, cause),
            Mode::DontAsk => said(Verdict::Deny, Cause::Mode),
            _ if self.refuses_prompts => said(Verdict::Deny, Cause::Mode),
            _ => said(Verdict::Ask, cause),
        }
    }

    /// What the mode makes of a grant.
    fn allowed(&self, tool: &str, cause: Cause) -> Decision {
        let certain = matches!(cause, Cause::ReadOnly | Cause::Inside);
        let verdict = match self.mode {
            // The client takes some rules out of force in this mode.
            Mode::Auto if !certain => Verdict::Undecided,
            Mode::Plan if tools::EDITING.contains(&tool) => Verdict::Undecided,
            _ => Verdict::Allow,
        };
        Decision { verdict, cause }
    }

    /// Everything that rules say of a call.
    fn check(
        &self,
        tool: &str,
        input: &Map<String, Value>,
        world: &dyn World,
        trace: &mut impl Trace,
    ) -> Check {
        if let Some(rule) = self.set.parameters.find(List::Deny, tool, input) {
            trace.matched(None, rule);
            return Check::Deny(Cause::Rule(rule));
        }
        let whole_ask = self.set.whole.find(List::Ask, tool);
        let own = self.check_tool(tool, input, world, trace);
        if let Check::Deny(_) = own {
            return own;
        }
        let parameter_ask = self.set.parameters.find(List::Ask, tool, input);
        if let Some(rule) = whole_ask.or(parameter_ask) {
            trace.matched(None, rule);
            return Check::Ask(Cause::Rule(rule), Hold::Firm);
        }
        // Commands have looked for such a rule themselves.
        if let Check::Ask(_, Hold::Open) | Check::Unknown(_) = own
            && tool != "Bash"
            && let Some(rule) = self.set.whole.find(List::Allow, tool)
            && !(own == Check::Ask(Cause::Outside, Hold::Open) && self.stays_inside(tool, rule))
        {
            trace.matched(None, rule);
            return Check::Allow(Cause::Rule(rule));
        }
        own
    }

    /// Whether an allow rule for a whole tool ends at the working directories: `Read(*)`, unlike `Read`.
    fn stays_inside(&self, tool: &str, rule: RuleId) -> bool {
        let starred = self.set.rules.get(rule).is_some_and(|loaded| loaded.rule.content().is_some());
        starred && self.profile.starred_rules_stay_inside && tools::STARRED_STAY_INSIDE.contains(&tool)
    }

    /// Nothing but these rules, in a folder of which nothing else is known.
    pub fn of_rules(rules: impl IntoIterator<Item = (List, Rule)>, place: &Place) -> Self {
        Self::new(&Setup::new(place.clone()), &MapWorld::default()).with_rules(rules)
    }

    /// The same place with these rules and no others.
    fn with_rules(&self, rules: impl IntoIterator<Item = (List, Rule)>) -> Self {
        let mut loaded = Rules::default();
        for (list, rule) in rules {
            let (pointer, span) = (Pointer::root(), Span::new(0, 0));
            loaded.push(Loaded { rule, list, scope: Scope::Flag, file: 0, pointer, span });
        }
        let paths = self.paths.with_rules(&loaded, &self.place);
        Self { paths, set: RuleSet::new(loaded).into(), ..self.clone() }
    }

    /// Tells that a call went through: what runs first changes what the client knows of its shell.
    pub fn went_through(&mut self, call: &Call) {
        self.ran |= tools::canonical_name(&call.tool) == "Bash";
        if let Some(other) = &mut self.other {
            other.went_through(call);
        }
    }

    pub(super) fn around<'a>(&'a self, world: &'a dyn World) -> Around<'a> {
        Around {
            profile: self.profile,
            paths: &self.paths,
            world,
            place: &self.place,
            mode: self.mode,
            ran: self.ran,
            inherited: &self.inherited,
        }
    }
}
