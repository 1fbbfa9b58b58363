//! Recorded decisions of the client against those of this program.
//!
//! The records of the project stand in `tests/conformance/decisions`; `BYLAWS_VECTORS` may name a folder with
//! more. A verdict other than the recorded one is a failure; `undecided` is counted and allowed only where
//! nothing but the client's server or a program of somebody else decides.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use bylaws::access::{Access, Case, MapWorld, Mode, Place, Silent, Verdict};
use serde_json::Value;

#[derive(Default)]
struct Tally {
    right: usize,
    known: usize,
    undecided: usize,
    wrong: usize,
    unsafe_: usize,
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no records in {}", folder.display());
    found
}

/// Whether the verdict lets through what the client holds back.
fn is_unsafe(ours: Verdict, theirs: Verdict) -> bool {
    match ours {
        Verdict::Allow => theirs != Verdict::Allow,
        Verdict::Ask => theirs == Verdict::Deny,
        Verdict::Deny | Verdict::Undecided => false,
    }
}

/// Records that turned out otherwise when they were made again: case, tool and input, and the decision.
fn errata() -> HashMap<(String, String, String), Verdict> {
    verdicts("errata.jsonl", "decision")
}

fn verdicts(name: &str, key: &str) -> HashMap<(String, String, String), Verdict> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(name);
    let lines = std::fs::read_to_string(file).unwrap();
    let found = lines.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        ((text("id"), text("tool"), line["input"].to_string()), Verdict::parse(&text(key)).unwrap())
    });
    found.collect()
}

/// Calls of which this program says something else than the client, each one safe: it asks or denies where the
/// client does not. `docs/conformance.md` has the reasons.
fn known_differences() -> HashMap<(String, String, String), Verdict> {
    let differences = verdicts("known-differences.jsonl", "ours");
    for ((id, _, input), ours) in &differences {
        assert!(*ours >= Verdict::Ask, "{id} {input}: a difference that allows is a fault");
    }
    differences
}

fn replay(folder: &Path) {
    let (errata, known) = (errata(), known_differences());
    let mut total: BTreeMap<String, Tally> = BTreeMap::new();
    let mut shown = 0;
    let limit: usize = std::env::var("BYLAWS_VECTORS_SHOWN").ok().and_then(|n| n.parse().ok()).unwrap_or(30);
    let only = std::env::var("BYLAWS_VECTORS_ONLY").unwrap_or_default();
    for file in records(folder) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !name.contains(&only) {
            continue;
        }
        let tally = total.entry(name).or_default();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let case = Case::parse(line).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            for ((call, expected), decision) in case.calls.iter().zip(case.decide()) {
                let Some(expected) = *expected else { continue };
                let input = serde_json::to_string(&call.input).unwrap();
                let key = (case.id.clone(), call.tool.clone(), input.clone());
                let expected = errata.get(&key).copied().unwrap_or(expected);
                let ours = decision.verdict;
                if ours == expected {
                    tally.right += 1;
                    continue;
                }
                if known.get(&key) == Some(&ours) && !is_unsafe(ours, expected) {
                    tally.known += 1;
                    continue;
                }
                if ours == Verdict::Undecided {
                    tally.undecided += 1;
                } else {
                    tally.wrong += 1;
                    tally.unsafe_ += usize::from(is_unsafe(ours, expected));
                }
                if shown < limit {
                    shown += 1;
                    let input: String = input.chars().take(200).collect();
                    eprintln!(
                        "{}: {} {input}: {ours:?} {:?}, not {expected:?}",
                        case.id, call.tool, decision.cause
                    );
                }
            }
        }
    }
    for (name, Tally { right, known, undecided, wrong, unsafe_ }) in &total {
        eprintln!(
            "{name:28} right {right:6}  known {known:4}  undecided {undecided:4}  wrong {wrong:4}  unsafe {unsafe_:4}"
        );
    }
    let wrong: usize = total.values().map(|tally| tally.wrong).sum();
    let calls: usize =
        total.values().map(|tally| tally.right + tally.known + tally.undecided + tally.wrong).sum();
    assert!(calls > 0, "no decisions in {}", folder.display());
    assert_eq!(wrong, 0, "of {calls} decisions in {}", folder.display());
}

#[test]
fn the_recorded_decisions_are_ours() {
    replay(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/decisions"));
}

#[test]
fn more_recorded_decisions_are_ours() {
    match std::env::var_os("BYLAWS_VECTORS") {
        Some(folder) => replay(Path::new(&folder)),
        None => eprintln!("skipped: BYLAWS_VECTORS names no folder"),
    }
}

#[test]
#[should_panic(expected = "no records")]
fn an_empty_folder_is_a_failure() {
    replay(tempfile::tempdir().unwrap().path());
}

#[test]
fn the_mode_is_read() {
    let case = Case::parse(r#"{"mode": "plan", "calls": []}"#).unwrap();
    assert_eq!(case.setup.mode, Some(Mode::Plan));
}

/// Whoever decides in many places makes settings ready once: that comes to the same as making them ready there.
#[test]
fn settings_that_were_moved_decide_as_those_made_ready_in_the_place() {
    let (mut calls, mut verdicts) = (0, BTreeMap::new());
    for file in records(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/decisions")) {
        for line in std::fs::read_to_string(&file).unwrap().lines().step_by(5) {
            let case = Case::parse(line).unwrap();
            let mut elsewhere = case.setup.clone();
            elsewhere.mode = None;
            elsewhere.place =
                Place { project: "/srv/x".into(), home: "/srv".into(), config: "/srv/.claude".into() };
            for file in &mut elsewhere.files {
                (file.path, file.folder) = ("/srv/x/a.json".into(), "/srv/x".into());
            }
            let there = Access::new(&case.setup, &case.world);
            let moved = Access::new(&elsewhere, &MapWorld::default()).moved(&case.setup, &case.world);
            assert_eq!(moved.mode(), there.mode(), "{}", case.id);
            for (call, _) in &case.calls {
                let decide = |access: &Access| access.decide(call, &case.world, &mut Silent);
                let decision = decide(&there);
                assert_eq!(decide(&moved), decision, "{} {call:?}", case.id);
                *verdicts.entry(decision.verdict).or_insert(0) += 1;
                calls += 1;
            }
        }
    }
    assert!(calls > 1_000 && verdicts.len() == 4, "{calls} {verdicts:?}");
}
