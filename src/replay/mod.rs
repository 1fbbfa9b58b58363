//! Recorded calls, decided by the settings of before and by those of after: what becomes newly blocked, newly asked and
//! newly silent, by which rule, for which tool, where and for how many.
//!
//! A call is decided in the place that its record names, without a look at any disk. Of calls that are alike in all that
//! a decision may depend on, one is decided; what is kept of them is counts and a few examples.
//!
//! INVARIANT: what cannot be decided on both sides is counted as such with the reason, never as unchanged.
//! INVARIANT: memory is bounded by the number of sessions, folders, rules and distinct changes, not by that of calls.
//! Only the numbers of calls that were seen are kept beside them, up to [`MOST_IDS`].
//!
//! Left out: where the settings of a folder come from ([`Policies`]), and how any of this is told.

mod ground;
mod hear;
mod memo;
mod private;
mod recent;
mod tally;

use std::sync::Arc;

use crate::access::{Cause, Mode, Rules, Verdict};
use crate::client::Version;
use crate::settings::Settings;

pub use ground::home_of;
pub use hear::Replay;
pub use private::{names_of, private};
pub use tally::{Change, Kind, Replayed};

/// Most numbers of calls that are remembered, so that none is counted twice.
const MOST_IDS: usize = 32_000_000;

/// What an answer does not speak of, each in one sentence.
pub const LIMITS: &[&str] = &[
    "calls that were never made are not seen: that nothing changes for what was recorded does not say that nothing \
     changes, and what is not seen may still be needed",
    "an agent that is refused or has to wait does something else afterwards; what that would have been is not known",
    "inputs are those that the model sent; hooks may have rewritten them, and may decide otherwise: they are left out",
    "links, and which files were there, are not known any more; each path is taken for what it says",
    "which MCP servers run is left out",
    "tools that the old settings take away were never called",
    "the first command of a session is taken for a later one",
    "sub-agents are taken to have worked in the mode that their session had in the end",
];

/// What stands for the name of a repository where a session began in a home folder, which is named after a person.
pub const A_HOME_FOLDER: &str = "a home folder";

/// How calls are replayed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The client that decides, on both sides.
    pub version: Version,
    /// The home folder, where it is not the one that the folder of a call lies in.
    pub home: Option<String>,
    /// Most examples of a change.
    pub examples: usize,
}

/// The settings that hold in a folder, before and after.
#[derive(Debug)]
pub struct Sides {
    /// Which sides these are: those with one number are the same.
    pub number: usize,
    /// Before.
    pub old: Vec<Settings>,
    /// After.
    pub new: Vec<Settings>,
}

/// What is known of a folder.
#[derive(Debug, Clone)]
pub struct Governed {
    /// The name of its repository.
    pub repository: String,
    /// Its settings; none where they are not known.
    pub sides: Option<Arc<Sides>>,
}

/// Knows which settings hold where.
pub trait Policies {
    /// What holds in the folder in which a session began, and in a repository, as far as the records name them.
    fn at(&mut self, root: Option<&str>, repository: Option<&str>) -> Governed;
}

/// Why a call is not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Undecided {
    /// The record holds a part of the input.
    Cut,
    /// The record holds the input without its credentials.
    Masked,
    /// The record holds no input.
    NoInput,
    /// The record names no folder, and the call depends on it.
    NoFolder,
    /// Which settings hold in the folder is not known.
    NoSettings,
    /// The client's server decides in the mode, or nobody knows the mode.
    Mode,
    /// Settings say which MCP servers may run, and which server this is is not known.
    Servers,
    /// Versions of the client differ.
    Version,
    /// The shell stood in another folder than the session, and that makes a difference.
    Standing,
    /// What the client itself makes of such a call is not known.
    Judgement,
    /// The tool would not take the input that was recorded.
    Input,
}

impl Undecided {
    /// The reason, as one says it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Cut => "the record holds only a part of the input",
            Self::Masked => "credentials were taken out of the input before it was recorded",
            Self::NoInput => "the record holds no input",
            Self::NoFolder => "the record does not say in which folder, and that matters",
            Self::NoSettings => "which settings hold in the folder is not known",
            Self::Mode => "in its mode the client's server decides, or nobody here knows the mode",
            Self::Servers => "settings say which MCP servers may run, and which server it was is not known",
            Self::Version => "versions of the client differ on it",
            Self::Standing => "the shell stood in another folder than the session, and that matters",
            Self::Judgement => "what the client itself makes of it is not known",
            Self::Input => "the tool would not take the input as it was recorded",
        }
    }

    /// The reason as one word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Masked => "masked",
            Self::NoInput => "no-input",
            Self::NoFolder => "no-folder",
            Self::NoSettings => "no-settings",
            Self::Mode => "mode",
            Self::Servers => "servers",
            Self::Version => "version",
            Self::Standing => "standing",
            Self::Judgement => "judgement",
            Self::Input => "input",
        }
    }
}

/// One side of a change: the verdict and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Because {
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub cause: Cause,
    /// The mode in force.
    pub mode: Mode,
}

/// The rules of both sides, to which the causes of changes refer.
#[derive(Debug, Clone)]
pub struct BothRules {
    /// Before.
    pub old: Rules,
    /// After.
    pub new: Rules,
}
