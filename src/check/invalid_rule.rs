//! A permission rule that the client skips.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Severity};
use crate::project::WrittenRule;
use crate::rule::List;

check!(
    "invalid-rule",
    Block,
    "the client skips a permission rule",
    "a rule that is skipped neither protects nor allows anything",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for WrittenRule { list, rule, span, .. } in &file.rules {
            if rule.fault(*list).is_none() {
                continue;
            }
            let Some(problem) = rule.problem(*list) else { continue };
            let message = format!("the client skips this rule: {problem}");
            // Without an allow rule somebody is asked once more; without the others nobody is.
            let severity = if *list == List::Allow { Severity::Warn } else { CHECK.severity };
            let mut finding = Finding::new(CHECK.name, severity, file.file.place(*span), message)
                .key(format!("{} {}", list.key(), rule.text()));
            if let Some(corrected) = &problem.correction {
                finding = finding.help(format!("write `{corrected}`"));
            }
            findings.push(finding);
        }
    }
}
