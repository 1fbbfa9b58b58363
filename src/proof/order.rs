//! The order of a key's values: which of them let more happen.
//!
//! The orders are data, `keys.tsv` beside this file; its head explains them. What stands there goes before the
//! order in the client's own table, which knows single values only.
//!
//! INVARIANT: a value is called stricter only where nothing else that the key could say lets less happen, or
//! where the table orders the two. Whatever is left is [`Direction::Unordered`].

use std::cmp::Ordering;
use std::sync::LazyLock;

use serde_json::Value;

use crate::client::keys::{self, Key};
use crate::json::Pointer;

const TABLE: &str = include_str!("keys.tsv");

/// What a change means for what agents may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// More happens, or the same: never less.
    Looser,
    /// It cannot be ordered: it may let more happen.
    Unordered,
    /// Less happens, or the same: never more.
    Stricter,
    /// Nothing changes in what agents may do.
    Neutral,
}

impl Direction {
    /// Whether the change may let more happen than before.
    pub fn may_grant(self) -> bool {
        matches!(self, Self::Looser | Self::Unordered)
    }
}

/// How the values of a key are ordered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Order {
    Neutral,
    Unordered,
    /// A list, and what an entry more and an entry less mean.
    List {
        added: Direction,
        removed: Direction,
    },
    /// A list that lets only its entries through, and everything where it is not set.
    Admits,
    /// A thing of its own.
    Adds,
    /// A number of which more lets more happen.
    More,
    /// Values of the same strictness together, the strictest first; none is a key that is not set.
    Ranks(Vec<Vec<Option<Value>>>),
    /// By the client's own table.
    Client(&'static Key),
}

struct Row {
    path: Vec<&'static str>,
    order: Order,
    why: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = lines().filter_map(|line| {
        let mut columns = line.split('\t').map(str::trim);
        let path = columns.next()?.split('.').collect();
        Some(Row { path, order: Order::parse(columns.next()?)?, why: columns.next()? })
    });
    rows.collect()
});

/// The lines that hold a key.
fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1)
}

/// The line of the key at `at`; a `*` stands for what has no line of its own.
fn row(at: &Pointer) -> Option<&'static Row> {
    let (last, parents) = at.tokens().split_last()?;
    let named = |name: &str| {
        ROWS.iter().find(|row| {
            let (own, above) = row.path.split_last().unwrap_or((&"", &[]));
            *own == name && above == parents
        })
    };
    named(last).or_else(|| named("*"))
}

/// Whether keys below `at` have an order of their own.
pub(super) fn has_keys_below(at: &Pointer) -> bool {
    let below = |row: &Row| {
        row.path.len() > at.tokens().len() && at.tokens().iter().zip(&row.path).all(|(a, b)| a == b)
    };
    keys::below(at).next().is_some() || ROWS.iter().any(below)
}

/// Whether the values at `at` are told apart by how much they let an agent do. Those of hooks and of commands
/// that the client runs are not: what they add is done by whoever wrote the settings.
pub fn is_ordered(at: &Pointer) -> bool {
    let is_hook = at.tokens().first().is_some_and(|first| first == "hooks");
    !is_hook && !matches!(order_at(at), Order::Neutral | Order::Unordered | Order::Adds)
}

/// How the values at `at` are ordered.
pub(super) fn order_at(at: &Pointer) -> Order {
    if let Some(row) = row(at) {
        return row.order.clone();
    }
    match keys::at(at) {
        Some(key) if key.strictness.strictest().is_some() => Order::Client(key),
        None if is_comment(at) => Order::Neutral,
        _ => Order::Unordered,
    }
}

/// Whether it is a key that people write comments under: the client has none that begins so.
fn is_comment(at: &Pointer) -> bool {
    at.last().is_some_and(|name| name.starts_with('_') || name.starts_with("//"))
}

/// What there is to know about the key at `at`.
pub(super) fn why_at(at: &Pointer) -> &'static str {
    let row = row(at);
    match row.map(|row| row.why).filter(|why| !why.is_empty()) {
        Some(why) => why,
        None if is_comment(at) && keys::at(at).is_none() => "a comment",
        None => {
            // What stands at a name of somebody's choice is told by the key that holds it.
            let above = || at.parent().filter(|_| row.is_some()).and_then(|parent| keys::at(&parent));
            keys::at(at).or_else(above).map_or("a key that the client does not know", |key| key.summary)
        }
    }
}

impl Order {
    fn parse(text: &str) -> Option<Self> {
        use Direction::{Looser, Stricter, Unordered};
        Some(match text {
            "neutral" => Self::Neutral,
            "unordered" => Self::Unordered,
            "grants" | "runs" => Self::List { added: Looser, removed: Stricter },
            "forbids" => Self::List { added: Stricter, removed: Looser },
            "guards" => Self::List { added: Unordered, removed: Looser },
            "admits" => Self::Admits,
            "adds" => Self::Adds,
            "more" => Self::More,
            ranks => {
                let (_, _) = ranks.split_once(" > ")?;
                let value = |word: &str| match word {
                    "unset" => None,
                    "true" => Some(Value::Bool(true)),
                    "false" => Some(Value::Bool(false)),
                    word => Some(Value::String(word.to_owned())),
                };
                let rank = |text: &str| text.split(", ").map(value).collect();
                Self::Ranks(ranks.split(" > ").map(rank).collect())
            }
        })
    }

    /// What it means that `new` comes in the place of `old`, taken as a whole; none is a key that is not set.
    pub(super) fn compare(&self, old: Option<&Value>, new: Option<&Value>) -> Direction {
        match self {
            _ if old == new => Direction::Neutral,
            Self::Neutral => Direction::Neutral,
            Self::Unordered | Self::List { .. } | Self::Admits => Direction::Unordered,
            Self::Adds => match (old, new) {
                (None, _) => Direction::Looser,
                (_, None) => Direction::Stricter,
                _ => Direction::Unordered,
            },
            Self::More => {
                let number = |value: Option<&Value>| value.and_then(Value::as_f64);
                let order = number(old).zip(number(new)).and_then(|(old, new)| old.partial_cmp(&new));
                by_strictness(order)
            }
            Self::Ranks(ranks) => {
                let rank = |value: Option<&Value>| {
                    ranks.iter().position(|rank| rank.iter().any(|known| known.as_ref() == value))
                };
                by_strictness(rank(old).zip(rank(new)).map(|(old, new)| old.cmp(&new)))
            }
            Self::Client(key) => by_strictness(by_client(key, old, new)),
        }
    }
}

/// From how strict the new value is beside the old one; none where that is not known.
fn by_strictness(order: Option<Ordering>) -> Direction {
    match order {
        None => Direction::Unordered,
        Some(Ordering::Equal) => Direction::Neutral,
        Some(Ordering::Less) => Direction::Looser,
        Some(Ordering::Greater) => Direction::Stricter,
    }
}

/// How strict the new value is beside the old one, by the client's table.
///
/// A key that is not set stands between the strictest value and the laxest one: another file may set it,
/// and what holds otherwise differs between versions and accounts.
fn by_client(key: &Key, old: Option<&Value>, new: Option<&Value>) -> Option<Ordering> {
    let from_unset = |value: &Value| {
        if Some(value) == key.strictness.strictest() {
            Some(Ordering::Greater)
        } else if value.is_boolean() && !key.strictness.ranks().contains(value) {
            Some(Ordering::Less)
        } else {
            None
        }
    };
    match (old, new) {
        (None, Some(new)) => from_unset(new),
        (Some(old), None) => from_unset(old).map(Ordering::reverse),
        _ => key.stricter(new, old),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_reads_and_names_a_key_of_the_client() {
        let mut sorted: Vec<&str> = Vec::new();
        for line in lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 3, "{line}");
            assert!(Order::parse(columns[1]).is_some(), "{line}");
            let key = columns[0].strip_suffix(".*").unwrap_or(columns[0]);
            assert!(keys::at(&Pointer::of(key.split('.'))).is_some(), "{key}");
            sorted.push(columns[0]);
        }
        assert_eq!(ROWS.len(), sorted.len());
        assert!(sorted.is_sorted());
    }

    #[test]
    fn words_in_orders_are_values_of_their_keys() {
        for row in ROWS.iter() {
            let Order::Ranks(ranks) = &row.order else { continue };
            let Some(key) = keys::find(&row.path) else { continue };
            for value in ranks.iter().flatten().flatten() {
                let document = crate::json::Document::parse(value.to_string());
                assert!(key.kind().check(document.root().unwrap()).is_empty(), "{value}");
            }
        }
    }

    #[test]
    fn values_are_ordered_as_the_tables_say() {
        use Direction::{Looser, Neutral, Stricter, Unordered};
        for (key, old, new, is) in [
            ("permissions.defaultMode", json!(null), json!("acceptEdits"), Looser),
            ("permissions.defaultMode", json!("acceptEdits"), json!("default"), Stricter),
            ("permissions.defaultMode", json!(null), json!("default"), Neutral),
            ("permissions.defaultMode", json!("default"), json!("dontAsk"), Stricter),
            ("permissions.defaultMode", json!("default"), json!("plan"), Unordered),
            ("permissions.disableBypassPermissionsMode", json!("disable"), json!(null), Looser),
            ("enableAllProjectMcpServers", json!(null), json!(true), Looser),
            ("enableAllProjectMcpServers", json!(true), json!(null), Stricter),
            ("enableAllProjectMcpServers", json!(null), json!(false), Stricter),
            ("sandbox.enabled", json!(null), json!(true), Unordered),
            ("sandbox.failIfUnavailable", json!(true), json!(false), Looser),
            ("crossSessionInbound", json!("hold"), json!("refuse"), Stricter),
            ("crossSessionInbound", json!(null), json!("hold"), Unordered),
            ("disableAllHooks", json!(null), json!(true), Unordered),
            ("statusLine", json!(null), json!({"type": "command", "command": "x"}), Looser),
            ("apiKeyHelper", json!("a"), json!("b"), Unordered),
            ("cleanupPeriodDays", json!(30), json!(90), Looser),
            ("cleanupPeriodDays", json!(null), json!(7), Unordered),
            ("enabledPlugins.a@b", json!(null), json!(true), Looser),
            ("enabledPlugins.a@b", json!(true), json!(false), Stricter),
            ("env.X", json!(null), json!("1"), Unordered),
            ("theme", json!("dark"), json!("light"), Neutral),
            ("notAKey", json!(1), json!(2), Unordered),
            ("_comment", json!(null), json!("x"), Neutral),
            ("env._X", json!(null), json!("x"), Unordered),
        ] {
            let at = Pointer::of(key.split('.'));
            let value = |value| Some(value).filter(|value: &&Value| !value.is_null());
            assert_eq!(order_at(&at).compare(value(&old), value(&new)), is, "{key}: {old} -> {new}");
        }
    }
}
