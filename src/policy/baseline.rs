//! What must hold in one project on one day, and which lines of policy say so.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::{Map, json};
use sha2::{Digest, Sha256};

use super::file::{Day, FileMode, ServerEntry};
use super::server::Server;
use super::waiver::{HeldWaiver, Waiver};
use crate::finding::{Origin, Severity};
use crate::guard::{Answer, Kind};
use crate::json::Pointer;
use crate::rule::{List, Rule};

/// Something that policy asks for.
#[derive(Debug, Clone)]
pub struct Demand<T> {
    /// What is asked for.
    pub what: T,
    /// How much a breach weighs today.
    pub severity: Severity,
    /// The day, still to come, from which a breach blocks.
    pub blocks_from: Option<Day>,
    /// Every line that asks for it.
    pub origins: Vec<Origin>,
}

impl<T> Demand<T> {
    /// The weight and the origins of this demand on something else.
    #[must_use]
    pub fn with<U>(&self, what: U) -> Demand<U> {
        let Self { severity, blocks_from, .. } = *self;
        Demand { what, severity, blocks_from, origins: self.origins.clone() }
    }
}

/// A key of `settings.json` and its value; `null` means that the key may not be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The key.
    pub at: Pointer,
    /// Its value.
    pub value: serde_json::Value,
}

/// An entry of a list in `settings.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The list.
    pub at: Pointer,
    /// The entry.
    pub entry: serde_json::Value,
}

/// A permission rule and its list.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleDemand {
    /// The list it stands in.
    pub list: List,
    /// The rule.
    pub rule: Rule,
}

impl RuleDemand {
    /// The list's place in `settings.json`.
    pub fn at(&self) -> Pointer {
        self.list.pointer()
    }
}

/// Upper bound: everything that is allowed lies within one of these rules.
pub type Bound = Vec<Rule>;

/// Something that is written once where the project says nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Recommendation {
    /// A value of a key.
    Value(Value),
    /// An entry of a list.
    Entry(Entry),
}

impl Recommendation {
    /// The key or the list.
    pub fn at(&self) -> &Pointer {
        match self {
            Self::Value(value) => &value.at,
            Self::Entry(entry) => &entry.at,
        }
    }

    /// The value or the entry.
    pub fn value(&self) -> &serde_json::Value {
        match self {
            Self::Value(value) => &value.value,
            Self::Entry(entry) => &entry.entry,
        }
    }
}

/// An MCP server that every project gets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServerDemand {
    /// Its name in `.mcp.json`.
    pub name: String,
    /// What stands there.
    pub value: serde_json::Value,
}

/// Text that policy owns in a file of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnedText {
    /// The file, from the folder of the project.
    pub path: String,
    /// How much of it policy owns.
    pub mode: FileMode,
    /// Name of the block.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What the guard answers where it cannot judge by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardDemand {
    /// What is not known.
    pub kind: Kind,
    /// The answer.
    pub answer: Answer,
}

/// Everything that policy asks of one project on one day.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Keys and their values.
    pub values: Vec<Demand<Value>>,
    /// Entries of lists other than those of permission rules.
    pub entries: Vec<Demand<Entry>>,
    /// Permission rules.
    pub rules: Vec<Demand<RuleDemand>>,
    /// What is written once.
    pub recommendations: Vec<Demand<Recommendation>>,
    /// What allow rules may grant: they lie within every one of these.
    pub bounds: Vec<Demand<Bound>>,
    /// What no allow rule may grant.
    pub never: Vec<Demand<Rule>>,
    /// Schemas that the settings satisfy.
    pub schemas: Vec<Demand<serde_json::Value>>,
    /// Catalogues of MCP servers: a server is in every one of them.
    pub approved: Vec<Demand<Vec<ServerEntry>>>,
    /// MCP servers that may not be there.
    pub blocked: Vec<Demand<ServerEntry>>,
    /// MCP servers that must be there.
    pub provided: Vec<Demand<ServerDemand>>,
    /// Text in files.
    pub texts: Vec<Demand<OwnedText>>,
    /// What the guard answers where it cannot judge; the strictest answer for a kind counts.
    pub guard: Vec<Demand<GuardDemand>>,
    /// The waivers that speak of this repository, whatever their standing.
    pub waivers: Vec<HeldWaiver>,
    /// What each of the waivers took out of the above.
    opened: Vec<Opened>,
    /// The texts of the rules by list, made when it is first asked for.
    rule_texts: OnceLock<HashSet<(List, String)>>,
}

/// The demands that a waiver opens.
#[derive(Debug, Clone, Default)]
struct Opened {
    rules: Vec<Demand<RuleDemand>>,
    values: Vec<Demand<Value>>,
    entries: Vec<Demand<Entry>>,
    provided: Vec<Demand<ServerDemand>>,
}

impl Baseline {
    /// Takes out what the waivers that hold open, and remembers it.
    pub(super) fn open(&mut self) {
        for held in &self.waivers {
            let mut opened = Opened::default();
            if held.holds() {
                let waiver = &held.waiver;
                opened.rules = take(&mut self.rules, |rule| {
                    waiver.opens_rule(rule.list, &rule.rule) || waiver.opens_pointer(&rule.at())
                });
                opened.values = take(&mut self.values, |value| waiver.opens_pointer(&value.at));
                opened.entries = take(&mut self.entries, |entry| waiver.opens_pointer(&entry.at));
                opened.provided = take(&mut self.provided, |server| waiver.opens_server(&server.name));
            }
            self.opened.push(opened);
        }
    }

    /// Whether policy asks for a rule of exactly this text.
    pub fn asks_for_rule(&self, list: List, text: &str) -> bool {
        let texts = self.rule_texts.get_or_init(|| {
            self.rules.iter().map(|demand| (demand.what.list, demand.what.rule.text().to_owned())).collect()
        });
        texts.contains(&(list, text.to_owned()))
    }

    /// This baseline as it would be without one of its waivers.
    #[must_use]
    pub fn without_waiver(&self, index: usize) -> Self {
        let mut without = self.clone();
        if index < without.waivers.len() && index < without.opened.len() {
            without.rule_texts = OnceLock::new();
            without.waivers.remove(index);
            let opened = without.opened.remove(index);
            without.rules.extend(opened.rules);
            without.values.extend(opened.values);
            without.entries.extend(opened.entries);
            without.provided.extend(opened.provided);
        }
        without
    }

    /// The rules that one of the waivers took out.
    pub(super) fn opened_rules(&self, waiver: usize) -> &[Demand<RuleDemand>] {
        self.opened.get(waiver).map_or(&[], |opened| &opened.rules)
    }

    /// The waivers that open something today.
    pub fn holding_waivers(&self) -> impl Iterator<Item = &Waiver> {
        self.waivers.iter().filter(|held| held.holds()).map(|held| &held.waiver)
    }

    /// Whether a waiver lets a project allow this rule beyond the limits.
    pub fn waives_rule(&self, rule: &Rule) -> bool {
        self.holding_waivers().any(|waiver| waiver.opens_rule(List::Allow, rule))
    }

    /// The catalogue that a server is missing from, if any.
    pub fn missing_approval(&self, server: &Server) -> Option<&Demand<Vec<ServerEntry>>> {
        self.approved.iter().find(|demand| !super::server::is_admitted(server, &demand.what))
    }

    /// The entry that blocks a server, if any.
    pub fn blocking(&self, server: &Server) -> Option<&Demand<ServerEntry>> {
        self.blocked.iter().find(|demand| server.is(&demand.what.pattern()))
    }

    /// The settings that a project with nothing of its own gets: what is enforced and what is recommended.
    pub fn settings(&self) -> serde_json::Value {
        let mut made = self.enforced();
        for demand in &self.recommendations {
            let is_entry = matches!(demand.what, Recommendation::Entry(_));
            made.put(demand.what.at(), demand.what.value().clone(), is_entry);
        }
        made.settings
    }

    /// The settings that no project may do without.
    pub fn enforced_settings(&self) -> serde_json::Value {
        self.enforced().settings
    }

    fn enforced(&self) -> Made {
        let mut made = Made::default();
        for demand in self.values.iter().filter(|demand| !demand.what.value.is_null()) {
            made.put(&demand.what.at, demand.what.value.clone(), false);
        }
        for demand in &self.rules {
            made.put(&demand.what.at(), demand.what.rule.text().into(), true);
        }
        for demand in &self.entries {
            made.put(&demand.what.at, demand.what.entry.clone(), true);
        }
        made
    }

    /// The `.mcp.json` that a project with nothing of its own gets.
    pub fn servers(&self) -> serde_json::Value {
        let servers = self.provided.iter().map(|demand| &demand.what);
        let servers: Map<String, serde_json::Value> =
            servers.map(|server| (server.name.clone(), server.value.clone())).collect();
        json!({"mcpServers": servers})
    }

    /// The lines that ask for a permission rule of this text, or recommend it where none asks for it.
    pub fn rule_origins(&self, list: List, text: &str) -> Option<&[Origin]> {
        let asked = self.rules.iter();
        let asked = asked.filter(|demand| demand.what.list == list && demand.what.rule.text() == text);
        let at = list.pointer();
        let recommended = self.recommendations.iter().filter(|demand| {
            matches!(&demand.what, Recommendation::Entry(entry) if entry.at == at && entry.entry == text)
        });
        let asked = asked.map(|demand| &demand.origins);
        asked.chain(recommended.map(|demand| &demand.origins)).next().map(Vec::as_slice)
    }

    /// A digest of what is asked for: equal for two policies that ask the same of this project, however
    /// their files are arranged, and on whatever day.
    pub fn digest(&self) -> String {
        fn sorted<T>(demands: &[Demand<T>], show: impl Fn(&T) -> serde_json::Value) -> Vec<String> {
            let mut shown: Vec<String> =
                demands.iter().map(|demand| show(&demand.what).to_string()).collect();
            shown.sort();
            shown
        }
        let rules = |rules: &[Rule]| rules.iter().map(Rule::to_string).collect::<Vec<_>>();
        let mut content = json!({
            "values": sorted(&self.values, |value| json!([value.at.to_string(), value.value])),
            "entries": sorted(&self.entries, |entry| json!([entry.at.to_string(), entry.entry])),
            "rules": sorted(&self.rules, |rule| json!([rule.list.key(), rule.rule.to_string()])),
            "recommend": sorted(&self.recommendations, |what| json!([what.at().to_string(), what.value()])),
            "bounds": sorted(&self.bounds, |bound| json!(rules(bound))),
            "never": sorted(&self.never, |rule| json!(rule.to_string())),
            "schemas": sorted(&self.schemas, Clone::clone),
            "approved": sorted(&self.approved, |servers| json!(servers)),
            "blocked": sorted(&self.blocked, |server| json!(server)),
            "provided": sorted(&self.provided, |server| json!(server)),
            "texts": sorted(&self.texts, |text| json!(text)),
        });
        // Added later: a policy without it keeps the digest that locks hold.
        if !self.guard.is_empty() {
            let guard = sorted(&self.guard, |guard| json!([guard.kind.key(), guard.answer.name()]));
            if let Some(members) = content.as_object_mut() {
                members.insert("guard".to_owned(), json!(guard));
            }
        }
        let hash = Sha256::digest(content.to_string().as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

/// Settings in the making.
struct Made {
    settings: serde_json::Value,
    /// The texts that each list holds: lists of rules grow long, and each entry stands in them once.
    held: HashMap<Pointer, HashSet<String>>,
}

impl Default for Made {
    fn default() -> Self {
        Self { settings: serde_json::Value::Object(Map::new()), held: HashMap::new() }
    }
}

impl Made {
    /// Gives a place its value where it has none, or adds an entry to its list.
    fn put(&mut self, at: &Pointer, value: serde_json::Value, is_entry: bool) {
        let mut place = &mut self.settings;
        for token in at.tokens() {
            let serde_json::Value::Object(members) = place else { return };
            place = members.entry(token.as_str()).or_insert(serde_json::Value::Object(Map::new()));
            if place.is_null() {
                *place = serde_json::Value::Object(Map::new());
            }
        }
        let untouched = place.as_object().is_some_and(Map::is_empty);
        if is_entry {
            if untouched {
                *place = serde_json::Value::Array(Vec::new());
            }
            if let serde_json::Value::Array(items) = place {
                let text = |item: &serde_json::Value| item.as_str().map(str::to_owned);
                let held = self.held.entry(at.clone());
                let held = held.or_insert_with(|| items.iter().filter_map(text).collect());
                let fresh = match text(&value) {
                    Some(text) => held.insert(text),
                    None => !items.contains(&value),
                };
                if fresh {
                    items.push(value);
                }
            }
        } else if untouched {
            *place = value;
        }
    }
}

/// Takes out of `demands` what `opened` says, keeping the order of both.
fn take<T>(demands: &mut Vec<Demand<T>>, opened: impl Fn(&T) -> bool) -> Vec<Demand<T>> {
    let (taken, kept) =
        std::mem::take(demands).into_iter().partition(|demand: &Demand<T>| opened(&demand.what));
    *demands = kept;
    taken
}
