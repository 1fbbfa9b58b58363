//! The trail: what `bylaws hook log` keeps, and what becomes of it when hooks come at once or the clock fails.

use std::path::Path;
use std::time::Duration;

use bylaws::exchange::Sent;
use bylaws::trail::{AuditLine, Host, Limits, Sink, Store, fresh_id};
use serde_json::json;

use crate::hooks::{exchanges, hook};
use crate::place::Place;

pub(crate) const FOLDER: &str = ".claude/bylaws-trail";

pub(crate) fn place() -> Place {
    let place = Place::new();
    place.write("proj/README.md", "x\n");
    place
}

/// The lines of a trail in the order of its files.
pub(crate) fn lines(folder: &Path) -> Vec<AuditLine> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
        .collect()
}

pub(crate) fn line(command: &str) -> AuditLine {
    let sent =
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}});
    let sent = Sent::read(sent.to_string().as_bytes()).unwrap();
    AuditLine::of(Some(&sent), &Host::default(), fresh_id(), "2026-12-01T00:00:00.000Z".into())
}

pub(crate) fn store(folder: &Path, limits: Limits, sinks: &[Sink]) -> Store {
    let names = sinks.iter().map(|sink| sink.name().to_owned()).collect();
    Store::new(folder, limits, names, Duration::from_secs(30))
}

pub(crate) fn commands(lines: &[AuditLine]) -> Vec<String> {
    lines.iter().map(|line| line.target["command"].clone()).collect()
}

#[test]
fn recorded_events_are_lines() {
    let place = place();
    let sent = exchanges();
    for sent in &sent {
        let ran = hook(&place, &["log"], &sent.to_string()).code(0);
        assert_eq!((&*ran.out, &*ran.err), ("", ""));
    }
    let lines = lines(&place.path(FOLDER));
    assert_eq!(lines.len(), sent.len());
    for (at, (line, sent)) in lines.iter().zip(&sent).enumerate() {
        assert_eq!(
            (line.sequence, line.event.as_str()),
            (at as u64 + 1, sent["hook_event_name"].as_str().unwrap())
        );
        assert_eq!(line.tool.as_deref(), sent["tool_name"].as_str());
        assert_eq!(line.call.as_deref(), sent["tool_use_id"].as_str());
        assert!(line.project.as_deref().unwrap().ends_with("/proj"));
    }
    let ran = lines.iter().filter(|line| line.decision == "ran").count();
    let asked = lines.iter().filter(|line| line.decision == "asked").count();
    assert_eq!((ran, asked), (14, 2));
    let changed = lines.iter().find(|line| line.decision == "changed").unwrap();
    assert_eq!(changed.target["source"], "local_settings");
}

#[test]
fn what_is_written_is_redacted_and_for_its_owner_alone() {
    let place = place();
    let token = "ghp_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R";
    let sent = json!({
        "hook_event_name": "PostToolUse", "tool_name": "Write",
        "tool_input": {"file_path": format!("/x/{token}"), "content": "inside"}, "tool_response": {"x": "inside"},
    });
    hook(&place, &["log", "--user", "hash"], &sent.to_string()).code(0);
    let config = json!({
        "hook_event_name": "ConfigChange", "source": "project_settings", "file_path": "/p/.claude/settings.json",
    });
    hook(&place, &["log", "--user", "none"], &config.to_string()).code(0);
    hook(&place, &["log"], "no JSON").code(0).says("is not what the client sends");
    let lines = lines(&place.path(FOLDER));
    let text = serde_json::to_string(&lines).unwrap();
    assert!(!text.contains("1a2B3c") && !text.contains("inside"), "{text}");
    assert_eq!(lines[1].target["file"], "/p/.claude/settings.json");
    assert!(lines[2].unreadable);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&place.path(FOLDER)), 0o700);
        assert_eq!(mode(&place.path(FOLDER).join("00000000000000000001.jsonl")), 0o600);
    }
}

#[test]
fn many_hooks_at_once_lose_and_tear_nothing() {
    let place = place();
    let text = |number: usize| {
        let command = format!("echo {number} {}", "x".repeat(1_400));
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}})
            .to_string()
    };
    std::thread::scope(|scope| {
        for thread in 0..10 {
            let (place, text) = (&place, &text);
            scope.spawn(move || {
                for turn in 0..4 {
                    hook(place, &["log"], &text(thread * 4 + turn)).code(0);
                }
            });
        }
    });
    let lines = lines(&place.path(FOLDER));
    let sequences: Vec<u64> = lines.iter().map(|line| line.sequence).collect();
    assert_eq!(sequences, (1..=40).collect::<Vec<u64>>());
    let mut numbers: Vec<usize> =
        commands(&lines).iter().map(|text| text.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..40).collect::<Vec<usize>>());
    let ids: std::collections::HashSet<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(ids.len(), 40);
}

#[test]
fn files_are_rotated_by_size_and_kept_by_count() {
    let temporary = tempfile::tempdir().unwrap();
    let limits = Limits { segment: 1_000, kept: 3, unsent: 3 };
    let store = store(temporary.path(), limits, &[]);
    for number in 0..50 {
        store.append(&mut line(&format!("echo {number}"))).unwrap();
    }
    let lines = lines(temporary.path());
    let last: Vec<u64> = lines.iter().map(|line| line.sequence).collect();
    assert_eq!(last.last(), Some(&50));
    assert!(last.windows(2).all(|pair| pair[1] == pair[0] + 1), "{last:?}");
    assert!(last[0] > 1 && lines.iter().all(|line| line.event != "Lost"));
}

#[test]
fn a_line_that_was_cut_off_is_taken_away_before_the_next_one() {
    let temporary = tempfile::tempdir().unwrap();
    let store = store(temporary.path(), Limits::default(), &[]);
    store.append(&mut line("a")).unwrap();
    let path = temporary.path().join("00000000000000000001.jsonl");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let half = text.get(..text.len() / 2).unwrap().to_owned();
    text.push_str(&half);
    std::fs::write(&path, text).unwrap();
    store.append(&mut line("b")).unwrap();
    assert_eq!(commands(&lines(temporary.path())), ["a", "b"]);
    // A file with nothing but half of a line.
    std::fs::write(&path, half).unwrap();
    store.append(&mut line("c")).unwrap();
    assert_eq!(commands(&lines(temporary.path())), ["c"]);
}

#[test]
fn a_trail_that_others_hold_takes_the_line_in_later() {
    let temporary = tempfile::tempdir().unwrap();
    let held = std::fs::File::create(temporary.path().join("lock")).unwrap();
    held.lock().unwrap();
    let store = Store::new(temporary.path(), Limits::default(), Vec::new(), Duration::ZERO);
    store.append(&mut line("late")).unwrap();
    assert!(lines(temporary.path()).is_empty());
    drop(held);
    // Processes that other tests start may hold it for a moment longer.
    let store = Store::new(temporary.path(), Limits::default(), Vec::new(), Duration::from_secs(30));
    store.append(&mut line("next")).unwrap();
    let lines = lines(temporary.path());
    assert_eq!(commands(&lines), ["late", "next"]);
    assert_eq!((lines[0].sequence, lines[1].sequence), (1, 2));
}

#[test]
fn a_clock_that_goes_backwards_changes_no_order() {
    let temporary = tempfile::tempdir().unwrap();
    let store = store(temporary.path(), Limits { segment: 500, ..Limits::default() }, &[]);
    for (number, time) in
        ["2026-12-01T10:00:00Z", "2026-12-01T09:00:00Z", "1970-01-01T00:00:00Z"].iter().enumerate()
    {
        store.append(&mut AuditLine { time: (*time).to_owned(), ..line(&format!("echo {number}")) }).unwrap();
    }
    assert_eq!(commands(&lines(temporary.path())), ["echo 0", "echo 1", "echo 2"]);
}

/// What stops a hook by its end is 2 alone, and the log never stops anybody.
#[test]
fn wrong_arguments_of_the_log_stop_nobody_and_those_of_the_guard_do() {
    let place = place();
    for wrong in [&["--nonsense"][..], &["--keep", "0"], &["--user", "x"], &["--to"], &["more"]] {
        let ran = hook(&place, &[&["log"], wrong].concat(), "{}").code(3);
        assert!(ran.out.is_empty() && ran.err.starts_with("error: "), "{}", ran.err);
    }
    hook(&place, &["guard", "--nonsense"], "{}").code(2).says("unexpected argument '--nonsense'");
    let help = hook(&place, &["log", "--help"], "").code(0);
    assert!(help.out.contains("Usage: bylaws hook log [OPTIONS]"), "{}", help.out);
}

/// Whoever reads arguments in front of the hook reads all of them; the answer is the same.
#[test]
fn arguments_of_the_whole_program_are_taken_by_the_hooks_too() {
    let place = place();
    let mut command = place.program("proj");
    command.args(["--color", "never", "hook", "log"]).stdin(std::process::Stdio::null());
    crate::place::Ran::of(command.output().unwrap()).code(0);
    hook(&place, &["log", "--color", "never"], "{}").code(0);
    assert_eq!(lines(&place.path(FOLDER)).len(), 2);
}

#[test]
fn what_goes_to_another_sink_lies_apart() {
    let place = place();
    let sent = |command: &str| {
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}})
            .to_string()
    };
    // Nobody listens there: the lines stay.
    let sinks = ["syslog+unix:///nowhere/a", "syslog+unix:///nowhere/b"];
    hook(&place, &["log"], &sent("none")).code(0);
    hook(&place, &["log", "--to", sinks[0]], &sent("a")).code(0);
    hook(&place, &["log", "--to", sinks[1], "--to", sinks[0]], &sent("both")).code(0);
    hook(&place, &["log", "--to", sinks[0], "--to", sinks[1]], &sent("both again")).code(0);
    let at = |sinks: &str| {
        let folder = place.path(FOLDER).join(format!("to-{}", Sink::name_of(sinks)));
        commands(&lines(&folder))
    };
    assert_eq!(commands(&lines(&place.path(FOLDER))), ["none"]);
    assert_eq!(at(sinks[0]), ["a"]);
    assert_eq!(at(&sinks.join("\n")), ["both", "both again"]);
}
