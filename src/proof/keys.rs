//! Keys beside permission rules: what changed in them from one set of settings to another, and what the change
//! means for what agents may do.
//!
//! Rules are left out: what they grant is no matter of one entry alone. So are keys that the client does not
//! heed where they stand.
//!
//! INVARIANT: what [`Direction`] says holds for the files alone. Another file of the machine may set the same
//! key.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::order::{Direction, Order, has_keys_below, order_at, why_at};
use crate::client::keys::{self, Reach};
use crate::json::{Node, Pointer};
use crate::rule::List;
use crate::settings::{McpFile, Merged, Settings, merge};
use crate::text::Span;

/// What one side says: its settings files, and the servers of its `.mcp.json`.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The settings files, of whatever scopes.
    pub files: &'a [&'a Settings],
    /// The servers.
    pub servers: Option<&'a McpFile>,
}

/// Which file a key stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// The settings file of this number.
    Settings(usize),
    /// `.mcp.json`.
    Servers,
}

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The value; of a list, the entry.
    pub value: Value,
    /// Where it stands, or its first part where several files share it; none where the client put it there.
    pub place: Option<(Home, Span)>,
}

/// What is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The value of a key.
    Value,
    /// One entry of a list.
    Entry,
    /// A server of `.mcp.json`.
    Server,
}

/// One key, or one entry of a list, that is not the same on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyChange {
    /// What is not the same.
    pub part: Part,
    /// The key; of an entry, that of its list.
    pub pointer: Pointer,
    /// What the old side says, none where it says nothing.
    pub old: Option<Written>,
    /// What the new side says.
    pub new: Option<Written>,
    /// What the change means.
    pub direction: Direction,
    /// What there is to know about the key, empty where nothing is known of it.
    pub why: &'static str,
}

/// The keys that are not the same on both sides, in order of the keys; permission rules are left out.
pub fn changed_keys(old: Said<'_>, new: Said<'_>) -> Vec<KeyChange> {
    let sides = Sides { old: &Side::new(old), new: &Side::new(new) };
    let mut found = Vec::new();
    sides.walk(&Pointer::root(), Some(&sides.old.merged.value), Some(&sides.new.merged.value), &mut found);
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    sides.servers(&mut found);
    found
}

struct Side<'a> {
    said: Said<'a>,
    merged: Merged,
}

impl<'a> Side<'a> {
    fn new(said: Said<'a>) -> Self {
        Self { said, merged: merge(said.files) }
    }

    /// The settings files with their numbers, what stands above first.
    fn files(&self) -> impl Iterator<Item = (usize, &'a Settings)> {
        let mut files: Vec<(usize, &Settings)> = self.said.files.iter().copied().enumerate().collect();
        files.sort_by_key(|(_, file)| std::cmp::Reverse(file.scope().precedence()));
        files.into_iter()
    }

    /// The value of the key at `at`, with its place.
    fn written(&self, at: &Pointer, value: &Value) -> Written {
        let origin = self.merged.origin(at);
        let files = self.files().filter(|(_, file)| origin.is_none_or(|scope| scope == file.scope()));
        let found = files.filter_map(|(number, file)| Some((number, node(file, at)?.span))).next();
        Written { value: value.clone(), place: found.map(|(number, span)| (Home::Settings(number), span)) }
    }

    /// An entry of the list at `at`, with its place.
    fn entry(&self, at: &Pointer, entry: &Value) -> Written {
        let place = self.files().find_map(|(number, file)| {
            if at.tokens().first().is_some_and(|first| first == "hooks") {
                let mut hooks = file.hooks().into_iter().filter(|hook| at.last() == Some(hook.event));
                let hook = hooks.find(|hook| {
                    let handler = file.at(&hook.pointer).map(Node::to_value);
                    handler.is_some_and(|handler| with_matcher(&handler, hook.matcher) == *entry)
                })?;
                return Some((Home::Settings(number), hook.span));
            }
            let list = node(file, at)?;
            let item = list.items().iter().find(|item| item.to_value() == *entry);
            item.or((list.to_value() == *entry).then_some(list))
                .map(|node| (Home::Settings(number), node.span))
        });
        Written { value: entry.clone(), place }
    }

    /// The servers by name, with their places.
    fn servers(&self) -> Vec<(String, Written)> {
        let servers = self.said.servers.map(McpFile::servers).unwrap_or_default();
        let written = servers.into_iter().map(|server| {
            let node = self.said.servers.and_then(|file| file.document().at(&server.pointer));
            let value = node.map_or(Value::Null, Node::to_value);
            (server.name.to_owned(), Written { value, place: Some((Home::Servers, server.span)) })
        });
        written.collect()
    }
}

/// The node of a key in a file, under whichever of its names it stands there.
fn node<'a>(file: &'a Settings, at: &Pointer) -> Option<&'a Node> {
    file.at(at).or_else(|| {
        let (first, rest) = at.tokens().split_first()?;
        let alias = keys::all().iter().find(|key| key.alias_of == Some(first.as_str()))?;
        let tokens = std::iter::once(alias.name().to_owned()).chain(rest.iter().cloned());
        file.at(&Pointer::of(tokens))
    })
}

struct Sides<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
}

impl Sides<'_> {
    fn walk(&self, at: &Pointer, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<KeyChange>) {
        if old == new || List::ALL.into_iter().any(|list| list.pointer() == *at) {
            return;
        }
        let holds_keys = |value: Option<&Value>| value.is_none_or(Value::is_object);
        if holds_keys(old) && holds_keys(new) && has_keys_below(at) {
            let members =
                |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
            let (old, new) = (members(old), members(new));
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                self.walk(&at.join(name.as_str()), old.get(name), new.get(name), found);
            }
            return;
        }
        let order = order_at(at);
        match (&order, entries(at, old), entries(at, new)) {
            (Order::List { added, removed }, Some(old), Some(new)) => {
                self.entries(at, &old, &new, (*added, *removed), found);
            }
            (Order::Admits, Some(old_entries), Some(new_entries)) => {
                if old.is_some() && new.is_some() {
                    let directions = (Direction::Looser, Direction::Stricter);
                    self.entries(at, &old_entries, &new_entries, directions, found);
                } else {
                    let list = if old.is_some() { &old_entries } else { &new_entries };
                    found.push(self.change(at, old, new, limited(at, list, new.is_some())));
                }
            }
            _ => found.push(self.change(at, old, new, order.compare(old, new))),
        }
    }

    fn change(
        &self,
        at: &Pointer,
        old: Option<&Value>,
        new: Option<&Value>,
        direction: Direction,
    ) -> KeyChange {
        KeyChange {
            part: Part::Value,
            pointer: at.clone(),
            old: old.map(|value| self.old.written(at, value)),
            new: new.map(|value| self.new.written(at, value)),
            direction,
            why: why_at(at),
        }
    }

    /// The entries that only one of two lists has.
    fn entries(
        &self,
        at: &Pointer,
        old: &[Value],
        new: &[Value],
        (added, removed): (Direction, Direction),
        found: &mut Vec<KeyChange>,
    ) {
        let change = |old, new, direction| KeyChange {
            part: Part::Entry,
            pointer: at.clone(),
            old,
            new,
            direction,
            why: why_at(at),
        };
        for entry in old.iter().filter(|entry| !new.contains(entry)) {
            found.push(change(Some(self.old.entry(at, entry)), None, removed));
        }
        for entry in new.iter().filter(|entry| !old.contains(entry)) {
            found.push(change(None, Some(self.new.entry(at, entry)), added));
        }
    }

    fn servers(&self, found: &mut Vec<KeyChange>) {
        let (old, new) = (self.old.servers(), self.new.servers());
        let names: BTreeSet<&String> = old.iter().chain(&new).map(|(name, _)| name).collect();
        for name in names {
            let of = |side: &[(String, Written)]| {
                side.iter().find(|(known, _)| known == name).map(|(_, written)| written.clone())
            };
            let (old, new) = (of(&old), of(&new));
            let value = |written: &Option<Written>| written.as_ref().map(|written| written.value.clone());
            let direction = Order::Adds.compare(value(&old).as_ref(), value(&new).as_ref());
            if direction != Direction::Neutral {
                let pointer = Pointer::of(["mcpServers", name.as_str()]);
                let why = "an MCP server: its tools can be called once it is approved";
                found.push(KeyChange { part: Part::Server, pointer, old, new, direction, why });
            }
        }
    }
}

/// What it means that a list comes which lets only its entries through, or that it goes.
///
/// Lists of several files are joined: where another file has one, this one adds to it, and where none has, it
/// ends that everything is let through. Only managed files are known to be alone with theirs.
fn limited(at: &Pointer, list: &[Value], comes: bool) -> Direction {
    let is_alone =
        keys::at(at).is_some_and(|key| matches!(key.reach, Reach::Managed | Reach::ManagedRemoved));
    match (is_alone || list.is_empty(), comes) {
        (true, true) => Direction::Stricter,
        (true, false) => Direction::Looser,
        (false, _) => Direction::Unordered,
    }
}

/// The entries of a list, each once; a text alone is a list of one, and a key that is not set has none. Of
/// hooks, each handler with the matcher of its group. None where it is no list.
fn entries(at: &Pointer, value: Option<&Value>) -> Option<Vec<Value>> {
    let items = match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(text @ Value::String(_)) => vec![text.clone()],
        Some(_) => return None,
    };
    let items = if at.tokens().first().is_some_and(|first| first == "hooks") {
        items.iter().flat_map(handlers).collect()
    } else {
        items
    };
    let mut once: Vec<Value> = Vec::new();
    for item in items {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    Some(once)
}

fn handlers(group: &Value) -> Vec<Value> {
    let matcher = group.get("matcher").and_then(Value::as_str);
    let hooks = group.get("hooks").and_then(Value::as_array);
    hooks.into_iter().flatten().map(|handler| with_matcher(handler, matcher)).collect()
}

fn with_matcher(handler: &Value, matcher: Option<&str>) -> Value {
    let mut entry = Map::new();
    if let Some(matcher) = matcher {
        entry.insert("matcher".to_owned(), json!(matcher));
    }
    entry.extend(handler.as_object().cloned().unwrap_or_default());
    Value::Object(entry)
}
