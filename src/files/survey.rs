//! How many files of a kind lie below a folder, and how old they are. Nothing is opened.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 8;

/// Most entries of folders that are looked at.
const MAX_ENTRIES: usize = 1_000_000;

/// Files of one kind below a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// How many there are.
    pub count: usize,
    /// Their bytes together.
    pub bytes: u64,
    /// When the one was written that nobody has written to for longest.
    pub oldest: Option<SystemTime>,
    /// When the newest was written, and which it is.
    pub newest: Option<(SystemTime, PathBuf)>,
    /// Whether something could not be looked at, or there is more than is looked at.
    pub is_partial: bool,
}

/// Counts the files whose names end in `ending`. Links are not followed. A folder that is not there is empty.
pub fn survey(folder: &Path, ending: &str) -> Survey {
    let mut found = Survey::default();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut left = MAX_ENTRIES;
    while let Some((folder, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.is_partial |= depth > 0 || error.kind() != std::io::ErrorKind::NotFound;
                continue;
            }
        };
        for entry in entries {
            if left == 0 {
                found.is_partial = true;
                return found;
            }
            left -= 1;
            let Ok(entry) = entry else {
                found.is_partial = true;
                continue;
            };
            let Ok(kind) = entry.file_type() else {
                found.is_partial = true;
                continue;
            };
            if kind.is_dir() {
                match depth < MAX_DEPTH {
                    true => folders.push((entry.path(), depth + 1)),
                    false => found.is_partial = true,
                }
            } else if kind.is_file() && entry.file_name().to_string_lossy().ends_with(ending) {
                found.add(&entry);
            }
        }
    }
    found
}

impl Survey {
    fn add(&mut self, entry: &fs::DirEntry) {
        let Ok(about) = entry.metadata() else {
            self.is_partial = true;
            return;
        };
        self.count += 1;
        self.bytes += about.len();
        let Ok(written) = about.modified() else {
            self.is_partial = true;
            return;
        };
        self.oldest = Some(self.oldest.map_or(written, |oldest| oldest.min(written)));
        if self.newest.as_ref().is_none_or(|(newest, _)| *newest < written) {
            self.newest = Some((written, entry.path()));
        }
    }
}
