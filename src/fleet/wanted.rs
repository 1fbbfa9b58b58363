//! What a rollout is to change in each member of a fleet.
//!
//! INVARIANT: a member that could not be read whole, as far as a change depends on it, is left alone and told of.

use std::collections::BTreeMap;

use super::{Member, NoThreads, Run, Verdict};
use crate::forge::{Base, Patch, Reading, RepositoryName, Writing};
use crate::project::Content;
use crate::repository::Checked;
use crate::rollout::{self, Plan, Wanted};

/// Who takes part in a rollout, and who does not.
#[derive(Debug, Default)]
pub struct Cast {
    /// The members, in order.
    pub members: Vec<rollout::Member>,
    /// How many are in no ring.
    pub in_no_ring: usize,
    /// How many are archived.
    pub archived: usize,
    /// Those that are not on the forge.
    pub elsewhere: Vec<String>,
    /// What the fleet knows of the members, by their names.
    known: BTreeMap<RepositoryName, Member>,
}

impl Cast {
    /// Finds out what is to be changed in the members of the rings. `done` is called for each member that is done
    /// with, from any thread.
    pub fn of(
        run: &Run<'_>,
        base: &str,
        plan: &Plan,
        members: &[Member],
        done: impl Fn() + Sync,
    ) -> Result<Self, NoThreads> {
        let mut cast = Self::default();
        let mut taking_part: Vec<Member> = Vec::new();
        let mut places: Vec<(RepositoryName, usize)> = Vec::new();
        for member in members {
            let Some(name) = member.name_on(base) else {
                cast.elsewhere.push(member.name.clone());
                continue;
            };
            if member.is_archived() {
                cast.archived += 1;
                continue;
            }
            match plan.ring_of(&name, &member.facts) {
                // Two entries may mean one repository.
                Some(_) if cast.known.contains_key(&name) => {}
                Some(ring) => {
                    cast.known.insert(name.clone(), member.clone());
                    places.push((name, ring));
                    taking_part.push(member.clone());
                }
                None => cast.in_no_ring += 1,
            }
        }
        let wanted = run.map(&taking_part, done, |member, checked| {
            wanted(run.shown.and_then(|shown| shown.of(member)), checked)
        })?;
        cast.members = places
            .into_iter()
            .zip(wanted)
            .map(|((name, ring), wanted)| rollout::Member { name, ring, wanted })
            .collect();
        Ok(cast)
    }

    /// Checks a member once more, by the run that it was cast with: what is found is kept of none, since only few
    /// are told of in one round. Why not, where it cannot be checked.
    pub fn check(&self, run: &Run<'_>, member: &rollout::Member) -> Result<Checked, String> {
        let known = self.known.get(&member.name).ok_or_else(|| "it is not in the fleet".to_owned())?;
        run.check_one(known).map_err(|verdict| unread(&verdict))
    }
}

fn wanted(reading: Option<&Reading>, checked: Result<Checked, Verdict>) -> Wanted {
    let checked = match checked {
        Ok(checked) => checked,
        Err(verdict) => return Wanted::Unknown(unread(&verdict)),
    };
    let Some(Reading::Read(snapshot)) = reading else {
        return Wanted::Unknown("the forge showed nothing of it".to_owned());
    };
    if let Some(verdict) = Verdict::of_unreadable(&checked) {
        return Wanted::Unknown(unread(&verdict));
    }
    let changes: Vec<_> = checked.projects.iter().flat_map(|held| held.plan().changes).collect();
    if changes.is_empty() {
        return Wanted::Nothing;
    }
    // A file that could not be read looks like one that is missing.
    let hidden = changes
        .iter()
        .find(|change| change.before.is_none() && !matches!(snapshot.read(&change.path), Content::Missing));
    if let Some(change) = hidden {
        return Wanted::Unknown(format!("`{}` is there and cannot be read", change.path));
    }
    match Writing::of_plan(&changes, snapshot) {
        Ok(files) => Wanted::Change(Box::new(Patch { base: Base::of(snapshot), files })),
        Err((path, refusal)) => Wanted::Unknown(format!("`{path}` cannot be written: {refusal}")),
    }
}

/// Why a member was not read.
fn unread(verdict: &Verdict) -> String {
    let why = verdict.reasons.first().map(|reason| format!(": {}", reason.message));
    format!("it is {}{}", verdict.state, why.unwrap_or_default())
}
