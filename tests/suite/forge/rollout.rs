//! Rollouts over many repositories, with faults, stops and people in between.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bylaws::check::FileChange;
use bylaws::forge::{Base, Clock, Forge, Patch, Reading, RepositoryName, WritableForge, Writing};
use bylaws::path::RepoPath;
use bylaws::policy::Facts;
use bylaws::project::Content;
use bylaws::rollout::{Did, Error, Hold, Log, Member, Plan, Rollout, Round, Stage, Voice, Wanted, Words};
use serde_json::json;

use super::loopback::repository::Repository;
use super::loopback::server::{Fault, Told as Answer};
use super::loopback::{Kind, Loopback};
use super::loopback::{TestClock, Told};
use super::name;

const BEFORE: &str = "{\"model\": \"opus\"}\n";
const AFTER: &str = "{\"model\": \"sonnet\"}\n";

/// A rollout of one text to a fleet.
struct Fleet {
    loopback: Loopback,
    plan: Plan,
    names: Vec<RepositoryName>,
    after: &'static str,
    clock: TestClock,
    folder: tempfile::TempDir,
}

impl Fleet {
    fn new(kind: Kind, size: usize, plan: serde_json::Value) -> Self {
        let one = |number: usize| {
            (format!("acme/r{number:04}"), Repository::new(&[(".claude/settings.json", BEFORE)]))
        };
        Self {
            loopback: Loopback::start(kind, (0..size).map(one)),
            plan: Plan::new(serde_json::from_value(plan).unwrap()).unwrap(),
            names: (0..size).map(|number| name(&format!("acme/r{number:04}"))).collect(),
            after: AFTER,
            clock: TestClock::default(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("rollout.log")
    }

    /// What is to be changed where: the settings are to say `after`.
    fn members(&self, forge: &dyn Forge) -> Result<Vec<Member>, Error> {
        let mut members = Vec::new();
        let settings = RepoPath::new(".claude/settings.json").unwrap();
        forge.read(&self.names, &[], &|_| None, &mut |name, reading| {
            let wanted = match reading {
                Reading::Read(snapshot) => match snapshot.read(&settings) {
                    Content::Text(text) if text == self.after => Wanted::Nothing,
                    Content::Text(text) => {
                        let after = Some(self.after.to_owned());
                        let change = FileChange { path: settings.clone(), before: Some(text), after };
                        let files = Writing::of_plan(&[change], &snapshot).unwrap();
                        Wanted::Change(Box::new(Patch { base: Base::of(&snapshot), files }))
                    }
                    other => Wanted::Unknown(format!("{other:?}")),
                },
                other => Wanted::Unknown(format!("{other:?}")),
            };
            // The number stands for a fact that selectors ask for.
            let facts = Facts::none().with("name", name.as_str());
            if let Some(ring) = self.plan.ring_of(name, &facts) {
                members.push(Member { name: name.clone(), ring, wanted });
            }
        })?;
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(members)
    }

    fn round(&self) -> Round {
        self.round_of(&|_| true)
    }

    fn round_of(&self, only: &dyn Fn(&RepositoryName) -> bool) -> Round {
        let forge = self.loopback.connect_with("token-of-a-test", self.clock.clone(), Told::default());
        let mut log = Log::open(&self.log_path()).unwrap();
        let members = self.members(&*forge).unwrap();
        self.rollout(&members, only).advance(&*forge, &mut log, &mut Silent).unwrap()
    }

    fn rollout<'a>(
        &'a self,
        members: &'a [Member],
        only: &'a dyn Fn(&RepositoryName) -> bool,
    ) -> Rollout<'a> {
        Rollout { plan: &self.plan, members, only, clock: &self.clock }
    }

    /// One round over a forge, by its outcome.
    fn advance(&self, forge: &dyn WritableForge) -> Result<Round, Error> {
        let mut log = Log::open(&self.log_path()).unwrap();
        let members = self.members(forge)?;
        self.rollout(&members, &|_| true).advance(forge, &mut log, &mut Silent)
    }

    fn each(&self, mut each: impl FnMut(usize, &mut Repository)) {
        for (number, name) in self.names.iter().enumerate() {
            self.loopback.change(name.as_str(), |repository| each(number, repository));
        }
    }

    /// How many requests are open.
    fn open(&self) -> usize {
        let mut open = 0;
        self.each(|_, repository| {
            open += repository.pulls.iter().filter(|pull| pull.state == "OPEN").count()
        });
        open
    }

    fn note(&self, did: Did) {
        Log::open(&self.log_path()).unwrap().add(self.clock.now(), None, did).unwrap();
    }
}

/// Gives every change the same words.
struct Silent;

impl Voice for Silent {
    fn words(&mut self, _: &Member) -> Result<Words, String> {
        Ok(Words {
            title: "Agent settings".into(),
            message: "Bring the agent settings in line".into(),
            body: "Why.".into(),
        })
    }

    fn tell(&mut self, _: &RepositoryName, _: &Did) {}
}

/// A clock of a process that dies, at a moment when it waits.
struct Mortal {
    clock: TestClock,
    is_dying: Arc<AtomicBool>,
}

impl Clock for Mortal {
    fn now(&self) -> u64 {
        self.clock.now()
    }

    fn wait(&self, time: Duration) {
        assert!(!self.is_dying.load(Ordering::SeqCst), "killed");
        self.clock.wait(time);
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// A thousand repositories, every twentieth call with a fault of some kind, and ten deaths at calls whose
/// answers are lost: each repository ends with exactly one request, finished.
#[test]
fn a_rollout_that_is_killed_ten_times_leaves_one_request_in_each_repository() {
    for (kind, size) in [(Kind::GitHub, 1000), (Kind::GitLab, 120)] {
        let request = json!({ "labels": ["policy"], "signedOff": "Ada <ada@acme.dev>" });
        let plan = json!({ "name": "sonnet", "rings": [{ "name": "all" }], "request": request });
        let fleet = Fleet::new(kind, size, plan);
        let is_dying = Arc::new(AtomicBool::new(false));
        let calls = Arc::new(AtomicUsize::new(0));
        let last = Arc::new(AtomicUsize::new(0));
        let (own_dying, own_calls, own_last) = (Arc::clone(&is_dying), Arc::clone(&calls), Arc::clone(&last));
        fleet.loopback.server.fail(move |_, _| {
            let number = own_calls.fetch_add(1, Ordering::SeqCst);
            if number == own_last.load(Ordering::SeqCst) {
                own_dying.store(true, Ordering::SeqCst);
            }
            if own_dying.load(Ordering::SeqCst) {
                return Some(if number % 2 == 0 { Fault::Lost } else { Fault::Reset });
            }
            let limit = json!({ "message": "You have exceeded a secondary rate limit." });
            // Twenty is no multiple of seven: all faults meet all calls.
            (number % 20 == 13).then(|| match number % 7 {
                0 => Fault::Instead(Answer::json(429, &json!({})).with("retry-after", "3")),
                1 => Fault::Instead(Answer::json(403, &limit)),
                2 => Fault::Instead(Answer::json(502, &json!({}))),
                3 => Fault::Reset,
                4 => Fault::Lost,
                5 => Fault::LostBehind(504),
                _ => Fault::Twice,
            })
        });
        let mut deaths = 0;
        loop {
            // Ten deaths, at calls further and further into a round; then none.
            let step = if kind == Kind::GitHub { 97 } else { 41 };
            let death =
                if deaths < 10 { calls.load(Ordering::SeqCst) + 60 + deaths * step } else { usize::MAX };
            last.store(death, Ordering::SeqCst);
            let lived = catch_unwind(AssertUnwindSafe(|| {
                let clock = Mortal { clock: fleet.clock.clone(), is_dying: Arc::clone(&is_dying) };
                let forge = fleet.loopback.connect_with("token-of-a-test", clock, Told::default());
                fleet.advance(&*forge).unwrap()
            }));
            match lived {
                Ok(_) => break,
                Err(panic) => {
                    let has_died = is_dying.swap(false, Ordering::SeqCst);
                    if !has_died {
                        resume_unwind(panic);
                    }
                    deaths += 1;
                }
            }
        }
        assert_eq!(deaths, 10);
        fleet.each(|number, repository| {
            let [pull] = &repository.pulls[..] else { panic!("{number}: {:?}", repository.pulls) };
            assert_eq!((pull.state, &pull.labels[..]), ("OPEN", &["policy".to_owned()][..]), "{number}");
            assert_eq!(repository.opened, 1);
            assert_eq!(repository.files("bylaws/sonnet")[".claude/settings.json"].1, AFTER);
        });
        fleet.loopback.server.fail(|_, _| None);
        let after = fleet.round();
        assert!(after.done.is_empty() && after.holds.is_empty(), "{:?} {:?}", after.done, after.holds);
        assert!(after.stages.iter().all(|stage| matches!(stage, Stage::Open(_))));
    }
}

#[test]
fn rings_go_one_after_the_other() {
    let rings = json!([
        { "name": "canary", "when": { "name": ["acme/r0000", "acme/r0001", "acme/r0002"] }, "settled": 60 },
        { "name": "rest" },
    ]);
    let fleet = Fleet::new(Kind::GitHub, 12, json!({ "name": "x", "rings": rings }));
    let round = fleet.round();
    assert_eq!(fleet.open(), 3);
    let hold = Hold::Ring { ring: "canary".into(), settled: 0, of: 3, share: 60 };
    assert_eq!(round.holds, [hold]);
    fleet.loopback.change("acme/r0000", Repository::merge);
    assert_eq!(fleet.round().done, []);
    fleet.loopback.change("acme/r0001", Repository::merge);
    assert_eq!(fleet.round().done.len(), 9);
    assert_eq!(fleet.open(), 10);
    assert_eq!(fleet.round().stages[0], Stage::Merged);
}

#[test]
fn no_more_are_opened_in_an_hour_nor_open_at_once_than_may_be() {
    let plan = json!({ "name": "x", "rings": [{ "name": "all" }], "perHour": 4, "maxOpen": 6 });
    let fleet = Fleet::new(Kind::GitHub, 12, plan);
    let start = fleet.clock.now();
    let round = fleet.round();
    assert_eq!((fleet.open(), &round.holds[..]), (4, &[Hold::Pace { per_hour: 4, next: start + 3600 }][..]));
    fleet.clock.wait(Duration::from_secs(3599));
    assert_eq!(fleet.round().done, []);
    fleet.clock.wait(Duration::from_secs(1));
    let round = fleet.round();
    assert_eq!((fleet.open(), &round.holds[..]), (6, &[Hold::MaxOpen(6)][..]));
    fleet.loopback.change("acme/r0000", Repository::merge);
    assert_eq!(fleet.round().done.len(), 1);
    assert_eq!(fleet.open(), 6);
}

#[test]
fn a_ring_that_fails_too_often_halts_the_rollout_until_it_is_mended() {
    let rings = json!([{ "name": "half", "when": { "name": "acme/r000*" } }, { "name": "rest" }]);
    let plan = json!({ "name": "x", "rings": rings, "haltAbove": 20, "maxOpen": 9 });
    let fleet = Fleet::new(Kind::GitHub, 12, plan);
    assert_eq!(fleet.round().done.len(), 9);
    fleet.each(|number, repository| match number {
        0 | 1 => repository.pulls[0].checks = Some("FAILURE"),
        2 => repository.pulls[0].state = "CLOSED",
        _ => {}
    });
    let round = fleet.round();
    let hold = Hold::Halted { ring: "half".into(), failed: 3, of: 10, limit: 20 };
    assert_eq!((&round.done[..], &round.holds[..]), (&[][..], &[hold][..]));
    assert_eq!(round.stages[2], Stage::Declined);
    let told = round.holds[0].to_string();
    assert!(told.starts_with("halted: in ring `half`, 3 of 10 requests fail"), "{told}");
    fleet.loopback.change("acme/r0001", |repository| repository.pulls[0].checks = Some("SUCCESS"));
    assert_eq!(fleet.round().done.len(), 1, "the tenth of the ring");
}

#[test]
fn a_pause_holds_everything_and_only_some_names_hold_the_others() {
    let fleet = Fleet::new(Kind::GitLab, 6, json!({ "name": "x", "rings": [{ "name": "all" }] }));
    fleet.note(Did::Paused { why: "a freeze".into() });
    let round = fleet.round();
    assert_eq!((&round.done[..], &round.holds[..]), (&[][..], &[Hold::Paused("a freeze".into())][..]));
    fleet.note(Did::Resumed);
    fleet.round_of(&|name| name.as_str() == "acme/r0004");
    assert_eq!(fleet.open(), 1);
    fleet.loopback.change("acme/r0004", |repository| assert_eq!(repository.pulls.len(), 1));
}

#[test]
fn what_becomes_unnecessary_is_closed_and_what_people_closed_stays_closed() {
    for kind in [Kind::GitHub, Kind::GitLab] {
        let mut fleet = Fleet::new(kind, 4, json!({ "name": "x", "rings": [{ "name": "all" }] }));
        fleet.round();
        fleet.each(|number, repository| match number {
            // The same change comes another way.
            0 => {
                let mut files = repository.files("main");
                files.insert(".claude/settings.json".into(), (0o100_644, AFTER.into()));
                repository.commit("main", files, "By hand");
            }
            1 => repository.pulls[0].state = "CLOSED",
            2 => repository.merge(),
            _ => {}
        });
        let round = fleet.round();
        assert_eq!(round.done, [(fleet.names[0].clone(), Did::Withdrew { request: Some(1) })]);
        assert_eq!(
            round.stages,
            [Stage::Unneeded, Stage::Declined, Stage::Merged, Stage::Open(bylaws::forge::Checks::None)]
        );
        // Another change is another question: it is asked even of whoever declined the first.
        fleet.after = "{\"model\": \"haiku\"}\n";
        assert_eq!(fleet.round().done.len(), 4);
        let mut counts = Vec::new();
        fleet.each(|_, repository| {
            assert_eq!(repository.pulls.last().unwrap().state, "OPEN");
            counts.push(repository.opened);
        });
        assert_eq!(counts, [2, 2, 2, 1]);
        fleet.loopback.hold_against_published();
    }
}

#[test]
fn one_repository_that_refuses_keeps_no_other_from_it_and_all_refusing_ends_the_round() {
    let fleet = Fleet::new(Kind::GitHub, 30, json!({ "name": "x", "rings": [{ "name": "all" }] }));
    fleet.loopback.server.fail(|_, asked| {
        let message = json!({ "message": "Resource not accessible by integration" });
        let is_refused = asked.path.contains("/r0003/");
        is_refused.then(|| Fault::Instead(Answer::json(403, &message)))
    });
    let round = fleet.round();
    assert_eq!(fleet.open(), 29);
    let failed: Vec<&(RepositoryName, Did)> =
        round.done.iter().filter(|(_, did)| matches!(did, Did::Failed { .. })).collect();
    let [(failed, Did::Failed { why })] = &failed[..] else { panic!("{failed:?}") };
    assert_eq!(failed.as_str(), "acme/r0003");
    assert!(why.contains("Resource not accessible by integration"), "{why}");

    let fleet = Fleet::new(Kind::GitHub, 30, json!({ "name": "x", "rings": [{ "name": "all" }] }));
    fleet.loopback.server.fail(|_, asked| {
        asked.path.contains("/git/trees").then(|| Fault::Instead(Answer::json(403, &json!({}))))
    });
    let (forge, ..) = fleet.loopback.connect();
    let error = fleet.advance(&*forge).unwrap_err();
    assert!(matches!(error, Error::Failing(_)), "{error}");
    let asked = fleet.loopback.server.asked();
    assert_eq!(asked.iter().filter(|asked| asked.path.contains("/git/trees")).count(), 10);
}

#[test]
fn looking_writes_nothing() {
    let fleet = Fleet::new(Kind::GitHub, 3, json!({ "name": "x", "rings": [{ "name": "all" }] }));
    let (forge, ..) = fleet.loopback.connect();
    let log = Log::open(&fleet.log_path()).unwrap();
    let members = fleet.members(&*forge).unwrap();
    let looked = fleet.rollout(&members, &|_| true).look(&*forge, log.past()).unwrap();
    assert!(looked.iter().all(|looked| looked.stage == Stage::Waiting));
    let asked = fleet.loopback.server.asked();
    assert!(asked.iter().all(|asked| asked.path == "/api/graphql" && !asked.body.contains("mutation")));
}
