//! One line of the trail: a frozen format with a schema of its own, made of what the client sends to a hook.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::exchange::Sent;
use crate::secret;

/// The version of the format.
const VERSION: u32 = 1;

/// Most bytes of one text of the input that are kept.
const MOST_TEXT: usize = 1_500;

/// Most bytes of a text in which credentials are looked for; far more than is kept.
const MOST_LOOKED_AT: usize = 256 * 1024;

/// Most bytes of any other text.
const MOST_NAME: usize = 400;

/// The parts of an input that say on what a tool acts. Texts that are written, read or given back are left out.
const TARGETS: &[&str] =
    &["command", "file_path", "notebook_path", "path", "pattern", "query", "skill", "subagent_type", "url"];

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLine {
    /// The version of this format: 1.
    pub version: u32,
    /// What tells this line from all others, also when it is sent twice.
    pub id: String,
    /// Its place in the trail of this folder, from 1. Order is by this, not by `time`.
    pub sequence: u64,
    /// When it was written, by the clock of the machine: RFC 3339, UTC.
    pub time: String,
    /// The event of the client, or `Lost` for lines that were given up before they were sent.
    pub event: String,
    /// What became of the call: `wanted`, `asked`, `ran`, `failed`, `denied`; `changed` for settings.
    pub decision: String,
    /// The session of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Who works there: a name, or the digest of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// On what it acts, without credentials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<String, String>,
    /// How many credentials were taken out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub masked: usize,
    /// What tells the call from others of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// The mode of permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The sub-agent that made the call, by its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The working directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// The folder of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// How long the call took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// What the client sent could not be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreadable: bool,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// How the user is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserForm {
    /// By name.
    Name,
    /// By a digest of the name: the same user is the same digest, on every machine.
    Hash,
    /// Not at all.
    Nobody,
}

/// Where a line is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Host {
    /// The user as they are to be told.
    pub user: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// The folder of the project.
    pub project: Option<String>,
}

impl UserForm {
    /// The user as they are told.
    pub fn told(self, name: &str) -> Option<String> {
        match self {
            Self::Nobody => None,
            Self::Name => Some(name.to_owned()),
            Self::Hash => {
                let hash = Sha256::digest(name.as_bytes());
                let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
                Some(format!("sha256:{hex}"))
            }
        }
    }
}

impl AuditLine {
    /// A line for what the client sent; `None` for an input that could not be read. It has no place in the trail yet.
    pub fn of(sent: Option<&Sent>, host: &Host, id: String, time: String) -> Self {
        let mut masked = 0;
        let mut plain = |text: &str, most: usize| {
            let text = &cut(text, MOST_LOOKED_AT);
            let found = secret::find_widely(text);
            masked += found.len();
            cut(&secret::masked(text, &found), most)
        };
        let nothing = Sent::default();
        let unreadable = sent.is_none();
        let sent = sent.unwrap_or(&nothing);
        let mut target = BTreeMap::new();
        for name in TARGETS {
            if let Some(Value::String(text)) = sent.tool_input.as_ref().and_then(|input| input.get(*name)) {
                target.insert((*name).to_owned(), plain(text, MOST_TEXT));
            }
        }
        for (name, text) in [("source", &sent.source), ("file", &sent.file_path), ("reason", &sent.reason)] {
            if let Some(text) = text {
                target.insert(name.to_owned(), plain(text, MOST_NAME));
            }
        }
        let mut name = |text: &Option<String>| text.as_deref().map(|text| plain(text, MOST_NAME));
        let mut line = Self {
            version: VERSION,
            id,
            sequence: 0,
            time,
            event: if unreadable { "Unreadable".to_owned() } else { cut(&sent.event, MOST_NAME) },
            decision: decision(&sent.event).to_owned(),
            session: name(&sent.session_id),
            user: host.user.clone(),
            host: host.host.clone(),
            tool: name(&sent.tool_name),
            target,
            masked: 0,
            call: name(&sent.tool_use_id),
            mode: name(&sent.permission_mode),
            agent: name(&sent.agent_type.clone().or_else(|| sent.agent_id.clone())),
            cwd: name(&sent.cwd),
            project: name(&host.project),
            duration_ms: sent.duration_ms,
            unreadable,
        };
        line.masked = masked;
        line
    }

    /// The line as it is written.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// A line in the place of lines that were given up: from which to which sequence.
pub fn lost_line(first: u64, last: u64, host: &Host, id: String, time: String) -> AuditLine {
    let mut line = AuditLine::of(Some(&Sent::default()), host, id, time);
    line.event = "Lost".to_owned();
    line.decision = "lost".to_owned();
    line.target.insert("first".to_owned(), first.to_string());
    line.target.insert("last".to_owned(), last.to_string());
    line
}

/// What an event says of the call.
fn decision(event: &str) -> &'static str {
    match event {
        "PreToolUse" => "wanted",
        "PermissionRequest" => "asked",
        "PermissionDenied" => "denied",
        "PostToolUse" => "ran",
        "PostToolUseFailure" => "failed",
        "ConfigChange" => "changed",
        _ => "unknown",
    }
}

/// At most so many bytes, and a sign where something is left out.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(input: &str) -> AuditLine {
        let sent = Sent::read(input.as_bytes()).unwrap();
        AuditLine::of(Some(&sent), &Host::default(), "id".into(), "2026-12-01T00:00:00Z".into())
    }

    #[test]
    fn credentials_never_come_into_a_line() {
        let token = "ghp_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R";
        let line = line(&format!(
            r#"{{"hook_event_name": "PostToolUse", "tool_name": "Bash", "cwd": "/x/{token}",
                "tool_input": {{"command": "curl -H 'x: {token}' https://u:Tr0ub4dor@x.dev", "content": "{token}"}},
                "tool_response": "{token}"}}"#
        ));
        assert!(!line.text().contains("1a2B3c") && !line.text().contains("Tr0ub4dor"), "{}", line.text());
        assert_eq!((line.masked, &*line.decision), (3, "ran"));
        assert_eq!(line.target.keys().collect::<Vec<_>>(), ["command"]);
    }

    #[test]
    fn a_credential_is_masked_before_a_text_is_cut() {
        let token = "ghp_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R";
        let command = format!("{} {token}", "x".repeat(MOST_TEXT - 20));
        let line = line(&serde_json::json!({"tool_input": {"command": command}}).to_string());
        assert!(!line.text().contains("1a2B"), "{}", line.text());
    }

    #[test]
    fn lines_are_bounded_and_stay_whole() {
        for fill in ["x", "\"", "\u{1}", "é", "\u{1f980}\n"] {
            let long = fill.repeat(5_000);
            let input: serde_json::Map<String, Value> =
                TARGETS.iter().map(|name| ((*name).to_owned(), Value::String(long.clone()))).collect();
            let line = line(&serde_json::json!({"tool_input": input, "session_id": long}).to_string());
            let text = line.text();
            assert_eq!(text.matches('\n').count(), 1);
            assert!(text.len() < 128 * 1024);
            assert_eq!(serde_json::from_str::<AuditLine>(&text).unwrap(), line);
        }
    }

    #[test]
    fn users_are_told_as_asked() {
        assert_eq!(UserForm::Name.told("ann").as_deref(), Some("ann"));
        assert_eq!(UserForm::Nobody.told("ann"), None);
        let hash = UserForm::Hash.told("ann").unwrap();
        assert!(hash.starts_with("sha256:") && !hash.contains("ann"));
        assert_eq!(UserForm::Hash.told("ann"), Some(hash));
    }
}
