//! The waivers of a policy as a report on a fleet tells of them: who answers for which exception, and until when.

use crate::policy::{Day, Policy};

/// A waiver, whatever day it is. The order is that of the last days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FleetWaiver {
    /// The last day on which it holds.
    pub expires: Day,
    /// Its name, as reasons and findings have it.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed to it.
    pub approved_by: String,
    /// Why it is needed.
    pub reason: String,
    /// Where it was discussed.
    pub ticket: Option<String>,
    /// Names of the repositories that it is for, in which `*` stands for any text.
    pub repositories: Vec<String>,
    /// What it opens: rules, places in `settings.json`, and names of MCP servers.
    pub opens: Vec<String>,
}

impl FleetWaiver {
    /// All waivers of a policy.
    pub fn all(policy: &Policy) -> Vec<Self> {
        let mut waivers: Vec<Self> = policy
            .waivers
            .iter()
            .map(|waiver| {
                let content = &waiver.content;
                let opens = &content.opens;
                let servers = opens.servers.iter().map(|server| format!("MCP server {server}"));
                Self {
                    expires: content.expires,
                    id: waiver.id.clone(),
                    owner: content.owner.clone(),
                    approved_by: content.approved_by.clone(),
                    reason: content.reason.clone(),
                    ticket: content.ticket.clone(),
                    repositories: content.repositories.clone(),
                    opens: opens.rules.iter().chain(&opens.pointers).cloned().chain(servers).collect(),
                }
            })
            .collect();
        waivers.sort();
        waivers
    }
}
