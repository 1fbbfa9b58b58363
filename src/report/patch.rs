//! Plans as RFC 6902 patches, one for each JSON file.
//!
//! A patch speaks of values: it does not keep the layout of the file as `bylaws apply` does.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::check::FileChange;
use crate::json::Document;
use crate::secret;

/// Writes an array with an object for each file: its path, and the operations for a JSON file or the
/// new text for any other.
pub fn write_patch(out: &mut dyn Write, changes: &[FileChange]) -> io::Result<()> {
    let patches: Vec<Value> = changes.iter().map(patch).collect();
    serde_json::to_writer_pretty(&mut *out, &patches).map_err(io::Error::from)?;
    writeln!(out)
}

fn patch(change: &FileChange) -> Value {
    let path = change.path.as_str();
    let is_json = path.ends_with(".json") || path.ends_with(".lock");
    let value = |text: &str| Document::parse(text).root().map(crate::json::Node::to_value);
    let patch = match &change.after {
        Some(after) if is_json => {
            let before = change.before.as_deref().and_then(value);
            let after = value(after).unwrap_or_default();
            let operations = match before {
                Some(before) => serde_json::to_value(json_patch::diff(&before, &after)).unwrap_or_default(),
                None => json!([{"op": "add", "path": "", "value": after}]),
            };
            json!({"file": path, "patch": operations})
        }
        Some(after) => json!({"file": path, "text": after}),
        None => json!({"file": path, "text": null}),
    };
    if secret::find(&patch.to_string()).is_empty() {
        return patch;
    }
    // Cut short it would write what is shown over the credential.
    json!({"file": path, "withheld": "the patch would show a credential; `bylaws apply` writes the change"})
}
