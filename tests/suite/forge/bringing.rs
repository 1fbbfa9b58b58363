//! `fleet rollout` as the program runs it, against a forge on loopback.

use std::path::Path;

use bylaws::rollout::Plan;
use serde_json::{Value, json};

use super::commands::Setting;
use super::loopback::repository::Repository;
use super::loopback::{Kind, Loopback};
use crate::place::{Ran, snapshot};

/// The settings of a repository that knows no policy, with a credential beside a rule.
pub(super) const LOOSE: &str = r#"{
  "env": {"DEPLOY_TOKEN": "Zk2Rv9Wm4Xp8Tj3Hs6Fd5Gb1NcYLqa"},
  "permissions": {"deny": ["Read(.env)"]}
}
"#;

/// A fleet of repositories without a policy, and a rollout to them.
struct Fleet {
    setting: Setting,
    loopback: Loopback,
    size: usize,
}

impl Fleet {
    fn new(kind: Kind, size: usize, rollout: &serde_json::Value) -> Self {
        let setting = Setting::new();
        let one = |number: usize| {
            let files = [(".claude/settings.json", LOOSE), ("src/lib.rs", "")];
            (format!("acme/r{number:02}"), Repository::new(&files))
        };
        let loopback = Loopback::start(kind, (0..size).map(one));
        setting.place.write("rollout/x.json", rollout.to_string());
        Self { setting, loopback, size }
    }

    fn arguments(&self, command: &str) -> Vec<String> {
        let words = ["fleet", "rollout", command, "rollout/x.json", "--policy", &self.setting.policy];
        let words = [&words[..], &["--organization", "acme", "--as-of", "2026-12-01"]].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    fn run(&self, command: &str, more: &[&str]) -> Ran {
        let arguments = self.arguments(command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        self.setting.run(&self.loopback, &arguments)
    }

    /// What a command prints as JSON, which is as its schema says.
    fn json(&self, command: &str) -> Value {
        let value = serde_json::from_str(&self.run(command, &["--format", "json"]).out).unwrap();
        let schema = self.setting.place.run("", &["schema", &format!("rollout-{command}")]).code(0);
        let schema: Value = serde_json::from_str(&schema.out).unwrap();
        jsonschema::validate(&schema, &value).unwrap();
        value
    }

    fn each(&self, mut each: impl FnMut(usize, &mut Repository)) {
        for number in 0..self.size {
            self.loopback.change(&format!("acme/r{number:02}"), |repository| each(number, repository));
        }
    }

    fn open(&self) -> usize {
        let mut open = 0;
        self.each(|_, repository| {
            open += repository.pulls.iter().filter(|pull| pull.state == "OPEN").count();
        });
        open
    }
}

#[test]
fn a_preview_shows_what_would_be_opened_and_writes_nothing() {
    let rings = json!([{ "name": "canary", "when": { "name": "acme/r00" } }, { "name": "rest" }]);
    let fleet = Fleet::new(Kind::GitHub, 4, &json!({ "name": "deny", "rings": rings }));
    let before = snapshot(&fleet.setting.place.path("rollout"));
    let ran = fleet.run("preview", &[]).code(0).says("would open or renew 1 requests and close 0");
    for text in [
        "canary  1 repository\n      1  waiting for a request",
        "rest  3 repositories",
        "to open  1\n  acme/r00\n",
        "+  \"permissions\": {\"deny\": [\"Read(.env)\", \"Read(*.pem)\"]",
        "ring `canary` goes first: 0 of 1 requests are merged or closed",
    ] {
        assert!(ran.out.contains(text) || ran.err.contains(text), "{text}\n{}\n{}", ran.out, ran.err);
    }
    assert!(!ran.out.contains("Zk2Rv9Wm"), "{}", ran.out);
    let preview = fleet.json("preview");
    assert_eq!(preview["open"], json!(["acme/r00"]));
    assert_eq!((&preview["renew"], &preview["close"]), (&json!([]), &json!([])));
    assert_eq!(preview["changes"][0]["repositories"], json!(["acme/r00"]));
    assert!(!preview.to_string().contains("Zk2Rv9Wm"), "{preview}");
    assert_eq!(snapshot(&fleet.setting.place.path("rollout")), before, "no log");
    let asked = fleet.loopback.server.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET" || !asked.body.contains("mutation")));
    assert_eq!(fleet.open(), 0);
}

#[test]
fn a_rollout_goes_from_ring_to_ring_and_brings_its_fleet_in_line() {
    for kind in [Kind::GitHub, Kind::GitLab] {
        let rings = json!([{ "name": "canary", "when": { "name": "acme/r00" } }, { "name": "rest" }]);
        let request = json!({ "labels": ["policy"], "signedOff": "Ada <ada@acme.dev>" });
        let rollout = json!({ "name": "deny", "rings": rings, "request": request });
        let fleet = Fleet::new(kind, 4, &rollout);
        fleet.run("advance", &[]).code(0).says("acme/r00  http").says("opened or renewed 1 requests");
        fleet.run("advance", &[]).code(0).says("opened or renewed 0 requests");
        assert_eq!(fleet.open(), 1);
        fleet.loopback.change("acme/r00", |repository| {
            let pull = &repository.pulls[0];
            assert_eq!(pull.title, "Bring the agent settings in line with the policy");
            for text in [
                "### Agent settings: no new access: proved for every call\n",
                "# missing-rule: `Read(*.pem)` is missing from `permissions.deny` (file://",
                "+  \"permissions\": {\"deny\": [\"Read(.env)\", \"Read(*.pem)\"]",
                "rollout `deny`",
            ] {
                assert!(pull.body.contains(text), "{text}\n{}", pull.body);
            }
            assert_eq!(pull.body.contains("Only the root was looked at"), kind == Kind::GitHub);
            assert!(!pull.body.contains("Zk2Rv9Wm"), "{}", pull.body);
            let settings = &repository.files("bylaws/deny")[".claude/settings.json"].1;
            assert!(settings.contains("Zk2Rv9Wm4Xp8Tj3Hs6Fd5Gb1NcYLqa"), "what is written is whole");
            let message = &repository.commits[&repository.branches["bylaws/deny"]].message;
            assert!(
                message.contains(&format!("\n\nPolicy: {}\nRevision: ", fleet.setting.policy)),
                "{message}"
            );
            repository.merge();
        });
        fleet.run("advance", &[]).code(0).says("opened or renewed 3 requests");
        fleet.run("status", &[]).code(0).says("      1  merged").says("      3  open");
        let status = fleet.json("status");
        let rings = json!([
            { "name": "canary", "settled": 100, "repositories": 1, "stages": { "merged": 1 } },
            { "name": "rest", "settled": 100, "repositories": 3, "stages": { "open": 3 } },
        ]);
        assert_eq!((&status["rings"], &status["holds"]), (&rings, &json!([])));
        assert_eq!(status["policy"]["source"], json!(fleet.setting.policy));
        let last = &status["repositories"][3];
        assert_eq!((&last["name"], &last["ring"]), (&json!("acme/r03"), &json!("rest")));
        assert_eq!((&last["request"]["state"], &last["request"]["checks"]), (&json!("open"), &json!("none")));
        fleet.each(|number, repository| {
            if number > 0 {
                repository.merge()
            }
        });
        fleet.run("status", &[]).code(0).says("      3  merged");
        let check = ["fleet", "check", "--policy", &fleet.setting.policy, "--organization", "acme"];
        fleet.setting.run(&fleet.loopback, &check).says("in line");
        fleet.loopback.hold_against_published();
    }
}

#[test]
fn a_pause_and_limits_hold_a_rollout() {
    let rollout = json!({ "name": "deny", "rings": [{ "name": "all" }], "haltAbove": 20 });
    let fleet = Fleet::new(Kind::GitHub, 5, &rollout);
    let note = |command: &str, more: &[&str]| {
        let arguments = [&["fleet", "rollout", command, "rollout/x.json"], more].concat();
        fleet.setting.place.run("", &arguments)
    };
    note("pause", &["--reason", "a freeze"]).code(0);
    fleet.run("advance", &[]).code(0).says("the rollout is paused: a freeze");
    assert_eq!(fleet.open(), 0);
    note("resume", &[]).code(0);
    fleet.run("advance", &["--only", "acme/*3"]).code(0).says("acme/r03");
    fleet.loopback.change("acme/r03", |repository| assert_eq!(repository.opened, 1));
    fleet.run("advance", &["--max-open", "3"]).code(0).says("3 requests are open, as many as may be");
    assert_eq!(fleet.open(), 3);
    fleet.each(|number, repository| {
        if number < 2 {
            repository.pulls[0].checks = Some("FAILURE");
        }
    });
    fleet.run("advance", &[]).code(1).says("halted: in ring `all`, 2 of 5 requests fail their checks");
    fleet.run("status", &[]).code(1).says("acme/r01  its checks fail  http");
    let status = fleet.json("status");
    assert_eq!((&status["holds"][0]["kind"], &status["holds"][0]["until"]), (&json!("halted"), &Value::Null));
    assert_eq!(status["repositories"][1]["request"]["checks"], json!("failing"));
    assert_eq!(fleet.open(), 3);
}

#[test]
fn what_cannot_be_read_is_left_alone_and_told() {
    let fleet = Fleet::new(Kind::GitHub, 2, &json!({ "name": "deny", "rings": [{ "name": "all" }] }));
    fleet.loopback.change("acme/r00", |repository| {
        // GraphQL shows this file otherwise than it is stored.
        repository.recoded = vec![".claude/settings.json".into()];
    });
    fleet.run("advance", &[]).code(0).says("opened or renewed 1 requests");
    fleet.run("status", &[]).code(0).says("acme/r00  it is unreadable: ");
    let held = &fleet.json("status")["repositories"][0];
    assert_eq!(held["stage"], json!("held"));
    assert!(held["why"].as_str().unwrap().starts_with("it is unreadable: "), "{held}");
    fleet.loopback.change("acme/r00", |repository| assert_eq!(repository.opened, 0));
}

#[test]
fn a_rollout_that_cannot_go_is_refused_before_anything_is_asked() {
    let fleet = Fleet::new(Kind::GitHub, 1, &json!({ "name": "deny", "rings": [] }));
    fleet.run("advance", &[]).code(2).says("`rollout/x.json` is no rollout: a rollout has at least one ring");
    fleet.setting.place.write("rollout/x.json", r#"{"name": "deny", "ringz": []}"#);
    fleet.run("preview", &[]).code(2).says("unknown field `ringz`");
    fleet.setting.place.write("rollout/x.json", r#"{"name": "deny", "rings": [{"name": "all"}]}"#);
    let folder = ["fleet", "rollout", "preview", "rollout/x.json", "--policy", "policy"];
    let ran = fleet.setting.run(&fleet.loopback, &[&folder[..], &["--organization", "acme"]].concat());
    ran.code(2).says("locks elsewhere cannot name it").says("--pinned-as");
    assert!(fleet.loopback.server.asked().is_empty());
}

#[test]
fn a_rollout_that_the_forge_does_not_take_leaves_no_log() {
    let fleet = Fleet::new(Kind::GitHub, 1, &json!({ "name": "deny", "rings": [{ "name": "all" }] }));
    let arguments = fleet.arguments("advance");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut program = fleet.setting.program(&fleet.loopback, &arguments);
    let ran = Ran::of(program.env("BYLAWS_FORGE_TOKEN", "mistyped").output().unwrap());
    ran.code(3).says("does not take the token");
    assert!(!fleet.setting.place.path("rollout/x.log").exists());
}

#[test]
fn the_rollout_of_the_documentation_is_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rollout.md");
    let page = std::fs::read_to_string(page).unwrap();
    let json = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let plan = Plan::new(serde_json::from_str(json).unwrap()).unwrap();
    assert_eq!((plan.branch(), plan.rings().len()), ("bylaws/october-baseline", 3));
}
