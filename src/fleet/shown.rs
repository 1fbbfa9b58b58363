//! Members that a forge shows: read together over its API, without a clone.
//!
//! INVARIANT: what the forge told nothing of counts as not reachable.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Member, Memory, Verdict};
use crate::forge::{Error, Forge, Reading, RepositoryName, Unread};
use crate::path::RepoPath;
use crate::repository::InForce;

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
    readings: HashMap<RepositoryName, Reading>,
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
        let mut readings = HashMap::new();
        site.forge.read(&names, &files_of(policy), &known, &mut |name, reading| {
            readings.insert(name.clone(), reading);
        })?;
        for name in names {
            readings.entry(name).or_insert(Reading::Unread(Unread::Missing));
        }
        Ok(Self { base: site.base.to_owned(), readings })
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

/// The files in which the policy may own text, in the project at the root.
fn files_of(policy: &InForce) -> Vec<RepoPath> {
    let layers = policy.policy().layers.iter().flat_map(|placed| &placed.layers);
    let files = layers.flat_map(|layer| &layer.content.files);
    let mut paths: Vec<RepoPath> = files.filter_map(|file| RepoPath::new(&file.path).ok()).collect();
    paths.sort();
    paths.dedup();
    paths
}
