//! `.claude/bylaws.lock`: which policy a project is pinned to, and what in the project's files belongs
//! to it.
//!
//! What policy owns leaves the project with the policy; what the project had before stays. The text
//! has no time in it and one entry a line, so that it changes only when something did and merges well.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::json::{Document, FaultKind, Pointer};
use crate::text::Span;

/// The version of the form that this program writes.
const VERSION: u64 = 1;

/// The pin of a project and what policy owns there.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// The policy.
    pub pin: Pin,
    /// What it owns, in order.
    pub owned: Vec<Owned>,
}

/// Which policy, in which state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Where the policy is: `builtin:NAME`, a folder, or a git URL, `#` and a branch or tag behind it.
    pub source: String,
    /// The commit of a policy in git, the version of the program for a built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Digest of what the policy asks of this project.
    pub digest: String,
}

/// One thing that policy owns in a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Owned {
    /// The file, from the folder of the project.
    pub file: String,
    /// The place in a JSON file; none for text.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "pointer")]
    pub at: Option<Pointer>,
    /// What is owned there.
    #[serde(flatten)]
    pub what: OwnedWhat,
}

/// What is owned at a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnedWhat {
    /// The value of a key.
    Value(Value),
    /// An entry of a list.
    Entry(Value),
    /// Something that was written once and is the project's since: a value, an entry, or a whole file.
    Seeded(Value),
    /// The block of this name.
    Block(String),
    /// The whole file, by the digest of its text.
    Whole(String),
}

mod pointer {
    //! A pointer as the string that JSON Pointer defines.

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::json::Pointer;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(at: &Option<Pointer>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => serializer.collect_str(at),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Pointer>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

/// Why a lock could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFault {
    /// Where.
    pub span: Span,
    /// What is the matter.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// The digest of a text, as locks write it.
pub fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockFile {
    #[serde(rename = "version")]
    _version: u64,
    policy: Pin,
    #[serde(default)]
    owned: Vec<Owned>,
}

impl Lock {
    /// Reads the text of a lock.
    pub fn read(document: &Document) -> Result<Self, LockFault> {
        const MERGE: &str = "take one side of the merge, then run `bylaws apply`";
        const RENEW: &str =
            "bring back its last good state, or delete it and run `bylaws apply --policy SOURCE`";
        if let Some(fault) = document.faults().first() {
            let unmerged = fault.kind == FaultKind::Unexpected
                && document.source().line_at(fault.span.start).starts_with("<<<<");
            let (message, help) = if unmerged {
                ("the lock has the marks of an unfinished merge in it".to_owned(), MERGE)
            } else {
                (format!("the lock is not JSON: {}", fault.kind.describe()), RENEW)
            };
            return Err(LockFault { span: fault.span, message, help });
        }
        let root = document.root().map(|root| (root.span, root.to_value()));
        let Some((span, value)) = root else {
            return Err(LockFault { span: Span::at(0), message: "the lock is empty".into(), help: RENEW });
        };
        let span = Span::new(span.start, (span.start + 1).min(span.end));
        match value.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => {
                let span = document.nearest(&Pointer::of(["version"]));
                let message = format!("the lock is of version {newer}, which this program does not know");
                return Err(LockFault {
                    span,
                    message,
                    help: "use the version of bylaws that wrote it, or a newer one",
                });
            }
            _ => return Err(LockFault { span, message: "the lock names no version".into(), help: RENEW }),
        }
        match serde_json::from_value::<LockFile>(value) {
            Ok(file) => Ok(Self { pin: file.policy, owned: file.owned }),
            Err(error) => {
                Err(LockFault { span, message: format!("the lock cannot be read: {error}"), help: RENEW })
            }
        }
    }

    /// The text of the lock: equal locks have equal texts.
    pub fn text(&self) -> String {
        let mut owned: Vec<String> =
            self.owned.iter().map(|entry| serde_json::to_string(entry).unwrap_or_default()).collect();
        owned.sort();
        owned.dedup();
        let pin = serde_json::to_string_pretty(&self.pin).unwrap_or_default().replace('\n', "\n  ");
        let list = match owned.as_slice() {
            [] => "[]".to_owned(),
            entries => format!("[\n    {}\n  ]", entries.join(",\n    ")),
        };
        format!("{{\n  \"version\": {VERSION},\n  \"policy\": {pin},\n  \"owned\": {list}\n}}\n")
    }

    /// Whether policy owns, or once wrote, this value or entry at this place of a file.
    pub fn has(&self, file: &str, at: &Pointer, wanted: impl Fn(&OwnedWhat) -> bool) -> bool {
        self.owned
            .iter()
            .any(|owned| owned.file == file && owned.at.as_ref() == Some(at) && wanted(&owned.what))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        match &self.revision {
            Some(revision) => write!(f, " at {}", short(revision)),
            None => Ok(()),
        }
    }
}

/// A revision as people read it.
pub fn short(revision: &str) -> &str {
    revision.get(..12).unwrap_or(revision)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lock() -> Lock {
        let at = Some(Pointer::of(["permissions", "deny"]));
        let owned = |file: &str, at: Option<Pointer>, what| Owned { file: file.into(), at, what };
        Lock {
            pin: Pin { source: "builtin:baseline".into(), revision: None, digest: "sha256:0".into() },
            owned: vec![
                owned(".claude/settings.json", at.clone(), OwnedWhat::Entry(json!("Read(./.env)"))),
                owned(".claude/settings.json", Some(Pointer::of(["model"])), OwnedWhat::Value(json!("opus"))),
                owned("CLAUDE.md", None, OwnedWhat::Block("org".into())),
                owned(".claude/settings.json", at, OwnedWhat::Seeded(json!("Bash(npm test)"))),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let read = Lock::read(&Document::parse(lock().text())).unwrap();
        assert_eq!(read.text(), lock().text());
        assert_eq!(read.pin, lock().pin);
        assert_eq!(read.owned.len(), 4);
        assert!(
            lock().text().contains("\n    {\"file\":\"CLAUDE.md\",\"block\":\"org\"}\n"),
            "{}",
            lock().text()
        );
    }

    #[test]
    fn what_is_no_lock_is_said() {
        let message = |text: &str| Lock::read(&Document::parse(text)).unwrap_err().message;
        assert_eq!(message(""), "the lock is empty");
        assert_eq!(message("{"), "the lock is not JSON: a bracket that is never closed");
        assert_eq!(message("{}"), "the lock names no version");
        assert_eq!(message("{\"version\": 2}"), "the lock is of version 2, which this program does not know");
        assert!(message("{\"version\": 1}").starts_with("the lock cannot be read: missing field `policy`"));
    }
}
