//! Counts: how many calls come to what, and of those that change by which rule, where and for whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Because, BothRules, Undecided};
use crate::access::Verdict;
use crate::record::Became;

/// Longest example, in characters.
const LONGEST_EXAMPLE: usize = 160;

/// What a change means for whoever works there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It is refused now.
    Blocked,
    /// Somebody is asked now.
    Asked,
    /// It runs without a question now.
    Silent,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::Blocked, Self::Asked, Self::Silent];

    /// The kind as one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "newly-blocked",
            Self::Asked => "newly-asked",
            Self::Silent => "newly-silent",
        }
    }

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allow => Self::Silent,
            Verdict::Deny => Self::Blocked,
            Verdict::Ask | Verdict::Undecided => Self::Asked,
        }
    }
}

/// Calls of one tool that come to be decided otherwise for one reason.
#[derive(Debug, Clone)]
pub struct Change {
    /// What they mean.
    pub kind: Kind,
    /// Which sides they were decided by.
    pub sides: usize,
    /// The tool.
    pub tool: u32,
    /// Before.
    pub old: Because,
    /// After.
    pub new: Because,
    /// How many there are.
    pub calls: u64,
    /// How many of them ran when they were recorded.
    pub ran: u64,
    /// How many were refused then.
    pub refused: u64,
    /// The sessions.
    pub sessions: HashSet<u32>,
    /// How many there are in each repository.
    pub repositories: HashMap<u32, u64>,
    /// How many there are of each person.
    pub users: HashMap<u32, u64>,
    /// The first of them, without credentials.
    pub examples: Vec<String>,
}

/// What came of a replay.
#[derive(Debug, Clone, Default)]
pub struct Replayed {
    /// All calls, each counted once.
    pub calls: u64,
    /// Records of calls that had been seen before.
    pub repeated: u64,
    /// Whether there were too many to know that of all of them.
    pub is_overfull: bool,
    /// The sessions with calls.
    pub sessions: usize,
    /// The days on which they were made, the first and the last.
    pub days: Option<(String, String)>,
    /// On how many days there were some.
    pub days_with_calls: usize,
    /// Calls that are decided alike, by the verdict.
    pub unchanged: BTreeMap<Verdict, u64>,
    /// Calls that are not decided, by the reason.
    pub undecided: BTreeMap<Undecided, u64>,
    /// Calls that are decided otherwise.
    pub changes: Vec<Change>,
    /// Calls that ran although the old settings refuse them: these were not the ones in force.
    pub ran_though_denied: u64,
    /// The names of tools.
    pub tools: Vec<String>,
    /// The names of repositories.
    pub repositories: Vec<String>,
    /// The names of people.
    pub users: Vec<String>,
    /// How many calls each person made, by their place among the names.
    pub calls_of_users: Vec<u64>,
    /// How many calls there are of each repository, by its place among the names.
    pub calls_of_repositories: Vec<u64>,
    /// The rules of each pair of sides.
    pub rules: HashMap<usize, BothRules>,
}

/// What tells changes apart.
type Key = (usize, u32, Because, Because);

/// Keeps the counts while records are heard.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) replayed: Replayed,
    known: HashMap<Key, u32>,
    days: HashSet<Box<str>>,
    last_day: Box<str>,
}

impl Tally {
    /// The number of a change.
    pub(super) fn change(&mut self, sides: usize, tool: u32, old: Because, new: Because) -> u32 {
        let changes = &mut self.replayed.changes;
        let next = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry((sides, tool, old, new)).or_insert(next);
        if number == next {
            changes.push(Change {
                kind: Kind::of(new.verdict),
                sides,
                tool,
                old,
                new,
                calls: 0,
                ran: 0,
                refused: 0,
                sessions: HashSet::new(),
                repositories: HashMap::new(),
                users: HashMap::new(),
                examples: Vec::new(),
            });
        }
        number
    }

    /// Keeps an example of a change, unless there are enough.
    pub(super) fn example(&mut self, number: u32, most: usize, shown: impl FnOnce() -> String) {
        let Some(change) = self.replayed.changes.get_mut(number as usize) else { return };
        if change.examples.len() >= most {
            return;
        }
        let mut shown = shown();
        if let Some((at, _)) = shown.char_indices().nth(LONGEST_EXAMPLE) {
            shown.truncate(at);
            shown.push('…');
        }
        if !change.examples.contains(&shown) {
            change.examples.push(shown);
        }
    }

    /// One more call of a change.
    pub(super) fn count(&mut self, number: u32, session: u32, repository: u32, user: Option<u32>) {
        let Some(change) = self.replayed.changes.get_mut(number as usize) else { return };
        change.calls += 1;
        change.sessions.insert(session);
        *change.repositories.entry(repository).or_default() += 1;
        if let Some(user) = user {
            *change.users.entry(user).or_default() += 1;
        }
    }

    /// What became of a call of a change when it was recorded.
    pub(super) fn became(&mut self, number: u32, became: Became) {
        let Some(change) = self.replayed.changes.get_mut(number as usize) else { return };
        match became {
            Became::Ran => change.ran += 1,
            Became::Refused => change.refused += 1,
            Became::Stopped => {}
        }
    }

    /// The day of a call.
    pub(super) fn day(&mut self, day: &str) {
        if *self.last_day == *day {
            return;
        }
        self.last_day = day.into();
        if !self.days.contains(day) {
            self.days.insert(day.into());
        }
    }

    /// Ends the counting.
    pub(super) fn finish(mut self) -> Replayed {
        let (first, last) = (self.days.iter().min(), self.days.iter().max());
        self.replayed.days = first.zip(last).map(|(first, last)| (first.to_string(), last.to_string()));
        self.replayed.days_with_calls = self.days.len();
        self.replayed
    }
}

impl Replayed {
    /// How many calls come to be of a kind.
    pub fn count_of(&self, kind: Kind) -> u64 {
        self.changes.iter().filter(|change| change.kind == kind).map(|change| change.calls).sum()
    }

    /// How many are not decided.
    pub fn count_undecided(&self) -> u64 {
        self.undecided.values().sum()
    }
}
