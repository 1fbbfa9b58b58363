//! What the client sends to a hook and what it takes for an answer (documented, and observed with 2.1.330).
//!
//! Leaves out what is answered.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// Longest input of a hook that is read, in bytes. What was read or written by a tool stands in it as well.
pub const LONGEST_INPUT: u64 = 64 * 1024 * 1024;

/// What the client sends to a hook, as far as it is used. Other fields are passed over, answers of tools unread.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Sent {
    /// The event: `PreToolUse`.
    #[serde(rename = "hook_event_name")]
    pub event: String,
    /// The session.
    pub session_id: Option<String>,
    /// The working directory.
    pub cwd: Option<String>,
    /// The mode of permissions.
    pub permission_mode: Option<String>,
    /// The tool, of events that have one.
    pub tool_name: Option<String>,
    /// What it is called with.
    pub tool_input: Option<Map<String, Value>>,
    /// What tells the call from others.
    pub tool_use_id: Option<String>,
    /// The sub-agent that made the call.
    pub agent_id: Option<String>,
    /// Its type.
    pub agent_type: Option<String>,
    /// How long the call took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Of `ConfigChange`: which settings changed.
    pub source: Option<String>,
    /// Of `ConfigChange`: the file.
    pub file_path: Option<String>,
    /// Of `PermissionDenied`: why.
    pub reason: Option<String>,
    /// Whether an answer of the tool is there.
    #[serde(deserialize_with = "is_there")]
    pub tool_response: bool,
}

fn is_there<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

impl Sent {
    /// Reads the input of a hook.
    pub fn read(input: &[u8]) -> Result<Self, serde_json::Error> {
        // A list would be taken for the fields in their order.
        if !input.trim_ascii_start().starts_with(b"{") {
            return Err(serde::de::Error::custom("it is no object"));
        }
        serde_json::from_slice(input)
    }
}

/// The answer of a `PreToolUse` hook: a decision of `deny` or `ask`, with its reason.
pub fn decision(decision: &str, reason: &str) -> String {
    let answer = json!({"hookSpecificOutput": {
        "hookEventName": "PreToolUse", "permissionDecision": decision, "permissionDecisionReason": reason,
    }});
    format!("{answer}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_is_passed_over() {
        let sent = Sent::read(
            br#"{"hook_event_name": "PostToolUse", "session_id": "s", "tool_name": "Bash", "later": [1],
                "tool_input": {"command": "ls"}, "tool_response": {"stdout": "x"}, "duration_ms": 12}"#,
        )
        .unwrap();
        assert_eq!((&*sent.event, sent.tool_name.as_deref()), ("PostToolUse", Some("Bash")));
        assert!(sent.tool_response && sent.duration_ms == Some(12));
        assert!(
            Sent::read(b"[]").is_err() && Sent::read(b"").is_err() && Sent::read(b"{\"cwd\": 1}").is_err()
        );
        assert_eq!(Sent::read(b"{}").unwrap(), Sent::default());
    }
}
