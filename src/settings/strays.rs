//! Hooks outside their place. A `PreToolUse` or `PermissionRequest` hook may be what guards the
//! permissions beside it, and the client will not guess: where it sees one that it cannot load, it
//! ignores the whole file. It looks for the two names, and for what has the shape of a hook group.
//!
//! Left out: hooks in their place, whose shape the key table holds.

use super::problem::{Effect, Problem, ProblemKind};
use crate::client::keys::{self, Reach, effective};
use crate::json::{Kind, Node, Pointer};
use crate::text::Span;

const GUARDS: [&str; 2] = ["PreToolUse", "PermissionRequest"];

/// Keys whose values are anybody's: the client does not look for hooks there.
const FOREIGN: [&str; 6] = [
    "env",
    "mcpServers",
    "modelSettings",
    "pluginConfigs",
    "extraKnownMarketplaces",
    "additionalMarketplaces",
];

/// How far below a key the client looks.
const DEPTH: usize = 4;

/// In managed files only what stands below `hooks` counts, and it costs only the hooks.
pub(super) fn problems(root: &Node, managed: bool) -> Vec<Problem> {
    let effect = if managed { Effect::Drops(Pointer::of(["hooks"])) } else { Effect::DropsFile };
    let mut search = Search { found: Vec::new(), effect };
    if managed {
        if let Some(member) = root.member("hooks") {
            search.hooks(&member.value, member.key_span, &Pointer::of(["hooks"]));
        }
        return search.found;
    }
    for member in effective(root).filter(|member| !is_foreign(&member.key)) {
        let at = Pointer::of([member.key.as_str()]);
        if member.key == "hooks" {
            search.hooks(&member.value, member.key_span, &at);
        } else if is_guard(&member.key) {
            search.name(&member.value, member.key_span, &at);
        } else {
            search.look(&member.value, &at, DEPTH, !is_event(&member.key));
        }
    }
    search.found
}

struct Search {
    found: Vec<Problem>,
    effect: Effect,
}

impl Search {
    /// The value of `hooks`, whose members are events.
    fn hooks(&mut self, node: &Node, key_span: Span, at: &Pointer) {
        if let Some(item) = node.items().iter().find(|item| item.is_object()) {
            self.push(
                at.clone(),
                item.span,
                "a list of hooks, where an object with a list for each event belongs",
            );
            return;
        }
        let has_event = effective(node).any(|member| is_event(&member.key));
        if is_group(node) && !has_event {
            self.push(at.clone(), key_span, "a hook without the event that it belongs to");
            return;
        }
        if node.is_array() {
            self.look(node, at, DEPTH, true);
        }
        for event in effective(node) {
            let at = at.join(event.key.as_str());
            if !is_event(&event.key) {
                let grouped = event.value.is_array();
                self.look(&event.value, &at, DEPTH, !grouped);
            } else if event.value.is_array() {
                for (index, entry) in event.value.items().iter().enumerate() {
                    self.entry(entry, &at.join(index.to_string()));
                }
            } else {
                self.look(&event.value, &at, DEPTH, false);
            }
        }
    }

    /// One entry of an event's list. Of its hooks only the keys count: what a hook sends is its own.
    fn entry(&mut self, entry: &Node, at: &Pointer) {
        let hooks = entry.get("hooks").filter(|hooks| hooks.is_array());
        let Some(hooks) = hooks else { return self.look(entry, at, DEPTH, false) };
        let costly = self.effect == Effect::DropsFile;
        for member in effective(entry).filter(|member| costly && member.key != "hooks") {
            let at = at.join(member.key.as_str());
            if is_guard(&member.key) {
                self.name(&member.value, member.key_span, &at);
            } else {
                self.look(&member.value, &at, DEPTH - 1, false);
            }
        }
        for (index, hook) in hooks.items().iter().enumerate() {
            let depth = if hook.is_array() { 2 } else { 1 };
            self.look(hook, &at.join("hooks").join(index.to_string()), depth, false);
        }
    }

    /// Looks through `node` for the names and, where `shapes` says so, for groups; below the name of
    /// another event groups are where they belong, or harmless.
    fn look(&mut self, node: &Node, at: &Pointer, depth: usize, shapes: bool) {
        if depth == 0 {
            return;
        }
        if shapes && is_group(node) {
            self.push(at.clone(), node.span, "a hook outside `hooks`");
            return;
        }
        let nested = node.items().iter().enumerate().filter(|(_, item)| item.is_object() || item.is_array());
        for (index, item) in nested {
            self.look(item, &at.join(index.to_string()), depth - 1, shapes);
        }
        for member in effective(node) {
            let at = at.join(member.key.as_str());
            if is_guard(&member.key) {
                self.name(&member.value, member.key_span, &at);
            } else {
                self.look(&member.value, &at, depth - 1, shapes && !is_event(&member.key));
            }
        }
    }

    /// A guard's name with something to it.
    fn name(&mut self, value: &Node, key_span: Span, at: &Pointer) {
        let empty = matches!(&value.kind, Kind::Null) || (value.is_array() && value.items().is_empty());
        if !empty {
            self.push(at.clone(), key_span, "a hook that may guard permissions stands outside `hooks`");
        }
    }

    fn push(&mut self, pointer: Pointer, span: Span, reason: &str) {
        let kind = ProblemKind::BadHook { reason: reason.to_owned() };
        self.found.push(Problem { pointer, span, kind, effect: self.effect.clone() });
    }
}

fn is_foreign(name: &str) -> bool {
    let removed = keys::find(&[name]).is_some_and(|key| key.reach == Reach::ManagedRemoved);
    removed || FOREIGN.contains(&name)
}

fn is_guard(name: &str) -> bool {
    GUARDS.contains(&name)
}

fn is_event(name: &str) -> bool {
    keys::find(&["hooks", name]).is_some()
}

/// An object with hooks in it: what stands in the list of an event.
fn is_group(node: &Node) -> bool {
    match node.get("hooks").map(|hooks| &hooks.kind) {
        Some(Kind::Array(items)) => !items.is_empty(),
        Some(Kind::Object(_)) => {
            let hook = node.get("hooks").and_then(|hook| hook.get("type")?.as_str());
            node.get("matcher").is_some() || hook.is_some()
        }
        _ => false,
    }
}
