//! Keys beside permission rules: what changed in them from one set of settings to another, and what the change
//! means for what agents may do.
//!
//! Rules are left out: what they grant is no matter of one entry alone. So are keys that the client does not
//! heed where they stand.
//!
//! INVARIANT: what [`Direction`] says holds for the files alone. Another file of the machine may set the same
//! key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    /// What there is to know about the key.
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

    /// The entries of the list at `at`, each once; none where `value` is no list.
    fn entries(&self, at: &Pointer, value: Option<&Value>) -> Option<Vec<Entry>> {
        let items = items(at, value)?;
        let mut places = if items.is_empty() { HashMap::new() } else { self.places(at) };
        let mut seen = HashSet::new();
        let entries = items.into_iter().filter_map(|value| {
            let text = same_text(&value);
            let place = places.remove(&text);
            seen.insert(text.clone()).then_some(Entry { text, written: Written { value, place } })
        });
        Some(entries.collect())
    }

    /// Where entries of the list at `at` stand, by their texts.
    fn places(&self, at: &Pointer) -> HashMap<String, (Home, Span)> {
        let mut places = HashMap::new();
        for (number, file) in self.files() {
            let home = Home::Settings(number);
            if is_of_hooks(at) {
                for hook in file.hooks().iter().filter(|hook| at.last() == Some(hook.event)) {
                    let Some(handler) = file.at(&hook.pointer).map(Node::to_value) else { continue };
                    places
                        .entry(same_text(&with_matcher(&handler, hook.matcher)))
                        .or_insert((home, hook.span));
                }
                continue;
            }
            let Some(list) = node(file, at) else { continue };
            for item in list.items().iter().chain(list.as_str().map(|_| list)) {
                places.entry(same_text(&item.to_value())).or_insert((home, item.span));
            }
        }
        places
    }

    /// The servers by name, with their places.
    fn servers(&self) -> BTreeMap<String, Written> {
        let servers = self.said.servers.map(McpFile::servers).unwrap_or_default();
        let written = servers.into_iter().map(|server| {
            let node = self.said.servers.and_then(|file| file.document().at(&server.pointer));
            let value = node.map_or(Value::Null, Node::to_value);
            (server.name.to_owned(), Written { value, place: Some((Home::Servers, server.span)) })
        });
        written.collect()
    }
}

/// One entry of a list.
struct Entry {
    /// What it says, the same for all entries that are equal.
    text: String,
    written: Written,
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
        let directions = match order {
            Order::List { added, removed } => (added, removed),
            Order::Admits => (Direction::Looser, Direction::Stricter),
            _ => return found.push(self.change(at, old, new, order.compare(old, new))),
        };
        let (Some(old_entries), Some(new_entries)) = (self.old.entries(at, old), self.new.entries(at, new))
        else {
            return found.push(self.change(at, old, new, Direction::Unordered));
        };
        if order == Order::Admits && (old.is_none() || new.is_none()) {
            let is_empty = old_entries.is_empty() && new_entries.is_empty();
            return found.push(self.change(at, old, new, limited(at, is_empty, new.is_some())));
        }
        entries(at, old_entries, new_entries, directions, found);
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

    fn servers(&self, found: &mut Vec<KeyChange>) {
        let (mut old, mut new) = (self.old.servers(), self.new.servers());
        let names: BTreeSet<String> = old.keys().chain(new.keys()).cloned().collect();
        for name in names {
            let (old, new) = (old.remove(&name), new.remove(&name));
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

/// The entries that only one of two lists has.
fn entries(
    at: &Pointer,
    old: Vec<Entry>,
    new: Vec<Entry>,
    (added, removed): (Direction, Direction),
    found: &mut Vec<KeyChange>,
) {
    let texts = |entries: &[Entry]| entries.iter().map(|entry| entry.text.clone()).collect::<HashSet<_>>();
    let (old_texts, new_texts) = (texts(&old), texts(&new));
    let change = |old, new, direction| KeyChange {
        part: Part::Entry,
        pointer: at.clone(),
        old,
        new,
        direction,
        why: why_at(at),
    };
    let gone = old.into_iter().filter(|entry| !new_texts.contains(&entry.text));
    found.extend(gone.map(|entry| change(Some(entry.written), None, removed)));
    let come = new.into_iter().filter(|entry| !old_texts.contains(&entry.text));
    found.extend(come.map(|entry| change(None, Some(entry.written), added)));
}

/// What it means that a list comes which lets only its entries through, or that it goes.
///
/// Lists of several files are joined: where another file has one, this one adds to it, and where none has, it
/// ends that everything is let through. Only managed files are known to be alone with theirs.
fn limited(at: &Pointer, is_empty: bool, comes: bool) -> Direction {
    let is_alone =
        keys::at(at).is_some_and(|key| matches!(key.reach, Reach::Managed | Reach::ManagedRemoved));
    match (is_alone || is_empty, comes) {
        (true, true) => Direction::Stricter,
        (true, false) => Direction::Looser,
        (false, _) => Direction::Unordered,
    }
}

/// The entries of a list; a text alone is a list of one, and a key that is not set has none. Of hooks, each
/// handler with the matcher of its group. None where it is no list.
fn items(at: &Pointer, value: Option<&Value>) -> Option<Vec<Value>> {
    let items = match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(text @ Value::String(_)) => vec![text.clone()],
        Some(_) => return None,
    };
    Some(if is_of_hooks(at) { items.iter().flat_map(handlers).collect() } else { items })
}

fn is_of_hooks(at: &Pointer) -> bool {
    at.tokens().first().is_some_and(|first| first == "hooks")
}

/// A text that is the same for values that are equal, in whatever order their members stand.
fn same_text(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            let told = members.iter().map(|(key, value)| format!("{}:{}", json!(key), same_text(value)));
            format!("{{{}}}", told.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(same_text).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
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
