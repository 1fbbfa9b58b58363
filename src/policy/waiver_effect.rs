//! What waivers do: each opens nothing beyond what it names, proved; and what it names is there to be opened.
//!
//! With the rules that a waiver opens denied on both sides, taking the waiver away must change nothing: then every
//! call that is less strictly decided because of it is one that those rules are for. What it opens by a pointer is
//! named by the pointer.

use std::collections::BTreeSet;

use super::limits::Limits;
use super::witness::{reason, told};
use super::{Baseline, Day, Demand, Group, Policy, RuleDemand, Waiver};
use crate::access::Setup;
use crate::automaton::Budget;
use crate::finding::Place;
use crate::json::{Document, Pointer};
use crate::proof::{self, Outcome, Pair};
use crate::rule::{List, Rule, implies};
use crate::settings::{Scope, Settings};

/// What a waiver does beyond what it names.
#[derive(Debug, Clone, PartialEq)]
pub enum Excess {
    /// A call shows it.
    Shown(String),
    /// It is not decided whether it does.
    NotDecided(String),
}

/// Something that a waiver opens.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Where the waiver names it.
    pub place: Place,
    /// It, as it stands there.
    pub what: String,
    /// A rule that holds and that it opens a part of only, with its place.
    pub opens_part_of: Option<(String, Place)>,
}

impl Policy {
    /// What a waiver does beyond what it names, in any of its repositories.
    pub fn excess(&self, waiver: &Waiver, today: Day) -> Option<Excess> {
        let mut seen = BTreeSet::new();
        let mut undecided = None;
        for baseline in self.concerned(waiver).iter().map(|group| group.baseline(self, today)) {
            let held = baseline.waivers.iter().position(|held| held.waiver.id == waiver.id && held.holds());
            let Some(opened) = held.map(|held| baseline.opened_rules(held)) else { continue };
            let opened: Vec<Demand<RuleDemand>> = opened
                .iter()
                .filter(|demand| waiver.opens_rule(demand.what.list, &demand.what.rule))
                .cloned()
                .collect();
            let mut without = baseline.clone();
            without.rules.extend(opened);
            let [without, with] =
                [&without, &baseline].map(|baseline| baseline.enforced_settings().to_string());
            if without == with || !seen.insert(format!("{without}{with}")) {
                continue;
            }
            let setup = |settings: &str| {
                let named = serde_json::json!({"permissions": {"deny": waiver.content.opens.rules}});
                let read = |text: &str, scope| Settings::read(Document::parse(text), scope);
                Setup::made_up([read(settings, Scope::Project), read(&named.to_string(), Scope::Local)])
            };
            let pair = Pair::new(&setup(&without), &setup(&with));
            let Outcome { flows, open } = proof::gains(pair.sides(), &mut Budget::default());
            if let Some(flow) = flows.iter().min_by_key(|flow| flow.witness.shown().chars().count()) {
                return Some(Excess::Shown(told(flow)));
            }
            undecided = undecided.or(open.first().map(reason));
        }
        undecided.map(Excess::NotDecided)
    }

    /// What a waiver opens although nothing holds for its repositories that it could open.
    pub fn unused_openings(&self, waiver: &Waiver, today: Day) -> Vec<Opening> {
        let layers: BTreeSet<Vec<usize>> =
            self.concerned(waiver).into_iter().map(|group| group.layers).collect();
        let asked: Vec<Baseline> = layers.iter().map(|layers| self.merge_layers(layers, today)).collect();
        if asked.is_empty() {
            return Vec::new();
        }
        let at =
            |kind: &str, index: usize| Pointer::of(["opens".to_owned(), kind.to_owned(), index.to_string()]);
        let opening = |kind: &str, index: usize, what: String, opens_part_of| Opening {
            place: waiver.place(&at(kind, index)),
            what,
            opens_part_of,
        };
        let mut unused = Vec::new();
        for (index, rule) in waiver.rules.iter().enumerate() {
            if !asked.iter().any(|baseline| baseline.has_rule_within(rule)) {
                let part = asked.iter().find_map(|baseline| baseline.rule_around(rule));
                unused.push(opening("rules", index, rule.text().to_owned(), part));
            }
        }
        for (index, pointer) in waiver.pointers.iter().enumerate() {
            if !asked.iter().any(|baseline| baseline.holds_at(pointer)) {
                unused.push(opening("pointers", index, pointer.to_string(), None));
            }
        }
        for (index, pattern) in waiver.content.opens.servers.iter().enumerate() {
            if !asked.iter().any(|baseline| baseline.holds_server(pattern)) {
                unused.push(opening("servers", index, pattern.clone(), None));
            }
        }
        unused
    }

    /// The repositories of a waiver, by what holds for them.
    fn concerned(&self, waiver: &Waiver) -> Vec<Group> {
        self.groups(self.members().into_iter().filter(|member| waiver.concerns(&member.facts)))
    }
}

impl Baseline {
    /// Whether a waiver for this rule would open something.
    fn has_rule_within(&self, opened: &Rule) -> bool {
        self.rules.iter().any(|demand| implies(demand.what.list, opened, &demand.what.rule))
            || Limits::new(self, &[]).breach(opened).is_some()
    }

    /// A rule that refuses what lies within `opened` and more.
    fn rule_around(&self, opened: &Rule) -> Option<(String, Place)> {
        let refusing = self.rules.iter().filter(|demand| demand.what.list != List::Allow);
        let around = refusing.filter(|demand| implies(demand.what.list, &demand.what.rule, opened));
        let mut named =
            around.filter_map(|demand| Some((demand.what.rule.text().to_owned(), demand.origins.first()?)));
        named.next().map(|(text, origin)| (text, origin.place.clone()))
    }

    /// Whether something is asked for at a place of the settings or below.
    fn holds_at(&self, opened: &Pointer) -> bool {
        self.values.iter().any(|demand| opened.contains(&demand.what.at))
            || self.entries.iter().any(|demand| opened.contains(&demand.what.at))
            || self.rules.iter().any(|demand| opened.contains(&demand.what.at()))
            || !self.schemas.is_empty()
    }

    /// Whether something is asked for of servers whose names fit a pattern.
    fn holds_server(&self, pattern: &str) -> bool {
        !self.approved.is_empty()
            || !self.blocked.is_empty()
            || self.provided.iter().any(|demand| super::matches(pattern, &demand.what.name))
    }
}
