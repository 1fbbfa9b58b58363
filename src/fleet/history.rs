//! The outcomes of past runs, in one SQLite file that the user names: how a fleet moved, and since when a repository
//! stands as it does.
//!
//! A repository has a row for each time that it stood in one way, from a first run to a last one, so that the file
//! grows with what changes and not with the number of runs.
//!
//! INVARIANT: the rows of a repository do not overlap.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{Fleet, State};
use crate::policy::Day;

/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(30);

/// The form of the file that this program reads and writes.
const FORM: i64 = 1;

/// What keeps a history from being used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// SQLite.
    #[error("cannot use the history: {0}")]
    Database(#[from] rusqlite::Error),
    /// A newer program wrote it.
    #[error("the history is of version {0}, which this program does not know")]
    Newer(i64),
}

/// The outcomes of past runs.
#[derive(Debug)]
pub struct History(Connection);

/// A run and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// The day for which it was decided.
    pub day: Day,
    /// The name of the policy.
    pub policy: String,
    /// Its commit, or the version of the program for a built-in policy.
    pub revision: Option<String>,
    /// How many repositories were in each state.
    pub states: BTreeMap<State, usize>,
}

/// A repository that stands otherwise than in the run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Its name.
    pub name: String,
    /// How it stood, none where it is new.
    pub from: Option<State>,
    /// How it stands, none where it is gone.
    pub to: Option<State>,
}

/// The last runs of a fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend {
    /// The runs, the oldest first.
    pub runs: Vec<PastRun>,
    /// What moved between the last two, sorted by name.
    pub moves: Vec<Move>,
}

impl History {
    /// Opens a history, making it where there is none.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(PATIENCE)?;
        let form: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        if form > FORM {
            return Err(Error::Newer(form));
        }
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS run (
               id INTEGER PRIMARY KEY, day TEXT NOT NULL, policy TEXT NOT NULL, revision TEXT);
             CREATE TABLE IF NOT EXISTS repository (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS stand (
               repository INTEGER NOT NULL REFERENCES repository (id), first INTEGER NOT NULL REFERENCES run (id),
               last INTEGER NOT NULL REFERENCES run (id), state TEXT NOT NULL,
               block INTEGER NOT NULL, warn INTEGER NOT NULL, note INTEGER NOT NULL,
               PRIMARY KEY (repository, first)) WITHOUT ROWID;
             PRAGMA user_version = {FORM};"
        ))?;
        Ok(Self(connection))
    }

    /// Adds a run, all of it or nothing.
    pub fn add(&mut self, fleet: &Fleet) -> Result<(), Error> {
        let writing = self.0.transaction()?;
        let before = last_run(&writing, 0)?;
        writing.execute(
            "INSERT INTO run (day, policy, revision) VALUES (?1, ?2, ?3)",
            (fleet.day.to_string(), &fleet.policy, &fleet.revision),
        )?;
        let run = writing.last_insert_rowid();
        for outcome in &fleet.outcomes {
            let (state, counts) = (outcome.verdict.state.key(), outcome.verdict.counts);
            let [block, warn, note] = [counts.block, counts.warn, counts.note]
                .map(|count| i64::try_from(count).unwrap_or(i64::MAX));
            writing
                .prepare_cached("INSERT INTO repository (name) VALUES (?1) ON CONFLICT DO NOTHING")?
                .execute([&outcome.name])?;
            let id: i64 = writing
                .prepare_cached("SELECT id FROM repository WHERE name = ?1")?
                .query_row([&outcome.name], |row| row.get(0))?;
            let same = writing
                .prepare_cached(
                    "UPDATE stand SET last = ?1 WHERE repository = ?2 AND last = ?3
                     AND state = ?4 AND block = ?5 AND warn = ?6 AND note = ?7",
                )?
                .execute((run, id, before, &state, block, warn, note))?;
            if same == 0 {
                writing
                    .prepare_cached("INSERT INTO stand VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6)")?
                    .execute((id, run, &state, block, warn, note))?;
            }
        }
        Ok(writing.commit()?)
    }

    /// The last runs, and what moved between the last two.
    pub fn trend(&mut self, runs: usize) -> Result<Trend, Error> {
        let reading = self.0.transaction()?;
        let mut trend = Trend::default();
        let mut all =
            reading.prepare("SELECT id, day, policy, revision FROM run ORDER BY id DESC LIMIT ?1")?;
        let mut rows = all.query([i64::try_from(runs).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let day: String = row.get(1)?;
            let states = states(&reading, row.get(0)?)?;
            // A day is written by this program alone; what is no day is no run.
            let Ok(day) = day.parse() else { continue };
            trend.runs.push(PastRun { day, policy: row.get(2)?, revision: row.get(3)?, states });
        }
        trend.runs.reverse();
        if let (Some(before), Some(now)) = (last_run(&reading, 1)?, last_run(&reading, 0)?) {
            trend.moves = moves(&reading, before, now)?;
        }
        Ok(trend)
    }
}

/// The run before the last `back` ones.
fn last_run(reading: &Transaction<'_>, back: i64) -> Result<Option<i64>, rusqlite::Error> {
    let mut all = reading.prepare_cached("SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET ?1")?;
    all.query_row([back], |row| row.get(0)).optional()
}

fn states(reading: &Transaction<'_>, run: i64) -> Result<BTreeMap<State, usize>, rusqlite::Error> {
    let mut all = reading.prepare_cached(
        "SELECT state, COUNT(*) FROM stand WHERE first <= ?1 AND last >= ?1 GROUP BY state",
    )?;
    let mut rows = all.query([run])?;
    let mut states = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
        if let Some(state) = State::of_key(&state) {
            states.insert(state, usize::try_from(count).unwrap_or(0));
        }
    }
    Ok(states)
}

fn moves(reading: &Transaction<'_>, before: i64, now: i64) -> Result<Vec<Move>, rusqlite::Error> {
    let mut all = reading.prepare(
        "SELECT name, old.state, new.state FROM repository
         LEFT JOIN stand old ON old.repository = id AND old.first <= ?1 AND old.last >= ?1
         LEFT JOIN stand new ON new.repository = id AND new.first <= ?2 AND new.last >= ?2
         WHERE old.state IS NOT new.state ORDER BY name",
    )?;
    let mut rows = all.query([before, now])?;
    let mut moves = Vec::new();
    while let Some(row) = rows.next()? {
        let state = |text: Option<String>| text.as_deref().and_then(State::of_key);
        moves.push(Move { name: row.get(0)?, from: state(row.get(1)?), to: state(row.get(2)?) });
    }
    Ok(moves)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::{Changes, Outcome, Verdict};
    use crate::policy::Facts;

    fn fleet(day: &str, states: &[(&str, State)]) -> Fleet {
        let outcomes = states.iter().map(|(name, state)| Outcome {
            name: (*name).to_owned(),
            location: String::new(),
            commit: None,
            facts: Facts::none(),
            verdict: Arc::new(Verdict::unchecked(*state, "x")),
        });
        Fleet {
            policy: "p".to_owned(),
            revision: None,
            day: day.parse().unwrap(),
            part: None,
            outcomes: outcomes.collect(),
            changes: Changes::new(),
            waivers: Vec::new(),
        }
    }

    #[test]
    fn a_fleet_moves_from_run_to_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.sqlite");
        let runs = [
            fleet("2026-12-01", &[("a", State::InLine), ("b", State::Weaker), ("c", State::Behind)]),
            fleet("2026-12-02", &[("a", State::InLine), ("b", State::InLine), ("d", State::Edited)]),
            fleet("2026-12-03", &[("a", State::InLine), ("b", State::Weaker), ("d", State::Edited)]),
        ];
        for run in &runs {
            History::open(&file).unwrap().add(run).unwrap();
        }
        let mut history = History::open(&file).unwrap();
        let trend = history.trend(10).unwrap();
        for (past, run) in trend.runs.iter().zip(&runs) {
            assert_eq!(past.day, run.day);
            for state in State::ALL {
                assert_eq!(past.states.get(&state).copied().unwrap_or(0), run.count(state), "{state}");
            }
        }
        let moved = |name: &str, from, to| Move { name: name.into(), from, to };
        assert_eq!(trend.moves, [moved("b", Some(State::InLine), Some(State::Weaker))]);
        assert_eq!(history.trend(2).unwrap().runs, trend.runs.get(1..).unwrap());
        // What stays takes no room: a, b three times, c and d once each.
        let rows: i64 = history.0.query_row("SELECT COUNT(*) FROM stand", (), |row| row.get(0)).unwrap();
        assert_eq!(rows, 6);
    }

    #[test]
    fn who_comes_and_goes_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::open(&folder.path().join("h")).unwrap();
        assert_eq!(history.trend(5).unwrap(), Trend::default());
        history.add(&fleet("2026-12-01", &[("a", State::InLine)])).unwrap();
        assert_eq!(history.trend(5).unwrap().moves, []);
        history.add(&fleet("2026-12-01", &[("b", State::Faulty)])).unwrap();
        let gone = Move { name: "a".into(), from: Some(State::InLine), to: None };
        let new = Move { name: "b".into(), from: None, to: Some(State::Faulty) };
        assert_eq!(history.trend(5).unwrap().moves, [gone, new]);
    }

    #[test]
    fn a_newer_history_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("h");
        Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
        assert!(matches!(History::open(&file), Err(Error::Newer(2))));
    }
}
