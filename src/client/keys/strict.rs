//! Orders of strictness: which of two values of a key lets less happen.

use std::cmp::Ordering;

use serde_json::Value;

/// The values of a key from the strictest on; what is not listed is laxer than what is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Strictness {
    ranks: Vec<Value>,
}

impl Strictness {
    /// Reads `true`, `disable` or `refuse>hold`; the empty text is no order.
    pub(super) fn parse(text: &str) -> Self {
        let words = text.split('>').map(str::trim);
        let ranks = words.filter(|word| !word.is_empty()).map(|word| match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            word => Value::String(word.to_owned()),
        });
        Self { ranks: ranks.collect() }
    }

    /// The values of the order, the strictest first.
    pub fn ranks(&self) -> &[Value] {
        &self.ranks
    }

    /// The strictest value, none where no order is known.
    pub fn strictest(&self) -> Option<&Value> {
        self.ranks.first()
    }

    /// Compares by strictness: `Greater` where `a` is stricter than `b`. A key that is not set is as
    /// lax as a value that is not listed. None where neither is listed, or no order is known.
    pub fn compare(&self, a: Option<&Value>, b: Option<&Value>) -> Option<Ordering> {
        if a == b {
            return Some(Ordering::Equal);
        }
        let rank = |value: Option<&Value>| self.ranks.iter().position(|known| Some(known) == value);
        match (rank(a), rank(b)) {
            (Some(a), Some(b)) => Some(b.cmp(&a)),
            (Some(_), None) => Some(Ordering::Greater),
            (None, Some(_)) => Some(Ordering::Less),
            (None, None) => None,
        }
    }
}
