//! A million recorded calls, read and decided on both sides on one core: transcripts in which calls repeat as they do at
//! work, transcripts in which no two calls are alike, and the log of a hook.
//!
//! `cargo bench --bench replay` prints the figures of `docs/performance.md`. `COUNT=100000` makes it fewer calls.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bylaws::client::Version;
use bylaws::json::Document;
use bylaws::record::{Became, Lines, Listener, Reader, Recorded, Taken};
use bylaws::replay::{Governed, Options, Policies, Replay, Replayed, Sides};
use bylaws::settings::{Scope, Settings};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;

fn main() {
    let count: usize = std::env::var("COUNT").ok().map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    println!("{count} calls, 200 rules on each side, one core");
    for (name, kind) in [
        ("transcripts, calls repeat", Kind { repeats: true, is_transcript: true }),
        ("transcripts, no two calls are alike", Kind { repeats: false, is_transcript: true }),
        ("log of a hook, calls repeat", Kind { repeats: true, is_transcript: false }),
        ("log of a hook, no two calls are alike", Kind { repeats: false, is_transcript: false }),
    ] {
        let path = folder.path().join("records.jsonl");
        let bytes = make(&path, count, kind);
        println!("{name}: {:.0} MB, {} bytes a call", bytes as f64 / 1e6, bytes / count);
        let mut best = [f64::MAX; 2];
        let mut last = None;
        for _ in 0..3 {
            let start = Instant::now();
            let mut nobody = Nobody::default();
            hear(&path, &mut nobody);
            assert_eq!(nobody.0, count);
            best[0] = best[0].min(start.elapsed().as_secs_f64());
            let start = Instant::now();
            let mut policies = Everywhere(sides());
            let options = Options { version: Version::NEWEST, home: None, examples: 3 };
            let mut replay = Replay::new(&mut policies, options);
            hear(&path, &mut replay);
            last = Some(replay.finish());
            best[1] = best[1].min(start.elapsed().as_secs_f64());
        }
        let replayed: Replayed = last.unwrap();
        assert_eq!(replayed.calls, count as u64);
        let changed: u64 = replayed.changes.iter().map(|change| change.calls).sum();
        println!("  read                  {:6.2} s", best[0]);
        println!(
            "  read and decided      {:6.2} s, {:.0} calls a second; {changed} changed, {} not decided",
            best[1],
            count as f64 / best[1],
            replayed.count_undecided()
        );
        println!("  peak memory           {:6.0} MiB", peak());
    }
}

#[derive(Clone, Copy)]
struct Kind {
    repeats: bool,
    is_transcript: bool,
}

/// The most memory that the process has had, in MiB.
fn peak() -> f64 {
    getrusage(UsageWho::RUSAGE_SELF).unwrap().max_rss() as f64 / 1024.0
}

fn hear(path: &Path, listener: &mut impl Listener) {
    let reader = Reader::default();
    let mut lines = Lines::new(File::open(path).unwrap());
    while let Some(Taken::Line(line)) = lines.next().unwrap() {
        reader.line(line, listener);
    }
}

/// Counts calls.
#[derive(Default)]
struct Nobody(usize);

impl Listener for Nobody {
    fn call(&mut self, _: &Recorded<'_>) {
        self.0 += 1;
    }
    fn became(&mut self, _: &str, _: Became) {}
    fn mode(&mut self, _: Option<&str>, _: &str) {}
    fn awaits(&self, _: &str) -> bool {
        false
    }
}

struct Everywhere(Arc<Sides>);

impl Policies for Everywhere {
    fn at(&mut self, root: Option<&str>, _: Option<&str>) -> Governed {
        let repository = root.and_then(|root| root.rsplit('/').next()).unwrap_or_default().to_owned();
        Governed { repository, sides: Some(Arc::clone(&self.0)) }
    }
}

/// Half of the rules allow commands, half deny files; of the commands, one in ten is denied after.
fn sides() -> Arc<Sides> {
    let settings = |denied: bool| {
        let commands = (0..100).map(|number| format!("Bash(tool-{number} *)"));
        let deny = (0..100).map(|number| format!("Read(/secret-{number}/**)"));
        let more = (0..10).filter(|_| denied).map(|number| format!("Bash(tool-{} *)", number * 10));
        let text = json!({"permissions": {
            "allow": commands.collect::<Vec<_>>(), "deny": deny.chain(more).collect::<Vec<_>>(),
        }});
        vec![Settings::read(Document::parse(text.to_string()), Scope::Project)]
    };
    Arc::new(Sides { number: 0, old: settings(false), new: settings(true) })
}

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// Small numbers are far more frequent than large ones.
    fn skewed(&mut self, most: u64) -> u64 {
        let widest = self.below(most) + 1;
        self.below(widest)
    }
}

/// Writes the records of `count` calls: 500 calls a session, 50 people, 40 repositories.
fn make(path: &Path, count: usize, kind: Kind) -> usize {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let mut numbers = Numbers(7);
    let mut bytes = 0;
    let mut write = |line: &str| {
        out.write_all(line.as_bytes()).unwrap();
        out.write_all(b"\n").unwrap();
        bytes += line.len() + 1;
    };
    let text = "lorem ipsum dolor sit amet ".repeat(16);
    for call in 0..count {
        let session = call / 500;
        let root = format!("/home/user-{}/repo-{}", session % 50, (session * 7) % 40);
        let number = if kind.repeats { numbers.skewed(400) } else { call as u64 };
        let (tool, input) = match numbers.below(100) {
            0..45 => {
                let command = match numbers.below(4) {
                    0 => format!("tool-{} run --case {number} | tail -n 20", number % 120),
                    _ => format!("tool-{} run --case {number}", number % 120),
                };
                ("Bash", json!({"command": command, "description": format!("step {call} of the work")}))
            }
            45..70 => {
                ("Read", json!({"file_path": format!("{root}/src/module-{}/file-{number}.rs", number % 30)}))
            }
            70..82 => (
                "Edit",
                json!({"file_path": format!("{root}/src/file-{number}.rs"), "old_string": text, "new_string": text}),
            ),
            82..90 => {
                ("Grep", json!({"pattern": format!("word{call}"), "path": format!("{root}/src/{number}")}))
            }
            90..93 => ("Write", json!({"file_path": format!("{root}/out/{number}.txt"), "content": text})),
            93..95 => {
                ("WebFetch", json!({"url": format!("https://host-{number}.example/x"), "prompt": text}))
            }
            95..98 => ("mcp__docs__search", json!({"query": format!("words {call}")})),
            _ => ("TodoWrite", json!({"todos": [{"content": text, "status": "pending"}]})),
        };
        let time = "2026-11-20T09:00:00.000Z";
        if !kind.is_transcript {
            let fields = ["command", "file_path", "path", "pattern", "url"];
            let short: serde_json::Map<_, _> = fields
                .iter()
                .filter_map(|field| Some(((*field).to_owned(), input.get(field)?.clone())))
                .collect();
            write(
                &json!({"time": time, "event": "PreToolUse", "session_id": format!("session-{session}"),
                    "tool_use_id": format!("toolu_{call:024}"), "permission_mode": "default", "cwd": root,
                    "tool_name": tool, "input": short})
                .to_string(),
            );
            continue;
        }
        let id = format!("toolu_{call:024}");
        write(
            &json!({"parentUuid": "00000000-0000-0000-0000-000000000000", "isSidechain": false, "userType": "external",
                "cwd": root, "sessionId": format!("session-{session}"), "version": "2.1.330", "gitBranch": "main",
                "message": {"id": format!("msg_{call:024}"), "type": "message", "role": "assistant", "model": "m",
                    "content": [{"type": "tool_use", "id": id, "name": tool, "input": input}],
                    "stop_reason": "tool_use", "usage": {"input_tokens": 4, "output_tokens": 120}},
                "requestId": format!("req_{call:024}"), "type": "assistant", "timestamp": time,
                "uuid": format!("{call:032}")})
            .to_string(),
        );
        write(
            &json!({"parentUuid": format!("{call:032}"), "isSidechain": false, "cwd": root,
                "sessionId": format!("session-{session}"), "type": "user", "timestamp": time,
                "message": {"role": "user", "content": [
                    {"tool_use_id": id, "type": "tool_result", "content": text, "is_error": false}]},
                "toolUseResult": {"stdout": text, "stderr": "", "interrupted": false}})
            .to_string(),
        );
    }
    out.flush().unwrap();
    bytes
}
