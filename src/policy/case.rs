//! Cases: what the client decides on a call in a project that holds nothing but the policy.

use std::collections::BTreeSet;

use serde_json::json;

use super::file::{CallFile, CaseEntry, Day, GuardWord, Outcome, WayAround};
use super::{Baseline, Facts, Policy, builtin};
use crate::access::{Access, Call, Cause, Decision, Entry, MapWorld, Place, RuleId, Setup, Trace, Verdict};
use crate::client::Version;
use crate::finding::{self, Origin};
use crate::guard::{Answer, Guard, MapFiles};
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
        let settings = without_guard(baseline.settings());
        let setup = Setup { version: client, ..setup(&settings, &entry.allow) };
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
        let guard = entry.guard.map(|_| self.ask_guard(&baseline, entry, &call, &setup.place));
        Tried { verdict, rule, fault: fault(entry, verdict, guard.flatten()), matched }
    }

    /// What the guard says of the call of a case.
    fn ask_guard(
        &self,
        baseline: &Baseline,
        entry: &CaseEntry,
        call: &Call,
        place: &Place,
    ) -> Option<Answer> {
        let mut files = MapFiles::default();
        files.add(&place.project, Entry::Folder);
        for file in &entry.files {
            files.add(&place.absolute(file), Entry::File);
        }
        let guard = Guard::new(baseline.compiled(&self.source), place.clone());
        guard.judge(call, &place.project, &files).map(|said| said.answer)
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

/// The settings without the hook of the guard, which a case asks by itself.
fn without_guard(mut settings: serde_json::Value) -> serde_json::Value {
    let is_guard = |hook: &serde_json::Value| {
        let command = hook.get("command").and_then(serde_json::Value::as_str);
        command.is_some_and(|command| command.starts_with("bylaws hook guard"))
    };
    let groups = settings.pointer_mut("/hooks/PreToolUse").and_then(serde_json::Value::as_array_mut);
    for group in groups.into_iter().flatten() {
        if let Some(hooks) = group.get_mut("hooks").and_then(serde_json::Value::as_array_mut) {
            hooks.retain(|hook| !is_guard(hook));
        }
    }
    settings
}

fn fault(entry: &CaseEntry, verdict: Verdict, guard: Option<Answer>) -> Option<String> {
    let (expected, said) = (entry.guard, GuardWord::of(guard));
    if let Some(expected) = expected.filter(|expected| *expected != said) {
        return Some(format!("the guard says {}, the case says {}", said.name(), expected.name()));
    }
    let passes = verdict == Verdict::Allow && guard.is_none();
    let expected = match entry.is {
        Outcome::Allow => Verdict::Allow,
        Outcome::Ask => Verdict::Ask,
        Outcome::Deny => Verdict::Deny,
    };
    if verdict != expected {
        return Some(format!("the client says {}, the case says {}", verdict.name(), expected.name()));
    }
    match entry.way_around {
        Some(WayAround::Stopped) if passes => {
            Some("the way around is marked as stopped, and it is allowed".to_owned())
        }
        Some(WayAround::NotStopped) if !passes => {
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
