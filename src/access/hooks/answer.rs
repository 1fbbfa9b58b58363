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
            None if is_silent(command) || is_log(command) => Self::Nothing,
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

/// Whether a script runs whose output goes nowhere and whose end does not count: `sh FILE >/dev/null 2>&1; exit 0`.
fn is_silent(command: &str) -> bool {
    let script = command.strip_suffix("; exit 0").and_then(|line| line.strip_suffix(" >/dev/null 2>&1"));
    // Whatever the shell could stumble over ends it before `exit 0`, and dash with 2, which is a refusal.
    const TREACHEROUS: [char; 14] = ['\n', ';', '&', '|', '`', '(', ')', '{', '}', '<', '>', '#', '\'', '\\'];
    script.and_then(|script| script.strip_prefix("sh ")).is_some_and(|operands| {
        !operands.starts_with('-')
            && !operands.contains(TREACHEROUS)
            && operands.matches('"').count().is_multiple_of(2)
    })
}

/// Whether it is `bylaws hook log`, which prints nothing and ends with 0; where the program is missing, the shell ends with
/// 127, which decides nothing either.
fn is_log(command: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ./:_+@-".contains(&byte);
    let rest = command.strip_prefix("bylaws hook log");
    rest.is_some_and(|rest| (rest.is_empty() || rest.starts_with(' ')) && rest.bytes().all(plain))
}

/// The absolute path that a command line begins with, where it is a plain one.
fn program(command: &str) -> Option<&str> {
    let word = command.split([' ', '\t']).next()?;
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    let rest_is_plain = !command.contains(['\n', ';', '&', '|', '$', '`', '(', ')', '<', '>']);
    let named = word.starts_with('/') && !COMMON.iter().any(|folder| word.starts_with(folder));
    (plain && named && rest_is_plain).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_decides_nothing() {
        for command in ["bylaws hook log", "bylaws hook log --to https://logs.acme.dev/in --token-env T"] {
            assert!(is_log(command), "{command}");
        }
        for command in
            ["bylaws hook guard", "bylaws hook logs", "bylaws hook log; exit 2", "bylaws hook log --to $(x)"]
        {
            assert!(!is_log(command), "{command}");
        }
    }

    #[test]
    fn a_script_that_says_nothing_decides_nothing() {
        let silent = "sh \"$CLAUDE_PROJECT_DIR\"/.claude/hooks/log.sh >/dev/null 2>&1; exit 0";
        assert!(is_silent(silent));
        for other in [
            "sh log.sh",
            "sh log.sh >/dev/null 2>&1",
            "sh log.sh; exit 0",
            "sh log.sh >/dev/null 2>&1; exit 2",
            "exec sh log.sh >/dev/null 2>&1; exit 0",
            "sh log.sh; exit 2; sh x >/dev/null 2>&1; exit 0",
            "sh log.sh || exit 2 >/dev/null 2>&1; exit 0",
            "sh $(exit 2) >/dev/null 2>&1; exit 0",
            "sh log.sh # >/dev/null 2>&1; exit 0",
            "sh \"log.sh >/dev/null 2>&1; exit 0",
            "sh ${X:?} >/dev/null 2>&1; exit 0",
            "sh 'log.sh >/dev/null 2>&1; exit 0",
        ] {
            assert!(!is_silent(other), "{other}");
        }
    }
}
