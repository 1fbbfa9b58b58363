//! The disk as a [`World`]: where links lead and what is a folder. Nothing is opened.

use std::fs;

use crate::access::{Entry, World};

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
