//! The tree of a JSON document in which every value, key and element keeps its place.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::Pointer;
use crate::text::Span;

/// One value and the bytes that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From the first to behind the last byte of the value.
    pub span: Span,
    /// What the value is.
    pub kind: Kind,
}

/// The kinds of JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as a double where it does not fit an integer.
    Number(serde_json::Number),
    /// A string with its escapes resolved; lone surrogates become U+FFFD.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object with its members in order of the text, repeated keys included.
    Object(Vec<Member>),
}

/// One `"key": value` of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key with its escapes resolved.
    pub key: String,
    /// The bytes of the key, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Member {
    /// From the key's first byte to behind the value.
    pub fn span(&self) -> Span {
        Span::new(self.key_span.start, self.value.span.end)
    }
}

impl Node {
    /// The member that counts for `key`: the last of that name, as the client reads it.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|member| member.key == key)
    }

    /// The value that counts for `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// The value at `pointer`.
    pub fn at(&self, pointer: &Pointer) -> Option<&Node> {
        pointer.tokens().iter().try_fold(self, |node, token| match &node.kind {
            Kind::Object(_) => node.get(token),
            Kind::Array(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The members of an object; none for any other value.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; none for any other value.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Array(items) => items,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }

    /// Whether this is an array.
    pub fn is_array(&self) -> bool {
        matches!(self.kind, Kind::Array(_))
    }

    /// What the value is, with its article, for messages.
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }

    /// The plain value, the last of repeated keys winning as it does in the client.
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Array(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Kind::Object(members) => {
                let pairs = members.iter().map(|member| (member.key.clone(), member.value.to_value()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// Every object key below here that is repeated, as the members that are lost: the client keeps
    /// only the last of each name.
    pub fn repeated_keys(&self) -> Vec<(Pointer, &Member)> {
        let mut found = Vec::new();
        collect_repeated(self, &mut found);
        found
    }
}

fn collect_repeated<'a>(node: &'a Node, found: &mut Vec<(Pointer, &'a Member)>) {
    for (index, item) in node.items().iter().enumerate() {
        let first = found.len();
        collect_repeated(item, found);
        lead_by(found, first, || index.to_string());
    }
    let members = node.members();
    let lost = lost_members(members);
    for (index, member) in members.iter().enumerate() {
        let first = found.len();
        if lost.contains(&index) {
            found.push((Pointer::root(), member));
        }
        collect_repeated(&member.value, found);
        lead_by(found, first, || member.key.clone());
    }
}

/// Puts a key before the places found from `first` on. Most documents repeat no key, and need no
/// places.
fn lead_by(found: &mut [(Pointer, &Member)], first: usize, key: impl Fn() -> String) {
    for (at, _) in found.iter_mut().skip(first) {
        *at = Pointer::of(std::iter::once(key()).chain(at.tokens().iter().cloned()));
    }
}

/// The members whose key comes again further down.
fn lost_members(members: &[Member]) -> HashSet<usize> {
    let mut last = HashMap::with_capacity(members.len());
    let earlier =
        members.iter().enumerate().filter_map(|(index, member)| last.insert(member.key.as_str(), index));
    earlier.collect()
}
