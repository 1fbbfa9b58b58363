//! One file at a time, through the client's eyes.

use super::*;
use crate::rule::List;

fn read(text: &str, scope: Scope) -> Settings {
    Settings::read(Document::parse(text), scope)
}

fn messages(text: &str, scope: Scope) -> Vec<String> {
    read(text, scope).problems().iter().map(ToString::to_string).collect()
}

#[test]
fn a_wrong_value_costs_the_file_its_rules() {
    let settings = read(r#"{"permissions": {"deny": ["Bash(rm *)"]}, "model": 5}"#, Scope::Project);
    assert!(matches!(settings.acceptance(), Acceptance::Nothing { because } if because.len() == 1));
    assert_eq!(settings.rules(List::Deny).count(), 0);
    assert_eq!(settings.written_rules(List::Deny).count(), 1);
    assert_eq!(settings.taken(), serde_json::json!({}));
}

#[test]
fn every_problem_is_one_sentence() {
    for (text, scope, expected) in [
        (
            r#"{"model": 5,}"#,
            Scope::Project,
            "`model` is `5`, expected a string; the client ignores the whole file\nnot valid JSON: a comma before the closing bracket; the client ignores the whole file",
        ),
        (
            "[]",
            Scope::User,
            "a settings file is an object, this is an empty array; the client ignores the whole file",
        ),
        ("null", Scope::Managed, "a settings file is an object, this is null; the client refuses to start"),
        (
            r#"{"forceLoginGatewayUrl": 5}"#,
            Scope::Managed,
            "`forceLoginGatewayUrl` is `5`, expected a string that is not empty; the client ignores `forceLoginGatewayUrl`",
        ),
        (r#"{"modle": 5}"#, Scope::Project, "the client does not know `modle`; did you mean `model`?"),
        (r#"{"search": 5}"#, Scope::Project, "the client does not know `search`"),
        (
            r#"{"defaultMode": "plan"}"#,
            Scope::Project,
            "`defaultMode` has no effect here; it belongs at `permissions.defaultMode`",
        ),
        (
            r#"{"mcpServers": {}}"#,
            Scope::Project,
            "`mcpServers` has no effect here; it belongs in `.mcp.json` as `mcpServers`",
        ),
        (
            r#"{"mcpServers": {}}"#,
            Scope::Managed,
            "`mcpServers` has no effect here; it belongs in `managed-mcp.json` as `mcpServers`",
        ),
        (
            r#"{"diffTool": "auto"}"#,
            Scope::User,
            "`diffTool` has no effect here; it belongs in `~/.claude.json` as `diffTool`",
        ),
        (
            r#"{"mcpServers": {}}"#,
            Scope::User,
            "`mcpServers` has no effect here; it belongs in `~/.claude.json` as `mcpServers`",
        ),
        (
            r#"{"permissions": {"allowManagedPermissionRulesOnly": true}}"#,
            Scope::Managed,
            "`permissions.allowManagedPermissionRulesOnly` has no effect here; it belongs at the top level as `allowManagedPermissionRulesOnly`",
        ),
        (
            r#"{"allowManagedPermissionRulesOnly": true}"#,
            Scope::Project,
            "`allowManagedPermissionRulesOnly` counts in managed settings only",
        ),
        (
            r#"{"permissions": {"defaultMode": "bypassPermissions"}}"#,
            Scope::Local,
            "`permissions.defaultMode` cannot be `bypassPermissions` in a repository; the client reads it as `default`",
        ),
        (
            r#"{"model": "a", "model": "b"}"#,
            Scope::Project,
            "`model` is repeated further down, where it counts",
        ),
        (r#"{"// why": 1, "_comment": 2, "description": 3, "$schema": "x"}"#, Scope::Project, ""),
        (
            r#"{"PreToolUse": [{}]}"#,
            Scope::Project,
            "`PreToolUse`: a hook that may guard permissions stands outside `hooks`; the client ignores the whole file",
        ),
        (
            r#"{"hooks": {"Stop": [{"hooks": [{"type": "cmd"}]}]}}"#,
            Scope::Project,
            "`hooks.Stop.0.hooks.0.type` is `\"cmd\"`, expected `command`, `http`, `mcp_tool`, `prompt` or `agent`; the client ignores `hooks.Stop.0.hooks.0`",
        ),
    ] {
        assert_eq!(messages(text, scope).join("\n"), expected, "{text}");
    }
}

#[test]
fn a_bad_entry_leaves_the_rest_in_force() {
    let settings = read(r#"{"permissions": {"deny": [1, "Bash(rm *)", ["x"]]}, "theme": 5}"#, Scope::Project);
    assert_eq!(settings.acceptance(), Acceptance::Partly);
    let rules: Vec<_> = settings.rules(List::Deny).map(|rule| rule.pointer.to_string()).collect();
    assert_eq!(rules, ["/permissions/deny/1"]);
    assert_eq!(settings.taken(), serde_json::json!({"permissions": {"deny": ["Bash(rm *)"]}}));
}

#[test]
fn a_bad_guarding_hook_costs_the_file_and_a_bad_other_hook_only_itself() {
    let hook = |event: &str| format!(r#"{{"hooks": {{"{event}": [{{"hooks": [{{"type": "command"}}]}}]}}}}"#);
    assert!(!read(&hook("PreToolUse"), Scope::Project).is_read());
    assert!(!read(&hook("PermissionRequest"), Scope::Flag).is_read());
    assert!(read(&hook("Stop"), Scope::Project).is_read());
    assert!(read(&hook("PreToolUse"), Scope::Managed).is_read());
}

#[test]
fn a_mode_that_a_repository_may_not_set_counts_as_default() {
    let text = r#"{"permissions": {"defaultMode": "auto"}}"#;
    assert_eq!(read(text, Scope::Project).default_mode(), Some("default"));
    assert_eq!(read(text, Scope::User).default_mode(), Some("auto"));
}

#[test]
fn an_empty_file_is_an_empty_object() {
    for text in ["", " \n", "{}", "\u{feff}{}"] {
        for scope in [Scope::Managed, Scope::Project] {
            assert_eq!(read(text, scope).acceptance(), Acceptance::Whole, "{text:?}");
        }
    }
}

#[test]
fn hooks_come_with_event_matcher_and_place() {
    let settings = read(
        r#"{"hooks": {
            "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "x", "args": ["a"], "timeout": 5}]}],
            "Stop": [{"hooks": [{"type": "zz"}, {"type": "http", "url": "https://a.b", "if": "Bash(x *)"}]}]
        }}"#,
        Scope::Project,
    );
    let hooks = settings.hooks();
    assert_eq!(hooks.len(), 2);
    assert_eq!((hooks[0].event, hooks[0].matcher, hooks[0].timeout), ("PreToolUse", Some("Bash"), Some(5.0)));
    assert_eq!(hooks[0].action, Action::Command { command: "x", arguments: Some(vec!["a"]) });
    assert_eq!(hooks[1].pointer.to_string(), "/hooks/Stop/0/hooks/1");
    assert_eq!((hooks[1].matcher, hooks[1].condition), (None, Some("Bash(x *)")));
    assert_eq!(hooks[1].action, Action::Http { url: "https://a.b" });
    assert!(settings.document().source().slice(hooks[1].span).starts_with(r#"{"type": "http""#));
}

#[test]
fn variables_and_server_lists_come_as_the_client_takes_them() {
    let settings = read(
        r#"{"env": {"A": "x", "B": 5}, "deniedMcpServers": [], "allowedMcpServers": [
            {"serverName": "a"}, {"serverName": "a.b"}, {"serverCommand": ["npx", "y"]}, {"serverUrl": "https://*"}]}"#,
        Scope::User,
    );
    let env: Vec<_> = settings.env().iter().map(|pair| (pair.name, pair.text)).collect();
    assert_eq!(env, [("A", "x")]);
    assert_eq!(settings.taken()["env"], serde_json::json!({"A": "x", "B": "5"}));
    let allowed = settings.servers(ServerList::Allowed).unwrap();
    let matchers: Vec<_> = allowed.into_iter().map(|entry| entry.matcher).collect();
    assert_eq!(
        matchers,
        [ServerMatcher::Name("a"), ServerMatcher::Command(vec!["npx", "y"]), ServerMatcher::Url("https://*")]
    );
    assert_eq!(settings.servers(ServerList::Denied), Some(Vec::new()));
    assert_eq!(read("{}", Scope::User).servers(ServerList::Denied), None);
}

#[test]
fn a_hook_in_the_wrong_place_costs_the_file_wherever_the_client_looks() {
    for (text, dropped) in [
        (r#"{"PreToolUse": [1]}"#, true),
        (r#"{"permissions": {"PermissionRequest": {}}}"#, true),
        (r#"{"x": [{"hooks": [{}]}]}"#, true),
        (r#"{"hooks": [{"event": "Stop"}]}"#, true),
        (r#"{"hooks": {"hooks": [1]}}"#, true),
        (r#"{"PreToolUse": []}"#, false),
        (r#"{"env": {"PreToolUse": "x"}}"#, false),
        (r#"{"Stop": [{"hooks": [{}]}]}"#, false),
        (r#"{"a": {"b": {"c": {"d": {"e": {"PreToolUse": 1}}}}}}"#, false),
    ] {
        assert_eq!(!read(text, Scope::Local).is_read(), dropped, "{text}");
        assert!(read(text, Scope::Managed).is_read(), "{text}");
    }
}

#[test]
fn managed_files_read_wrong_locks_strictly_and_withhold_what_lost_its_guard() {
    let settings = read(
        r#"{"allowManagedHooksOnly": "yes", "permissions": {"deny": "x", "allow": ["Bash(a *)"], "defaultMode": "acceptEdits"}}"#,
        Scope::Managed,
    );
    assert_eq!(settings.acceptance(), Acceptance::Partly);
    assert_eq!(
        settings.taken(),
        serde_json::json!({"allowManagedHooksOnly": true, "permissions": {"defaultMode": "default"}})
    );
    assert_eq!(settings.rules(List::Allow).count(), 0);
    let withheld =
        settings.problems().iter().filter(|problem| matches!(problem.kind, ProblemKind::Withheld { .. }));
    assert_eq!(withheld.count(), 2);
    assert!(matches!(read("{", Scope::Managed).acceptance(), Acceptance::Halt { .. }));
}

#[test]
fn servers_are_skipped_one_by_one() {
    let file = McpFile::read(Document::parse(
        r#"{"mcpServers": {
            "a": {"command": "npx", "args": ["-y", "x"], "env": {"K": "${V}"}, "disabled": true},
            "b": {"url": "https://a.b"},
            "c": {"type": "http", "url": "https://a.b", "headers": {"H": "v"}},
            "workspace": {"command": "x"},
            "d": {"type": "streamable_http", "url": "https://a.b"}
        }, "e": {"command": "x"}}"#,
    ));
    let servers = file.servers();
    let names: Vec<_> = servers.iter().map(|server| server.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(servers[0].transport, Transport::Stdio { command: "npx", arguments: vec!["-y", "x"] });
    assert_eq!((servers[0].env[0].name, servers[0].env[0].text), ("K", "${V}"));
    assert_eq!((servers[1].transport.url(), servers[1].headers[0].name), (Some("https://a.b"), "H"));
    let messages: Vec<String> = file.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "the client does not know `mcpServers.a.disabled`",
            "`mcpServers.b` is an object without `type`, expected one with `type` beside `url`; the client ignores `mcpServers.b`",
            "`mcpServers.workspace` is a name that the client keeps for itself, expected another one; the client ignores `mcpServers.workspace`",
            "`mcpServers.d.type` is `\"streamable_http\"`, expected `stdio`, `http`, `streamable-http`, `sse` or `ws`; the client ignores `mcpServers.d`",
            "`e` has no effect here; it belongs at `mcpServers.e`",
        ]
    );
    assert!(!McpFile::read(Document::parse(r#"{"e": {"command": "x"}}"#)).is_read());
}
