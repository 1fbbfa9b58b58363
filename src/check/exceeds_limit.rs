//! The project allows more than policy lets it.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::policy::Limits;
use crate::project::WrittenRule;
use crate::rule::{Cover, List};

check!(
    "exceeds-limit",
    Block,
    "the project allows more than policy lets it",
    "what is allowed runs without a question, on every machine that trusts this folder",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // What takes something away is shared, too: a personal rule narrows for one person.
    let beside: Vec<&Cover> =
        [List::Deny, List::Ask].into_iter().filter_map(|list| context.cover(list)).collect();
    let limits = Limits::new(context.baseline, &beside);
    for file in context.project.settings_files() {
        for WrittenRule { rule, span, .. } in file.rules.iter().filter(|written| written.list == List::Allow)
        {
            if rule.fault(List::Allow).is_some() || context.baseline.waives_rule(rule) {
                continue;
            }
            let Some(breach) = limits.breach(rule) else { continue };
            let message = format!("`{rule}` is allowed, {}", breach.why);
            let finding = Finding::new(CHECK.name, breach.severity, file.file.place(*span), message)
                .key(rule.text())
                .origins(breach.origins)
                .witness(breach.witness);
            let finding = super::context::announced(finding, breach.blocks_from)
                .help("narrow the rule or take it away; a waiver in the policy can open it for a time");
            findings.push(finding);
        }
    }
}
