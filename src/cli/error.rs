//! From the errors of the modules below to a sentence, an exit code and a hint.

use std::io;

use super::exit;
use crate::finding::Finding;
use crate::{bundle, export, files, fleet, forge, git, repository, rollout, source, state};

/// What kind of error ends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The arguments or the policy are wrong.
    Usage,
    /// The work could not be finished.
    Failed,
    /// Nobody reads the output.
    BrokenPipe,
}

impl Kind {
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Usage => exit::USAGE,
            Self::Failed | Self::BrokenPipe => exit::FAILED,
        }
    }
}

/// What ends a command.
#[derive(Debug)]
pub(super) struct CommandError {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) hints: Vec<String>,
    /// The faults of a policy, to be written before the message.
    pub(super) findings: Vec<Finding>,
}

impl CommandError {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hints: Vec::new(), findings: Vec::new() }
    }

    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, ..Self::usage(message) }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { Kind::BrokenPipe } else { Kind::Failed };
        Self { kind, ..Self::usage(format!("cannot write the output: {error}")) }
    }
}

impl From<bundle::Error> for CommandError {
    fn from(error: bundle::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<export::Error> for CommandError {
    fn from(error: export::Error) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<files::Error> for CommandError {
    fn from(error: files::Error) -> Self {
        let message = error.to_string();
        match error {
            files::Error::Missing { .. } | files::Error::NotAFile { .. } => Self::usage(message),
            files::Error::NotAFolder { .. } => {
                Self::failed(message).hint("move it out of the way; nothing was written")
            }
            files::Error::LeadsOutside { .. } => Self::failed(message)
                .hint("put a plain file there; nothing is written outside the repository"),
            files::Error::Changed { .. } => Self::failed(message).hint("run the command again"),
            files::Error::Write { .. } => Self::failed(message).hint("the file is as it was"),
            files::Error::Read { .. } => Self::failed(message),
        }
    }
}

impl From<fleet::Error> for CommandError {
    fn from(error: fleet::Error) -> Self {
        let message = error.to_string();
        match error {
            fleet::Error::Files(error) => error.into(),
            fleet::Error::Content { .. } => Self::usage(message),
        }
    }
}

impl From<fleet::NoThreads> for CommandError {
    fn from(error: fleet::NoThreads) -> Self {
        Self::failed(error.to_string()).hint("`--jobs` asks for fewer")
    }
}

impl From<fleet::HistoryError> for CommandError {
    fn from(error: fleet::HistoryError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<forge::Error> for CommandError {
    fn from(error: forge::Error) -> Self {
        let message = error.to_string();
        match error {
            forge::Error::Base(_) => Self::usage(message),
            forge::Error::Unauthorized { .. } => {
                Self::failed(message).hint("`BYLAWS_FORGE_TOKEN` goes before the credential helpers of `git`")
            }
            forge::Error::Missing { .. } => {
                Self::failed(message).hint("see that the name is right, and what the token may read")
            }
            forge::Error::Lost { .. } => {
                Self::failed(message).hint("run the command again: it goes on from what stands there")
            }
            _ => Self::failed(message),
        }
    }
}

impl From<rollout::Error> for CommandError {
    fn from(error: rollout::Error) -> Self {
        let message = error.to_string();
        match error {
            rollout::Error::Forge(error) => error.into(),
            rollout::Error::Log(error) => error.into(),
            rollout::Error::Failing(_) => {
                Self::failed(message).hint("what was done until then stands; see what the token may do")
            }
        }
    }
}

impl From<rollout::LogError> for CommandError {
    fn from(error: rollout::LogError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<git::Error> for CommandError {
    fn from(error: git::Error) -> Self {
        let message = error.to_string();
        match error {
            git::Error::NoGit(_) => Self::failed(message).hint("install git, or name a policy folder"),
            git::Error::Open { reason, .. } if reason.contains("owned by") => {
                Self::failed(message).hint("git config --global --add safe.directory FOLDER lets git open it")
            }
            git::Error::NoRevision { .. } => Self::usage(message),
            _ => Self::failed(message),
        }
    }
}

impl From<source::Error> for CommandError {
    fn from(error: source::Error) -> Self {
        let message = error.to_string();
        match error {
            source::Error::NoBuiltin(_) => {
                let known: Vec<&str> = crate::policy::builtin::ALL.iter().map(|policy| policy.name).collect();
                Self::usage(message).hint(format!("the built-in policies are {}", known.join(", ")))
            }
            source::Error::Files(error) => error.into(),
            source::Error::Git(error) => error.into(),
            source::Error::Credential(_) => Self::usage(message)
                .hint("give `git` a credential helper that has the password, and name the policy without it"),
            source::Error::Bundle { .. } => Self::failed(message),
            source::Error::NoSigners(_) => Self::usage(message)
                .hint("`--signers FILE` names the list, and so does `BYLAWS_SIGNERS`"),
            source::Error::UnsignedFolder(_) => Self::usage(message)
                .hint("name a bundle, or the repository by its URL; `file:///PATH` is one, too"),
            source::Error::UnsignedCommit { .. } => {
                Self::failed(message).hint("`git commit -S` signs, with `gpg.format` set to `ssh`")
            }
            source::Error::Offline(_) => Self::failed(message).hint("run it once without --offline"),
            source::Error::NoPinned { .. } => Self::failed(message)
                .hint("the history of the policy was rewritten: look at what it says now, then run `bylaws apply --upgrade`"),
        }
    }
}

impl From<repository::Error> for CommandError {
    fn from(error: repository::Error) -> Self {
        let message = error.to_string();
        match error {
            repository::Error::Files(error) => error.into(),
            repository::Error::Git(error) => error.into(),
            repository::Error::Source(error) => {
                let inner = Self::from(error);
                Self { message, ..inner }
            }
            repository::Error::NoPolicy { .. } => Self::usage(message)
                .hint("`--policy builtin:baseline` tries the policy that comes with the program")
                .hint("`bylaws apply --policy SOURCE` pins a policy, so that `bylaws check` needs no flag"),
            repository::Error::Lock { help, .. } => Self::failed(message).hint(help),
            repository::Error::Policy { findings, name } => {
                let hint = format!("`bylaws policy check {name}` tells more");
                Self { findings, ..Self::usage(message).hint(hint) }
            }
        }
    }
}

impl From<state::Error> for CommandError {
    fn from(error: state::Error) -> Self {
        let message = error.to_string();
        match error {
            state::Error::Files(error) => error.into(),
            state::Error::Git(error) => error.into(),
            state::Error::Source(error) => {
                let inner = Self::from(error);
                Self { message, ..inner }
            }
            state::Error::Policy { findings, name } => {
                let hint = format!("`bylaws policy check {name}` tells more");
                Self { findings, ..Self::usage(message).hint(hint) }
            }
            state::Error::Nothing(_) => {
                Self::usage(message).hint("`git fetch` brings branches that are not here")
            }
            state::Error::NotInCommit { .. } => Self::usage(message)
                .hint("paths begin at the root of the repository; `REV:./path` begins here"),
            state::Error::Refused { .. } => Self::failed(message),
        }
    }
}
