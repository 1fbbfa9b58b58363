//! Programs that stand as text in a command line: which files they name.
//!
//! A program is not run on paper. Every run of letters in it that is the name of a file counts as a use of that file;
//! a name that is put together of parts is not seen.

use super::line::State;
use super::said::Said;
use super::{Answer, Kind, Look, shown};

/// Most names that are looked at in one text.
const MOST_NAMES: usize = 4_000;

/// Words by which a program runs commands.
const RUNS: &[&str] =
    &["system", "exec", "spawn", "popen", "Popen", "subprocess", "child_process", "`", "qx"];

impl Look<'_> {
    /// A program as text, given to `program`.
    pub(super) fn code(&mut self, code: &str, program: &str, state: &State) {
        let runs = RUNS.iter().any(|word| code.contains(word));
        let how = format!("the program given to `{program}`");
        let mut quoted = Vec::new();
        for quote in ['"', '\'', '`'] {
            quoted.extend(code.split(quote).skip(1).step_by(2));
        }
        if runs {
            for text in quoted.iter().filter(|text| text.len() < 2_000).take(100) {
                self.plain_command(text.trim(), &format!("{how} runs commands: "));
            }
        }
        for name in names(code).chain(quoted).take(MOST_NAMES) {
            if self.said.is_settled() {
                return;
            }
            if name.contains("://") {
                self.address(name);
                continue;
            }
            let Some(folder) = &state.folder else {
                let path = self.absolute(name, &self.guard.place.project);
                self.reads(&path, &how);
                continue;
            };
            let path = self.absolute(name, folder);
            if path == *folder || !self.exists(&path) {
                continue;
            }
            if !self.reads(&path, &how) {
                self.may_write(&path, &how);
            }
        }
        // What `sed` reads and writes beside its operands it must name.
        if program != "sed" && (self.guard.has.reads || self.guard.has.edits) {
            self.unclear(Kind::Program, format!("what {how} reads cannot be seen: `{}`", shown(code)));
        }
    }

    /// A text of several words that a program is given: each may be the name of a file.
    pub(super) fn names_in(&mut self, text: &str, how: &str, state: &State) {
        let Some(folder) = &state.folder else { return };
        for name in names(text).take(MOST_NAMES) {
            let path = self.absolute(name, folder);
            if path != *folder && self.exists(&path) && self.reads(&path, how) {
                return;
            }
        }
    }

    /// A file that a program names, and may write or only read: a person is asked.
    fn may_write(&mut self, path: &str, how: &str) {
        let Some(rule) = self.edit_rule(self.files.world(), path) else { return };
        let Some(source) = self.guard.source(rule) else { return };
        let (told, text) = (shown(self.told(path)), source.rule.clone().unwrap_or_default());
        let reason = format!("{how} names `{told}` and may change it, which falls under the rule `{text}`");
        self.said.add(Said { answer: Answer::Ask, reason, source, kind: None });
    }
}

/// The runs of letters that may be names of files.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;=+|&!\\$*".contains(c);
    text.split(ends).filter(|name| !name.is_empty() && name.len() < 4_096)
}
