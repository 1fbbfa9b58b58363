//! What is read from records of each form, and what is not.

use super::*;

#[derive(Debug, Default)]
struct Notes(Vec<String>);

impl Listener for Notes {
    fn call(&mut self, call: &Recorded<'_>) {
        let input = serde_json::Value::Object(call.input.to_map()).to_string();
        let session = call.session.unwrap_or("?");
        let folder = call.folder.unwrap_or("?");
        let day = call.day.unwrap_or("?");
        self.0.push(format!("{session} {folder} {day} {} {input} {:?}", call.tool, call.kept));
    }

    fn became(&mut self, id: &str, became: Became) {
        self.0.push(format!("{id} {became:?}"));
    }

    fn mode(&mut self, session: Option<&str>, mode: &str) {
        self.0.push(format!("{} {mode}", session.unwrap_or("?")));
    }

    fn awaits(&self, id: &str) -> bool {
        id != "unawaited"
    }
}

fn read(line: &str) -> (Line, Vec<String>) {
    let mut notes = Notes::default();
    let line = Reader::default().line(line.as_bytes(), &mut notes);
    (line, notes.0)
}

fn heard(line: &str) -> Vec<String> {
    let (kind, notes) = read(line);
    assert_eq!(kind, Line::Read, "{line}");
    notes
}

#[test]
fn a_transcript_tells_of_calls_results_and_modes() {
    assert_eq!(
        heard(
            r#"{"type":"assistant","sessionId":"s","cwd":"/p","timestamp":"2026-11-28T10:00:00.000Z","message":{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls \"a\"","description":"d"}},{"type":"tool_use","id":"t2","name":"Read","input":{"file_path":"/p/a"}}]}}"#
        ),
        [
            r#"s /p 2026-11-28 Bash {"command":"ls \"a\"","description":"d"} Whole"#,
            r#"s /p 2026-11-28 Read {"file_path":"/p/a"} Whole"#
        ]
    );
    let result = |rest: &str| {
        heard(&format!(
            r#"{{"type":"user","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t1",{rest}}}]}},"toolUseResult":{{}}}}"#
        ))
    };
    assert_eq!(result(r#""content":"fine""#), ["t1 Ran"]);
    assert_eq!(result(r#""content":"exit 1","is_error":true"#), ["t1 Ran"]);
    assert_eq!(
        result(r#""content":"Permission to use Bash has been denied.","is_error":true"#),
        ["t1 Refused"]
    );
    assert_eq!(
        heard(
            r#"{"type":"user","toolDenialKind":"permission-rule","message":{"content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[]}]}}"#
        ),
        ["t1 Refused"]
    );
    assert_eq!(
        heard(
            r#"{"type":"user","toolDenialKind":"interrupted","message":{"content":[{"type":"tool_result","tool_use_id":"t1","is_error":true}]}}"#
        ),
        ["t1 Stopped"]
    );
    assert_eq!(heard(r#"{"type":"permission-mode","permissionMode":"plan","sessionId":"s"}"#), ["s plan"]);
}

#[test]
fn results_that_nobody_waits_for_are_passed_over() {
    let line = r#"{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"unawaited"}]}}"#;
    assert_eq!(read(line), (Line::Other, Vec::new()));
}

#[test]
fn words_within_a_text_are_no_marks() {
    let line =
        r#"{"type":"user","message":{"content":"\"tool_use\" \"tool_result\" \"permissionMode\":\"plan\""}}"#;
    assert_eq!(read(line), (Line::Other, Vec::new()));
}

#[test]
fn what_is_not_known_is_passed_over_or_broken() {
    for line in [
        "",
        "  ",
        "{}",
        r#"{"type":"summary","summary":"x"}"#,
        r#"{"tool_name":"Bash","input":{}}"#,
        r#"{"target":[{}]}"#,
        r#"{"type":"new-kind","x":[1,{"y":2}]}"#,
    ] {
        assert_eq!(read(line).0, Line::Other, "{line}");
    }
    for line in [
        "x",
        "{",
        r#"{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash""#,
        r#"{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t"}]}}"#,
        r#"{"cwd":5,"message":{"content":[{"type":"tool_use","name":"Bash"}]}}"#,
    ] {
        assert_eq!(read(line).0, Line::Broken, "{line}");
    }
}

#[test]
fn an_input_that_is_none_says_nothing() {
    for input in ["null", "5", "\"x\"", "[1]", "true", "1.5", "-1"] {
        let line =
            format!(r#"{{"message":{{"content":[{{"type":"tool_use","name":"X","input":{input}}}]}}}}"#);
        assert_eq!(heard(&line), ["? ? ? X {} Nothing"], "{input}");
    }
}

#[test]
fn the_log_of_a_hook_tells_of_calls_and_what_it_cut() {
    let line = |event: &str, command: &str| {
        heard(&format!(
            r#"{{"time":"2026-11-25T10:35:35Z","event":"{event}","session_id":"s","tool_use_id":"t1","permission_mode":"default","cwd":"/p","tool_name":"Bash","input":{{"command":"{command}"}}}}"#
        ))
    };
    assert_eq!(line("PreToolUse", "ls"), [r#"s /p 2026-11-25 Bash {"command":"ls"} Whole"#]);
    assert_eq!(line("PostToolUse", "ls"), [r#"s /p 2026-11-25 Bash {"command":"ls"} Whole"#, "t1 Ran"]);
    for masked in ["x --token ghp_…", r"x --token ghp_\u2026"] {
        assert!(line("PreToolUse", masked).concat().ends_with("Masked"));
    }
    assert!(line("PreToolUse", &format!("{}...", "x".repeat(1_500))).concat().ends_with("Cut"));
    assert_eq!(read(r#"{"event":"ConfigChange","tool_name":""}"#).0, Line::Other);
}

#[test]
fn a_trail_tells_of_calls_by_their_targets() {
    let line = |event: &str, command: &str| {
        heard(&format!(
            r#"{{"version":1,"id":"x","sequence":4,"time":"2026-11-25T10:35:35Z","event":"{event}","decision":"ran","session":"s","user":"sha256:1","tool":"Bash","target":{{"command":"{command}"}},"call":"t1","mode":"default","cwd":"/p/src","project":"/p"}}"#
        ))
    };
    assert_eq!(line("PostToolUse", "ls"), [r#"s /p/src 2026-11-25 Bash {"command":"ls"} Whole"#, "t1 Ran"]);
    assert!(line("PreToolUse", "x --token ghp_… y").concat().ends_with("Masked"));
    assert!(line("PreToolUse", &format!("{}…", "x".repeat(1_500))).concat().ends_with("Cut"));
    assert_eq!(read(r#"{"event":"ConfigChange","target":{"source":"x"}}"#).0, Line::Other);
}

#[test]
fn telemetry_tells_of_calls_that_ran_and_of_those_that_were_refused() {
    let attribute = |key: &str, value: &str| {
        let value = serde_json::Value::from(value);
        format!(r#"{{"key":"{key}","value":{{"stringValue":{value}}}}}"#)
    };
    let record = |event: &str, more: &[(&str, &str)]| {
        let mut attributes = vec![attribute("event.name", event), attribute("session.id", "s")];
        attributes.extend(more.iter().map(|(key, value)| attribute(key, value)));
        format!(
            r#"{{"timeUnixNano":"1764324000000000000","body":{{"stringValue":"claude_code.{event}"}},"attributes":[{}]}}"#,
            attributes.join(",")
        )
    };
    let bash = ("tool_name", "Bash");
    let input = ("tool_input", r#"{"command":"ls"}"#);
    let result = record("tool_result", &[bash, input, ("tool_use_id", "t1")]);
    let expected = [r#"s ? 2025-11-28 Bash {"command":"ls"} Whole"#, "t1 Ran"];
    assert_eq!(heard(&result), expected);
    let export = format!(
        r#"{{"resourceLogs":[{{"resource":{{"attributes":[]}},"scopeLogs":[{{"logRecords":[{result}]}}]}}]}}"#
    );
    assert_eq!(heard(&export), expected);
    let rejected = record(
        "tool_decision",
        &[bash, ("decision", "reject"), ("source", "user_reject"), ("tool_use_id", "t2")],
    );
    assert_eq!(heard(&rejected), ["s ? 2025-11-28 Bash {} Nothing", "t2 Refused"]);
    let command = record("tool_result", &[bash, ("tool_parameters", r#"{"full_command":"ls -a"}"#)]);
    assert_eq!(heard(&command), [r#"s ? 2025-11-28 Bash {"command":"ls -a"} Whole"#]);
    let long = serde_json::json!({"command": "x".repeat(512)}).to_string();
    let cut = record("tool_result", &[bash, ("tool_input", &long)]);
    assert!(heard(&cut).concat().ends_with("Cut"));
    let broken = record("tool_result", &[bash, ("tool_input", r#"{"command":"ls"#)]);
    assert!(heard(&broken).concat().ends_with("Cut"));
    let tool = record(
        "tool_result",
        &[
            ("tool_name", "mcp_tool"),
            ("tool_parameters", r#"{"mcp_server_name":"docs","mcp_tool_name":"get"}"#),
        ],
    );
    assert_eq!(heard(&tool), ["s ? 2025-11-28 mcp__docs__get {} Whole"]);
    // Which tool of which server it was is not told, and the first word of a command is not the command.
    let untold = record("tool_result", &[("tool_name", "mcp_tool"), ("tool_input", "{}")]);
    assert_eq!(heard(&untold), ["s ? 2025-11-28 mcp_tool {} Nothing"]);
    let word = record("tool_result", &[bash, ("tool_parameters", r#"{"bash_command":"ls"}"#)]);
    assert_eq!(heard(&word), ["s ? 2025-11-28 Bash {} Nothing"]);
    assert_eq!(heard(&record("permission_mode_changed", &[("to_mode", "plan")])), ["s plan"]);
    assert_eq!(read(&record("tool_decision", &[bash, ("decision", "accept")])).0, Line::Other);
    assert_eq!(read(&record("api_request", &[])).0, Line::Other);
}

#[test]
fn exports_are_read_by_either_names_and_in_lists() {
    let record = r#"{"time_unix_nano":"1764324000000000000","body":{"string_value":"claude_code.tool_result"},"attributes":[{"key":"tool_name","value":{"string_value":"WebSearch"}},{"key":"tool_input","value":{"string_value":"{\"query\":\"x\"}"}}]}"#;
    let export = format!(
        r#"{{"resource_logs": [{{"resource": {{"attributes": []}}, "scope_logs": [{{"log_records": [{record}]}}]}}]}}"#
    );
    let expected = [r#"? ? 2025-11-28 WebSearch {"query":"x"} Whole"#];
    assert_eq!(heard(&export), expected);
    assert_eq!(heard(&format!("[{export},{{\"x\":1}}]")), expected);
    assert_eq!(read(&format!("[{export},5]")), (Line::Broken, vec![expected[0].to_owned()]));
    assert_eq!(read("[1").0, Line::Broken);
    assert_eq!(read("[]").0, Line::Other);
    // A call without a tool among others is not passed over in silence.
    let torn = record.replace("\"tool_name\"", "\"other\"");
    let export = export.replace(record, &format!("{torn},{record}"));
    assert_eq!(read(&export), (Line::Broken, vec![expected[0].to_owned()]));
}

#[test]
fn results_are_found_with_blanks_around_the_colon() {
    let line = r#"{"message": {"content": [{"type": "tool_result", "tool_use_id" : "t1"}]}}"#;
    assert_eq!(heard(line), ["t1 Ran"]);
}

#[test]
fn tools_of_servers_are_known_by_their_names() {
    let line = r#"{"event":"PreToolUse","tool_name":"mcp__docs__get","input":{"token":"ghp_…"}}"#;
    assert!(heard(line).concat().ends_with("Whole"));
    let line = r#"{"message":{"content":[{"type":"tool_use","name":"mcp__docs__get"}]}}"#;
    assert!(heard(line).concat().ends_with("Whole"));
}
