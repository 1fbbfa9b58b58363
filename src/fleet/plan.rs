//! What would change in a fleet: repositories for which it is the same, told together.
//!
//! A plan is texts. There is no way from here to a write.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Change, Member, NoThreads, Run, State};
use crate::repository::Checked;

/// What would change in a fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetPlan {
    /// The changes, the one for most repositories first.
    pub changes: Vec<SameChange>,
    /// How many repositories nothing would change in.
    pub unchanged: usize,
    /// Repositories that could not be looked at, and why.
    pub unread: Vec<(String, State, String)>,
}

/// A change and the repositories in which it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SameChange {
    /// The diff, as it is in the first of them: its line numbers may differ in others.
    pub diff: String,
    /// The names, sorted.
    pub repositories: Vec<String>,
}

impl SameChange {
    /// Puts names with the same diff together, the change for most of them first.
    pub fn gather(diffs: impl IntoIterator<Item = (String, String)>) -> Vec<Self> {
        let mut same: BTreeMap<String, Self> = BTreeMap::new();
        for (name, diff) in diffs {
            let Some(change) = Change::of(&diff) else { continue };
            let change = same.entry(change.digest);
            change.or_insert_with(|| Self { diff, repositories: Vec::new() }).repositories.push(name);
        }
        let mut changes: Vec<Self> = same.into_values().collect();
        changes.sort_by(|a, b| {
            let order = |change: &Self| Reverse(change.repositories.len());
            order(a).cmp(&order(b)).then_with(|| a.repositories.cmp(&b.repositories))
        });
        changes
    }
}

impl FleetPlan {
    /// Plans for all members. `show` gives the diff of a repository, empty where nothing would change; `done` is
    /// called for each that is done with, from any thread.
    pub fn of(
        run: &Run<'_>,
        members: &[Member],
        done: impl Fn() + Sync,
        show: impl Fn(&Checked) -> String + Sync,
    ) -> Result<Self, NoThreads> {
        let planned = run.map_alike(members, done, show)?;
        let mut plan = Self::default();
        let mut diffs = Vec::new();
        for (member, planned) in members.iter().zip(planned) {
            match planned {
                Ok((_, diff)) if diff.is_empty() => plan.unchanged += 1,
                Ok((_, diff)) => diffs.push((member.name.clone(), (*diff).clone())),
                Err(verdict) => {
                    let why = verdict.reasons.first().map(|reason| reason.message.clone());
                    plan.unread.push((member.name.clone(), verdict.state, why.unwrap_or_default()));
                }
            }
        }
        plan.changes = SameChange::gather(diffs);
        Ok(plan)
    }

    /// How many repositories something would change in.
    pub fn changed(&self) -> usize {
        self.changes.iter().map(|change| change.repositories.len()).sum()
    }
}
