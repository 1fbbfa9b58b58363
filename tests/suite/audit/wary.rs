//! What an audit must never do: tell a credential, run or write something, hang, or take for fine what it could not read.

use serde_json::{Value, json};

use super::{Machine, Told};
use crate::place::snapshot;

#[test]
fn no_credential_is_told_in_any_format() {
    let machine = Machine::new();
    let secrets = [
        ["gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"].concat(),
        ["sk-", "ant-api03-Zk3vQ9xWm1Rt7Yb2"].concat(),
        "f83kd02mcnqpz71x".to_owned(),
        "hunter2-Horse9battery".to_owned(),
        "a81bd02f9c3e77d1b5".to_owned(),
    ];
    let [github, key, token, password, path] = &secrets;
    machine.state(
        &json!({"mcpServers": {
            "a": {"command": "srv", "args": ["--token", token, key], "env": {"GITHUB_TOKEN": github}},
            "b": {"type": "http", "url": format!("https://u:{password}@x.dev/s/{path}/mcp?key={token}"), "headers": {"Authorization": format!("Bearer {github}")}},
            "c": {"type": "http", "url": "https://x.dev", "headersHelper": format!("echo {github}")}
        }}),
        &json!({"hasTrustDialogAccepted": true}),
    );
    machine.json("home/.claude/settings.json", &json!({
        "permissions": {"allow": [format!("Bash(curl -H 'Authorization: Bearer {github}' *)")]},
        "hooks": {"Stop": [{"hooks": [{"type": "command", "command": format!("curl -d token={token} https://x.dev/{path}")},
                                      {"type": "http", "url": format!("https://x.dev/hook?token={token}")}]}]},
        "env": {"SOME_PASSWORD": password, "OTEL_EXPORTER_OTLP_HEADERS": format!("x={github}"), "PLAIN": key},
        "apiKeyHelper": format!("echo {key}"),
        "extraKnownMarketplaces": {"m": {"source": {"source": "git", "url": format!("https://u:{password}@git.dev/m.git")}}}
    }));
    machine.0.write("home/.claude/commands/x.md", format!("---\nallowed-tools: Bash(x {github})\n---\n"));
    for format in ["text", "json", "html"] {
        for policy in [&["--policy", "policy"][..], &[]] {
            let ran = machine.run(&[policy, &["--format", format]].concat());
            assert!(ran.out.len() > 500, "{}", ran.err);
            for secret in &secrets {
                assert!(!ran.out.contains(secret.as_str()), "{format}: {secret}\n{}", ran.out);
            }
        }
    }
}

#[test]
fn nothing_is_written_and_nothing_found_is_run() {
    let machine = Machine::new();
    let mark = machine.0.path("mark");
    let touch = format!("touch {}", mark.display());
    machine.state(
        &json!({"mcpServers": {"a": {"command": "sh", "args": ["-c", touch]}}}),
        &json!({"hasTrustDialogAccepted": true}),
    );
    machine.json("home/.claude/settings.json", &json!({
        "apiKeyHelper": touch, "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": touch}]}]}
    }));
    machine.json("etc/managed-settings.json", &json!({"policyHelper": {"path": touch}}));
    let before = [snapshot(&machine.0.path("home")), snapshot(&machine.0.path("etc"))];
    machine.run(&["--policy", "policy"]).code(1);
    assert!(!mark.exists());
    assert_eq!(before, [snapshot(&machine.0.path("home")), snapshot(&machine.0.path("etc"))]);
}

#[test]
fn exit_codes_tell_what_was_found_and_what_was_not_read() {
    let machine = Machine::new();
    machine.run(&["--policy", "policy"]).code(0);
    machine.run(&["--policy", "nowhere"]).code(2);
    machine.run(&["--projects", "nowhere"]).code(2).says("there is no folder");
    machine.json("home/.claude/settings.json", &json!({"apiKeyHelper": "x"}));
    machine.run(&["--policy", "policy"]).code(1).says("`apiKeyHelper` may not be set");
    machine.run(&["--policy", "policy", "--fail-on", "never"]).code(0);
    machine.run(&[]).code(0).says("none was named");
    // A file that is dropped takes its deny rules with it.
    machine.0.write("home/.claude/settings.json", "{\"permissions\": {\"deny\": [\"Bash(x *)\"]},}");
    machine.run(&[]).code(1).says("dropped");
}

#[cfg(unix)]
#[test]
fn hostile_files_are_rows_and_never_fine() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let machine = Machine::new();
    let place = &machine.0;
    machine.state(&json!({}), &json!({"hasTrustDialogAccepted": true}));
    let pipe = |path: &str| assert!(Command::new("mkfifo").arg(place.path(path)).status().unwrap().success());
    pipe("home/.claude/settings.json");
    pipe("home/code/web/.claude/settings.json");
    std::fs::create_dir_all(place.path("home/code/web/.claude/commands")).unwrap();
    pipe("home/code/web/.claude/commands/x.md");
    place.write("secret.json", "{}");
    symlink(place.path("secret.json"), place.path("home/code/web/.claude/settings.local.json")).unwrap();
    place.write("home/code/web/.mcp.json", vec![b' '; 3 * 1024 * 1024]);
    std::fs::create_dir_all(place.path("etc/managed-settings.json")).unwrap();
    symlink("nowhere", place.path("etc/managed-mcp.json")).unwrap();
    std::fs::create_dir_all(place.path("home/.claude/plugins")).unwrap();
    symlink("installed_plugins.json", place.path("home/.claude/plugins/installed_plugins.json")).unwrap();
    place.write("home/.claude/plugins/known_marketplaces.json", b"\xff\xfe");
    std::fs::create_dir_all(place.path("home/.claude/skills/x")).unwrap();
    symlink("../skills", place.path("home/.claude/skills/loop")).unwrap();
    std::fs::create_dir_all(place.path("home/code/web/.git")).unwrap();
    pipe("home/code/web/.git/config");
    let ran = machine.run(&["--policy", "policy", "--format", "json"]);
    let told = Told::of(&ran);
    for (file, count) in [
        ("settings.json", 3),
        ("settings.local.json", 1),
        (".mcp.json", 1),
        ("managed-mcp.json", 1),
        ("installed_plugins.json", 1),
        ("known_marketplaces.json", 1),
        ("commands/x.md", 1),
    ] {
        let states = told.files(file);
        let unread = states.iter().filter(|state| **state == "unreadable").count();
        assert_eq!(unread, count, "{file}: {states:?}\n{:#}", told.0["files"]);
    }
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(!ran.out.contains("secret.json\": {}"));
    machine.run(&["--fail-on", "warn"]).code(1);

    // Whoever cannot read the state does not know which folders are trusted.
    std::fs::remove_file(place.path("home/code/web/.claude/settings.json")).unwrap();
    machine
        .json("home/code/web/.claude/settings.json", &json!({"permissions": {"allow": ["Bash(npm test)"]}}));
    place.write("home/.claude.json", "{");
    let ran = machine.run(&["--projects", "home/code/web", "--format", "json"]);
    let told = Told::of(&ran.code(1));
    assert_eq!(told.says("rule", "Bash(npm test)")[1], "yes");
    assert_eq!(told.files(".claude.json"), ["halts"]);
}

#[test]
fn the_page_is_whole_in_itself_and_no_text_of_the_machine_ends_it() {
    let machine = Machine::new();
    let hostile = "</style><script>alert(1)</script>\u{1b}[31m";
    machine.state(&json!({"mcpServers": {hostile: {"command": hostile}}}), &json!({}));
    machine
        .json("home/.claude/settings.json", &json!({"permissions": {"allow": [format!("Bash({hostile})")]}}));
    let ran = machine.run(&["--policy", "policy", "--format", "html"]);
    let page = &ran.out;
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{}", ran.err);
    assert!(!page.contains("<script") && !page.contains('\u{1b}'));
    assert_eq!(page.matches("</style>").count(), 1);
    for attribute in ["src=", "href=\"http", "url(", "@import"] {
        assert!(!page.contains(attribute), "{attribute}");
    }
    for word in ["not approved", "MCP servers", "What was not looked at", "lang=\"en\"", "<caption>"] {
        assert!(page.contains(word), "{word}");
    }
    let ran = machine.run(&["--policy", "policy"]);
    assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
}

#[test]
fn the_json_keeps_to_its_schema() {
    let machine = Machine::new();
    machine
        .state(&json!({"mcpServers": {"files": {"command": "x"}}}), &json!({"hasTrustDialogAccepted": true}));
    machine.json("home/.claude/settings.json", &json!({"model": 5}));
    let told = machine.audit();
    let schema = machine.0.run("", &["schema", "audit"]);
    let schema: Value = serde_json::from_str(&schema.out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&told.0).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(told.0["summary"]["denied"], 1);
    assert_eq!(told.0["version"], 1);
}
