//! Git: policies and projects read straight from objects, without a checkout.
//!
//! Objects go through libgit2; the network goes through the `git` executable, so that credentials,
//! proxies and SSH work as its user set them up.

mod cache;
mod credential;
mod head;
mod signed;
mod tip;
mod tree;

pub use cache::{Cache, is_url, without_password};
pub use credential::{Password, password};
pub use head::plain_head;
pub use signed::SignedText;
pub use tree::{Commit, ContentId, Repository, origin, tracked};

use std::path::PathBuf;

/// What keeps the program from reading a repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder is no repository that libgit2 opens.
    #[error("cannot open the repository `{}`: {reason}", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// There is no such branch, tag or commit.
    #[error("there is no branch, tag or commit `{revision}` in `{place}`")]
    NoRevision {
        /// What was asked for.
        revision: String,
        /// The repository.
        place: String,
    },
    /// The repository has no commit yet.
    #[error("`{place}` has no commit yet")]
    Unborn {
        /// The repository.
        place: String,
    },
    /// An object cannot be read.
    #[error("cannot read `{what}` in `{place}`: {reason}")]
    Read {
        /// The object.
        what: String,
        /// The repository.
        place: String,
        /// Why not.
        reason: String,
    },
    /// The `git` executable is not there.
    #[error("cannot run `git`: {0}")]
    NoGit(std::io::Error),
    /// The `git` executable could not do its work.
    #[error("cannot fetch `{url}`: {reason}")]
    Fetch {
        /// The repository.
        url: String,
        /// The last thing that `git` said.
        reason: String,
    },
    /// The folder for copies of policies cannot be made.
    #[error("cannot make the folder `{}`: {source}", path.display())]
    CacheFolder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}
