//! Keys that stand in the wrong place or the wrong file, and keys that nobody knows.

use super::Scope;
use super::problem::{Effect, Home, Problem, ProblemKind};
use crate::client::keys::{self, Key, Reach, Unnamed, effective};
use crate::json::{Node, Pointer};

/// Names that people expect to work, and where what they mean belongs.
const OTHER_NAMES: [(&str, &str); 4] = [
    ("allowedTools", "/permissions/allow"),
    ("disallowedTools", "/permissions/deny"),
    ("ignorePatterns", "/permissions/deny"),
    ("permissionMode", "/permissions/defaultMode"),
];

/// The objects whose members are often put one level too high or too low.
const CONTAINERS: [&str; 5] = ["", "/permissions", "/sandbox", "/sandbox/network", "/sandbox/filesystem"];

const GLOBAL_CONFIG: &str = "~/.claude.json";

/// What stands in `root` where the client does not heed it, and the members that it does not know.
pub(super) fn problems(root: &Node, unnamed: Vec<Unnamed>, scope: Scope) -> Vec<Problem> {
    let mut found = Vec::new();
    known(root, &Pointer::root(), scope, &mut found);
    found.extend(unnamed.into_iter().filter(|key| !is_note(&key.pointer)).map(|key| unknown(key, scope)));
    found
}

/// Keys that the client knows where they stand, yet does not heed in this scope.
fn known(node: &Node, at: &Pointer, scope: Scope, found: &mut Vec<Problem>) {
    for member in effective(node) {
        let pointer = at.join(member.key.as_str());
        let Some(key) = keys::at(&pointer) else { continue };
        let kind = match unheeded(key.reach, scope) {
            None if key.reach == Reach::GlobalConfig => {
                let home = Home::File { file: GLOBAL_CONFIG, at: pointer.clone() };
                Some(ProblemKind::MisplacedKey { home })
            }
            None if is_shadowed(key, node) => {
                Some(ProblemKind::NotHeeded { heeded: "where its newer name is not set" })
            }
            None if is_unheeded_mode(&pointer, &member.value, scope) => {
                Some(ProblemKind::UnheededMode { mode: member.value.as_str().unwrap_or_default().to_owned() })
            }
            kind => kind,
        };
        match kind {
            Some(kind) => {
                let removed = key.reach == Reach::ManagedRemoved || is_shadowed(key, node);
                let effect = if removed { Effect::Drops(pointer.clone()) } else { Effect::Nothing };
                found.push(Problem { pointer, span: member.key_span, kind, effect });
            }
            None => known(&member.value, &pointer, scope, found),
        }
    }
}

fn unheeded(reach: Reach, scope: Scope) -> Option<ProblemKind> {
    let heeded = |heeded| Some(ProblemKind::NotHeeded { heeded });
    match reach {
        Reach::Managed | Reach::ManagedRemoved if scope != Scope::Managed => Some(ProblemKind::ManagedOnly),
        Reach::UserOrManaged if scope.is_in_repository() => {
            heeded("in the user's own or in managed settings")
        }
        Reach::NotShared if scope == Scope::Project => heeded("in files that the repository does not share"),
        Reach::Host if scope != Scope::Flag => heeded("when a program passes it to the client"),
        Reach::GlobalConfig => None,
        _ => None,
    }
}

/// Whether the client takes the top level key above `place` out before it looks at its value.
pub(super) fn is_passed_over(root: &Node, place: &Pointer, scope: Scope) -> bool {
    let key = place.tokens().first().and_then(|name| keys::find(&[name]));
    key.is_some_and(|key| {
        let removed = key.reach == Reach::ManagedRemoved && scope != Scope::Managed;
        removed || is_shadowed(key, root)
    })
}

/// Whether a key stands beside the one that it is another name of.
fn is_shadowed(key: &Key, node: &Node) -> bool {
    key.alias_of.is_some_and(|name| node.get(name).is_some())
}

/// Modes that a repository may not give itself. They still hide the mode of a lower file.
fn is_unheeded_mode(pointer: &Pointer, value: &Node, scope: Scope) -> bool {
    let named = pointer.tokens().iter().map(String::as_str).eq(["permissions", "defaultMode"]);
    named && scope.is_in_repository() && matches!(value.as_str(), Some("auto" | "bypassPermissions"))
}

fn unknown(key: Unnamed, scope: Scope) -> Problem {
    let kind = match home(&key.pointer, scope) {
        Some(home) => ProblemKind::MisplacedKey { home },
        None => ProblemKind::UnknownKey { meant: key.meant },
    };
    Problem { pointer: key.pointer, span: key.span, kind, effect: Effect::Nothing }
}

/// Where a key belongs that the client does not know where it stands.
fn home(pointer: &Pointer, scope: Scope) -> Option<Home> {
    let name = pointer.last()?;
    let top = pointer.tokens().len() == 1;
    if top && name == "mcpServers" {
        let file = match scope {
            Scope::Project | Scope::Local => ".mcp.json",
            Scope::User | Scope::Flag => GLOBAL_CONFIG,
            Scope::Managed => "managed-mcp.json",
        };
        return Some(Home::File { file, at: Pointer::of([name]) });
    }
    let other = OTHER_NAMES.iter().find(|row| row.0 == name).and_then(|row| row.1.parse().ok());
    if other.is_some() {
        return other.map(Home::Here);
    }
    if keys::at(&Pointer::of(["hooks", name])).is_some() {
        return Some(Home::Here(Pointer::of(["hooks", name])));
    }
    let telling = name.contains(|c: char| c.is_ascii_uppercase()) || ["allow", "deny", "ask"].contains(&name);
    if !telling {
        return None;
    }
    let places = CONTAINERS.iter().filter_map(|place| place.parse::<Pointer>().ok());
    let place = places.map(|place| place.join(name)).find(|place| keys::at(place).is_some())?;
    Some(Home::Here(place))
}

/// Keys that people write as comments: the client ignores them, as it is meant to.
fn is_note(pointer: &Pointer) -> bool {
    pointer.tokens().iter().any(|name| {
        name.starts_with("//")
            || name.starts_with('#')
            || name.starts_with('_')
            || name.starts_with("$comment")
    }) || pointer.last().is_some_and(|name| ["comment", "description"].contains(&name))
}
