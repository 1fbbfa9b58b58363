//! What a replay of recorded calls comes to, as people and programs read it. The JSON form is frozen like that of the
//! report: fields are added, never changed.
//!
//! INVARIANT: people are named by whoever asks for the report, and by nothing here; examples come without credentials,
//! and without what tells of somebody unless that was asked for.

mod markdown;
mod text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::decision::{RuleReport, Words};
use crate::access::{Loaded, Rules, Verdict};
use crate::client::Version;
use crate::replay::{A_HOME_FOLDER, Because, Change, Kind, LIMITS, Replayed, names_of, private};
use crate::text::Position;

pub use markdown::write_replay_markdown;
pub use text::write_replay;

/// What `bylaws replay --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Always 1.
    version: u32,
    /// The settings before, as they were named.
    old: String,
    /// The settings after.
    new: String,
    /// The client version whose behaviour decides on both sides.
    client: String,
    /// How many calls there are, each counted once.
    calls: u64,
    /// How many sessions they were made in.
    sessions: usize,
    /// How many people are known to have made them.
    people: usize,
    /// How many repositories they were made in.
    repositories: usize,
    /// The days on which they were made; none where no record says.
    days: Option<Days>,
    /// How many are refused by the settings after, and were not by those before.
    newly_blocked: u64,
    /// How many somebody is asked for by the settings after, and not by those before.
    newly_asked: u64,
    /// How many run without a question by the settings after, and did not by those before.
    newly_silent: u64,
    /// How many are not decided. What becomes of them is not known.
    undecided: u64,
    /// How many are decided alike.
    unchanged: Unchanged,
    /// The calls that are decided otherwise, those of one reason together.
    changes: Vec<ReplayedChange>,
    /// The tools of these calls.
    by_tool: Vec<Counted>,
    /// Their repositories.
    by_repository: Vec<Counted>,
    /// The people that made them, under made-up names unless they were asked for.
    by_person: Vec<Counted>,
    /// Why calls are not decided.
    undecided_by: Vec<UndecidedReport>,
    /// How many ran when they were recorded although the settings before refuse them: where there are many, these were
    /// not the settings in force.
    ran_though_denied: u64,
    /// What was read.
    records: Heard,
    /// What is to know about how it was found out.
    notes: Vec<String>,
    /// What this does not speak of.
    limits: Vec<String>,
}

/// The days of calls.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Days {
    /// The first, `2026-11-28`.
    first: String,
    /// The last.
    last: String,
    /// On how many of them there were calls.
    with_calls: usize,
}

/// Calls that are decided alike, by what becomes of them.
#[derive(Debug, Serialize, JsonSchema)]
struct Unchanged {
    /// They run without a question.
    allow: u64,
    /// Somebody is asked.
    ask: u64,
    /// They are refused.
    deny: u64,
}

/// Calls that are decided otherwise for one reason.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReplayedChange {
    /// `newly-blocked`, `newly-asked` or `newly-silent`.
    kind: String,
    /// What becomes of them by the settings before: `allow`, `ask` or `deny`.
    from: String,
    /// What becomes of them by those after.
    to: String,
    /// How many there are.
    calls: u64,
    /// How many of them ran when they were recorded.
    ran: u64,
    /// How many were refused then. What became of the others the records do not say.
    refused: u64,
    /// In how many sessions they were made.
    sessions: usize,
    /// By how many people.
    people: usize,
    /// With which tools.
    tools: Vec<Share>,
    /// In which repositories.
    repositories: Vec<Share>,
    /// Why it is so by the settings after.
    new_reason: String,
    /// The rule that decides there.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_rule: Option<RuleReport>,
    /// Why it is so by the settings before.
    old_reason: String,
    /// The rule that decides there.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_rule: Option<RuleReport>,
    /// Some of them, without credentials and without what tells of somebody. Where people are told of by their names,
    /// as they were made, but for credentials.
    examples: Vec<String>,
}

/// A part of some calls.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Share {
    /// What they have in common.
    name: String,
    /// How many there are.
    calls: u64,
}

/// Calls that have something in common, by what they come to.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// What they have in common.
    name: String,
    /// How many are newly blocked.
    newly_blocked: u64,
    /// How many are newly asked.
    newly_asked: u64,
    /// How many are newly silent.
    newly_silent: u64,
}

/// Calls that are not decided for one reason.
#[derive(Debug, Serialize, JsonSchema)]
struct UndecidedReport {
    /// The reason as one word.
    reason: String,
    /// The reason as one says it.
    why: String,
    /// How many there are.
    calls: u64,
}

/// What was read, and what of it was not understood.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    /// Files.
    pub files: u64,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Lines that say nothing about calls.
    pub other: u64,
    /// Lines that are no record of a known form.
    pub broken: u64,
    /// The first of them: `FILE:LINE`. Names of files tell of people: missing unless these are told of by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_broken: Option<String>,
    /// Lines that were too long to be read.
    pub too_long: u64,
    /// Records of calls that had been read before, as in sessions that were resumed.
    pub repeated: u64,
}

/// Where a rule of one side stands: its file, and line and column.
pub type PlaceOfSide<'a> = &'a dyn Fn(usize, bool, &Loaded) -> (String, Option<Position>);

/// Who was asked what, and how it is told.
pub struct Told<'a> {
    /// The settings before, as they were named.
    pub old: String,
    /// Those after.
    pub new: String,
    /// The client.
    pub client: Version,
    /// What was read.
    pub heard: Heard,
    /// What is to know about how it was found out.
    pub notes: Vec<String>,
    /// Where a rule stands: its pair of sides, whether it is of the new one, and the rule.
    pub place: PlaceOfSide<'a>,
    /// The name under which a person is told of.
    pub person: &'a dyn Fn(&str) -> String,
    /// Whether calls are told as they were made, and where records lie: both tell of people.
    pub is_open: bool,
}

/// Puts a replay into words.
pub fn replay_report(told: Told<'_>, replayed: &Replayed) -> ReplayReport {
    let unchanged = |verdict| replayed.unchanged.get(&verdict).copied().unwrap_or_default();
    let people: Vec<String> = replayed.users.iter().map(|name| (told.person)(name)).collect();
    let undecided_by = replayed.undecided.iter().map(|(why, calls)| UndecidedReport {
        reason: why.name().to_owned(),
        why: why.in_words().to_owned(),
        calls: *calls,
    });
    let mut notes = told.notes.clone();
    if replayed.is_overfull {
        notes.push("there were too many calls to tell of each whether it was read before".to_owned());
    }
    let seen = |counts: &[u64]| counts.iter().filter(|count| **count > 0).count();
    ReplayReport {
        version: 1,
        old: told.old.clone(),
        new: told.new.clone(),
        client: told.client.to_string(),
        calls: replayed.calls,
        sessions: replayed.sessions,
        people: seen(&replayed.calls_of_users),
        repositories: seen(&replayed.calls_of_repositories),
        days: replayed.days.clone().map(|(first, last)| Days {
            first,
            last,
            with_calls: replayed.days_with_calls,
        }),
        newly_blocked: replayed.count_of(Kind::Blocked),
        newly_asked: replayed.count_of(Kind::Asked),
        newly_silent: replayed.count_of(Kind::Silent),
        undecided: replayed.count_undecided(),
        unchanged: Unchanged {
            allow: unchanged(Verdict::Allow),
            ask: unchanged(Verdict::Ask),
            deny: unchanged(Verdict::Deny),
        },
        changes: changes(&told, replayed),
        by_tool: counted(replayed, |change| vec![(name(&replayed.tools, change.tool), change.calls)]),
        by_repository: counted(replayed, |change| named(&replayed.repositories, &change.repositories)),
        by_person: counted(replayed, |change| named(&people, &change.users)),
        undecided_by: undecided_by.collect(),
        ran_though_denied: replayed.ran_though_denied,
        records: Heard {
            repeated: replayed.repeated,
            first_broken: told.heard.first_broken.filter(|_| told.is_open),
            ..told.heard
        },
        notes,
        limits: LIMITS.iter().map(|limit| (*limit).to_owned()).collect(),
    }
}

fn name(names: &[String], number: u32) -> String {
    names.get(number as usize).cloned().unwrap_or_default()
}

fn named<'c>(names: &[String], counts: impl IntoIterator<Item = (&'c u32, &'c u64)>) -> Vec<(String, u64)> {
    counts.into_iter().map(|(number, calls)| (name(names, *number), *calls)).collect()
}

/// The changes, those that read the same together, and the most frequent first.
fn changes(told: &Told<'_>, replayed: &Replayed) -> Vec<ReplayedChange> {
    type Alike = (Kind, String, String, String, String);
    let mut alike: BTreeMap<Alike, Vec<&Change>> = BTreeMap::new();
    let reason = |change: &Change, because: Because, is_new: bool| {
        words(told, replayed, change, because, is_new, |words| words.reason(because.verdict, because.cause))
    };
    let people = names_of(&replayed.users);
    for change in &replayed.changes {
        let key = (
            change.kind,
            change.old.verdict.name().to_owned(),
            change.new.verdict.name().to_owned(),
            reason(change, change.new, true),
            reason(change, change.old, false),
        );
        alike.entry(key).or_default().push(change);
    }
    let mut found: Vec<(Kind, ReplayedChange)> = Vec::new();
    for ((kind, from, to, new_reason, old_reason), changes) in alike {
        let Some(first) = changes.first() else { continue };
        let rule = |because: Because, is_new| {
            words(told, replayed, first, because, is_new, |words| {
                because.cause.rule().and_then(|rule| words.rule(rule, None))
            })
        };
        let sum = |of: fn(&Change) -> u64| changes.iter().map(|change| of(change)).sum();
        let mut sessions: Vec<u32> =
            changes.iter().flat_map(|change| change.sessions.iter().copied()).collect();
        let mut users: Vec<u32> = changes.iter().flat_map(|change| change.users.keys().copied()).collect();
        for numbers in [&mut sessions, &mut users] {
            numbers.sort_unstable();
            numbers.dedup();
        }
        let most = changes.iter().map(|change| change.examples.len()).max().unwrap_or_default();
        let mut examples: Vec<String> = Vec::new();
        let mut places = changes.iter().flat_map(|change| change.repositories.keys());
        let of_home = places.any(|number| name(&replayed.repositories, *number) == A_HOME_FOLDER);
        for example in changes.iter().flat_map(|change| &change.examples) {
            let example = if told.is_open { example.clone() } else { private(example, &people, of_home) };
            if examples.len() < most && !examples.contains(&example) {
                examples.push(example);
            }
        }
        found.push((
            kind,
            ReplayedChange {
                kind: kind.name().to_owned(),
                from,
                to,
                calls: sum(|change| change.calls),
                ran: sum(|change| change.ran),
                refused: sum(|change| change.refused),
                sessions: sessions.len(),
                people: users.len(),
                tools: shares(
                    changes.iter().map(|change| (name(&replayed.tools, change.tool), change.calls)),
                ),
                repositories: shares(
                    changes.iter().flat_map(|change| named(&replayed.repositories, &change.repositories)),
                ),
                new_reason,
                new_rule: rule(first.new, true),
                old_reason,
                old_rule: rule(first.old, false),
                examples,
            },
        ));
    }
    found.sort_by_key(|(kind, change)| (*kind, std::cmp::Reverse(change.calls)));
    found.into_iter().map(|(_, change)| change).collect()
}

fn words<T: Default>(
    told: &Told<'_>,
    replayed: &Replayed,
    change: &Change,
    because: Because,
    is_new: bool,
    say: impl Fn(&Words<'_>) -> T,
) -> T {
    let Some(both) = replayed.rules.get(&change.sides) else { return T::default() };
    let rules: &Rules = if is_new { &both.new } else { &both.old };
    let place = |loaded: &Loaded| (told.place)(change.sides, is_new, loaded);
    say(&Words { version: told.client, rules, mode: because.mode, place: &place })
}

/// Parts by name, the largest first.
fn shares(parts: impl Iterator<Item = (String, u64)>) -> Vec<Share> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for (name, calls) in parts {
        *sums.entry(name).or_default() += calls;
    }
    let mut shares: Vec<Share> = sums.into_iter().map(|(name, calls)| Share { name, calls }).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.calls));
    shares
}

/// What calls come to by something that they have in common, the most first.
fn counted(replayed: &Replayed, of: impl Fn(&Change) -> Vec<(String, u64)>) -> Vec<Counted> {
    let mut counts: BTreeMap<String, Counted> = BTreeMap::new();
    for change in &replayed.changes {
        for (name, calls) in of(change) {
            let counted =
                counts.entry(name.clone()).or_insert_with(|| Counted { name, ..Counted::default() });
            match change.kind {
                Kind::Blocked => counted.newly_blocked += calls,
                Kind::Asked => counted.newly_asked += calls,
                Kind::Silent => counted.newly_silent += calls,
            }
        }
    }
    let mut counted: Vec<Counted> = counts.into_values().collect();
    counted.sort_by_key(|one| std::cmp::Reverse((one.newly_blocked, one.newly_asked, one.newly_silent)));
    counted
}

impl ReplayReport {
    /// How many calls come to be of a kind.
    pub fn count_of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Blocked => self.newly_blocked,
            Kind::Asked => self.newly_asked,
            Kind::Silent => self.newly_silent,
        }
    }

    /// How many calls there are.
    pub fn count(&self) -> u64 {
        self.calls
    }

    /// How many calls are not decided.
    pub fn count_undecided(&self) -> u64 {
        self.undecided
    }

    /// What came of it, in one line.
    pub fn in_words(&self) -> String {
        let parts = [
            (self.newly_blocked, "newly blocked"),
            (self.newly_asked, "newly asked"),
            (self.newly_silent, "newly silent"),
            (self.undecided, "not decided"),
        ];
        let parts = parts.into_iter().filter(|(calls, _)| *calls > 0);
        let parts: Vec<String> = parts.map(|(calls, what)| format!("{} {what}", grouped(calls))).collect();
        let all = counted_in_words(self.calls, "call");
        if self.calls == 0 {
            "no recorded call was found, so nothing is known".to_owned()
        } else if parts.is_empty() {
            format!("no change in {all}")
        } else {
            format!("{} of {all}", parts.join(", "))
        }
    }

    /// Where the calls come from.
    fn source_in_words(&self) -> String {
        let count = |count: usize, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        let mut text = format!(
            "{} in {}",
            count(self.sessions, "session", "sessions"),
            count(self.repositories, "repository", "repositories")
        );
        if self.people > 0 {
            text.push_str(&format!(" by {}", count(self.people, "person", "people")));
        }
        if let Some(days) = &self.days {
            text.push_str(&match days.first == days.last {
                true => format!(", on {}", days.first),
                false => format!(", from {} to {}", days.first, days.last),
            });
        }
        text
    }

    /// What was read and not understood, none where all was.
    fn gaps_in_words(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        if self.records.broken > 0 {
            let first = self.records.first_broken.as_ref().map(|place| format!(", the first at {place}"));
            gaps.push(format!(
                "{} not a record of a known form{}",
                match self.records.broken {
                    1 => "1 line is".to_owned(),
                    count => format!("{} lines are", grouped(count)),
                },
                first.unwrap_or_default()
            ));
        }
        if self.records.too_long > 0 {
            gaps.push(format!("{} too long to be read", counted_in_words(self.records.too_long, "line")));
        }
        if self.ran_though_denied > 0 {
            gaps.push(format!(
                "of what the settings before refuse, {} ran: these were not the ones in force there",
                counted_in_words(self.ran_though_denied, "call")
            ));
        }
        gaps
    }
}

impl ReplayedChange {
    /// How many calls, and what became of them when they were recorded.
    fn calls_in_words(&self) -> String {
        let mut text = counted_in_words(self.calls, "call");
        text.push_str(&match self.sessions {
            1 => " in 1 session".to_owned(),
            count => format!(" in {count} sessions"),
        });
        let became: Vec<String> = [(self.ran, "ran"), (self.refused, "refused then")]
            .into_iter()
            .filter(|(calls, _)| *calls > 0)
            .map(|(calls, what)| format!("{} {what}", grouped(calls)))
            .collect();
        if !became.is_empty() {
            text.push_str(&format!("; {}", became.join(", ")));
        }
        text
    }
}

impl Counted {
    /// Its counts, those that are not nothing.
    fn in_words(&self) -> String {
        let counts =
            [(self.newly_blocked, "blocked"), (self.newly_asked, "asked"), (self.newly_silent, "silent")];
        let counts = counts.into_iter().filter(|(calls, _)| *calls > 0);
        let counts: Vec<String> = counts.map(|(calls, what)| format!("{} {what}", grouped(calls))).collect();
        counts.join(", ")
    }
}

/// The first few parts: `acme/web 12, acme/api 3 and 4 more`.
fn shares_in_words(shares: &[Share], most: usize) -> String {
    let first: Vec<String> =
        shares.iter().take(most).map(|share| format!("{} {}", share.name, grouped(share.calls))).collect();
    let more = shares.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", first.join(", "))
}

fn counted_in_words(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
