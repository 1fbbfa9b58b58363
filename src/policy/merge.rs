//! From layers to a baseline. Layers are added in order; a later one only tightens, and what would
//! loosen is reported with both places.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::baseline::{
    Baseline, Demand, Entry, GuardDemand, Recommendation, RuleDemand, ServerDemand, Value,
};
use super::file::{Day, FileMode, OwnedFile};
use super::layer::Layer;
use super::limits::Limits;
use super::load::INVALID;
use super::server::Server;
use super::waiver::HeldWaiver;
use super::{Facts, OwnedText, Policy};
use crate::client::keys;
use crate::finding::{Finding, Origin, Severity};
use crate::guard::Kind;
use crate::json::Pointer;
use crate::path::RepoPath;
use crate::rule::{Cover, List, Rule};

/// Check under which contradictions between layers are reported.
pub(super) const LOOSENING: &str = "loosening-layer";

impl Policy {
    /// What holds for a project with these facts on this day, and what is contradictory in it.
    pub fn resolve(&self, facts: &Facts, today: Day) -> (Baseline, Vec<Finding>) {
        let placed = self.layers.iter().filter(|placed| placed.when.matches(facts));
        let layers = placed.flat_map(|placed| placed.layers.iter().map(AsRef::as_ref));
        let (mut baseline, findings) = merge(layers, self, facts, today);
        let concerned = self.waivers.iter().filter(|waiver| waiver.concerns(facts));
        let held =
            concerned.map(|waiver| HeldWaiver { standing: waiver.standing(today), waiver: waiver.clone() });
        baseline.waivers = held.collect();
        baseline.open();
        baseline.fill_guards(&self.source);
        (baseline, findings)
    }

    /// What the layers of these numbers come to, whatever repository they hold for; waivers do not count.
    pub(super) fn merge_layers(&self, numbers: &[usize], today: Day) -> Baseline {
        let placed = numbers.iter().filter_map(|number| self.layers.get(*number));
        let layers = placed.flat_map(|placed| placed.layers.iter().map(AsRef::as_ref));
        let mut baseline = merge(layers, self, &Facts::none(), today).0;
        baseline.fill_guards(&self.source);
        baseline
    }

    /// Every contradiction between two layers that can hold for one repository, reported once.
    pub fn contradictions(&self, today: Day) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let facts = Facts::none();
        for (index, first) in self.layers.iter().enumerate() {
            for second in self.layers.iter().skip(index) {
                if first.when.excludes(&second.when) {
                    continue;
                }
                let layers = first.layers.iter().chain(&second.layers).map(AsRef::as_ref);
                for finding in merge(layers, self, &facts, today).1 {
                    if !found.contains(&finding) {
                        found.push(finding);
                    }
                }
            }
        }
        found
    }
}

/// Merges layers in order, each only once.
fn merge<'a>(
    layers: impl Iterator<Item = &'a Layer>,
    policy: &Policy,
    facts: &Facts,
    today: Day,
) -> (Baseline, Vec<Finding>) {
    let mut merge = Merge::default();
    let mut seen = Vec::new();
    for layer in layers {
        if !seen.contains(&layer.id.as_str()) {
            seen.push(&layer.id);
            merge.add(layer, policy, facts, today);
        }
    }
    merge.check_grants();
    merge.check_servers();
    (merge.baseline, merge.findings)
}

#[derive(Default)]
struct Merge {
    baseline: Baseline,
    /// The values that a later layer may set otherwise.
    overridable: Vec<Pointer>,
    /// Where each rule stands in the baseline.
    rules: HashMap<(List, String), usize>,
    findings: Vec<Finding>,
}

/// How much the breaches of a layer weigh on a day, and from when they block.
pub(super) fn weigh(layer: &Layer, today: Day) -> (Severity, Option<Day>) {
    match layer.content.block_from {
        Some(day) if day <= today => (Severity::Block, None),
        Some(day) => (layer.content.level, Some(day)),
        None => (layer.content.level, None),
    }
}

impl<T> Demand<T> {
    fn new(what: T, layer: &Layer, at: &Pointer, today: Day) -> Self {
        let (severity, blocks_from) = weigh(layer, today);
        Self { what, severity, blocks_from, origins: vec![layer.origin(at)] }
    }

    /// Takes over the weight and the origins of the same demand of another layer.
    fn join(&mut self, other: Self) {
        self.severity = self.severity.max(other.severity);
        self.blocks_from = match (self.blocks_from, other.blocks_from) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
        .filter(|_| self.severity < Severity::Block);
        self.origins.extend(other.origins);
    }
}

/// Adds a demand to a list, joining it with an equal one.
fn add_to<T: PartialEq>(demands: &mut Vec<Demand<T>>, demand: Demand<T>) {
    match demands.iter_mut().find(|other| other.what == demand.what) {
        Some(other) => other.join(demand),
        None => demands.push(demand),
    }
}

impl Merge {
    fn add(&mut self, layer: &Layer, policy: &Policy, facts: &Facts, today: Day) {
        let content = &layer.content;
        let root = Pointer::of(["enforce"]);
        let own: Vec<Pointer> = content.overridable.iter().filter_map(|text| text.parse().ok()).collect();
        self.enforce(&content.enforce, &Pointer::root(), &root, layer, today);
        self.overridable.extend(own);
        self.recommend(&content.recommend, &Pointer::root(), layer);
        let limit = Pointer::of(["limit"]);
        if let Some(allow) = &content.limit.allow {
            let rules = allow.iter().map(|text| Rule::parse(text)).collect();
            add_to(&mut self.baseline.bounds, Demand::new(rules, layer, &limit.join("allow"), today));
        }
        for (index, text) in content.limit.never_allow.iter().enumerate() {
            let at = limit.join("neverAllow").join(index.to_string());
            add_to(&mut self.baseline.never, Demand::new(Rule::parse(text), layer, &at, today));
        }
        if let Some(schema) = &content.limit.settings {
            add_to(
                &mut self.baseline.schemas,
                Demand::new(schema.clone(), layer, &limit.join("settings"), today),
            );
        }
        let mcp = Pointer::of(["mcp"]);
        if let Some(allow) = &content.mcp.allow {
            add_to(&mut self.baseline.approved, Demand::new(allow.clone(), layer, &mcp.join("allow"), today));
        }
        for (index, entry) in content.mcp.deny.iter().enumerate() {
            let at = mcp.join("deny").join(index.to_string());
            add_to(&mut self.baseline.blocked, Demand::new(entry.clone(), layer, &at, today));
        }
        for (name, value) in &content.mcp.provide {
            self.provide(name, value, layer, today);
        }
        for kind in Kind::ALL {
            if let Some(answer) = content.guard.answer(kind) {
                let demand = GuardDemand { kind, answer };
                let at = Pointer::of(["guard", kind.key()]);
                add_to(&mut self.baseline.guard, Demand::new(demand, layer, &at, today));
            }
        }
        for (index, file) in content.files.iter().enumerate() {
            self.own(file, index, layer, policy, facts, today);
        }
    }

    fn enforce(
        &mut self,
        fragment: &Map<String, Json>,
        below: &Pointer,
        asked: &Pointer,
        layer: &Layer,
        today: Day,
    ) {
        for (key, value) in fragment {
            let at = below.join(key.as_str());
            let asked = asked.join(key.as_str());
            match value {
                Json::Object(inner) if !inner.is_empty() => self.enforce(inner, &at, &asked, layer, today),
                Json::Array(items) if !items.is_empty() => {
                    for (index, item) in items.iter().enumerate() {
                        self.enforce_entry(&at, item, &asked.join(index.to_string()), layer, today);
                    }
                }
                value => {
                    let value = Value { at, value: value.clone() };
                    self.enforce_value(Demand::new(value, layer, &asked, today));
                }
            }
        }
    }

    fn enforce_entry(&mut self, at: &Pointer, item: &Json, asked: &Pointer, layer: &Layer, today: Day) {
        match (List::of_pointer(at), item) {
            (Some(list), Json::String(text)) => {
                let rule = RuleDemand { list, rule: Rule::parse(text) };
                let demand = Demand::new(rule, layer, asked, today);
                let rules = &mut self.baseline.rules;
                match self.rules.get(&(list, text.clone())).and_then(|index| rules.get_mut(*index)) {
                    Some(earlier) => earlier.join(demand),
                    None => {
                        self.rules.insert((list, text.clone()), rules.len());
                        rules.push(demand);
                    }
                }
            }
            _ => {
                let entry = Entry { at: at.clone(), entry: item.clone() };
                add_to(&mut self.baseline.entries, Demand::new(entry, layer, asked, today));
            }
        }
    }

    /// Adds a value, unless another value of the same key holds already: then the stricter of the two
    /// stays, or the later one where the earlier layer gave the key free.
    fn enforce_value(&mut self, demand: Demand<Value>) {
        let free = self.overridable.iter().any(|pointer| pointer.contains(&demand.what.at));
        let values = &mut self.baseline.values;
        let clash = values.iter_mut().find(|other| {
            let (a, b) = (&other.what, &demand.what);
            a.at == b.at
                || (a.value.is_null() && a.at.contains(&b.at))
                || (b.value.is_null() && b.at.contains(&a.at))
        });
        let Some(earlier) = clash else {
            values.push(demand);
            return;
        };
        if earlier.what == demand.what {
            earlier.join(demand);
        } else if free {
            *earlier = demand;
        } else {
            let path: Vec<&str> = demand.what.at.tokens().iter().map(String::as_str).collect();
            let key = keys::find(&path);
            let order = key
                .and_then(|key| key.strictness.compare(Some(&demand.what.value), Some(&earlier.what.value)));
            match order.filter(|_| demand.what.at == earlier.what.at) {
                Some(std::cmp::Ordering::Greater) => *earlier = demand,
                order => {
                    let [here, there] = [&demand, &*earlier].map(|demand| title(&demand.origins));
                    let message = match (&demand.what.value, &earlier.what.value) {
                        (Json::Null, _) => format!(
                            "layer `{here}` forbids `{}`, while layer `{there}` sets `{}`",
                            demand.what.at.dotted(),
                            earlier.what.at.dotted()
                        ),
                        (value, Json::Null) => format!(
                            "layer `{here}` sets `{}` to `{value}`, while layer `{there}` forbids `{}`",
                            demand.what.at.dotted(),
                            earlier.what.at.dotted()
                        ),
                        (value, other) => format!(
                            "layer `{here}` sets `{}` to `{value}`, which {} the `{other}` of layer `{there}`",
                            demand.what.at.dotted(),
                            if order.is_some() { "loosens" } else { "contradicts" }
                        ),
                    };
                    let help = format!(
                        "take one of the two away, or list `{}` under `overridable` in layer `{there}`",
                        demand.what.at
                    );
                    let there = earlier.origins.clone();
                    self.clash(message, help, &demand.origins, &there);
                }
            }
        }
    }

    fn clash(&mut self, message: String, help: String, here: &[Origin], there: &[Origin]) {
        let Some(origin) = here.first() else { return };
        let mut finding = Finding::new(LOOSENING, Severity::Block, origin.place.clone(), message).help(help);
        for origin in there {
            finding =
                finding.related(origin.place.clone(), format!("layer `{}` asks for it here", origin.layer));
        }
        self.findings.push(finding);
    }

    fn recommend(&mut self, fragment: &Map<String, Json>, below: &Pointer, layer: &Layer) {
        for (key, value) in fragment {
            let at = below.join(key.as_str());
            let asked =
                Pointer::of(["recommend"].into_iter().map(str::to_owned).chain(at.tokens().iter().cloned()));
            match value {
                Json::Object(inner) if !inner.is_empty() => self.recommend(inner, &at, layer),
                Json::Array(items) if !items.is_empty() => {
                    for (index, item) in items.iter().enumerate() {
                        let entry = Recommendation::Entry(Entry { at: at.clone(), entry: item.clone() });
                        let asked = asked.join(index.to_string());
                        add_to(&mut self.baseline.recommendations, note(entry, layer, &asked));
                    }
                }
                value => {
                    let later = Recommendation::Value(Value { at: at.clone(), value: value.clone() });
                    let known = &mut self.baseline.recommendations;
                    known.retain(
                        |other| !matches!(&other.what, Recommendation::Value(value) if value.at == at),
                    );
                    known.push(note(later, layer, &asked));
                }
            }
        }
    }

    fn provide(&mut self, name: &str, value: &Json, layer: &Layer, today: Day) {
        let server = ServerDemand { name: name.to_owned(), value: value.clone() };
        let demand = Demand::new(server, layer, &Pointer::of(["mcp", "provide", name]), today);
        match self.baseline.provided.iter().find(|other| other.what.name == name && other.what != demand.what)
        {
            Some(earlier) => {
                let message = format!(
                    "layer `{}` provides another MCP server `{name}` than layer `{}`",
                    title(&demand.origins),
                    title(&earlier.origins)
                );
                let there = earlier.origins.clone();
                self.clash(message, "give one of the two another name".into(), &demand.origins, &there);
            }
            None => add_to(&mut self.baseline.provided, demand),
        }
    }

    fn own(
        &mut self,
        file: &OwnedFile,
        index: usize,
        layer: &Layer,
        policy: &Policy,
        facts: &Facts,
        today: Day,
    ) {
        let Some(text) = text_of(file, policy) else { return };
        let name = file.template.clone().unwrap_or_else(|| slug(&layer.content.title));
        let text = policy.fill(&text, facts);
        let owned = OwnedText { path: file.path.clone(), mode: file.mode, name, text };
        let demand = Demand::new(owned, layer, &Pointer::of(["files".to_owned(), index.to_string()]), today);
        let clash = self.baseline.texts.iter().find(|other| {
            let (a, b) = (&other.what, &demand.what);
            a != b
                && a.path == b.path
                && (a.name == b.name || a.mode == FileMode::Whole || b.mode == FileMode::Whole)
        });
        match clash {
            Some(earlier) => {
                let message = format!(
                    "layer `{}` puts another text into `{}` than layer `{}`",
                    title(&demand.origins),
                    file.path,
                    title(&earlier.origins)
                );
                let there = earlier.origins.clone();
                self.clash(
                    message,
                    "keep one of the two, or use blocks of different names".into(),
                    &demand.origins,
                    &there,
                );
            }
            None => add_to(&mut self.baseline.texts, demand),
        }
    }

    /// What layers allow or recommend to allow must lie within what layers limit.
    fn check_grants(&mut self) {
        let mut grants: Vec<(Rule, Vec<Origin>)> = Vec::new();
        for demand in self.baseline.rules.iter().filter(|demand| demand.what.list == List::Allow) {
            grants.push((demand.what.rule.clone(), demand.origins.clone()));
        }
        for demand in &self.baseline.recommendations {
            if let Recommendation::Entry(Entry { at, entry: Json::String(text) }) = &demand.what
                && List::of_pointer(at) == Some(List::Allow)
            {
                grants.push((Rule::parse(text), demand.origins.clone()));
            }
        }
        let of = |list: List| {
            let rules = self.baseline.rules.iter().filter(move |demand| demand.what.list == list);
            Cover::new(list, rules.map(|demand| &demand.what.rule))
        };
        let [denied, asked] = [of(List::Deny), of(List::Ask)];
        let limits = Limits::new(&self.baseline, &[&denied, &asked]);
        let mut clashes = Vec::new();
        for (rule, origins) in grants {
            if let Some(breach) = limits.breach(&rule) {
                let message = format!("layer `{}` allows `{rule}`, {}", title(&origins), breach.why);
                clashes.push((message, origins, breach.origins.to_vec()));
            }
        }
        for (message, here, there) in clashes {
            self.clash(message, "narrow the rule, or widen the limit".into(), &here, &there);
        }
    }

    /// The servers that layers provide must be approved and not blocked by others.
    fn check_servers(&mut self) {
        let mut clashes = Vec::new();
        for demand in &self.baseline.provided {
            let server = Server::of(&demand.what.name, &demand.what.value);
            let name = &demand.what.name;
            if let Some(blocking) = self.baseline.blocking(&server) {
                let message = format!(
                    "layer `{}` provides MCP server `{name}`, which layer `{}` blocks by its {}",
                    title(&demand.origins),
                    title(&blocking.origins),
                    blocking.what
                );
                let help = "take the server off `mcp.deny`, or do not provide it";
                clashes.push((message, help, demand.origins.clone(), blocking.origins.clone()));
            } else if let Some(missing) = self.baseline.missing_approval(&server) {
                let message = format!(
                    "layer `{}` provides MCP server `{name}`, which layer `{}` does not approve",
                    title(&demand.origins),
                    title(&missing.origins)
                );
                let help = "approve the server in `mcp.allow`, or do not provide it";
                clashes.push((message, help, demand.origins.clone(), missing.origins.clone()));
            }
        }
        for (message, help, here, there) in clashes {
            self.clash(message, help.into(), &here, &there);
        }
    }
}

fn title(origins: &[Origin]) -> &str {
    origins.last().map_or("", |origin| &origin.layer)
}

/// A recommendation never weighs more than a note: a project may differ.
fn note<T>(what: T, layer: &Layer, at: &Pointer) -> Demand<T> {
    Demand { what, severity: Severity::Note, blocks_from: None, origins: vec![layer.origin(at)] }
}

/// The text of a template or the one that stands in the layer.
fn text_of(file: &OwnedFile, policy: &Policy) -> Option<String> {
    let text = match &file.template {
        Some(name) => policy.template(name)?,
        None => file.text.as_deref()?,
    };
    Some(text.to_owned())
}

/// A title as the name of a block.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// Reports what is wrong with a layer by itself.
pub(super) fn check_layer(layer: &Layer, findings: &mut Vec<Finding>) {
    let mut report = |at: &Pointer, message: String| {
        findings.push(Finding::new(INVALID, Severity::Block, layer.place(at), message));
    };
    let content = &layer.content;
    for (section, fragment) in [("enforce", &content.enforce), ("recommend", &content.recommend)] {
        for list in List::ALL {
            let at = Pointer::of([section, "permissions", list.key()]);
            let rules = fragment.get("permissions").and_then(|permissions| permissions.get(list.key()));
            for (index, rule) in rules.and_then(Json::as_array).into_iter().flatten().enumerate() {
                match rule.as_str() {
                    Some(text) => check_rule(text, list, &at.join(index.to_string()), &mut report),
                    None => report(
                        &at.join(index.to_string()),
                        format!("`{rule}` is no rule: a rule is a string"),
                    ),
                }
            }
        }
    }
    let limits = content.limit.allow.iter().flatten().map(|text| ("allow", text));
    let limits = limits.chain(content.limit.never_allow.iter().map(|text| ("neverAllow", text)));
    for (index, (key, text)) in limits.enumerate() {
        let before = if key == "allow" { 0 } else { content.limit.allow.as_ref().map_or(0, Vec::len) };
        let at = Pointer::of(["limit".to_owned(), key.to_owned(), (index - before).to_string()]);
        // A limit is a set of calls, not an entry of a list: wildcards in tool names are fine there.
        check_rule(text, List::Deny, &at, &mut report);
    }
    if let Some(schema) = &content.limit.settings
        && let Err(fault) = super::violations(schema, &Json::Object(Map::new()))
    {
        let at = fault
            .at
            .tokens()
            .iter()
            .fold(Pointer::of(["limit", "settings"]), |at, key| at.join(key.as_str()));
        report(&at, format!("this is no JSON Schema: `{}` {}", fault.at.dotted(), fault.message));
    }
    for (index, text) in content.overridable.iter().enumerate() {
        if let Err(error) = text.parse::<Pointer>() {
            report(&Pointer::of(["overridable".to_owned(), index.to_string()]), error.to_string());
        }
    }
    for (name, server) in &content.mcp.provide {
        if !server.is_object() {
            report(&Pointer::of(["mcp", "provide", name]), format!("MCP server `{name}` is no object"));
        }
    }
    for (index, file) in content.files.iter().enumerate() {
        let at = Pointer::of(["files".to_owned(), index.to_string()]);
        if let Err(error) = RepoPath::new(&file.path) {
            report(&at.join("path"), error.to_string());
        }
        if file.template.is_some() == file.text.is_some() {
            report(&at, "a file has either a `template` or a `text`".to_owned());
        }
        if file.mode == FileMode::Block && file.path.ends_with(".json") {
            report(&at, format!("`{}` is JSON, which has no comments to mark a block with", file.path));
        }
    }
}

fn check_rule(text: &str, list: List, at: &Pointer, report: &mut impl FnMut(&Pointer, String)) {
    if let Some(problem) = Rule::parse(text).problem(list) {
        report(at, format!("the client skips this rule: {problem}"));
    }
}
