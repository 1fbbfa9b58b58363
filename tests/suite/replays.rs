//! Recorded sessions, replayed: laws over random records and rules, and the settings of projects that are here.

use bylaws::access::{Access, Call, MapWorld, Place as Ground, Setup, Silent, Verdict};
use bylaws::automaton::Budget;
use bylaws::client::Version;
use bylaws::json::Document;
use bylaws::record::{Became, Line, Lines, Listener, Reader, Recorded, Taken};
use bylaws::replay::{Governed, Options, Policies, Replay, Replayed, Sides};
use bylaws::settings::{Scope, Settings};
use bylaws::suggest::{UsedCall, suggest};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::place::Place;

const RULES: &[&str] = &[
    "Bash",
    "Bash(npm *)",
    "Bash(npm run:*)",
    "Bash(npm test)",
    "Bash(git * main)",
    "Bash(git push *)",
    "Bash(* --help)",
    "Bash(timeout *)",
    "Bash(run_in_background:true)",
    "Bash(python3 *)",
    "Read",
    "Read(~/**)",
    "Read(//etc/**)",
    "Read(.env)",
    "Edit",
    "Edit(./**)",
    "Edit(src/**)",
    "Edit(/**)",
    "Write",
    "WebFetch",
    "WebFetch(domain:*.example)",
    "WebFetch(domain:a.example)",
    "mcp__docs",
    "mcp__docs__get_*",
    "Agent(model:opus)",
    "Skill(deploy)",
];

const CALLS: &[(&str, &str, &str)] = &[
    ("Bash", "command", "npm test"),
    ("Bash", "command", "npm run build"),
    ("Bash", "command", "npm run lint -- --fix && git push origin main"),
    ("Bash", "command", "git push origin main"),
    ("Bash", "command", "git log --oneline | head -3"),
    ("Bash", "command", "git rebase main"),
    ("Bash", "command", "timeout 5 npm test"),
    ("Bash", "command", "python3 x.py"),
    ("Bash", "command", "cat .env"),
    ("Bash", "command", "ls $(npm bin) &"),
    ("Bash", "command", "tool --help"),
    ("Bash", "command", "cat /home/user/project/src/a.rs ~/notes"),
    ("Read", "file_path", "/home/user/project/.env"),
    ("Read", "file_path", "/home/user/notes/a"),
    ("Read", "file_path", "/etc/hosts"),
    ("Edit", "file_path", "/home/user/project/src/a.rs"),
    ("Write", "file_path", "/home/user/project/docs/b.md"),
    ("NotebookEdit", "notebook_path", "/home/user/project/n.ipynb"),
    ("Glob", "pattern", "/etc/*"),
    ("Grep", "path", "/home/user/project/src"),
    ("WebFetch", "url", "https://a.example/x"),
    ("WebFetch", "url", "https://b.example/y"),
    ("mcp__docs__get_page", "id", "1"),
    ("mcp__other__get", "id", "1"),
    ("Agent", "subagent_type", "Explore"),
    ("Skill", "skill", "deploy"),
    ("TodoWrite", "todos", "x"),
];

fn settings(allow: &[&str], ask: &[&str], deny: &[&str]) -> Settings {
    let text = json!({"permissions": {"allow": allow, "ask": ask, "deny": deny}}).to_string();
    Settings::read(Document::parse(text), Scope::Project)
}

fn rules() -> impl Strategy<Value = Settings> {
    let list = |most| vec(select(RULES), 0..most);
    (list(6), list(2), list(3)).prop_map(|(allow, ask, deny)| settings(&allow, &ask, &deny))
}

fn call((tool, field, text): (&str, &str, &str)) -> Call {
    Call { tool: tool.to_owned(), input: Map::from_iter([(field.to_owned(), Value::from(text))]) }
}

struct Everywhere(Arc<Sides>);

impl Policies for Everywhere {
    fn at(&mut self, _root: Option<&str>, _repository: Option<&str>) -> Governed {
        Governed { repository: "acme/web".to_owned(), sides: Some(Arc::clone(&self.0)) }
    }
}

fn replay(old: Settings, new: Settings, lines: &[String]) -> Replayed {
    let mut policies = Everywhere(Arc::new(Sides { number: 0, old: vec![old], new: vec![new] }));
    let options = Options { version: Version::NEWEST, home: None, examples: 3 };
    let mut replay = Replay::new(&mut policies, options);
    let reader = Reader::default();
    for line in lines {
        assert_ne!(reader.line(line.as_bytes(), &mut replay), Line::Broken, "{line}");
    }
    replay.end_file();
    replay.finish()
}

fn recorded(number: usize, (tool, field, text): (&str, &str, &str), folder: &str) -> String {
    json!({
        "type": "assistant", "sessionId": "s", "cwd": folder,
        "message": {"content": [
            {"type": "tool_use", "id": format!("t{number}"), "name": tool, "input": {field: text, "description": number.to_string()}}
        ]}
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each call is counted once, by what becomes of it, however often calls like it were made before.
    #[test]
    fn counts_are_those_of_single_decisions(old in rules(), new in rules(), calls in vec(select(CALLS), 1..30)) {
        let place = Ground::made_up();
        let lines: Vec<String> =
            calls.iter().enumerate().map(|(number, call)| recorded(number, *call, &place.project)).collect();
        let replayed = replay(old.clone(), new.clone(), &lines);
        let world = MapWorld::bare(&place);
        let access = |settings: Settings| Access::new(&Setup::made_up([settings]), &world);
        let (old, new) = (access(old), access(new));
        let mut changed = 0;
        for one in &calls {
            let decide = |access: &Access| access.decide(&call(*one), &world, &mut Silent).verdict;
            let (before, after) = (decide(&old), decide(&new));
            changed += u64::from(before != after && before != Verdict::Undecided && after != Verdict::Undecided);
        }
        let counted: u64 = replayed.changes.iter().map(|change| change.calls).sum();
        prop_assert_eq!(counted, changed);
        let unchanged: u64 = replayed.unchanged.values().sum();
        prop_assert_eq!(replayed.calls, calls.len() as u64);
        prop_assert_eq!(unchanged + counted + replayed.count_undecided(), replayed.calls);
    }

    #[test]
    fn the_same_settings_twice_change_nothing(settings in rules(), calls in vec(select(CALLS), 1..30), elsewhere in any::<bool>()) {
        let folder = if elsewhere { "/home/ann/web/src" } else { "/home/ann/web" };
        let mut lines = vec![recorded(1_000, CALLS[0], "/home/ann/web")];
        lines.extend(calls.iter().enumerate().map(|(number, call)| recorded(number, *call, folder)));
        let replayed = replay(settings.clone(), settings, &lines);
        prop_assert!(replayed.changes.is_empty());
    }

    /// What a decision may depend on is all that it depends on.
    #[test]
    fn fields_that_are_not_heeded_change_no_decision(settings in rules(), one in select(CALLS), name in "[a-z_]{1,12}", value in select(vec![json!("opus"), json!(true), json!(5), json!("/etc/passwd"), json!(null)])) {
        let place = Ground::made_up();
        let world = MapWorld::bare(&place);
        let access = Access::new(&Setup::made_up([settings]), &world);
        let before = call(one);
        let heeded = access.heeded_fields(one.0).unwrap();
        for field in ["description", "prompt", "content", "model", "run_in_background", "timeout", "pattern", "query", "limit", &*name] {
            if heeded.contains(&field) || before.input.contains_key(field) {
                continue;
            }
            let mut after = before.clone();
            after.input.insert(field.to_owned(), value.clone());
            let decide = |call: &Call| access.decide(call, &world, &mut Silent);
            prop_assert_eq!(decide(&before), decide(&after), "{}", field);
        }
    }

    /// What is suggested allows nothing that was not allowed, and asks for nothing that was refused.
    #[test]
    fn suggestions_never_widen(allow in vec(select(RULES), 1..6), ask in vec(select(RULES), 0..2), deny in vec(select(RULES), 0..2), used in vec(select(CALLS), 0..10)) {
        let setup = Setup::made_up([settings(&allow, &ask, &deny)]);
        let calls: Vec<UsedCall> = used.iter().map(|one| UsedCall { call: call(*one), count: 1 }).collect();
        let suggested = suggest(&setup, 1, &calls, &BTreeSet::new(), Budget::default().0);
        let kept: Vec<&str> = suggested.allow.iter().map(String::as_str).collect();
        let world = MapWorld::bare(&setup.place);
        let access = |settings| Access::new(&Setup::made_up([settings]), &world).by_rules_alone();
        let (old, new) = (access(settings(&allow, &ask, &deny)), access(settings(&kept, &ask, &deny)));
        let looseness = |verdict: Verdict| match verdict {
            Verdict::Deny => 0,
            Verdict::Ask => 1,
            Verdict::Undecided => 2,
            Verdict::Allow => 3,
        };
        let mut asked = 0;
        for one in CALLS.iter().copied().chain([
            ("Bash", "command", "npm x"), ("Bash", "command", "git x main"), ("Bash", "command", "git push x"),
            ("Bash", "command", "npm run build x & npm test"), ("Bash", "command", "ls & npm test"),
            ("Write", "file_path", "/home/user/project/src/n.rs"), ("NotebookEdit", "notebook_path", "/home/user/project/src/n.ipynb"),
            ("WebFetch", "url", "https://x.a.example"), ("mcp__docs__put", "id", "1"), ("Read", "file_path", "/etc/shadow"),
        ]) {
            let decide = |access: &Access| access.decide(&call(one), &world, &mut Silent).verdict;
            let (before, after) = (decide(&old), decide(&new));
            prop_assert!(looseness(after) <= looseness(before), "{:?}: {:?}, then {:?} by {:?}", one, before, after, kept);
            if before == Verdict::Allow && after != Verdict::Allow {
                asked += used.iter().filter(|other| **other == one).count();
            }
        }
        prop_assert_eq!(suggested.asked, asked as u64);
    }

    #[test]
    fn no_text_stops_the_reader(bytes in vec(any::<u8>(), 0..200), cut in 0_usize..400, from in 0_usize..3) {
        struct Nobody;
        impl Listener for Nobody {
            fn call(&mut self, call: &Recorded<'_>) {
                let _ = call.input.to_map();
            }
            fn became(&mut self, _: &str, _: Became) {}
            fn mode(&mut self, _: Option<&str>, _: &str) {}
            fn awaits(&self, _: &str) -> bool {
                true
            }
        }
        let whole = [
            recorded(1, CALLS[2], "/home/ann/web"),
            r#"{"event":"PreToolUse","tool_name":"Bash","input":{"command":"é"}}"#.to_owned(),
            r#"{"body":"claude_code.tool_result","attributes":{"tool_name":"Bash","tool_input":"{\"command\":1}"}}"#.to_owned(),
        ];
        let mut text = whole[from].clone().into_bytes();
        text.splice(cut.min(text.len())..(cut + bytes.len()).min(text.len()).max(cut.min(text.len())), bytes.clone());
        for text in [bytes, text] {
            let mut lines = Lines::new(&*text);
            while let Some(taken) = lines.next().unwrap() {
                if let Taken::Line(line) = taken {
                    Reader::default().line(line, &mut Nobody);
                }
            }
        }
    }
}

#[test]
fn a_mode_that_nobody_chose_is_that_of_either_side() {
    let file = |mode: &str| {
        let text = json!({"permissions": {"defaultMode": mode}}).to_string();
        Settings::read(Document::parse(text), Scope::Project)
    };
    let mode =
        |name: &str| json!({"type": "permission-mode", "permissionMode": name, "sessionId": "s"}).to_string();
    let edit = recorded(1, CALLS[15], "/home/user/project");
    // The session ran as its settings began it, so that it would have begun otherwise.
    let replayed = replay(file("default"), file("acceptEdits"), &[mode("default"), edit.clone()]);
    assert_eq!(replayed.changes.len(), 1);
    // Somebody chose the mode, and would have chosen it again.
    let replayed = replay(file("default"), file("dontAsk"), &[mode("acceptEdits"), edit.clone()]);
    assert!(replayed.changes.is_empty());
    let replayed = replay(file("default"), file("default"), &[mode("new-mode"), edit]);
    assert_eq!(replayed.count_undecided(), 1);
}

#[test]
fn a_shell_that_moved_is_tried_from_both_folders() {
    let read = recorded(1, ("Bash", "command", "cat ../.env"), "/home/user/project/src");
    let start = recorded(2, CALLS[0], "/home/user/project");
    let old = settings(&["Bash"], &[], &[]);
    let new = settings(&["Bash"], &[], &["Read(/.env)"]);
    let replayed = replay(old, new, &[start, read]);
    assert_eq!(replayed.count_undecided(), 1, "{replayed:?}");
}

/// The settings before are those of the project as it stands, and those after are what `apply` makes of them.
#[test]
fn projects_that_are_here_are_held_against_the_policy() {
    let place = Place::new();
    place
        .write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#);
    place.write(
        "policy/layers/org.json",
        r#"{"title": "Acme", "enforce": {"permissions": {"deny": ["Bash(curl *)"], "ask": ["Bash(git push *)"]}}}"#,
    );
    place.write(
        "web/.claude/settings.json",
        r#"{"permissions": {"allow": ["Bash(git *)", "Bash(npm test)"]}}"#,
    );
    place.commit("web");
    let folder = place.path("web").to_str().unwrap().to_owned();
    let calls = [
        ("Bash", "command", "git push origin main"),
        ("Bash", "command", "curl https://a.example"),
        ("Bash", "command", "npm test"),
    ];
    let mut lines: Vec<String> =
        calls.iter().enumerate().map(|(number, call)| recorded(number, *call, &folder)).collect();
    let gone = recorded(9, calls[0], "/nowhere/web");
    lines.push(gone.replace("\"s\"", "\"gone\""));
    place.write(".claude/projects/-web/s.jsonl", lines.join("\n"));
    let before = crate::place::snapshot(&place.path("web"));
    let ran = place
        .run(".", &["replay", "--against", "policy", "--format", "json", "--fail-on", "newly-blocked"])
        .code(1);
    assert_eq!(crate::place::snapshot(&place.path("web")), before);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let counts = ["calls", "newlyBlocked", "newlyAsked", "newlySilent", "undecided"]
        .map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts, [4, 1, 1, 0, 1]);
    assert_eq!(report["undecidedBy"][0]["reason"], "no-settings");
    assert_eq!(report["changes"][0]["newRule"]["rule"], "Bash(curl *)");
    assert_eq!(report["changes"][0]["newRule"]["file"], "policy/layers/org.json");
    assert!(report["notes"].to_string().contains("not here any more"), "{}", report["notes"]);
    let people = report["byPerson"].to_string();
    assert!(people == "[]" || people.contains("person-"), "{people}");
    place
        .run(".", &["replay", "--against", "policy", "--fail-on", "newly-silent"])
        .code(0)
        .says("Bash(curl https://a.example)");
    place.run(".", &["suggest", "--for", "web", "--exit-code"]).code(1).says("Bash(git push *)");
    place.run("web", &["suggest"]).code(0).says("of 2 allow rules").says("1 call made elsewhere left out");
}

/// People and credentials are told of only where that was asked for.
#[test]
fn a_report_is_private() {
    let place = Place::new();
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": []}"#);
    place.write("other/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "l.json"}]}"#);
    place.write("other/l.json", r#"{"title": "x", "enforce": {"permissions": {"deny": ["Bash(curl *)"]}}}"#);
    let token = format!("ghp_{}", "Zk3vRq81LmNw0TbYx9HdJf5sCa7UoEi26PgQ");
    let line = recorded(
        1,
        ("Bash", "command", &format!("curl -H 'Authorization: Bearer {token}' --data @/home/annabel/web/x")),
        "/home/annabel/web",
    );
    place.write("s.jsonl", &line);
    for format in ["text", "json", "markdown"] {
        let arguments = ["replay", "s.jsonl", "--from", "policy", "--against", "other", "--format", format];
        let ran = place.run(".", &arguments).code(0);
        assert!(!ran.out.contains("annabel") && !ran.out.contains(&token), "{}", ran.out);
        assert!(!ran.out.contains("ghp_"), "{}", ran.out);
        assert!(ran.out.contains("curl -H '…'"), "{}", ran.out);
        let ran = place.run(".", &[&arguments[..], &["--show-users"]].concat()).code(0);
        assert!(ran.out.contains("ghp_…") && !ran.out.contains(&token), "{}", ran.out);
    }
    let arguments = ["replay", "s.jsonl", "--from", "policy", "--against", "other", "--format", "json"];
    let named = |more: &[&str]| {
        let ran = place.run(".", &[&arguments, more].concat()).code(0);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        report["byPerson"][0]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(named(&["--show-users"]), "annabel");
    assert_eq!(named(&["--salt", "a"]), named(&["--salt", "a"]));
    assert_ne!(named(&["--salt", "a"]), named(&["--salt", "b"]));
    assert_ne!(named(&[]), named(&[]));
}

/// Neither files of records, nor home folders, nor what people wrote get into a report.
#[test]
fn a_report_tells_of_no_person_and_no_place() {
    let place = Place::new();
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": []}"#);
    place.write("other/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "l.json"}]}"#);
    place.write("other/l.json", r#"{"title": "x", "enforce": {"permissions": {"deny": ["Bash", "Read"]}}}"#);
    let lines = [
        ("Bash", "command", "git commit -m 'warn Ferdinand' && mail ferdinand.magellan@acme.example"),
        ("Bash", "command", "cp /Users/ferdinand/plan.txt ~/letters/ferdinand && ssh ferdinand@build1"),
        ("Bash", "command", "echo FERDINAND"),
        ("Read", "file_path", "/home/ferdinand/letters/to-magellan.txt"),
        ("Read", "file_path", "/srv/magellan/x"),
    ];
    let mut text = String::new();
    for (number, call) in lines.into_iter().enumerate() {
        text.push_str(&recorded(number, call, "/home/ferdinand"));
        text.push('\n');
    }
    text.push_str("{torn");
    place.write("ferdinand/-home-ferdinand/s.jsonl", text);
    for format in ["text", "json", "markdown"] {
        let arguments = ["replay", "ferdinand", "--from", "policy", "--against", "other", "--format", format];
        let ran = place.run(".", &arguments).code(0);
        let told = ran.out.to_lowercase();
        assert!(!told.contains("ferdinand") && !told.contains("magellan"), "{}", ran.out);
        assert!(told.contains("a home folder"), "{}", ran.out);
        // Whoever runs it is told where to look.
        assert!(ran.err.contains("ferdinand/-home-ferdinand/s.jsonl:6"), "{}", ran.err);
        let ran = place.run(".", &[&arguments[..], &["--show-users"]].concat()).code(0);
        assert!(ran.out.contains("mail ferdinand.magellan@acme.example"), "{}", ran.out);
    }
    let report = place.run(".", &["suggest", "ferdinand", "--for", "other", "--format", "json"]).code(0);
    assert!(!report.out.to_lowercase().contains("ferdinand"), "{}", report.out);
}

/// What was not found or not read is no sign that all is well.
#[test]
fn records_without_a_call_pass_no_gate() {
    let place = Place::new();
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": []}"#);
    place.write("none.jsonl", "{\"type\":\"summary\"}\n");
    let arguments = ["replay", "none.jsonl", "--from", "policy", "--against", "policy"];
    place.run(".", &arguments).code(0).says("no recorded call was found, so nothing is known");
    let ran = place.run(".", &[&arguments[..], &["--fail-on", "newly-blocked"]].concat()).code(3);
    assert!(ran.err.contains("nothing is shown to be fine"), "{}", ran.err);
    // A call in a project that is not here: nobody knows what held there.
    let call = json!({"type": "assistant", "sessionId": "s", "cwd": "/home/a/gone", "message": {"content":
        [{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "make"}}]}});
    place.write("gone.jsonl", format!("{call}\n"));
    let arguments = ["replay", "gone.jsonl", "--against", "policy", "--fail-on"];
    let ran = place.run(".", &[&arguments[..], &["newly-silent"]].concat()).code(3);
    assert!(ran.err.contains("no recorded call could be decided"), "{}", ran.err);
    place.run(".", &[&arguments[..], &["newly-silent,undecided"]].concat()).code(1);
}

/// One document over several lines, and several documents in one file.
#[test]
fn exports_over_several_lines_are_read() {
    let place = Place::new();
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": []}"#);
    let export = |command: &str| {
        let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
            "body": {"stringValue": "claude_code.tool_result"},
            "attributes": [
                attribute("tool_name", "Bash"), attribute("cwd", "/home/user/project"),
                attribute("tool_input", &json!({"command": command}).to_string())
            ]
        }]}]}]})
    };
    let spread = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let (first, second) = (export("npm test"), export("npm ci"));
    for text in [
        format!("{}\n{}\n", spread(&first), spread(&second)),
        spread(&json!([first, second])),
        format!("[{first},{second}]"),
    ] {
        place.write("export.json", text);
        let arguments =
            ["replay", "export.json", "--from", "policy", "--against", "policy", "--format", "json"];
        let report: Value = serde_json::from_str(&place.run(".", &arguments).code(0).out).unwrap();
        assert_eq!((&report["calls"], &report["records"]["broken"]), (&json!(2), &json!(0)), "{report:#}");
    }
    place.write("export.json", format!("{}\n{{\n\"torn", spread(&export("npm test"))));
    let ran = place.run(".", &["replay", "export.json", "--from", "policy", "--against", "policy"]).code(0);
    ran.says("1 line is not a record of a known form").says("in 1 call");
}

/// Records that do not speak for a project, or for a part of what a policy governs, say so.
#[test]
fn rules_are_unused_only_where_calls_were_recorded() {
    let place = Place::new();
    place.write("web/.claude/settings.json", r#"{"permissions": {"allow": ["Bash(npm *)", "mcp__docs"]}}"#);
    place.write("s.jsonl", recorded(1, CALLS[0], "/home/ann/shop"));
    let arguments = ["suggest", "s.jsonl", "--for", "web", "--exit-code"];
    place
        .run(".", &arguments)
        .code(0)
        .says("no recorded call counts, so nothing is known of 2 allow rules")
        .says("`--everywhere` lets those of others count");
    let layer = place.run(".", &[&arguments[..], &["--format", "layer"]].concat()).code(0);
    let layer: Value = serde_json::from_str(&layer.out).unwrap();
    assert_eq!(layer["limit"]["allow"], json!(["Bash(npm *)", "mcp__docs"]));
    let policy = r#"{"organization": "acme", "layers": [{"layer": "l.json"}], "inventory": "i.json"}"#;
    place.write("policy/bylaws.json", policy);
    place.write("policy/l.json", r#"{"title": "x", "enforce": {"permissions": {"allow": ["mcp__docs"]}}}"#);
    place.write("policy/i.json", r#"{"repositories": [{"name": "acme/shop"}, {"name": "acme/web"}]}"#);
    let ran = place.run(".", &["suggest", "s.jsonl", "--for", "policy"]).code(0);
    ran.says("of 1 of the 2 repositories that the policy lists no call was recorded: acme/web");
    place.write("one.json", r#"{"permissions": {"allow": ["mcp__docs"]}}"#);
    let ran = place.run(".", &["suggest", "s.jsonl", "--for", "one.json"]).code(0);
    ran.says("the calls come from 1 folder or repository; what is used in others is not known");
    // The record holds no input.
    let nothing = r#"{"event":"PreToolUse","session_id":"s","cwd":"/home/ann/shop","tool_name":"Bash"}"#;
    place.write("s.jsonl", nothing);
    place.write("one.json", r#"{"permissions": {"allow": ["Bash(npm *)"]}}"#);
    let ran = place.run(".", &["suggest", "s.jsonl", "--for", "one.json", "--exit-code"]).code(0);
    ran.says("it decided no call that could be read");
}
