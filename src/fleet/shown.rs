//! Members that a forge shows: read together over its API, without a clone.
//!
//! INVARIANT: what the forge told nothing of counts as not reachable.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Member, Memory, Verdict};
use crate::forge::{Error, Forge, Reading, RepositoryName, Unread};
use crate::json::Document;
use crate::path::RepoPath;
use crate::project::{Content, LOCK, Lock};
use crate::repository::InForce;

/// Most looks after the first one: a lock lists a file, the file is a link, and what it leads to is read.
const MORE_LOOKS: usize = 2;

/// Most files that are asked for beside those that checks look at.
const MOST_FILES: usize = 200;

/// A forge, and where it is.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// Its base URL, as people open it.
    pub base: &'a str,
    /// The forge.
    pub forge: &'a dyn Forge,
}

/// What a forge showed of the members that are on it.
pub struct Shown {
    base: String,
    readings: BTreeMap<RepositoryName, Reading>,
}

impl Shown {
    /// Reads all members that are on the forge, but for archived ones. Those whose newest commit `memory` knows a
    /// verdict on are not read again.
    pub fn read(
        site: Site<'_>,
        members: &[Member],
        policy: &InForce,
        memory: Option<&Memory>,
    ) -> Result<Self, Error> {
        let on_it = |member: &&Member| !member.is_archived();
        let members: HashMap<RepositoryName, &Member> = members
            .iter()
            .filter(on_it)
            .filter_map(|member| Some((member.name_on(site.base)?, member)))
            .collect();
        let mut names: Vec<RepositoryName> = members.keys().cloned().collect();
        names.sort();
        let known = |name: &RepositoryName| {
            let member = members.get(name)?;
            Some(newest(memory?, policy, member)?.0)
        };
        let mut readings = BTreeMap::new();
        site.forge.read(&names, &files_of(policy), &known, &mut |name, reading| {
            readings.insert(name.clone(), reading);
        })?;
        for name in names {
            readings.entry(name).or_insert(Reading::Unread(Unread::Missing));
        }
        let mut shown = Self { base: site.base.to_owned(), readings };
        shown.read_rest(site.forge, policy)?;
        Ok(shown)
    }

    /// Reads what the looks so far tell to be there: files that locks list, and where links lead. What is not shown in
    /// the end is not known.
    fn read_rest(&mut self, forge: &dyn Forge, policy: &InForce) -> Result<(), Error> {
        let files = files_of(policy);
        let mut also: BTreeSet<RepoPath> = files.iter().cloned().collect();
        for _ in 0..MORE_LOOKS {
            let mut names = Vec::new();
            for (name, reading) in &self.readings {
                let unseen = unseen(reading, &files);
                // A repository may list what it likes; the others are read all the same.
                if !unseen.is_empty() && also.len() + unseen.len() <= MOST_FILES {
                    names.push(name.clone());
                    also.extend(unseen);
                }
            }
            if names.is_empty() {
                break;
            }
            names.sort();
            let also: Vec<RepoPath> = also.iter().cloned().collect();
            forge.read(&names, &also, &|_| None, &mut |name, reading| {
                self.readings.insert(name.clone(), reading);
            })?;
        }
        for reading in self.readings.values_mut() {
            if let Some(path) = unseen(reading, &files).into_iter().next() {
                *reading = Reading::Unread(Unread::Hidden(path));
            }
        }
        Ok(())
    }

    /// What was shown of a member, none where it is not on the forge.
    pub fn of(&self, member: &Member) -> Option<&Reading> {
        self.readings.get(&member.name_on(&self.base)?)
    }
}

/// What is remembered of a member that a forge shows. A clone may show more, so it has a place of its own.
pub(super) fn place(member: &Member) -> String {
    format!("forge {}", member.location)
}

/// The commit on which a verdict that still holds is known, and the verdict.
pub(super) fn newest(memory: &Memory, policy: &InForce, member: &Member) -> Option<(String, Arc<Verdict>)> {
    memory.newest(policy, member, &place(member))
}

/// The files that were not shown and in which policy may own text: `files` of the policy, and those that locks list.
fn unseen(reading: &Reading, files: &[RepoPath]) -> BTreeSet<RepoPath> {
    let Reading::Read(snapshot) = reading else { return BTreeSet::new() };
    let mut unseen = BTreeSet::new();
    for project in snapshot.found().projects() {
        let lock = match snapshot.read(&project.join(LOCK)) {
            Content::Text(text) => Lock::read(&Document::parse(text)).ok(),
            Content::Missing | Content::Refused(_) => None,
        };
        let owned = lock.iter().flat_map(|lock| &lock.owned).filter(|owned| owned.at.is_none());
        let owned = owned.filter_map(|owned| RepoPath::new(&owned.file).ok());
        let paths = owned.chain(files.iter().cloned()).map(|file| project.join(file.as_str()));
        unseen.extend(paths.filter_map(|path| snapshot.unseen(&path)));
    }
    unseen
}

/// The files in which the policy may own text, in the project at the root.
fn files_of(policy: &InForce) -> Vec<RepoPath> {
    let layers = policy.policy().layers.iter().flat_map(|placed| &placed.layers);
    let files = layers.flat_map(|layer| &layer.content.files);
    let mut paths: Vec<RepoPath> = files.filter_map(|file| RepoPath::new(&file.path).ok()).collect();
    paths.sort();
    paths.dedup();
    paths
}
