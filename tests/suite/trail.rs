//! The trail: what `bylaws hook log` keeps, and what becomes of it when the disk, a sink or the clock fail.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bylaws::exchange::Sent;
use bylaws::trail::{AuditLine, Host, Limits, Sender, Sink, Store, fresh_id};
use serde_json::{Value, json};

use crate::hooks::{exchanges, hook};
use crate::place::Place;

const FOLDER: &str = ".claude/bylaws-trail";

fn place() -> Place {
    let place = Place::new();
    place.write("proj/README.md", "x\n");
    place
}

/// The lines of a trail in the order of its files.
fn lines(folder: &Path) -> Vec<AuditLine> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
        .collect()
}

fn line(command: &str) -> AuditLine {
    let sent =
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}});
    let sent = Sent::read(sent.to_string().as_bytes()).unwrap();
    AuditLine::of(Some(&sent), &Host::default(), fresh_id(), "2026-12-01T00:00:00.000Z".into())
}

fn store(folder: &Path, limits: Limits, sinks: &[Sink]) -> Store {
    let names = sinks.iter().map(|sink| sink.name().to_owned()).collect();
    Store::new(folder, limits, names, Duration::from_secs(30))
}

fn commands(lines: &[AuditLine]) -> Vec<String> {
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

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_tears_nothing() {
    let place = place();
    let run = |limit: &str, command: &str| {
        let sent = json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}});
        place.write("input.json", sent.to_string());
        let mut shell = std::process::Command::new("sh");
        // Beyond the limit the system sends a signal, and an error where the signal is ignored: as a full disk gives.
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" hook log < ../input.json");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_bylaws")]).current_dir(place.path("proj"));
        shell.env_clear().env("HOME", place.path(""));
        crate::place::Ran::of(shell.output().unwrap())
    };
    run("unlimited", "one").code(0);
    let path = place.path(FOLDER).join("00000000000000000001.jsonl");
    let before = std::fs::read(&path).unwrap();
    let ran = run("1", &"x".repeat(1_400)).code(0).says("nothing was logged: cannot write");
    assert_eq!(ran.out, "");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    run("unlimited", "two").code(0);
    let lines = lines(&place.path(FOLDER));
    assert_eq!(commands(&lines), ["one", "two"]);
    assert_eq!(lines[1].sequence, 2);
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

/// A receiver on loopback: keeps what it gets, and answers as it is told.
struct Receiver {
    address: String,
    got: Arc<Mutex<Vec<(String, String)>>>,
    _thread: JoinHandle<()>,
}

impl Receiver {
    /// `answer` gives the status, more headers and a body for each request, by its headers and body.
    fn start(answer: impl Fn(&str, &str) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut head, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                        break;
                    }
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    head.push_str(&line);
                }
                if head.is_empty() {
                    continue;
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let body = String::from_utf8(body).unwrap();
                let (status, said) = answer(&head, &body);
                kept.lock().unwrap().push((head, body));
                let length = said.len();
                let head =
                    format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(format!("{head}{said}").as_bytes());
            }
        });
        Self { address, got, _thread: thread }
    }

    fn got(&self) -> Vec<(String, String)> {
        self.got.lock().unwrap().clone()
    }

    /// The commands of all lines that a webhook got.
    fn commands(&self) -> Vec<String> {
        let bodies = self.got().into_iter().map(|(_, body)| body);
        bodies
            .flat_map(|body| {
                body.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<AuditLine>>()
            })
            .map(|line| line.target["command"].clone())
            .collect()
    }
}

fn send(folder: &Path, sinks: &[Sink], now: &Cell<u64>) -> (bylaws::trail::Outcome, Vec<String>) {
    let mut told = Vec::new();
    let clock = || now.get();
    let done = Sender::new(folder, sinks, &clock).run(&mut |what| told.push(what)).unwrap();
    (done, told)
}

fn filled(count: usize, sinks: &[Sink]) -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let store = store(temporary.path(), Limits::default(), sinks);
    for number in 0..count {
        store.append(&mut line(&format!("echo {number}"))).unwrap();
    }
    temporary
}

fn expected(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("echo {number}")).collect()
}

#[test]
fn a_webhook_gets_every_line_once_and_in_order() {
    let receiver = Receiver::start(|_, _| (200, String::new()));
    let sinks = [Sink::parse(&format!("http://{}/in?k=1", receiver.address), Some("tok")).unwrap()];
    let trail = filled(1_200, &sinks);
    let now = Cell::new(1_000);
    let (done, told) = send(trail.path(), &sinks, &now);
    assert_eq!((done.sent, done.waiting, told.len()), (1_200, 0, 0), "{told:?}");
    assert_eq!(receiver.commands(), expected(0..1_200));
    let (head, _) = receiver.got()[0].clone();
    let head = head.to_lowercase();
    assert!(head.contains("authorization: bearer tok") && head.contains("idempotency-key: "), "{head}");
    assert!(head.starts_with("post /in?k=1 "), "{head}");
    let (again, _) = send(trail.path(), &sinks, &now);
    assert_eq!((again.sent, receiver.got().len()), (0, 3));
}

#[test]
fn a_sink_that_is_down_for_an_hour_gets_everything_then() {
    let down = Arc::new(Mutex::new(true));
    let state = Arc::clone(&down);
    let receiver =
        Receiver::start(move |_, _| (if *state.lock().unwrap() { 503 } else { 200 }, String::new()));
    let sinks = [Sink::parse(&format!("http://{}/in", receiver.address), None).unwrap()];
    let trail = filled(5, &sinks);
    let store = store(trail.path(), Limits::default(), &sinks);
    let now = Cell::new(10_000);
    for minute in 0..60 {
        let (done, _) = send(trail.path(), &sinks, &now);
        assert_eq!((done.sent, done.waiting), (0, 1));
        store.append(&mut line(&format!("echo {}", minute + 5))).unwrap();
        now.set(now.get() + 60);
    }
    assert!(receiver.got().len() < 25, "{} attempts", receiver.got().len());
    let before = receiver.got().len();
    *down.lock().unwrap() = false;
    now.set(now.get() + 300);
    let (done, told) = send(trail.path(), &sinks, &now);
    assert_eq!((done.sent, done.waiting), (65, 0), "{told:?}");
    assert_eq!(receiver.commands()[before_lines(&receiver, before)..], expected(0..65));
}

fn before_lines(receiver: &Receiver, requests: usize) -> usize {
    receiver.got()[..requests].iter().map(|(_, body)| body.lines().count()).sum()
}

#[test]
fn a_sender_that_is_killed_before_it_can_note_it_sends_again_with_the_same_ids() {
    let receiver = Receiver::start(|_, _| (200, String::new()));
    let sinks = [Sink::parse(&format!("http://{}/in", receiver.address), None).unwrap()];
    let trail = filled(3, &sinks);
    let now = Cell::new(1_000);
    send(trail.path(), &sinks, &now);
    let cursor = trail.path().join(format!("cursor-{}.json", sinks[0].name()));
    std::fs::remove_file(cursor).unwrap();
    send(trail.path(), &sinks, &now);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].1, got[1].1);
    let key = |head: &str| {
        head.lines().find(|line| line.to_lowercase().starts_with("idempotency-key")).map(str::to_owned)
    };
    assert_eq!(key(&got[0].0), key(&got[1].0));
}

#[test]
fn one_line_that_a_sink_refuses_keeps_no_other_back() {
    let receiver =
        Receiver::start(|_, body| (if body.contains("echo 7\"") { 400 } else { 200 }, String::new()));
    let sinks = [Sink::parse(&format!("http://{}/in", receiver.address), None).unwrap()];
    let trail = filled(20, &sinks);
    let (done, told) = send(trail.path(), &sinks, &Cell::new(1_000));
    assert_eq!((done.sent, done.refused, done.waiting), (19, 1, 0));
    assert!(told[0].contains("refuses line 8 for good"), "{told:?}");
    let kept =
        std::fs::read_to_string(trail.path().join(format!("refused-{}.txt", sinks[0].name()))).unwrap();
    assert!(kept.contains("echo 7\"") && kept.lines().count() == 1, "{kept}");
}

#[test]
fn what_is_given_up_unsent_is_said_so() {
    let sinks = [Sink::parse("http://127.0.0.1:9/in", None).unwrap()];
    let temporary = tempfile::tempdir().unwrap();
    let store = store(temporary.path(), Limits { segment: 1_000, kept: 1, unsent: 4 }, &sinks);
    for number in 0..60 {
        store.append(&mut line(&format!("echo {number}"))).unwrap();
    }
    let all = lines(temporary.path());
    let lost: Vec<&AuditLine> = all.iter().filter(|line| line.event == "Lost").collect();
    assert!(!lost.is_empty());
    let number = |text: &str| text.parse::<u64>().unwrap();
    // What is here and what is said to be lost are all lines that there ever were, the lost lines that were lost included.
    let first_kept = all[0].sequence;
    let newest = lost.last().unwrap();
    assert!(number(&newest.target["last"]) < first_kept || newest.sequence >= first_kept);
    assert!(lost.iter().all(|line| number(&line.target["first"]) <= number(&line.target["last"])));
    assert!(all.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1));
}

#[test]
fn a_collector_gets_log_records() {
    let receiver = Receiver::start(|_, _| (200, "{}".to_owned()));
    let sinks = [Sink::parse(&format!("otlp+http://{}", receiver.address), None).unwrap()];
    let trail = filled(2, &sinks);
    let (done, told) = send(trail.path(), &sinks, &Cell::new(1_000));
    assert_eq!(done.sent, 2, "{told:?}");
    let (head, body) = receiver.got()[0].clone();
    assert!(head.starts_with("POST /v1/logs "), "{head}");
    let body: Value = serde_json::from_str(&body).unwrap();
    let records = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    assert_eq!(records.as_array().unwrap().len(), 2);
    assert_eq!(records[0]["timeUnixNano"], "1796083200000000000");
    let line: AuditLine = serde_json::from_str(records[1]["body"]["stringValue"].as_str().unwrap()).unwrap();
    assert_eq!(line.target["command"], "echo 1");
    assert_eq!(
        records[1]["attributes"][0],
        json!({"key": "log.record.uid", "value": {"stringValue": line.id}})
    );
    // What a collector rejects in part is kept.
    let answer = r#"{"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "too old"}}"#;
    let receiver = Receiver::start(move |_, _| (200, answer.to_owned()));
    let sinks = [Sink::parse(&format!("otlp+http://{}", receiver.address), None).unwrap()];
    let (done, told) = send(trail.path(), &sinks, &Cell::new(1_000));
    assert_eq!((done.refused, told[0].contains("too old")), (2, true), "{told:?}");
}

#[test]
fn a_syslog_gets_messages_with_their_length_in_front() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sinks = [Sink::parse(&format!("syslog+tcp://{}", listener.local_addr().unwrap()), None).unwrap()];
    let trail = filled(3, &sinks);
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut text).unwrap();
        text
    });
    assert_eq!(send(trail.path(), &sinks, &Cell::new(1_000)).0.sent, 3);
    let text = reading.join().unwrap();
    let mut rest = text.as_slice();
    for number in 0..3 {
        let at = rest.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&rest[..at]).unwrap().parse().unwrap();
        let message = std::str::from_utf8(&rest[at + 1..at + 1 + length]).unwrap();
        assert!(
            message.starts_with("<110>1 2026-12-01T00:00:00.000Z - bylaws - PostToolUse [bylaws@32473 id=\"")
        );
        assert!(message.ends_with('}') && message.contains(&format!("echo {number}\"")), "{message}");
        rest = &rest[at + 1 + length..];
    }
    assert!(rest.is_empty());
}

#[test]
fn a_syslog_over_datagrams_gets_one_for_each_line() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let sinks = [Sink::parse(&format!("syslog+udp://{}", socket.local_addr().unwrap()), None).unwrap()];
    let trail = filled(2, &sinks);
    assert_eq!(send(trail.path(), &sinks, &Cell::new(1_000)).0.sent, 2);
    let mut buffer = [0; 65_536];
    for number in 0..2 {
        let length = socket.recv(&mut buffer).unwrap();
        let message = std::str::from_utf8(&buffer[..length]).unwrap();
        assert!(message.starts_with("<110>1 ") && message.contains(&format!("echo {number}\"")), "{message}");
    }
}

/// The whole way: the hook goes at once, and a process of its own brings the line.
#[test]
fn the_hook_waits_for_nobody_and_the_line_arrives() {
    let place = place();
    let receiver = Receiver::start(|_, _| (200, String::new()));
    let address = format!("http://{}/in", receiver.address);
    let sent =
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}});
    hook(&place, &["log", "--to", &address], &sent.to_string()).code(0);
    // Whoever sends now finds the other at work, or nothing left, or does it itself.
    let cursor = || {
        std::fs::read_dir(place.path(FOLDER))
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_str().unwrap().starts_with("cursor-"))
    };
    while !cursor() {
        place.run("proj", &["hook", "send", "--to", &address]).code(0);
    }
    assert!(receiver.commands().contains(&"ls".to_owned()));
    // One that nobody can reach keeps the line and says so.
    let ran = hook(&place, &["log", "--to", "nonsense"], &sent.to_string()).code(0);
    assert!(ran.err.contains("is no sink"), "{}", ran.err);
    assert_eq!(lines(&place.path(FOLDER)).len(), 2);
    place.run("proj", &["hook", "send"]).code(2).says("no sink is named");
    place.run("proj", &["hook", "send", "--to", "http://logs.acme.dev"]).code(2).says("without `https`");
}
