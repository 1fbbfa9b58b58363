//! What can be wrong with a settings file, in the client's eyes, and what it costs.

use std::fmt;

use serde_json::Value;

use crate::json::{FaultKind, Pointer};
use crate::text::Span;

/// One thing in a settings file that the client would not take, or not act on.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The key or value.
    pub pointer: Pointer,
    /// Where it stands.
    pub span: Span,
    /// What is wrong.
    pub kind: ProblemKind,
    /// What it costs.
    pub effect: Effect,
}

impl Problem {
    /// The value that the client ignores for it, where it is not the whole file.
    pub fn dropped(&self) -> Option<&Pointer> {
        match &self.effect {
            Effect::Drops(at) => Some(at),
            _ => None,
        }
    }
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum ProblemKind {
    /// The text is not JSON.
    NotJson(FaultKind),
    /// The text is JSON, yet not an object.
    NotAnObject {
        /// What it is.
        found: String,
    },
    /// A value of the wrong type, or one that is not among the choices.
    WrongValue {
        /// What belongs there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A hook that the client cannot load.
    BadHook {
        /// Why.
        reason: String,
    },
    /// A key that the client does not know there.
    UnknownKey {
        /// The key that was likely meant.
        meant: Option<String>,
    },
    /// A key that the client knows elsewhere.
    MisplacedKey {
        /// Where it belongs.
        home: Home,
    },
    /// A key that counts in managed settings only.
    ManagedOnly,
    /// A key or value that the client does not heed in this scope.
    NotHeeded {
        /// Where it is heeded, to stand behind "only".
        heeded: &'static str,
    },
    /// Nesting deeper than the client reads.
    TooDeep,
    /// A list of a managed file of which no entry can be read.
    NothingLeft,
    /// A grant of a managed file whose counterpart cannot be read.
    Withheld {
        /// The rules that would hold it back.
        by: Pointer,
    },
    /// A mode that a repository may not set. The client reads it as `default`, and so the mode of the
    /// user's own file does not count either.
    UnheededMode {
        /// The mode.
        mode: String,
    },
    /// A key that is repeated further down; only the last counts.
    RepeatedKey,
}

/// Where a misplaced key belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// In the same file, here.
    Here(Pointer),
    /// In another file.
    File {
        /// The file, as people write its name.
        file: &'static str,
        /// The place in it.
        at: Pointer,
    },
}

/// What a problem costs.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The client ignores the whole file, its deny rules included.
    DropsFile,
    /// The client refuses to start.
    Halts,
    /// The client ignores the value at this place and keeps the rest.
    Drops(Pointer),
    /// The client puts another value in the place of what stands at this pointer.
    Replaces(Pointer, Value),
    /// Nothing is dropped; the key does nothing.
    Nothing,
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(at) if at.tokens().len() == 1 => write!(f, "at the top level as `{}`", at.dotted()),
            Self::Here(at) => write!(f, "at `{}`", at.dotted()),
            Self::File { file, at } => write!(f, "in `{file}` as `{}`", at.dotted()),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropsFile => f.write_str("the client ignores the whole file"),
            Self::Halts => f.write_str("the client refuses to start"),
            Self::Drops(at) => write!(f, "the client ignores `{}`", at.dotted()),
            Self::Replaces(at, value) => write!(f, "the client reads `{}` as `{value}`", at.dotted()),
            Self::Nothing => f.write_str("it has no effect"),
        }
    }
}

/// One sentence for the person who has to mend it; the place and the key stand beside it.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.pointer.dotted();
        match &self.kind {
            ProblemKind::NotJson(fault) => write!(f, "not valid JSON: {}; {}", fault.describe(), self.effect),
            ProblemKind::NotAnObject { found } => {
                write!(f, "a settings file is an object, this is {found}; {}", self.effect)
            }
            ProblemKind::WrongValue { expected, found } => {
                write!(f, "`{key}` is {found}, expected {expected}; {}", self.effect)
            }
            ProblemKind::BadHook { reason } => write!(f, "`{key}`: {reason}; {}", self.effect),
            ProblemKind::UnknownKey { meant: Some(meant) } => {
                write!(f, "the client does not know `{key}`; did you mean `{meant}`?")
            }
            ProblemKind::UnknownKey { meant: None } => write!(f, "the client does not know `{key}`"),
            ProblemKind::MisplacedKey { home } => write!(f, "`{key}` has no effect here; it belongs {home}"),
            ProblemKind::ManagedOnly => write!(f, "`{key}` counts in managed settings only"),
            ProblemKind::NotHeeded { heeded } => {
                write!(f, "`{key}` has no effect here; it counts only {heeded}")
            }
            ProblemKind::TooDeep => f.write_str("nested more than 64 levels deep; the client ignores it"),
            ProblemKind::NothingLeft => write!(f, "no entry of `{key}` can be read; {}", self.effect),
            ProblemKind::Withheld { by } => {
                write!(f, "`{key}` is withheld because `{}` cannot be read; {}", by.dotted(), self.effect)
            }
            ProblemKind::UnheededMode { mode } => {
                write!(f, "`{key}` cannot be `{mode}` in a repository; the client reads it as `default`")
            }
            ProblemKind::RepeatedKey => write!(f, "`{key}` is repeated further down, where it counts"),
        }
    }
}
