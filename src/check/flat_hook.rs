//! A hook that stands in the list of its event without the group it belongs in.

use serde_json::{Map, Value};

use super::registry::check;
use super::{Context, Run};
use crate::client::keys::effective;
use crate::finding::{Finding, Severity};
use crate::json::{Document, Edit, Node, Pointer};

check!(
    "flat-hook",
    Block,
    "a hook stands in the list of its event without a group around it",
    "the hook never runs, and one that may guard permissions takes the whole file with it",
    Run::Project(run)
);

/// Keys of the group; the others belong to the hook.
const OF_GROUP: &str = "matcher";

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for (pointer, node) in flat(file.document()) {
            let event = pointer.tokens().get(1).cloned().unwrap_or_default();
            let costly = file.settings.problems().iter().any(|problem| {
                problem.effect == crate::settings::Effect::DropsFile && problem.pointer == pointer
            });
            let message =
                format!("this {event} hook never runs: the list takes objects with `hooks`, not hooks");
            let severity = if costly { CHECK.severity } else { Severity::Warn };
            let mut finding = Finding::new(CHECK.name, severity, file.file.place(node.span), message)
                .key(pointer.to_string());
            if costly {
                finding = finding.help("the client ignores the whole file, its deny rules included");
            }
            let edit = Edit::Set { at: pointer, value: grouped(node) };
            findings.push(finding.fix(super::context::edit_of(
                &file.file,
                "put a group around the hook",
                edit,
            )));
        }
    }
}

/// Whether a hook without its group stands at this place.
pub(super) fn is_at(document: &Document, at: &Pointer) -> bool {
    at.tokens().first().is_some_and(|key| key == "hooks") && document.at(at).is_some_and(is_flat)
}

fn flat(document: &Document) -> Vec<(Pointer, &Node)> {
    let hooks = Pointer::of(["hooks"]);
    let Some(events) = document.at(&hooks) else { return Vec::new() };
    let of_event = |(at, list): (Pointer, &'_ Node)| -> Vec<Pointer> {
        let flat = list.items().iter().enumerate().filter(|(_, item)| is_flat(item));
        flat.map(|(index, _)| at.join(index.to_string())).collect()
    };
    let places = effective(events).flat_map(|event| of_event((hooks.join(event.key.as_str()), &event.value)));
    places.filter_map(|at| document.at(&at).map(|node| (at, node))).collect()
}

fn is_flat(node: &Node) -> bool {
    let runs = ["command", "url", "prompt"].iter().any(|key| node.get(key).and_then(Node::as_str).is_some());
    node.is_object() && node.get("hooks").is_none() && runs
}

/// The group that was meant.
fn grouped(node: &Node) -> Value {
    let Value::Object(flat) = node.to_value() else { return node.to_value() };
    let (mut group, mut hook) = (Map::new(), Map::new());
    if !flat.contains_key("type") {
        let kind = if flat.contains_key("command") {
            "command"
        } else if flat.contains_key("url") {
            "http"
        } else {
            "prompt"
        };
        hook.insert("type".to_owned(), kind.into());
    }
    for (key, value) in flat {
        if key == OF_GROUP { &mut group } else { &mut hook }.insert(key, value);
    }
    group.insert("hooks".to_owned(), Value::Array(vec![Value::Object(hook)]));
    Value::Object(group)
}
