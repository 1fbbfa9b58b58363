//! Settings files as the client reads them: what it takes, what it drops, and why, with the place.
//!
//! [`Settings::read`] takes the text of one file and the scope that it stands in. Whatever the client
//! would not take or not act on is a [`Problem`]; [`Settings::acceptance`] says how much is left.
//!
//! INVARIANT: where this says that something is taken, the client takes it. In doubt, it is a problem.
//!
//! Left out: whether a permission rule is valid (`rule`), and which files stand where.

mod hooks;
mod lists;
mod managed;
mod mcp;
mod merge;
mod placing;
mod problem;
mod read;
mod rules;
mod strays;
mod taken;

use serde_json::Value;

pub use hooks::{Action, Hook};
pub use lists::{ServerEntry, ServerList, ServerMatcher};
pub use mcp::{McpFile, Pair, Server, Transport};
pub use merge::{Merged, merge};
pub use problem::{Effect, Home, Problem, ProblemKind};
pub use rules::Entry;

use crate::json::{Document, Node, Pointer};
use taken::Losses;

/// Where a settings file stands, which decides what the client reads from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Rolled out by an organisation, above all other files.
    Managed,
    /// The user's own file.
    User,
    /// The file that a repository shares.
    Project,
    /// The file beside it that is not shared.
    Local,
    /// A file or text given with `--settings`.
    Flag,
}

impl Scope {
    /// The order in which files are merged: what stands higher wins.
    pub fn precedence(self) -> u8 {
        match self {
            Self::User => 0,
            Self::Project => 1,
            Self::Local => 2,
            Self::Flag => 3,
            Self::Managed => 4,
        }
    }

    /// Whether the file lies in a repository.
    pub fn is_in_repository(self) -> bool {
        matches!(self, Self::Project | Self::Local)
    }
}

/// How much of a file the client takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance<'a> {
    /// Everything that the client knows.
    Whole,
    /// All but the values named by problems whose effect is a loss.
    Partly,
    /// Nothing, as if the file were not there.
    Nothing {
        /// The problems that each alone cost the whole file.
        because: Vec<&'a Problem>,
    },
    /// Nothing, and the client does not start either.
    Halt {
        /// The problems that each alone keep it from starting.
        because: Vec<&'a Problem>,
    },
}

/// One settings file as the client reads it.
#[derive(Debug, Clone)]
pub struct Settings {
    document: Document,
    scope: Scope,
    problems: Vec<Problem>,
    losses: Losses,
}

impl Settings {
    /// Reads a settings file that stands in `scope`.
    pub fn read(document: Document, scope: Scope) -> Self {
        let (problems, losses) = read::read(&document, scope);
        Self { document, scope, problems, losses }
    }

    /// The file itself.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Where it stands.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Everything that the client would not take, or not act on, in order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How much of the file the client takes.
    pub fn acceptance(&self) -> Acceptance<'_> {
        let with = |effect: &Effect| -> Vec<&Problem> {
            self.problems.iter().filter(|problem| problem.effect == *effect).collect()
        };
        let (halting, dropping) = (with(&Effect::Halts), with(&Effect::DropsFile));
        if !halting.is_empty() {
            Acceptance::Halt { because: halting }
        } else if !dropping.is_empty() {
            Acceptance::Nothing { because: dropping }
        } else if self.losses.is_empty() {
            Acceptance::Whole
        } else {
            Acceptance::Partly
        }
    }

    /// Whether the client takes anything from the file.
    pub fn is_read(&self) -> bool {
        matches!(self.acceptance(), Acceptance::Whole | Acceptance::Partly)
    }

    /// The value at `pointer` as it stands in the file, none where the client does not take it.
    pub fn at(&self, pointer: &Pointer) -> Option<&Node> {
        if !self.is_read() || !self.losses.keep(pointer) {
            return None;
        }
        self.document.at(pointer)
    }

    /// All that the client takes from the file, as a plain value.
    pub fn taken(&self) -> Value {
        let empty = || Value::Object(serde_json::Map::new());
        let root = self.document.root().filter(|_| self.is_read());
        root.and_then(|root| self.losses.value(root)).unwrap_or_else(empty)
    }
}

#[cfg(test)]
mod tests;
