//! Lines on the disk: appended whole, numbered in order, rotated by size.
//!
//! INVARIANT: what was given a sequence is on the disk before the next one is given. A line is one write; where the
//! disk takes a part of it only, that part is taken away again before the lock goes.
//!
//! Lines are handed to the operating system at once and not brought to the disk one by one: they survive a process that
//! is killed, and may be lost with the last seconds of a machine that loses power.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use super::line::{AuditLine, Host, lost_line};
use super::lock;
use super::places::{Places, Segment};
use super::send::{fastest, slowest};
use super::{Error, fresh_id};

/// How much of the end of a segment is read to find its last line, in bytes. No line is longer.
const TAIL: u64 = 256 * 1024;

/// Most lines that came late which one append takes in.
const MOST_LATE: usize = 1_000;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size from which a new segment is begun, in bytes.
    pub segment: u64,
    /// Most segments that are kept once they were sent.
    pub kept: usize,
    /// Most segments that are kept in any case. What is not sent by then is given up, and a line says so.
    pub unsent: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segment: 5 * 1024 * 1024, kept: 20, unsent: 200 }
    }
}

/// The trail in one folder.
#[derive(Debug, Clone)]
pub struct Store {
    places: Places,
    limits: Limits,
    /// How long an append may wait for others.
    longest: Duration,
    /// The sinks that must have taken a line before it may go, by the names of their cursors.
    sinks: Vec<String>,
}

impl Store {
    /// The trail in `folder`. `sinks` are the names of those that must have taken a line before it may go.
    pub fn new(folder: &Path, limits: Limits, sinks: Vec<String>, longest: Duration) -> Self {
        Self { places: Places::new(folder), limits, longest, sinks }
    }

    /// Appends a line and gives it its sequence. Where others hold the trail for too long the line is put beside it,
    /// and whoever appends next takes it in.
    pub fn append(&self, line: &mut AuditLine) -> Result<(), Error> {
        self.places.make()?;
        let lock = match lock::take(&self.places.lock(), self.longest) {
            Ok(lock) => lock,
            Err(Error::Held { .. }) => return self.put_beside(line),
            Err(error) => return Err(error),
        };
        let (mut segments, late) = self.places.list()?;
        let (mut current, mut next) = self.end(&mut segments)?;
        for path in late.iter().take(MOST_LATE) {
            let read = fs::read(path).ok().and_then(|text| serde_json::from_slice::<AuditLine>(&text).ok());
            let Some(mut line) = read else { continue };
            self.push(&mut current, &mut next, &mut segments, &mut line)?;
            fs::remove_file(path).map_err(Error::file("remove", path))?;
        }
        self.push(&mut current, &mut next, &mut segments, line)?;
        self.tidy(&segments, &mut current, &mut next, line)?;
        drop(lock);
        Ok(())
    }

    fn put_beside(&self, line: &AuditLine) -> Result<(), Error> {
        let path = self.places.late(&line.id);
        // Another name until it is whole: whoever takes lines in sees no half of one.
        let temporary = self.places.folder().join(format!(".{}", line.id));
        let written = open_new(&temporary).and_then(|mut file| file.write_all(line.text().as_bytes()));
        let done = written.and_then(|()| fs::rename(&temporary, &path));
        if done.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        done.map_err(Error::file("write", &path))
    }

    /// The segment that is written to, without a torn end, and the next sequence.
    fn end(&self, segments: &mut Vec<Segment>) -> Result<(Segment, u64), Error> {
        let Some(last) = segments.last().cloned() else {
            // Nothing is there, and what was sent before may have been more.
            let next = fastest(&self.places, &self.sinks).unwrap_or(0) + 1;
            let first = self.places.segment(next);
            segments.push(first.clone());
            return Ok((first, next));
        };
        let mut file = match OpenOptions::new().read(true).write(true).open(&last.path) {
            Ok(file) => file,
            Err(error) => return Err(Error::file("open", &last.path)(error)),
        };
        let failed = Error::file("read", &last.path);
        let (whole, sequence) = (|| -> std::io::Result<(u64, Option<u64>)> {
            let length = file.seek(SeekFrom::End(0))?;
            let from = length.saturating_sub(TAIL);
            file.seek(SeekFrom::Start(from))?;
            let mut tail = Vec::new();
            (&file).take(TAIL).read_to_end(&mut tail)?;
            let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let whole = from + end as u64;
            if whole < length && (end > 0 || from == 0) {
                file.set_len(whole)?;
            }
            let body = tail.get(..end.saturating_sub(1)).unwrap_or_default();
            let start = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let line = body.get(start..).and_then(|line| serde_json::from_slice::<AuditLine>(line).ok());
            Ok((whole, line.map(|line| line.sequence)))
        })()
        .map_err(failed)?;
        // A segment without a line, or with one that somebody changed, tells by its name where it began.
        let next = match sequence {
            Some(sequence) => sequence + 1,
            None if whole == 0 => last.first,
            None => last.first + count_lines(&last.path)?,
        };
        Ok((last, next))
    }

    fn push(
        &self,
        current: &mut Segment,
        next: &mut u64,
        segments: &mut Vec<Segment>,
        line: &mut AuditLine,
    ) -> Result<(), Error> {
        line.sequence = *next;
        let size = fs::metadata(&current.path).map_or(0, |found| found.len());
        if size >= self.limits.segment {
            *current = self.places.segment(*next);
            segments.push(current.clone());
        }
        let mut file = open_append(&current.path).map_err(Error::file("open", &current.path))?;
        let before = file.metadata().map_err(Error::file("read", &current.path))?.len();
        if let Err(error) = file.write_all(line.text().as_bytes()) {
            let _ = file.set_len(before);
            return Err(Error::file("write", &current.path)(error));
        }
        *next += 1;
        Ok(())
    }

    /// Removes segments that were sent and are too many, and, beyond the bound, those that were not.
    fn tidy(
        &self,
        segments: &[Segment],
        current: &mut Segment,
        next: &mut u64,
        line: &AuditLine,
    ) -> Result<(), Error> {
        if segments.len() <= self.limits.kept {
            return Ok(());
        }
        let sent = if self.sinks.is_empty() { u64::MAX } else { self.sent_up_to().unwrap_or(0) };
        let mut many = segments.len();
        let mut lost: Option<(u64, u64)> = None;
        for pair in segments.windows(2) {
            let [old, after] = pair else { break };
            let last = after.first.saturating_sub(1);
            let is_sent = last <= sent;
            let limit = if is_sent { self.limits.kept } else { self.limits.unsent.max(self.limits.kept) };
            if many <= limit {
                break;
            }
            if !is_sent {
                let first = lost.map_or(old.first.max(sent.saturating_add(1)), |(first, _)| first);
                lost = Some((first, last));
            }
            fs::remove_file(&old.path).map_err(Error::file("remove", &old.path))?;
            many -= 1;
        }
        if let Some((first, last)) = lost {
            let host = Host { user: line.user.clone(), host: line.host.clone(), project: None };
            let mut gap = lost_line(first, last, &host, fresh_id(), line.time.clone());
            self.push(current, next, &mut segments.to_vec(), &mut gap)?;
        }
        Ok(())
    }

    /// The last sequence that every sink has taken; none where one of them has taken nothing.
    fn sent_up_to(&self) -> Option<u64> {
        slowest(&self.places, &self.sinks)
    }
}

fn count_lines(path: &Path) -> Result<u64, Error> {
    let text = fs::read(path).map_err(Error::file("read", path))?;
    Ok(text.iter().filter(|byte| **byte == b'\n').count() as u64)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

pub(super) fn open_append(path: &Path) -> std::io::Result<File> {
    private(OpenOptions::new().create(true).append(true)).open(path)
}

pub(super) fn open_new(path: &Path) -> std::io::Result<File> {
    private(OpenOptions::new().create(true).write(true).truncate(true)).open(path)
}
