//! The permission rules of all scopes, as one list.

use crate::json::Pointer;
use crate::rule::{List, Rule};
use crate::settings::Scope;
use crate::text::Span;

/// The place of a rule in [`Rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(super) u32);

impl RuleId {
    /// Its place among all rules, in their order.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A rule that the client takes, with the file that it stands in.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rule.
    pub rule: Rule,
    /// The list it stands in.
    pub list: List,
    /// The scope of its file.
    pub scope: Scope,
    /// Which of the files it stands in, counted in the order in which they were given.
    pub file: usize,
    /// Its place there.
    pub pointer: Pointer,
    /// Its place in the text.
    pub span: Span,
}

/// All rules that are in force.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    all: Vec<Loaded>,
}

impl Rules {
    /// The rule with this number.
    pub fn get(&self, id: RuleId) -> Option<&Loaded> {
        self.all.get(id.0 as usize)
    }

    /// All rules with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Loaded)> {
        self.all.iter().enumerate().map(|(at, rule)| (RuleId(u32::try_from(at).unwrap_or(u32::MAX)), rule))
    }

    /// Adds a rule.
    pub fn push(&mut self, rule: Loaded) {
        self.all.push(rule);
    }
}
