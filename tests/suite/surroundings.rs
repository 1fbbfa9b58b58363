//! What stands around the projects of a repository: work trees and bare repositories say the same, hostile
//! files do no harm, and nothing of a secret is ever shown.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::place::Place;

const SECRET: &str = "hunter2-not-a-password";

/// The arguments of `check` under a policy that asks for nothing.
fn check(format: &str) -> [&str; 5] {
    ["check", "--policy", "../policy", "--format", format]
}

fn place() -> Place {
    let place = Place::new();
    place.write("policy/bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layer.json"}]}"#);
    place.write("policy/layer.json", r#"{"title": "Nothing"}"#);
    place.write("repo/.claude/settings.json", "{}");
    place
}

fn with_one_of_each() -> Place {
    let place = place();
    place.write("repo/.claude/settings.local.json", "{}");
    place.write("repo/.claude/skills/x/SKILL.md", "---\nallowed-tools: Bash\n---\n");
    place.write("repo/.env", format!("DB_PASSWORD={SECRET}\n"));
    place.write("repo/CLAUDE.md", "Never read `data/people.csv`.\n");
    place.write("repo/.github/CODEOWNERS", "*.md @acme/docs\n");
    place.write("repo/.github/workflows/a.yml", "run: claude --dangerously-skip-permissions\n");
    place
}

const CHECKS: [&str; 6] = [
    "committed-local-settings",
    "frontmatter-grant",
    "uncovered-secret-file",
    "prose-only-deny",
    "unowned-agent-config",
    "skip-permissions-in-workflow",
];

#[test]
fn a_bare_repository_says_what_its_checkout_says() {
    let place = with_one_of_each();
    place.commit("repo");
    place.git("", &["clone", "--quiet", "--bare", "repo", "bare.git"]);
    let work_tree = place.run("repo", &check("plain")).code(0);
    let bare = place.run("bare.git", &check("plain")).code(0);
    assert_eq!(work_tree.out, bare.out);
    for check in CHECKS {
        assert!(bare.out.contains(check), "{check}\n{}", bare.out);
    }
}

#[test]
fn what_git_does_not_track_is_not_committed() {
    let place = with_one_of_each();
    let has = |place: &Place| place.run("repo", &check("plain")).out.contains("committed-local-settings");
    assert!(!has(&place), "no repository of git");
    place.git("repo", &["init", "--quiet"]);
    assert!(!has(&place), "nothing is tracked");
    place.git("repo", &["add", "--force", ".claude/settings.local.json"]);
    assert!(has(&place), "in the index");
    fs::write(place.path("repo/.git/index"), "nonsense").unwrap();
    place.run("repo", &check("plain")).code(0).says("whether git tracks personal settings is not known");
}

#[test]
fn fixes_are_written_once() {
    let place = with_one_of_each();
    place.commit("repo");
    place.write("repo/.gitignore", "/dist");
    let apply = ["apply", "--policy", "../policy"];
    place.run("repo", &apply).code(0).says("wrote .gitignore: 1 change");
    assert_eq!(place.read("repo/.gitignore"), "/dist\n.claude/settings.local.json\n");
    let settings = place.read("repo/.claude/settings.json");
    assert!(settings.contains("Read(.env)") && settings.contains("Read(data/people.csv)"), "{settings}");
    place.run("repo", &apply).code(0).says("nothing to change");
    let left = place.run("repo", &check("plain")).code(0);
    assert!(left.out.contains("is tracked by git"), "{left:?}");
    assert!(!left.out.contains("uncovered-secret-file") && !left.out.contains("prose-only-deny"), "{left:?}");
}

#[test]
fn nothing_of_a_secret_is_shown() {
    for format in ["text", "plain", "json", "sarif", "junit", "github", "gitlab", "markdown"] {
        let place = with_one_of_each();
        let ran = place.run("repo", &check(format)).code(0).says(".env");
        assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "{format}: {ran:?}");
    }
    let place = with_one_of_each();
    let ran = place.run("repo", &["diff", "--policy", "../policy"]).code(0).says("Read(.env)");
    assert!(!ran.out.contains(SECRET), "{ran:?}");
}

#[test]
fn hostile_files_do_no_harm() {
    let place = place();
    place.write("outside.md", "---\nallowed-tools: Bash\n---\nNever read `a.json`.\n");
    place.write("outside.env", format!("TOKEN={SECRET}\n"));
    place.write("repo/.claude/skills/x/SKILL.md", b"---\nallowed-tools: Bash\xff\n---\n");
    place.write(
        "repo/.claude/commands/deep.md",
        format!("---\nallowed-tools: {}\n---\n", "[".repeat(100_000)),
    );
    place.write(
        "repo/.claude/commands/wide.md",
        format!("---\nallowed-tools: {}\n---\n", "Bash(x ".repeat(20_000)),
    );
    place.write("repo/.claude/commands/large.md", "x".repeat(3 * 1024 * 1024));
    place.write("repo/.github/workflows/w.yml", "--permission-mode ".repeat(50_000));
    place.write("repo/.github/CODEOWNERS", "\\\n[\n* \\\n![ @a\n");
    place.write("repo/a\n::error::.pem", "-----BEGIN PRIVATE KEY-----");
    place.write("repo/we[i]rd (1)*.env", format!("TOKEN={SECRET}\n"));
    fs::create_dir_all(place.path("repo/sub/.env")).unwrap();
    symlink("../../../outside.md", place.path("repo/.claude/commands/out.md")).unwrap();
    symlink("../outside.md", place.path("repo/CLAUDE.md")).unwrap();
    symlink("../outside.env", place.path("repo/.env")).unwrap();
    symlink("..", place.path("repo/.claude/skills/loop")).unwrap();
    assert!(Command::new("mkfifo").arg(place.path("repo/prod.env")).status().unwrap().success());
    let ran = place.run("repo", &check("plain")).code(0);
    for says in [
        "what `.claude/skills/x/SKILL.md` grants is not known: it is not UTF-8",
        "what `.claude/commands/large.md` grants is not known: it has 3145728 bytes",
        "what `.claude/commands/out.md` grants is not known: it is a link that leads out of the repository",
        "`we[i]rd (1)*.env` holds a secret",
    ] {
        assert!(ran.out.contains(says), "not said: {says}\n{}", ran.out);
    }
    assert!(!ran.out.contains("prose-only-deny"), "{}", ran.out);
    // The rule for an odd name closes that file, or it would not be offered.
    place.run("repo", &["apply", "--policy", "../policy"]).code(0);
    assert!(!place.run("repo", &check("plain")).out.contains("holds a secret"));
}

#[test]
fn a_file_that_is_not_read_is_not_written() {
    let place = place();
    place.write("repo/.claude/settings.local.json", "{}");
    place.commit("repo");
    place.write("repo/.gitignore", b"caf\xe9\n");
    place.run("repo", &["apply", "--policy", "../policy"]).code(0);
    assert_eq!(fs::read(place.path("repo/.gitignore")).unwrap(), b"caf\xe9\n");
    place.run("repo", &check("plain")).code(0).says("not written: the file is not read");
}

#[test]
fn what_concerns_the_repository_is_told_once() {
    let place = with_one_of_each();
    place.write("repo/services/a/.claude/settings.json", "{}");
    place.write("repo/services/b/.claude/settings.json", "{}");
    let ran = place.run("repo", &check("plain")).code(0);
    for check in ["unowned-agent-config", "skip-permissions-in-workflow"] {
        assert_eq!(ran.out.matches(&format!(" {check}: ")).count(), 1, "{}", ran.out);
    }
    let below = place.run("repo/services/a", &["check", "--policy", "../../../policy", "--format", "plain"]);
    assert!(!below.out.contains("skip-permissions-in-workflow"), "{below:?}");
}
