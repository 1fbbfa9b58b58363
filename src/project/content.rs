//! What is found where a file should be.

use super::LockFault;
use crate::text::Span;

/// Largest file that is read, in bytes: the client's own bound for a settings file that it is given.
pub const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// What is found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Missing,
    /// A text.
    Text(String),
    /// Something that is not read.
    Refused(Refusal),
}

impl Content {
    /// Takes the bytes of a file.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        if bytes.len() as u64 > MAX_BYTES {
            return Self::Refused(Refusal::TooLarge(bytes.len() as u64));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Refused(Refusal::NotUtf8(error.utf8_error().valid_up_to())),
        }
    }

    /// What tells it from any other: equal digests are equal contents.
    pub fn digest(&self) -> String {
        match self {
            Self::Missing => "missing".to_owned(),
            Self::Text(text) => super::digest(text),
            Self::Refused(refusal) => format!("refused: {refusal}"),
        }
    }

    /// The text, where there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Why something is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A folder.
    #[error("it is a folder")]
    Folder,
    /// A pipe, a socket or a device.
    #[error("it is {0}, not a file")]
    Special(&'static str),
    /// A link out of the repository.
    #[error("it is a link that leads out of the repository, to `{0}`")]
    LeadsOutside(String),
    /// A link to nothing.
    #[error("it is a link to `{0}`, which is not there")]
    Dangling(String),
    /// More than [`MAX_BYTES`].
    #[error("it has {0} bytes, more than the {MAX_BYTES} that are read")]
    TooLarge(u64),
    /// Not text.
    #[error("it is not UTF-8: byte {0} begins no character")]
    NotUtf8(usize),
    /// The system would not give it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl Refusal {
    pub(super) fn as_lock_fault(&self) -> LockFault {
        LockFault {
            span: Span::at(0),
            message: format!("the lock is not read: {self}"),
            help: "put a plain file there, or nothing",
        }
    }
}
