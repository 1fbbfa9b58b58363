//! What is remembered of earlier runs: the verdict on a commit, as long as policy and day ask the same.
//!
//! A verdict on a commit is a function of the commit, the policy, the facts that the policy asks for, what the day
//! makes of both, and the program: all of them are in the [`Key`]. A repository that did not change is not opened.
//!
//! INVARIANT: what is remembered never changes an outcome. Work trees are not remembered: their files change without
//! a commit. Nor is what could not be read: it may be readable another time.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use super::{Changes, Member, Verdict};
use crate::policy::Day;
use crate::repository::InForce;

/// Raised whenever a check or a state changes what it says within a version of the program, and with the tables: what
/// an earlier program remembered is forgotten then.
const FORM: i64 = 2;

/// How long another program may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// What keeps the memory from being used. Nothing but time is lost.
#[derive(Debug, thiserror::Error)]
#[error("the memory of earlier runs cannot be used: {0}")]
pub struct Error(#[from] rusqlite::Error);

/// Length of the digest that a [`Key`] begins with, in bytes.
const DIGEST: usize = 32;

/// Everything that a verdict depends on: a digest of it all, and behind it the commit in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(Vec<u8>);

/// Keys and verdicts by place.
type Known = HashMap<String, (Vec<u8>, Arc<Verdict>)>;

/// The verdicts of earlier runs on the repositories of one policy.
pub struct Memory {
    /// Only opening and saving use it, never the threads between.
    connection: Mutex<Connection>,
    policy: String,
    context: String,
    known: Known,
    changes: Changes,
    fresh: Mutex<Vec<(String, Key, Arc<Verdict>)>>,
}

impl Memory {
    /// Opens the memory in a file, making it where there is none.
    pub fn open(file: &Path, policy: &InForce, day: Day) -> Result<Self, Error> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(PATIENCE)?;
        let form: i64 = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        if form != FORM {
            connection.execute_batch(&format!(
                "DROP TABLE IF EXISTS remembered; DROP TABLE IF EXISTS verdict; DROP TABLE IF EXISTS change;
                 PRAGMA user_version = {FORM};"
            ))?;
        }
        connection.execute_batch(
            "PRAGMA synchronous = OFF;
             CREATE TABLE IF NOT EXISTS change (digest TEXT PRIMARY KEY, diff TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS verdict (
               id INTEGER PRIMARY KEY, content TEXT NOT NULL UNIQUE, change TEXT REFERENCES change (digest));
             CREATE TABLE IF NOT EXISTS remembered (
               policy TEXT NOT NULL, place TEXT NOT NULL, key BLOB NOT NULL, verdict INTEGER NOT NULL,
               PRIMARY KEY (policy, place)) WITHOUT ROWID;",
        )?;
        let (version, digest) = (env!("CARGO_PKG_VERSION"), policy.digest());
        let class = policy.policy().day_class(day);
        let context = format!("{version} {FORM} {digest} {} {class}", policy.name);
        let changes = read_changes(&connection)?;
        let known = read(&connection, &policy.name, &changes)?;
        let connection = Mutex::new(connection);
        let policy = policy.name.clone();
        Ok(Self { connection, policy, context, known, changes, fresh: Mutex::default() })
    }

    /// The diff of a change that a remembered verdict names.
    pub(super) fn change(&self, digest: &str) -> Option<&str> {
        self.changes.get(digest).map(String::as_str)
    }

    /// What the verdict on a commit depends on.
    pub(super) fn key(&self, policy: &InForce, member: &Member, commit: &str) -> Key {
        let asked = policy.asked(&member.facts);
        let facts: Vec<(&str, &[String])> = asked.iter().collect();
        let text = serde_json::json!([self.context, commit, facts]).to_string();
        let mut key = Sha256::digest(text.as_bytes()).to_vec();
        key.extend(commit.as_bytes());
        Key(key)
    }

    /// The commit on which a verdict that still holds is known, and the verdict.
    pub(super) fn newest(
        &self,
        policy: &InForce,
        member: &Member,
        place: &str,
    ) -> Option<(String, Arc<Verdict>)> {
        let (known, verdict) = self.known.get(place)?;
        let commit = String::from_utf8(known.get(DIGEST..)?.to_vec()).ok()?;
        (*known == self.key(policy, member, &commit).0).then(|| (commit, Arc::clone(verdict)))
    }

    /// The verdict, where it is known.
    pub(super) fn recall(&self, place: &str, key: &Key) -> Option<Arc<Verdict>> {
        let (known, verdict) = self.known.get(place)?;
        (*known == key.0).then(|| Arc::clone(verdict))
    }

    /// Takes note of a verdict.
    pub(super) fn note(&self, place: &str, key: Key, verdict: &Arc<Verdict>) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        fresh.push((place.to_owned(), key, Arc::clone(verdict)));
    }

    /// Writes what is new. `changes` are all that the new verdicts name.
    pub fn save(self, changes: &Changes) -> Result<(), Error> {
        let fresh = self.fresh.into_inner().unwrap_or_else(PoisonError::into_inner);
        if fresh.is_empty() {
            return Ok(());
        }
        let mut connection = self.connection.into_inner().unwrap_or_else(PoisonError::into_inner);
        let writing = connection.transaction()?;
        let mut ids: HashMap<*const Verdict, i64> = HashMap::new();
        for (place, key, verdict) in &fresh {
            let id = match ids.get(&Arc::as_ptr(verdict)) {
                Some(id) => *id,
                None => write(&writing, verdict, changes)?,
            };
            ids.insert(Arc::as_ptr(verdict), id);
            writing
                .prepare_cached("INSERT OR REPLACE INTO remembered VALUES (?1, ?2, ?3, ?4)")?
                .execute((&self.policy, place, &key.0, id))?;
        }
        writing.execute("DELETE FROM verdict WHERE id NOT IN (SELECT verdict FROM remembered)", ())?;
        let unused =
            "DELETE FROM change WHERE digest NOT IN (SELECT change FROM verdict WHERE change IS NOT NULL)";
        writing.execute(unused, ())?;
        Ok(writing.commit()?)
    }
}

fn read_changes(connection: &Connection) -> Result<Changes, rusqlite::Error> {
    let mut all = connection.prepare("SELECT digest, diff FROM change")?;
    let rows = all.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn read(connection: &Connection, policy: &str, changes: &Changes) -> Result<Known, rusqlite::Error> {
    let mut verdicts: HashMap<i64, Arc<Verdict>> = HashMap::new();
    let mut all = connection.prepare("SELECT id, content FROM verdict")?;
    let mut rows = all.query(())?;
    while let Some(row) = rows.next()? {
        let content: String = row.get(1)?;
        // One that this program does not understand is one that it does not know.
        let Ok(verdict) = serde_json::from_str::<Verdict>(&content) else { continue };
        if verdict.change.as_ref().is_none_or(|change| changes.contains_key(change)) {
            verdicts.insert(row.get(0)?, Arc::new(verdict));
        }
    }
    let mut known = HashMap::new();
    let mut all = connection.prepare("SELECT place, key, verdict FROM remembered WHERE policy = ?1")?;
    let mut rows = all.query([policy])?;
    while let Some(row) = rows.next()? {
        if let Some(verdict) = verdicts.get(&row.get(2)?) {
            known.insert(row.get(0)?, (row.get(1)?, Arc::clone(verdict)));
        }
    }
    Ok(known)
}

/// The number of a verdict, new or known.
fn write(writing: &Transaction<'_>, verdict: &Verdict, changes: &Changes) -> Result<i64, rusqlite::Error> {
    if let Some((digest, diff)) = verdict.change.as_ref().and_then(|change| changes.get_key_value(change)) {
        writing
            .prepare_cached("INSERT INTO change VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute((digest, diff))?;
    }
    let content = serde_json::to_string(verdict).unwrap_or_default();
    let known = writing
        .prepare_cached("SELECT id FROM verdict WHERE content = ?1")?
        .query_row([&content], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    writing
        .prepare_cached("INSERT INTO verdict (content, change) VALUES (?1, ?2)")?
        .execute((&content, &verdict.change))?;
    Ok(writing.last_insert_rowid())
}
