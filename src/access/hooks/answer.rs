//! The answer of a hook, read from what it prints (observed, 2.1.330).

use serde_json::{Map, Value};

use super::script::{self, Outcome};

/// What a hook says, the stricter the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::access) enum Word {
    Allow,
    Ask,
    Deny,
}

/// What is known of the answer of a hook.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// It changes nothing.
    Nothing,
    /// It changes nothing as long as this program is not there.
    NothingWithout(Box<str>),
    Known(Said),
    Unknown,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) word: Option<Word>,
    pub(super) input: Option<Map<String, Value>>,
}

/// Folders whose programs nobody lists.
const COMMON: [&str; 6] = ["/bin/", "/sbin/", "/usr/", "/opt/", "/lib/", "/nix/"];

impl Answer {
    /// The answer of a command line.
    pub(super) fn of_command(command: &str) -> Self {
        match script::run(command) {
            Some(outcome) => Self::of_outcome(&outcome),
            None => match program(command) {
                Some(program) => Self::NothingWithout(program.into()),
                None => Self::Unknown,
            },
        }
    }

    fn of_outcome(outcome: &Outcome) -> Self {
        if outcome.code == 2 {
            return Self::Known(Said { word: Some(Word::Deny), input: None });
        }
        let output = outcome.output.trim();
        if !output.starts_with('{') {
            return Self::Nothing;
        }
        match serde_json::from_str::<Value>(output) {
            Ok(Value::Object(answer)) => Self::of_object(&answer),
            _ => Self::Nothing,
        }
    }

    fn of_object(answer: &Map<String, Value>) -> Self {
        let legacy = match answer.get("decision") {
            None => None,
            Some(Value::String(word)) if word == "block" => Some(Word::Deny),
            Some(Value::String(word)) if word == "approve" => Some(Word::Allow),
            // An answer with one bad part is no answer.
            Some(_) => return Self::Nothing,
        };
        let Some(specific) = answer.get("hookSpecificOutput") else {
            return Self::Known(Said { word: legacy, input: None });
        };
        let Some(specific) = specific.as_object() else { return Self::Nothing };
        if specific.get("hookEventName").and_then(Value::as_str) != Some("PreToolUse") {
            return Self::Nothing;
        }
        let word = match specific.get("permissionDecision") {
            None => legacy,
            Some(word) => match word.as_str() {
                Some("allow") => Some(Word::Allow),
                Some("ask") => Some(Word::Ask),
                Some("deny") => Some(Word::Deny),
                // The call is put off; what becomes of it is decided elsewhere.
                Some("defer") => return Self::Unknown,
                _ => return Self::Nothing,
            },
        };
        let input = match specific.get("updatedInput") {
            None => None,
            Some(Value::Object(input)) => Some(input.clone()),
            Some(_) => return Self::Nothing,
        };
        Self::Known(Said { word, input })
    }
}

/// The absolute path that a command line begins with, where it is a plain one.
fn program(command: &str) -> Option<&str> {
    let word = command.split([' ', '\t']).next()?;
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let rest_is_plain = !command.contains(['\n', ';', '&', '|', '$', '`', '(', ')', '<', '>']);
    let named = word.starts_with('/') && !COMMON.iter().any(|folder| word.starts_with(folder));
    (plain && named && rest_is_plain).then_some(word)
}
