//! The files of a trail: segments named by the sequence of their first line, and what stands beside them.

use std::fs;
use std::path::{Path, PathBuf};

use super::Error;

/// Ending of a segment.
const SEGMENT: &str = ".jsonl";

/// Beginning of the name of a line that came while the trail was held.
const LATE: &str = "late-";

/// The folder of a trail.
#[derive(Debug, Clone)]
pub(super) struct Places {
    folder: PathBuf,
}

/// A file of lines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    /// The sequence of its first line.
    pub(super) first: u64,
    pub(super) path: PathBuf,
}

impl Places {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Makes the folder, for its owner alone.
    pub(super) fn make(&self) -> Result<(), Error> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(&self.folder).map_err(Error::file("make", &self.folder))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    pub(super) fn sending(&self) -> PathBuf {
        self.folder.join("sending")
    }

    /// Where it is kept how far a sink is.
    pub(super) fn cursor(&self, sink: &str) -> PathBuf {
        self.folder.join(format!("cursor-{sink}.json"))
    }

    /// Where lines are kept that a sink refuses to take.
    pub(super) fn refused(&self, sink: &str) -> PathBuf {
        self.folder.join(format!("refused-{sink}.txt"))
    }

    pub(super) fn segment(&self, first: u64) -> Segment {
        Segment { first, path: self.folder.join(format!("{first:020}{SEGMENT}")) }
    }

    pub(super) fn late(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{LATE}{id}"))
    }

    /// All segments, the oldest first, and the lines that came late.
    pub(super) fn list(&self) -> Result<(Vec<Segment>, Vec<PathBuf>), Error> {
        let (mut segments, mut late) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder).map_err(Error::file("read", &self.folder))? {
            let entry = entry.map_err(Error::file("read", &self.folder))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if let Some(first) = name.strip_suffix(SEGMENT).and_then(|number| number.parse().ok()) {
                segments.push(Segment { first, path: entry.path() });
            } else if name.starts_with(LATE) {
                late.push(entry.path());
            }
        }
        segments.sort();
        late.sort();
        Ok((segments, late))
    }
}
