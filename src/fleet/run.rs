//! Checking all members in parallel.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::{Location, Member, Memory, Outcome, State, Verdict};
use crate::git::{self, Commit, Repository};
use crate::repository::{self, Checked, Checker, InForce};

/// How members are checked.
pub struct Run<'a> {
    /// The check.
    pub checker: &'a Checker<'a>,
    /// The policy that it holds repositories against.
    pub policy: &'a InForce,
    /// How many members are looked at at a time.
    pub jobs: usize,
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
    fn look(&self, member: &Member, verdicts: &Verdicts) -> (Option<Commit>, Arc<Verdict>) {
        let alone = |state, message: String| (None, verdicts.shared(Verdict::unchecked(state, message)));
        if member.is_archived() {
            return alone(State::Archived, String::new());
        }
        match &member.location {
            Location::Bare(path) => self.look_at_bare(member, path, verdicts),
            Location::WorkTree(path) => match path.canonicalize() {
                Ok(root) => {
                    let checked = self.checker.check_work_tree(&root, &member.facts);
                    (None, verdicts.shared(verdict(&checked)))
                }
                Err(_) => alone(State::Unreachable, format!("there is no `{}`", path.display())),
            },
            Location::Url(_) | Location::Unknown => {
                alone(State::Unreachable, "nothing says where it is".to_owned())
            }
        }
    }

    fn look_at_bare(
        &self,
        member: &Member,
        path: &Path,
        verdicts: &Verdicts,
    ) -> (Option<Commit>, Arc<Verdict>) {
        let place = path.to_string_lossy();
        let key = |commit| self.memory.map(|memory| (memory, memory.key(self.policy, member, commit)));
        // A repository that did not change is not even opened.
        if let Some(commit) = git::plain_head(path)
            && let Some((memory, key)) = key(commit)
            && let Some(known) = memory.recall(&place, key)
        {
            return (Some(commit), known);
        }
        let opened = Repository::open_bare(path).and_then(|repository| {
            let commit = repository.find(None)?;
            Ok((repository, commit))
        });
        let (repository, commit) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                return (None, verdicts.shared(Verdict::unchecked(State::Unreadable, error.to_string())));
            }
        };
        let checked = self.checker.check_commit(path, repository, commit, &member.facts);
        let verdict = verdicts.shared(verdict(&checked));
        if checked.is_ok_and(|checked| checked.is_whole)
            && let Some((memory, key)) = key(commit)
        {
            memory.note(&place, key, &verdict);
        }
        (Some(commit), verdict)
    }
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

fn verdict(checked: &Result<Checked, repository::Error>) -> Verdict {
    match checked {
        Ok(checked) => Verdict::of(checked),
        Err(error) => Verdict::unchecked(State::Unreadable, error.to_string()),
    }
}
