//! A waiver for this repository opens more than a waiver should.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;

check!(
    "waiver-over-broad",
    Warn,
    "a waiver opens more than a waiver should",
    "a wide exception lets things in that nobody decided on",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for held in context.baseline.waivers.iter().filter(|held| held.holds()) {
        for (place, what) in held.waiver.over_broad(context.today) {
            let message = format!("waiver `{}` is too broad: {what}", held.waiver.id);
            let finding = Finding::new(CHECK.name, CHECK.severity, place, message)
                .help("name the repositories, rules, keys and servers that need it, and a near day");
            findings.push(finding);
        }
    }
}
