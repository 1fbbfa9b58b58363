//! What may be done now: a pure function of where the members stand, what was done and the time.

use super::log::Past;
use super::plan::{Plan, Ring};
use super::stage::Stage;
use super::{RepositoryName, Seen};
use crate::forge::Checks;

/// The seconds of an hour.
const HOUR: u64 = 60 * 60;

/// What may be done now, by the numbers of the members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// Requests to close, since nothing is to be changed any more.
    pub withdraw: Vec<usize>,
    /// Requests to open or renew, in order.
    pub propose: Vec<usize>,
    /// Why no more.
    pub holds: Vec<Hold>,
}

/// Why no more is done now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hold {
    /// Somebody paused it.
    #[error("the rollout is paused: {0}")]
    Paused(String),
    /// Too many of a ring failed.
    #[error(
        "halted: in ring `{ring}`, {failed} of {of} requests fail their checks or were closed unmerged, more than {limit} %"
    )]
    Halted {
        /// The ring.
        ring: String,
        /// Those that failed.
        failed: usize,
        /// Those of the ring that are or were to be changed.
        of: usize,
        /// The share in percent that may fail.
        limit: u8,
    },
    /// A ring is not settled yet.
    #[error(
        "ring `{ring}` goes first: {settled} of {of} requests are merged or closed, and the next begins at {share} %"
    )]
    Ring {
        /// The ring.
        ring: String,
        /// Those whose request is merged or closed.
        settled: usize,
        /// Those of the ring that are or were to be changed.
        of: usize,
        /// The share in percent that must be settled.
        share: u8,
    },
    /// As many are open as may be.
    #[error("{0} requests are open, as many as may be")]
    MaxOpen(u32),
    /// As many were opened or renewed in this hour as may be.
    #[error("{per_hour} requests were opened or renewed within an hour, as many as may be")]
    Pace {
        /// How many may be.
        per_hour: u32,
        /// When the next may be, in seconds since 1970.
        next: u64,
    },
}

/// How a ring stands.
#[derive(Debug, Default)]
struct Tally {
    /// Those that are or were to be changed.
    of: usize,
    failed: usize,
    settled: usize,
}

/// What may be done at `now`, in seconds since 1970. `only` are the names that may be touched.
pub(super) fn agenda(
    plan: &Plan,
    members: &[Seen<'_>],
    only: &dyn Fn(&RepositoryName) -> bool,
    past: &Past,
    now: u64,
) -> Agenda {
    let mut agenda = Agenda::default();
    if let Some(why) = past.pause() {
        agenda.holds.push(Hold::Paused(why.to_owned()));
        return agenda;
    }
    let numbered = || members.iter().enumerate().filter(|(_, seen)| only(&seen.member.name));
    agenda.withdraw =
        numbered().filter(|(_, seen)| *seen.stage == Stage::Unneeded).map(|(number, _)| number).collect();
    let mut open = members.iter().filter(|seen| matches!(seen.stage, Stage::Open(_) | Stage::Stale)).count();
    let recent = past.began_since(now.saturating_sub(HOUR));
    for (number, ring) in plan.rings().iter().enumerate() {
        let tally = tally(members.iter().filter(|seen| seen.member.ring == number));
        if let Some(hold) = halt(plan, ring, &tally) {
            agenda.holds.push(hold);
            return agenda;
        }
        for (number, seen) in numbered().filter(|(_, seen)| seen.member.ring == number) {
            if !matches!(seen.stage, Stage::Waiting | Stage::Stale) {
                continue;
            }
            if let Some(per_hour) = plan.per_hour()
                && recent.len() + agenda.propose.len() >= per_hour as usize
            {
                // Once the oldest of those that count is an hour old, the next may be.
                let oldest = recent.iter().rev().nth((per_hour as usize).saturating_sub(1));
                let next = oldest.or(recent.first()).map_or(now, |at| *at) + HOUR;
                agenda.holds.push(Hold::Pace { per_hour, next });
                return agenda;
            }
            if *seen.stage == Stage::Waiting {
                if let Some(most) = plan.max_open()
                    && open >= most as usize
                {
                    agenda.holds.push(Hold::MaxOpen(most));
                    return agenda;
                }
                open += 1;
            }
            agenda.propose.push(number);
        }
        let is_last = number + 1 == plan.rings().len();
        if !is_last && tally.settled * 100 < usize::from(ring.settled) * tally.of {
            let Tally { of, settled, .. } = tally;
            agenda.holds.push(Hold::Ring { ring: ring.name.clone(), settled, of, share: ring.settled });
            return agenda;
        }
    }
    agenda
}

/// Counts how a ring stands. What is held, what was in line from the start and what cannot be changed
/// counts neither for it nor against it.
fn tally<'a>(members: impl Iterator<Item = &'a Seen<'a>>) -> Tally {
    let mut tally = Tally::default();
    for seen in members {
        let (is_failed, is_settled) = match seen.stage {
            Stage::InLine | Stage::Unneeded | Stage::Held(_) => continue,
            Stage::Waiting if seen.has_failed => continue,
            Stage::Waiting | Stage::Stale => (false, false),
            Stage::Open(checks) => (*checks == Checks::Failing, false),
            Stage::Merged => (false, true),
            Stage::Declined => (true, true),
        };
        tally.of += 1;
        tally.failed += usize::from(is_failed);
        tally.settled += usize::from(is_settled);
    }
    tally
}

fn halt(plan: &Plan, ring: &Ring, tally: &Tally) -> Option<Hold> {
    let limit = plan.halt_above()?;
    let Tally { of, failed, .. } = *tally;
    let is_above = failed * 100 > usize::from(limit) * of;
    is_above.then(|| Hold::Halted { ring: ring.name.clone(), failed, of, limit })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::log::{Did, Log};
    use super::super::stage::Wanted;
    use super::super::{Member, RolloutFile};
    use super::*;

    const NOW: u64 = 1_000_000;

    fn stages() -> impl Strategy<Value = Stage> {
        prop_oneof![
            Just(Stage::InLine),
            Just(Stage::Waiting),
            Just(Stage::Stale),
            Just(Stage::Open(Checks::Passing)),
            Just(Stage::Open(Checks::Failing)),
            Just(Stage::Unneeded),
            Just(Stage::Merged),
            Just(Stage::Declined),
            Just(Stage::Held("x".into())),
        ]
    }

    fn plan(per_hour: Option<u32>, max_open: Option<u32>, halt_above: Option<u8>) -> Plan {
        let rings = r#"[{"name": "a", "settled": 50}, {"name": "b"}, {"name": "c"}]"#;
        let file: RolloutFile =
            serde_json::from_str(&format!(r#"{{"name": "x", "rings": {rings}}}"#)).unwrap();
        Plan::new(RolloutFile { per_hour, max_open, halt_above, ..file }).unwrap()
    }

    proptest! {
        #[test]
        fn no_limit_is_ever_passed(
            members in prop::collection::vec((0..3usize, stages(), any::<bool>()), 0..40),
            per_hour in prop::option::of(1..8u32),
            max_open in prop::option::of(1..12u32),
            halt_above in prop::option::of(0..60u8),
            begun in prop::collection::vec(NOW - 2 * HOUR..NOW, 0..10),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let mut log = Log::open(&folder.path().join("log")).unwrap();
            for at in &begun {
                log.add(*at, None, Did::Began { change: String::new() }).unwrap();
            }
            let plan = plan(per_hour, max_open, halt_above);
            let member = |(number, (ring, ..)): (usize, &(usize, Stage, bool))| Member {
                name: RepositoryName::new(&format!("acme/r{number}")).unwrap(),
                ring: *ring,
                wanted: Wanted::Nothing,
            };
            let own: Vec<Member> = members.iter().enumerate().map(member).collect();
            let seen = own.iter().zip(&members).map(|(member, (_, stage, has_failed))| {
                Seen { member, stage, has_failed: *has_failed }
            });
            let seen: Vec<Seen<'_>> = seen.collect();
            let agenda = agenda(&plan, &seen, &|_| true, log.past(), NOW);
            let from_ring = |first: usize| {
                agenda.propose.iter().filter(|number| members[**number].0 >= first).count()
            };
            for number in &agenda.propose {
                prop_assert!(matches!(members[*number].1, Stage::Waiting | Stage::Stale));
            }
            for number in &agenda.withdraw {
                prop_assert_eq!(&members[*number].1, &Stage::Unneeded);
            }
            if let Some(per_hour) = per_hour {
                let recent = begun.iter().filter(|at| **at > NOW - HOUR).count();
                prop_assert!(agenda.propose.is_empty() || recent + agenda.propose.len() <= per_hour as usize);
                for hold in &agenda.holds {
                    if let Hold::Pace { next, .. } = hold {
                        let later = begun.iter().filter(|at| **at > next - HOUR).count();
                        prop_assert!(*next > NOW && later < per_hour as usize);
                    }
                }
            }
            if let Some(most) = max_open {
                let is_open = |stage: &Stage| matches!(stage, Stage::Open(_) | Stage::Stale);
                let open = members.iter().filter(|(_, stage, _)| is_open(stage)).count();
                let is_new = |number: &&usize| members[**number].1 == Stage::Waiting;
                let new = agenda.propose.iter().filter(is_new).count();
                prop_assert!(new == 0 || open + new <= most as usize);
            }
            for ring in 0..3 {
                let tally = tally(seen.iter().filter(|seen| seen.member.ring == ring));
                let has_halted = |limit: u8| tally.failed * 100 > usize::from(limit) * tally.of;
                if halt_above.is_some_and(has_halted) {
                    prop_assert_eq!(from_ring(ring), 0, "a ring that failed, and those behind");
                }
                let share = usize::from(plan.rings()[ring].settled);
                if tally.settled * 100 < share * tally.of {
                    prop_assert_eq!(from_ring(ring + 1), 0, "a ring that is not settled");
                }
            }
            // Whatever is left to do and not done has its reason.
            let is_left = |stage: &Stage| matches!(stage, Stage::Waiting | Stage::Stale);
            let left = members.iter().filter(|(_, stage, _)| is_left(stage)).count();
            prop_assert!(left == agenda.propose.len() || !agenda.holds.is_empty());
        }
    }
}
