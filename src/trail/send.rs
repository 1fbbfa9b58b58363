//! Bringing lines to sinks: one sender at a time, batch after batch, the cursor behind the sink and never before it.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use super::Error;
use super::lock;
use super::places::Places;
use super::sink::{Sink, SinkError};
use super::spool::{Cursor, Spool, Spooled};
use super::store::open_append;

/// Most lines of one batch.
const MOST_LINES: usize = 500;

/// How long to wait for another sender, which is mostly about to end.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Most bytes of one batch.
const MOST_BYTES: usize = 1024 * 1024;

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Lines that were taken, counted for each sink.
    pub sent: usize,
    /// Lines that a sink will never take; they are kept beside the trail.
    pub refused: usize,
    /// Sinks that have to be tried again later.
    pub waiting: usize,
    /// Another process is sending.
    pub is_busy: bool,
}

/// Brings the lines of one trail to its sinks.
pub struct Sender<'a> {
    places: Places,
    sinks: &'a [Sink],
    now: &'a dyn Fn() -> u64,
}

/// The last sequence that each of these sinks has taken; none where there are no sinks.
pub(super) fn slowest(places: &Places, sinks: &[String]) -> Option<u64> {
    sinks.iter().map(|sink| Cursor::read(&places.cursor(sink)).sequence).min()
}

/// The last sequence that any of these sinks has taken.
pub(super) fn fastest(places: &Places, sinks: &[String]) -> Option<u64> {
    sinks.iter().map(|sink| Cursor::read(&places.cursor(sink)).sequence).max()
}

impl<'a> Sender<'a> {
    /// For the trail in `folder`. `now` gives seconds since 1970.
    pub fn new(folder: &Path, sinks: &'a [Sink], now: &'a dyn Fn() -> u64) -> Self {
        Self { places: Places::new(folder), sinks, now }
    }

    /// Whether there is anything to do at this time: a sink whose wait is over, and nobody who sends.
    pub fn is_wanted(&self) -> bool {
        let is_over =
            |sink: &Sink| Cursor::read(&self.places.cursor(sink.name())).waiting.is_over((self.now)());
        self.sinks.iter().any(is_over) && lock::take(&self.places.sending(), Duration::ZERO).is_ok()
    }

    /// Sends until nothing is left or every sink has to be waited for. `tell` is told of what went wrong.
    pub fn run(&self, tell: &mut dyn FnMut(String)) -> Result<Outcome, Error> {
        let mut done = Outcome::default();
        self.places.make()?;
        loop {
            let Ok(held) = lock::take(&self.places.sending(), LONGEST_WAIT) else {
                done.is_busy = true;
                return Ok(done);
            };
            done.waiting = 0;
            let before = done.sent + done.refused;
            for sink in self.sinks {
                self.drain(sink, &mut done, tell)?;
            }
            drop(held);
            // Whoever appended meanwhile saw that somebody sends, and left it to us.
            if done.sent + done.refused == before {
                return Ok(done);
            }
        }
    }

    fn drain(&self, sink: &Sink, done: &mut Outcome, tell: &mut dyn FnMut(String)) -> Result<(), Error> {
        let path = self.places.cursor(sink.name());
        let mut cursor = Cursor::read(&path);
        if !cursor.waiting.is_over((self.now)()) {
            done.waiting += 1;
            return Ok(());
        }
        let mut spool = Spool::behind(&self.places, cursor.sequence);
        let mut most = MOST_LINES;
        loop {
            let batch = spool.next(most, MOST_BYTES)?;
            let Some(last) = batch.last().map(|spooled| spooled.line.sequence) else { return Ok(()) };
            match sink.send(&batch) {
                Ok(()) => {
                    done.sent += batch.len();
                    cursor = Cursor { sequence: last, ..Cursor::default() };
                    cursor.write(&path)?;
                    most = MOST_LINES;
                }
                // One line that a sink does not take must not keep the others back.
                Err(SinkError::Refused(_)) if batch.len() > 1 => {
                    most = batch.len() / 2;
                    spool.put_back(batch);
                }
                Err(SinkError::Refused(why) | SinkError::Partly(why)) => {
                    self.keep_refused(sink, &batch, &why)?;
                    tell(format!("`{sink}` refuses line {last} for good: {why}"));
                    done.refused += batch.len();
                    cursor = Cursor { sequence: last, ..Cursor::default() };
                    cursor.write(&path)?;
                    most = MOST_LINES;
                }
                Err(SinkError::Failed { why, asked }) => {
                    cursor.waiting = cursor.waiting.after((self.now)(), asked);
                    cursor.write(&path)?;
                    tell(format!("`{sink}` did not take {} lines, which stay here: {why}", batch.len()));
                    done.waiting += 1;
                    return Ok(());
                }
            }
        }
    }

    fn keep_refused(&self, sink: &Sink, batch: &[Spooled], why: &str) -> Result<(), Error> {
        let path = self.places.refused(sink.name());
        let text: String = batch.iter().map(|spooled| format!("{why}\t{}\n", spooled.text)).collect();
        let written = open_append(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(Error::file("write", &path))
    }
}
