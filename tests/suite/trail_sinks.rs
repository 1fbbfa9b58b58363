//! Sending the trail: to whom, what a sink that is down, refuses or breaks off costs, and what a kill does.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use bylaws::trail::{AuditLine, Limits, Sender, Sink};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::hooks::hook;
use crate::place::Ran;
use crate::trail::{FOLDER, line, lines, place, store};

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
    let (arrived, arrives) = channel::<()>();
    let (answer, answers) = channel::<()>();
    // The first request is answered only when its sender is gone.
    let first = Cell::new(true);
    let receiver = Receiver::start(move |_, _| {
        if first.take() {
            arrived.send(()).unwrap();
            answers.recv().unwrap();
        }
        (200, String::new())
    });
    let address = format!("http://{}/in", receiver.address);
    let sinks = [Sink::parse(&address, None).unwrap()];
    let trail = filled(3, &sinks);
    let place = place();
    let folder = trail.path().to_str().unwrap();
    let mut sender =
        place.program("proj").args(["hook", "send", "--folder", folder, "--to", &address]).spawn().unwrap();
    arrives.recv().unwrap();
    sender.kill().unwrap();
    sender.wait().unwrap();
    answer.send(()).unwrap();
    assert_eq!(send(trail.path(), &sinks, &Cell::new(1_000)).0.sent, 3);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].1, got[1].1);
    let key = |head: &str| {
        head.lines().find(|line| line.to_lowercase().starts_with("idempotency-key")).map(str::to_owned)
    };
    assert!(key(&got[0].0).is_some() && key(&got[0].0) == key(&got[1].0));
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

/// Takes messages with their length in front out of what a syslog got.
fn messages(mut bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let at = bytes.iter().position(|byte| *byte == b' ').unwrap();
        let length: usize = std::str::from_utf8(&bytes[..at]).unwrap().parse().unwrap();
        found.push(String::from_utf8(bytes[at + 1..at + 1 + length].to_vec()).unwrap());
        bytes = &bytes[at + 1 + length..];
    }
    found
}

#[test]
fn a_syslog_gets_messages_with_their_length_in_front() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sinks = [Sink::parse(&format!("syslog+tcp://{}", listener.local_addr().unwrap()), None).unwrap()];
    let trail = filled(3, &sinks);
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
        bytes
    });
    assert_eq!(send(trail.path(), &sinks, &Cell::new(1_000)).0.sent, 3);
    let got = messages(&reading.join().unwrap());
    assert_eq!(got.len(), 3);
    for (number, message) in got.iter().enumerate() {
        assert!(
            message.starts_with("<110>1 2026-12-01T00:00:00.000Z - bylaws - PostToolUse [bylaws@32473 id=\"")
        );
        assert!(message.ends_with('}') && message.contains(&format!("echo {number}\"")), "{message}");
    }
}

#[test]
fn a_syslog_that_breaks_off_before_it_has_read_is_sent_the_lines_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let sinks = [Sink::parse(&format!("syslog+tcp://{}", listener.local_addr().unwrap()), None).unwrap()];
    let trail = filled(3, &sinks);
    let reading = std::thread::spawn(move || {
        // It sees that something came, reads nothing of it, and closes.
        let (breaks_off, _) = listener.accept().unwrap();
        breaks_off.peek(&mut [0]).unwrap();
        drop(breaks_off);
        let mut bytes = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let now = Cell::new(1_000);
    let (done, told) = send(trail.path(), &sinks, &now);
    assert_eq!((done.sent, done.waiting), (0, 1), "{told:?}");
    now.set(1_001);
    assert_eq!(send(trail.path(), &sinks, &now).0.sent, 3);
    assert_eq!(messages(&reading.join().unwrap()).len(), 3);
}

/// A syslog under TLS on loopback that takes connections until it got something, and the certificate that it shows.
fn secure_syslog() -> (String, String, JoinHandle<Vec<u8>>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("syslog+tls://localhost:{}", listener.local_addr().unwrap().port());
    let reading = std::thread::spawn(move || {
        loop {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, listener.accept().unwrap().0);
            let mut bytes = Vec::new();
            // Whoever does not trust the certificate breaks off.
            let _ = stream.read_to_end(&mut bytes);
            if !bytes.is_empty() {
                return bytes;
            }
        }
    });
    (address, made.cert.pem(), reading)
}

#[test]
fn a_syslog_over_tls_gets_the_lines_where_the_machine_trusts_its_certificate() {
    let (address, certificate, reading) = secure_syslog();
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    let trail = filled(3, &[]);
    let place = place();
    let send = |certificate: &str| {
        place.write("trusted.pem", certificate);
        let mut command = place.program("proj");
        command.args(["hook", "send", "--folder", trail.path().to_str().unwrap(), "--to", &address]);
        command.env("SSL_CERT_FILE", place.path("trusted.pem")).env_remove("SSL_CERT_DIR");
        Ran::of(command.output().unwrap())
    };
    let ran = send(&stranger).code(1).says("did not take 3 lines, which stay here");
    assert!(ran.err.contains("certificate"), "{}", ran.err);
    // The wait after a failure is not for a test.
    std::fs::remove_file(trail.path().join(format!("cursor-{}.json", Sink::name_of(&address)))).unwrap();
    send(&certificate).code(0).says("3 lines were sent");
    let got = messages(&reading.join().unwrap());
    assert_eq!(got.len(), 3);
    assert!(got[2].starts_with("<110>1 ") && got[2].contains("echo 2\""), "{}", got[2]);
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

/// The whole way: hooks go at once, and processes of their own bring the lines, each of them once.
#[test]
fn ten_hooks_at_once_wait_for_nobody_and_each_line_arrives_once() {
    let place = place();
    let receiver = Receiver::start(|_, _| (200, String::new()));
    let address = format!("http://{}/in", receiver.address);
    std::thread::scope(|scope| {
        for number in 0..10 {
            let (place, address) = (&place, &address);
            scope.spawn(move || {
                let sent = json!({
                    "hook_event_name": "PostToolUse", "tool_name": "Bash",
                    "tool_input": {"command": format!("echo {number}")},
                });
                hook(place, &["log", "--to", address], &sent.to_string()).code(0);
            });
        }
    });
    // Whoever sends now finds the other at work, or nothing left, or does it itself.
    let folder = place.path(FOLDER).join(format!("to-{}", Sink::name_of(&address)));
    let cursor = folder.join(format!("cursor-{}.json", Sink::name_of(&address)));
    let taken = || -> Option<u64> {
        let cursor: Value = serde_json::from_slice(&std::fs::read(&cursor).ok()?).ok()?;
        cursor["sequence"].as_u64()
    };
    while taken() != Some(10) {
        place.run("proj", &["hook", "send", "--to", &address]).code(0);
    }
    let mut commands = receiver.commands();
    commands.sort();
    assert_eq!(commands, expected(0..10));
}

#[test]
fn a_sink_that_cannot_be_spoken_to_keeps_the_lines_and_is_told() {
    let place = place();
    let sent =
        json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": "ls"}});
    for (number, address) in
        ["nonsense", "http://logs.acme.dev", "syslog+udp://logs.acme.dev:514"].iter().enumerate()
    {
        let ran = hook(&place, &["log", "--to", address], &sent.to_string()).code(3);
        assert!(
            ran.out.is_empty() && ran.err.contains("the line is logged, and is not sent: "),
            "{}",
            ran.err
        );
        let says = if number == 0 { "is no sink" } else { "everybody on the way could read the lines" };
        assert!(ran.err.contains(says), "{}", ran.err);
        let folder = place.path(FOLDER).join(format!("to-{}", Sink::name_of(address)));
        assert_eq!(lines(&folder).len(), 1);
        place.run("proj", &["hook", "send", "--to", address]).code(2).says(says);
    }
    place.run("proj", &["hook", "send"]).code(2).says("no sink is named");
}

/// What the page of `audit-trail` shows to whoever sends the trail on.
#[test]
fn the_layer_that_the_page_shows_logs_each_event_of_the_policy_once() {
    let builtin = bylaws::policy::builtin::find("audit-trail").unwrap();
    let layer = builtin.readme.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let place = place();
    place
        .write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layers/log.json"}]}"#);
    place.write("policy/layers/log.json", layer);
    place.run("proj", &["apply", "--policy", "../policy"]).code(0);
    let shown: Value = serde_json::from_str(&place.read("proj/.claude/settings.json")).unwrap();
    let own: Value = serde_json::from_str(builtin.layer).unwrap();
    let (shown, own) = (shown["hooks"].as_object().unwrap(), own["enforce"]["hooks"].as_object().unwrap());
    assert!(own.len() == 5 && shown.keys().eq(own.keys()), "{shown:?}");
    for hooks in shown.values() {
        assert_eq!(hooks.as_array().unwrap().len(), 1);
        let command = hooks[0]["hooks"][0]["command"].as_str().unwrap();
        let arguments: Vec<&str> = command.strip_prefix("bylaws hook ").unwrap().split(' ').collect();
        // There is no token here, and that is all that is wrong with it.
        let ran = hook(&place, &arguments, "{}").code(3);
        assert!(ran.err.contains("the variable `ACME_LOG_TOKEN` holds no token"), "{}", ran.err);
    }
}
