//! The files on which a decision depends: where links lead and what is a folder.

use std::collections::HashMap;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link with this target, as it was written.
    Link(String),
}

/// A view of the file system. Paths are absolute and normal (no `.`, `..` or `//`).
pub trait World {
    /// What stands at `path` itself, links not followed; none where there is nothing.
    fn entry(&self, path: &str) -> Option<Entry>;

    /// Whether there may be links at all.
    fn has_links(&self) -> bool {
        true
    }
}

/// Files that were named beforehand, with the folders that they stand in.
#[derive(Debug, Clone, Default)]
pub struct MapWorld {
    entries: HashMap<String, Entry>,
    links: bool,
}

impl MapWorld {
    /// Puts an entry at an absolute, normal path, and folders above it where there is nothing yet.
    pub fn add(&mut self, path: &str, entry: Entry) {
        self.links |= matches!(entry, Entry::Link(_));
        self.entries.insert(path.to_owned(), entry);
        let mut rest = path;
        while let Some((folder, _)) = rest.rsplit_once('/') {
            if folder.is_empty() || self.entries.contains_key(folder) {
                return;
            }
            self.entries.insert(folder.to_owned(), Entry::Folder);
            rest = folder;
        }
    }
}

impl World for MapWorld {
    fn entry(&self, path: &str) -> Option<Entry> {
        self.entries.get(path).cloned()
    }

    fn has_links(&self) -> bool {
        self.links
    }
}
