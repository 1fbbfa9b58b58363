//! Managed files, which the client takes key by key: a wrong value goes alone or makes place for a
//! strict one, and what it was to hold back goes with it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::problem::{Effect, Problem, ProblemKind};
use crate::client::keys::{self, Key, Loss, Mismatch, effective};
use crate::json::{Kind, Node, Pointer};

/// Lists that hold back, and what the client withholds where it cannot read them.
struct Guard {
    /// The object that holds them.
    place: &'static str,
    /// The lists that hold back.
    lists: &'static [&'static str],
    /// What they hold back.
    grants: &'static [&'static str],
    /// Whether one unreadable entry is enough.
    one_entry: bool,
}

const GUARDS: [Guard; 4] = [
    Guard {
        place: "/permissions",
        lists: &["deny", "ask"],
        grants: &["allow", "additionalDirectories"],
        one_entry: false,
    },
    Guard {
        place: "/autoMode",
        lists: &["soft_deny", "hard_deny"],
        grants: &["allow", "environment"],
        one_entry: true,
    },
    Guard {
        place: "/sandbox/network",
        lists: &["deniedDomains"],
        grants: &["allowedDomains"],
        one_entry: true,
    },
    Guard {
        place: "/sandbox/filesystem",
        lists: &["denyWrite", "denyRead"],
        grants: &["allowWrite", "allowRead"],
        one_entry: true,
    },
];

/// Modes that stay when the rules that hold back are lost: they grant nothing.
const HARMLESS_MODES: [&str; 3] = ["default", "plan", "dontAsk"];

/// What one wrong value costs in a managed file.
pub(super) fn effect(mismatch: &Mismatch, root: &Node) -> Effect {
    let wrong = match &mismatch.loss {
        Loss::Effect => return Effect::Nothing,
        Loss::Reads(at, value) => return Effect::Replaces(at.clone(), value.clone()),
        // One hook that may guard costs all hooks of the file.
        Loss::Guarded => return Effect::Drops(Pointer::of(mismatch.pointer.tokens().first())),
        Loss::At(at) => at,
        Loss::All => &mismatch.pointer,
    };
    let Some(key) = nearest_key(wrong).map(salvaged) else { return Effect::Drops(wrong.clone()) };
    let place = Pointer::of(key.path.iter().copied());
    if *wrong != place {
        if matches!(mismatch.loss, Loss::At(_)) {
            return Effect::Drops(wrong.clone());
        }
        if key.mending.entries {
            return Effect::Drops(entry_of(&place, wrong));
        }
    }
    if root.at(&place).is_some_and(|node| is_unset(key, node)) {
        return Effect::Drops(place);
    }
    if key.mending.halts {
        return Effect::Halts;
    }
    let value = if key.kind().holds_keys() { locks(&place) } else { key.mending.value.clone() };
    match value {
        Some(value) => Effect::Replaces(place, value),
        None => Effect::Drops(place),
    }
}

/// Whether the client reads the value as if the key were not there.
fn is_unset(key: &Key, node: &Node) -> bool {
    match &node.kind {
        Kind::Null => {
            let credential = key.path.starts_with(&["sandbox", "credentials"]) && key.path.len() > 2;
            !credential && (key.kind().holds_keys() || key.path.len() > 1)
        }
        // A lock whose only value is `disable` asks for nothing when it is `false`.
        Kind::Bool(false) => is_disabling(key),
        Kind::String(text) => text == "false" && is_disabling(key),
        _ => false,
    }
}

fn is_disabling(key: &Key) -> bool {
    key.strictness.strictest().is_some_and(|value| value == "disable")
}

/// Of an object without locks the client saves nothing: one wrong member costs it whole.
fn salvaged(key: &'static Key) -> &'static Key {
    let top = key.path.first().and_then(|name| keys::find(&[name]));
    top.filter(|top| top.kind().holds_keys() && !has_locks(top)).unwrap_or(key)
}

fn has_locks(key: &Key) -> bool {
    let place = Pointer::of(key.path.iter().copied());
    keys::below(&place).any(|key| key.strictness.strictest().is_some() || has_locks(key))
}

fn nearest_key(place: &Pointer) -> Option<&'static Key> {
    keys::at(place).or_else(|| nearest_key(&place.parent()?))
}

/// The entry of the list at `list` that holds `below`.
fn entry_of(list: &Pointer, below: &Pointer) -> Pointer {
    Pointer::of(below.tokens().iter().take(list.tokens().len() + 1))
}

/// Every key below `place` that can be locked, with its strictest value.
fn locks(place: &Pointer) -> Option<Value> {
    // The sandbox is tightened, yet not switched on, by a value that says nothing of it.
    let keys = keys::below(place).filter(|key| key.path != ["sandbox", "enabled"]);
    let found = keys.filter_map(|key| {
        let name = key.name();
        let value = if key.kind().holds_keys() {
            locks(&place.join(name))
        } else {
            key.strictness.strictest().and(key.mending.value.clone())
        };
        Some((name.to_owned(), value?))
    });
    let found: Map<String, Value> = found.collect();
    (!found.is_empty()).then(|| Value::Object(found))
}

/// Lists of which no entry is left: the client treats them as if they could not be read at all.
pub(super) fn emptied(root: &Node, problems: &[Problem]) -> Vec<Problem> {
    let dropped: HashSet<&Pointer> = problems.iter().filter_map(Problem::dropped).collect();
    if dropped.is_empty() {
        return Vec::new();
    }
    let lists = keys::all().iter().filter(|key| key.mending.entries && key.mending.value.is_none());
    let found = lists.filter(|key| key.path.len() > 1 || key.name() == "enabledPlugins").filter_map(|key| {
        let place = Pointer::of(key.path.iter().copied());
        let node = root.at(&place)?;
        let entries = node.items().iter().enumerate().map(|(index, _)| index.to_string());
        let mut entries = entries.chain(effective(node).map(|member| member.key.clone())).peekable();
        entries.peek()?;
        entries.all(|entry| dropped.contains(&place.join(entry))).then(|| Problem {
            pointer: place.clone(),
            span: node.span,
            kind: ProblemKind::NothingLeft,
            effect: Effect::Drops(place.clone()),
        })
    });
    found.collect()
}

/// What the client withholds because it lost the rules that were to hold it back.
pub(super) fn withheld(root: &Node, problems: &[Problem]) -> Vec<Problem> {
    let mut found = Vec::new();
    for guard in &GUARDS {
        let Ok(place) = guard.place.parse::<Pointer>() else { continue };
        let lost = guard.lists.iter().map(|list| place.join(*list)).find(|list| {
            problems.iter().any(|problem| match &problem.effect {
                Effect::Drops(at) => {
                    let whole =
                        at == list && !root.at(at).is_some_and(|node| matches!(node.kind, Kind::Null));
                    whole || (guard.one_entry && at.parent().as_ref() == Some(list))
                }
                _ => false,
            })
        });
        let Some(by) = lost else { continue };
        for grant in guard.grants {
            let at = place.join(*grant);
            let effect = Effect::Drops(at.clone());
            found.extend(withhold(root, at, by.clone(), effect));
        }
        let mode = place.join("defaultMode");
        let grants =
            root.at(&mode).and_then(Node::as_str).is_some_and(|mode| !HARMLESS_MODES.contains(&mode));
        if guard.place == "/permissions" && grants {
            let effect = Effect::Replaces(mode.clone(), "default".into());
            found.extend(withhold(root, mode, by, effect));
        }
    }
    found
}

fn withhold(root: &Node, pointer: Pointer, by: Pointer, effect: Effect) -> Option<Problem> {
    let parent = root.at(&pointer.parent()?)?;
    let span = parent.member(pointer.last()?)?.key_span;
    Some(Problem { pointer, span, kind: ProblemKind::Withheld { by }, effect })
}
