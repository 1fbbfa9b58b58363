//! A fleet to measure with: a policy, and bare repositories made of 200 distinct configurations. Each repository is a
//! pack, a reference and a `HEAD`, as a clone leaves it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bylaws::git::Cache;
use bylaws::policy::Facts;
use bylaws::repository::{Checker, Question};
use bylaws::source::{Access, PolicySource};
use git2::{Oid, Repository, Signature, Time, Tree};

/// Distinct configurations.
const VARIANTS: usize = 200;

/// How the locks name the policy.
pub(crate) const SOURCE: &str = "https://git.example.com/acme/agent-policy.git";

type Files = BTreeMap<PathBuf, String>;

/// Writes `policy` and `fleet` into a folder, the same for the same count.
pub(crate) fn make(folder: &Path, count: usize) {
    write_policy(&folder.join("policy"));
    let scratch = Repository::init_bare(folder.join("scratch.git")).unwrap();
    let configurations: Vec<Files> =
        (0..VARIANTS.min(count)).map(|variant| configuration(folder, variant)).collect();
    for index in 0..count {
        let configuration = configurations.get(index % VARIANTS).unwrap();
        let commit = commit(&scratch, index, configuration);
        let target = folder.join(format!("fleet/team-{}/service-{index}.git", index % 50));
        write_bare(&scratch, commit, &target);
    }
    fs::remove_dir_all(folder.join("scratch.git")).unwrap();
}

/// Five layers with a hundred deny rules.
fn write_policy(folder: &Path) {
    let mut layers = Vec::new();
    for layer in 0..5 {
        let rules: Vec<String> = (0..20).map(|rule| format!("\"Read(secret-{layer}-{rule}/**)\"")).collect();
        let text = format!(
            r#"{{"title": "Layer {layer}", "enforce": {{"permissions": {{"deny": [{}]}}}}, "limit": {{"neverAllow": ["Bash(curl *)"]}}}}"#,
            rules.join(", ")
        );
        write(&folder.join(format!("layers/{layer}.json")), &text);
        layers.push(format!(r#"{{"layer": "layers/{layer}.json"}}"#));
    }
    let manifest = format!(r#"{{"organization": "acme", "layers": [{}]}}"#, layers.join(", "));
    write(&folder.join("bylaws.json"), &manifest);
}

/// The files of one configuration: of ten, six are in line, and one each lacks a rule, allows too much, has no
/// policy, or is not JSON.
fn configuration(folder: &Path, variant: usize) -> Files {
    let place = folder.join("scratch");
    let own: Vec<String> =
        (0..variant % 40).map(|rule| format!("\"Bash(tool-{variant}-{rule} run *)\"")).collect();
    let own = format!("{{\n  \"permissions\": {{\n    \"allow\": [{}]\n  }}\n}}\n", own.join(", "));
    write(&place.join(".claude/settings.json"), &own);
    write(
        &place.join("CLAUDE.md"),
        &format!("# Service of kind {variant}\n\nRun the tests before you commit.\n"),
    );
    write(&place.join(".github/workflows/ci.yml"), "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n");
    write(&place.join("src/main.rs"), "fn main() {}\n");
    let question = Question {
        policy: Some(PolicySource::parse("policy", folder)),
        pinned_as: Some(SOURCE.to_owned()),
        newest: true,
        tidy: false,
        facts: Facts::none(),
        weights: BTreeMap::new(),
        today: "2026-12-01".parse().unwrap(),
        access: Access { cache: Cache::new(folder.join("cache")), offline: true, trust: None },
    };
    let mut files = read_all(&place);
    if variant % 10 != 2 {
        let checked = Checker::new(&question).check(&place).unwrap();
        for change in checked.projects.iter().flat_map(|held| held.plan().changes) {
            files.insert(PathBuf::from(change.path.as_str()), change.after.unwrap());
        }
    }
    fs::remove_dir_all(&place).unwrap();
    let settings = files.get_mut(Path::new(".claude/settings.json")).unwrap();
    match variant % 10 {
        0 => *settings = settings.replacen("\"Read(secret-3-7/**)\",", "", 1),
        1 => {
            *settings =
                settings.replacen("\"allow\": [", "\"allow\": [\"Bash(curl *)\",", 1).replacen(",]", "]", 1)
        }
        3 => *settings = settings.replacen('{', "{,", 1),
        _ => {}
    }
    files
}

fn read_all(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read_to_string(&path).unwrap(),
                );
            }
        }
    }
    files
}

/// A commit with the files of a configuration and a README of its own.
fn commit(scratch: &Repository, index: usize, files: &Files) -> Oid {
    let mut update = git2::build::TreeUpdateBuilder::new();
    for (path, text) in files {
        update.upsert(path, scratch.blob(text.as_bytes()).unwrap(), git2::FileMode::Blob);
    }
    let readme = scratch.blob(format!("# Service {index}\n").as_bytes()).unwrap();
    update.upsert("README.md", readme, git2::FileMode::Blob);
    let tree = update.create_updated(scratch, &empty_tree(scratch)).unwrap();
    let tree = scratch.find_tree(tree).unwrap();
    let author = Signature::new("a", "a@example.com", &Time::new(1_767_225_600, 0)).unwrap();
    scratch.commit(None, &author, &author, "x", &tree, &[]).unwrap()
}

fn empty_tree(scratch: &Repository) -> Tree<'_> {
    scratch.find_tree(scratch.treebuilder(None).unwrap().write().unwrap()).unwrap()
}

fn write_bare(scratch: &Repository, commit: Oid, target: &Path) {
    let packs = target.join("objects/pack");
    fs::create_dir_all(&packs).unwrap();
    fs::create_dir_all(target.join("refs/heads")).unwrap();
    let mut pack = scratch.packbuilder().unwrap();
    pack.insert_commit(commit).unwrap();
    pack.write(&packs, 0).unwrap();
    write(&target.join("HEAD"), "ref: refs/heads/main\n");
    write(
        &target.join("config"),
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n",
    );
    write(
        &target.join("packed-refs"),
        &format!("# pack-refs with: peeled fully-peeled sorted \n{commit} refs/heads/main\n"),
    );
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
