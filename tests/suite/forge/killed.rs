//! A rollout over a thousand repositories by the program itself, which is killed again and again, with faults between.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use bylaws::rollout::Past;
use serde_json::json;

use super::bringing::LOOSE;
use super::commands::Setting;
use super::loopback::repository::Repository;
use super::loopback::server::{Asked, Fault, Told};
use super::loopback::{Kind, Loopback};
use super::name;

/// How many repositories are to be changed.
const WANTED: usize = 1000;
/// How many are in line already.
const IN_LINE: usize = 20;

/// When the process ends, seen from a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// It never reaches the forge.
    Before,
    /// It is carried out, and nobody is there to hear so.
    After,
    /// Just when its answer went out: the log is being written.
    Answered,
}

/// Which call of which kind kills, and when. A process opens about as many requests as the number says.
const DEATHS: [(&str, usize, When); 10] = [
    ("fragment head", 2, When::Before),
    ("/git/trees", 30, When::Before),
    ("/git/commits", 25, When::After),
    ("updateRefs", 40, When::Before),
    ("updateRefs", 35, When::After),
    ("/pulls", 50, When::Before),
    ("/pulls", 45, When::After),
    ("/labels", 60, When::Answered),
    ("fragment look", 4, When::After),
    ("/labels", 55, When::Answered),
];

/// Whether a call is of this kind: what its path ends with, or what stands in its query.
fn is_of(kind: &str, asked: &Asked) -> bool {
    asked.path.ends_with(kind) || asked.body.contains(kind)
}

/// What goes wrong with the call of this number. A wait of the program takes time, so faults that it waits for are few.
fn fault(number: usize) -> Option<Fault> {
    let limit = json!({ "message": "You have exceeded a secondary rate limit." });
    match number {
        number if number % 37 == 19 => Some(Fault::Twice),
        number if number % 211 == 50 => Some(Fault::Slow),
        number if number % 480 == 240 => Some(match number / 480 % 6 {
            0 => Fault::Instead(Told::json(429, &json!({})).with("retry-after", "0")),
            1 => Fault::Instead(Told::json(403, &limit).with("retry-after", "0")),
            2 => Fault::Instead(Told::json(502, &json!({}))),
            3 => Fault::Reset,
            4 => Fault::Lost,
            _ => Fault::LostBehind(504),
        }),
        _ => None,
    }
}

#[test]
fn a_rollout_whose_process_is_killed_ten_times_ends_with_one_request_each() {
    let setting = Setting::new();
    let wanted = Repository::new(&[(".claude/settings.json", LOOSE), ("src/lib.rs", "")]);
    let wanted = (0..WANTED).map(|number| (format!("acme/r{number:04}"), wanted.clone()));
    let in_line = (0..IN_LINE).map(|number| (format!("acme/s{number:02}"), setting.in_line.clone()));
    let loopback = Loopback::start(Kind::GitHub, wanted.chain(in_line));
    let rollout =
        json!({ "name": "deny", "rings": [{ "name": "all" }], "request": { "labels": ["policy"] } });
    setting.place.write("rollout/x.json", rollout.to_string());
    let log = setting.place.path("rollout/x.log");
    let advance = ["fleet", "rollout", "advance", "rollout/x.json", "--policy", &setting.policy];
    let advance = [&advance[..], &["--organization", "acme", "--as-of", "2026-12-01"]].concat();
    let open = || count(&loopback, |repository| repository.pulls.len());
    let calls = Arc::new(AtomicUsize::new(0));

    let mut opened = 0;
    for (kind, number, when) in DEATHS {
        let (reached, waiting) = mpsc::channel();
        let (killed, release) = mpsc::channel::<()>();
        let release = Mutex::new(release);
        let (calls, of_kind) = (Arc::clone(&calls), AtomicUsize::new(0));
        loopback.server.fail(move |_, asked| {
            let call = calls.fetch_add(1, Ordering::SeqCst);
            let is_last = is_of(kind, asked) && of_kind.fetch_add(1, Ordering::SeqCst) + 1 == number;
            if !is_last {
                return fault(call);
            }
            reached.send(()).unwrap();
            if when == When::Answered {
                return None;
            }
            // This ends with the process.
            let _ = release.lock().unwrap().recv();
            Some(if when == When::Before { Fault::Reset } else { Fault::Lost })
        });
        let mut program = setting.program(&loopback, &advance);
        let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        waiting.recv().unwrap();
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        drop(killed);
        // The other end goes with the last call that is still being answered.
        loopback.server.fail(|_, _| None);
        assert!(waiting.recv().is_err());
        if when == When::Answered {
            // A machine that loses its power leaves less of a line than a process does.
            let mut text = std::fs::read(&log).unwrap();
            text.truncate(text.len() - 7);
            std::fs::write(&log, text).unwrap();
        }
        let now = open();
        assert!(now >= opened && now < WANTED, "{kind} {number}: {now}");
        opened = now;
    }
    assert!(opened > 200, "{opened}");

    let own = Arc::clone(&calls);
    loopback.server.fail(move |_, _| fault(own.fetch_add(1, Ordering::SeqCst)));
    setting.run(&loopback, &advance).code(0);
    loopback.server.fail(|_, _| None);
    setting.run(&loopback, &advance).code(0).says("opened or renewed 0 requests, closed 0");
    let asked = loopback.server.asked();
    let is_reading = |asked: &Asked| asked.method == "GET" || asked.path == "/api/graphql";
    assert!(asked.iter().all(|asked| is_reading(asked) && !asked.body.contains("mutation")));

    let past = Past::read(&log).unwrap();
    for number in 0..WANTED {
        let full = format!("acme/r{number:04}");
        assert!(!past.is_unfinished(&name(&full)) && !past.has_failed(&name(&full)), "{full}");
        loopback.change(&full, |repository| {
            let [pull] = &repository.pulls[..] else { panic!("{full}: {:?}", repository.pulls) };
            let labels = &pull.labels[..];
            assert_eq!((pull.state, labels, repository.opened), ("OPEN", &["policy".to_owned()][..], 1));
            assert!(repository.files("bylaws/deny")[".claude/settings.json"].1.contains("Read(*.pem)"));
        });
    }
    for number in 0..IN_LINE {
        loopback.change(&format!("acme/s{number:02}"), |repository| assert!(repository.pulls.is_empty()));
    }
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        *kinds.entry(event["did"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    // What a death cut off was begun anew, and nothing else was.
    let begun = kinds["began"];
    assert!((WANTED..=WANTED + DEATHS.len()).contains(&begun), "{kinds:?}");
}

fn count(loopback: &Loopback, count: impl Fn(&Repository) -> usize) -> usize {
    (0..WANTED)
        .map(|number| loopback.change(&format!("acme/r{number:04}"), |repository| count(repository)))
        .sum()
}
