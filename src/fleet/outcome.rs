//! What became of each repository, and of all of them together.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Changes, FleetWaiver, Location, Member, Reason, Shard, State, Verdict};
use crate::finding::Witness;
use crate::policy::{Day, Facts};
use crate::repository::{host_of_url, name_of_url};

/// What became of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Where it was read.
    pub location: String,
    /// The commit that was read; none for a work tree, and where nothing was read.
    pub commit: Option<String>,
    /// What is known of it beside its name and where it is.
    pub facts: Facts,
    /// Its state and why. Repositories with the same share it.
    pub verdict: Arc<Verdict>,
}

/// A host that none of the repositories of a fleet could be had from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentHost {
    /// The host.
    pub host: String,
    /// How many repositories are there.
    pub repositories: usize,
    /// Why the first of them was not reached; it is the same for all.
    pub why: String,
}

impl SilentHost {
    /// The host that all members are on, at least two, where each was unreachable for the same reason. Members that are
    /// not looked at do not count.
    pub fn of(members: &[Member], outcomes: &[Outcome]) -> Option<Self> {
        let mut found: Option<(Self, String)> = None;
        let looked_at = members.iter().zip(outcomes).filter(|(member, _)| !member.is_archived());
        for (member, outcome) in looked_at {
            let Location::Url(url) = &member.location else { return None };
            if outcome.verdict.state != State::Unreachable {
                return None;
            }
            let host = host_of_url(url).filter(|host| !host.is_empty())?;
            let why = outcome.verdict.reasons.first()?.message.as_str();
            let cause = without_place(why, url);
            match &mut found {
                Some((known, same)) if known.host == host && *same == cause => known.repositories += 1,
                Some(_) => return None,
                None => {
                    let known = Self { host: host.to_owned(), repositories: 1, why: why.to_owned() };
                    found = Some((known, cause));
                }
            }
        }
        found.map(|(known, _)| known).filter(|known| known.repositories > 1)
    }
}

/// What `git` said, without what is of one repository alone: its path, and how many milliseconds were waited for it.
fn without_place(why: &str, url: &str) -> String {
    let path = name_of_url(url).unwrap_or_default();
    why.replace(&path, "").chars().filter(|c| !c.is_ascii_digit()).collect()
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
    /// The changes that `bylaws apply --upgrade` would make in some of them.
    pub changes: Changes,
    /// The waivers of the policy, whatever day it is, sorted by their last day.
    pub waivers: Vec<FleetWaiver>,
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
        type Told<'a> = (Option<&'a str>, &'a str, Option<&'a Witness>);
        type Key<'a> = (State, Vec<Told<'a>>, usize);
        let mut groups: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
        for outcome in self.outcomes.iter().filter(|outcome| outcome.verdict.state.needs_attention()) {
            let Verdict { state, reasons, further, .. } = &*outcome.verdict;
            // One call is told of all: it has to show the matter in each.
            let told = reasons.iter();
            let told = told.map(|it| (it.check.as_deref(), it.message.as_str(), it.witness.as_ref()));
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
            whole.changes.extend(fleet.changes);
            whole.waivers.extend(fleet.waivers);
        }
        // All parts were held against one policy.
        whole.waivers.sort();
        whole.waivers.dedup();
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

    /// Of how many repositories the root alone was seen.
    pub fn partial(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict.is_partial).count()
    }

    /// How many repositories are in a state.
    pub fn count(&self, state: State) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict.state == state).count()
    }
}
