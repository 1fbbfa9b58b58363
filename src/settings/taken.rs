//! What is left of a file: the values that the client drops or replaces, taken out of the rest.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::client::keys::{self, effective};
use crate::json::{Kind, Node, Pointer};

/// Places whose values the client does not take as they stand, with what it puts there instead.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Losses {
    places: HashMap<Pointer, Place>,
    lost: bool,
    sweep: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Place {
    stand_in: Option<Value>,
    lost: bool,
}

impl Losses {
    /// No losses yet. `sweep` says that objects go of which no member is left, as in managed files.
    pub(super) fn new(sweep: bool) -> Self {
        Self { sweep, ..Self::default() }
    }

    /// Whether nothing is lost.
    pub(super) fn is_empty(&self) -> bool {
        !self.lost
    }

    /// The value at `at` goes, and `stand_in` comes in its place.
    pub(super) fn add(&mut self, at: Pointer, stand_in: Option<Value>) {
        self.lost = true;
        self.places.insert(at, Place { stand_in, lost: true });
    }

    /// The client reads the value at `at` as `value`, which loses nothing.
    pub(super) fn read(&mut self, at: Pointer, value: Option<Value>) {
        self.places.insert(at, Place { stand_in: value, lost: false });
    }

    /// Whether the client takes the value at `at` as it stands there.
    pub(super) fn keep(&self, at: &Pointer) -> bool {
        let mut place = Some(at.clone());
        while let Some(now) = place {
            if self.places.contains_key(&now) {
                return false;
            }
            place = now.parent();
        }
        true
    }

    /// What is left of the document whose root is `root`.
    pub(super) fn value(&self, root: &Node) -> Option<Value> {
        self.left(root, &Pointer::root())
    }

    fn left(&self, node: &Node, at: &Pointer) -> Option<Value> {
        if let Some(place) = self.places.get(at) {
            return place.stand_in.clone();
        }
        Some(match &node.kind {
            Kind::Array(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .filter_map(|(index, item)| self.left(item, &at.join(index.to_string())))
                    .collect(),
            ),
            Kind::Object(_) => {
                let members = effective(node).filter_map(|member| {
                    let place = at.join(member.key.as_str());
                    let value = self.left(&member.value, &place)?;
                    let name = keys::at(&place).and_then(|key| key.alias_of).unwrap_or(&member.key);
                    Some((name.to_owned(), value))
                });
                let left: Map<String, Value> = members.collect();
                let emptied = left.is_empty() && !node.members().is_empty();
                if emptied && (at.tokens() == ["hooks"] || (self.sweep && self.lost_below(node, at))) {
                    return None;
                }
                Value::Object(left)
            }
            _ => node.to_value(),
        })
    }

    /// Whether every member of the object at `at` is lost, itself or by all that it holds.
    fn lost_below(&self, node: &Node, at: &Pointer) -> bool {
        keys::at(at).is_some_and(|key| key.kind().holds_keys())
            && effective(node).all(|member| {
                let place = at.join(member.key.as_str());
                match self.places.get(&place) {
                    Some(place) => place.lost,
                    None => !member.value.members().is_empty() && self.lost_below(&member.value, &place),
                }
            })
    }
}
