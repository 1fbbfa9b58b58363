//! The disk as a [`World`]: where links lead and what is a folder. Nothing is opened.

use std::fs;

use crate::access::{Entry, World};
use crate::guard::{Files, Listed};

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl World for Disk {
    fn entry(&self, path: &str) -> Option<Entry> {
        let found = fs::symlink_metadata(path).ok()?;
        if found.is_symlink() {
            let target = fs::read_link(path).ok()?;
            return Some(Entry::Link(target.to_string_lossy().into_owned()));
        }
        Some(if found.is_dir() { Entry::Folder } else { Entry::File })
    }
}

impl Files for Disk {
    fn list(&self, folder: &str, most: usize) -> Option<Vec<(String, Listed)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).ok()?.take(most.saturating_add(1)) {
            let Ok(entry) = entry else { continue };
            let listed = match entry.file_type() {
                Ok(kind) if kind.is_dir() => Listed::Folder,
                Ok(kind) if kind.is_symlink() => Listed::Link,
                _ => Listed::File,
            };
            found.push((entry.file_name().to_string_lossy().into_owned(), listed));
        }
        Some(found)
    }

    fn world(&self) -> &dyn World {
        self
    }
}
