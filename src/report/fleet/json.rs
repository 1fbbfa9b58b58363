//! A fleet as JSON. Its form is frozen: fields are added, never changed; a change makes version 2.
//!
//! What one part of a fleet's runners wrote is read again by `bylaws fleet merge`: nothing of an outcome is left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::json::{Tool, tool};
use crate::finding::Counts;
use crate::fleet::{Fleet, FleetWaiver, Outcome, Reason, Shard, State, Verdict};
use crate::policy::{Day, Facts};

/// A report of `bylaws fleet check`, version 1.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FleetReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers and dates of layers were decided.
    date: Day,
    /// The policy that all repositories were held against.
    policy: Policy,
    /// The part of the fleet that was looked at, `K/N`, where it was not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    part: Option<Shard>,
    /// How many repositories are in each state.
    states: BTreeMap<String, usize>,
    /// The repositories, sorted by name.
    repositories: Vec<Repository>,
    /// What `bylaws apply --upgrade` would change, by the digest that repositories name: each change once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    changes: BTreeMap<String, Change>,
    /// The waivers of the policy, whatever day it is; the one that ends first comes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<Waiver>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Change {
    /// The diff, without the lines at which its hunks stand; cut where it is very long, and says so.
    diff: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Waiver {
    /// Its name.
    id: String,
    /// The last day on which it holds.
    expires: Day,
    /// Who answers for it.
    owner: String,
    /// Who agreed to it.
    approved_by: String,
    /// Why it is needed.
    reason: String,
    /// Where it was discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    /// Names of the repositories that it is for, in which `*` stands for any text.
    repositories: Vec<String>,
    /// What it opens: rules, places in `settings.json`, and names of MCP servers.
    opens: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Policy {
    /// Where it is, as locks name it.
    source: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Repository {
    /// `owner/name`.
    name: String,
    /// Where it was read: a folder or a URL.
    source: String,
    /// The commit that was read; none for a work tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// How it stands to the policy.
    state: State,
    /// For `waived`: the last day of the waiver that ends first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
    /// Why it is in that state: the first findings that decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    /// How many more findings decide it.
    #[serde(default, skip_serializing_if = "is_zero")]
    further: usize,
    /// All findings by weight.
    findings: Counts,
    /// Whether its forge showed the root alone: projects in folders below it were not seen.
    #[serde(default, skip_serializing_if = "is_false")]
    partial: bool,
    /// What is known of it beside its name and where it is: its team, its environment, or what else an inventory says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<String, Vec<String>>,
    /// The waivers that it needs, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<String>,
    /// The digest of what `bylaws apply --upgrade` would change in it; none where nothing would change, or it could
    /// not be read. Equal where the change is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The report on a fleet.
pub fn fleet_report(fleet: &Fleet) -> FleetReport {
    FleetReport {
        version: 1,
        tool: tool(),
        date: fleet.day,
        policy: Policy { source: fleet.policy.clone(), revision: fleet.revision.clone() },
        part: fleet.part,
        states: State::ALL.into_iter().map(|state| (state.key(), fleet.count(state))).collect(),
        repositories: fleet.outcomes.iter().map(repository).collect(),
        changes: fleet
            .changes
            .iter()
            .map(|(digest, diff)| (digest.clone(), Change { diff: diff.clone() }))
            .collect(),
        waivers: fleet.waivers.iter().cloned().map(Waiver::from).collect(),
    }
}

fn repository(outcome: &Outcome) -> Repository {
    let Verdict { state, until, reasons, further, counts, is_partial, waivers, change } = &*outcome.verdict;
    Repository {
        name: outcome.name.clone(),
        source: outcome.location.clone(),
        commit: outcome.commit.clone(),
        state: *state,
        until: *until,
        reasons: reasons.clone(),
        further: *further,
        findings: *counts,
        partial: *is_partial,
        facts: outcome.facts.iter().map(|(name, values)| (name.to_owned(), values.to_vec())).collect(),
        waivers: waivers.clone(),
        change: change.clone(),
    }
}

impl From<FleetWaiver> for Waiver {
    fn from(waiver: FleetWaiver) -> Self {
        let FleetWaiver { expires, id, owner, approved_by, reason, ticket, repositories, opens } = waiver;
        Self { id, expires, owner, approved_by, reason, ticket, repositories, opens }
    }
}

impl From<Waiver> for FleetWaiver {
    fn from(waiver: Waiver) -> Self {
        let Waiver { id, expires, owner, approved_by, reason, ticket, repositories, opens } = waiver;
        Self { expires, id, owner, approved_by, reason, ticket, repositories, opens }
    }
}

impl FleetReport {
    /// The fleet that was reported on. An error where the report is of a version that this program does not know.
    pub fn into_fleet(self) -> Result<Fleet, String> {
        if self.version != 1 {
            return Err(format!(
                "the report is of version {}, which this program does not know",
                self.version
            ));
        }
        let outcomes = self.repositories.into_iter().map(|repository| Outcome {
            name: repository.name,
            location: repository.source,
            commit: repository.commit,
            facts: facts(&repository.facts),
            verdict: Arc::new(Verdict {
                state: repository.state,
                until: repository.until,
                reasons: repository.reasons,
                further: repository.further,
                counts: repository.findings,
                is_partial: repository.partial,
                waivers: repository.waivers,
                change: repository.change,
            }),
        });
        let Policy { source: policy, revision } = self.policy;
        let outcomes = outcomes.collect();
        let changes = self.changes.into_iter().map(|(digest, change)| (digest, change.diff)).collect();
        let waivers = self.waivers.into_iter().map(FleetWaiver::from).collect();
        Ok(Fleet { policy, revision, day: self.date, part: self.part, outcomes, changes, waivers })
    }
}

fn facts(known: &BTreeMap<String, Vec<String>>) -> Facts {
    let mut facts = Facts::none();
    for (name, values) in known {
        facts.set(name.as_str(), values.iter().cloned());
    }
    facts
}
