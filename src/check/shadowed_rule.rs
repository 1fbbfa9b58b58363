//! A rule that a stronger list never lets have its say.
//!
//! INVARIANT: reported only where it is proved that no call is decided otherwise without the rule.

use super::idle::{Why, named};
use super::redundant_rule::example;
use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::rule::List;

check!(
    "shadowed-rule",
    Note,
    "a permission rule never has its say, because stronger ones refuse all of it",
    "it reads as if something were allowed that is not",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for idle in context.idle() {
        let Why::Beaten(by) = &idle.why else { continue };
        let rule = &idle.written.rule;
        let verb = if idle.written.list == List::Allow { "allows" } else { "asks for" };
        let asks = by.iter().all(|(_, by)| by.list != List::Deny);
        let what = match (asks, by.len()) {
            (true, 1) => "asks for all of it",
            (true, _) => "ask for all of it",
            (false, 1) => "denies all of it",
            (false, _) => "leave nothing of it",
        };
        let message = format!("`{rule}` {verb} nothing: {} {what}{}", named(by), example(idle));
        findings.push(idle.report(context, &CHECK, message));
    }
}
