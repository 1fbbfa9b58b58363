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

use crate::forge::{
    self, Change, Clock, Forge, Patch, RepositoryName, Request, RequestState, Standing, Unread, WritableForge,
};

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

/// What a change is called, and why it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The title of the request.
    pub title: String,
    /// The message of the commit.
    pub message: String,
    /// The text of the request, Markdown.
    pub body: String,
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

/// A rollout and its members.
#[derive(Clone, Copy)]
pub struct Rollout<'a> {
    /// How it goes.
    pub plan: &'a Plan,
    /// Who takes part.
    pub members: &'a [Member],
    /// The names that may be touched; the others count for rings and limits all the same.
    pub only: &'a dyn Fn(&RepositoryName) -> bool,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// Who gives a round its words, and hears of what it does.
pub trait Voice {
    /// The words for the change of a member that is about to be proposed; why there are none otherwise.
    fn words(&mut self, member: &Member) -> Result<Words, String>;

    /// Something was done.
    fn tell(&mut self, name: &RepositoryName, did: &Did);
}

impl Rollout<'_> {
    /// Looks where the members stand. Nothing is written.
    pub fn look(&self, forge: &dyn Forge, past: &Past) -> Result<Vec<Looked>, Error> {
        let names: Vec<RepositoryName> = self.members.iter().map(|member| member.name.clone()).collect();
        let mut standings: BTreeMap<RepositoryName, Result<Standing, Unread>> = BTreeMap::new();
        forge.look(&names, self.plan.branch(), &mut |name, standing| {
            standings.insert(name.clone(), standing);
        })?;
        let look = |member: &Member| {
            let standing = standings.remove(&member.name).unwrap_or(Err(Unread::Missing));
            let stage = stage(&member.wanted, &standing, past.is_unfinished(&member.name));
            Looked { standing, stage }
        };
        Ok(self.members.iter().map(look).collect())
    }

    /// What may be done now with members that were looked at.
    pub fn preview(&self, looked: &[Looked], past: &Past) -> Agenda {
        let seen: Vec<Seen<'_>> = self
            .members
            .iter()
            .zip(looked)
            .map(|(member, looked)| Seen {
                member,
                stage: &looked.stage,
                has_failed: past.has_failed(&member.name),
            })
            .collect();
        agenda(self.plan, &seen, self.only, past, self.clock.now())
    }

    /// Does what may be done now: looks, decides, and writes.
    pub fn advance(
        &self,
        forge: &dyn WritableForge,
        log: &mut Log,
        voice: &mut dyn Voice,
    ) -> Result<Round, Error> {
        let looked = self.look(forge, log.past())?;
        let agenda = self.preview(&looked, log.past());
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
                self.members.get(*number).zip(looked.get(*number))
            else {
                continue;
            };
            let done = if is_proposal {
                self.propose(forge, member, standing, log, voice, &mut round.notes)
            } else {
                self.withdraw(forge, member, standing)
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
            log.add(self.clock.now(), Some(&member.name), did.clone())?;
            voice.tell(&member.name, &did);
            round.done.push((member.name.clone(), did));
        }
        Ok(round)
    }

    fn propose(
        &self,
        forge: &dyn WritableForge,
        member: &Member,
        standing: &Standing,
        log: &mut Log,
        voice: &mut dyn Voice,
        notes: &mut Vec<String>,
    ) -> Result<Did, Error> {
        let Wanted::Change(patch) = &member.wanted else {
            return Ok(Did::Failed { why: "nothing is to be changed".to_owned() });
        };
        let change = match voice.words(member) {
            Ok(words) => change(self.plan, patch, words),
            Err(why) => return Ok(Did::Failed { why }),
        };
        // Noted before it is done: whoever is interrupted has used up the pace, and finishes it in the next
        // round.
        log.add(self.clock.now(), Some(&member.name), Did::Began { change: change.digest() })?;
        let proposed = forge.propose(&member.name, &change, standing)?;
        notes.extend(proposed.notes);
        Ok(Did::Proposed { request: proposed.request.number, url: proposed.request.url })
    }

    fn withdraw(
        &self,
        forge: &dyn WritableForge,
        member: &Member,
        standing: &Standing,
    ) -> Result<Did, Error> {
        forge.withdraw(&member.name, self.plan.branch(), standing)?;
        let open = standing.request.as_ref().filter(|request| request.state == RequestState::Open);
        Ok(Did::Withdrew { request: open.map(|request| request.number) })
    }
}

/// The change that a request of this rollout proposes.
fn change(plan: &Plan, patch: &Patch, words: Words) -> Change {
    let request = plan.request();
    Change {
        branch: plan.branch().to_owned(),
        patch: patch.clone(),
        message: words.message,
        signed_off: request.signed_off.clone(),
        title: words.title,
        body: words.body,
        labels: request.labels.clone(),
        reviewers: request.reviewers.clone(),
        team_reviewers: request.team_reviewers.clone(),
        is_draft: request.draft,
    }
}
