//! Discovery and reading.

use std::collections::BTreeMap;

use bylaws::forge::{Error, Forge, Reading, Reason, RepositoryName, Unread};
use bylaws::path::RepoPath;
use bylaws::project::{Content, Refusal};
use serde_json::json;

use super::loopback::TestClock;
use super::loopback::repository::Repository;
use super::loopback::server::{Fault, Told};
use super::loopback::{Kind, Loopback};
use super::name;

fn read(
    github: &dyn Forge,
    names: &[RepositoryName],
    known: &BTreeMap<RepositoryName, String>,
) -> Result<BTreeMap<RepositoryName, Reading>, Error> {
    let mut found = BTreeMap::new();
    let also = ["docs/agents.md"].map(|path| RepoPath::new(path).unwrap());
    github.read(names, &also, &|name| known.get(name).cloned(), &mut |name, reading| {
        assert!(found.insert(name.clone(), reading).is_none(), "{name} was told of twice");
    })?;
    Ok(found)
}

fn settings() -> RepoPath {
    RepoPath::new(".claude/settings.json").unwrap()
}

/// A fleet of repositories with agent files.
fn fleet(size: usize) -> Vec<(String, Repository)> {
    let one = |number: usize| {
        let settings = format!("{{\"model\": \"m{number}\"}}\n");
        let files = [
            (".claude/settings.json", settings.as_str()),
            (".claude/bylaws.lock", "{}\n"),
            (".claude/skills/deploy/SKILL.md", "---\nname: deploy\n---\n"),
            (".claude/agents/review.md", "x\n"),
            (".github/workflows/ci.yml", "on: push\n"),
            (".mcp.json", "{}\n"),
            ("src/main.rs", "fn main() {}\n"),
        ];
        (format!("acme/r{number:04}"), Repository::new(&files))
    };
    (0..size).map(one).collect()
}

fn names(size: usize) -> Vec<RepositoryName> {
    (0..size).map(|number| name(&format!("acme/r{number:04}"))).collect()
}

#[test]
fn a_thousand_repositories_are_read_in_few_calls_and_unchanged_ones_in_fewer() {
    let loopback = Loopback::start(Kind::GitHub, fleet(1000));
    let (github, ..) = loopback.connect();
    let names = names(1000);
    let first = read(&*github, &names, &BTreeMap::new()).unwrap();
    let calls = loopback.server.asked().len();
    assert!(calls <= 25, "{calls} calls");
    let mut known = BTreeMap::new();
    for (number, name) in names.iter().enumerate() {
        let Reading::Read(snapshot) = &first[name] else { panic!("{name}: {:?}", first[name]) };
        let text = Content::Text(format!("{{\"model\": \"m{number}\"}}\n"));
        assert_eq!(snapshot.read(&settings()), text);
        known.insert(name.clone(), snapshot.commit.clone());
    }
    loopback.hold_against_published();

    loopback.change("acme/r0007", |repository| {
        let mut files = repository.files("main");
        files.insert("README.md".into(), (0o100_644, "x".into()));
        repository.commit("main", files, "Say more");
    });
    loopback.server.fail(|_, _| None);
    let second = read(&*github, &names, &known).unwrap();
    let calls = loopback.server.asked().len();
    assert!(calls <= 5, "{calls} calls");
    let read: Vec<&RepositoryName> =
        names.iter().filter(|name| second[*name] != Reading::Unchanged).collect();
    assert_eq!(read, [&name("acme/r0007")]);
}

#[test]
fn a_snapshot_has_what_checks_look_at() {
    let mut repository = Repository::new(&[
        (".claude/settings.json", "{}"),
        (".claude/commands/ops/deploy.md", "x"),
        (".env", "KEY=1"),
        ("CLAUDE.md", "Rules."),
        ("web/index.html", ""),
        ("docs/agents.md", "Ours."),
        ("docs/other.md", "x"),
    ]);
    let mut files = repository.files("main");
    files.insert(".claude/skills/linked".into(), (0o120_000, "../../web".into()));
    files.insert(".mcp.json".into(), (0o120_000, "../elsewhere.json".into()));
    files.insert("AGENTS.md".into(), (0o100_644, "latin".into()));
    repository.commit("main", files, "Link");
    repository.recoded.push("AGENTS.md".into());
    let mut empty = Repository::default();
    empty.branches.clear();
    let loopback =
        Loopback::start(Kind::GitHub, [("acme/web".into(), repository), ("acme/empty".into(), empty)]);
    let (github, ..) = loopback.connect();
    let names = ["acme/web", "acme/empty", "acme/gone"].map(name);
    let found = read(&*github, &names, &BTreeMap::new()).unwrap();
    assert_eq!(found[&names[1]], Reading::Empty);
    assert_eq!(found[&names[2]], Reading::Unread(Unread::Missing));
    let Reading::Read(snapshot) = &found[&names[0]] else { panic!() };
    let content = |path: &str| snapshot.read(&RepoPath::new(path).unwrap());
    assert_eq!(content(".claude/commands/ops/deploy.md"), Content::Text("x".into()));
    assert_eq!(content(".env"), Content::Text("KEY=1".into()));
    assert_eq!(content("CLAUDE.md"), Content::Text("Rules.".into()));
    assert_eq!(content("README.md"), Content::Missing);
    assert!(matches!(content(".mcp.json"), Content::Refused(Refusal::LeadsOutside(_))));
    // Neither what was not asked for nor what is shown otherwise than it is stored passes for the content.
    assert!(matches!(content(".claude/skills/linked/SKILL.md"), Content::Refused(Refusal::Unreadable(_))));
    assert!(matches!(content("AGENTS.md"), Content::Refused(Refusal::Unreadable(_))));
    assert_eq!(content("docs/agents.md"), Content::Text("Ours.".into()));
    assert!(matches!(content("docs/other.md"), Content::Refused(Refusal::Unreadable(_))));
    assert!(!snapshot.is_whole());
    loopback.hold_against_published();
}

#[test]
fn an_organisation_is_listed_with_what_is_known_of_its_repositories() {
    let mut fleet = fleet(230);
    fleet[3].1.topics = vec!["pci".into(), "go".into()];
    fleet[3].1.properties =
        vec![("environment".into(), json!("production")), ("teams".into(), json!(["a", "b"]))];
    fleet[3].1.properties.push(("unset".into(), json!(null)));
    fleet[4].1.is_archived = true;
    // What the forge knows itself goes before a property of the same name.
    fleet[4].1.properties = vec![("archived".into(), json!("false"))];
    fleet.push(("other/web".into(), Repository::new(&[])));
    let loopback = Loopback::start(Kind::GitHub, fleet);
    let (github, ..) = loopback.connect();
    let found = github.discover("acme").unwrap();
    assert_eq!(found.notes, Vec::<String>::new());
    let listed: Vec<RepositoryName> = found.repositories.iter().map(|listed| listed.name.clone()).collect();
    assert_eq!(listed, names(230));
    let fact =
        |number: usize, fact: &str| found.repositories[number].facts.get(fact).cloned().unwrap_or_default();
    assert_eq!(fact(3, "topics"), ["pci", "go"]);
    assert_eq!(fact(3, "environment"), ["production"]);
    assert_eq!(fact(3, "teams"), ["a", "b"]);
    assert_eq!(fact(3, "unset"), Vec::<String>::new());
    assert_eq!(fact(3, "visibility"), ["private"]);
    assert_eq!(fact(3, "language"), ["rust"]);
    assert_eq!(fact(4, "archived"), ["true"]);
    loopback.hold_against_published();
}

#[test]
fn a_forge_that_fails_is_waited_for_and_whoever_watches_knows_why() {
    let limit = Told::json(403, &json!({ "message": "You have exceeded a secondary rate limit." }));
    let primary = Told::json(200, &json!({ "errors": [{ "type": "RATE_LIMITED", "message": "x" }] }))
        .with("x-ratelimit-remaining", "0")
        .with("x-ratelimit-reset", &(1_795_600_000 + 1000).to_string());
    let loopback = Loopback::start(Kind::GitHub, fleet(3));
    let faults = [
        Some(Fault::Instead(Told::json(429, &json!({})).with("retry-after", "7"))),
        Some(Fault::Instead(limit)),
        Some(Fault::Instead(primary)),
        Some(Fault::Reset),
        Some(Fault::Instead(Told::json(502, &json!({})))),
        Some(Fault::Slow),
        Some(Fault::Twice),
    ];
    loopback.server.fail(move |number, _| faults.get(number).cloned().flatten());
    let (github, clock, told) = loopback.connect();
    let found = read(&*github, &names(3), &BTreeMap::new()).unwrap();
    assert!(found.values().all(|reading| matches!(reading, Reading::Read(_))), "{found:?}");
    let reasons: Vec<Reason> = told.all().into_iter().map(|waiting| waiting.reason).collect();
    assert_eq!(reasons[..3], [Reason::Limit, Reason::Limit, Reason::Limit]);
    assert!(matches!(reasons[3], Reason::Connection(_)), "{reasons:?}");
    assert_eq!(reasons[4..], [Reason::Status(502)]);
    let first = &told.all()[0];
    assert_eq!((first.host.as_str(), first.time.as_secs()), ("127.0.0.1", 7));
    assert_eq!(first.purpose, "reading the newest commit of 3 repositories");
    // The hour that was used up ends a thousand seconds after the start; of those, two waits were over.
    assert!((1001..1010).contains(&clock.waited().as_secs()), "{:?}", clock.waited());
}

#[test]
fn a_query_that_is_too_large_is_asked_in_parts() {
    let loopback = Loopback::start(Kind::GitHub, fleet(40));
    let too_large = |asked: &super::loopback::server::Asked| asked.body.matches("repository(").count() > 10;
    loopback.server.fail(move |number, asked| {
        let limits =
            json!({ "data": null, "errors": [{ "type": "RESOURCE_LIMITS_EXCEEDED", "message": "x" }] });
        match number % 2 {
            _ if !too_large(asked) => None,
            0 => Some(Fault::Instead(Told::json(504, &json!({})))),
            _ => Some(Fault::Instead(Told::json(200, &limits))),
        }
    });
    let (github, ..) = loopback.connect();
    let found = read(&*github, &names(40), &BTreeMap::new()).unwrap();
    assert_eq!(found.len(), 40);
    assert!(found.values().all(|reading| matches!(reading, Reading::Read(_))));
}

#[test]
fn a_token_that_is_not_taken_ends_it_at_once_and_is_told_to_nobody() {
    let loopback = Loopback::start(Kind::GitHub, fleet(1));
    let github = loopback.connect_with("ghp_wrong", TestClock::default(), super::loopback::Told::default());
    let error = read(&*github, &names(1), &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("ghp_wrong"));
    let asked = loopback.server.asked();
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].path.contains("ghp_wrong") && !asked[0].body.contains("ghp_wrong"));
}

#[test]
fn one_repository_that_cannot_be_read_keeps_no_other_from_it() {
    let loopback = Loopback::start(Kind::GitHub, fleet(2));
    loopback.server.fail(|_, asked| {
        let is_of_files = asked.body.contains("fragment files");
        let answer = json!({
            "data": { "r0": null, "r1": null },
            "errors": [
                { "type": "FORBIDDEN", "path": ["r0"], "message": "Resource protected by organization SAML enforcement" },
                { "message": "timeout", "path": ["r1", "object", "d1"] },
            ],
        });
        is_of_files.then(|| Fault::Instead(Told::json(200, &answer)))
    });
    let (github, ..) = loopback.connect();
    let found = read(&*github, &names(2), &BTreeMap::new()).unwrap();
    assert!(
        matches!(&found[&name("acme/r0000")], Reading::Unread(Unread::Refused(why)) if why.contains("SAML"))
    );
    assert!(matches!(&found[&name("acme/r0001")], Reading::Unread(Unread::Refused(why)) if why == "timeout"));
}

#[test]
fn gitlab_shows_the_whole_tree_and_the_bytes_as_they_are_stored() {
    let mut web = Repository::new(&[
        (".claude/settings.json", "{}"),
        ("services/api/.claude/settings.json", "{\"model\": \"opus\"}"),
        ("services/api/.env", "KEY=1"),
        ("node_modules/x/.claude/settings.json", "{}"),
        ("docs/agents.md", "Ours."),
        ("src/main.rs", "fn main() {}"),
    ]);
    let mut files = web.files("main");
    files.insert("web/.claude".into(), (0o120_000, "../services/api/.claude".into()));
    files.insert("CLAUDE.md".into(), (0o100_644, "x".repeat(3 * 1024 * 1024)));
    (0..250).for_each(|number| {
        files.insert(format!("src/{number}.rs"), (0o100_644, String::new()));
    });
    web.commit("main", files, "Grow");
    let group = [("acme/web".into(), web), ("acme/team/empty".into(), Repository::default())];
    let loopback = Loopback::start(Kind::GitLab, group);
    let (gitlab, ..) = loopback.connect();
    let names = ["acme/web", "acme/team/empty", "acme/gone"].map(name);
    let found = read(&*gitlab, &names, &BTreeMap::new()).unwrap();
    assert_eq!(found[&names[1]], Reading::Empty);
    assert_eq!(found[&names[2]], Reading::Unread(Unread::Missing));
    let Reading::Read(snapshot) = &found[&names[0]] else { panic!("{:?}", found[&names[0]]) };
    let content = |path: &str| snapshot.read(&RepoPath::new(path).unwrap());
    assert!(snapshot.is_whole());
    let projects = ["", "services/api", "web"].map(|path| RepoPath::new(path).unwrap());
    assert_eq!(snapshot.found().projects(), projects);
    assert_eq!(content("web/.claude/settings.json"), Content::Text("{\"model\": \"opus\"}".into()));
    assert_eq!(content("services/api/.env"), Content::Text("KEY=1".into()));
    assert_eq!(content("docs/agents.md"), Content::Text("Ours.".into()));
    assert_eq!(content("docs/none.md"), Content::Missing);
    for path in ["CLAUDE.md", "src/main.rs"] {
        assert!(matches!(content(path), Content::Refused(Refusal::Unreadable(_))), "{path}");
    }
    let commit = snapshot.commit.clone();

    loopback.server.fail(|_, _| None);
    let known = BTreeMap::from([(names[0].clone(), commit)]);
    let again = read(&*gitlab, &names[..1], &known).unwrap();
    assert_eq!(again[&names[0]], Reading::Unchanged);
    assert_eq!(loopback.server.asked().len(), 2);
}

#[test]
fn a_group_of_gitlab_is_listed_with_its_subgroups_and_a_user_as_well() {
    let mut fleet = fleet(230);
    fleet[3].1.topics = vec!["pci".into()];
    fleet[3].1.properties =
        vec![("environment".into(), json!("production")), ("archived".into(), json!("x"))];
    fleet.push(("acme/team/web".into(), Repository::new(&[])));
    fleet.push(("ada/notes".into(), Repository::new(&[])));
    let loopback = Loopback::start(Kind::GitLab, fleet);
    let (gitlab, ..) = loopback.connect();
    let found = gitlab.discover("acme").unwrap();
    assert_eq!(found.repositories.len(), 231);
    let facts = &found.repositories[3].facts;
    for (fact, value) in
        [("topics", "pci"), ("environment", "production"), ("archived", "false"), ("visibility", "private")]
    {
        assert_eq!(facts[fact], [value], "{fact}");
    }
    assert_eq!(gitlab.discover("ada").unwrap().repositories.len(), 1);
}
