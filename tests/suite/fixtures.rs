//! One folder for each check, `tests/checks/NAME`:
//!
//! - `policy/`    a policy repository; left out, a policy that asks for nothing
//! - `before/`    a repository; left out for checks of policies
//! - `facts.json` facts about the repository
//! - `tracked`    the files of `before` that git tracks, one a line; left out, the folder is no repository of git
//! - `findings`   what is found, one line a finding
//! - `after/`     the repository once the fixes are made; left out where there are none
//!
//! Folders named `dot-claude` stand for `.claude`: under their true name they would be projects of this
//! repository.
//!
//! `SNAPSHOTS=overwrite cargo test` writes `findings` and `after` anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bylaws::check::{self, Run};
use bylaws::finding::Finding;
use bylaws::git::Cache;
use bylaws::policy::{self, Day, Facts, PolicyFiles};
use bylaws::report;
use bylaws::repository::{Checker, Question};
use bylaws::source::{Access, PolicySource};

const EMPTY_POLICY: &[(&str, &str)] = &[
    ("bylaws.json", r#"{"organization": "acme", "layers": [{"layer": "layer.json"}]}"#),
    ("layer.json", r#"{"title": "Nothing"}"#),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

fn today() -> Day {
    "2026-12-01".parse().unwrap()
}

fn overwrites() -> bool {
    std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite")
}

/// The files below a folder by path, `dot-claude` as `.claude`; links are left out.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_type().unwrap().is_file() {
                let name = entry
                    .path()
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/")
                    .replace("dot-claude", ".claude");
                files.insert(name, String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned());
            }
        }
    }
    files
}

pub(crate) fn write_tree(root: &Path, files: &BTreeMap<String, String>) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A question to a repository in a temporary folder, beside its policy.
pub(crate) fn question(folder: &Path, facts: Facts) -> Question {
    Question {
        policy: Some(PolicySource::parse("../policy", &folder.join("repo"))),
        pinned_as: None,
        newest: true,
        tidy: false,
        facts,
        weights: BTreeMap::new(),
        today: today(),
        access: Access { cache: Cache::new(folder.join("cache")), offline: true, trust: None },
    }
}

fn facts_of(fixture: &Path) -> Facts {
    let mut facts = Facts::none();
    if let Ok(text) = fs::read_to_string(fixture.join("facts.json")) {
        facts.extend(&serde_json::from_str(&text).unwrap());
    }
    facts
}

fn lines(findings: &[Finding]) -> String {
    let mut out = Vec::new();
    report::write_plain(&mut out, "", findings).unwrap();
    String::from_utf8(out).unwrap()
}

fn expect(path: &Path, found: &str) {
    if overwrites() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{}", path.display());
}

/// Makes a folder a repository of git that tracks these files.
fn track<'a>(folder: &Path, files: impl Iterator<Item = &'a str>) {
    let git = |arguments: &[&str]| {
        let done = Command::new("git").args(arguments).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet"]);
    git(&[&["add", "--force"], files.collect::<Vec<_>>().as_slice()].concat());
}

/// What is found, and the repository once the plan is carried out.
fn run_on_project(
    fixture: &Path,
    before: &BTreeMap<String, String>,
) -> (Vec<Finding>, BTreeMap<String, String>) {
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path().canonicalize().unwrap();
    let mut policy = tree(&fixture.join("policy"));
    if policy.is_empty() {
        policy = EMPTY_POLICY.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    }
    write_tree(&place.join("policy"), &policy);
    let mut after = before.clone();
    write_tree(&place.join("repo"), &after);
    if let Ok(tracked) = fs::read_to_string(fixture.join("tracked")) {
        track(&place.join("repo"), tracked.lines());
    }
    let question = question(&place, facts_of(fixture));
    let checked = Checker::new(&question).check(&place.join("repo")).unwrap();
    let findings: Vec<Finding> = report::findings_of(&checked).cloned().collect();
    for change in checked.projects.iter().flat_map(|held| held.plan().changes) {
        match change.after {
            Some(text) => after.insert(change.path.to_string(), text),
            None => after.remove(change.path.as_str()),
        };
    }
    (findings, after)
}

fn run_on_policy(fixture: &Path) -> Vec<Finding> {
    let files = tree(&fixture.join("policy"));
    let files =
        files.into_iter().map(|(path, text)| (bylaws::path::RepoPath::new(&path).unwrap(), text)).collect();
    let (policy, mut findings) = policy::load(&PolicyFiles { source: "policy".into(), files });
    if let Some(policy) = &policy {
        findings.extend(check::policy_findings(policy, today()));
    }
    Finding::sort(&mut findings);
    findings
}

#[test]
fn every_check_finds_what_its_fixture_shows() {
    for check in check::ALL {
        let fixture = folder().join(check.name);
        assert!(fixture.is_dir(), "check `{}` has no fixture", check.name);
        let (findings, after) = match check.run {
            Run::Project(_) => run_on_project(&fixture, &tree(&fixture.join("before"))),
            Run::Policy => (run_on_policy(&fixture), BTreeMap::new()),
        };
        assert!(findings.iter().any(|finding| finding.check == check.name), "`{}` finds nothing", check.name);
        expect(&fixture.join("findings"), &lines(&findings));
        let before = tree(&fixture.join("before"));
        if overwrites() {
            let _ = fs::remove_dir_all(fixture.join("after"));
            if after != before {
                let renamed =
                    after.iter().map(|(name, text)| (name.replace(".claude", "dot-claude"), text.clone()));
                write_tree(&fixture.join("after"), &renamed.collect());
            }
        }
        let expected = if fixture.join("after").exists() { tree(&fixture.join("after")) } else { before };
        assert_eq!(after, expected, "after the fixes of `{}`", check.name);
    }
}

#[test]
fn what_was_mended_once_needs_no_mending() {
    for check in check::ALL.iter().filter(|check| matches!(check.run, Run::Project(_))) {
        let fixture = folder().join(check.name);
        let (_, mended) = run_on_project(&fixture, &tree(&fixture.join("before")));
        let (findings, again) = run_on_project(&fixture, &mended);
        let fixable: Vec<&Finding> = findings.iter().filter(|finding| finding.fix.is_some()).collect();
        assert!(fixable.is_empty(), "`{}`: {}", check.name, lines(&findings));
        assert_eq!(again, mended, "a second time, `{}`", check.name);
    }
}

#[test]
fn every_fixture_belongs_to_a_check() {
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(check::find(&name).is_some(), "there is no check `{name}`");
    }
}

#[test]
fn every_check_has_a_page_with_its_parts() {
    for check in check::ALL {
        let first = check.page.lines().next().unwrap_or_default();
        assert_eq!(first, format!("# {}", check.name));
        for part in ["## What it finds", "## Why it matters", "## What to do"] {
            assert!(check.page.contains(part), "the page of `{}` lacks `{part}`", check.name);
        }
        let wide = check.page.lines().find(|line| line.chars().count() > 110);
        assert_eq!(wide, None, "the page of `{}` has a line that is too wide", check.name);
    }
}
