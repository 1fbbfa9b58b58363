//! A key that policy enforces is not set, or an entry of a list is not there.

use super::context::{demanded, entry_shown, shown};
use super::registry::check;
use super::{Context, Run, edited_managed_entry};
use crate::finding::Finding;
use crate::json::Edit;

check!(
    "missing-value",
    Block,
    "a key or list entry that policy enforces is missing",
    "a key that is not set keeps the client's default, whatever the policy says",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let document = context.shared().document();
    for demand in &context.baseline.values {
        let (at, value) = (&demand.what.at, &demand.what.value);
        let missing = document.at(at).is_none() && !value.is_null();
        let told_otherwise = context.in_the_way(at, false).is_some()
            || edited_managed_entry::owns_value(context, &demand.what);
        if !missing || told_otherwise {
            continue;
        }
        let message = format!("`{}` is not set, policy asks for `{}`", at.dotted(), shown(value));
        let edit = Edit::Set { at: at.clone(), value: value.clone() };
        let finding = demanded(&CHECK, demand, context.shared().place(at), message)
            .fix(context.edit(format!("set `{}` to `{}`", at.dotted(), shown(value)), edit));
        findings.push(finding);
    }
    for demand in &context.baseline.entries {
        let (at, entry) = (&demand.what.at, &demand.what.entry);
        let told_otherwise =
            context.in_the_way(at, true).is_some() || edited_managed_entry::owns_entry(context, &demand.what);
        if told_otherwise || context.has_entry(at, entry) {
            continue;
        }
        let message = format!("`{}` has no entry `{}`", at.dotted(), entry_shown(entry));
        let edit = Edit::Append { at: at.clone(), value: entry.clone() };
        let finding = demanded(&CHECK, demand, context.shared().place(at), message)
            .fix(context.edit(format!("add `{}` to `{}`", entry_shown(entry), at.dotted()), edit));
        findings.push(finding);
    }
}
