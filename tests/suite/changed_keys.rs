//! Laws of what a change of keys means, over every key that has an order and over lists, hooks and servers.

use bylaws::client::keys;
use bylaws::json::{Document, Pointer};
use bylaws::proof::{Direction, Home, KeyChange, Said, changed_keys};
use bylaws::settings::{McpFile, Scope, Settings};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

/// One side: a managed file, which may set any key, a shared file, and servers.
#[derive(Debug, Clone)]
struct Side {
    managed: Value,
    shared: Value,
    servers: Value,
}

impl Side {
    fn of(shared: Value) -> Self {
        Self { managed: json!({}), shared, servers: json!({}) }
    }
}

fn compare(old: &Side, new: &Side) -> Vec<KeyChange> {
    let read = |side: &Side| {
        let settings = |value: &Value, scope| Settings::read(Document::parse(value.to_string()), scope);
        let servers = json!({"mcpServers": side.servers});
        (
            [settings(&side.managed, Scope::Managed), settings(&side.shared, Scope::Project)],
            McpFile::read(Document::parse(servers.to_string())),
        )
    };
    let (old, new) = (read(old), read(new));
    let files = |side: &([Settings; 2], McpFile)| side.0.clone();
    let (old_files, new_files) = (files(&old), files(&new));
    changed_keys(
        Said { files: &old_files.each_ref(), servers: Some(&old.1) },
        Said { files: &new_files.each_ref(), servers: Some(&new.1) },
    )
}

fn insert(settings: &mut Value, path: &[&str], value: &Value) {
    let (last, above) = path.split_last().unwrap();
    let mut place = settings;
    for key in above {
        place = &mut place[*key];
        if !place.is_object() {
            *place = json!({});
        }
    }
    place[*last] = value.clone();
}

/// The values of every key whose values the client orders, and some that stand in no order.
fn ordered() -> Vec<(Vec<&'static str>, Vec<Value>)> {
    let keys = keys::all().iter().filter(|key| key.strictness.strictest().is_some());
    let values = keys.map(|key| {
        let mut values = key.strictness.ranks().to_vec();
        if values.iter().any(Value::is_boolean) {
            values = vec![json!(true), json!(false)];
        }
        (key.path.clone(), values)
    });
    values.collect()
}

fn others() -> Vec<(Vec<&'static str>, Vec<Value>)> {
    let hook =
        |command: &str| json!([{"matcher": "Bash", "hooks": [{"type": "command", "command": command}]}]);
    vec![
        (
            vec!["permissions", "defaultMode"],
            ["default", "dontAsk", "acceptEdits", "plan"].map(Value::from).into(),
        ),
        (vec!["cleanupPeriodDays"], vec![json!(7), json!(30)]),
        (
            vec!["statusLine"],
            vec![json!({"type": "command", "command": "a"}), json!({"type": "command", "command": "b"})],
        ),
        (vec!["hooks", "PreToolUse"], vec![hook("a"), hook("b")]),
        (vec!["hooks", "Notification"], vec![hook("a"), hook("b")]),
        (vec!["env", "A"], vec![json!("1"), json!("2")]),
        (vec!["theme"], vec![json!("dark"), json!("light")]),
        (vec!["unknown"], vec![json!(1), json!([])]),
        (vec!["enabledPlugins", "a@b"], vec![json!(true), json!(false)]),
    ]
}

const LISTS: &[&[&str]] = &[
    &["permissions", "additionalDirectories"],
    &["sandbox", "excludedCommands"],
    &["sandbox", "network", "deniedDomains"],
    &["enabledMcpjsonServers"],
    &["disabledMcpjsonServers"],
    &["allowedHttpHookUrls"],
];

fn settings() -> impl Strategy<Value = Value> {
    let keys = [ordered(), others()].concat();
    let key = select(keys).prop_flat_map(|(path, values)| (Just(path), select(values)));
    let list = (select(LISTS), subsequence(vec!["a", "b", "c"], 0..=3))
        .prop_map(|(path, entries)| (path.to_vec(), json!(entries)));
    vec(prop_oneof![key, list], 0..8).prop_map(|entries| {
        let mut settings = json!({});
        for (path, value) in entries {
            insert(&mut settings, &path, &value);
        }
        settings
    })
}

fn servers() -> impl Strategy<Value = Value> {
    let server = (select(vec!["one", "two"]), select(vec!["node", "deno"]));
    vec(server, 0..3).prop_map(|servers| {
        let servers =
            servers.into_iter().map(|(name, command)| (name.to_owned(), json!({"command": command})));
        Value::Object(servers.collect())
    })
}

fn side() -> impl Strategy<Value = Side> {
    (settings(), settings(), servers()).prop_map(|(managed, shared, servers)| Side {
        managed,
        shared,
        servers,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_the_same_has_no_changes(side in side()) {
        prop_assert_eq!(compare(&side, &side), []);
    }

    #[test]
    fn the_way_back_has_the_same_changes_the_other_way_round(old in side(), new in side()) {
        use Direction::{Looser, Neutral, Stricter, Unordered};
        let there = compare(&old, &new);
        let mut back = compare(&new, &old);
        prop_assert_eq!(there.len(), back.len());
        for change in &there {
            let same = |other: &KeyChange| {
                other.pointer == change.pointer
                    && other.part == change.part
                    && (&other.old, &other.new) == (&change.new, &change.old)
            };
            let at = back.iter().position(same);
            prop_assert!(at.is_some(), "{:?}", change);
            let other = back.remove(at.unwrap());
            let fits = match change.direction {
                Neutral => other.direction == Neutral,
                Unordered => other.direction == Looser || other.direction == Unordered,
                Stricter => other.direction == Looser,
                Looser => other.direction == Stricter || other.direction == Unordered,
            };
            prop_assert!(fits, "{:?} and {:?}", change, other);
        }
    }

    #[test]
    fn every_value_has_its_place(old in side(), new in side()) {
        for change in compare(&old, &new) {
            for (side, written) in [(&old, &change.old), (&new, &change.new)] {
                let Some(written) = written else { continue };
                let Some((home, span)) = written.place else {
                    prop_assert!(false, "{:?} has no place", change);
                    continue;
                };
                let text = match home {
                    Home::Settings(0) => side.managed.to_string(),
                    Home::Settings(_) => side.shared.to_string(),
                    Home::Servers => json!({"mcpServers": side.servers}).to_string(),
                };
                let found: Value = serde_json::from_str(text.get(span.start..span.end).unwrap()).unwrap();
                let is_hook = change.pointer.tokens()[0] == "hooks";
                // A list that several files share stands in each of them.
                let is_part = found.as_array().is_some_and(|part| {
                    let whole = written.value.as_array().map(Vec::as_slice).unwrap_or_default();
                    part.iter().all(|entry| whole.contains(entry))
                });
                prop_assert!(is_hook || is_part || found == written.value, "{} is not {}", found, written.value);
            }
        }
    }
}

#[test]
fn the_strictest_value_of_a_key_is_never_looser() {
    for (path, values) in ordered() {
        let key = keys::find(&path).unwrap();
        let mut strict = json!({});
        insert(&mut strict, &path, key.strictness.strictest().unwrap());
        for value in values.iter().map(Some).chain([None]) {
            let mut other = json!({});
            if let Some(value) = value {
                insert(&mut other, &path, value);
            }
            let side = |managed: &Value| Side { managed: managed.clone(), ..Side::of(json!({})) };
            for change in compare(&side(&other), &side(&strict)) {
                assert_ne!(change.direction, Direction::Looser, "{change:?}");
            }
        }
    }
}

#[test]
fn changes_name_keys_entries_and_servers() {
    let old = Side {
        managed: json!({}),
        shared: json!({
            "permissions": {"deny": ["Bash(a)"], "additionalDirectories": ["/a", "/b"]},
            "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [
                {"type": "command", "command": "guard"}, {"type": "command", "command": "log"}]}]},
            "deniedMcpServers": [{"serverName": "x"}],
            "env": {"A": "1"},
        }),
        servers: json!({"docs": {"command": "node"}}),
    };
    let new = Side {
        managed: json!({}),
        shared: json!({
            "permissions": {"deny": [], "additionalDirectories": ["/b", "/c"]},
            "hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "log"}]}]},
            "env": {"A": "1", "B": 2},
            "allowedMcpServers": [{"serverName": "y"}],
            "theme": "dark",
        }),
        servers: json!({"docs": {"command": "deno"}, "db": {"type": "http", "url": "https://db.acme.dev"}}),
    };
    let told: Vec<String> = compare(&old, &new)
        .iter()
        .map(|change| {
            let value = |written: &Option<bylaws::proof::Written>| {
                written.as_ref().map_or("-".to_owned(), |written| written.value.to_string())
            };
            let (old, new) = (value(&change.old), value(&change.new));
            format!("{:?} {} {old} {new}", change.direction, change.pointer.dotted())
        })
        .collect();
    assert_eq!(
        told,
        [
            r#"Unordered allowedMcpServers - [{"serverName":"y"}]"#,
            r#"Looser deniedMcpServers {"serverName":"x"} -"#,
            r#"Unordered env.B - "2""#,
            r#"Looser hooks.PreToolUse {"matcher":"Bash","type":"command","command":"guard"} -"#,
            r#"Stricter permissions.additionalDirectories "/a" -"#,
            r#"Looser permissions.additionalDirectories - "/c""#,
            r#"Neutral theme - "dark""#,
            r#"Looser mcpServers.db - {"type":"http","url":"https://db.acme.dev"}"#,
            r#"Unordered mcpServers.docs {"command":"node"} {"command":"deno"}"#,
        ]
    );
}

/// A file that the client drops says nothing: all that it denied and refused is gone.
#[test]
fn a_file_that_is_dropped_says_nothing() {
    let old = Side::of(json!({"deniedMcpServers": [{"serverName": "x"}]}));
    let new = Side::of(json!({"deniedMcpServers": [{"serverName": "x"}], "model": 5}));
    let changes = compare(&old, &new);
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].direction, &changes[0].pointer),
        (Direction::Looser, &Pointer::of(["deniedMcpServers"]))
    );
}
