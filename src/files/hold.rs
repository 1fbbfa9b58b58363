//! Only one program changes a repository at a time.

use std::fs::File;
use std::path::Path;

use super::Error;

/// While it lives, no other `apply` changes the repository.
#[derive(Debug)]
#[must_use]
pub struct Hold {
    _folder: Option<File>,
}

/// Waits until no other program holds the repository, and holds it. Where the system cannot lock a
/// folder there is no wait: every write looks once more whether its file is as it was.
pub fn hold(root: &Path) -> Result<Hold, Error> {
    let folder = match File::open(root) {
        Ok(folder) => folder,
        Err(error) if cfg!(unix) => return Err(Error::read(root, error)),
        Err(_) => return Ok(Hold { _folder: None }),
    };
    let held = folder.lock().is_ok();
    Ok(Hold { _folder: held.then_some(folder) })
}
