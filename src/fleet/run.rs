//! Checking all members in parallel.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::{Location, Member, Memory, Outcome, State, Verdict};
use crate::git::{self, Commit, Repository};
use crate::repository::{self, Checked, Checker, InForce};
use crate::source::Access;

/// The commit that was read, where there was one, and what became of it.
type Looked = (Option<Commit>, Arc<Verdict>);

/// How members are checked.
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

impl Run<'_> {
    /// Checks all members and gives the outcomes in their order. `done` is called for each that is done with, from
    /// any thread.
    pub fn check(
        &self,
        members: &[Member],
        done: impl Fn() + Sync,
    ) -> Result<Vec<Outcome>, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs).build()?;
        let verdicts = Verdicts::default();
        let outcome = |member: &Member| {
            let (commit, verdict) = self.look(member, &verdicts);
            done();
            Outcome {
                name: member.name.clone(),
                location: member.location.to_string(),
                commit: commit.map(|commit| commit.to_string()),
                verdict,
            }
        };
        Ok(pool.install(|| members.par_iter().map(outcome).collect()))
    }

    /// Looks at one member. Whatever is wrong with it is a verdict.
    fn look(&self, member: &Member, verdicts: &Verdicts) -> Looked {
        if member.is_archived() {
            return (None, verdicts.alone(State::Archived, ""));
        }
        match &member.location {
            Location::Bare(path) => self.look_at_bare(member, path, verdicts),
            Location::Url(url) => self.look_at_remote(member, url, verdicts),
            Location::WorkTree(path) => {
                let Ok(root) = path.canonicalize() else {
                    let why = format!("there is no `{}`", path.display());
                    return (None, verdicts.alone(State::Unreachable, why));
                };
                (None, verdicts.shared(verdict(&self.checker.check_work_tree(&root, &member.facts))))
            }
            Location::Unknown => (None, verdicts.alone(State::Unreachable, "nothing says where it is")),
        }
    }

    fn look_at_bare(&self, member: &Member, path: &Path, verdicts: &Verdicts) -> Looked {
        if let Some(known) = git::plain_head(path).and_then(|commit| self.recall(member, commit)) {
            return known;
        }
        match Repository::open_bare(path) {
            Ok(repository) => self.look_at_commit(member, path, repository, verdicts),
            Err(error) => (None, verdicts.alone(State::Unreadable, error)),
        }
    }

    /// Looks at a repository elsewhere: its main branch is asked for, and fetched where it is not known.
    fn look_at_remote(&self, member: &Member, url: &str, verdicts: &Verdicts) -> Looked {
        let cache = &self.access.cache;
        let repository = if self.access.offline {
            match cache.tip_copy(url) {
                Some(copy) => copy,
                None => {
                    let why = "there is no copy of it here, and the network is not used";
                    return (None, verdicts.alone(State::Unreachable, why));
                }
            }
        } else {
            match cache.tip(url) {
                Ok(commit) => match self.recall(member, commit) {
                    Some(known) => return known,
                    None => match cache.fetch_tip(url) {
                        Ok(fresh) => fresh,
                        Err(error) => return (None, verdicts.alone(State::Unreachable, error)),
                    },
                },
                Err(error @ git::Error::Unborn { .. }) => {
                    return (None, verdicts.alone(State::Unreadable, error));
                }
                Err(error) => return (None, verdicts.alone(State::Unreachable, error)),
            }
        };
        self.look_at_commit(member, Path::new(""), repository, verdicts)
    }

    /// Looks at the commit of the current branch.
    fn look_at_commit(
        &self,
        member: &Member,
        root: &Path,
        repository: Repository,
        verdicts: &Verdicts,
    ) -> Looked {
        let commit = match repository.find(None).and_then(|commit| self.bring_files(&repository, commit)) {
            Ok(commit) => commit,
            Err(error) => return (None, verdicts.alone(State::Unreadable, error)),
        };
        let checked = self.checker.check_commit(root, repository, commit, &member.facts);
        let verdict = verdicts.shared(verdict(&checked));
        if checked.is_ok_and(|checked| checked.is_whole)
            && let Some(memory) = self.memory
        {
            let key = memory.key(self.policy, member, commit);
            memory.note(&member.location.to_string(), key, &verdict);
        }
        (Some(commit), verdict)
    }

    /// Fetches the files that checks look at together, where they are elsewhere.
    fn bring_files(&self, repository: &Repository, commit: Commit) -> Result<Commit, git::Error> {
        if !self.access.offline && repository.is_partial() {
            let found = repository.discover(commit)?;
            repository.fetch_files(commit, found.files())?;
        }
        Ok(commit)
    }

    /// The verdict of an earlier run: a repository that did not change is not even opened.
    fn recall(&self, member: &Member, commit: Commit) -> Option<Looked> {
        let memory = self.memory?;
        let key = memory.key(self.policy, member, commit);
        memory.recall(&member.location.to_string(), key).map(|known| (Some(commit), known))
    }
}

/// Verdicts that are alike, kept once.
#[derive(Default)]
struct Verdicts(Mutex<HashSet<Arc<Verdict>>>);

impl Verdicts {
    /// A verdict on a repository that was not checked.
    fn alone(&self, state: State, why: impl fmt::Display) -> Arc<Verdict> {
        self.shared(Verdict::unchecked(state, why.to_string()))
    }

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

fn verdict(checked: &Result<Checked, repository::Error>) -> Verdict {
    match checked {
        Ok(checked) => Verdict::of(checked),
        Err(error) => Verdict::unchecked(State::Unreadable, error.to_string()),
    }
}
