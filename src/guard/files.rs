//! What the guard must know of the disk: which files a pattern stands for, and what lies below a folder.

use std::collections::BTreeMap;

use crate::access::{Entry, MapWorld, World};

/// An entry of a folder, links not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// A file, or something else that is no folder.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
}

/// A view of the file system with the entries of folders. Paths are absolute and normal.
pub trait Files: World {
    /// The entries of a folder in any order, `most` of them and one more where there are more; none where it
    /// cannot be listed.
    fn list(&self, folder: &str, most: usize) -> Option<Vec<(String, Listed)>>;

    /// The same without the entries.
    fn world(&self) -> &dyn World;
}

/// Files that were named beforehand.
#[derive(Debug, Clone, Default)]
pub struct MapFiles {
    world: MapWorld,
    folders: BTreeMap<String, BTreeMap<String, Listed>>,
}

impl MapFiles {
    /// Puts an entry at an absolute, normal path, and folders above it.
    pub fn add(&mut self, path: &str, entry: Entry) {
        let mut listed = match &entry {
            Entry::File => Listed::File,
            Entry::Folder => Listed::Folder,
            Entry::Link(_) => Listed::Link,
        };
        self.world.add(path, entry);
        if listed == Listed::Folder {
            self.folders.entry(path.to_owned()).or_default();
        }
        let mut rest = path;
        while let Some((folder, name)) = rest.rsplit_once('/') {
            let above = if folder.is_empty() { "/" } else { folder };
            self.folders.entry(above.to_owned()).or_default().entry(name.to_owned()).or_insert(listed);
            listed = Listed::Folder;
            rest = folder;
        }
    }
}

impl World for MapFiles {
    fn entry(&self, path: &str) -> Option<Entry> {
        if path == "/" { Some(Entry::Folder) } else { self.world.entry(path) }
    }

    fn has_links(&self) -> bool {
        self.world.has_links()
    }
}

impl Files for MapFiles {
    fn list(&self, folder: &str, most: usize) -> Option<Vec<(String, Listed)>> {
        let entries = self.folders.get(folder)?;
        Some(entries.iter().take(most + 1).map(|(name, listed)| (name.clone(), *listed)).collect())
    }

    fn world(&self) -> &dyn World {
        self
    }
}
