//! `bylaws audit` on made-up machines: what is told of each thing, what is in force, and that nothing leaks, hangs or
//! counts as fine without being read.

mod wary;

use serde_json::{Value, json};

use crate::place::{Place, Ran};

const DAY: [&str; 2] = ["--as-of", "2026-11-24"];

/// A machine with a policy beside it.
struct Machine(Place);

impl Machine {
    fn new() -> Self {
        let place = Place::new();
        for folder in ["home/.claude", "etc", "home/code/web/.claude"] {
            std::fs::create_dir_all(place.path(folder)).unwrap();
        }
        place.write(
            "policy/bylaws.json",
            r#"{"organization": "acme", "layers": [{"layer": "layers/org.json"}]}"#,
        );
        let machine = Self(place);
        machine.policy(&json!({
            "title": "Acme",
            "enforce": {
                "apiKeyHelper": null,
                "enabledPlugins": {"bad@tools": false},
                "strictKnownMarketplaces": [{"source": "github", "repo": "acme/tools"}],
                "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "log"}]}]}
            },
            "limit": {
                "neverAllow": ["Bash(curl *)"],
                "allow": ["Bash(npm *)", "Bash(curl *)"],
                "settings": {"properties": {"cleanupPeriodDays": {"maximum": 30}}}
            },
            "mcp": {"allow": [{"serverUrl": "https://mcp.acme.dev/*"}], "deny": [{"serverName": "files"}]}
        }));
        machine
    }

    fn policy(&self, layer: &Value) {
        self.0.write("policy/layers/org.json", layer.to_string());
    }

    fn json(&self, path: &str, value: &Value) -> &Self {
        self.0.write(path, serde_json::to_string_pretty(value).unwrap());
        self
    }

    /// The state of the client, with what it says of the one project.
    fn state(&self, user: &Value, project: &Value) -> &Self {
        let mut state = user.clone();
        state["projects"] = json!({self.0.path("home/code/web").to_str().unwrap(): project});
        self.json("home/.claude.json", &state)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let own = ["audit", "--home", "home", "--managed", "etc"];
        self.0.run("", &[&own, &DAY[..], arguments].concat())
    }

    fn audit(&self) -> Told {
        Told::of(&self.run(&["--policy", "policy", "--format", "json", "--fail-on", "never"]))
    }
}

/// What an audit told.
struct Told(Value);

impl Told {
    #[track_caller]
    fn of(ran: &Ran) -> Self {
        Self(
            serde_json::from_str(&ran.out)
                .unwrap_or_else(|error| panic!("{error}\n{}\n{}", ran.out, ran.err)),
        )
    }

    /// The only row of this kind and name.
    #[track_caller]
    fn item(&self, kind: &str, name: &str) -> &Value {
        let found = self.items(kind).into_iter().filter(|item| item["name"] == name).collect::<Vec<_>>();
        assert_eq!(found.len(), 1, "{kind} {name}\n{:#}", self.0);
        found[0]
    }

    fn items(&self, kind: &str) -> Vec<&Value> {
        self.0["items"].as_array().unwrap().iter().filter(|item| item["kind"] == kind).collect()
    }

    /// Verdict, whether it is in force, and scope of a row.
    #[track_caller]
    fn says(&self, kind: &str, name: &str) -> [&str; 3] {
        let item = self.item(kind, name);
        [&item["verdict"]["is"], &item["inForce"]["is"], &item["scope"]].map(|value| value.as_str().unwrap())
    }

    /// The state of the files whose names end like this.
    fn files(&self, ending: &str) -> Vec<&str> {
        let files = self.0["files"].as_array().unwrap().iter();
        let of_file = files.filter(|file| file["place"]["file"].as_str().unwrap().ends_with(ending));
        of_file.map(|file| file["state"].as_str().unwrap()).collect()
    }
}

#[test]
fn servers_of_all_scopes_are_told_with_their_places() {
    let machine = Machine::new();
    machine.state(
        &json!({"mcpServers": {
            "docs": {"type": "http", "url": "https://mcp.acme.dev/docs"},
            "files": {"command": "npx", "args": ["-y", "files"]},
            "late": {"type": "http", "url": "${LATE}"},
            "broken": {"url": "https://mcp.acme.dev/x"}
        }}),
        &json!({
            "hasTrustDialogAccepted": true,
            "mcpServers": {"mine": {"command": "mine"}, "both": {"command": "mine"}},
            "enabledMcpjsonServers": ["known"],
            "disabledMcpjsonServers": ["refused"],
            "disabledMcpServers": ["mine"]
        }),
    );
    let server = json!({"command": "x"});
    machine.json(
        "home/code/web/.mcp.json",
        &json!({"mcpServers": {"known": server, "refused": server, "fresh": server, "both": server}}),
    );
    let told = machine.audit();
    assert_eq!(told.says("mcp-server", "docs"), ["allowed", "yes", "user"]);
    assert_eq!(told.says("mcp-server", "files"), ["denied", "yes", "user"]);
    assert_eq!(told.says("mcp-server", "late"), ["unknown", "yes", "user"]);
    assert_eq!(told.says("mcp-server", "broken"), ["allowed", "no", "user"]);
    assert_eq!(told.says("mcp-server", "mine"), ["not-approved", "no", "local"]);
    assert_eq!(told.says("mcp-server", "known"), ["not-approved", "yes", "project"]);
    assert_eq!(told.says("mcp-server", "refused"), ["not-approved", "no", "project"]);
    assert_eq!(told.says("mcp-server", "fresh"), ["not-approved", "partly", "project"]);
    let both = told.items("mcp-server").into_iter().filter(|item| item["name"] == "both");
    let both: Vec<_> =
        both.map(|item| (item["scope"].as_str().unwrap(), item["inForce"]["is"].as_str().unwrap())).collect();
    assert_eq!(both, [("local", "yes"), ("project", "no")]);
    let place = &told.item("mcp-server", "files")["place"];
    assert_eq!((place["file"].as_str(), place["line"].as_u64()), (Some("~/.claude.json"), Some(7)));
    let origin = &told.item("mcp-server", "files")["verdict"]["origins"][0];
    assert_eq!(origin["place"]["file"], "layers/org.json");
    assert_eq!(told.item("mcp-server", "files")["what"], "runs `npx -y files`");
    assert_eq!(told.item("mcp-server", "fresh")["project"], "~/code/web");
}

#[test]
fn managed_servers_shut_all_others_out_even_where_the_file_is_broken() {
    let machine = Machine::new();
    machine.state(&json!({"mcpServers": {"mine": {"command": "x"}}}), &json!({}));
    machine.json("etc/managed-mcp.json", &json!({"mcpServers": {"org": {"command": "org"}}}));
    machine.json("etc/managed-settings.json", &json!({"allowedMcpServers": []}));
    let told = machine.audit();
    assert_eq!(told.says("mcp-server", "org"), ["not-approved", "yes", "managed"]);
    assert_eq!(told.says("mcp-server", "mine"), ["not-approved", "no", "user"]);
    machine.0.write("etc/managed-mcp.json", "{");
    let told = machine.audit();
    assert_eq!(told.says("mcp-server", "mine")[1], "no");
    assert_eq!(told.files("managed-mcp.json"), ["dropped"]);
}

#[test]
fn lists_of_servers_hold_from_every_scope() {
    let machine = Machine::new();
    machine.state(
        &json!({"mcpServers": {"a": {"command": "a"}, "b": {"command": "b"}, "c": {"command": "${C}"}}}),
        &json!({}),
    );
    machine.json("home/.claude/settings.json", &json!({"deniedMcpServers": [{"serverName": "a"}]}));
    machine.json(
        "etc/managed-settings.json",
        &json!({"allowedMcpServers": [{"serverName": "a"}, {"serverName": "c"}]}),
    );
    let told = machine.audit();
    assert_eq!(told.says("mcp-server", "a")[1], "no");
    assert_eq!(told.says("mcp-server", "b")[1], "no");
    assert_eq!(told.says("mcp-server", "c")[1], "unknown");
}

#[test]
fn a_folder_that_is_not_trusted_grants_nothing_but_its_hooks_run() {
    let machine = Machine::new();
    let settings = json!({
        "permissions": {
            "allow": ["Bash(npm test)", "Bash(curl https://x.dev/*)", "bash(x)"],
            "deny": ["Read(.env)"],
            "additionalDirectories": ["../other"],
            "defaultMode": "bypassPermissions"
        },
        "enableAllProjectMcpServers": true,
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "log"}]}],
                  "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}]}]},
        "statusLine": {"type": "command", "command": "date"},
        "env": {"A": "1"}
    });
    machine.json("home/code/web/.claude/settings.json", &settings).state(&json!({}), &json!({}));
    let told = machine.audit();
    assert_eq!(told.says("rule", "Bash(npm test)"), ["allowed", "no", "project"]);
    assert_eq!(told.says("rule", "Bash(curl https://x.dev/*)"), ["denied", "no", "project"]);
    assert_eq!(told.says("rule", "bash(x)"), ["not-spoken-of", "no", "project"]);
    assert_eq!(told.says("rule", "Read(.env)"), ["not-spoken-of", "yes", "project"]);
    assert_eq!(told.says("folder", "../other")[1], "no");
    assert_eq!(told.says("mode", "bypassPermissions")[1], "no");
    assert_eq!(told.says("approval", "enableAllProjectMcpServers")[1], "no");
    assert_eq!(told.says("hook", "PreToolUse Bash"), ["not-spoken-of", "yes", "project"]);
    assert_eq!(told.says("hook", "Stop"), ["allowed", "yes", "project"]);
    assert_eq!(told.says("helper", "statusLine")[1], "partly");
    assert_eq!(told.says("variable", "A")[1], "partly");
    assert!(told.items("trust").is_empty());

    machine.state(&json!({}), &json!({"hasTrustDialogAccepted": true}));
    let told = machine.audit();
    assert_eq!(told.says("rule", "Bash(npm test)"), ["allowed", "yes", "project"]);
    assert_eq!(told.says("rule", "Bash(curl https://x.dev/*)"), ["denied", "yes", "project"]);
    assert_eq!(told.says("folder", "../other")[1], "yes");
    assert_eq!(told.says("helper", "statusLine")[1], "yes");
    assert_eq!(told.says("trust", "~/code/web")[1], "yes");
}

#[cfg(unix)]
#[test]
fn trust_is_found_by_whatever_name_the_folder_has_and_under_the_root_of_its_repository() {
    let machine = Machine::new();
    std::os::unix::fs::symlink(machine.0.path("home/code"), machine.0.path("home/w")).unwrap();
    machine
        .json("home/code/web/.claude/settings.json", &json!({"permissions": {"allow": ["Bash(npm test)"]}}));
    let trusted = json!({"hasTrustDialogAccepted": true});
    machine.json(
        "home/.claude.json",
        &json!({"projects": {machine.0.path("home/w/web").to_str().unwrap(): trusted}}),
    );
    assert_eq!(machine.audit().says("rule", "Bash(npm test)")[1], "yes");

    std::fs::create_dir_all(machine.0.path("home/code/.git")).unwrap();
    machine.json(
        "home/.claude.json",
        &json!({"projects": {machine.0.path("home/code").to_str().unwrap(): trusted}}),
    );
    let ran = machine.run(&["--projects", "home/code/web", "--format", "json"]);
    assert_eq!(Told::of(&ran).says("rule", "Bash(npm test)")[1], "yes");
}

/// In a folder that is not trusted, the client takes what the local file grants unless git tracks it.
#[test]
fn local_settings_grant_while_git_does_not_track_them() {
    let machine = Machine::new();
    let file = "home/code/web/.claude/settings.local.json";
    machine.json(file, &json!({"permissions": {"allow": ["Bash(npm test)"]}})).state(&json!({}), &json!({}));
    assert_eq!(machine.audit().says("rule", "Bash(npm test)")[1], "yes");
    machine.0.git("home/code/web", &["init", "--quiet"]);
    assert_eq!(machine.audit().says("rule", "Bash(npm test)")[1], "yes");
    machine.0.commit("home/code/web");
    assert_eq!(machine.audit().says("rule", "Bash(npm test)")[1], "no");
    machine.0.write("home/code/web/.git/index", "broken");
    assert_eq!(machine.audit().says("rule", "Bash(npm test)")[1], "unknown");
}

#[test]
fn locks_of_managed_settings_take_things_out_of_force() {
    let machine = Machine::new();
    machine.json(
        "home/.claude/settings.json",
        &json!({
            "permissions": {"allow": ["Bash(npm test)"], "defaultMode": "bypassPermissions"},
            "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "log"}]}]},
            "cleanupPeriodDays": 90
        }),
    );
    let rule = ["rule", "Bash(npm test)"];
    for (managed, kind, name) in [
        (json!({"allowManagedPermissionRulesOnly": true}), "rule", rule[1]),
        (json!({"allowManagedHooksOnly": true}), "hook", "Stop"),
        (json!({"disableAllHooks": true}), "hook", "Stop"),
        (json!({"strictPluginOnlyCustomization": ["hooks"]}), "hook", "Stop"),
        (json!({"permissions": {"disableBypassPermissionsMode": "disable"}}), "mode", "bypassPermissions"),
        (json!({"permissions": {"defaultMode": "plan"}}), "mode", "bypassPermissions"),
    ] {
        machine.json("etc/managed-settings.json", &json!({}));
        assert_eq!(machine.audit().says(kind, name)[1], "yes", "{managed}");
        machine.json("etc/managed-settings.json", &managed);
        assert_eq!(machine.audit().says(kind, name)[1], "no", "{managed}");
    }
    // Settings that came from a server may say otherwise.
    machine.json("etc/managed-settings.json", &json!({"allowManagedPermissionRulesOnly": true}));
    machine.json("home/.claude/remote-settings.json", &json!({"permissions": {"deny": ["Bash(x *)"]}}));
    let told = machine.audit();
    assert_eq!(told.says("rule", "Bash(npm test)")[1], "unknown");
    assert_eq!(told.says("rule", "Bash(x *)"), ["not-spoken-of", "unknown", "server"]);
    assert!(told.0["notes"].to_string().contains("settings of a server"));
}

#[test]
fn plugins_are_told_with_what_they_bring() {
    let machine = Machine::new();
    let cache = "home/.claude/plugins/cache/tools/lint/1.0.0";
    let market = machine.0.path("markets/own");
    machine
        .json("home/.claude/settings.json", &json!({"enabledPlugins": {"lint@tools": true, "bad@tools": true, "own@own": true, "gone@tools": true}}))
        .json("home/.claude/plugins/known_marketplaces.json", &json!({
            "tools": {"source": {"source": "github", "repo": "acme/tools"}, "installLocation": "/nowhere"},
            "own": {"source": {"source": "directory", "path": market}, "installLocation": market}
        }))
        .json("home/.claude/plugins/installed_plugins.json", &json!({"version": 2, "plugins": {
            "lint@tools": [{"scope": "user", "installPath": machine.0.path(cache), "version": "1.0.0"}],
            "own@own": [{"scope": "user", "installPath": "/nowhere", "version": "2"}],
            "off@tools": [{"scope": "user", "installPath": "/nowhere/off", "version": "3"}],
            "gone@tools": [{"scope": "user", "installPath": "/nowhere/gone", "version": "4"}]
        }}))
        .json(&format!("{cache}/.claude-plugin/plugin.json"), &json!({
            "name": "lint",
            "mcpServers": {"files": {"command": "files"}},
            "hooks": "./more.json"
        }))
        .json(&format!("{cache}/hooks/hooks.json"), &json!({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "lint"}]}]}}))
        .json(&format!("{cache}/more.json"), &json!({"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "more"}]}]}}))
        .json(&format!("{cache}/.mcp.json"), &json!({"flat": {"type": "http", "url": "https://mcp.acme.dev/lint"}}))
        .json("markets/own/.claude-plugin/marketplace.json", &json!({"name": "own", "plugins": [{"name": "own", "source": "./p"}]}))
        .json("markets/own/p/.mcp.json", &json!({"mcpServers": {"here": {"command": "here"}}}));
    machine.0.write(&format!("{cache}/commands/fix.md"), "---\nallowed-tools: Bash(curl *)\n---\nx");
    let told = machine.audit();
    assert_eq!(told.says("marketplace", "tools"), ["allowed", "yes", "user"]);
    assert_eq!(told.says("marketplace", "own"), ["not-approved", "yes", "user"]);
    let plugins = |name: &str| -> Vec<(String, String)> {
        let items = told.items("plugin").into_iter().filter(|item| item["name"] == name);
        items
            .map(|item| {
                (
                    item["what"].as_str().unwrap().to_owned(),
                    item["verdict"]["is"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    };
    assert!(plugins("lint@tools").contains(&("installed, version 1.0.0".into(), "allowed".into())));
    assert_eq!(plugins("bad@tools"), [("switched on here".into(), "not-approved".into())]);
    assert_eq!(told.says("plugin", "off@tools")[1], "no");
    assert_eq!(told.says("mcp-server", "plugin:lint:files"), ["denied", "yes", "plugin"]);
    assert_eq!(told.says("mcp-server", "plugin:lint:flat"), ["allowed", "yes", "plugin"]);
    assert_eq!(told.says("mcp-server", "plugin:own:here"), ["not-approved", "yes", "plugin"]);
    assert_eq!(told.says("hook", "Stop of lint")[1..], ["yes", "plugin"]);
    assert_eq!(told.says("hook", "SessionStart of lint")[1..], ["yes", "plugin"]);
    assert_eq!(told.says("definition", "fix"), ["denied", "yes", "plugin"]);
    assert_eq!(told.item("mcp-server", "plugin:lint:files")["place"]["line"], 4);
    // What is installed and not there may bring anything.
    assert_eq!(told.files("/nowhere/gone"), ["unreadable"]);
    assert!(told.files("/nowhere/off").is_empty());

    machine.json(
        "etc/managed-settings.json",
        &json!({"allowManagedHooksOnly": true, "strictKnownMarketplaces": []}),
    );
    let told = machine.audit();
    assert_eq!(told.says("hook", "Stop of lint")[1], "no");
    assert_eq!(told.says("mcp-server", "plugin:lint:flat")[1], "no");
}

#[test]
fn definitions_are_told_where_they_grant_or_bring_something() {
    let machine = Machine::new();
    machine.0.write(
        "home/.claude/commands/ops/deploy.md",
        "---\nallowed-tools: Bash(npm *), Bash(make *)\n---\nx",
    );
    machine.0.write("home/.claude/skills/plain/SKILL.md", "---\nname: plain\n---\nx");
    machine.0.write(
        "home/.claude/agents/free.md",
        "---\npermissionMode: bypassPermissions\nhooks:\n  Stop: []\n---\nx",
    );
    machine.0.write("home/code/web/.claude/skills/odd/SKILL.md", "---\nallowed-tools: *all\n---\nx");
    machine.state(&json!({}), &json!({}));
    let told = machine.audit();
    assert_eq!(told.says("definition", "deploy"), ["not-approved", "yes", "user"]);
    assert_eq!(
        told.item("definition", "free")["what"],
        "sub-agent that works in the mode `bypassPermissions`, and brings hooks"
    );
    assert_eq!(told.says("definition", "odd"), ["unknown", "unknown", "project"]);
    assert_eq!(told.items("definition").len(), 3);
}

#[test]
fn records_are_counted_and_held_against_policy() {
    let machine = Machine::new();
    let old = "home/.claude/projects/-x/a.jsonl";
    machine.0.write(old, "{\"type\":\"user\",\"version\":\"2.1.330\"}\n");
    let day = |days: u64| std::time::UNIX_EPOCH + std::time::Duration::from_secs((20_781 - days) * 86_400);
    let file = std::fs::File::options().append(true).open(machine.0.path(old)).unwrap();
    file.set_modified(day(10)).unwrap();
    let records = |told: &Told| told.0["transcripts"].clone();
    let told = machine.audit();
    assert_eq!(records(&told)["oldest"], "2026-11-14");
    assert_eq!(records(&told)["keptDays"], 30);
    assert_eq!(records(&told)["verdict"]["is"], "not-spoken-of");
    assert_eq!(told.0["client"]["version"], "2.1.330");
    assert_eq!(told.0["client"]["known"], true);
    // The setting says 20 days, and nobody deleted what is older.
    machine.json("home/.claude/settings.json", &json!({"cleanupPeriodDays": 20}));
    file.set_modified(day(90)).unwrap();
    let told = machine.audit();
    assert_eq!((&records(&told)["oldestDays"], &records(&told)["keptDays"]), (&json!(90), &json!(20)));
    assert_eq!(records(&told)["verdict"]["is"], "not-approved");
    machine.json("home/.claude/settings.json", &json!({"cleanupPeriodDays": 365}));
    let told = machine.audit();
    assert_eq!(records(&told)["keptBy"]["file"], "~/.claude/settings.json");
    assert_eq!(records(&told)["verdict"]["is"], "not-approved");
    machine.run(&["--policy", "policy"]).code(1).says("cleanupPeriodDays");
    // A project says otherwise, and what it says counts for all records while the client works there.
    file.set_modified(day(10)).unwrap();
    machine.json("home/.claude/settings.json", &json!({"cleanupPeriodDays": 20}));
    machine.state(&json!({}), &json!({}));
    machine.json("home/code/web/.claude/settings.json", &json!({"cleanupPeriodDays": 3650}));
    let told = machine.audit();
    let why = "while the client works in ~/code/web, records are deleted after 3650 days";
    assert_eq!(records(&told)["verdict"]["is"], "not-approved");
    assert_eq!(records(&told)["verdict"]["why"], why);
    assert!(told.0["notes"].to_string().contains(why), "{}", told.0["notes"]);
    machine.json("etc/managed-settings.json", &json!({"cleanupPeriodDays": 20}));
    assert_eq!(records(&machine.audit())["verdict"]["is"], "not-spoken-of");
}

#[test]
fn folders_that_are_not_there_are_told() {
    let machine = Machine::new();
    let gone = machine.0.path("gone").to_str().unwrap().to_owned();
    machine.json("home/.claude.json", &json!({"projects": {gone: {}, "/nowhere/at/all": {}}}));
    let notes = machine.audit().0["notes"].to_string();
    assert!(notes.contains("2 folders that the client knows are not there"), "{notes}");
}

#[test]
fn telemetry_and_helpers_are_told_by_scope() {
    let machine = Machine::new();
    machine.json(
        "etc/managed-settings.json",
        &json!({"env": {
            "CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otel.acme.dev:4317"
        }}),
    );
    machine.json("home/.claude/settings.json", &json!({
        "env": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317", "ANTHROPIC_BASE_URL": "https://proxy.dev/v1"},
        "apiKeyHelper": "pass show key"
    }));
    let told = machine.audit();
    let endpoints: Vec<_> = told
        .items("telemetry")
        .into_iter()
        .filter(|item| item["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT")
        .map(|item| (item["scope"].as_str().unwrap(), item["inForce"]["is"].as_str().unwrap()))
        .collect();
    assert_eq!(endpoints, [("managed", "yes"), ("user", "no")]);
    assert_eq!(told.item("variable", "ANTHROPIC_BASE_URL")["what"], "https://proxy.dev/v1");
    assert_eq!(told.says("helper", "apiKeyHelper"), ["denied", "yes", "user"]);
    machine.run(&[]).says("telemetry switched on");

    // Without `--home` the environment counts, and moves the folder of the client.
    machine.json("moved/settings.json", &json!({"permissions": {"allow": ["Bash(npm test)"]}}));
    machine.json("moved/.claude.json", &json!({"mcpServers": {"here": {"command": "x"}}}));
    let mut program = machine.0.program("");
    program.args(["audit", "--managed", "etc", "--format", "json"]).args(DAY);
    program.env("CLAUDE_CONFIG_DIR", machine.0.path("moved")).env("OTEL_LOGS_EXPORTER", "otlp");
    let told = Told::of(&Ran::of(program.output().unwrap()));
    assert_eq!(told.says("telemetry", "OTEL_LOGS_EXPORTER"), ["not-spoken-of", "yes", "environment"]);
    assert_eq!(told.says("mcp-server", "here"), ["not-spoken-of", "yes", "user"]);
    assert_eq!(told.says("rule", "Bash(npm test)"), ["not-spoken-of", "yes", "user"]);
}

/// The facts of a repository are asked for by its remote, as everywhere.
#[test]
fn projects_are_held_against_what_policy_asks_of_their_repository() {
    let machine = Machine::new();
    machine.0.write(
        "policy/bylaws.json",
        r#"{"organization": "acme", "layers": [{"layer": "layers/org.json", "when": {"name": "acme/web"}}]}"#,
    );
    let settings = json!({"permissions": {"allow": ["Bash(curl *)"]}});
    machine.json("home/code/web/.claude/settings.json", &settings);
    machine
        .json("home/code/api/.claude/settings.json", &json!({"permissions": {"allow": ["Bash(curl -s *)"]}}));
    machine
        .0
        .write("home/code/web/.git/config", "[remote \"origin\"]\n\turl = https://github.com/acme/web.git\n");
    machine.0.write("home/code/web/.git/HEAD", "ref: refs/heads/main\n");
    let ran = machine.run(&[
        "--policy",
        "policy",
        "--projects",
        "home/code/web",
        "home/code/api",
        "--format",
        "json",
    ]);
    let told = Told::of(&ran);
    assert_eq!(told.says("rule", "Bash(curl *)")[0], "denied");
    assert_eq!(told.says("rule", "Bash(curl -s *)")[0], "not-spoken-of");
}
