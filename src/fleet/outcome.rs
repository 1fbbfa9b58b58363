//! What became of each repository, and of all of them together.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Reason, Shard, State, Verdict};
use crate::policy::Day;

/// What became of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Where it was read.
    pub location: String,
    /// The commit that was read; none for a work tree, and where nothing was read.
    pub commit: Option<String>,
    /// Its state and why. Repositories with the same share it.
    pub verdict: Arc<Verdict>,
}

/// A fleet that was held against a policy on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// The name of the policy.
    pub policy: String,
    /// Its commit, or the version of the program for a built-in policy.
    pub revision: Option<String>,
    /// The day.
    pub day: Day,
    /// The part that this is of it, where it is not all.
    pub part: Option<Shard>,
    /// The outcomes, sorted by name.
    pub outcomes: Vec<Outcome>,
}

/// Repositories in one state for the same reasons.
#[derive(Debug)]
pub struct Group<'a> {
    /// The state.
    pub state: State,
    /// The reasons; their places are those of the first repository.
    pub reasons: &'a [Reason],
    /// How many more there are.
    pub further: usize,
    /// The repositories, sorted by name.
    pub members: Vec<&'a Outcome>,
}

impl Fleet {
    /// The repositories that need attention: by state, then by reason, the most frequent reason first.
    pub fn groups(&self) -> Vec<Group<'_>> {
        type Key<'a> = (State, Vec<(Option<&'a str>, &'a str)>, usize);
        let mut groups: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
        for outcome in self.outcomes.iter().filter(|outcome| outcome.verdict.state.needs_attention()) {
            let Verdict { state, reasons, further, .. } = &*outcome.verdict;
            let told = reasons.iter().map(|reason| (reason.check.as_deref(), reason.message.as_str()));
            let group = groups.entry((*state, told.collect(), *further)).or_insert_with(|| Group {
                state: *state,
                reasons,
                further: *further,
                members: Vec::new(),
            });
            group.members.push(outcome);
        }
        let mut groups: Vec<Group<'_>> = groups.into_values().collect();
        groups.sort_by_key(|group| (group.state, Reverse(group.members.len())));
        groups
    }

    /// Puts the parts of a fleet together. An error says what does not fit or is missing: a fleet that lacks a part
    /// would look better than it is.
    pub fn merge(fleets: Vec<Self>) -> Result<Self, String> {
        let mut parts: Vec<Shard> = fleets.iter().filter_map(|fleet| fleet.part).collect();
        parts.sort();
        if let Some(of) = parts.first().map(|part| part.of) {
            let missing = (1..=of).map(|number| Shard { number, of }).find(|part| !parts.contains(part));
            if let Some(missing) = missing {
                return Err(format!("part {missing} of the fleet is missing"));
            }
            if parts.len() != fleets.len() || parts.len() != of as usize {
                return Err(format!("these are not the {of} parts of one fleet"));
            }
        }
        let mut fleets = fleets.into_iter();
        let Some(mut whole) = fleets.next() else { return Err("there is no report".to_owned()) };
        whole.part = None;
        for fleet in fleets {
            let same =
                (&fleet.policy, &fleet.revision, fleet.day) == (&whole.policy, &whole.revision, whole.day);
            if !same {
                return Err("the reports are of different policies, revisions or days".to_owned());
            }
            whole.outcomes.extend(fleet.outcomes);
        }
        whole.outcomes.sort_by(|a, b| a.name.cmp(&b.name));
        let twice = whole.outcomes.windows(2).find_map(|pair| match pair {
            [a, b] if a.name == b.name => Some(&a.name),
            _ => None,
        });
        match twice {
            Some(name) => Err(format!("`{name}` stands in more than one of the reports")),
            None => Ok(whole),
        }
    }

    /// How many repositories need attention.
    pub fn attention(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict.state.needs_attention()).count()
    }

    /// How many repositories are in a state.
    pub fn count(&self, state: State) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict.state == state).count()
    }
}
