//! The laws of `docs/architecture.md`, over random policies and random projects, all in memory.

use std::collections::BTreeMap;

use bylaws::check::{self, Context, FileChange, Plan};
use bylaws::finding::Finding;
use bylaws::json::{Document, Edit, Pointer, apply};
use bylaws::path::RepoPath;
use bylaws::policy::{self, Baseline, Day, Facts, Policy, PolicyFiles};
use bylaws::project::{Content, Pin, Project, Surroundings};
use bylaws::rule::{List, implies};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

const RULES: &[&str] = &[
    "Bash",
    "Bash(*)",
    "Bash(npm test)",
    "Bash(npm run *)",
    "Bash(npm run test:*)",
    "Bash(git push *)",
    "Bash(curl *)",
    "Read(.env)",
    "Read(.env.*)",
    "Read(**)",
    "Read(~/.ssh/**)",
    "Read",
    "Edit(src/**)",
    "Edit",
    "Write",
    "WebFetch",
    "WebFetch(domain:example.com)",
    "WebFetch(domain:*.example.com)",
    "mcp__docs",
    "mcp__docs__*",
    "Agent(Explore)",
];

fn rules() -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(RULES), 0..6)
}

fn permissions() -> impl Strategy<Value = Value> {
    (rules(), rules(), rules(), any::<bool>()).prop_map(|(deny, ask, allow, bypass)| {
        let mut permissions = json!({"deny": deny, "ask": ask, "allow": allow});
        if bypass {
            permissions["disableBypassPermissionsMode"] = json!("disable");
        }
        permissions
    })
}

/// Other keys, each with a value that the client takes.
fn keys() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let key = select(vec![
        ("model", json!("opus")),
        ("enableAllProjectMcpServers", json!(false)),
        ("cleanupPeriodDays", json!(20)),
        ("env", json!({"A": "1"})),
        ("env", json!({"B": "2", "C": "3"})),
        ("companyAnnouncements", json!(["hello"])),
        ("includeCoAuthoredBy", json!(true)),
        ("disableAllHooks", json!(false)),
    ]);
    vec(key, 0..4)
}

fn fragment() -> impl Strategy<Value = Value> {
    (permissions(), keys()).prop_map(|(permissions, keys)| {
        let mut fragment = json!({"permissions": permissions});
        for (key, value) in keys {
            fragment[key] = value;
        }
        fragment
    })
}

fn layer() -> impl Strategy<Value = Value> {
    (fragment(), fragment(), any::<[bool; 4]>()).prop_map(|(enforce, recommend, [a, b, c, d])| {
        let mut layer = json!({"title": "Layer"});
        if a || b {
            layer["enforce"] = enforce;
        }
        if b {
            layer["recommend"] = recommend;
        }
        if c {
            layer["mcp"] = json!({"provide": {"docs": {"type": "http", "url": "https://mcp.example.com"}}});
        }
        if d {
            layer["files"] = json!([{"path": "CLAUDE.md", "mode": "block", "text": "Be kind.\n"}]);
        }
        layer
    })
}

/// A settings file: a value and a way to write it.
fn settings() -> impl Strategy<Value = String> {
    let shape = (select(vec!["", "  ", "    ", "\t"]), any::<[bool; 4]>());
    (fragment(), shape, any::<Index>()).prop_map(|(value, (indent, [crlf, bom, newline, comma]), index)| {
        let mut text = lay_out(&value, indent, 0);
        if comma {
            // A comma too many before one of the closing brackets.
            let ends: Vec<usize> =
                text.char_indices().filter(|(_, c)| "]}".contains(*c)).map(|(at, _)| at).collect();
            let at = ends[index.index(ends.len())];
            if !text.split_at(at).0.trim_end().ends_with(['[', '{']) {
                text.insert(at, ',');
            }
        }
        if newline {
            text.push('\n');
        }
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if bom { format!("\u{feff}{text}") } else { text }
    })
}

fn lay_out(value: &Value, indent: &str, depth: usize) -> String {
    let entries: Vec<String> = match value {
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| lay_out(item, indent, depth + 1)).collect()
        }
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .map(|(key, value)| {
                format!("{}: {}", Value::from(key.as_str()), lay_out(value, indent, depth + 1))
            })
            .collect(),
        scalar => return scalar.to_string(),
    };
    let [open, close] = if value.is_array() { ["[", "]"] } else { ["{", "}"] };
    if indent.is_empty() {
        return format!("{open}{}{close}", entries.join(", "));
    }
    let [inner, outer] = [indent.repeat(depth + 1), indent.repeat(depth)];
    format!("{open}\n{inner}{}\n{outer}{close}", entries.join(&format!(",\n{inner}")))
}

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}

fn policy(layers: &[Value], placed: &[&str]) -> Option<Policy> {
    let placed: Vec<Value> = placed.iter().map(|name| json!({"layer": name})).collect();
    let manifest = json!({"organization": "acme", "layers": placed}).to_string();
    let mut files = BTreeMap::from([(RepoPath::root().join("bylaws.json"), manifest)]);
    for (index, layer) in layers.iter().enumerate() {
        files.insert(RepoPath::root().join(&format!("{index}.json")), layer.to_string());
    }
    policy::load(&PolicyFiles { source: "policy".into(), files }).0
}

/// The baseline of these layers; none where they contradict each other.
fn baseline(layers: &[Value], placed: &[&str]) -> Option<Baseline> {
    let (baseline, clashes) = policy(layers, placed)?.resolve(&Facts::none(), today());
    clashes.is_empty().then_some(baseline)
}

type Files = BTreeMap<RepoPath, String>;

fn look(baseline: &Baseline, files: &Files) -> (Vec<Finding>, Plan) {
    let read = |path: &RepoPath| files.get(path).map_or(Content::Missing, |text| Content::Text(text.clone()));
    let project = Project::read(&RepoPath::root(), baseline, read);
    let pin = Pin { source: "policy".into(), revision: None, digest: baseline.digest() };
    let around = Surroundings::default();
    let context = Context::new(baseline, &project, &around, &pin, today());
    let findings = check::run(&context, &BTreeMap::new());
    let plan = check::plan(&context, &findings);
    (findings, plan)
}

fn carry_out(plan: &Plan, files: &mut Files) {
    write(&plan.steps(), files);
}

fn write(steps: &[FileChange], files: &mut Files) {
    for change in steps {
        assert_eq!(change.before.as_ref(), files.get(&change.path));
        match &change.after {
            Some(text) => files.insert(change.path.clone(), text.clone()),
            None => files.remove(&change.path),
        };
    }
}

fn project(settings: Option<String>) -> Files {
    settings.into_iter().map(|text| (RepoPath::root().join(".claude/settings.json"), text)).collect()
}

/// What files say, whatever the order in which it was written; what was recommended and is there need
/// not be remembered as offered.
fn say(files: &Files) -> Vec<(RepoPath, String)> {
    let lines = |text: &str| {
        let kept = text.lines().filter(|line| !line.contains("\"seeded\""));
        kept.map(|line| line.trim_end_matches(',')).collect::<Vec<_>>().join("\n")
    };
    let sorted = |text: &str| {
        Document::parse(text).root().map(|root| sort(root.to_value()).to_string()).unwrap_or_default()
    };
    let say = |path: &RepoPath, text: &str| {
        if path.as_str().ends_with(".json") { sorted(text) } else { lines(text) }
    };
    files.iter().map(|(path, text)| (path.clone(), say(path, text))).collect()
}

fn sort(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sort).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> =
                members.into_iter().map(|(key, value)| (key, sort(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        scalar => scalar,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applying_converges_and_then_rests(layers in vec(layer(), 1..3), settings in proptest::option::of(settings())) {
        let names = ["0.json", "1.json"];
        let Some(baseline) = baseline(&layers, &names[..layers.len()]) else { return Ok(()) };
        let mut files = project(settings);
        let (_, plan) = look(&baseline, &files);
        carry_out(&plan, &mut files);
        let (findings, again) = look(&baseline, &files);
        let fixable: Vec<&Finding> = findings.iter().filter(|finding| finding.fix.is_some()).collect();
        prop_assert!(fixable.is_empty(), "{fixable:#?}\n{files:#?}");
        prop_assert!(again.is_empty(), "{again:#?}");
    }

    #[test]
    fn what_policy_wrote_leaves_with_the_policy(layer in layer(), settings in settings()) {
        let Some(first) = baseline(std::slice::from_ref(&layer), &["0.json"]) else { return Ok(()) };
        let nothing = baseline(&[json!({"title": "Nothing"})], &["0.json"]).unwrap();
        let mut files = project(Some(settings));
        // What is mended of the project's own rules is so under every policy.
        carry_out(&look(&nothing, &files).1, &mut files);
        let before = files.clone();
        carry_out(&look(&first, &files).1, &mut files);
        carry_out(&look(&nothing, &files).1, &mut files);
        // The project's own rules are there as before; nothing else is left but what was only recommended.
        let value = |files: &Files| {
            let text = files.values().next().unwrap();
            Document::parse(text.as_str()).root().map(|root| root.to_value()).unwrap_or_default()
        };
        let settings = |files: &Files| files.iter().filter(|(path, _)| path.as_str().ends_with("settings.json")).map(|(path, text)| (path.clone(), text.clone())).collect::<Files>();
        let [before, after] = [value(&settings(&before)), value(&settings(&files))];
        for list in ["deny", "ask", "allow"] {
            let [old, new] = [&before, &after].map(|value| value["permissions"][list].as_array().cloned().unwrap_or_default());
            prop_assert!(old.iter().all(|rule| new.contains(rule)), "{list}: {old:?} {new:?}");
            let mut recommended = layer["recommend"]["permissions"][list].as_array().cloned().unwrap_or_default();
            // What was recommended is the project's in the end, and is mended as such.
            let mut seeded = project(Some(json!({"permissions": {list: recommended}}).to_string()));
            carry_out(&look(&nothing, &seeded).1, &mut seeded);
            recommended.extend(value(&settings(&seeded))["permissions"][list].as_array().cloned().unwrap_or_default());
            prop_assert!(new.iter().all(|rule| old.contains(rule) || recommended.contains(rule)), "{list}: {old:?} {new:?}");
        }
        prop_assert!(!files.contains_key(&RepoPath::root().join("CLAUDE.md")));
    }

    #[test]
    fn who_is_interrupted_ends_where_others_do(first in layer(), second in layer(), settings in settings()) {
        let name = ["0.json"];
        let Some(first) = baseline(&[first], &name) else { return Ok(()) };
        let Some(second) = baseline(&[second], &name) else { return Ok(()) };
        let mut files = project(Some(settings));
        carry_out(&look(&first, &files).1, &mut files);
        let steps = look(&second, &files).1.steps();
        let mut whole = files.clone();
        write(&steps, &mut whole);
        let (findings, again) = look(&second, &whole);
        prop_assert!(findings.iter().all(|finding| finding.fix.is_none()) && again.is_empty(), "{findings:#?}");
        for done in 0..steps.len() {
            let mut halted = files.clone();
            write(&steps[..done], &mut halted);
            carry_out(&look(&second, &halted).1, &mut halted);
            prop_assert_eq!(say(&halted), say(&whole), "after {} of {} writes", done, steps.len());
        }
    }

    #[test]
    fn another_layer_never_loses_a_deny(first in layer(), second in layer()) {
        let Some(one) = baseline(std::slice::from_ref(&first), &["0.json"]) else { return Ok(()) };
        let Some(both) = baseline(&[first, second], &["0.json", "1.json"]) else { return Ok(()) };
        for demand in one.rules.iter().filter(|demand| demand.what.list == List::Deny) {
            let held = both.rules.iter().any(|other| {
                other.what.list == List::Deny && implies(List::Deny, &other.what.rule, &demand.what.rule)
            });
            prop_assert!(held, "{} is lost", demand.what.rule);
        }
    }

    #[test]
    fn merging_is_associative_and_idempotent(mut layers in vec(layer(), 3)) {
        let flat = baseline(&layers, &["0.json", "1.json", "2.json"]).map(|baseline| baseline.digest());
        let twice = baseline(&layers, &["0.json", "1.json", "0.json", "2.json", "1.json"]).map(|baseline| baseline.digest());
        prop_assert_eq!(&flat, &twice);
        layers[2]["extends"] = json!(["1.json"]);
        let grouped = baseline(&layers, &["0.json", "2.json"]).map(|baseline| baseline.digest());
        prop_assert_eq!(&flat, &grouped);
        layers[1]["extends"] = json!(["0.json"]);
        let nested = baseline(&layers, &["2.json"]).map(|baseline| baseline.digest());
        prop_assert_eq!(&flat, &nested);
    }

    #[test]
    fn bytes_outside_of_edits_stay(value in fragment(), indent in select(vec!["  ", "    ", "\t"]), new in rules()) {
        let text = lay_out(&value, indent, 0);
        let at = Pointer::of(["permissions", "deny"]);
        let edits: Vec<Edit> = new.iter().map(|rule| Edit::Append { at: at.clone(), value: json!(rule) }).collect();
        let after = apply(&Document::parse(text.as_str()), &edits).unwrap();
        // Only insertions: every byte of before is there, in order.
        let mut bytes = after.bytes();
        prop_assert!(text.bytes().all(|byte| bytes.any(|other| other == byte)), "{after}");
        let mut expected = value;
        let denied = expected["permissions"]["deny"].as_array_mut().unwrap();
        let mut added: Vec<Value> = Vec::new();
        for rule in new {
            if !added.contains(&json!(rule)) {
                added.push(json!(rule));
            }
        }
        denied.extend(added);
        prop_assert_eq!(Document::parse(after).root().unwrap().to_value(), expected);
    }

    #[test]
    fn no_edit_changes_no_byte(text in settings()) {
        let document = Document::parse(text.as_str());
        if document.is_strict() {
            prop_assert_eq!(apply(&document, &[]).unwrap(), text);
        }
    }

    #[test]
    fn any_text_is_read_and_strictness_is_that_of_json(text in "\\PC{0,60}|[\\[\\]{}\",:0-9a-z\\\\ \n]{0,60}") {
        let document = Document::parse(text.as_str());
        // `1e999` is too large for the other reader, a lone surrogate is refused by it.
        let other = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}'));
        if document.is_strict() && document.root().is_some() && !text.contains(['e', 'E']) && !text.contains("\\u") {
            prop_assert!(other.is_ok(), "{text:?}");
        }
        if other.is_ok() {
            prop_assert!(document.is_strict(), "{text:?} {:?}", document.faults());
        }
    }
}
