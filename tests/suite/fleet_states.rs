//! Each line by which a repository gets its state in a fleet, and the call that shows it.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::place::{Place, Ran};

/// A policy that asks for one thing of each kind.
fn layer() -> Value {
    json!({
        "title": "Acme",
        "enforce": {
            "permissions": {
                "allow": ["Bash(npm test)"],
                "ask": ["Bash(git push *)"],
                "deny": ["Read(.env)", "Bash(rm *)"],
                "disableBypassPermissionsMode": "disable"
            },
            "env": {"TEAM": "acme"},
            "sandbox": {"failIfUnavailable": true},
            "hooks": {
                "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}]}],
                "SessionEnd": [{"hooks": [{"type": "command", "command": "note"}]}]
            }
        },
        "limit": {"neverAllow": ["Bash(curl *)"]},
        "files": [
            {"path": "CLAUDE.md", "mode": "block", "text": "Ask before you deploy."},
            {"path": ".claude/agents/reviewer.md", "mode": "whole", "text": "---\nname: reviewer\n---\nReview.\n"},
            {"path": "guard.sh", "mode": "whole", "text": "exit 2\n"}
        ]
    })
}

/// A policy, a fleet of work trees beside it, and the name by which locks know the policy.
struct Fleet {
    place: Place,
    policy: String,
}

impl Fleet {
    fn new(layer: &Value) -> Self {
        let place = Place::new();
        let policy = format!("file://{}", place.path("policy").display());
        place.write(
            "policy/bylaws.json",
            r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#,
        );
        let fleet = Self { place, policy };
        fleet.set_policy(layer);
        fleet
    }

    fn set_policy(&self, layer: &Value) {
        self.place.write("policy/layers/org.json", layer.to_string());
        self.place.commit("policy");
    }

    /// A repository to which the policy was applied and that owns to nothing of it: what is taken away is missing then,
    /// not edited.
    fn add(&self, name: &str) {
        self.apply(name);
        let path = format!("fleet/{name}/.claude/bylaws.lock");
        let mut lock: Value = serde_json::from_str(&self.place.read(&path)).unwrap();
        lock["owned"] = json!([]);
        self.place.write(&path, lock.to_string());
    }

    fn apply(&self, name: &str) {
        let folder = format!("fleet/{name}");
        self.place.write(&format!("{folder}/README.md"), name);
        self.place.commit(&folder);
        self.place.run(&folder, &["apply", "--policy", &self.policy]).code(0);
    }

    fn change(&self, name: &str, change: impl Fn(&mut Value)) {
        let path = format!("fleet/{name}/.claude/settings.json");
        let mut settings: Value = serde_json::from_str(&self.place.read(&path)).unwrap();
        change(&mut settings);
        self.place.write(&path, settings.to_string());
    }

    /// A repository that is changed after the policy was applied.
    fn changed(&self, name: &str, change: impl Fn(&mut Value)) {
        self.add(name);
        self.change(name, change);
    }

    fn lose(&self, name: &str, file: &str) {
        self.add(name);
        std::fs::remove_file(self.place.path(&format!("fleet/{name}/{file}"))).unwrap();
    }

    fn check(&self, more: &[&str]) -> Ran {
        let arguments = ["fleet", "check", "fleet", "--policy", &self.policy, "--as-of", "2026-12-01"];
        self.place.run("", &[&arguments, more].concat())
    }

    /// State, first reason and its call of a repository.
    #[track_caller]
    fn stands(&self, expected: &[(&str, &str, &str, Option<[&str; 3]>)]) {
        let ran = self.check(&["--format", "json", "--fail-on", "never"]).code(0);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        let found = report["repositories"].as_array().unwrap();
        for (name, state, why, call) in expected {
            let it = found.iter().find(|it| it["name"] == *name).unwrap();
            assert_eq!(it["state"], *state, "{name}: {it:#}");
            let reason = &it["reasons"][0];
            assert!(reason["message"].as_str().unwrap_or_default().contains(why), "{name}: {it:#}");
            let witness = &reason["witness"];
            let shown = call.map_or(Value::Null, |[call, now, policy]| {
                let tool = call.split('(').next();
                json!({"tool": tool, "call": call, "now": now, "policy": policy})
            });
            assert_eq!(*witness, shown, "{name}: {it:#}");
        }
        assert_eq!(found.len(), expected.len(), "{found:#?}");
    }
}

fn without(settings: &mut Value, at: &str, key: &str) {
    settings.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key);
}

fn without_entry(settings: &mut Value, at: &str, entry: &str) {
    settings.pointer_mut(at).unwrap().as_array_mut().unwrap().retain(|it| it != entry);
}

fn with_entry(settings: &mut Value, list: &str, entry: &str) {
    let entries = settings["permissions"].as_object_mut().unwrap().entry(list).or_insert(json!([]));
    entries.as_array_mut().unwrap().push(json!(entry));
}

#[test]
fn what_is_missing_is_weaker_unless_it_is_proved_to_let_nothing_more_happen() {
    let fleet = Fleet::new(&layer());
    fleet.changed("deny", |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    fleet.changed("deny-command", |it| without_entry(it, "/permissions/deny", "Bash(rm *)"));
    fleet.changed("ask", |it| without_entry(it, "/permissions/ask", "Bash(git push *)"));
    fleet.changed("ask-allowed", |it| {
        without_entry(it, "/permissions/ask", "Bash(git push *)");
        with_entry(it, "allow", "Bash(git *)");
    });
    fleet.changed("allow", |it| without_entry(it, "/permissions/allow", "Bash(npm test)"));
    fleet.changed("key", |it| without(it, "/permissions", "disableBypassPermissionsMode"));
    fleet.changed("sandbox", |it| it["sandbox"]["failIfUnavailable"] = json!(false));
    fleet.changed("hook", |it| without(it, "/hooks", "PreToolUse"));
    fleet.changed("hook-after", |it| without(it, "/hooks", "SessionEnd"));
    fleet.changed("env", |it| without(it, "/env", "TEAM"));
    fleet.changed("both", |it| {
        without_entry(it, "/permissions/allow", "Bash(npm test)");
        without_entry(it, "/permissions/deny", "Read(.env)");
    });
    fleet.lose("prose", "CLAUDE.md");
    fleet.lose("script", "guard.sh");
    fleet.lose("agent", ".claude/agents/reviewer.md");
    // What everybody gets counts, whatever somebody's own settings forbid.
    fleet.changed("personal", |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    fleet
        .place
        .write("fleet/personal/.claude/settings.local.json", r#"{"permissions": {"deny": ["Read(.env)"]}}"#);
    let env = Some(["Read(.env)", "allow", "deny"]);
    fleet.stands(&[
        ("agent", "weaker", "no call was found, and what the file does is not known", None),
        ("allow", "behind", "`Bash(npm test)` is missing from `permissions.allow`", None),
        ("ask", "weaker", "no call was found, and a user's own settings may allow", None),
        (
            "ask-allowed",
            "weaker",
            "is missing from `permissions.ask`",
            Some(["Bash(git push)", "allow", "ask"]),
        ),
        ("both", "weaker", "`Read(.env)` is missing", env),
        ("deny", "weaker", "`Read(.env)` is missing from `permissions.deny`", env),
        ("deny-command", "weaker", "`Bash(rm *)` is missing", Some(["Bash(rm)", "ask", "deny"])),
        ("env", "weaker", "no call was found, and no order of its values is known", None),
        ("hook", "weaker", "`hooks.PreToolUse` has no entry", None),
        ("hook-after", "behind", "`hooks.SessionEnd` has no entry", None),
        ("key", "weaker", "`permissions.disableBypassPermissionsMode` is not set", None),
        ("personal", "weaker", "`Read(.env)` is missing", env),
        ("prose", "behind", "`CLAUDE.md` has no block", None),
        ("sandbox", "weaker", "`sandbox.failIfUnavailable` is `false`", None),
        ("script", "weaker", "no call was found, and what the file does is not known", None),
    ]);
}

/// Of no kind of rule is a missing one taken for harmless.
#[test]
fn a_missing_deny_rule_of_any_kind_is_weaker() {
    let rules = [
        "Agent(Explore)",
        "Bash(curl *)",
        "Bash(* --force)",
        "Bash(run_in_background:true)",
        "Edit(.github/**)",
        "Edit(~/.bashrc)",
        "Glob",
        "NotebookEdit",
        "Read(**/*.pem)",
        "Read(//etc/passwd)",
        "Read(~/.ssh/**)",
        "Skill(deploy)",
        "WebFetch(domain:*.evil.dev)",
        "WebFetch(domain:[::1])",
        "WebSearch",
        "mcp__a__b__c",
        "mcp__docs",
        "mcp__docs2__*",
    ];
    let fleet = Fleet::new(&json!({"title": "Acme", "enforce": {"permissions": {"deny": rules}}}));
    let names: Vec<String> = (0..rules.len()).map(|number| format!("r{number:02}")).collect();
    for (name, rule) in names.iter().zip(rules) {
        fleet.changed(name, |it| without_entry(it, "/permissions/deny", rule));
    }
    let ran = fleet.check(&["--format", "json", "--fail-on", "never"]).code(0);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let found = report["repositories"].as_array().unwrap();
    assert_eq!(found.len(), rules.len());
    for (it, rule) in found.iter().zip(rules) {
        assert_eq!(it["state"], "weaker", "{rule}: {it:#}");
    }
}

/// What the proof leaves open counts against the repository, and for it nowhere.
#[test]
fn what_is_not_decided_is_weaker() {
    let deny = ["Read(secrets/**)", "Read(!secrets/open.md)"];
    let fleet = Fleet::new(&json!({"title": "Acme", "enforce": {"permissions": {"deny": deny}}}));
    fleet.changed("web", |it| without_entry(it, "/permissions/deny", "Read(!secrets/open.md)"));
    fleet.stands(&[(
        "web",
        "weaker",
        "no call was found, and whether it lets more happen is not decided",
        None,
    )]);
}

#[test]
fn a_server_that_is_missing_is_behind_and_another_one_is_not() {
    let docs = json!({"type": "http", "url": "https://docs.acme.dev/mcp"});
    let fleet = Fleet::new(&json!({"title": "Acme", "mcp": {"provide": {"docs": docs}}}));
    fleet.lose("gone", ".mcp.json");
    fleet.add("other");
    let servers = fleet.place.read("fleet/other/.mcp.json");
    fleet.place.write("fleet/other/.mcp.json", servers.replace("docs.acme.dev", "docs.evil.dev"));
    fleet.stands(&[
        ("gone", "behind", "MCP server `docs` is missing", None),
        ("other", "weaker", "no call was found, and no order of its values is known", None),
    ]);
}

#[test]
fn other_states_go_before_and_behind_it() {
    let fleet = Fleet::new(&layer());
    fleet.apply("edited");
    fleet.change("edited", |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    fleet.changed("beyond", |it| with_entry(it, "allow", "Bash(sudo *)"));
    fleet.changed("faulty", |it| it["model"] = json!(5));
    fleet.add("in-line");
    fleet.add("unreadable");
    fleet.place.write("fleet/unreadable/.claude/settings.json", "{,");
    fleet.place.write("fleet/none/README.md", "x");
    fleet.place.commit("fleet/none");
    // A project at the current pin that lacks something, beside one with an older pin.
    fleet.add("pins");
    fleet.change("pins", |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    let lock = fleet.place.read("fleet/pins/.claude/bylaws.lock");
    fleet.place.write(
        "fleet/pins/below/.claude/settings.json",
        fleet.place.read("fleet/in-line/.claude/settings.json"),
    );
    let mut old: Value = serde_json::from_str(&lock).unwrap();
    old["policy"]["digest"] = json!(format!("sha256:{}", "0".repeat(64)));
    fleet.place.write("fleet/pins/below/.claude/bylaws.lock", old.to_string());
    // What comes with the upgrade of a pin is not looked at for itself.
    fleet.add("behind");
    fleet.change("behind", |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    fleet.place.write("fleet/behind/.claude/bylaws.lock", old.to_string());
    fleet.stands(&[
        ("behind", "behind", "than its lock says", None),
        ("beyond", "weaker", "`Bash(sudo *)` is allowed", Some(["Bash(sudo curl)", "allow", "not-allowed"])),
        ("edited", "edited", "`Read(.env)` was taken out of `permissions.deny`", None),
        ("faulty", "faulty", "`model`", None),
        ("in-line", "in-line", "", None),
        ("none", "no-policy", "no policy is pinned here", None),
        ("pins", "weaker", "`Read(.env)` is missing", Some(["Read(.env)", "allow", "deny"])),
        ("unreadable", "unreadable", "this is not JSON", None),
    ]);
    let waiver = json!({"repositories": ["beyond"], "opens": {"rules": ["Bash(sudo *)"]}, "reason": "r",
        "owner": "o", "approvedBy": "a", "expires": "2027-03-01"});
    fleet.place.write("policy/waivers/sudo.json", waiver.to_string());
    fleet.place.commit("policy");
    let ran = fleet.check(&["--format", "csv"]).code(1);
    assert!(ran.out.contains("beyond,waived,2027-03-01"), "{}", ran.out);
}

#[test]
fn stricter_is_what_a_call_shows() {
    let fleet = Fleet::new(&layer());
    fleet.changed("asks", |it| with_entry(it, "ask", "Bash(npm test)"));
    fleet.changed("denies", |it| with_entry(it, "deny", "Bash(git push *)"));
    fleet.changed("reads", |it| with_entry(it, "deny", "Read(secrets/**)"));
    // Rules of its own that hold back nothing: the client asks anyway, or policy forbids it already.
    fleet.changed("asks-anyway", |it| with_entry(it, "ask", "Bash(make deploy)"));
    fleet.changed("denied-anyway", |it| with_entry(it, "deny", "Bash(rm -rf *)"));
    fleet.changed("asks-what-is-denied", |it| with_entry(it, "ask", "Bash(rm *)"));
    // Where rules take paths out again nothing is proved, and nothing is called stricter.
    fleet.changed("undecided", |it| {
        with_entry(it, "deny", "Read(!open/**)");
    });
    fleet.stands(&[
        (
            "asks",
            "stricter",
            "`Bash(npm test)` in `permissions.ask` is more",
            Some(["Bash(npm test)", "ask", "allow"]),
        ),
        ("asks-anyway", "in-line", "", None),
        ("asks-what-is-denied", "in-line", "", None),
        ("denied-anyway", "in-line", "", None),
        (
            "denies",
            "stricter",
            "`Bash(git push *)` in `permissions.deny`",
            Some(["Bash(git push)", "deny", "ask"]),
        ),
        (
            "reads",
            "stricter",
            "`Read(secrets/**)` in `permissions.deny`",
            Some(["Read(secrets)", "deny", "allow"]),
        ),
        ("undecided", "in-line", "", None),
    ]);
}

#[test]
fn every_form_tells_the_call() {
    let fleet = Fleet::new(&layer());
    for name in ["a", "b"] {
        fleet.changed(name, |it| without_entry(it, "/permissions/deny", "Read(.env)"));
    }
    let told = "`Read(.env)` is allowed, policy denies it";
    fleet.check(&[]).code(1).says("`Read(.env)` is missing from `permissions.deny`").says("policy denies it");
    let markdown = fleet.check(&["--format", "markdown"]).code(1).out;
    assert!(markdown.contains(told) && markdown.contains("`a`, `b`"), "{markdown}");
    let csv = fleet.check(&["--format", "csv"]).code(1).out;
    let line = csv.lines().find(|line| line.starts_with("a,weaker")).unwrap();
    assert!(line.ends_with(",Read(.env),allow,deny,false"), "{line}");
    // What one runner wrote is read again, the call with it.
    let json = fleet.check(&["--format", "json"]).code(1).out;
    fleet.place.write("report.json", &json);
    let merged = fleet.place.run("", &["fleet", "merge", "report.json", "--format", "json"]).code(1).out;
    assert_eq!(merged, json);
    // A report without calls, of a program before this one, is read as well.
    let mut older: Value = serde_json::from_str(&json).unwrap();
    for it in older["repositories"].as_array_mut().unwrap() {
        it["reasons"][0].as_object_mut().unwrap().remove("witness").unwrap();
    }
    fleet.place.write("report.json", older.to_string());
    fleet.place.run("", &["fleet", "merge", "report.json"]).code(1).says("2  weaker");
}

#[test]
fn no_call_shows_a_credential() {
    let key = format!("ghp_{}", "q7Zk2Rv9Wm4Xp8Tj3Hs6Fd5Gb1NcYLae0uKo");
    let fleet = Fleet::new(&json!({"title": "Acme", "enforce": {"permissions": {"deny": ["Read(.env)"]}},
        "recommend": {"permissions": {"allow": ["Bash(npm *)"]}}}));
    fleet.changed("web", |it| with_entry(it, "deny", &format!("Bash(npm login {key})")));
    for format in ["text", "json", "csv", "markdown"] {
        let weight = ["--severity", "plaintext-secret=note"];
        let ran = fleet.check(&[&["--format", format, "--fail-on", "never"][..], &weight].concat()).code(0);
        assert!(!ran.out.contains(&key) && ran.out.contains("stricter"), "{}", ran.out);
    }
}

/// A server that nobody is behind: its port was taken, and is free again.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_host_that_is_down_ends_the_check_and_is_told_once() {
    let fleet = Fleet::new(&layer());
    let base = closed();
    let list =
        |names: &[&str]| names.iter().map(|name| format!("{base}/acme/{name}.git\n")).collect::<String>();
    let check = |list: String, more: &[&str]| {
        fleet.place.write("list.txt", list);
        let arguments = ["fleet", "check", "list.txt", "--policy", &fleet.policy, "--fail-on", "never"];
        fleet.place.run("", &[&arguments, more].concat())
    };
    for more in [&[][..], &["--no-cache"]] {
        let ran = check(list(&["a", "b", "c"]), more).code(3);
        let ran = ran.says("none of the 3 repositories on `127.0.0.1` can be reached");
        assert_eq!(ran.out, "", "no report is written");
    }
    // One alone, and one of others that are there, is a repository that cannot be reached.
    check(list(&["a"]), &[]).code(0).says("1  unreachable");
    fleet.add("web");
    let web = fleet.place.path("fleet/web").display().to_string();
    check(list(&["a", "b"]) + &web, &[]).code(0).says("2  unreachable").says("1  in line");
    check(list(&["a", "b"]), &["--offline"]).code(0).says("2  unreachable");
}

#[test]
fn a_forge_is_not_asked_for_nothing() {
    let place = Place::new();
    place.write("list.txt", "");
    let base = closed();
    let ran = place.run("", &["fleet", "discover", "list.txt", "--forge", &base, "--forge-kind", "github"]);
    ran.code(2).says("none is named").says("--organization NAME");
}
