//! Forges: repositories that are read and changed over the API of the service that hosts them, without a
//! clone.
//!
//! [`Forge`] is all that the rest knows of them, and of those that it changes [`WritableForge`]; a forge is one module
//! that fills both.
//!
//! INVARIANTS: a token is in a header and nowhere else. A repository that could not be read is said to be
//! so and never counts as empty. A branch that others committed to is never moved.

mod change;
mod github;
mod gitlab;
mod name;
mod snapshot;
mod token;
mod wire;

pub use change::{
    Base, Branch, Change, Checks, Patch, Request, RequestState, Standing, Writing, change_of_body,
};
pub use github::GitHub;
pub use gitlab::GitLab;
pub use name::{NameError, RepositoryName};
pub use snapshot::{Blob, Kind, Snapshot};
pub use token::Token;
pub use wire::{BaseError, Clock, Reason, SystemClock, Waiting, Watcher};

use std::collections::BTreeMap;

use crate::path::RepoPath;

/// A service that hosts repositories, to be read.
pub trait Forge: Send + Sync {
    /// Its host, for people.
    fn host(&self) -> &str;

    /// All repositories of an organisation, a user or a group with its subgroups, sorted by name.
    fn discover(&self, owner: &str) -> Result<Discovered, Error>;

    /// Reads the agent files of repositories at the newest commit of their main branch, and tells of each
    /// once, in any order. `also` are files that are read beside those that checks look at. `known` is the
    /// commit that the caller has read before; where it is still the newest, nothing more is read.
    fn read(
        &self,
        names: &[RepositoryName],
        also: &[RepoPath],
        known: &dyn Fn(&RepositoryName) -> Option<String>,
        each: &mut dyn FnMut(&RepositoryName, Reading),
    ) -> Result<(), Error>;

    /// Looks where a branch of ours and its request stand in repositories, and tells of each once, in any
    /// order.
    fn look(
        &self,
        names: &[RepositoryName],
        branch: &str,
        each: &mut dyn FnMut(&RepositoryName, Result<Standing, Unread>),
    ) -> Result<(), Error>;
}

/// A service that hosts repositories, to be changed. Whoever is given a [`Forge`] alone has no way to write.
pub trait WritableForge: Forge {
    /// Brings a change to a repository: the branch, its one commit, and the request, each made or renewed
    /// as far as `standing` says that it is needed. What is there already is left as it is, so that whoever
    /// was interrupted asks again.
    fn propose(&self, name: &RepositoryName, change: &Change, standing: &Standing)
    -> Result<Proposed, Error>;

    /// Closes a request that is no longer needed, and removes its branch where only we committed to it.
    fn withdraw(&self, name: &RepositoryName, branch: &str, standing: &Standing) -> Result<(), Error>;
}

/// The repositories of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// They, sorted by name.
    pub repositories: Vec<Listed>,
    /// What could not be found out about them.
    pub notes: Vec<String>,
}

/// A repository in the list of an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: RepositoryName,
    /// What the forge knows of it, named as the facts of an inventory: `visibility`, `topics`, `language`,
    /// `archived`, `fork`, and custom properties by their own names.
    pub facts: BTreeMap<String, Vec<String>>,
}

/// What came of reading a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Its agent files.
    Read(Box<Snapshot>),
    /// Its newest commit is the one that the caller knows.
    Unchanged,
    /// It has no commit yet.
    Empty,
    /// It could not be read.
    Unread(Unread),
}

/// Why a repository could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is not there, or the token may not see it: forges do not tell the two apart.
    #[error("it is not there, or the token may not see it")]
    Missing,
    /// A file that matters was not shown.
    #[error("its `{0}` is not shown over the API; a clone has it")]
    Hidden(RepoPath),
    /// The forge gave another reason.
    #[error("the forge says: {0}")]
    Refused(String),
}

/// A request that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The request.
    pub request: Request,
    /// What could not be had with it, as a reviewer who may not see the repository.
    pub notes: Vec<String>,
}

/// What keeps the program from working with a forge.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The base URL is not used.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The forge does not take the token.
    #[error("`{host}` does not take the token: it is wrong, has expired, or was revoked")]
    Unauthorized {
        /// The forge.
        host: String,
    },
    /// The token may not do this.
    #[error("{what} is not allowed with this token: {message}")]
    Forbidden {
        /// What was to be done.
        what: String,
        /// What the forge says.
        message: String,
    },
    /// There is no such thing, or the token may not see it.
    #[error("{what}: there is nothing there, or the token may not see it")]
    Missing {
        /// What was to be done.
        what: String,
    },
    /// The forge says that it moved.
    #[error("{what}: the forge says that it moved, which is not followed")]
    Moved {
        /// What was to be done.
        what: String,
    },
    /// The forge refuses.
    #[error("{what}: the forge refuses with status {status}: {message}")]
    Refused {
        /// What was to be done.
        what: String,
        /// The status of its answer.
        status: u16,
        /// What it says.
        message: String,
    },
    /// Something stands in the way of a change in one repository.
    #[error("{what}: {reason}")]
    InTheWay {
        /// What was to be done.
        what: String,
        /// What stands in the way.
        reason: String,
    },
    /// The forge allows no more calls for a long time.
    #[error("{what}: `{host}` allows no more calls for longer than is waited")]
    Limited {
        /// The forge.
        host: String,
        /// What was to be done.
        what: String,
    },
    /// The forge cannot be reached; nothing was done.
    #[error("{what}: `{host}` cannot be reached: {reason}")]
    Unreachable {
        /// The forge.
        host: String,
        /// What was to be done.
        what: String,
        /// Why.
        reason: String,
    },
    /// The answer was lost; it is not known whether it was done.
    #[error("{what}: `{host}` gave no answer ({reason}); whether it was done is not known")]
    Lost {
        /// The forge.
        host: String,
        /// What was to be done.
        what: String,
        /// Why.
        reason: String,
    },
    /// The answer is larger than what is read.
    #[error("{what}: the answer is larger than what is read")]
    TooLarge {
        /// What was to be done.
        what: String,
    },
    /// The answer is not what the forge's description says.
    #[error("{what}: the answer of `{host}` cannot be understood: {reason}")]
    NotUnderstood {
        /// The forge.
        host: String,
        /// What was to be done.
        what: String,
        /// Why.
        reason: String,
    },
}

impl Error {
    /// Whether it concerns one repository, so that others can go on.
    pub fn is_of_one_repository(&self) -> bool {
        match self {
            Self::Forbidden { .. }
            | Self::Missing { .. }
            | Self::Moved { .. }
            | Self::Refused { .. }
            | Self::InTheWay { .. }
            | Self::TooLarge { .. }
            | Self::NotUnderstood { .. } => true,
            Self::Base(_)
            | Self::Unauthorized { .. }
            | Self::Limited { .. }
            | Self::Unreachable { .. }
            | Self::Lost { .. } => false,
        }
    }
}
