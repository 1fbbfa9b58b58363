//! The commands that ask a forge, as the program runs them, against a forge on loopback.

use std::process::Command;

use serde_json::{Value, json};

use super::loopback::repository::Repository;
use super::loopback::{Kind, Loopback};
use crate::place::{Place, Ran};

const MANIFEST: &str = r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#;
const LAYER: &str = r#"{
  "title": "Acme",
  "enforce": {"permissions": {"deny": ["Read(.env)", "Read(*.pem)"]}},
  "files": [{"path": "docs/AGENTS.md", "mode": "block", "text": "Be careful."}]
}"#;

/// A policy, and a repository that it was applied to.
pub(super) struct Setting {
    pub(super) place: Place,
    pub(super) policy: String,
    pub(super) in_line: Repository,
}

impl Setting {
    pub(super) fn new() -> Self {
        let place = Place::new();
        place.write("policy/bylaws.json", MANIFEST);
        place.write("policy/layers/org.json", LAYER);
        place.commit("policy");
        let policy = format!("file://{}", place.path("policy").display());
        place.write("web/README.md", "x");
        place.commit("web");
        place.run("web", &["apply", "--policy", &policy]).code(0);
        let files = [".claude/settings.json", ".claude/bylaws.lock", "docs/AGENTS.md"];
        let texts = files.map(|path| (path, place.read(&format!("web/{path}"))));
        let in_line = Repository::new(&texts.each_ref().map(|(path, text)| (*path, text.as_str())));
        Self { place, policy, in_line }
    }

    /// The program, to ask this forge.
    pub(super) fn program(&self, loopback: &Loopback, arguments: &[&str]) -> Command {
        let mut program = self.place.program("");
        program.env("BYLAWS_FORGE_TOKEN", "token-of-a-test").args(arguments);
        program.args(["--forge", &loopback.server.base, "--forge-kind", loopback.kind_name()]);
        program
    }

    pub(super) fn run(&self, loopback: &Loopback, arguments: &[&str]) -> Ran {
        Ran::of(self.program(loopback, arguments).output().unwrap())
    }

    fn check(&self, loopback: &Loopback, more: &[&str]) -> (Ran, Value) {
        let arguments = ["fleet", "check", "--policy", &self.policy, "--organization", "acme"];
        let form = ["--format", "json", "--fail-on", "never", "--as-of", "2026-12-01"];
        let ran = self.run(loopback, &[&arguments, &form[..], more].concat()).code(0);
        let report = serde_json::from_str(&ran.out).unwrap();
        (ran, report)
    }
}

fn states(report: &Value) -> Vec<(&str, &str)> {
    let repositories = report["repositories"].as_array().unwrap().iter();
    repositories.map(|it| (it["name"].as_str().unwrap(), it["state"].as_str().unwrap())).collect()
}

#[test]
fn an_organisation_becomes_an_inventory() {
    for kind in [Kind::GitHub, Kind::GitLab] {
        let setting = Setting::new();
        let mut web = setting.in_line.clone();
        web.topics = vec!["pci".into()];
        // What a forge lets people name as they like names no other repository.
        web.properties = vec![("name".into(), json!("acme/other")), ("tier".into(), json!("one"))];
        let mut old = Repository::new(&[]);
        old.is_archived = true;
        let loopback = Loopback::start(kind, [("acme/web".into(), web), ("acme/old".into(), old)]);
        let ran =
            setting.run(&loopback, &["fleet", "discover", "--organization", "acme"]).code(0).says("2 repos");
        let inventory: Value = serde_json::from_str(&ran.out).unwrap();
        let [old, web] = &inventory["repositories"].as_array().unwrap()[..] else { panic!("{}", ran.out) };
        assert_eq!((&old["name"], &old["archived"]), (&json!("acme/old"), &json!("true")));
        assert_eq!((&web["name"], &web["topics"]), (&json!("acme/web"), &json!("pci")));
        assert_eq!(web["source"], json!(format!("{}/acme/web.git", loopback.server.base)));
        assert!(!ran.out.contains("token-of-a-test") && !ran.err.contains("token-of-a-test"));
    }
}

#[test]
fn a_fleet_on_a_forge_is_checked_without_clones() {
    for kind in [Kind::GitHub, Kind::GitLab] {
        let setting = Setting::new();
        let behind = Repository::new(&[("README.md", "x"), ("src/lib.rs", "")]);
        let mut edited = setting.in_line.clone();
        let mut files = edited.files("main");
        files.get_mut(".claude/settings.json").unwrap().1 = "{}\n".into();
        edited.commit("main", files, "By hand");
        let mut archived = setting.in_line.clone();
        archived.is_archived = true;
        let loopback = Loopback::start(
            kind,
            [
                ("acme/archived".into(), archived),
                ("acme/edited".into(), edited),
                ("acme/empty".into(), Repository::default()),
                ("acme/none".into(), behind),
                ("acme/web".into(), setting.in_line.clone()),
            ],
        );
        let (ran, report) = setting.check(&loopback, &[]);
        let expected = [
            ("acme/archived", "archived"),
            ("acme/edited", "edited"),
            ("acme/empty", "unreadable"),
            ("acme/none", "no-policy"),
            ("acme/web", "in-line"),
        ];
        assert_eq!(states(&report), expected, "{}", ran.err);
        // GitHub shows no folder that was not named; GitLab shows the whole tree.
        let partial = (kind == Kind::GitHub).then_some(true);
        assert_eq!(report["repositories"][3]["partial"].as_bool(), partial);
        assert_eq!(ran.err.contains("the forge showed the root alone"), partial.is_some(), "{}", ran.err);

        loopback.server.fail(|_, _| None);
        let (again, unchanged) = setting.check(&loopback, &[]);
        assert_eq!(unchanged, report);
        let read =
            loopback.server.asked().iter().filter(|asked| asked.body.contains("fragment file")).count();
        assert_eq!(read, 0, "what did not change is not read again");
        assert_eq!(again.err, ran.err);
    }
}

/// The promise of the first and the second run, for the program as a whole.
#[test]
fn a_thousand_repositories_take_few_calls_and_unchanged_ones_fewer() {
    let setting = Setting::new();
    let one = |number: usize| (format!("acme/r{number:04}"), setting.in_line.clone());
    let loopback = Loopback::start(Kind::GitHub, (0..1000).map(one));
    let list = (0..1000).map(|number| json!({ "name": format!("acme/r{number:04}") }));
    let inventory = json!({ "repositories": list.collect::<Vec<_>>() });
    setting.place.write("inventory.json", inventory.to_string());
    let check = ["fleet", "check", "inventory.json", "--policy", &setting.policy];
    setting.run(&loopback, &check).code(0).says("none of 1000 repositories needs attention");
    let first = loopback.server.asked().len();
    loopback.server.fail(|_, _| None);
    setting.run(&loopback, &check).code(0).says("none of 1000 repositories needs attention");
    let second = loopback.server.asked().len();
    assert!(first <= 25 && second <= 5, "{first} {second}");
}

#[test]
fn what_the_policy_knows_goes_before_what_a_forge_says() {
    let setting = Setting::new();
    let manifest = json!({"organization": "acme", "inventory": "inventory.json", "layers": [
        {"layer": "layers/org.json", "when": {"environment": "production"}}]});
    setting.place.write("policy/bylaws.json", manifest.to_string());
    let inventory = json!({"repositories": [{"name": "acme/web", "environment": "production"}]});
    setting.place.write("policy/inventory.json", inventory.to_string());
    setting.place.commit("policy");
    let mut web = Repository::new(&[("README.md", "x")]);
    web.properties = vec![("environment".into(), json!("playground"))];
    let loopback = Loopback::start(Kind::GitHub, [("acme/web".into(), web)]);
    let ran =
        setting.run(&loopback, &["fleet", "plan", "--policy", &setting.policy, "--organization", "acme"]);
    ran.code(0).says("1 repository  acme/web").says("+      \"Read(.env)\"");
}

#[test]
fn a_forge_that_cannot_be_asked_ends_the_command_and_shows_no_token() {
    let setting = Setting::new();
    let loopback = Loopback::start(Kind::GitHub, []);
    let discover = ["fleet", "discover", "--organization", "acme"];
    let mut wrong = setting.program(&loopback, &discover);
    let ran = Ran::of(wrong.env("BYLAWS_FORGE_TOKEN", "another-token").output().unwrap());
    let ran = ran.code(3).says("does not take the token");
    assert!(!ran.err.contains("another-token"), "{}", ran.err);
    // Nothing is told of single repositories: all of them are not known for one reason.
    let list: Vec<Value> = ["a", "b"].map(|name| json!({ "name": format!("acme/{name}") })).into();
    setting.place.write("inventory.json", json!({ "repositories": list }).to_string());
    for kind in [Kind::GitHub, Kind::GitLab] {
        let loopback = Loopback::start(kind, []);
        let check = ["fleet", "check", "inventory.json", "--policy", &setting.policy];
        let mut wrong = setting.program(&loopback, &check);
        let ran = Ran::of(wrong.env("BYLAWS_FORGE_TOKEN", "another-token").output().unwrap());
        assert_eq!(ran.code(3).says("does not take the token").out, "");
    }
    let mut none = setting.program(&loopback, &discover);
    let ran = Ran::of(none.env_remove("BYLAWS_FORGE_TOKEN").output().unwrap());
    ran.code(2).says("there is no token for `http://127.0.0.1").says("BYLAWS_FORGE_TOKEN");
}

/// A lock may list files that no check looks at otherwise, and links may lead anywhere.
#[test]
fn files_that_locks_list_are_read_wherever_they_are() {
    let setting = Setting::new();
    let layer = LAYER.replace("docs/AGENTS.md", "docs/guide/NEW.md");
    setting.place.write("policy/layers/org.json", layer);
    setting.place.commit("policy");
    let mut linked = setting.in_line.clone();
    let mut files = linked.files("main");
    let text = files.remove("docs/AGENTS.md").unwrap();
    files.insert("notes/agents.md".into(), text);
    files.insert("docs/AGENTS.md".into(), (0o120_000, "../notes/agents.md".into()));
    linked.commit("main", files, "A link");
    for kind in [Kind::GitHub, Kind::GitLab] {
        let repositories =
            [("acme/linked".into(), linked.clone()), ("acme/web".into(), setting.in_line.clone())];
        let loopback = Loopback::start(kind, repositories);
        let plan = ["fleet", "plan", "--policy", &setting.policy, "--organization", "acme"];
        let ran = setting.run(&loopback, &plan).code(0);
        for text in
            ["-<!-- begin bylaws acme -->", "+++ b/docs/guide/NEW.md", "2 of 2 repositories would change"]
        {
            assert!(
                ran.out.contains(text) || ran.err.contains(text),
                "{kind:?} {text} {} {}",
                ran.out,
                ran.err
            );
        }
        loopback.hold_against_published();
    }
}

#[test]
fn a_lock_that_lists_files_without_end_is_not_asked_for_and_keeps_no_other_from_being_read() {
    let setting = Setting::new();
    let mut hostile = setting.in_line.clone();
    let mut files = hostile.files("main");
    let owned = |number: usize| format!("{{\"file\": \"docs/x{number}.md\", \"block\": \"acme\"}}");
    let owned = (0..500).map(owned).collect::<Vec<_>>().join(",");
    let lock = &mut files.get_mut(".claude/bylaws.lock").unwrap().1;
    *lock = lock.replace("\"owned\": [", &format!("\"owned\": [{owned},"));
    hostile.commit("main", files, "Much");
    let repositories = [("acme/hostile".into(), hostile), ("acme/web".into(), setting.in_line.clone())];
    let loopback = Loopback::start(Kind::GitHub, repositories);
    let (ran, report) = setting.check(&loopback, &[]);
    assert_eq!(states(&report), [("acme/hostile", "unreachable"), ("acme/web", "in-line")], "{}", ran.err);
}
