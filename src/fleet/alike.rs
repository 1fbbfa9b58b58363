//! Repositories that are alike: what a check looks at in them is the same, whatever else they hold.
//!
//! Which files a check looks for is known from those that a walk comes upon and what stands in them. So two
//! repositories in which a walk comes upon the same files with the same contents are looked through in the same way;
//! where the further files that the first look met are the same as well, so is the verdict.
//!
//! INVARIANT: repositories with links among these files, or with more files than are looked at, are like no other.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Member, Verdict};
use crate::git::{Commit, ContentId, Repository};
use crate::path::RepoPath;
use crate::project::Found;
use crate::repository::{Checked, InForce};

/// What two repositories have in common.
type Likeness = [u8; 32];

/// The verdicts of this run by what was looked at.
#[derive(Default)]
pub(super) struct Alike {
    /// The files beside those that a walk comes upon.
    further: Mutex<HashMap<Likeness, Arc<BTreeSet<RepoPath>>>>,
    verdicts: Mutex<HashMap<Likeness, Arc<Verdict>>>,
}

/// A commit, and what a walk through it came upon.
pub(super) struct Walked<'a> {
    pub(super) repository: &'a Repository,
    pub(super) commit: Commit,
    pub(super) found: &'a Found,
}

impl Alike {
    /// What tells a repository from those that a walk finds different; none where it is like no other.
    pub(super) fn first_look(
        policy: &InForce,
        name_in_locks: Option<&str>,
        member: &Member,
        walked: &Walked<'_>,
    ) -> Option<Likeness> {
        let found = walked.found;
        if found.is_cut() {
            return None;
        }
        let ids = walked.repository.ids(walked.commit, found.files())?;
        let asked = policy.asked(&member.facts);
        let facts: Vec<(&str, &[String])> = asked.iter().collect();
        let projects = found.projects();
        let projects: Vec<&str> = projects.iter().map(RepoPath::as_str).collect();
        Some(digest(&json!([name_in_locks, facts, projects]).to_string(), &ids))
    }

    /// The verdict on a repository that is alike.
    pub(super) fn verdict(&self, first: &Likeness, walked: &Walked<'_>) -> Option<Arc<Verdict>> {
        let further =
            self.further.lock().unwrap_or_else(PoisonError::into_inner).get(first).map(Arc::clone)?;
        let second = second_look(first, &further, walked)?;
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner).get(&second).map(Arc::clone)
    }

    /// Takes note of the verdict on a repository.
    pub(super) fn note(
        &self,
        first: &Likeness,
        walked: &Walked<'_>,
        checked: &Checked,
        verdict: &Arc<Verdict>,
    ) {
        if !checked.is_whole {
            return;
        }
        let known: BTreeSet<&RepoPath> = walked.found.files().collect();
        let further = checked.looked_for.iter().filter(|path| !known.contains(path)).cloned();
        let further: Arc<BTreeSet<RepoPath>> = Arc::new(further.collect());
        let Some(second) = second_look(first, &further, walked) else { return };
        self.further.lock().unwrap_or_else(PoisonError::into_inner).insert(*first, further);
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.insert(second, Arc::clone(verdict));
    }
}

fn second_look(first: &Likeness, further: &BTreeSet<RepoPath>, walked: &Walked<'_>) -> Option<Likeness> {
    let ids = walked.repository.ids(walked.commit, further)?;
    let first: String = first.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(digest(&first, &ids))
}

fn digest(beside: &str, ids: &[(&RepoPath, Option<ContentId>)]) -> Likeness {
    let mut hash = Sha256::new();
    hash.update(beside);
    for (path, id) in ids {
        // No path holds the byte that ends it.
        hash.update(path.as_str());
        hash.update([0, u8::from(id.is_some())]);
        hash.update(id.as_ref().map_or(&[][..], ContentId::as_bytes));
    }
    hash.finalize().into()
}
