//! Rollouts as their users run them: whole processes against a GitHub on loopback, which takes no time to speak of, so
//! that what is measured is the program's own.
//!
//! `cargo bench --bench rollout` prints the figures of `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark prints its figures and may stop at the first surprise; tests use more of the forge on loopback"
)]

#[path = "../tests/suite/forge/loopback/mod.rs"]
mod loopback;
mod usage;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use loopback::repository::Repository;
use loopback::{Kind, Loopback};
use usage::{cpu, peak_memory};

/// How many rules the settings of a repository have.
const RULES: usize = 30;

fn main() {
    let mut last = None;
    for count in [250, 1_000] {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path();
        let file = folder.join("rollout.json");
        std::fs::write(
            &file,
            r#"{"name": "bench", "rings": [{"name": "all"}], "request": {"labels": ["policy"]}}"#,
        )
        .unwrap();
        let one = |number: usize| {
            let settings = settings(number);
            let files = [(".claude/settings.json", settings.as_str()), ("src/lib.rs", "")];
            (format!("acme/r{number:05}"), Repository::new(&files))
        };
        let loopback = Loopback::start(Kind::GitHub, (0..count).map(one));
        println!("{count} repositories, {RULES} rules each, no two alike, builtin:baseline");
        let steps =
            [("preview", "preview"), ("advance", "advance"), ("advance", "again"), ("status", "status")];
        let mut first = None;
        for (command, name) in steps {
            loopback.server.fail(|_, _| None);
            let (start, before) = (Instant::now(), cpu());
            let status = program(&loopback, folder, command, &file).status().unwrap();
            let (wall, busy) = (start.elapsed(), cpu() - before);
            assert!(status.success());
            let calls = loopback.server.asked().len();
            println!(
                "  {name:8} {:8.2} s, {:6.2} s CPU, {calls:5} calls, {:6.1} MiB at most so far",
                wall.as_secs_f64(),
                busy.as_secs_f64(),
                peak_memory()
            );
            if name == "advance" {
                first = Some(busy.as_secs_f64() / count as f64);
                println!(
                    "           {:8.3} ms CPU and {:.2} calls for each",
                    busy.as_secs_f64() * 1e3 / count as f64,
                    calls as f64 / count as f64
                );
            }
        }
        if let (Some(last), Some(first)) = (last, first) {
            println!("  advance, against the row above for each: {:.2} times as much CPU", first / last);
        }
        last = first;
    }
}

fn settings(number: usize) -> String {
    let rule = |index: usize| format!("\"Bash(tool-{number}-{index} run *)\"");
    let rules: Vec<String> = (0..RULES).map(rule).collect();
    format!("{{\n  \"model\": \"opus\",\n  \"permissions\": {{\"allow\": [{}]}}\n}}\n", rules.join(", "))
}

fn program(loopback: &Loopback, folder: &Path, command: &str, file: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bylaws"));
    program.args(["fleet", "rollout", command]).arg(file);
    program.args(["--policy", "builtin:baseline", "--as-of", "2026-12-01"]);
    program.args(["--forge", &loopback.server.base, "--forge-kind", "github", "--organization", "acme"]);
    program.env("BYLAWS_FORGE_TOKEN", "token-of-a-test").env("BYLAWS_CACHE", folder.join("cache"));
    program.stdout(Stdio::null()).stderr(Stdio::null());
    program
}
