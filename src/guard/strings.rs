//! Texts in the input of other tools: files that an MCP server is asked for, addresses, credentials.

use serde_json::{Map, Value};

use super::{Answer, Kind, Look, shown};
use crate::secret;

/// Most texts of one input that are looked at.
const MOST_TEXTS: usize = 2_000;

impl Look<'_> {
    /// Says that a credential stands in a text. One that is known by its name alone is asked about at most: names lie.
    pub(super) fn secrets(&mut self, place: &str, text: &str) {
        let found = secret::find(text);
        let Some(found) = found.iter().find(|one| one.known).or(found.first()) else { return };
        let why = format!("{place} holds {}: `{}`", found.what, found.shown(text));
        if found.known {
            self.unclear(Kind::Secret, why);
        } else if let Some(entry) = self.guard.policy.unclear.iter().find(|entry| entry.kind == Kind::Secret)
        {
            let (origin, layer) = (entry.origin.clone(), entry.layer.clone());
            let source = super::Source { rule: None, origin, layer };
            self.said.add(super::Said { answer: Answer::Ask, reason: why, source, kind: Some(Kind::Secret) });
        }
    }

    /// All texts of an input; `files` says that they may name files of this machine.
    pub(super) fn strings(&mut self, input: &Map<String, Value>, cwd: &str, files: bool) {
        let mut left = MOST_TEXTS;
        let mut open: Vec<&Value> = input.values().collect();
        while let Some(value) = open.pop() {
            if left == 0 {
                return;
            }
            match value {
                Value::String(text) => {
                    left -= 1;
                    self.secrets("the call", text);
                    if files && text.len() < 4_096 {
                        let plain = text.strip_prefix("file://").unwrap_or(text);
                        let path = self.absolute(plain, cwd);
                        if path != cwd && self.exists(&path) && !self.reads(&path, "the call") {
                            self.may_be_written(&path);
                        }
                    }
                }
                Value::Array(values) => open.extend(values),
                Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    }

    fn may_be_written(&mut self, path: &str) {
        let Some(rule) = self.edit_rule(self.files.world(), path) else { return };
        let Some(source) = self.guard.source(rule) else { return };
        let (told, text) = (shown(self.told(path)), source.rule.clone().unwrap_or_default());
        let reason =
            format!("the call names `{told}` and may change it, which falls under the rule `{text}`");
        self.said.add(super::Said { answer: Answer::Ask, reason, source, kind: None });
    }
}
