//! The hook of the built-in policy `audit-script`, run as the client runs it.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::place::Place;

/// A project with the policy, in a folder with a blank in its name.
const PROJECT: &str = "a project";

fn project() -> Place {
    let place = Place::new();
    place.write(&format!("{PROJECT}/README.md"), "x\n");
    place.run(PROJECT, &["apply", "--policy", "builtin:audit-script"]).code(0);
    place
}

/// Starts the command of the hook at `event` through a shell.
fn start(place: &Place, event: &str) -> Child {
    let settings: Value =
        serde_json::from_str(&place.read(&format!("{PROJECT}/.claude/settings.json"))).unwrap();
    let command = settings["hooks"][event][0]["hooks"][0]["command"].as_str().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(place.path("")).env_clear();
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    shell.env("HOME", place.path("home")).env("CLAUDE_PROJECT_DIR", place.path(PROJECT));
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Gives the hook its input and waits for it.
fn run(place: &Place, event: &str, input: &str) -> Output {
    let mut child = start(place, event);
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The lines of the log.
fn log(home: &Path) -> Vec<Value> {
    let folder = home.join(".claude/audit-trail");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    }
    lines
}

fn call(tool: &str, input: &Value) -> Value {
    json!({
        "session_id": "s-1", "transcript_path": "/h/t.jsonl", "cwd": "/home/ann/a \"b\"", "permission_mode": "default",
        "effort": {"level": "medium"}, "hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": input,
        "tool_use_id": "toolu_1",
    })
}

#[test]
fn a_call_is_a_line() {
    let place = project();
    let command = "echo \"a\\\"b\" '},\"tool_name\":\"Read\",{' \\\\ é\n\tx";
    let done = run(
        &place,
        "PreToolUse",
        &call("Bash", &json!({"command": command, "description": "d"})).to_string(),
    );
    assert_eq!((done.status.code(), done.stdout.len(), done.stderr.len()), (Some(0), 0, 0), "{done:?}");
    let [line] = log(&place.path("home")).try_into().unwrap();
    let mut line: Value = line;
    let time = line.as_object_mut().unwrap().remove("time").unwrap();
    assert_eq!(time.as_str().unwrap().len(), "2026-01-01T00:00:00Z".len());
    assert_eq!(
        line,
        json!({
            "event": "PreToolUse", "session_id": "s-1", "tool_use_id": "toolu_1", "permission_mode": "default",
            "cwd": "/home/ann/a \"b\"", "tool_name": "Bash", "input": {"command": command},
        })
    );
}

#[test]
fn texts_that_are_written_or_read_are_left_out() {
    let place = project();
    let secret = "s3cr3t\"\\";
    let mut written = call("Write", &json!({"content": secret, "file_path": "/x/a"}));
    written["tool_response"] =
        json!({"file_path": secret, "tool_input": {"command": secret}, "lines": [secret, [secret]]});
    run(&place, "PostToolUse", &written.to_string());
    let edited =
        call("Edit", &json!({"file_path": "/x/a", "old_string": secret, "edits": [{"command": secret}]}));
    run(&place, "PostToolUseFailure", &edited.to_string());
    let lines = log(&place.path("home"));
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(line["input"], json!({"file_path": "/x/a"}));
        assert!(!line.to_string().contains("s3cr3t"), "{line}");
    }
}

#[test]
fn long_inputs_are_cut_and_stay_json() {
    let place = project();
    for fill in ["x", "\\", "\"", "\u{1}", "é", "\u{1f980}\n"] {
        for offset in 0..7 {
            let long = "y".repeat(offset) + &fill.repeat(4000);
            let input =
                json!({"command": long, "file_path": long, "path": long, "pattern": long, "content": long});
            run(&place, "PreToolUse", &call("Bash", &input).to_string());
        }
    }
    let lines = log(&place.path("home"));
    assert_eq!(lines.len(), 42);
    for line in lines {
        assert!(line.to_string().len() < 4096);
        assert!(line["input"]["command"].as_str().unwrap().ends_with("..."), "{line}");
    }
}

#[test]
fn many_calls_at_once_are_as_many_lines() {
    let place = project();
    let children: Vec<Child> = (0..40)
        .map(|number| {
            let mut child = start(&place, "PreToolUse");
            let input = call("Bash", &json!({"command": format!("echo {number} {}", "x".repeat(3000))}));
            child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
            child
        })
        .collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let lines = log(&place.path("home"));
    let mut numbers: Vec<u32> = lines
        .iter()
        .map(|line| line["input"]["command"].as_str().unwrap().split(' ').nth(1).unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..40).collect::<Vec<u32>>());
}

#[test]
fn what_cannot_be_read_is_said_and_what_cannot_be_written_stops_nobody() {
    let place = project();
    for input in ["", "{", "\"tool_name\"", "{\"a\": \"\\", "[[[\"tool_name\":\"x\"]]]"] {
        assert_eq!(run(&place, "PreToolUse", input).status.code(), Some(0), "{input}");
    }
    assert!(log(&place.path("home")).iter().all(|line| line["unreadable"] == true));
    let place = project();
    place.write("home/.claude/audit-trail", "a file where the folder should be");
    let done = run(&place, "PreToolUse", &call("Bash", &json!({"command": "ls"})).to_string());
    assert_eq!((done.status.code(), done.stdout.len(), done.stderr.len()), (Some(0), 0, 0), "{done:?}");
}

#[cfg(unix)]
#[test]
fn the_log_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = project();
    run(&place, "PreToolUse", &call("Read", &json!({"file_path": "/x"})).to_string());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = place.path("home/.claude/audit-trail");
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}
