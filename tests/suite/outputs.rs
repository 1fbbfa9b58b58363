//! What the program prints as JSON is as `bylaws schema NAME` says, and the schema names all that is printed.
//!
//! The files are those of the transcripts. `rollout-status` and `rollout-preview` need a forge: they are looked at in
//! `forge/bringing.rs`.

use std::collections::BTreeSet;
use std::path::Path;

use bylaws::cli::SCHEMAS;
use serde_json::{Value, json};

use crate::fixtures::{tree, write_tree};
use crate::place::Place;

/// A schema, the folder of the transcripts in which a command is run, and its arguments.
type Printed = (&'static str, &'static str, &'static str);

const DAY: &[&str] = &["--as-of", "2026-12-01"];

const PRINTED: &[Printed] = &[
    ("report", "drift.in", "check --policy policy --format json"),
    ("report", "drift.in", "check . nowhere --policy policy --format json"),
    ("report", "evidence.in", "check web --policy policy --name acme/web --format json"),
    ("policy-report", "evidence.in", "policy check policy --format json"),
    ("policy-report", "policy.in", "policy check loose --format json"),
    ("policy-diff", "policy.in", "policy diff old new --format json"),
    ("policy-diff", "policy.in", "policy diff old old --format json"),
    ("fleet-report", "evidence.in", "fleet check --policy policy --history h.sqlite --format json"),
    ("fleet-report", "fleet.in", "fleet merge part-1.json part-2.json --format json"),
    ("fleet-plan", "evidence.in", "fleet plan --policy policy --format json"),
    ("fleet-status", "evidence.in", "fleet status h.sqlite --format json"),
    ("evidence", "evidence.in", "evidence web --framework agents --policy policy --format json"),
    ("evidence", "evidence.in", "fleet evidence --framework agents --policy policy --format json"),
    ("evidence", "evidence.in", "fleet evidence --framework soc2 --policy policy --format json"),
    ("audit", "audit.in", "audit --home home --managed managed --policy policy --format json"),
    ("audit", "audit.in", "audit --home home --managed managed --format json"),
    ("export", "export.in", "export managed-settings --policy policy --format json"),
    ("replay", "replay.in", "replay records --from old --against new --salt acme --format json"),
    ("suggestion", "replay.in", "suggest records --for old --format json"),
];

/// Commands that are asked without a day.
const PRINTED_ON_ANY_DAY: &[(&str, &str, &[&str])] = &[
    ("comparison", "compare.in", &["compare", "before.json", "after.json", "--format", "json"]),
    ("comparison", "compare.in", &["compare", "before.json", "broken.json", "--format", "json"]),
    ("comparison", "compare.in", &["compare", "npm.json", "npm.json", "--format", "json"]),
    ("explanation", "explain.in", &["explain", "--json", "Bash(npm run test && cat .env)"]),
    ("explanation", "explain.in", &["explain", "--json", "WebFetch(https://docs.acme.dev/guide)"]),
    ("explanation", "explain.in", &["explain", "--json", "mcp__files__read"]),
    ("hook-test", "hook.in", &["hook", "test", "--policy", "policy", "--json", "Bash(cat e*)"]),
    ("hook-test", "hook.in", &["hook", "test", "--policy", "policy", "--json", "Bash(npm test)"]),
];

/// Schemas of files that people write, and of what the program writes for itself; other tests read those.
const OF_FILES: &[&str] = &[
    "manifest",
    "layer",
    "waiver",
    "inventory",
    "bundle",
    "policy-helper",
    "cases",
    "attestation",
    "framework",
    "rollout",
    "guard",
    "audit-line",
];

const WITH_A_FORGE: &[&str] = &["rollout-status", "rollout-preview"];

#[test]
fn what_is_printed_is_as_its_schema_says() {
    let place = Place::new();
    write_tree(&place.path(""), &tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd")));
    let mut faults = Vec::new();
    let mut hold = |name: &str, folder: &str, arguments: &[&str]| {
        let ran = place.run(folder, arguments);
        let printed: Value = serde_json::from_str(&ran.out)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}\n{}", ran.out, ran.err));
        for fault in jsonschema::validator_for(&strict(name)).unwrap().iter_errors(&printed) {
            faults.push(format!("{name}, {arguments:?}: {}: {fault}", fault.instance_path()));
        }
    };
    for (name, folder, line) in PRINTED {
        let arguments: Vec<&str> =
            line.split(' ').chain(DAY.iter().copied().filter(|_| !is_dayless(line))).collect();
        hold(name, folder, &arguments);
    }
    for (name, folder, arguments) in PRINTED_ON_ANY_DAY {
        hold(name, folder, arguments);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Whether a command reads what others wrote, each on its day.
fn is_dayless(line: &str) -> bool {
    line.starts_with("fleet merge") || line.starts_with("fleet status")
}

#[test]
fn every_schema_is_looked_at() {
    let looked_at: BTreeSet<&str> = PRINTED
        .iter()
        .map(|(name, ..)| *name)
        .chain(PRINTED_ON_ANY_DAY.iter().map(|(name, ..)| *name))
        .chain(OF_FILES.iter().chain(WITH_A_FORGE).copied())
        .collect();
    assert_eq!(looked_at, SCHEMAS.iter().map(|(name, ..)| *name).collect());
}

/// The schema of a name, by which nothing may be printed that it does not name.
fn strict(name: &str) -> Value {
    let (_, _, schema) = SCHEMAS.iter().find(|(known, ..)| *known == name).unwrap();
    let mut schema = schema().to_value();
    close(&mut schema, true);
    schema
}

fn close(schema: &mut Value, may_be_closed: bool) {
    match schema {
        Value::Object(members) => {
            let has_fields = members.contains_key("properties");
            let is_open = !members.contains_key("additionalProperties");
            if has_fields && is_open && may_be_closed {
                members.insert("unevaluatedProperties".to_owned(), json!(false));
            }
            for (key, value) in members.iter_mut() {
                // What stands beside fields of its own says more of the same object.
                let is_part = key == "allOf" || (has_fields && (key == "oneOf" || key == "anyOf"));
                close(value, !is_part);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, may_be_closed)),
        _ => {}
    }
}
