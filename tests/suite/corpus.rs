//! An extra for whoever has real configuration files at hand: `BYLAWS_CORPUS` names a folder with
//! `settings`, `settings-local`, `managed`, `settings-example` and `mcp` in it. Without it, it says so.

use std::fs;
use std::path::PathBuf;

use crate::place::Place;

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(corpus) = std::env::var_os("BYLAWS_CORPUS") else { return Vec::new() };
    let entries = fs::read_dir(PathBuf::from(corpus).join(folder)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The lines of `after` that `before` does not have, and the other way round.
fn changed(before: &str, after: &str) -> (usize, usize) {
    let diff = similar::TextDiff::from_lines(before, after);
    let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (count(similar::ChangeTag::Insert), count(similar::ChangeTag::Delete))
}

/// How many dead rules `apply` will put right.
fn rules_put_right(place: &Place) -> usize {
    let checked = place.run("repo", &["check", "--policy", "builtin:baseline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    let findings = report["repositories"][0]["projects"][0]["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["check"] == "dead-rule" && !finding["fix"].is_null()).count()
}

#[test]
fn real_settings_are_brought_in_line_and_rest() {
    let all: Vec<PathBuf> =
        ["settings", "settings-local", "settings-example", "managed"].into_iter().flat_map(files).collect();
    if all.is_empty() {
        eprintln!("skipped: BYLAWS_CORPUS names no folder of real settings");
        return;
    }
    let (mut inserted, mut deleted, mut untouched) = (0, 0, 0);
    for path in &all {
        let place = Place::new();
        let before = fs::read(path).unwrap();
        place.write("repo/.claude/settings.json", &before);
        let dead = rules_put_right(&place);
        let first = place.run("repo", &["apply", "--policy", "builtin:baseline"]);
        assert!(matches!(first.code, Some(0 | 1)), "{}: {first:?}", path.display());
        let applied = place.read("repo/.claude/settings.json");
        let again = place.run("repo", &["apply", "--policy", "builtin:baseline"]);
        assert!(again.out.is_empty(), "{}: {again:?}", path.display());
        assert_eq!(place.read("repo/.claude/settings.json"), applied, "{}", path.display());
        let checked = place.run("repo", &["check", "--policy", "builtin:baseline", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
        assert_eq!(report["summary"]["fixable"], 0, "{}", path.display());
        let before = String::from_utf8(before).unwrap();
        let (new, gone) = changed(&before, &applied);
        // A line that goes comes back with a comma, as the one line that an entry was put into, or with a rule
        // that matches what it was meant for.
        assert!(gone <= 6 + dead, "{}: {gone} lines changed", path.display());
        (inserted, deleted) = (inserted + new, deleted + gone);
        untouched += usize::from(before == applied);
    }
    eprintln!("{} files, {untouched} left as they were, {inserted} lines in, {deleted} lines out", all.len());
}

#[test]
fn real_server_files_are_read() {
    for path in files("mcp") {
        let place = Place::new();
        place.write("repo/.mcp.json", fs::read(&path).unwrap());
        let ran = place.run("repo", &["check", "--policy", "builtin:baseline"]);
        assert!(matches!(ran.code, Some(0 | 1)), "{}: {ran:?}", path.display());
    }
}
