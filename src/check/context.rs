//! What every check looks at.

use std::cell::OnceCell;
use std::collections::HashSet;

use serde_json::Value;

use crate::access::{Access, Place};
use crate::finding::{ChangeKind, Finding, Fix, Severity};
use crate::json::{Edit, Node, Pointer};
use crate::policy::{Baseline, Day, Demand, Recommendation};
use crate::project::{File, Lock, OwnedWhat, Pin, Project, SettingsFile, Surroundings};
use crate::rule::{Cover, List, Rule};
use crate::settings::Problem;

use super::idle::{self, IdleRule};
use super::plaintext_secret::{self, Written};
use super::{Check, withdrawn_entry};

/// A project, what stands around it, what policy asks of it, and the day.
#[derive(Debug)]
pub struct Context<'a> {
    /// What policy asks.
    pub(super) baseline: &'a Baseline,
    /// What is there.
    pub(super) project: &'a Project,
    /// What stands around the projects of the repository.
    pub(super) around: &'a Surroundings,
    /// The pin that a lock written now would hold.
    pub(super) pin: &'a Pin,
    /// The day.
    pub(super) today: Day,
    /// The rules of the shared settings that the client does not skip and policy does not withdraw.
    rules: [Cover; 3],
    /// The rules of the project's files and nothing else, made when a call is decided first.
    rules_alone: OnceCell<Access>,
    /// The rules that decide nothing, looked for once.
    idle: OnceCell<Vec<IdleRule<'a>>>,
    /// Whether rules that decide nothing are to go.
    pub(super) tidies: bool,
    /// The credentials in the files, looked for once.
    secrets: OnceCell<Vec<Written<'a>>>,
}

impl<'a> Context<'a> {
    /// Holds a project against a baseline on a day; `pin` is what a lock written now would pin.
    pub fn new(
        baseline: &'a Baseline,
        project: &'a Project,
        around: &'a Surroundings,
        pin: &'a Pin,
        today: Day,
    ) -> Self {
        let leaving: HashSet<(&Pointer, &str)> = project
            .readable_lock()
            .into_iter()
            .flat_map(|lock| &lock.owned)
            .filter(|owned| !withdrawn_entry::is_demanded(baseline, owned))
            .filter_map(|owned| match &owned.what {
                OwnedWhat::Entry(entry) => Some((owned.at.as_ref()?, entry.as_str()?)),
                _ => None,
            })
            .collect();
        let rules = List::ALL.map(|list| {
            let at = list.pointer();
            let written = project.shared.rules.iter().filter(|written| written.list == list);
            let staying = written.filter(|written| !leaving.contains(&(&at, written.rule.text())));
            let rules: Vec<Rule> = staying.map(|written| written.rule.clone()).collect();
            Cover::new(list, &rules)
        });
        Self {
            baseline,
            project,
            around,
            pin,
            today,
            rules,
            rules_alone: OnceCell::new(),
            idle: OnceCell::new(),
            tidies: false,
            secrets: OnceCell::new(),
        }
    }

    /// The same, to be tidied: rules that decide nothing are to go.
    #[must_use]
    pub fn tidied(self, tidies: bool) -> Self {
        Self { tidies, ..self }
    }

    /// The same project held against another baseline.
    pub(super) fn against<'b>(&self, baseline: &'b Baseline) -> Context<'b>
    where
        'a: 'b,
    {
        Context::new(baseline, self.project, self.around, self.pin, self.today)
    }

    pub(super) fn shared(&self) -> &'a SettingsFile {
        &self.project.shared
    }

    /// Whether the shared settings switch the mode off in which nothing is asked. That holds against flags and
    /// sub-agents as well (observed, 2.1.330).
    pub(super) fn switches_bypass_off(&self) -> bool {
        let settings = self.shared().settings.taken();
        let value = settings.pointer("/permissions/disableBypassPermissionsMode");
        value.and_then(Value::as_str) == Some("disable")
    }

    pub(super) fn lock(&self) -> Option<&'a Lock> {
        self.project.readable_lock()
    }

    /// What the rules of a list of the shared settings cover, those apart that the client skips.
    pub(super) fn cover(&self, list: List) -> Option<&Cover> {
        List::ALL.into_iter().zip(&self.rules).find(|(other, _)| *other == list).map(|(_, cover)| cover)
    }

    /// Whether the shared settings have this rule, or a wider one in the same list. A file that the
    /// client ignores as a whole counts as it is written: what costs the file is a finding of its own.
    pub(super) fn has_rule(&self, list: List, wanted: &Rule) -> bool {
        self.cover(list).is_some_and(|cover| cover.covers(wanted))
    }

    /// Whether the shared settings have this entry in this list.
    pub(super) fn has_entry(&self, at: &Pointer, entry: &Value) -> bool {
        match (List::of_pointer(at), entry.as_str()) {
            (Some(list), Some(text)) => self.has_rule(list, &Rule::parse(text)),
            _ => self
                .shared()
                .document()
                .at(at)
                .is_some_and(|node| node.items().iter().any(|item| item.to_value() == *entry)),
        }
    }

    /// The rules of the shared and the personal settings that the client does not skip, without hooks, mode and
    /// all else that has a say.
    pub(super) fn rules_alone(&self) -> &Access {
        self.rules_alone.get_or_init(|| {
            let files = self.project.settings_files();
            let written = files.into_iter().flat_map(|file| &file.rules);
            let taken = written.filter(|written| written.rule.fault(written.list).is_none());
            Access::of_rules(taken.map(|written| (written.list, written.rule.clone())), &Place::made_up())
        })
    }

    /// The rules that decide nothing.
    pub(super) fn idle(&self) -> &[IdleRule<'a>] {
        self.idle.get_or_init(|| idle::find(self))
    }

    /// The credentials in the files of the project.
    pub(super) fn secrets(&self) -> &[Written<'a>] {
        self.secrets.get_or_init(|| plaintext_secret::look_for(self.project))
    }

    /// Whether policy asks for this rule or recommends it, or wrote it and has it taken away again.
    pub(super) fn is_of_policy(&self, list: List, rule: &Rule) -> bool {
        let at = list.pointer();
        let owned = self.lock().into_iter().flat_map(|lock| &lock.owned);
        let recommended = |demand: &Demand<Recommendation>| {
            *demand.what.at() == at && demand.what.value().as_str() == Some(rule.text())
        };
        self.baseline.asks_for_rule(list, rule.text())
            || self.baseline.recommendations.iter().any(recommended)
            || owned.filter(|owned| owned.at.as_ref() == Some(&at)).any(|owned| match &owned.what {
                OwnedWhat::Entry(entry) => entry.as_str() == Some(rule.text()),
                _ => false,
            })
    }

    /// What stands in the shared settings where an object should be that leads to `at`, or at `at` itself
    /// instead of a list: then nothing is missing there, something is in the way.
    pub(super) fn in_the_way(&self, at: &Pointer, wants_list: bool) -> Option<(Pointer, &'a Node)> {
        let document = self.shared().document();
        let mut place = Pointer::root();
        for token in at.tokens() {
            let node = document.at(&place)?;
            if !node.is_object() {
                return Some((place, node));
            }
            place = place.join(token.as_str());
        }
        let node = document.at(&place).filter(|node| wants_list && !node.is_array())?;
        Some((place, node))
    }

    /// A change of the shared settings.
    pub(super) fn edit(&self, title: impl Into<String>, edit: Edit) -> Fix {
        edit_of(&self.shared().file, title, edit)
    }

    /// Reports the problems of the settings files and of `.mcp.json` that `report` knows.
    pub(super) fn report_problems(
        &self,
        check: &Check,
        findings: &mut Vec<Finding>,
        report: impl Fn(&File, &Problem) -> Option<Finding>,
    ) {
        for (file, problems) in self.project.problems() {
            for problem in problems {
                if let Some(mut finding) = report(file, problem) {
                    finding.check = check.name;
                    finding.key = problem.pointer.to_string();
                    findings.push(finding);
                }
            }
        }
    }
}

/// A change of a JSON file.
pub(super) fn edit_of(file: &File, title: impl Into<String>, edit: Edit) -> Fix {
    Fix::new(title, file.path.clone(), ChangeKind::Json(edit))
}

/// A finding on a demand, with its weight, its origins, and the day from which it blocks.
pub(super) fn demanded<T>(
    check: &Check,
    demand: &Demand<T>,
    place: crate::finding::Place,
    message: impl Into<String>,
) -> Finding {
    let finding = Finding::new(check.name, demand.severity, place, message).origins(&demand.origins);
    announced(finding, demand.blocks_from)
}

/// Says from which day a finding blocks that does not do so yet.
pub(super) fn announced(finding: Finding, blocks_from: Option<Day>) -> Finding {
    match blocks_from.filter(|_| finding.severity < Severity::Block) {
        Some(day) => finding.help(format!("this blocks from {day} on")),
        None => finding,
    }
}

/// An entry of a list short enough for a sentence, a text without its quotes.
pub(super) fn entry_shown(entry: &Value) -> String {
    entry.as_str().map_or_else(|| shown(entry), str::to_owned)
}

/// A value short enough for a sentence.
pub(super) fn shown(value: &Value) -> String {
    const WIDEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// Whether a value is the one asked for. An empty list or object asks only that there be one.
pub(super) fn agrees(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Array(items) if items.is_empty() => found.is_array(),
        Value::Object(members) if members.is_empty() => found.is_object(),
        wanted => found == wanted,
    }
}
