//! Exports: each form read back by a reader that is not ours, and what the settings decide as managed ones.

use bylaws::access::{Access, MapWorld, Setup};
use bylaws::automaton::Budget;
use bylaws::export::{self, Exported, Options, compile};
use bylaws::json::Document;
use bylaws::path::RepoPath;
use bylaws::policy::{self, Baseline, Day, Facts, Policy, PolicyFiles, builtin};
use bylaws::proof::{Sides, compare};
use bylaws::settings::{Acceptance, Scope, Settings};
use serde_json::{Value, json};

use crate::place::Place;

const OPTIONS: Options<'static> =
    Options { organization: "Acme", with_recommended: false, only_managed_rules: false };

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}

fn policy_of(layer: &Value) -> Policy {
    let manifest = json!({"organization": "Acme", "layers": [{"layer": "layers/a.json"}]});
    let files = [("bylaws.json", manifest.to_string()), ("layers/a.json", layer.to_string())];
    let files = files.into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text)).collect();
    let (policy, findings) = policy::load(&PolicyFiles { source: "policy".into(), files });
    policy.unwrap_or_else(|| panic!("{findings:#?}"))
}

fn baseline(layer: &Value) -> Baseline {
    policy_of(layer).resolve(&Facts::none(), today()).0
}

fn exported(name: &str, baseline: &Baseline) -> Exported {
    export::export(export::find(name).unwrap(), baseline, &OPTIONS).unwrap()
}

/// The baselines of the built-in policies, and one that is full of what formats stumble over.
fn baselines() -> Vec<(String, Baseline)> {
    let mut found: Vec<(String, Baseline)> = builtin::ALL
        .iter()
        .map(|builtin| {
            let (policy, _) = policy::load(&PolicyFiles::builtin(builtin.name).unwrap());
            (builtin.name.to_owned(), policy.unwrap().resolve(&Facts::none(), today()).0)
        })
        .collect();
    let awkward = json!({
        "title": "Awkward",
        "enforce": {
            "permissions": {
                "deny": ["Bash(echo \"a\\b\" & <x> 'y' *)", "Read(/src/ü 🎉/**)", "Bash(a '@ b)", "Read(]]>)", "Bash( x )"],
                "allow": ["Edit(/gen/**)", "Edit(docs/**)"],
                "ask": ["Bash(a%PATH%$env:X`n *)"]
            },
            "env": {"A": "", "B": "a\r\nb\tc ", "C": "\u{7f}\u{2028}"},
            "cleanupPeriodDays": 20,
            "companyAnnouncements": ["\"quoted\" \\ back\\\\slash", "日本語"],
            "sandbox": {"enabled": true, "network": {"allowedDomains": []}}
        },
        "mcp": {
            "allow": [{"serverUrl": "https://*.acme.dev/*"}, {"serverCommand": ["npx", "-y", "a@1"]}],
            "deny": [{"serverName": "x"}],
            "provide": {"docs": {"type": "http", "url": "https://mcp.acme.dev/docs"}}
        }
    });
    found.push(("awkward".to_owned(), baseline(&awkward)));
    found
}

/// The settings in the files of an export, by a reader of their form.
fn read_back(name: &str, exported: &Exported) -> Vec<Value> {
    let text = |index: usize| String::from_utf8(exported.files[index].bytes.clone()).unwrap();
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    match name {
        "managed-settings" | "drop-in" | "server-managed" | "group-policy" => vec![json(&text(0))],
        "devcontainer" => vec![json(&text(2))],
        "policy-helper" => {
            let envelope = json(&text(0));
            assert_eq!(envelope.as_object().unwrap().len(), 1);
            vec![envelope["managedSettings"].clone()]
        }
        "plist" => vec![plist::from_bytes(&exported.files[0].bytes).unwrap()],
        "mobileconfig" => {
            let profile: Value = plist::from_bytes(&exported.files[0].bytes).unwrap();
            let mut settings = profile["PayloadContent"][0].clone();
            assert_eq!(settings["PayloadType"], "com.anthropic.claudecode");
            settings.as_object_mut().unwrap().retain(|key, _| !key.starts_with("Payload"));
            vec![settings]
        }
        "registry" => vec![json(&registry_value(&exported.files[0].bytes))],
        "intune" => (0..2).map(|index| json(&here_string(&text(index)))).collect(),
        other => panic!("{other} has no reader"),
    }
}

/// The one value of a registry file: UTF-16 with its mark, escapes of quotes and backslashes only.
fn registry_value(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(units[0], 0xfeff);
    let text = String::from_utf16(&units[1..]).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert_eq!(lines[0], "Windows Registry Editor Version 5.00");
    assert_eq!(lines[2], "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]");
    let quoted = lines[3].strip_prefix("\"Settings\"=\"").unwrap();
    let mut out = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next().unwrap() {
            '"' => break,
            '\\' => out.push(rest.next().unwrap()),
            c => out.push(c),
        }
    }
    assert_eq!(rest.next(), None);
    out
}

/// The text between `@'` at the end of a line and `'@` at the beginning of one, as PowerShell reads it.
fn here_string(script: &str) -> String {
    assert!(script.is_ascii());
    let (_, rest) = script.split_once("@'\r\n").unwrap();
    let (text, _) = rest.split_once("\r\n'@").unwrap();
    text.to_owned()
}

#[test]
fn every_form_reads_back_as_the_same_settings() {
    for (policy, baseline) in baselines() {
        for target in export::ALL.iter().filter(|target| target.name != "managed-mcp") {
            let exported = exported(target.name, &baseline);
            let wanted = compile(&baseline, &OPTIONS).value();
            for settings in read_back(target.name, &exported) {
                assert_eq!(settings, wanted, "{policy} as {}", target.name);
            }
        }
    }
}

/// What is enforced is all there, and the client takes all of it.
#[test]
fn nothing_that_is_enforced_is_lost_on_the_way() {
    for (policy, baseline) in baselines() {
        let compiled = compile(&baseline, &OPTIONS);
        let settings = compiled.read();
        assert_eq!(settings.acceptance(), Acceptance::Whole, "{policy}: {:#?}", settings.problems());
        assert_eq!(settings.taken(), compiled.value());
        for demand in &baseline.rules {
            let list = &compiled.settings["permissions"][demand.what.list.key()];
            let text = Value::from(demand.what.rule.text());
            assert!(list.as_array().unwrap().contains(&text), "{policy}: {text}");
        }
        for demand in baseline.values.iter().filter(|demand| !demand.what.value.is_null()) {
            let found = compiled.value().pointer(&demand.what.at.to_string()).cloned();
            assert_eq!(found.as_ref(), Some(&demand.what.value), "{policy}: {}", demand.what.at);
        }
    }
}

/// Proved for all calls at once: managed settings decide as the project's file does, so no path rule needs another
/// anchor.
#[test]
fn managed_settings_decide_as_the_file_of_a_project() {
    for (policy, baseline) in baselines() {
        let read = |value: &Value, scope| Settings::read(Document::parse(value.to_string()), scope);
        let project = Setup::made_up([read(&baseline.enforced_settings(), Scope::Project)]);
        let mut settings = compile(&baseline, &OPTIONS).value();
        // Which servers run is no question of rules.
        for key in
            ["allowedMcpServers", "deniedMcpServers", "allowManagedMcpServersOnly", "managedMcpServers"]
        {
            settings.as_object_mut().unwrap().remove(key);
        }
        let managed = Setup::made_up([read(&settings, Scope::Managed)]);
        let world = MapWorld::bare(&project.place);
        let old = Access::new(&project, &world).by_rules_alone();
        let new = Access::new(&managed, &world).by_rules_alone();
        let found = compare(Sides { old: &old, new: &new, world: &world }, &mut Budget::default());
        assert!(found.looser.is_proved_empty(), "{policy}: {:#?}", found.looser);
        assert!(found.stricter.is_proved_empty(), "{policy}: {:#?}", found.stricter);
    }
}

#[test]
fn modes_that_a_project_may_not_have_are_not_given_by_managed_settings() {
    for mode in ["bypassPermissions", "auto"] {
        let baseline = baseline(&json!({"title": "a", "enforce": {"permissions": {"defaultMode": mode}}}));
        let exported = exported("managed-settings", &baseline);
        let settings = &read_back("managed-settings", &exported)[0];
        assert_eq!(settings, &json!({"permissions": {"defaultMode": "default"}}));
        assert!(exported.notes.iter().any(|note| note.message.contains(mode)));
    }
}

/// The profile is XML, and the same policy is the same profile; another one has other identifiers of its content.
#[test]
fn profiles_are_xml_and_depend_on_the_policy_alone() {
    let layer = |days: u32| json!({"title": "a", "enforce": {"cleanupPeriodDays": days}});
    let profile = |days| exported("mobileconfig", &baseline(&layer(days))).files[0].bytes.clone();
    let text = String::from_utf8(profile(20)).unwrap();
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&text, options).unwrap();
    assert_eq!(document.root_element().attribute("version"), Some("1.0"));
    assert_eq!(profile(20), profile(20));
    let identifiers = |bytes: &[u8]| {
        let profile: Value = plist::from_bytes(bytes).unwrap();
        (profile["PayloadIdentifier"].clone(), profile["PayloadUUID"].clone())
    };
    let (old, new) = (identifiers(&profile(20)), identifiers(&profile(21)));
    assert_eq!(old.0, "bylaws.acme.claude-code");
    assert_eq!(old.0, new.0);
    assert_ne!(old.1, new.1);
}

#[test]
fn a_property_list_refuses_what_it_cannot_hold() {
    let baseline = baseline(&json!({"title": "a", "enforce": {"env": {"A": "\u{1}"}}}));
    let failed = export::export(export::find("plist").unwrap(), &baseline, &OPTIONS).unwrap_err();
    assert_eq!(failed.to_string(), "`env.A` holds a control character, which a property list cannot hold");
}

#[test]
fn what_a_channel_does_not_hold_is_said() {
    let baseline = baseline(&json!({
        "title": "a",
        "enforce": {
            "model": null,
            "policyHelper": {"path": "/usr/local/bin/x"},
            "hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "\"$CLAUDE_PROJECT_DIR\"/x.sh"}]}]},
            "env": {"HTTPS_PROXY": "http://proxy", "DISABLE_TELEMETRY": "1"}
        },
        "recommend": {"permissions": {"allow": ["Bash(ls *)"]}},
        "limit": {"allow": ["Bash(npm *)"], "neverAllow": ["Bash(curl *)"], "settings": {"type": "object"}},
        "mcp": {"provide": {"files": {"command": "npx", "args": ["files"]}}},
        "files": [
            {"path": "CLAUDE.md", "mode": "block", "text": "Be kind."},
            {"path": "docs/x.md", "mode": "whole", "text": "x"}
        ]
    }));
    let said = |name: &str| -> Vec<String> {
        let notes = exported(name, &baseline).notes;
        notes.iter().map(|note| format!("{}: {}", note.kind.name(), note.message)).collect()
    };
    let notes = said("server-managed");
    for part in [
        "not enforced: that nobody sets `model`",
        "not enforced: `limit.allow`",
        "not enforced: `limit.neverAllow` (`Bash(curl *)`)",
        "not enforced: `limit.settings`",
        "not enforced: 1 recommendation left out",
        "not enforced: `policyHelper` is left out",
        "not enforced: the MCP server `files`",
        "not enforced: the file `docs/x.md`",
        "not enforced: hooks that name `CLAUDE_PROJECT_DIR`",
        "differs: the block",
        "approval: `hooks`, `claudeMd`: each user is asked",
        "approval: `HTTPS_PROXY` of `env`",
        "shadowed: server-managed settings take the place",
        "limit: how large",
    ] {
        assert!(notes.iter().any(|note| note.starts_with(part)), "{part}: {notes:#?}");
    }
    assert!(!notes.iter().any(|note| note.contains("DISABLE_TELEMETRY")));
    assert!(!said("managed-settings").iter().any(|note| note.starts_with("approval")));
    let settings = &read_back("managed-settings", &exported("managed-settings", &baseline))[0];
    assert_eq!(settings["claudeMd"], "Be kind.");
    assert_eq!(settings["policyHelper"], json!({"path": "/usr/local/bin/x"}));
    let helper = &read_back("policy-helper", &exported("policy-helper", &baseline))[0];
    assert_eq!(helper.get("policyHelper"), None);
}

/// In every folder of a machine some settings mean more than in one project, or nothing that anybody knows.
#[test]
fn what_means_something_else_everywhere_is_said() {
    let said = |name: &str, enforce: Value| -> Vec<String> {
        let notes = exported(name, &baseline(&json!({"title": "a", "enforce": enforce}))).notes;
        notes.iter().map(|note| format!("{}: {}", note.kind.name(), note.message)).collect()
    };
    let hook = |command: &str| json!({"PreToolUse": [{"hooks": [{"type": "command", "command": command}]}]});
    let marketplace = json!({"a": {"source": {"source": "github", "repo": "acme/plugins"}}});
    for (enforce, part) in [
        (
            json!({"enableAllProjectMcpServers": true}),
            "differs: `enableAllProjectMcpServers` in force in every folder",
        ),
        (
            json!({"enabledMcpjsonServers": ["a"]}),
            "differs: `enabledMcpjsonServers` in force in every folder",
        ),
        (json!({"extraKnownMarketplaces": marketplace}), "differs: `extraKnownMarketplaces` in force"),
        (
            json!({"sandbox": {"filesystem": {"denyRead": ["./secrets", "/etc", "~/.aws"]}}}),
            "not enforced: `./secrets` of `sandbox`",
        ),
        (json!({"hooks": hook("watch --x")}), "not enforced: hooks that run `watch`"),
        (
            json!({"hooks": hook("\"$CLAUDE_PROJECT_DIR\"/x")}),
            "not enforced: hooks that name `CLAUDE_PROJECT_DIR`",
        ),
        (
            json!({"hooks": hook("/opt/bylaws hook guard")}),
            "not enforced: the guard reads the compiled policy",
        ),
        (
            json!({"policyHelper": {"path": "/x"}}),
            "shadowed: `policyHelper`: what its program prints takes the place",
        ),
        (json!({"managedSourcesBehavior": "merge"}), "shadowed: `managedSourcesBehavior` is `merge`"),
    ] {
        let notes = said("managed-settings", enforce.clone());
        let found = notes.iter().filter(|note| note.starts_with(part)).count();
        assert_eq!(found, 1, "{enforce}: {notes:#?}");
    }
    for enforce in [
        json!({"enableAllProjectMcpServers": false}),
        json!({"sandbox": {"filesystem": {"denyRead": ["/etc", "~/.aws"]}}}),
        json!({"hooks": hook("/opt/watch")}),
        json!({"hooks": hook("'C:\\Program Files\\watch.exe' x")}),
    ] {
        // Only what every export says: cloud sessions, and which source goes before it.
        assert_eq!(said("managed-settings", enforce.clone()).len(), 2, "{enforce}");
    }
    assert!(
        !said("server-managed", json!({"policyHelper": {"path": "/x"}}))
            .iter()
            .any(|note| note.contains("its program"))
    );
}

/// Too large for their channel: a script, an output, a field of a template.
#[test]
fn limits_of_sizes_are_told() {
    let deny =
        |count: usize| -> Vec<String> { (0..count).map(|n| format!("Bash(program-{n:06} *)")).collect() };
    let of = |count| baseline(&json!({"title": "a", "enforce": {"permissions": {"deny": deny(count)}}}));
    let (small, middle, large) = (of(10), of(100), of(40_000));
    for (name, baseline, expected) in [
        ("group-policy", &small, false),
        ("group-policy", &middle, true),
        ("intune", &middle, false),
        ("intune", &large, true),
        ("policy-helper", &middle, false),
        ("policy-helper", &large, true),
    ] {
        let found = exported(name, baseline).notes.iter().any(|note| note.kind.name() == "limit");
        assert_eq!(found, expected, "{name}");
    }
}

/// Where several layers have a catalogue, a server is on the list of the client only if it is in each of them.
#[test]
fn the_list_of_servers_admits_no_more_than_every_catalogue() {
    use bylaws::access::{Server, ServerPattern};
    let catalogues = [
        json!([{"serverUrl": "https://*.acme.dev/*"}, {"serverCommand": ["npx", "a"]}, {"serverName": "n"}]),
        json!([{"serverUrl": "https://mcp.acme.dev/docs"}, {"serverName": "n"}, {"serverCommand": ["npx", "b"]}]),
        json!([{"serverName": "n"}]),
        json!([]),
    ];
    let servers = [
        Server::of("n", &json!({"command": "npx", "args": ["a"]})),
        Server::of("n", &json!({"command": "npx", "args": ["c"]})),
        Server::of("n", &json!({"url": "https://mcp.acme.dev/docs"})),
        Server::of("n", &json!({"url": "https://other.dev/"})),
        Server::of("m", &json!({"url": "https://mcp.acme.dev/docs"})),
        Server::of("m", &json!({"command": "npx", "args": ["b"]})),
    ];
    for one in &catalogues {
        for other in &catalogues {
            let layer = json!({"title": "a", "enforce": {"allowedMcpServers": one}, "mcp": {"allow": other}});
            let baseline = baseline(&layer);
            let settings = compile(&baseline, &OPTIONS).value();
            assert_eq!(settings["allowManagedMcpServersOnly"], true);
            let patterns = |list: &Value| -> Vec<ServerPattern> {
                let entries: Vec<policy::ServerEntry> = serde_json::from_value(list.clone()).unwrap();
                entries.iter().map(policy::ServerEntry::pattern).collect()
            };
            let list = patterns(&settings["allowedMcpServers"]);
            for server in &servers {
                let both = server.is_admitted(&patterns(one)) && server.is_admitted(&patterns(other));
                assert!(both || !server.is_admitted(&list), "{one} {other} {}", server.describe());
            }
        }
    }
}

/// A file without servers would switch all of them off, which nobody asked for.
#[test]
fn servers_are_exported_only_where_there_are_some() {
    let target = export::find("managed-mcp").unwrap();
    let none = baseline(&json!({"title": "a"}));
    assert_eq!(export::export(target, &none, &OPTIONS), Err(export::Error::NoServers));
    let servers = json!({"a": {"command": "npx", "args": ["${HOME}/a"]}});
    let some = baseline(&json!({"title": "a", "mcp": {"provide": servers}}));
    let exported = export::export(target, &some, &OPTIONS).unwrap();
    let file: Value = serde_json::from_slice(&exported.files[0].bytes).unwrap();
    assert_eq!(file, json!({"mcpServers": servers}));
    // All else that the policy asks for is not in that file.
    let left_out =
        |exported: &Exported| exported.notes.iter().any(|note| note.message.starts_with("rules, values"));
    assert!(!left_out(&exported));
    let more = json!({"title": "a", "enforce": {"permissions": {"deny": ["Read(.env)"]}}, "mcp": {"provide": servers}});
    assert!(left_out(&self::exported("managed-mcp", &baseline(&more))));
}

/// The bytes of the file that a user pipes into place, and what the script of a container does.
#[cfg(unix)]
#[test]
fn files_go_where_they_are_asked_for() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.write("x/README", "");
    let ran =
        place.run("x", &["export", "registry", "--policy", "builtin:retention", "--output", "out"]).code(0);
    assert_eq!(ran.out, "");
    let bytes = std::fs::read(place.path("x/out/claude-code-policy.reg")).unwrap();
    let done =
        place.program("x").args(["export", "registry", "--policy", "builtin:retention"]).output().unwrap();
    assert_eq!(done.stdout, bytes);
    registry_value(&bytes);
    place
        .run("x", &["export", "devcontainer", "--policy", "builtin:retention", "--output", "feature"])
        .code(0);
    let mode =
        |name: &str| std::fs::metadata(place.path("x/feature").join(name)).unwrap().permissions().mode();
    assert_eq!(mode("install.sh") & 0o111, 0o111);
    assert_eq!(mode("managed-settings.json") & 0o111, 0);
    let parsed = std::process::Command::new("sh").arg("-n").arg(place.path("x/feature/install.sh")).status();
    assert!(parsed.unwrap().success());
}
