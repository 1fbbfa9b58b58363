//! A permission rule that policy enforces is not in its list, and no wider rule is.

use serde_json::Value;

use super::context::demanded;
use super::registry::check;
use super::{Context, Run, edited_managed_entry};
use crate::finding::Finding;
use crate::json::Edit;

check!(
    "missing-rule",
    Block,
    "a permission rule that policy enforces is missing",
    "what is not in the file protects nobody who works here",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in &context.baseline.rules {
        let (list, rule) = (demand.what.list, &demand.what.rule);
        if context.has_rule(list, rule) {
            continue;
        }
        let at = demand.what.at();
        if context.in_the_way(&at, true).is_some() || edited_managed_entry::owns_rule(context, &demand.what) {
            continue;
        }
        let message = format!("`{rule}` is missing from `{}`", at.dotted());
        let edit = Edit::Append { at: at.clone(), value: Value::from(rule.text()) };
        let finding = demanded(&CHECK, demand, context.shared().place(&at), message)
            .fix(context.edit(format!("add `{rule}` to `{}`", at.dotted()), edit));
        findings.push(finding);
    }
}
