//! What the real client took of some thousand settings files, against what the settings view says.
//!
//! One document a line: its text, and under `plain` (the user's, the project's, the local and the
//! `--settings` file, which agreed) and `managed` what the client took of it: `true` for all of it,
//! `null` for nothing, otherwise the value that was left. `mcp-…` has the names of the servers that
//! it took from a `.mcp.json`, `merge-…` what several files made together.
//!
//! Left out of the recordings, since the view does not follow them: what the client makes of policy
//! helpers, of wrong AWS pairs and inject hosts, of patterns that are no regular expressions, of rules
//! that are not valid (`rule`), and of a key named `__proto__`.

use bylaws::json::Document;
use bylaws::settings::{McpFile, Scope, Settings, merge};
use serde_json::Value;

const SETTINGS: &str = include_str!("../conformance/settings-2.1.330.jsonl");
const MCP: &str = include_str!("../conformance/mcp-2.1.330.jsonl");
const MERGE: &str = include_str!("../conformance/merge-2.1.330.jsonl");

fn rows(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// Numbers as the client compares them: `1e3` is `1000`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64().unwrap().to_string()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_view_takes_what_the_client_takes() {
    let (mut compared, mut wrong) = (0, Vec::new());
    for (index, row) in rows(SETTINGS).enumerate() {
        let text = row["text"].as_str().unwrap();
        let whole = Document::parse(text).root().map_or(Value::Null, bylaws::json::Node::to_value);
        let plain_scopes = [Scope::User, Scope::Project, Scope::Local, Scope::Flag];
        let scopes = [("plain", plain_scopes[index % 4]), ("managed", Scope::Managed)];
        for (column, scope) in scopes {
            let Some(taken) = row.get(column) else { continue };
            let settings = Settings::read(Document::parse(text), scope);
            let ours = settings.taken();
            let agrees = match taken {
                Value::Null => !settings.is_read() || ours == serde_json::json!({}),
                Value::Bool(_) => settings.is_read() && plain(&ours) == plain(&whole),
                left => settings.is_read() && plain(&ours) == plain(left),
            };
            compared += 1;
            if !agrees {
                wrong.push(format!("{scope:?} {text}\n  client {taken}\n  view   {ours}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} differ\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > 5_000, "{compared}");
}

/// A problem must explain each loss, and a file without problems must be taken whole.
#[test]
fn every_loss_is_a_problem() {
    for row in rows(SETTINGS) {
        let text = row["text"].as_str().unwrap();
        for (column, scope) in [("plain", Scope::User), ("managed", Scope::Managed)] {
            let Some(taken) = row.get(column) else { continue };
            let settings = Settings::read(Document::parse(text), scope);
            let blank = text.trim_start_matches('\u{feff}').trim().is_empty();
            if taken.is_null() && !blank && settings.taken() != serde_json::json!({}) {
                assert!(!settings.problems().is_empty(), "{scope:?} {text}");
            }
            for problem in settings.problems() {
                assert!(problem.span.end <= text.len(), "{text}");
                assert!(!problem.to_string().is_empty());
            }
        }
    }
}

#[test]
fn the_view_takes_the_servers_that_the_client_takes() {
    for row in rows(MCP) {
        let text = row["text"].as_str().unwrap();
        let file = McpFile::read(Document::parse(text));
        let mut ours: Vec<&str> = file.servers().iter().map(|server| server.name).collect();
        ours.sort_unstable();
        let mut theirs: Vec<&str> =
            row["servers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{text}");
    }
}

/// Keys that the client does not heed where they stand are left out of both sides: the recording
/// has them as they were written.
#[test]
fn files_merge_as_they_merge_in_the_client() {
    let mut compared = 0;
    for row in rows(MERGE) {
        let scopes = [
            ("user", Scope::User),
            ("project", Scope::Project),
            ("local", Scope::Local),
            ("flag", Scope::Flag),
            ("managed", Scope::Managed),
        ];
        let files: Vec<Settings> = scopes
            .iter()
            .filter_map(|(name, scope)| {
                Some(Settings::read(Document::parse(row["files"].get(name)?.to_string()), *scope))
            })
            .collect();
        if files.iter().flat_map(Settings::problems).next().is_some() {
            continue;
        }
        compared += 1;
        let merged = merge(&files.iter().collect::<Vec<_>>());
        assert_eq!(plain(&merged.value), plain(&row["effective"]), "{}", row["files"]);
    }
    assert!(compared > 150, "{compared}");
}
