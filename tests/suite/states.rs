//! Settings in one state: files, projects, commits and policies, read as what they are.

use std::path::Path;

use bylaws::git::Cache;
use bylaws::policy::{Day, Facts};
use bylaws::rule::List;
use bylaws::settings::Scope;
use bylaws::source::Access;
use bylaws::state::{Error, Reading, State};

use crate::place::Place;

const OLD: &str = r#"{"permissions": {"deny": ["Read(.env)"]}}"#;
const NEW: &str = r#"{"permissions": {"deny": ["Read(.env)", "Read(*.pem)"]}}"#;

fn read_as(base: &Path, name: &str, scope: Option<Scope>, facts: &Facts) -> Result<State, Error> {
    let access = Access { cache: Cache::new(base.join("cache")), offline: true, trust: None };
    let day: Day = "2026-12-01".parse().unwrap();
    State::read(name, &Reading { base, scope, facts, day, access: &access })
}

fn read(base: &Path, name: &str) -> Result<State, Error> {
    read_as(base, name, None, &Facts::none())
}

/// How many deny rules each file has, by scope.
fn denies(state: &State) -> Vec<(Scope, usize)> {
    state.settings().iter().map(|file| (file.scope(), file.rules(List::Deny).count())).collect()
}

#[test]
fn a_file_is_read_as_its_name_or_an_argument_says() {
    let place = Place::new();
    for (name, scope) in [
        ("settings.json", Scope::Project),
        ("settings.local.json", Scope::Local),
        ("managed-settings.json", Scope::Managed),
        ("else.json", Scope::Project),
    ] {
        place.write(name, NEW);
        assert_eq!(denies(&read(&place.path(""), name).unwrap()), [(scope, 2)]);
    }
    let user = read_as(&place.path(""), "else.json", Some(Scope::User), &Facts::none()).unwrap();
    assert_eq!(denies(&user), [(Scope::User, 2)]);
    place.write(".mcp.json", r#"{"mcpServers": {"docs": {"command": "node"}}}"#);
    let servers = read(&place.path(""), ".mcp.json").unwrap();
    assert_eq!(servers.servers().unwrap().servers().len(), 1);
}

#[test]
fn a_folder_is_a_project_and_a_commit_is_one_without_a_checkout() {
    let place = Place::new();
    place.write("repo/.claude/settings.json", OLD);
    place.write("repo/web/.claude/settings.json", OLD);
    let first = place.commit("repo");
    place.write("repo/.claude/settings.json", NEW);
    place.write("repo/.claude/settings.local.json", OLD);
    place.commit("repo");
    place.write("repo/.claude/settings.json", "{}");
    let repo = place.path("repo");
    let counts = |name: &str| denies(&read(&repo, name).unwrap());
    assert_eq!(counts("."), [(Scope::Project, 0), (Scope::Local, 1)]);
    assert_eq!(counts("HEAD"), [(Scope::Project, 2), (Scope::Local, 1)]);
    assert_eq!(counts("HEAD~1"), [(Scope::Project, 1)]);
    assert_eq!(counts(&first), [(Scope::Project, 1)]);
    assert_eq!(counts("HEAD:.claude/settings.json"), [(Scope::Project, 2)]);
    assert_eq!(counts("HEAD:web"), [(Scope::Project, 1)]);
    // From a project within the repository, a revision means that project.
    assert_eq!(denies(&read(&repo.join("web"), "HEAD").unwrap()), [(Scope::Project, 1)]);
    assert_eq!(
        denies(&read(&repo.join("web"), "HEAD:./.claude/settings.json").unwrap()),
        [(Scope::Project, 1)]
    );
    for nothing in ["HAED", "HEAD~9", "no/such/file.json"] {
        assert!(matches!(read(&repo, nothing), Err(Error::Nothing(_))), "{nothing}");
    }
    for nothing in ["HEAD:no/such.json", "HEAD:../x"] {
        assert!(matches!(read(&repo, nothing), Err(Error::NotInCommit { .. })), "{nothing}");
    }
}

#[test]
fn a_project_without_settings_says_nothing_and_that_is_told() {
    let place = Place::new();
    place.write("repo/README.md", "x");
    place.commit("repo");
    for name in [".", "HEAD"] {
        let state = read(&place.path("repo"), name).unwrap();
        assert_eq!(denies(&state), []);
        assert!(state.notes[0].contains("has no settings"), "{:?}", state.notes);
    }
}

#[test]
fn what_the_client_does_not_read_is_told_with_its_place() {
    let place = Place::new();
    place.write("a/.claude/settings.json", "{\"permissions\": {\"deny\": [\"Bash(x)\"]},}");
    place.write("a/.mcp.json", "{\"servers\": {}}");
    let state = read(&place.path(""), "a").unwrap();
    assert_eq!(state.notes.len(), 2);
    assert!(state.notes[0].starts_with("a/.claude/settings.json:1:38: not valid JSON"), "{:?}", state.notes);
    assert!(state.notes[1].starts_with("a/.mcp.json:1:2: "), "{:?}", state.notes);
}

#[test]
fn what_cannot_be_read_is_an_error_and_no_empty_file() {
    let place = Place::new();
    place.write("a/.claude/settings.json", b"\xff");
    assert!(matches!(read(&place.path(""), "a"), Err(Error::Refused { .. })));
    assert!(matches!(read(&place.path(""), "a/.claude/settings.json"), Err(Error::Files(_))));
    place.commit("a");
    assert!(matches!(read(&place.path("a"), "HEAD"), Err(Error::Refused { .. })));
    place.write("b/.claude/settings.json/x", "");
    assert!(matches!(read(&place.path(""), "b"), Err(Error::Refused { .. })));
}

#[test]
fn a_policy_is_what_it_asks_for_with_the_lines_that_ask() {
    let place = Place::new();
    let manifest = r#"{"organization": "acme", "inventory": "inventory.json", "layers": [{"layer": "layers/org.json"},
        {"layer": "layers/pci.json", "when": {"topics": "pci"}}]}"#;
    let layer =
        |rule: &str| format!(r#"{{"title": "x", "enforce": {{"permissions": {{"deny": ["{rule}"]}}}}}}"#);
    place.write("policy/bylaws.json", manifest);
    place.write("policy/inventory.json", r#"{"repositories": [{"name": "acme/pay", "topics": ["pci"]}]}"#);
    place.write("policy/layers/org.json", layer("Read(.env)"));
    place.write("policy/layers/pci.json", layer("Read(*.pem)"));
    place.commit("policy");
    place.write("outer/sub/bylaws.json", manifest);
    for file in ["inventory.json", "layers/org.json", "layers/pci.json"] {
        place.write(&format!("outer/sub/{file}"), place.read(&format!("policy/{file}")));
    }
    place.commit("outer");
    let none = Facts::none();
    let named = Facts::none().with("name", "acme/pay");
    for (base, name) in [("", "policy"), ("policy", "."), ("policy", "HEAD"), ("outer", "HEAD:sub")] {
        let state = |facts| read_as(&place.path(base), name, None, facts).unwrap();
        assert_eq!(denies(&state(&none)), [(Scope::Project, 1)], "{base} {name}");
        assert_eq!(denies(&state(&named)), [(Scope::Project, 2)], "{base} {name}");
    }
    let state = read_as(&place.path(""), "policy", None, &named).unwrap();
    let setup = state.setup();
    let access = bylaws::access::Access::new(&setup, &bylaws::access::MapWorld::bare(&setup.place));
    let asked = access.rules().iter().map(|(_, rule)| state.place_of_rule(rule).unwrap().to_string());
    assert_eq!(asked.collect::<Vec<_>>(), ["policy/layers/org.json:1:53", "policy/layers/pci.json:1:53"]);
    place.write("policy/layers/org.json", "{}");
    assert!(matches!(read(&place.path(""), "policy"), Err(Error::Policy { .. })));
}
