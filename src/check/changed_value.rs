//! A key that policy enforces has another value, in the shared settings or in the personal ones that
//! come before them.

use super::context::{agrees, demanded, shown};
use super::registry::check;
use super::{Context, Run, edited_managed_entry};
use crate::finding::Finding;
use crate::json::{Edit, Pointer};
use crate::rule::List;

check!(
    "changed-value",
    Block,
    "a key that policy enforces has another value",
    "the client acts on the value in the file, not on the one in the policy",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in &context.baseline.values {
        let (at, value) = (&demand.what.at, &demand.what.value);
        if value.is_null() {
            continue;
        }
        let found = context.shared().document().at(at).map(|node| node.to_value());
        if let Some(found) = found.filter(|found| !agrees(found, value))
            && !edited_managed_entry::owns_value(context, &demand.what)
        {
            let message =
                format!("`{}` is `{}`, policy asks for `{}`", at.dotted(), shown(&found), shown(value));
            let edit = Edit::Set { at: at.clone(), value: value.clone() };
            let finding = demanded(&CHECK, demand, context.shared().place(at), message)
                .key(at.to_string())
                .fix(context.edit(format!("set `{}` to `{}`", at.dotted(), shown(value)), edit));
            findings.push(finding);
        }
        let personal = context.project.local.settings.at(at).map(|node| node.to_value());
        if let Some(found) = personal.filter(|found| !agrees(found, value) && !found.is_object()) {
            let message = format!(
                "the personal `{}` is `{}` and comes before the shared one, policy asks for `{}`",
                at.dotted(),
                shown(&found),
                shown(value)
            );
            let finding = demanded(&CHECK, demand, context.project.local.place(at), message)
                .key(format!("local {at}"))
                .help("take the key out of your personal settings");
            findings.push(finding);
        }
    }
    report_in_the_way(context, findings);
}

/// Tells once of each thing that is in the way of what policy asks for. A file that is no object at all
/// is `unreadable-settings`.
fn report_in_the_way(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let baseline = context.baseline;
    // One rule of each list tells for all of them.
    let rules = List::ALL
        .into_iter()
        .filter_map(|list| baseline.rules.iter().find(|demand| demand.what.list == list));
    let rules = rules.map(|demand| (demand.what.at(), true, demand.with(())));
    let entries = baseline.entries.iter().map(|demand| (demand.what.at.clone(), true, demand.with(())));
    let values = baseline.values.iter().filter(|demand| !demand.what.value.is_null());
    let values = values.map(|demand| (demand.what.at.clone(), false, demand.with(())));
    let mut told: Vec<Pointer> = Vec::new();
    for (wanted, is_list, demand) in rules.chain(entries).chain(values) {
        let Some((at, node)) = context.in_the_way(&wanted, is_list) else { continue };
        if at.tokens().is_empty() || told.contains(&at) {
            continue;
        }
        let asks = if at == wanted { "a list".to_owned() } else { format!("`{}` in it", wanted.dotted()) };
        let message = format!("`{}` is {}, policy asks for {asks}", at.dotted(), node.kind_name());
        let finding = demanded(&CHECK, &demand, context.shared().place(&at), message).key(at.to_string());
        findings.push(finding.help(if at == wanted { "make it a list" } else { "make it an object" }));
        told.push(at);
    }
}
