//! The disk: finding projects, reading their files without being led astray, writing so that nothing
//! is ever half-written.

mod discover;
mod disk;
mod hold;
mod read;
mod repositories;
mod survey;
mod write;

pub use discover::{Located, discover, locate, names};
pub use disk::Disk;
pub use hold::{Hold, hold};
pub use read::{read, read_folder, read_head, read_text, read_text_up_to};
pub use repositories::{FoundRepositories, FoundRepository, is_bare, repositories};
pub use survey::{Survey, survey};
pub use write::{Placed, check_writable, place, place_together, write};

use std::io;
use std::path::{Path, PathBuf};

/// What keeps the program from working with a file or folder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file or folder.
    #[error("there is no `{}`", path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Writing failed; the file is as it was.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The file is not what it was when the change was planned.
    #[error("`{}` changed while the program was at work", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Writing there would leave the repository.
    #[error("`{}` leads out of the repository, to `{}`", path.display(), target.display())]
    LeadsOutside {
        /// The path as it was asked for.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// Something other than a folder is in the way.
    #[error("`{}` is no folder", path.display())]
    NotAFolder {
        /// What is in the way.
        path: PathBuf,
    },
    /// Something other than a file is in the way.
    #[error("`{}` is no file", path.display())]
    NotAFile {
        /// What is in the way.
        path: PathBuf,
    },
}

impl Error {
    fn read(path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            return Self::Missing { path: path.to_owned() };
        }
        Self::Read { path: path.to_owned(), source }
    }

    fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }
}
