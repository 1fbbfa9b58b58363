//! Policy recommends something that this project was not offered before. It is written once; what the
//! project makes of it afterwards is its own affair and no drift.

use super::context::{demanded, entry_shown, shown};
use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Edit;
use crate::policy::Recommendation;
use crate::project::{OwnedWhat, SETTINGS};

check!(
    "new-recommendation",
    Note,
    "policy recommends something that the project was not offered yet",
    "it is a start, written once; what the project makes of it is no drift",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in &context.baseline.recommendations {
        let (at, value) = (demand.what.at(), demand.what.value());
        let offered = |what: &OwnedWhat| *what == OwnedWhat::Seeded(value.clone());
        if is_there(context, &demand.what)
            || context.lock().is_some_and(|lock| lock.has(SETTINGS, at, offered))
        {
            continue;
        }
        let (message, title, edit) = match &demand.what {
            Recommendation::Value(_) => (
                format!("policy recommends `{}` for `{}`", shown(value), at.dotted()),
                format!("set `{}` to `{}`", at.dotted(), shown(value)),
                Edit::Set { at: at.clone(), value: value.clone() },
            ),
            Recommendation::Entry(_) => (
                format!("policy recommends `{}` in `{}`", entry_shown(value), at.dotted()),
                format!("add `{}` to `{}`", entry_shown(value), at.dotted()),
                Edit::Append { at: at.clone(), value: value.clone() },
            ),
        };
        findings.push(
            demanded(&CHECK, demand, context.shared().place(at), message).fix(context.edit(title, edit)),
        );
    }
}

/// Whether the project says something here already, or policy enforces something that settles it.
pub(super) fn is_there(context: &Context<'_>, recommendation: &Recommendation) -> bool {
    match recommendation {
        Recommendation::Value(value) => {
            let enforced = context.baseline.values.iter().any(|demand| demand.what.at == value.at);
            enforced || context.shared().document().at(&value.at).is_some()
        }
        Recommendation::Entry(entry) => context.has_entry(&entry.at, &entry.entry),
    }
}
