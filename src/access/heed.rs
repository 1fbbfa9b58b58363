//! Which fields of an input a decision may depend on: of two calls that are alike in these, one decision is enough.
//!
//! INVARIANT: [`OWN`] names every field that the tools' own checks look at. `tests/suite/replays.rs` changes all others
//! and looks for another decision.

use super::Access;
use crate::client::tools;

/// What the tools' own checks look at.
const OWN: &[(&str, &[&str])] = &[
    ("Agent", &["subagent_type"]),
    ("Bash", &["command"]),
    ("Edit", &["file_path"]),
    ("Glob", &["path", "pattern"]),
    ("Grep", &["path"]),
    ("MultiEdit", &["file_path"]),
    ("NotebookEdit", &["notebook_path"]),
    ("Read", &["file_path"]),
    ("Skill", &["skill"]),
    ("WebFetch", &["url"]),
    ("Write", &["file_path"]),
];

impl Access {
    /// The fields of a tool's input that a decision may depend on; none where that may be any, since hooks run.
    pub fn heeded_fields(&self, tool: &str) -> Option<Vec<&str>> {
        if self.has_hooks() {
            return None;
        }
        let tool = tools::canonical_name(tool);
        let own = OWN.iter().filter(|(name, _)| *name == tool).flat_map(|(_, fields)| fields.iter().copied());
        let mut fields: Vec<&str> = own.chain(self.set.parameters.fields(tool)).collect();
        if let Some(other) = &self.other {
            fields.extend(other.heeded_fields(tool)?);
        }
        fields.sort_unstable();
        fields.dedup();
        Some(fields)
    }
}
