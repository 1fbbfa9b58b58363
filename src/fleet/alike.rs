//! Repositories that are alike: what a check looks at in them is the same, whatever else they hold.
//!
//! Which files a check looks for is known from those that a walk comes upon and what stands in them. So two
//! repositories in which a walk comes upon the same files with the same contents are looked through in the same way;
//! where the further files that the first look met are the same as well, so is all that is made of them. Of a commit the
//! contents are told by their ids, without reading them. Of a work tree they are read: a look at one that was checked
//! goes by what the check itself read, since files may change in between.
//!
//! INVARIANT: commits with links among these files, work trees with personal settings (whether git tracks them stands in
//! no file), and repositories with more files than are looked at, are like no other.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Member;
use crate::files;
use crate::git::{Commit, Repository};
use crate::path::RepoPath;
use crate::project::Found;
use crate::repository::{Checked, InForce};

/// Most sets of further files that are kept for repositories in which a walk comes upon the same.
const MAX_SETS: usize = 8;

/// What two repositories have in common.
type Likeness = [u8; 32];

/// Sets of files, in the order in which they were met.
type Sets = Vec<Arc<BTreeSet<RepoPath>>>;

/// What was made of repositories in this run, by what was looked at.
pub(super) struct Alike<T> {
    /// The files beside those that a walk comes upon.
    further: Mutex<HashMap<Likeness, Sets>>,
    made: Mutex<HashMap<Likeness, T>>,
}

impl<T> Default for Alike<T> {
    fn default() -> Self {
        Self { further: Mutex::default(), made: Mutex::default() }
    }
}

/// Where a repository was walked through, and what the walk came upon.
pub(super) struct Walked<'a> {
    pub(super) place: Place<'a>,
    pub(super) found: &'a Found,
}

/// Where the files of a repository are.
pub(super) enum Place<'a> {
    Commit(&'a Repository, Commit),
    /// Its root, links resolved.
    WorkTree(&'a Path),
}

impl<T: Clone> Alike<T> {
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
        let ids = match walked.place {
            Place::Commit(..) => walked.contents(found.files())?,
            Place::WorkTree(_) if !found.local_settings().is_empty() => return None,
            Place::WorkTree(_) => found.files().map(|path| (path, Some(Vec::new()))).collect(),
        };
        let asked = policy.asked(&member.facts);
        let facts: Vec<(&str, &[String])> = asked.iter().collect();
        let projects = found.projects();
        let projects: Vec<&str> = projects.iter().map(RepoPath::as_str).collect();
        let is_commit = matches!(walked.place, Place::Commit(..));
        Some(digest(&json!([is_commit, name_in_locks, facts, projects]).to_string(), ids))
    }

    /// What was made of a repository that is alike.
    pub(super) fn known(&self, first: &Likeness, walked: &Walked<'_>) -> Option<T> {
        let sets = self.further.lock().unwrap_or_else(PoisonError::into_inner).get(first)?.clone();
        sets.iter().find_map(|further| {
            let second = second_look(first, walked.contents(further.iter())?);
            self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&second).cloned()
        })
    }

    /// Takes note of what was made of a repository.
    pub(super) fn note(&self, first: &Likeness, walked: &Walked<'_>, checked: &Checked, made: &T) {
        if !checked.is_whole {
            return;
        }
        let (further, second) = match walked.place {
            Place::Commit(..) => {
                let known: BTreeSet<&RepoPath> = walked.found.files().collect();
                let further = checked.looked_for.keys().filter(|path| !known.contains(path)).cloned();
                let further: BTreeSet<RepoPath> = further.collect();
                let Some(contents) = walked.contents(further.iter()) else { return };
                let second = second_look(first, contents);
                (further, second)
            }
            Place::WorkTree(_) => {
                let read = checked.looked_for.iter();
                let read = read.map(|(path, found)| Some((path, Some(found.as_ref()?.as_bytes().to_vec()))));
                let Some(read) = read.collect::<Option<Vec<_>>>() else { return };
                (checked.looked_for.keys().cloned().collect(), second_look(first, read))
            }
        };
        let mut sets = self.further.lock().unwrap_or_else(PoisonError::into_inner);
        let sets = sets.entry(*first).or_default();
        if !sets.iter().any(|known| **known == further) {
            if sets.len() >= MAX_SETS {
                return;
            }
            sets.push(Arc::new(further));
        }
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(second, made.clone());
    }
}

/// A file and what tells its content, none where it is not there.
type Told<'p> = (&'p RepoPath, Option<Vec<u8>>);

impl Walked<'_> {
    /// What tells the contents of files; none where that does not tell all that a check sees there.
    fn contents<'p>(&self, paths: impl Iterator<Item = &'p RepoPath>) -> Option<Vec<Told<'p>>> {
        match self.place {
            Place::Commit(repository, commit) => {
                let ids = repository.ids(commit, paths)?.into_iter();
                Some(ids.map(|(path, id)| (path, id.map(|id| id.as_bytes().to_vec()))).collect())
            }
            Place::WorkTree(root) => {
                let read = |path: &RepoPath| files::read(root, path).digest().into_bytes();
                Some(paths.map(|path| (path, Some(read(path)))).collect())
            }
        }
    }
}

fn second_look(first: &Likeness, contents: Vec<Told<'_>>) -> Likeness {
    let first: String = first.iter().map(|byte| format!("{byte:02x}")).collect();
    digest(&first, contents)
}

fn digest(beside: &str, contents: Vec<Told<'_>>) -> Likeness {
    let mut hash = Sha256::new();
    hash.update(beside);
    for (path, told) in contents {
        // No path holds the byte that ends it, and the length says where its content ends.
        hash.update(path.as_str());
        hash.update([0, u8::from(told.is_some())]);
        let told = told.unwrap_or_default();
        hash.update((told.len() as u64).to_le_bytes());
        hash.update(told);
    }
    hash.finalize().into()
}
