//! A waiver for this repository opens nothing that the project makes use of.

use std::collections::BTreeSet;

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;

check!(
    "waiver-unused",
    Note,
    "a waiver opens nothing that the project makes use of",
    "an exception that nobody needs is a hole that nobody watches",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let waivers = &context.baseline.waivers;
    if !waivers.iter().any(|held| held.holds()) {
        return;
    }
    let with = effects(context);
    for (index, held) in waivers.iter().enumerate().filter(|(_, held)| held.holds()) {
        let without = context.baseline.without_waiver(index);
        if effects(&context.against(&without)) != with {
            continue;
        }
        let waiver = &held.waiver;
        let message =
            format!("waiver `{}` is not needed: without it nothing more would be found here", waiver.id);
        let finding =
            Finding::new(CHECK.name, CHECK.severity, waiver.place(&Pointer::of(["opens"])), message)
                .key(waiver.id.as_str())
                .help("take this repository out of the waiver, or delete it");
        findings.push(finding);
    }
}

/// What the project breaks of what a waiver could open, and what it still holds that a waiver opened.
fn effects(context: &Context<'_>) -> BTreeSet<(&'static str, String)> {
    let opened = [
        super::missing_rule::CHECK,
        super::missing_value::CHECK,
        super::changed_value::CHECK,
        super::forbidden_key::CHECK,
        super::edited_managed_entry::CHECK,
        super::withdrawn_entry::CHECK,
        super::limit_schema::CHECK,
        super::exceeds_limit::CHECK,
        super::unapproved_mcp_server::CHECK,
        super::blocked_mcp_server::CHECK,
        super::missing_mcp_server::CHECK,
    ];
    let mut found = Vec::new();
    for check in opened {
        if let Run::Project(run) = check.run {
            run(context, &mut found);
        }
    }
    let identity = |finding: &Finding| (finding.check, format!("{} {}", finding.place, finding.message));
    found.iter().map(identity).collect()
}
