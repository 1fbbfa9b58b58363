//! Bringing a change to many repositories, each by one request, ring after ring.
//!
//! The forge is the truth about requests: each round looks where they stand ([`Stage`]), decides from that
//! alone what may be done now ([`Agenda`], which writes nothing), and does it. Beside the forge only a
//! [`Log`] is kept, for the pace, for a pause, and for what was interrupted. Whoever is stopped at any
//! moment starts another round.
//!
//! INVARIANTS: a repository never has two requests of one rollout. A request that people closed is not
//! opened again with the same change. What cannot be seen is held, never taken for done.

mod agenda;
mod log;
mod plan;
mod stage;

pub use agenda::{Agenda, Hold};
pub use log::{Did, Log, LogError, Past};
pub use plan::{Plan, PlanError, RequestFile, Ring, RingFile, RolloutFile};
pub use stage::{Stage, Wanted, stage};

use std::collections::BTreeMap;

use agenda::agenda;

use crate::forge::{self, Clock, Forge, RepositoryName, Request, RequestState, Standing, Unread};

/// Most repositories in a row that fail before a round ends: what is wrong is then the forge or the token.
const MOST_FAILURES: usize = 10;

/// A repository that takes part.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name.
    pub name: RepositoryName,
    /// Its ring, by number.
    pub ring: usize,
    /// What is to be changed there.
    pub wanted: Wanted,
}

/// A member, and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The member.
    pub member: &'a Member,
    /// Where it stands.
    pub stage: &'a Stage,
    /// Whether the last attempt at it failed.
    pub has_failed: bool,
}

/// What ends a round early. What was done until then stands, and another round goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The forge.
    #[error(transparent)]
    Forge(#[from] forge::Error),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// One repository after the other failed.
    #[error("{MOST_FAILURES} repositories in a row failed, the last with: {0}")]
    Failing(forge::Error),
}

/// What a round came to.
#[derive(Debug)]
pub struct Round {
    /// Where the members stood when it began, in their order.
    pub stages: Vec<Stage>,
    /// What was done, in order.
    pub done: Vec<(RepositoryName, Did)>,
    /// What could not be had with requests, as reviewers who may not see the repository.
    pub notes: Vec<String>,
    /// Why no more was done.
    pub holds: Vec<Hold>,
}

/// Looks where the members stand. Nothing is written.
pub fn look(forge: &dyn Forge, plan: &Plan, members: &[Member], past: &Past) -> Result<Vec<Looked>, Error> {
    let names: Vec<RepositoryName> = members.iter().map(|member| member.name.clone()).collect();
    let mut standings: BTreeMap<RepositoryName, Result<Standing, Unread>> = BTreeMap::new();
    forge.look(&names, plan.branch(), &mut |name, standing| {
        standings.insert(name.clone(), standing);
    })?;
    let look = |member: &Member| {
        let standing = standings.remove(&member.name).unwrap_or(Err(Unread::Missing));
        let stage = stage(&member.wanted, &standing, past.is_unfinished(&member.name));
        Looked { standing, stage }
    };
    Ok(members.iter().map(look).collect())
}

/// What a look at one member found.
#[derive(Debug, Clone)]
pub struct Looked {
    standing: Result<Standing, Unread>,
    /// Where it stands.
    pub stage: Stage,
}

impl Looked {
    /// Its newest request.
    pub fn request(&self) -> Option<&Request> {
        self.standing.as_ref().ok()?.request.as_ref()
    }
}

/// What may be done now with members that were looked at. `only` are the names that may be touched, `now` is in
/// seconds since 1970.
pub fn preview(
    plan: &Plan,
    members: &[Member],
    looked: &[Looked],
    only: &dyn Fn(&RepositoryName) -> bool,
    past: &Past,
    now: u64,
) -> Agenda {
    let seen: Vec<Seen<'_>> = members
        .iter()
        .zip(looked)
        .map(|(member, looked)| Seen {
            member,
            stage: &looked.stage,
            has_failed: past.has_failed(&member.name),
        })
        .collect();
    agenda(plan, &seen, only, past, now)
}

/// Does what may be done now: looks, decides, and writes. `only` are the names that are touched; the others
/// count for rings and limits all the same. `tell` is told of each thing once it is done.
pub fn advance(
    forge: &dyn Forge,
    plan: &Plan,
    members: &[Member],
    only: &dyn Fn(&RepositoryName) -> bool,
    log: &mut Log,
    clock: &dyn Clock,
    tell: &mut dyn FnMut(&RepositoryName, &Did),
) -> Result<Round, Error> {
    let looked = look(forge, plan, members, log.past())?;
    let agenda = preview(plan, members, &looked, only, log.past(), clock.now());
    let mut round = Round {
        stages: looked.iter().map(|looked| looked.stage.clone()).collect(),
        done: Vec::new(),
        notes: Vec::new(),
        holds: agenda.holds,
    };
    let mut failures = 0;
    let withdrawals = agenda.withdraw.iter().map(|number| (number, false));
    for (number, is_proposal) in withdrawals.chain(agenda.propose.iter().map(|number| (number, true))) {
        let Some((member, Looked { standing: Ok(standing), .. })) =
            members.get(*number).zip(looked.get(*number))
        else {
            continue;
        };
        let done = if is_proposal {
            propose(forge, member, standing, log, clock, &mut round.notes)
        } else {
            withdraw(forge, plan, member, standing)
        };
        let did = match done {
            Ok(did) => {
                failures = 0;
                did
            }
            Err(Error::Forge(error)) if error.is_of_one_repository() => {
                failures += 1;
                if failures == MOST_FAILURES {
                    return Err(Error::Failing(error));
                }
                Did::Failed { why: error.to_string() }
            }
            Err(error) => return Err(error),
        };
        log.add(clock.now(), Some(&member.name), did.clone())?;
        tell(&member.name, &did);
        round.done.push((member.name.clone(), did));
    }
    Ok(round)
}

fn propose(
    forge: &dyn Forge,
    member: &Member,
    standing: &Standing,
    log: &mut Log,
    clock: &dyn Clock,
    notes: &mut Vec<String>,
) -> Result<Did, Error> {
    let Wanted::Change(change) = &member.wanted else {
        return Ok(Did::Failed { why: "nothing is to be changed".to_owned() });
    };
    // Noted before it is done: whoever is interrupted has used up the pace, and finishes it in the next
    // round.
    log.add(clock.now(), Some(&member.name), Did::Began { change: change.digest() })?;
    let proposed = forge.propose(&member.name, change, standing)?;
    notes.extend(proposed.notes);
    Ok(Did::Proposed { request: proposed.request.number, url: proposed.request.url })
}

fn withdraw(forge: &dyn Forge, plan: &Plan, member: &Member, standing: &Standing) -> Result<Did, Error> {
    forge.withdraw(&member.name, plan.branch(), standing)?;
    let open = standing.request.as_ref().filter(|request| request.state == RequestState::Open);
    Ok(Did::Withdrew { request: open.map(|request| request.number) })
}
