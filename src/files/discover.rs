//! Where the repository begins, and which of its folders hold agent settings.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use crate::path::RepoPath;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 24;

/// Folders that hold other people's code or what a build leaves, never a project of this repository.
const SKIPPED: [&str; 6] = [".git", "node_modules", "target", ".venv", "__pycache__", ".terraform"];

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

/// The folders of the repository at `root` that hold a `.claude` folder, sorted, the root always among
/// them. Other repositories within this one (submodules, nested clones) are not entered, nor are links.
pub fn discover(root: &Path) -> Result<Vec<RepoPath>, Error> {
    let mut projects = vec![RepoPath::root()];
    let mut folders = vec![(RepoPath::root(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let full = root.join(folder.as_str());
        let entries = match fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) if folder.is_root() => return Err(Error::read(&full, error)),
            // A folder that we may not enter holds nothing that the client would read either.
            Err(_) => continue,
        };
        let mut below = Vec::new();
        let mut is_repository = false;
        let mut is_project = false;
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            is_repository |= name == ".git";
            let kind = entry.file_type();
            if name == ".claude" {
                // A link counts: reading its files says whether it stays in the repository.
                is_project |= kind.is_ok_and(|kind| kind.is_dir() || kind.is_symlink());
            } else if kind.is_ok_and(|kind| kind.is_dir()) && !SKIPPED.contains(&name.as_str()) {
                below.push(folder.join(&name));
            }
        }
        if is_repository && !folder.is_root() {
            continue;
        }
        if is_project && !folder.is_root() {
            projects.push(folder);
        }
        if depth < MAX_DEPTH {
            folders.extend(below.into_iter().map(|path| (path, depth + 1)));
        }
    }
    projects.sort();
    Ok(projects)
}
