//! Cases: what the client decides on a call in a project that holds nothing but the policy.

use std::collections::BTreeSet;

use serde_json::json;

use super::file::{CallFile, CaseEntry, Day, Outcome, WayAround};
use super::{Facts, Policy, builtin};
use crate::access::{Access, Call, Cause, Decision, MapWorld, RuleId, Setup, Trace, Verdict};
use crate::client::Version;
use crate::finding::{self, Origin};
use crate::json::{Document, Pointer};
use crate::rule::List;
use crate::settings::{Scope, Settings};
use crate::text::Span;

/// A case and the line that it stands in.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it says.
    pub entry: CaseEntry,
    /// Where it stands.
    pub place: finding::Place,
}

/// What became of a case.
#[derive(Debug, Clone)]
pub struct Tried {
    /// What the client decides.
    pub verdict: Verdict,
    /// The rule that decides and the lines of policy that ask for it; a rule of the case itself has none.
    pub rule: Option<(String, Vec<Origin>)>,
    /// What is not as the case says, in one sentence.
    pub fault: Option<String>,
    /// The rules of policy that matched.
    pub matched: BTreeSet<(List, String)>,
}

impl Case {
    /// The call in few words.
    pub fn call(&self) -> String {
        match &self.entry.call {
            CallFile::Short(text) => text.clone(),
            CallFile::Full { tool, input } => Call { tool: tool.clone(), input: input.clone() }.short(),
        }
    }
}

impl Policy {
    /// Decides a case as on this day, as this client does.
    pub fn try_case(&self, case: &Case, today: Day, client: Version) -> Tried {
        let entry = &case.entry;
        let mut facts = entry.repository.as_deref().map_or_else(Facts::none, |name| self.facts_of(name));
        facts.extend(&entry.facts);
        let (baseline, _) = self.resolve(&facts, today);
        let setup = Setup { version: client, ..setup(&baseline.settings(), &entry.allow) };
        let call = match &entry.call {
            CallFile::Short(text) => Call::parse(text, &setup.place),
            CallFile::Full { tool, input } => Some(Call { tool: tool.clone(), input: input.clone() }),
        };
        let Some(call) = call else {
            let fault = format!("`{}` is no call: write `Tool(main input)`", case.call());
            return Tried {
                verdict: Verdict::Undecided,
                rule: None,
                fault: Some(fault),
                matched: BTreeSet::new(),
            };
        };
        let world = MapWorld::bare(&setup.place);
        let access = Access::new(&setup, &world);
        let mut matched = Matched::default();
        let Decision { verdict, cause } = access.decide(&call, &world, &mut matched);
        let rule = match cause {
            Cause::Rule(id) => {
                matched.0.insert(id);
                access.rules().get(id).map(|loaded| {
                    let text = loaded.rule.text().to_owned();
                    let asked = baseline
                        .rules
                        .iter()
                        .filter(|demand| demand.what.list == loaded.list && demand.what.rule.text() == text);
                    (text.clone(), asked.flat_map(|demand| demand.origins.clone()).collect())
                })
            }
            _ => None,
        };
        let named =
            |id: &RuleId| access.rules().get(*id).map(|loaded| (loaded.list, loaded.rule.text().to_owned()));
        let matched = matched.0.iter().filter_map(named).collect();
        Tried { verdict, rule, fault: fault(entry, verdict), matched }
    }

    /// The permission rules that the layers of this policy enforce, each with the line that asks for it;
    /// those of layers that come with the program are tried there.
    pub fn enforced_rules(&self) -> Vec<(List, String, Origin)> {
        let mut found: Vec<(List, String, Origin)> = Vec::new();
        for layer in self.layers.iter().flat_map(|placed| &placed.layers) {
            if layer.id.starts_with(builtin::PREFIX) && layer.id != self.source {
                continue;
            }
            for list in List::ALL {
                let at = Pointer::of(["enforce", "permissions", list.key()]);
                let items = layer.document().at(&at).map(|node| node.items()).unwrap_or_default();
                for (index, item) in items.iter().enumerate() {
                    let Some(text) = item.as_str() else { continue };
                    if !found.iter().any(|(known, other, _)| *known == list && other == text) {
                        let origin = layer.origin(&at.join(index.to_string()));
                        found.push((list, text.to_owned(), origin));
                    }
                }
            }
        }
        found
    }
}

fn fault(entry: &CaseEntry, verdict: Verdict) -> Option<String> {
    let expected = match entry.is {
        Outcome::Allow => Verdict::Allow,
        Outcome::Ask => Verdict::Ask,
        Outcome::Deny => Verdict::Deny,
    };
    if verdict != expected {
        return Some(format!("the client says {}, the case says {}", verdict.name(), expected.name()));
    }
    match entry.way_around {
        Some(WayAround::Stopped) if verdict == Verdict::Allow => {
            Some("the way around is marked as stopped, and it is allowed".to_owned())
        }
        Some(WayAround::NotStopped) if verdict != Verdict::Allow => {
            Some("the way around is marked as not stopped, and it is".to_owned())
        }
        _ => None,
    }
}

/// A project with these settings, and allow rules of its own beside them.
fn setup(settings: &serde_json::Value, allow: &[String]) -> Setup {
    let read = |value: &serde_json::Value, scope| Settings::read(Document::parse(value.to_string()), scope);
    let own = json!({"permissions": {"allow": allow}});
    Setup::made_up([read(settings, Scope::Project), read(&own, Scope::Local)])
}

#[derive(Default)]
struct Matched(BTreeSet<RuleId>);

impl Trace for Matched {
    fn listens(&self) -> bool {
        true
    }

    fn matched(&mut self, _part: Option<Span>, rule: RuleId) {
        self.0.insert(rule);
    }
}
