//! The program as its users run it: whole processes, measured from outside, each figure beside an empty
//! process in the same run.
//!
//! `cargo bench --bench process` prints the figures of `docs/performance.md`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark prints its figures and may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

const RUNS: usize = 41;

fn main() {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path().canonicalize().unwrap();
    let policy = make_policy(&place.join("policy"), 5, 20);
    let empty = median(|| Command::new("true"));

    println!("one repository, 100 rules, a policy of 5 layers");
    let repo = make_repository(&place.join("one"), 100, &policy);
    let one = median(|| check(&policy, &[repo.as_path()]));
    println!("  empty process            {:8.2} ms", ms(empty));
    println!("  bylaws check             {:8.2} ms, {:.2} ms above", ms(one), ms(one) - ms(empty));
    println!("  peak memory              {:8.1} MiB", peak_memory());

    hooks(&place, ms(empty));

    println!("repositories in one process, 100 rules each, one of them missing");
    let mut last = None;
    for count in [100, 1000, 4000] {
        let repositories: Vec<PathBuf> = (0..count)
            .map(|index| make_repository(&place.join(format!("many/{index}")), 100, &policy))
            .collect();
        let paths: Vec<&Path> = repositories.iter().map(PathBuf::as_path).collect();
        let cpu = median_cpu(|| check(&policy, &paths));
        let each = ms(cpu) / f64::from(count);
        let growth = last.map_or(String::new(), |last: f64| format!(", {:.2} of the row above", each / last));
        println!("  {count:5} checkouts          {each:8.3} ms CPU each{growth}");
        last = Some(each);
    }

    println!("one repository, more rules");
    let mut last = None;
    for count in [100, 1000, 10_000] {
        let repo = make_repository(&place.join(format!("rules/{count}")), count, &policy);
        let time = ms(median(|| check(&policy, &[repo.as_path()]))) - ms(empty);
        let each = time / f64::from(u32::try_from(count).unwrap()) * 1000.0;
        let growth = last.map_or(String::new(), |last: f64| format!(", {:.2} of the row above", each / last));
        println!(
            "  {count:5} rules              {time:8.2} ms above an empty process, {each:.2} µs a rule{growth}"
        );
        last = Some(each);
    }

    measure_helper(&place, &policy, empty);

    let binary = fs::metadata(env!("CARGO_BIN_EXE_bylaws")).unwrap().len();
    println!("the program has {:.1} MiB", binary as f64 / 1024.0 / 1024.0);
}

/// The program that a client waits for at its start: a verified bundle of five layers, and of as many as a large policy.
fn measure_helper(place: &Path, policy: &Path, empty: Duration) {
    let key = place.join("key");
    let mut made = Command::new("ssh-keygen");
    made.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).stdin(Stdio::null());
    if !made.status().is_ok_and(|status| status.success()) {
        println!("policy-helper is not measured: there is no `ssh-keygen`");
        return;
    }
    let signers = place.join("signers");
    write(&signers, &format!("a {}", fs::read_to_string(key.with_extension("pub")).unwrap()));
    println!("bylaws policy-helper, a signed bundle");
    let large = make_policy(&place.join("large"), 50, 200);
    for (name, policy) in [("100 rules", policy), ("10,000 rules", &large)] {
        let bundle = place.join(format!("{}.bundle", name.replace([' ', ','], "-")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_bylaws"));
        command.args(["policy", "bundle"]).arg(policy).arg("-o").arg(&bundle).arg("--sign").arg(&key);
        run(command);
        let helper = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_bylaws"));
            command.arg("policy-helper").arg("--bundle").arg(&bundle).arg("--signers").arg(&signers);
            command.arg("--state").arg(place.join("state"));
            command
        };
        let said = helper().output().unwrap();
        assert!(String::from_utf8_lossy(&said.stdout).contains("secret-0-0"), "{said:?}");
        let time = ms(median(helper));
        println!("  {name:24} {time:8.2} ms, {:.2} ms above an empty process", time - ms(empty));
    }
}

/// The hooks of the client, from their start to their end; they answer in between.
fn hooks(place: &Path, empty: f64) {
    println!("hooks, a compiled policy of 200 rules");
    let policy = make_policy(&place.join("guarded"), 5, 40);
    let project = make_repository(&place.join("project"), 100, &policy);
    let compiled = place.join("guard.json");
    let mut compile = Command::new(env!("CARGO_BIN_EXE_bylaws"));
    compile
        .args(["hook", "compile", "--as-of", "2026-12-01", "--policy"])
        .arg(&policy)
        .arg("-o")
        .arg(&compiled);
    run(compile);
    for number in 0..2_000 {
        write(&project.join(format!("src/{}/{number}.rs", number % 50)), "x");
    }
    let hook = |command: &str, arguments: &[&str]| {
        let sent = format!(
            "{{\"hook_event_name\": \"PreToolUse\", \"session_id\": \"s\", \"cwd\": {project:?}, \
             \"tool_name\": \"Bash\", \"tool_input\": {{\"command\": {command:?}}}}}"
        );
        let input = place.join("input.json");
        write(&input, &sent);
        let time = median(|| {
            let mut hook = Command::new(env!("CARGO_BIN_EXE_bylaws"));
            hook.arg("hook").args(arguments).stdin(fs::File::open(&input).unwrap());
            hook.env("CLAUDE_PROJECT_DIR", &project).env("HOME", place);
            hook
        });
        let told = format!("{} {command}", arguments[0]);
        println!("  {told:40} {:8.2} ms, {:.2} ms above", ms(time), ms(time) - empty);
    };
    let guard = ["guard", "--fail-closed", "--compiled", compiled.to_str().unwrap()];
    for command in ["npm test", "cat secret-1-*/x", "python3 -c \"open('x')\"", "grep -r x ."] {
        hook(command, &guard);
    }
    let trail = place.join("trail");
    hook("npm test", &["log", "--folder", trail.to_str().unwrap()]);
}

fn check(policy: &Path, repositories: &[&Path]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bylaws"));
    command.args(["check", "--as-of", "2026-12-01", "--policy"]).arg(policy).args(repositories);
    command
}

fn run(mut command: Command) {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
}

fn median(command: impl Fn() -> Command) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run(command());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}

/// Median of user and system time of the children.
fn median_cpu(command: impl Fn() -> Command) -> Duration {
    let cpu = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
        let micros = |time: nix::sys::time::TimeVal| {
            u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap()
        };
        micros(usage.user_time()) + micros(usage.system_time())
    };
    let mut times: Vec<u64> = (0..7)
        .map(|_| {
            let before = cpu();
            run(command());
            cpu() - before
        })
        .collect();
    times.sort_unstable();
    Duration::from_micros(times[times.len() / 2])
}

/// The largest child so far, in MiB.
fn peak_memory() -> f64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as f64 / 1024.0
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn make_policy(folder: &Path, layers: usize, rules: usize) -> PathBuf {
    let mut manifest = Vec::new();
    for layer in 0..layers {
        let denied: Vec<String> =
            (0..rules).map(|rule| format!("\"Read(secret-{layer}-{rule}/**)\"")).collect();
        let text = format!(
            "{{\"title\": \"Layer {layer}\", \"enforce\": {{\"permissions\": {{\"deny\": [{}]}}}}, \"limit\": {{\"neverAllow\": [\"Bash(sudo *)\"]}}}}",
            denied.join(", ")
        );
        write(&folder.join(format!("layers/{layer}.json")), &text);
        manifest.push(format!("{{\"layer\": \"layers/{layer}.json\"}}"));
    }
    let manifest = format!("{{\"organization\": \"acme\", \"layers\": [{}]}}", manifest.join(", "));
    write(&folder.join("bylaws.json"), &manifest);
    folder.to_owned()
}

/// A repository that is in line with the policy but for one rule, with `rules` rules in all.
fn make_repository(folder: &Path, rules: usize, policy: &Path) -> PathBuf {
    let policy_rules = policy_rules(policy);
    let denied = policy_rules.iter().skip(1).take(rules).map(String::as_str);
    let own = rules.saturating_sub(policy_rules.len());
    let allowed: Vec<String> = (0..own).map(|rule| format!("      \"Bash(tool-{rule} run *)\"")).collect();
    let denied: Vec<String> = denied.map(|rule| format!("      {rule}")).collect();
    let text = format!(
        "{{\n  \"permissions\": {{\n    \"allow\": [\n{}\n    ],\n    \"deny\": [\n{}\n    ]\n  }}\n}}\n",
        allowed.join(",\n"),
        denied.join(",\n")
    );
    write(&folder.join(".claude/settings.json"), &text);
    write(&folder.join(".git/config"), "[remote \"origin\"]\n\turl = git@example.com:acme/web.git\n");
    write(&folder.join(".git/HEAD"), "ref: refs/heads/main\n");
    write(&folder.join("src/main.rs"), "");
    folder.to_owned()
}

fn policy_rules(policy: &Path) -> Vec<String> {
    let mut rules = Vec::new();
    for layer in 0..5 {
        let text = fs::read_to_string(policy.join(format!("layers/{layer}.json"))).unwrap();
        let list = text.split("\"deny\": [").nth(1).unwrap().split(']').next().unwrap();
        rules.extend(list.split(", ").map(str::to_owned));
    }
    rules
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
