//! A waiver for this repository opens nothing that the project makes use of.

use std::collections::{BTreeMap, BTreeSet};

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;
use crate::policy::{Waiver, Weight};

check!(
    "waiver-unused",
    Note,
    "a waiver opens nothing that the project makes use of",
    "an exception that nobody needs is a hole that nobody watches",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for waiver in needless(context) {
        let message =
            format!("waiver `{}` is not needed: without it nothing more would be found here", waiver.id);
        let finding =
            Finding::new(CHECK.name, CHECK.severity, waiver.place(&Pointer::of(["opens"])), message)
                .key(waiver.id.as_str())
                .help("take this repository out of the waiver, or delete it");
        findings.push(finding);
    }
}

/// The waivers that hold and without which nothing more would be found in the project.
fn needless<'c>(context: &Context<'c>) -> Vec<&'c Waiver> {
    let waivers = &context.baseline.waivers;
    if !waivers.iter().any(|held| held.holds()) {
        return Vec::new();
    }
    let with = effects(context);
    let holding = waivers.iter().enumerate().filter(|(_, held)| held.holds());
    let needless = holding
        .filter(|(index, _)| effects(&context.against(&context.baseline.without_waiver(*index))) == with);
    needless.map(|(_, held)| &held.waiver).collect()
}

/// The names of the waivers that hold and without which nothing more would be found in the project, whatever this
/// check weighs.
pub fn needless_waivers<'c>(context: &Context<'c>) -> BTreeSet<&'c str> {
    needless(context).into_iter().map(|waiver| waiver.id.as_str()).collect()
}

/// Whether needless waivers are told of as findings.
pub fn tells_of_needless_waivers(weights: &BTreeMap<String, Weight>) -> bool {
    weights.get(CHECK.name) != Some(&Weight::Off)
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
