//! The trail: one redacted line for each call, in files on this machine, and from there to sinks.
//!
//! A hook appends and goes; it waits for no network. Whoever sends reads the same files from a cursor of its own, and
//! moves the cursor only when the sink has taken the lines. So a sink that is down, a machine that is switched off
//! and a process that is killed cost a repetition at most, which the `id` of a line tells.
//!
//! INVARIANT: credentials are masked before a line is written. No line is torn: a line is one write under a lock, and
//! what a full disk cut off is taken away again.
//!
//! INVARIANT: order is that of `sequence`, never of the clock.

mod backoff;
mod id;
mod line;
mod lock;
mod places;
mod send;
mod sink;
mod spool;
mod store;

pub use backoff::Waiting;
pub use id::fresh_id;
pub use line::{AuditLine, Host, UserForm, lost_line};
pub use send::{Outcome, Sender};
pub use sink::{AddressError, Sink, SinkError};
pub use store::{Limits, Store};

use std::io;
use std::path::{Path, PathBuf};

/// What keeps the trail from being written or sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the trail cannot be used.
    #[error("cannot {what} `{}`: {source}", path.display())]
    File {
        /// What was to be done.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Another process did not let go in time.
    #[error("another process holds `{}`", path.display())]
    Held {
        /// The lock.
        path: PathBuf,
    },
}

impl Error {
    fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
