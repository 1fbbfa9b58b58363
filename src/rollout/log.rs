//! What a rollout did, one line of JSON for each event, brought to the disk before the next thing is done.
//!
//! INVARIANT: a line that was written stays. What a crash left of a line is cut off when the log is opened,
//! and only that.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::forge::RepositoryName;

/// What each line begins with.
const START: &[u8] = b"{\"at\":";

/// The log of one rollout. While it is open, no other program writes to it.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
    past: Past,
}

/// What a log says.
#[derive(Debug, Default)]
pub struct Past {
    /// What was last done in each repository.
    last: BTreeMap<RepositoryName, Did>,
    /// When requests were begun, in the order of the log.
    began: Vec<u64>,
    pause: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Event {
    /// Seconds since 1970.
    at: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<RepositoryName>,
    #[serde(flatten)]
    did: Did,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "lowercase")]
pub enum Did {
    /// A request is about to be opened or renewed.
    Began {
        /// The change.
        change: String,
    },
    /// It stands.
    Proposed {
        /// Its number.
        request: u64,
        /// Where people see it.
        url: String,
    },
    /// It could not be done.
    Failed {
        /// Why.
        why: String,
    },
    /// A request was closed, or a branch that was left over removed.
    Withdrew {
        /// The number of the request, none where there was only a branch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
    },
    /// The rollout is paused.
    Paused {
        /// Why.
        why: String,
    },
    /// It goes on.
    Resumed,
}

/// What is the matter with a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The disk.
    #[error("cannot write the log `{}`: {source}", path.display())]
    Disk {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk, where nothing is to be written.
    #[error("cannot read the log `{}`: {source}", path.display())]
    Read {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another program has it.
    #[error("another program is at work on the rollout: it holds `{}`", path.display())]
    Held {
        /// The log.
        path: PathBuf,
    },
    /// A line is not one of a log.
    #[error("line {line} of `{}` is not one of a rollout's log: {reason}", path.display())]
    Line {
        /// The log.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why not.
        reason: String,
    },
}

impl Log {
    /// Opens a log, making it where there is none.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let disk = |source| LogError::Disk { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(path).map_err(disk)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::Held { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(disk(source)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(disk)?;
        // A crash in the middle of a line leaves no end of it.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let rest = text.split_off(whole);
        let mut log = Self { path: path.to_owned(), file, past: Past::of(&text, path)? };
        if !rest.is_empty() {
            log.cut(whole, &rest).map_err(disk)?;
        }
        Ok(log)
    }

    /// Cuts off `rest`, which is not a whole line, where it can be the beginning of one.
    fn cut(&mut self, whole: usize, rest: &[u8]) -> io::Result<()> {
        let common = rest.len().min(START.len());
        if rest.get(..common) != START.get(..common) {
            return Err(io::Error::other("its last line is not one of a rollout's log"));
        }
        self.file.set_len(whole as u64)?;
        self.file.sync_data()
    }

    /// Adds an event; when this returns, it is on the disk. `at` is in seconds since 1970.
    pub fn add(&mut self, at: u64, repository: Option<&RepositoryName>, did: Did) -> Result<(), LogError> {
        let event = Event { at, repository: repository.cloned(), did };
        let disk = |source| LogError::Disk { path: self.path.clone(), source };
        let mut line = serde_json::to_string(&event).map_err(|error| disk(error.into()))?;
        line.push('\n');
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(disk)?;
        self.past.take(event);
        Ok(())
    }

    /// What it says.
    pub fn past(&self) -> &Past {
        &self.past
    }
}

impl Past {
    /// Reads what a log says and leaves it as it is; where there is none, nothing was done. A program may be at work
    /// on it: what is not a whole line yet does not count.
    pub fn read(path: &Path) -> Result<Self, LogError> {
        match std::fs::read(path) {
            Ok(mut text) => {
                let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                text.truncate(whole);
                Self::of(&text, path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(LogError::Read { path: path.to_owned(), source }),
        }
    }

    /// What whole lines say.
    fn of(text: &[u8], path: &Path) -> Result<Self, LogError> {
        let mut past = Self::default();
        let lines = text.split(|byte| *byte == b'\n').enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
            let event = serde_json::from_slice(line).map_err(|error| LogError::Line {
                path: path.to_owned(),
                line: number + 1,
                reason: error.to_string(),
            })?;
            past.take(event);
        }
        Ok(past)
    }

    fn take(&mut self, event: Event) {
        match &event.did {
            Did::Began { .. } => self.began.push(event.at),
            Did::Paused { why } => self.pause = Some(why.clone()),
            Did::Resumed => self.pause = None,
            Did::Proposed { .. } | Did::Failed { .. } | Did::Withdrew { .. } => {}
        }
        if let Some(repository) = event.repository {
            self.last.insert(repository, event.did);
        }
    }

    /// Why the rollout is paused, none where it is not.
    pub fn pause(&self) -> Option<&str> {
        self.pause.as_deref()
    }

    /// When requests were begun since `start`, in seconds since 1970, the oldest first.
    pub fn began_since(&self, start: u64) -> Vec<u64> {
        let mut began: Vec<u64> = self.began.iter().copied().filter(|at| *at > start).collect();
        began.sort_unstable();
        began
    }

    /// Whether a request was begun and it is not known to stand.
    pub fn is_unfinished(&self, name: &RepositoryName) -> bool {
        matches!(self.last.get(name), Some(Did::Began { .. }))
    }

    /// Whether the last attempt at a repository failed.
    pub fn has_failed(&self, name: &RepositoryName) -> bool {
        matches!(self.last.get(name), Some(Did::Failed { .. }))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // Closing alone leaves the lock with a child process that is just being started. Without a lock the
        // closed file has none either.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> RepositoryName {
        RepositoryName::new("acme/web").unwrap()
    }

    fn began() -> Did {
        Did::Began { change: "c".into() }
    }

    #[test]
    fn what_was_added_is_there_after_a_crash_in_any_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Log::open(&path).unwrap();
        log.add(10, Some(&name()), began()).unwrap();
        let first = std::fs::read(&path).unwrap().len();
        log.add(20, None, Did::Paused { why: "a holiday".into() }).unwrap();
        drop(log);
        let whole = std::fs::read(&path).unwrap();
        for length in first..=whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let past = Past::read(&path).unwrap();
            assert_eq!(past.pause().is_some(), length == whole.len(), "{length}");
            assert_eq!(std::fs::read(&path).unwrap().len(), length, "reading changes nothing");
            let mut log = Log::open(&path).unwrap();
            assert!(log.past().is_unfinished(&name()));
            assert_eq!(log.past().pause().is_some(), length == whole.len(), "{length}");
            log.add(30, Some(&name()), Did::Failed { why: "x".into() }).unwrap();
            drop(log);
            let log = Log::open(&path).unwrap();
            assert!(log.past().has_failed(&name()) && !log.past().is_unfinished(&name()), "{length}");
        }
    }

    #[test]
    fn without_a_log_nothing_was_done_and_reading_makes_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        assert!(Past::read(&path).unwrap().began_since(0).is_empty());
        assert!(!path.exists());
    }

    #[test]
    fn a_log_is_of_one_program_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = Log::open(&path).unwrap();
        assert!(matches!(Log::open(&path), Err(LogError::Held { .. })));
        drop(log);
        assert!(Log::open(&path).is_ok());
    }

    #[test]
    fn a_file_that_is_no_log_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes");
        for (text, message) in [("buy milk\n", "line 1 of"), ("buy milk", "its last line is not one")] {
            std::fs::write(&path, text).unwrap();
            let error = Log::open(&path).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_pause_lasts_until_it_is_ended_and_the_pace_is_of_the_last_hour() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(&folder.path().join("log")).unwrap();
        log.add(100, Some(&name()), began()).unwrap();
        log.add(5000, Some(&name()), began()).unwrap();
        assert_eq!(log.past().began_since(1400), [5000]);
        log.add(5001, None, Did::Paused { why: "x".into() }).unwrap();
        assert_eq!(log.past().pause(), Some("x"));
        log.add(5002, None, Did::Resumed).unwrap();
        assert_eq!(log.past().pause(), None);
        assert!(log.past().is_unfinished(&name()));
    }
}
