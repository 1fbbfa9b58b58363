//! Looking at all members in parallel.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::{Location, Member, Memory, Outcome, State, Verdict};
use crate::git::{self, Commit, Repository};
use crate::repository::{Checked, Checker, InForce};
use crate::source::Access;

/// How members are looked at.
pub struct Run<'a> {
    /// The check.
    pub checker: &'a Checker<'a>,
    /// The policy that it holds repositories against.
    pub policy: &'a InForce,
    /// How many members are looked at at a time.
    pub jobs: usize,
    /// How repositories elsewhere are brought here.
    pub access: &'a Access,
    /// What is remembered of earlier runs.
    pub memory: Option<&'a Memory>,
}

/// What keeps a run from starting.
#[derive(Debug, thiserror::Error)]
#[error("cannot start as many threads: {0}")]
pub struct NoThreads(#[from] rayon::ThreadPoolBuildError);

impl Run<'_> {
    /// Checks all members and gives the outcomes in their order. `done` is called for each that is done with, from
    /// any thread.
    pub fn check(&self, members: &[Member], done: impl Fn() + Sync) -> Result<Vec<Outcome>, NoThreads> {
        let verdicts = Verdicts::default();
        self.each(members, done, |member| {
            let (commit, verdict) = self.look(member, &verdicts);
            Outcome {
                name: member.name.clone(),
                location: member.location.to_string(),
                commit: commit.map(|commit| commit.to_string()),
                verdict,
            }
        })
    }

    /// Checks all members and gives what `take` makes of each, in their order. `done` is called as for
    /// [`Self::check`]. What is remembered is of no use here.
    pub fn map<T: Send>(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        take: impl Fn(&Member, Result<Checked, Verdict>) -> T + Sync,
    ) -> Result<Vec<T>, NoThreads> {
        self.each(members, done, |member| take(member, self.read(member)))
    }

    fn each<T: Send>(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
        work: impl Fn(&Member) -> T + Sync,
    ) -> Result<Vec<T>, NoThreads> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let each = |member: &Member| {
            let made = work(member);
            done();
            made
        };
        Ok(pool.install(|| members.par_iter().map(each).collect()))
    }

    /// Looks at one member, at what is remembered of it first. Whatever is wrong with it is a verdict.
    fn look(&self, member: &Member, verdicts: &Verdicts) -> (Option<Commit>, Arc<Verdict>) {
        match self.recall(member) {
            Ok(None) => {}
            Ok(Some((commit, known))) => return (Some(commit), known),
            Err(wrong) => return (None, verdicts.shared(wrong)),
        }
        let checked = match self.read(member) {
            Ok(checked) => checked,
            Err(wrong) => return (None, verdicts.shared(wrong)),
        };
        let verdict = verdicts.shared(Verdict::of(&checked));
        if let (Some(memory), Some(commit), true) = (self.memory, checked.commit, checked.is_whole) {
            let key = memory.key(self.policy, member, commit);
            memory.note(&member.location.to_string(), key, &verdict);
        }
        (checked.commit, verdict)
    }

    /// The verdict of an earlier run on the same commit: only references are read for it.
    fn recall(&self, member: &Member) -> Result<Option<(Commit, Arc<Verdict>)>, Verdict> {
        let Some(memory) = self.memory.filter(|_| !member.is_archived()) else { return Ok(None) };
        let commit = match &member.location {
            Location::Bare(path) => git::plain_head(path),
            Location::Url(url) if !self.access.offline => Some(self.access.cache.tip(url).map_err(wrong)?),
            _ => None,
        };
        let Some(commit) = commit else { return Ok(None) };
        let key = memory.key(self.policy, member, commit);
        Ok(memory.recall(&member.location.to_string(), key).map(|known| (commit, known)))
    }

    /// Checks one member. What keeps it from being checked is a verdict.
    fn read(&self, member: &Member) -> Result<Checked, Verdict> {
        if member.is_archived() {
            return Err(Verdict::unchecked(State::Archived, ""));
        }
        let unreachable = |why: String| Verdict::unchecked(State::Unreachable, why);
        let checked = match &member.location {
            Location::Unknown => return Err(unreachable("nothing says where it is".to_owned())),
            Location::WorkTree(path) => {
                let root = path.canonicalize();
                let root = root.map_err(|_| unreachable(format!("there is no `{}`", path.display())))?;
                self.checker.check_work_tree(&root, &member.facts)
            }
            Location::Bare(path) => {
                let repository = Repository::open_bare(path).map_err(wrong)?;
                let commit = repository.find(None).map_err(wrong)?;
                self.checker.check_commit(path, repository, commit, &member.facts)
            }
            Location::Url(url) => {
                let (repository, commit) = self.bring(url)?;
                self.checker.check_commit(Path::new(""), repository, commit, &member.facts)
            }
        };
        checked.map_err(|error| Verdict::unchecked(State::Unreadable, error.to_string()))
    }

    /// Brings the main branch of a repository elsewhere here, and of its files those that checks look at.
    fn bring(&self, url: &str) -> Result<(Repository, Commit), Verdict> {
        let cache = &self.access.cache;
        if self.access.offline {
            let why = "there is no copy of it here, and the network is not used";
            let missing = || Verdict::unchecked(State::Unreachable, why);
            let copy = cache.tip_copy(url).ok_or_else(missing)?;
            let commit = copy.find(None).map_err(wrong)?;
            return Ok((copy, commit));
        }
        let fresh = cache.fetch_tip(url).map_err(wrong)?;
        let commit = fresh.find(None).map_err(wrong)?;
        let found = fresh.discover(commit).map_err(wrong)?;
        fresh.fetch_files(commit, found.files()).map_err(wrong)?;
        Ok((fresh, commit))
    }
}

/// What an error of git says of a repository.
fn wrong(error: git::Error) -> Verdict {
    let state = match error {
        git::Error::Fetch { .. } | git::Error::NoGit(_) | git::Error::CacheFolder { .. } => {
            State::Unreachable
        }
        _ => State::Unreadable,
    };
    Verdict::unchecked(state, error.to_string())
}

/// Verdicts that are alike, kept once.
#[derive(Default)]
struct Verdicts(Mutex<HashSet<Arc<Verdict>>>);

impl Verdicts {
    fn shared(&self, verdict: Verdict) -> Arc<Verdict> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(&verdict) {
            return Arc::clone(same);
        }
        let fresh = Arc::new(verdict);
        known.insert(Arc::clone(&fresh));
        fresh
    }
}
