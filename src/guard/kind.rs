//! What the guard may be unable to know, and what policy has it answer then.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the guard answers, the stricter the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// A person is asked.
    Ask,
    /// It is refused.
    Deny,
}

impl Answer {
    /// The word for it, which is the client's own.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// Something that the guard cannot judge by a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A command line, or a part of one, that cannot be read: broken syntax, a command that is known only when it
    /// runs, text from elsewhere that goes into a shell.
    UnreadCommand,
    /// A program reads a file whose name is known only when it runs.
    UnknownFile,
    /// A program stands in the command line (`python -c …`) and names nothing that a rule speaks of: what else it
    /// reads cannot be seen.
    Program,
    /// A folder is read as a whole that has more entries than the guard looks at.
    LargeFolder,
    /// A credential stands in the call.
    Secret,
}

impl Kind {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::UnreadCommand, Self::UnknownFile, Self::Program, Self::LargeFolder, Self::Secret];

    /// Its key in a layer.
    pub fn key(self) -> &'static str {
        match self {
            Self::UnreadCommand => "unreadCommand",
            Self::UnknownFile => "unknownFile",
            Self::Program => "program",
            Self::LargeFolder => "largeFolder",
            Self::Secret => "secret",
        }
    }
}

/// What the guard answers where it cannot judge by a rule; what is left out it has no opinion on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Unclear {
    /// A command line, or a part of one, that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_command: Option<Answer>,
    /// A program reads a file whose name is known only when it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_file: Option<Answer>,
    /// A program stands in the command line, and what it reads cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Answer>,
    /// A folder is read as a whole that has more entries than the guard looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_folder: Option<Answer>,
    /// A credential stands in the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Answer>,
}

impl Unclear {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is answered for a kind.
    pub fn answer(&self, kind: Kind) -> Option<Answer> {
        match kind {
            Kind::UnreadCommand => self.unread_command,
            Kind::UnknownFile => self.unknown_file,
            Kind::Program => self.program,
            Kind::LargeFolder => self.large_folder,
            Kind::Secret => self.secret,
        }
    }
}
