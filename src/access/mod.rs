//! What is allowed: the settings of all scopes and one tool call give allow, ask or deny, as the client
//! decides it, with the rule and the line that decided.
//!
//! INVARIANT: never allow where the client asks or denies, never ask where it denies. What cannot be
//! known is [`Verdict::Undecided`].
//!
//! INVARIANT: one path of code decides and explains; [`Trace`] only listens.

mod alone;
mod bash;
mod call;
mod case;
mod cause;
mod decide;
mod explain;
mod heed;
mod hooks;
mod names;
mod older;
mod operands;
mod parameter;
mod paths;
mod place;
mod rule_set;
mod rules;
mod servers;
mod setup;
mod stage;
mod texts;
mod tools;
mod trace;
mod web;
mod whole;
mod world;

pub use call::Call;
pub use case::{Case, CaseError};
pub use cause::Cause;
pub use explain::{Change, Explanation, Part, explain};
pub use paths::{FileVerdict, Paths};
pub(crate) use paths::{folder_at, resolve};
pub use place::Place;
pub use rules::{Loaded, RuleId, Rules};
pub use servers::{Server, ServerPattern};
pub use setup::{File, Setup};
pub use texts::{ParameterTexts, PathTexts, RuleTexts};
pub use trace::{Silent, Trace};
pub use world::{Entry, MapWorld, World};

use std::sync::Arc;

use crate::client::Profile;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It runs without a question.
    Allow,
    /// The user is asked.
    Ask,
    /// It is refused.
    Deny,
    /// This program cannot know.
    Undecided,
}

/// A verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the call.
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
}

/// How the client treats calls that no rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Asks.
    Default,
    /// Allows edits within the working directories, and some commands that edit.
    AcceptEdits,
    /// Refuses instead of asking.
    DontAsk,
    /// Allows all that no deny rule, ask rule or hook speaks of.
    BypassPermissions,
    /// Only reads; its verdicts on the rest are not known.
    Plan,
    /// Decided by the client's server: not known.
    Auto,
}

/// The settings of all scopes, made ready for decisions.
#[derive(Debug, Clone)]
pub struct Access {
    /// What is known of the client that decides.
    profile: &'static Profile,
    /// The same for another client, where one alone does not speak for the version in question.
    other: Option<Box<Access>>,
    /// A managed file keeps the client from starting.
    halted: bool,
    /// Shared by those who only move: it does not depend on the place.
    set: Arc<rule_set::RuleSet>,
    paths: paths::Paths,
    hooks: hooks::Hooks,
    /// None where the servers are not known.
    servers: Option<servers::Servers>,
    /// Settings say which servers may run, and which there are is not known.
    servers_matter: bool,
    place: Place,
    modes: setup::Modes,
    mode: Mode,
    refuses_prompts: bool,
    blocks_reads: bool,
    blocks_writes: bool,
    /// Whether a command has run in the session.
    ran: bool,
    /// Variables that settings put into the shell.
    inherited: Vec<String>,
}

impl Access {
    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.set.rules
    }

    /// The mode in force.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether hooks run before a tool.
    pub fn has_hooks(&self) -> bool {
        !self.hooks.is_empty()
    }
}
