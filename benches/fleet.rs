//! A fleet as its users check it: whole processes over bare repositories, and beside them what one would write in a
//! shell: `git show` and `jq`, a repository after the other.
//!
//! `cargo bench --bench fleet` prints the figures of `docs/performance.md`. It needs `git`, `jq` and a gigabyte of disk.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

mod synthetic;
mod usage;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use usage::{cpu, peak_memory};

const RUNS: usize = 5;

/// Whether every rule that the policy denies is denied: what is easily asked in a shell, and a small part of a check.
const SHELL: &str = r#"
find "$1" -name '*.git' -type d | while read -r repository; do
  git -C "$repository" show HEAD:.claude/settings.json 2>/dev/null |
    jq --exit-status --slurpfile wanted "$2" '($wanted[0] - .permissions.deny) == []' >/dev/null 2>&1 ||
    echo "$repository"
done
"#;

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path();
    let mut last = None;
    for count in [1_000, 10_000] {
        let folder = place.join(count.to_string());
        fs::create_dir(&folder).unwrap();
        synthetic::make(&folder, count);
        let cache = folder.join("cache");
        println!("{count} bare repositories of 200 configurations");
        let (time, cpu) = median(|| check(&folder, &cache, &["--no-cache"]));
        let count = count as f64;
        let each = cpu.as_secs_f64() / count * 1000.0;
        println!(
            "  first run      {:8.2} s, {:.0} repositories a second",
            time.as_secs_f64(),
            count / time.as_secs_f64()
        );
        println!("                 {each:8.3} ms CPU each");
        if let Some(last) = last {
            println!("                 {:8.2} of the row above for each", each / last);
        }
        last = Some(each);
        println!("                 {:8.1} MiB at most so far", peak_memory());
        run(check(&folder, &cache, &[]));
        let (again, _) = median(|| check(&folder, &cache, &[]));
        println!(
            "  unchanged      {:8.2} s, {:.1} times as fast",
            again.as_secs_f64(),
            time.as_secs_f64() / again.as_secs_f64()
        );
        if count < 5_000.0 {
            let (shell, _) = median(|| shell(&folder));
            println!(
                "  git and jq     {:8.2} s, {:.1} times as long",
                shell.as_secs_f64(),
                shell.as_secs_f64() / time.as_secs_f64()
            );
        }
    }
}

fn check(folder: &Path, cache: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bylaws"));
    command.args([
        "fleet",
        "check",
        "--as-of",
        "2026-12-01",
        "--format",
        "csv",
        "--pinned-as",
        synthetic::SOURCE,
    ]);
    command.arg("--policy").arg(folder.join("policy")).arg(folder.join("fleet"));
    command.args(more).env("BYLAWS_CACHE", cache);
    command
}

fn shell(folder: &Path) -> Command {
    let wanted: Vec<String> =
        (0..5).flat_map(|layer| (0..20).map(move |rule| format!("Read(secret-{layer}-{rule}/**)"))).collect();
    let file = folder.join("wanted.json");
    fs::write(&file, serde_json::to_string(&wanted).unwrap()).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", SHELL, "sh"]).arg(folder.join("fleet")).arg(file);
    command
}

fn run(mut command: Command) {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
}

/// Medians of the elapsed time and of the time on processors.
fn median(command: impl Fn() -> Command) -> (Duration, Duration) {
    let measured = (0..RUNS).map(|_| {
        let (start, before) = (Instant::now(), cpu());
        run(command());
        (start.elapsed(), cpu() - before)
    });
    let (mut elapsed, mut busy): (Vec<Duration>, Vec<Duration>) = measured.unzip();
    elapsed.sort();
    busy.sort();
    (*elapsed.get(RUNS / 2).unwrap(), *busy.get(RUNS / 2).unwrap())
}
