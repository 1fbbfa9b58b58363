//! A rule that says what others say anyway.
//!
//! INVARIANT: reported only where it is proved that no call is decided otherwise without the rule.

use super::idle::{IdleRule, Why, named};
use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::rule::List;

check!(
    "redundant-rule",
    Note,
    "a permission rule says what others say anyway",
    "whoever reads or changes the list has to think about a rule that decides nothing",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for idle in context.idle() {
        let rule = &idle.written.rule;
        let message = match &idle.why {
            Why::Covered(by) if by.iter().all(|(_, by)| by.rule.text() == rule.text()) => {
                let file = by.first().map(|(file, _)| file.file.path.to_string()).unwrap_or_default();
                format!("`{rule}` decides nothing: it stands in `{file}` already")
            }
            Why::Covered(by) => {
                let verb = match (idle.written.list, by.len()) {
                    (List::Allow, 1) => "allows",
                    (List::Allow, _) => "allow",
                    (List::Ask, 1) => "asks for",
                    (List::Ask, _) => "ask for",
                    (List::Deny, 1) => "denies",
                    (List::Deny, _) => "deny",
                };
                format!("`{rule}` decides nothing: {} {verb} all of it{}", named(by), example(idle))
            }
            Why::Free => {
                format!("`{rule}` decides nothing: the client reads files of the project without a rule")
            }
            Why::Beaten(_) | Why::Empty => continue,
        };
        findings.push(idle.report(context, &CHECK, message));
    }
}

/// A call that the rule is for, where it says more than the rule.
pub(super) fn example(idle: &IdleRule<'_>) -> String {
    match &idle.example {
        Some(call) if *call != idle.written.rule.text() => format!(", `{call}` for instance"),
        _ => String::new(),
    }
}
