//! Where the repository begins, and what a walk through it comes upon.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use crate::path::RepoPath;
use crate::project::Found;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 24;

/// A folder and the repository that holds it, links resolved in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The root of the repository, or the folder itself where there is none.
    pub root: PathBuf,
    /// The folder, from the root; empty for the root.
    pub below: PathBuf,
    /// Whether there is a work tree of git at the root.
    pub is_work_tree: bool,
}

/// Looks for the repository that holds `start`.
pub fn locate(start: &Path) -> Result<Located, Error> {
    let start = start.canonicalize().map_err(|error| Error::read(start, error))?;
    if !start.is_dir() {
        return Err(Error::Read { path: start, source: io::Error::other("it is no folder") });
    }
    let work_tree = start.ancestors().find(|folder| folder.join(".git").exists());
    let root = work_tree.unwrap_or(&start).to_owned();
    let below = start.strip_prefix(&root).map(Path::to_owned).unwrap_or_default();
    Ok(Located { is_work_tree: work_tree.is_some(), root, below })
}

/// The names of what lies in a folder, sorted; those that are no text are left out.
pub fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::read(folder, error))?;
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// The projects of the repository at `root` and the files that checks look at. Other repositories within
/// this one (submodules, nested clones) are not entered, nor are links.
pub fn discover(root: &Path) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut folders = vec![(RepoPath::root(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let full = root.join(folder.as_str());
        let entries = match fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) if folder.is_root() => return Err(Error::read(&full, error)),
            // A folder that we may not enter holds nothing that the client would read either.
            Err(_) => continue,
        };
        let named =
            |entry: fs::DirEntry| Some((entry.file_name().into_string().ok()?, entry.file_type().ok()?));
        let entries: Vec<(String, fs::FileType)> = entries.flatten().filter_map(named).collect();
        if !folder.is_root() && entries.iter().any(|(name, _)| name == ".git") {
            continue;
        }
        for (name, kind) in entries {
            if kind.is_dir() {
                if found.add_folder(&folder, &name) && depth < MAX_DEPTH {
                    folders.push((folder.join(&name), depth + 1));
                }
            } else if kind.is_symlink() {
                found.add_link(&folder, &name);
            } else if kind.is_file() {
                found.add_file(&folder, &name);
            }
        }
    }
    Ok(found)
}
