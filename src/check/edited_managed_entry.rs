//! Something that policy wrote, by the lock, was changed or taken away by hand.

use serde_json::Value as Json;

use super::context::{agrees, demanded, edit_of, entry_shown, shown};
use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::{Edit, Pointer};
use crate::policy::{Entry, RuleDemand, ServerDemand, Value};
use crate::project::{MCP, OwnedWhat, SETTINGS};

check!(
    "edited-managed-entry",
    Block,
    "something that policy wrote was changed or taken away by hand",
    "what policy wrote is the policy's to change",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let shared = context.shared();
    for demand in &context.baseline.rules {
        let at = demand.what.at();
        let concerns = owns_rule(context, &demand.what) && context.in_the_way(&at, true).is_none();
        if !concerns || context.has_rule(demand.what.list, &demand.what.rule) {
            continue;
        }
        let rule = &demand.what.rule;
        let message = format!("`{rule}` was taken out of `{}`", at.dotted());
        let edit = Edit::Append { at: at.clone(), value: Json::from(rule.text()) };
        let finding = demanded(&CHECK, demand, shared.place(&at), message)
            .fix(context.edit(format!("add `{rule}` to `{}` again", at.dotted()), edit));
        findings.push(finding);
    }
    for demand in &context.baseline.entries {
        let (at, entry) = (&demand.what.at, &demand.what.entry);
        let concerns = owns_entry(context, &demand.what) && context.in_the_way(at, true).is_none();
        if !concerns || context.has_entry(at, entry) {
            continue;
        }
        let message = format!("`{}` was taken out of `{}`", entry_shown(entry), at.dotted());
        let edit = Edit::Append { at: at.clone(), value: entry.clone() };
        let finding = demanded(&CHECK, demand, shared.place(at), message)
            .fix(context.edit(format!("add `{}` to `{}` again", entry_shown(entry), at.dotted()), edit));
        findings.push(finding);
    }
    for demand in context.baseline.values.iter().filter(|demand| !demand.what.value.is_null()) {
        let (at, value) = (&demand.what.at, &demand.what.value);
        let found = shared.document().at(at).map(|node| node.to_value());
        let concerns = owns_value(context, &demand.what) && context.in_the_way(at, false).is_none();
        if !concerns || found.as_ref().is_some_and(|found| agrees(found, value)) {
            continue;
        }
        let message = changed(&at.dotted(), found.as_ref(), value);
        let edit = Edit::Set { at: at.clone(), value: value.clone() };
        let finding = demanded(&CHECK, demand, shared.place(at), message)
            .key(at.to_string())
            .fix(context.edit(format!("set `{}` to `{}` again", at.dotted(), shown(value)), edit));
        findings.push(finding);
    }
    let document = context.project.mcp.document();
    for demand in &context.baseline.provided {
        let (name, value) = (&demand.what.name, &demand.what.value);
        let at = Pointer::of(["mcpServers", name]);
        let found = document.at(&at).map(|node| node.to_value());
        if found.as_ref() == Some(value) || !owns_server(context, &demand.what) {
            continue;
        }
        let message = match found {
            None => format!("MCP server `{name}` was taken out of `.mcp.json`"),
            Some(_) => format!("MCP server `{name}` was changed"),
        };
        let file = &context.project.mcp_file;
        let edit = Edit::Set { at: at.clone(), value: value.clone() };
        let finding = demanded(&CHECK, demand, file.place(document.nearest(&at)), message)
            .key(format!("mcp {name}"))
            .fix(edit_of(file, format!("put MCP server `{name}` back as it was"), edit));
        findings.push(finding);
    }
}

fn changed(key: &str, found: Option<&Json>, wanted: &Json) -> String {
    match found {
        None => format!("`{key}` was taken away, policy asks for `{}`", shown(wanted)),
        Some(found) => {
            format!("`{key}` was changed to `{}`, policy asks for `{}`", shown(found), shown(wanted))
        }
    }
}

/// Whether the lock says that policy wrote this rule.
pub(super) fn owns_rule(context: &Context<'_>, demand: &RuleDemand) -> bool {
    let wanted = OwnedWhat::Entry(Json::from(demand.rule.text()));
    context.lock().is_some_and(|lock| lock.has(SETTINGS, &demand.at(), |what| *what == wanted))
}

/// Whether the lock says that policy wrote this entry.
pub(super) fn owns_entry(context: &Context<'_>, demand: &Entry) -> bool {
    let wanted = OwnedWhat::Entry(demand.entry.clone());
    context.lock().is_some_and(|lock| lock.has(SETTINGS, &demand.at, |what| *what == wanted))
}

/// Whether the lock says that policy gave the key this value.
pub(super) fn owns_value(context: &Context<'_>, demand: &Value) -> bool {
    let wanted = OwnedWhat::Value(demand.value.clone());
    context.lock().is_some_and(|lock| lock.has(SETTINGS, &demand.at, |what| *what == wanted))
}

/// Whether the lock says that policy put this server into `.mcp.json`.
pub(super) fn owns_server(context: &Context<'_>, demand: &ServerDemand) -> bool {
    let at = Pointer::of(["mcpServers", &demand.name]);
    let wanted = OwnedWhat::Value(demand.value.clone());
    context.lock().is_some_and(|lock| lock.has(MCP, &at, |what| *what == wanted))
}
