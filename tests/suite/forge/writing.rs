//! Branches, commits and requests.

use std::collections::BTreeMap;

use bylaws::check::FileChange;
use bylaws::forge::{
    Base, Branch, Change, Checks, Error, Forge, Patch, Proposed, Reading, RepositoryName, RequestState,
    Snapshot, Standing, WritableForge, Writing,
};
use bylaws::path::RepoPath;

use super::loopback::repository::{Pull, Repository};
use super::loopback::server::{Asked, Fault};
use super::loopback::{Kind, Loopback};
use super::name;

const BOTH: [Kind; 2] = [Kind::GitHub, Kind::GitLab];
const BRANCH: &str = "bylaws/policy";
const BEFORE: &str = "{\"model\": \"opus\"}\n";
const AFTER: &str = "{\"model\": \"sonnet\"}\n";

fn web() -> RepositoryName {
    name("acme/web")
}

fn start(kind: Kind) -> Loopback {
    let files = [(".claude/settings.json", BEFORE), ("run.sh", "x"), ("old.md", "x")];
    Loopback::start(kind, [("acme/web".into(), Repository::new(&files))])
}

fn snapshot(github: &dyn Forge) -> Snapshot {
    let mut found = None;
    github.read(&[web()], &[], &|_| None, &mut |_, reading| found = Some(reading)).unwrap();
    let Some(Reading::Read(snapshot)) = found else { panic!("{found:?}") };
    *snapshot
}

fn look(github: &dyn Forge) -> Standing {
    let mut found = None;
    github.look(&[web()], BRANCH, &mut |_, standing| found = Some(standing)).unwrap();
    found.unwrap().unwrap()
}

fn change(github: &dyn Forge, after: &str) -> Change {
    let snapshot = snapshot(github);
    let file = |path: &str, before: Option<&str>, after: Option<&str>| FileChange {
        path: RepoPath::new(path).unwrap(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let changes = [
        file(".claude/settings.json", Some(BEFORE), Some(after)),
        file(".claude/bylaws.lock", None, Some("{}\n")),
        file("old.md", Some("x"), None),
    ];
    Change {
        branch: BRANCH.into(),
        patch: Patch { base: Base::of(&snapshot), files: Writing::of_plan(&changes, &snapshot).unwrap() },
        message: "Bring the agent settings in line with policy".into(),
        signed_off: Some("Ada <ada@acme.dev>".into()),
        title: "Agent settings".into(),
        body: "What and why.".into(),
        labels: vec!["policy".into()],
        reviewers: vec!["ada".into()],
        team_reviewers: vec!["platform".into()],
        is_draft: false,
    }
}

fn propose(github: &dyn WritableForge, after: &str) -> Result<Proposed, Error> {
    github.propose(&web(), &change(github, after), &look(github))
}

/// The reviewers that the forge comes to know: GitLab by number, and no teams.
fn reviewers(kind: Kind) -> &'static [&'static str] {
    if kind == Kind::GitHub { &["ada", "platform"] } else { &["7"] }
}

fn pulls(loopback: &Loopback) -> Vec<Pull> {
    loopback.change("acme/web", |repository| repository.pulls.clone())
}

/// Somebody commits to our branch.
fn touch(loopback: &Loopback) {
    loopback.change("acme/web", |repository| {
        let mut files = repository.files(BRANCH);
        files.insert("theirs.md".into(), (0o100_644, "x".into()));
        repository.commit(BRANCH, files, "Mine as well");
    });
}

#[test]
fn a_request_is_opened_on_one_commit_made_from_objects() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        let proposed = propose(&*github, AFTER).unwrap();
        let notes = ["acme/web: GitLab asks people for reviews, not teams"];
        assert_eq!(proposed.notes, if kind == Kind::GitLab { &notes[..] } else { &[] });
        assert_eq!((proposed.request.number, proposed.request.state), (1, RequestState::Open));
        loopback.change("acme/web", |repository| {
            let files: BTreeMap<String, String> =
                repository.files(BRANCH).into_iter().map(|(path, file)| (path, file.1)).collect();
            let expected =
                [(".claude/bylaws.lock", "{}\n"), (".claude/settings.json", AFTER), ("run.sh", "x")];
            assert_eq!(files, expected.map(|(path, text)| (path.to_owned(), text.to_owned())).into());
            let commit = &repository.commits[&repository.branches[BRANCH]];
            assert_eq!(commit.parents, [repository.branches["main"].clone()]);
            assert!(commit.message.ends_with("\nSigned-off-by: Ada <ada@acme.dev>\n"), "{}", commit.message);
        });
        let pull = &pulls(&loopback)[0];
        assert!(pull.body.starts_with("What and why.\n"));
        assert_eq!(pull.labels, ["policy"]);
        assert_eq!(pull.reviewers, reviewers(kind));
        let standing = look(&*github);
        let request = standing.request.unwrap();
        let Branch::Ours { change: carried, .. } = standing.branch else { panic!("{:?}", standing.branch) };
        assert_eq!((request.change, request.checks), (carried, Checks::None));
        loopback.hold_against_published();
    }
}

#[test]
fn proposing_again_opens_nothing_and_a_new_change_renews_the_request() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        let commit = loopback.change("acme/web", |repository| repository.branches[BRANCH].clone());
        propose(&*github, AFTER).unwrap();
        loopback.change("acme/web", |repository| assert_eq!(repository.branches[BRANCH], commit));

        let renewed = propose(&*github, "{}\n").unwrap();
        assert_eq!(renewed.request.number, 1);
        loopback.change("acme/web", |repository| {
            assert_eq!(repository.files(BRANCH)[".claude/settings.json"].1, "{}\n");
            let commit = &repository.commits[&repository.branches[BRANCH]];
            assert_eq!(commit.parents, [repository.branches["main"].clone()], "one commit, made anew");
            assert_eq!(repository.opened, 1);
        });
        assert_eq!(pulls(&loopback)[0].state, "OPEN");
        loopback.hold_against_published();
    }
}

#[test]
fn a_branch_that_others_committed_to_is_left_alone() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        touch(&loopback);
        let commit = loopback.change("acme/web", |repository| repository.branches[BRANCH].clone());
        assert!(matches!(look(&*github).branch, Branch::Touched { .. }));
        assert!(matches!(propose(&*github, "{}\n"), Err(Error::InTheWay { .. })));
        assert!(matches!(github.withdraw(&web(), BRANCH, &look(&*github)), Err(Error::InTheWay { .. })));
        loopback.change("acme/web", |repository| assert_eq!(repository.branches[BRANCH], commit));
        assert_eq!(pulls(&loopback)[0].state, "OPEN");
    }
}

#[test]
fn a_commit_that_somebody_wrote_over_keeping_its_message_is_not_ours() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        loopback.change("acme/web", |repository| {
            let message = repository.commits[&repository.branches[BRANCH]].message.clone();
            let mut files = repository.files(BRANCH);
            files.insert("theirs.md".into(), (0o100_644, "x".into()));
            repository.commit(BRANCH, files, &message);
        });
        assert!(matches!(look(&*github).branch, Branch::Touched { .. }));
    }
}

#[test]
fn a_branch_that_moves_between_looking_and_writing_is_left_alone() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        let seen = look(&*github);
        touch(&loopback);
        let error = github.propose(&web(), &change(&*github, "{}\n"), &seen).unwrap_err();
        assert!(matches!(error, Error::InTheWay { .. }), "{error:?}");
        let error = github.withdraw(&web(), BRANCH, &seen).unwrap_err();
        assert!(matches!(error, Error::InTheWay { .. }), "{error:?}");
        loopback.change("acme/web", |repository| assert!(repository.files(BRANCH).contains_key("theirs.md")));
    }
}

#[test]
fn what_is_no_longer_needed_is_closed_and_its_branch_goes() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        github.withdraw(&web(), BRANCH, &look(&*github)).unwrap();
        assert_eq!(pulls(&loopback)[0].state, "CLOSED");
        let standing = look(&*github);
        assert_eq!(standing.branch, Branch::Missing);
        assert_eq!(standing.request.as_ref().map(|request| request.state), Some(RequestState::Closed));
        github.withdraw(&web(), BRANCH, &standing).unwrap();
        loopback.hold_against_published();
    }
}

#[test]
fn a_request_from_a_fork_with_our_branch_name_is_not_ours() {
    for kind in BOTH {
        let loopback = start(kind);
        loopback.change("acme/web", |repository| {
            repository.pulls.push(Pull {
                number: 1,
                branch: BRANCH.into(),
                title: "x".into(),
                body: String::new(),
                state: "OPEN",
                is_draft: false,
                is_foreign: true,
                checks: Some("FAILURE"),
                labels: Vec::new(),
                reviewers: Vec::new(),
            });
        });
        let (github, ..) = loopback.connect();
        assert_eq!(look(&*github).request, None);
        assert_eq!(propose(&*github, AFTER).unwrap().request.number, 2);
        assert_eq!(pulls(&loopback)[0].title, "x");
    }
}

#[test]
fn the_checks_of_a_request_are_seen() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        propose(&*github, AFTER).unwrap();
        for (state, checks) in [
            ("SUCCESS", Checks::Passing),
            ("ERROR", Checks::Failing),
            ("FAILURE", Checks::Failing),
            ("EXPECTED", Checks::Pending),
        ] {
            loopback.change("acme/web", |repository| repository.pulls[0].checks = Some(state));
            assert_eq!(look(&*github).request.unwrap().checks, checks);
        }
    }
}

#[test]
fn a_reviewer_who_may_not_be_asked_is_a_note() {
    for kind in BOTH {
        let loopback = start(kind);
        let (github, ..) = loopback.connect();
        let mut change = change(&*github, AFTER);
        change.reviewers = vec!["stranger".into()];
        let proposed = github.propose(&web(), &change, &look(&*github)).unwrap();
        assert_eq!(proposed.request.number, 1);
        let why = if kind == Kind::GitHub { "collaborators" } else { "no user `stranger`" };
        assert!(proposed.notes.iter().any(|note| note.contains(why)), "{:?}", proposed.notes);
    }
}

/// Whatever goes wrong with whichever call, there is one request in the end.
#[test]
fn every_fault_at_every_call_leaves_one_request() {
    for kind in BOTH {
        let faults = [Fault::Reset, Fault::Lost, Fault::LostBehind(502), Fault::Twice, Fault::Slow];
        for fault in faults {
            for unlucky in 0..16 {
                let loopback = start(kind);
                let (github, ..) = loopback.connect();
                let (change, standing) = (change(&*github, AFTER), look(&*github));
                let fault = fault.clone();
                loopback.server.fail(move |number, _: &Asked| (number == unlucky).then(|| fault.clone()));
                let proposed = github.propose(&web(), &change, &standing);
                let place = format!("call {unlucky}: {proposed:?} {:?}", loopback.server.asked());
                assert_eq!(
                    proposed.as_ref().map(|proposed| proposed.request.number).ok(),
                    Some(1),
                    "{place}"
                );
                let pulls = pulls(&loopback);
                assert_eq!((pulls.len(), pulls[0].state), (1, "OPEN"), "{place}");
                assert_eq!(pulls[0].labels, ["policy"], "{place}");
                assert_eq!(look(&*github).request.unwrap().change, Some(change.digest()), "{place}");
            }
        }
    }
}

/// A forge that stops answering after any number of calls, and a second run that begins by looking.
#[test]
fn whoever_is_stopped_anywhere_goes_on_and_leaves_one_request() {
    for kind in BOTH {
        for last in 0..16 {
            let loopback = start(kind);
            let (github, ..) = loopback.connect();
            let (change, standing) = (change(&*github, AFTER), look(&*github));
            loopback.server.fail(move |number, _: &Asked| (number >= last).then_some(Fault::Lost));
            let first = github.propose(&web(), &change, &standing);
            loopback.server.fail(|_, _| None);
            let second = github.propose(&web(), &change, &look(&*github)).unwrap();
            assert_eq!(second.request.number, 1, "{last}: {first:?}");
            let pulls = pulls(&loopback);
            assert_eq!((pulls.len(), pulls[0].state), (1, "OPEN"), "{last}: {first:?}");
            assert_eq!(pulls[0].labels, ["policy"], "{last}");
            assert_eq!(pulls[0].reviewers, reviewers(kind), "{last}");
        }
    }
}
