//! Lines that a sink has not taken yet, and how far each sink is.

use std::collections::VecDeque;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::line::AuditLine;
use super::places::Places;
use super::store::open_new;
use super::{Error, Waiting};

/// How far a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cursor {
    /// The sequence of the last line that it has taken.
    pub(super) sequence: u64,
    /// How long it is waited for.
    #[serde(default)]
    pub(super) waiting: Waiting,
}

impl Cursor {
    /// The cursor at `path`; the beginning where there is none, or none that can be read: better twice than not.
    pub(super) fn read(path: &Path) -> Self {
        fs::read(path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Writes it whole or not at all.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        let temporary = path.with_extension("new");
        let text = serde_json::to_string(self).unwrap_or_default();
        let written = open_new(&temporary).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&temporary, path)).map_err(Error::file("write", path))
    }
}

/// A line as it stands in the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spooled {
    pub(super) line: AuditLine,
    /// Its text, without the end of the line.
    pub(super) text: String,
}

/// The lines behind a sequence, in order.
#[derive(Debug)]
pub(super) struct Spool {
    places: Places,
    /// Lines that were read and not taken out yet.
    read: VecDeque<Spooled>,
    /// The sequence behind which reading goes on.
    last: u64,
}

impl Spool {
    pub(super) fn behind(places: &Places, sequence: u64) -> Self {
        Self { places: places.clone(), read: VecDeque::new(), last: sequence }
    }

    /// Up to `most` lines and `bytes` bytes, at least one where there is one.
    pub(super) fn next(&mut self, most: usize, bytes: usize) -> Result<Vec<Spooled>, Error> {
        if self.read.is_empty() {
            self.fill()?;
        }
        let mut batch = Vec::new();
        let mut size = 0;
        while batch.len() < most
            && let Some(line) = self.read.pop_front()
        {
            size += line.text.len();
            if size > bytes && !batch.is_empty() {
                self.read.push_front(line);
                break;
            }
            batch.push(line);
        }
        Ok(batch)
    }

    /// Puts lines back that were not taken.
    pub(super) fn put_back(&mut self, lines: Vec<Spooled>) {
        for line in lines.into_iter().rev() {
            self.read.push_front(line);
        }
    }

    /// Reads the next segment that holds lines behind `last`.
    fn fill(&mut self) -> Result<(), Error> {
        let (segments, _) = self.places.list()?;
        for (at, segment) in segments.iter().enumerate() {
            // A segment ends where the next one begins.
            if segments.get(at + 1).is_some_and(|next| next.first <= self.last + 1) {
                continue;
            }
            let text = match fs::read(&segment.path) {
                Ok(text) => text,
                // It was rotated away meanwhile.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(Error::file("read", &segment.path)(error)),
            };
            let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            for line in text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n') {
                let Ok(text) = std::str::from_utf8(line) else { continue };
                // What somebody wrote into the file by hand is no line of the trail.
                let Ok(line) = serde_json::from_str::<AuditLine>(text) else { continue };
                if line.sequence > self.last {
                    self.last = line.sequence;
                    self.read.push_back(Spooled { line, text: text.to_owned() });
                }
            }
            if !self.read.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}
