//! The project allows more than policy lets it.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::policy::Limits;
use crate::rule::{Cover, List, Rule};

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
        for entry in file.settings.written_rules(List::Allow) {
            let rule = Rule::parse(entry.text);
            if rule.fault(List::Allow).is_some() || context.baseline.waives_rule(&rule) {
                continue;
            }
            let Some(breach) = limits.breach(&rule) else { continue };
            let message = format!("`{}` is allowed, {}", entry.text, breach.why);
            let finding = Finding::new(CHECK.name, breach.severity, file.file.place(entry.span), message)
                .key(entry.text)
                .origins(breach.origins);
            let finding = super::context::announced(finding, breach.blocks_from)
                .help("narrow the rule or take it away; a waiver in the policy can open it for a time");
            findings.push(finding);
        }
    }
}
