//! Locks between processes, with an end to the waiting.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::Error;

/// How long to wait between two attempts.
const PAUSE: Duration = Duration::from_millis(2);

/// While it lives, the lock is held.
#[derive(Debug)]
#[must_use]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock at `path`, at the latest after `longest`. The system lets go of it when a process ends, however it
/// ends.
pub(super) fn take(path: &Path, longest: Duration) -> Result<Lock, Error> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.map_err(Error::file("open", path))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(Error::file("lock", path)(error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= longest => {
                return Err(Error::Held { path: path.to_owned() });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}
