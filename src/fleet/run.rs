//! Checking all members in parallel.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::{Location, Member, Outcome, State, Verdict};
use crate::git::{self, Repository};
use crate::repository::{self, Checked, Checker};

/// Checks all members with as many threads as `jobs` says, and gives the outcomes in their order. `done` is called
/// for each that is done with, from any thread.
pub fn check(
    checker: &Checker<'_>,
    members: &[Member],
    jobs: usize,
    done: impl Fn() + Sync,
) -> Result<Vec<Outcome>, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
    let verdicts = Verdicts::default();
    let outcome = |member: &Member| {
        let (commit, verdict) = look(checker, member);
        done();
        Outcome {
            name: member.name.clone(),
            location: member.location.to_string(),
            commit: commit.map(|commit| commit.to_string()),
            verdict: verdicts.shared(verdict),
        }
    };
    Ok(pool.install(|| members.par_iter().map(outcome).collect()))
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

/// Looks at one member. Whatever is wrong with it is a verdict.
fn look(checker: &Checker<'_>, member: &Member) -> (Option<git::Commit>, Verdict) {
    if member.is_archived() {
        return (None, Verdict::unchecked(State::Archived, ""));
    }
    match &member.location {
        Location::Bare(path) => look_at_bare(checker, member, path),
        Location::WorkTree(path) => {
            let Ok(root) = path.canonicalize() else {
                let message = format!("there is no `{}`", path.display());
                return (None, Verdict::unchecked(State::Unreachable, message));
            };
            (None, verdict(checker.check_work_tree(&root, &member.facts)))
        }
        Location::Url(_) | Location::Unknown => {
            let message = "nothing says where it is";
            (None, Verdict::unchecked(State::Unreachable, message))
        }
    }
}

fn look_at_bare(checker: &Checker<'_>, member: &Member, path: &Path) -> (Option<git::Commit>, Verdict) {
    let opened = Repository::open_bare(path).and_then(|repository| {
        let commit = repository.find(None)?;
        Ok((repository, commit))
    });
    match opened {
        Ok((repository, commit)) => {
            (Some(commit), verdict(checker.check_commit(path, repository, commit, &member.facts)))
        }
        Err(error) => (None, Verdict::unchecked(State::Unreadable, error.to_string())),
    }
}

fn verdict(checked: Result<Checked, repository::Error>) -> Verdict {
    match checked {
        Ok(checked) => Verdict::of(&checked),
        Err(error) => Verdict::unchecked(State::Unreadable, error.to_string()),
    }
}
