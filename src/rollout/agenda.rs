//! What may be done now: a pure function of where the members stand, the log and the time.

use super::log::Log;
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
pub fn agenda(
    plan: &Plan,
    members: &[Seen<'_>],
    only: &dyn Fn(&RepositoryName) -> bool,
    log: &Log,
    now: u64,
) -> Agenda {
    let mut agenda = Agenda::default();
    if let Some(why) = log.pause() {
        agenda.holds.push(Hold::Paused(why.to_owned()));
        return agenda;
    }
    let numbered = || members.iter().enumerate().filter(|(_, seen)| only(&seen.member.name));
    agenda.withdraw =
        numbered().filter(|(_, seen)| *seen.stage == Stage::Unneeded).map(|(number, _)| number).collect();
    let mut open = members.iter().filter(|seen| matches!(seen.stage, Stage::Open(_) | Stage::Stale)).count();
    let recent = log.began_since(now.saturating_sub(HOUR));
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
