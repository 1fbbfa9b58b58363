//! The calls that were made, each once with how often, as if all had been made in one place.
//!
//! INVARIANT: at most [`MOST_CALLS`] distinct calls are kept; that there were more is told.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use serde_json::{Map, Value};

use crate::access::{Access, Call, MapWorld, Place, Setup};
use crate::client::tools;
use crate::record::{Became, Kept, Listener, Recorded};
use crate::replay::home_of;

/// Most distinct calls that are kept.
const MOST_CALLS: usize = 200_000;

/// A call and how often it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct UsedCall {
    /// The call, in the made-up place, with what a decision may depend on.
    pub call: Call,
    /// How often.
    pub count: u64,
}

/// Hears records and keeps their calls.
pub struct Used {
    heeds: Access,
    /// The folder in which sessions are to have begun; none for all.
    only: Option<String>,
    roots: HashMap<Box<str>, Option<Box<str>>>,
    numbers: HashMap<(Box<str>, Box<str>), usize>,
    calls: Vec<UsedCall>,
    seen: HashSet<u64>,
    hashes: RandomState,
    days: HashSet<Box<str>>,
    sessions: HashSet<Box<str>>,
    /// The repositories as records name them, or else the folders of sessions by their last name.
    places: BTreeSet<String>,
    /// The tools of calls that are not kept.
    unread_tools: BTreeSet<String>,
    /// Calls that were heard of and count.
    pub heard: u64,
    /// Calls of sessions that began elsewhere.
    pub elsewhere: u64,
    /// Calls of which the record does not hold the input.
    pub unread: u64,
    /// Calls beyond those that are kept.
    pub beyond: u64,
    /// Records of calls that had been heard of before.
    pub repeated: u64,
}

impl Used {
    /// For these settings; `only` is the folder in which sessions are to have begun.
    pub fn new(setup: &Setup, only: Option<String>) -> Self {
        Self {
            heeds: Access::new(setup, &MapWorld::bare(&setup.place)).without_hooks(),
            only,
            roots: HashMap::new(),
            numbers: HashMap::new(),
            calls: Vec::new(),
            seen: HashSet::new(),
            hashes: RandomState::new(),
            days: HashSet::new(),
            sessions: HashSet::new(),
            places: BTreeSet::new(),
            unread_tools: BTreeSet::new(),
            heard: 0,
            elsewhere: 0,
            unread: 0,
            beyond: 0,
            repeated: 0,
        }
    }

    /// The distinct calls, in the order in which they were first made.
    pub fn calls(&self) -> &[UsedCall] {
        &self.calls
    }

    /// On how many days calls were made.
    pub fn days(&self) -> usize {
        self.days.len()
    }

    /// In how many sessions.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// The tools of calls that were heard of and are not among [`Used::calls`].
    pub fn unread_tools(&self) -> &BTreeSet<String> {
        &self.unread_tools
    }

    /// In how many folders or repositories calls were made.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// Those of some repositories in which no call was made, as far as the records tell. The last name of a folder tells
    /// which one it is, where no two end so.
    pub fn silent_of<'n>(&self, repositories: &'n [String]) -> Vec<&'n str> {
        fn last(name: &str) -> &str {
            name.rsplit('/').next().unwrap_or_default()
        }
        let mut ends: HashMap<&str, usize> = HashMap::new();
        for name in repositories {
            *ends.entry(last(name)).or_default() += 1;
        }
        let is_told = |name: &&str| {
            let end = last(name);
            self.places.contains(*name) || (ends.get(end) == Some(&1) && self.places.contains(end))
        };
        repositories.iter().map(String::as_str).filter(|name| !is_told(name)).collect()
    }

    /// A file is over.
    pub fn end_file(&mut self) {
        self.roots.remove("");
    }

    fn leave_out(&mut self, tool: &str) {
        let tool = tools::canonical_name(tool);
        if !self.unread_tools.contains(tool) {
            self.unread_tools.insert(tool.to_owned());
        }
    }

    fn root(&mut self, call: &Recorded<'_>) -> Option<Box<str>> {
        let session = call.session.unwrap_or_default();
        let folder = call.root.or(call.folder).filter(|folder| folder.starts_with('/'));
        let root = self.roots.entry(session.into()).or_default();
        if root.is_none() {
            *root = folder.map(Box::from);
        }
        root.clone()
    }
}

impl Listener for Used {
    fn call(&mut self, call: &Recorded<'_>) {
        if let Some(id) = call.id
            && !self.seen.insert(self.hashes.hash_one(id))
        {
            self.repeated += 1;
            return;
        }
        let root = self.root(call);
        if self.only.is_some() && self.only.as_deref() != root.as_deref() {
            self.elsewhere += 1;
            return;
        }
        self.heard += 1;
        if let Some(day) = call.day.filter(|day| !self.days.contains(*day)) {
            self.days.insert(day.into());
        }
        if let Some(session) = call.session.filter(|session| !self.sessions.contains(*session)) {
            self.sessions.insert(session.into());
        }
        let place = call.repository.or_else(|| root.as_deref()?.trim_end_matches('/').rsplit('/').next());
        if let Some(place) = place.filter(|place| !self.places.contains(*place)) {
            self.places.insert(place.to_owned());
        }
        if call.kept != Kept::Whole {
            self.unread += 1;
            self.leave_out(call.tool);
            return;
        }
        let fields = self.heeds.heeded_fields(call.tool).unwrap_or_default();
        let heeded = call.input.fields().iter().filter(|field| fields.contains(&&*field.name));
        let input: Map<String, Value> = heeded
            .filter_map(|field| {
                let value = serde_json::from_str(field.value.get()).ok()?;
                Some((field.name.clone().into_owned(), moved(value, root.as_deref())))
            })
            .collect();
        let key = (Box::from(call.tool), Value::Object(input.clone()).to_string().into_boxed_str());
        if let Some(known) = self.numbers.get(&key).and_then(|number| self.calls.get_mut(*number)) {
            known.count += 1;
        } else if self.calls.len() < MOST_CALLS {
            self.numbers.insert(key, self.calls.len());
            self.calls.push(UsedCall { call: Call { tool: call.tool.to_owned(), input }, count: 1 });
        } else {
            self.beyond += 1;
            self.leave_out(call.tool);
        }
    }

    fn became(&mut self, _id: &str, _became: Became) {}

    fn mode(&mut self, _session: Option<&str>, _mode: &str) {}

    fn awaits(&self, _id: &str) -> bool {
        false
    }
}

/// A value with its paths told from the made-up place.
fn moved(value: Value, root: Option<&str>) -> Value {
    let (Value::String(text), Some(root)) = (&value, root) else { return value };
    let place = Place::made_up();
    let text = replaced(text, root, &place.project);
    let text = match home_of(root) {
        Some(home) => replaced(&text, home, &place.home),
        None => text,
    };
    Value::String(text)
}

/// The text with one folder in the place of another, where it stands for a whole path or the beginning of one.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(from) {
        let starts = before.chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || "/._-~".contains(c)));
        let ends = behind.chars().next().is_none_or(|c| !(c.is_alphanumeric() || "._-".contains(c)));
        out.push_str(before);
        out.push_str(if starts && ends { to } else { from });
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_where_a_path_begins() {
        for (text, expected) in [
            ("/home/ann/web/src/a.rs", "/p/src/a.rs"),
            ("cat /home/ann/web", "cat /p"),
            ("cat '/home/ann/web/a' /home/ann/web2", "cat '/p/a' /home/ann/web2"),
            ("ls /x/home/ann/web", "ls /x/home/ann/web"),
            ("ls", "ls"),
        ] {
            assert_eq!(replaced(text, "/home/ann/web", "/p"), expected);
        }
    }
}
