//! The keys of `settings.json`, as data: one table for each client version, checked against it.
//!
//! The table lies beside this file as text for people, `2.1.330.tsv`; its head explains the columns
//! and `types.rs` the notation of its types.
//!
//! INVARIANT: every line of the table reads, and every path stands below one that holds `keys`.

mod check;
mod forms;
mod nearest;
mod strict;
mod types;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::Value;

use crate::json::{Node, Pointer};

pub(crate) use check::effective;
pub use check::{Loss, Mismatch, Reading, Report, Unnamed, describe};
pub use forms::Form;
pub use nearest::nearest as nearest_of;
pub use strict::Strictness;
pub use types::{Bounds, Field, Type};

const TABLE: &str = include_str!("2.1.330.tsv");

/// One key that the client knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key and those that hold it, outermost first.
    pub path: Vec<&'static str>,
    /// What its value must look like, read from the table when it is first asked for.
    kind: OnceLock<Type>,
    /// The type as the table writes it.
    notation: &'static str,
    /// The key that it is another name of.
    pub alias_of: Option<&'static str>,
    /// In which files the client reads it.
    pub reach: Reach,
    /// Which of its values are stricter than others.
    pub strictness: Strictness,
    /// What the client makes of a wrong value in a managed file.
    pub mending: Mending,
    /// What holds where no file sets it, as JSON; none where that is nothing or not known.
    pub default: Option<&'static str>,
    /// The client version that brought it, where known.
    pub since: Option<&'static str>,
    /// What it is for, in a few words.
    pub summary: &'static str,
}

/// What the client makes of a wrong value instead of dropping the key.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mending {
    /// The value that it puts in the place of the wrong one.
    pub value: Option<Value>,
    /// Whether it first drops wrong entries of a list alone.
    pub entries: bool,
    /// Whether it refuses to start.
    pub halts: bool,
}

impl Mending {
    /// Reads `halts`, `entries` and a JSON value, in this order, each of which may be missing.
    fn parse(text: &str) -> Option<Self> {
        let mut mending = Self::default();
        let mut rest = text;
        for (word, flag) in [("halts", &mut mending.halts), ("entries", &mut mending.entries)] {
            if let Some(behind) = rest.strip_prefix(word) {
                (*flag, rest) = (true, behind.trim_start());
            }
        }
        if !rest.is_empty() {
            mending.value = Some(serde_json::from_str(rest).ok()?);
        }
        Some(mending)
    }
}

/// The files in which the client reads a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Any settings file.
    Any,
    /// Any but the project's shared file.
    NotShared,
    /// The user's file, managed files and `--settings`; not the two files of a project.
    UserOrManaged,
    /// Managed files only.
    Managed,
    /// Managed files only; the client takes it out of any other file.
    ManagedRemoved,
    /// What the program that embeds the client passes to it.
    Host,
    /// `~/.claude.json`, which is no settings file.
    GlobalConfig,
}

impl Reach {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Any, "any"),
        (Self::NotShared, "not-shared"),
        (Self::UserOrManaged, "user-or-managed"),
        (Self::Managed, "managed"),
        (Self::ManagedRemoved, "managed-removed"),
        (Self::Host, "host"),
        (Self::GlobalConfig, "global-config"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

impl Key {
    /// `permissions.deny`
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }

    /// Compares two values of this key by strictness: `Greater` where `a` is stricter than `b`. None
    /// stands for a key that is not set. See [`Strictness::compare`].
    pub fn stricter(&self, a: Option<&Value>, b: Option<&Value>) -> Option<Ordering> {
        self.strictness.compare(a, b)
    }

    /// The last part of the path.
    pub fn name(&self) -> &'static str {
        self.path.last().copied().unwrap_or_default()
    }

    /// What its value must look like. A type that does not read is one that nothing fits; that every
    /// line reads is a test.
    pub fn kind(&self) -> &Type {
        self.kind.get_or_init(|| {
            let other = self.alias_of.and_then(|name| find(&[name])).map(|key| key.kind().clone());
            other.or_else(|| Type::parse(self.notation, &named)).unwrap_or(Type::Word(String::new()))
        })
    }

    /// Reads a line.
    fn parse(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut next = || columns.next().map(str::trim);
        let path = next()?.split('.').collect();
        let notation = next()?;
        let (kind, alias_of) = (OnceLock::new(), notation.strip_prefix(ALIAS));
        let reach = Reach::named(next()?)?;
        let strictness = Strictness::parse(next()?);
        let mending = Mending::parse(next()?)?;
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let (default, since, summary) = (some(next()?), some(next()?), some(next()?)?);
        Some(Self { path, kind, notation, alias_of, reach, strictness, mending, default, since, summary })
    }
}

/// Begins the type of a key that is another name of the one that follows.
const ALIAS: &str = "alias ";

struct Table {
    keys: Vec<Key>,
    named: HashMap<&'static str, NamedType>,
    by_path: HashMap<&'static str, usize>,
    below: HashMap<&'static str, Vec<usize>>,
}

/// A type with a name, read when it is first asked for.
struct NamedType {
    notation: &'static str,
    kind: OnceLock<Option<Arc<Type>>>,
}

static KEYS: LazyLock<Table> = LazyLock::new(|| {
    let mut named = HashMap::new();
    let (mut lines_of_keys, mut aliases) = (Vec::new(), Vec::new());
    for line in lines() {
        if let Some((name, rest)) = line.strip_prefix('@').and_then(|line| line.split_once('\t')) {
            let notation = rest.split('\t').next().unwrap_or_default();
            named.insert(name, NamedType { notation, kind: OnceLock::new() });
        } else if line.split('\t').nth(1).is_some_and(|kind| kind.starts_with(ALIAS)) {
            aliases.push(line);
        } else {
            lines_of_keys.push(line);
        }
    }
    let mut table = Table { keys: Vec::new(), named, by_path: HashMap::new(), below: HashMap::new() };
    for line in lines_of_keys.into_iter().chain(aliases) {
        let Some(key) = Key::parse(line) else { continue };
        let path = line.split('\t').next().unwrap_or_default().trim();
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        table.by_path.insert(path, table.keys.len());
        table.below.entry(parent).or_default().push(table.keys.len());
        table.keys.push(key);
    }
    table
});

/// A place as the table writes it; none where a part of it has a dot, which no key of the table has.
fn dotted(place: &Pointer) -> Option<Cow<'_, str>> {
    match place.tokens() {
        [] => Some(Cow::Borrowed("")),
        tokens if tokens.iter().any(|token| token.contains('.')) => None,
        [only] => Some(Cow::Borrowed(only)),
        tokens => Some(Cow::Owned(tokens.join("."))),
    }
}

/// The lines that hold a key or name a type.
fn lines() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1)
}

/// Every key, in order of the table, other names last.
pub fn all() -> &'static [Key] {
    &KEYS.keys
}

/// The type that the table names `name`.
pub fn named(name: &str) -> Option<Arc<Type>> {
    let found = KEYS.named.get(name)?;
    found.kind.get_or_init(|| Type::parse(found.notation, &named).map(Arc::new)).clone()
}

/// The key at `place`.
pub fn at(place: &Pointer) -> Option<&'static Key> {
    KEYS.keys.get(*KEYS.by_path.get(dotted(place)?.as_ref())?)
}

/// The key at `path`, outermost part first.
pub fn find(path: &[&str]) -> Option<&'static Key> {
    at(&Pointer::of(path.iter().copied()))
}

/// The keys directly below `place`; the root gives those of the top level.
pub fn below(place: &Pointer) -> impl Iterator<Item = &'static Key> {
    let found = dotted(place).and_then(|place| KEYS.below.get(place.as_ref()));
    let found = found.map(Vec::as_slice).unwrap_or_default();
    found.iter().filter_map(|at| KEYS.keys.get(*at))
}

/// The key directly below `place` that `name` was likely meant to be.
pub fn nearest(place: &Pointer, name: &str) -> Option<&'static Key> {
    let meant = nearest::nearest(name, below(place).map(Key::name))?;
    below(place).find(|key| key.name() == meant)
}

/// What in `root`, the outermost object of a settings file, the client would not take as it stands,
/// and which members it does not know.
pub fn report(root: &Node, managed: bool) -> Report {
    Type::Keys { open: true }.report(root, &Pointer::root(), managed)
}

#[cfg(test)]
mod tests;
