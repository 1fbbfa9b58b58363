//! The repositories that lie below a folder: clones and bare ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 12;

/// A folder that holds a repository, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundRepository {
    /// The folder.
    pub path: PathBuf,
    /// Whether it has no work tree.
    pub is_bare: bool,
}

/// What a walk below a folder came upon.
#[derive(Debug, Default)]
pub struct FoundRepositories {
    /// The repositories, sorted by path.
    pub repositories: Vec<FoundRepository>,
    /// Folders that could not be looked into, with the reason.
    pub unread: Vec<Error>,
}

/// The repositories at or below a folder. Nothing within a repository is looked at, and links are not followed.
pub fn repositories(folder: &Path) -> Result<FoundRepositories, Error> {
    let root = folder.canonicalize().map_err(|error| Error::read(folder, error))?;
    if !root.is_dir() {
        return Err(Error::Read { path: root, source: io::Error::other("it is no folder") });
    }
    let mut found = FoundRepositories::default();
    let mut folders = vec![(root, 0)];
    while let Some((folder, depth)) = folders.pop() {
        if let Some(is_bare) = kind(&folder) {
            found.repositories.push(FoundRepository { path: folder, is_bare });
            continue;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(Error::read(&folder, error)),
            Err(error) => {
                found.unread.push(Error::read(&folder, error));
                continue;
            }
        };
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        let below = entries.flatten().filter(is_folder).map(|entry| (entry.path(), depth + 1));
        folders.extend(below.filter(|(_, depth)| *depth <= MAX_DEPTH));
    }
    found.repositories.sort();
    Ok(found)
}

/// Whether a folder is a repository, and one without a work tree.
fn kind(folder: &Path) -> Option<bool> {
    if is_bare(folder) {
        return Some(true);
    }
    folder.join(".git").exists().then_some(false)
}

/// Whether a folder is a repository without a work tree. One that lost its `HEAD` is one still: it is to be told of
/// as unreadable, not passed over.
pub fn is_bare(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join("objects")).is_ok_and(|found| found.is_dir())
        && (folder.join("HEAD").exists() || folder.join("refs").is_dir())
}
