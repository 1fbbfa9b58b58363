//! Bad input is normal input: each gives a finding or an error that names the place, and nothing is
//! written where nothing should be.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::place::{Place, Ran, snapshot};

const BASELINE: [&str; 3] = ["check", "--policy", "builtin:baseline"];
const APPLY: [&str; 3] = ["apply", "--policy", "builtin:baseline"];
const SETTINGS: &str = "repo/.claude/settings.json";

fn repository() -> Place {
    let place = Place::new();
    place.write("repo/README.md", "x");
    place.commit("repo");
    place
}

/// Neither `check` nor `apply` changes a byte, and both say why.
#[track_caller]
fn refused(place: &Place, says: &str) {
    let before = snapshot(&place.path("repo"));
    place.run("repo", &BASELINE).code(1).says(says);
    place.run("repo", &APPLY).says(says_of_apply(says));
    let after: Vec<_> = snapshot(&place.path("repo"));
    let settings = |files: &[(std::path::PathBuf, Vec<u8>)]| {
        files
            .iter()
            .filter(|(path, _)| path.to_str().unwrap().contains("settings"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(settings(&before), settings(&after));
}

/// `apply` counts what it leaves to people; `check` tells what it is.
fn says_of_apply(_: &str) -> &'static str {
    "left that no change mends"
}

#[test]
fn settings_that_are_not_json() {
    for (text, says) in [
        ("{", ":1:1: block unreadable-settings: this is not JSON: a bracket that is never closed"),
        ("{\n  // x\n}", ":2:3: block unreadable-settings: this is not JSON: a comment"),
        ("[]", ":1:1: block unreadable-settings: the file holds an empty array, not an object"),
        ("nonsense", ":1:1: block unreadable-settings: this is not JSON"),
    ] {
        let place = repository();
        place.write(SETTINGS, text);
        refused(&place, says);
    }
}

#[test]
fn settings_that_are_too_deep_too_large_or_not_text() {
    let place = repository();
    place.write(SETTINGS, format!("{{\"a\": {}{}}}", "[".repeat(200), "]".repeat(200)));
    refused(&place, "nesting deeper than 128 levels");
    place.write(SETTINGS, format!("{{\"a\": \"{}\"}}", "x".repeat(3 * 1024 * 1024)));
    refused(&place, "it has 3145737 bytes, more than the 2097152 that are read");
    place.write(SETTINGS, b"{\"a\": \"\xff\"}");
    refused(&place, "it is not UTF-8: byte 7 begins no character");
}

#[test]
fn settings_that_are_no_file() {
    let place = repository();
    fs::create_dir_all(place.path(SETTINGS)).unwrap();
    refused(&place, "`.claude/settings.json` is not read: it is a folder");

    let place = repository();
    fs::create_dir_all(place.path("repo/.claude")).unwrap();
    assert!(Command::new("mkfifo").arg(place.path(SETTINGS)).status().unwrap().success());
    refused(&place, "`.claude/settings.json` is not read: it is a pipe, not a file");

    let place = repository();
    fs::create_dir_all(place.path("repo/.claude")).unwrap();
    symlink("/dev/zero", place.path(SETTINGS)).unwrap();
    refused(&place, "it is a link that leads out of the repository, to `/dev/zero`");
}

#[test]
fn links_are_followed_within_the_repository_only() {
    let place = repository();
    place.write("outside.json", "{}");
    fs::create_dir_all(place.path("repo/.claude")).unwrap();
    symlink("../../outside.json", place.path(SETTINGS)).unwrap();
    refused(&place, "it is a link that leads out of the repository");
    assert_eq!(place.read("outside.json"), "{}");

    let place = repository();
    fs::create_dir_all(place.path("repo/.claude")).unwrap();
    symlink("nowhere.json", place.path(SETTINGS)).unwrap();
    refused(&place, "it is a link to `nowhere.json`, which is not there");

    let place = repository();
    fs::create_dir_all(place.path("elsewhere")).unwrap();
    symlink("../elsewhere", place.path("repo/.claude")).unwrap();
    place.run("repo", &APPLY).code(3).says("leads out of the repository");
    assert_eq!(fs::read_dir(place.path("elsewhere")).unwrap().count(), 0);

    let place = repository();
    place.write("repo/shared/settings.json", "{}");
    fs::create_dir_all(place.path("repo/.claude")).unwrap();
    symlink("../shared/settings.json", place.path(SETTINGS)).unwrap();
    place.run("repo", &APPLY).code(0);
    assert!(fs::symlink_metadata(place.path(SETTINGS)).unwrap().is_symlink());
    assert!(place.read("repo/shared/settings.json").contains("Read(.env)"));
}

#[test]
fn the_mode_of_a_file_stays_and_a_read_only_file_is_not_written() {
    let place = repository();
    place.write(SETTINGS, "{}");
    fs::set_permissions(place.path(SETTINGS), fs::Permissions::from_mode(0o640)).unwrap();
    place.run("repo", &APPLY).code(0);
    assert_eq!(fs::metadata(place.path(SETTINGS)).unwrap().permissions().mode() & 0o777, 0o640);

    let place = repository();
    place.write(SETTINGS, "{}");
    fs::set_permissions(place.path(SETTINGS), fs::Permissions::from_mode(0o440)).unwrap();
    place.run("repo", &APPLY).code(3).says("the file is read-only").says("the file is as it was");
    assert_eq!(place.read(SETTINGS), "{}");
}

/// A limit on the size of files stands for a disk that is full: every write fails.
#[test]
fn a_full_disk_leaves_every_file_as_it_was() {
    let place = repository();
    place.write(SETTINGS, "{}");
    let before = snapshot(&place.path("repo"));
    let mut shell = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" apply --policy builtin:baseline 2>&1 | cat";
    shell.args(["-c", script, env!("CARGO_BIN_EXE_bylaws")]).current_dir(place.path("repo"));
    let ran = Ran::of(shell.output().unwrap());
    assert!(ran.out.contains("cannot write"), "{ran:?}");
    assert_eq!(snapshot(&place.path("repo")), before);
}

#[test]
fn two_at_once_end_as_one() {
    let alone = repository();
    alone.run("repo", &APPLY).code(0);
    let place = repository();
    let running: Vec<_> = (0..6)
        .map(|_| {
            let mut program = place.program("repo");
            program.args(APPLY).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            program.spawn().unwrap()
        })
        .collect();
    for child in running {
        Ran::of(child.wait_with_output().unwrap()).code(0);
    }
    assert_eq!(place.read(SETTINGS), alone.read(SETTINGS));
    assert_eq!(place.read("repo/.claude/bylaws.lock"), alone.read("repo/.claude/bylaws.lock"));
    let left: Vec<_> =
        fs::read_dir(place.path("repo/.claude")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn locks_that_cannot_be_read_stop_every_write() {
    for (text, says) in [
        ("{\"version\": 9}", "the lock is of version 9, which this program does not know"),
        ("<<<<<<< HEAD\n{", "the marks of an unfinished merge"),
        ("", "the lock is empty"),
    ] {
        let place = repository();
        place.write(SETTINGS, "{}");
        place.write("repo/.claude/bylaws.lock", text);
        refused(&place, says);
        assert_eq!(place.read("repo/.claude/bylaws.lock"), text);
    }
}

#[test]
fn repositories_of_every_kind() {
    // Not a repository at all.
    let place = Place::new();
    place.write("repo/README.md", "x");
    place.run("repo", &BASELINE).code(1).says("missing-rule");
    // A branch without a commit.
    place.git("repo", &["init", "--quiet"]);
    place.run("repo", &APPLY).code(0);
    // A bare repository is read at its current branch, and never written.
    place.commit("repo");
    place.git("", &["clone", "--quiet", "--bare", "repo", "bare.git"]);
    place.run("bare.git", &BASELINE).code(0);
    place.run("bare.git", &APPLY).code(2).says("has no work tree");
    // A bare repository without a commit.
    place.git("", &["init", "--quiet", "--bare", "unborn.git"]);
    place.run("unborn.git", &BASELINE).code(3).says("has no commit yet");
    // A linked work tree.
    place.git("repo", &["worktree", "add", "--quiet", "../linked", "-b", "linked"]);
    place.run("linked", &BASELINE).code(0);
    // A submodule is a repository of its own, and no project of the one around it.
    place.write("other/.claude/settings.json", "{}");
    place.commit("other");
    place.git("repo", &["submodule", "--quiet", "add", "../other", "sub"]);
    place.run("repo", &BASELINE).code(0);
    place.run("repo/sub", &BASELINE).code(1);
}

#[test]
fn every_project_of_a_repository_is_checked() {
    let place = repository();
    place.write("repo/services/api/.claude/settings.json", "{}");
    place.write("repo/node_modules/x/.claude/settings.json", "{}");
    place.run("repo", &APPLY).code(0).says("wrote services/api/.claude/settings.json");
    assert!(place.read("repo/services/api/.claude/bylaws.lock").contains("builtin:baseline"));
    assert_eq!(place.read("repo/node_modules/x/.claude/settings.json"), "{}");
    place.run("repo", &["check"]).code(0).says("in 2 projects");
    place.run("repo/services/api", &["check"]).code(0);
}

#[test]
fn nobody_reading_is_no_success() {
    let place = repository();
    let mut shell = Command::new("sh");
    let script = "\"$0\" check --policy builtin:baseline --format json; echo \"code $?\" >&2";
    shell
        .args(["-c", &format!("({script}) | true"), env!("CARGO_BIN_EXE_bylaws")])
        .current_dir(place.path("repo"));
    let ran = Ran::of(shell.output().unwrap());
    // The reader may be slow to leave: then everything was written, and the code says what was found.
    assert!(ran.err.contains("code 3") || ran.err.contains("code 1"), "{ran:?}");
}

#[test]
fn pipes_in_the_place_of_gits_own_files_are_not_waited_for() {
    for own in ["config", "HEAD", "index", "packed-refs"] {
        let place = repository();
        // Tracked, so that the index is asked for.
        place.write("repo/.claude/settings.local.json", "{}");
        place.write("repo/.claude/settings.json", "{}");
        place.commit("repo");
        let path = place.path(&format!("repo/.git/{own}"));
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        place.run("repo", &BASELINE).code(1);
        place.run("repo", &["fleet", "check", "--policy", "builtin:baseline", "."]).says("repo");
        place.run("repo", &["explain", "--untrusted", "Read(x)"]).code(0).says("is not known");
    }
}

#[test]
fn personal_settings_grant_without_trust_while_git_does_not_track_them() {
    let place = repository();
    place.write("repo/.claude/settings.local.json", r#"{"permissions": {"allow": ["Bash(make *)"]}}"#);
    let explain = ["explain", "--untrusted", "Bash(make all)"];
    place.run("repo", &explain).code(0).says("allow Bash(make all)");
    place.git("repo", &["add", "--force", ".claude/settings.local.json"]);
    place.run("repo", &explain).code(0).says("ask   Bash(make all)");
    place.run("repo", &["explain", "Bash(make all)"]).code(0).says("allow Bash(make all)");
    // A project's own file never grants without trust.
    place.git("repo", &["rm", "--quiet", "--force", ".claude/settings.local.json"]);
    place.write(SETTINGS, r#"{"permissions": {"allow": ["Bash(make *)"]}}"#);
    place.run("repo", &explain).code(0).says("ask   Bash(make all)");
}
