//! Programs that put files together whose names come from elsewhere, and `tar`, which has letters of its own.

use super::Look;
use super::command::Argument;
use super::kind::Kind;
use super::line::{Feed, State};
use super::recursion::{Use, Walk};
use super::words;

/// Long options of `tar` whose value is a command line.
const RUNNING: &[&str] = &[
    "checkpoint-action",
    "info-script",
    "new-volume-script",
    "rmt-command",
    "rsh-command",
    "to-command",
    "use-compress-program",
];

impl Look<'_> {
    /// `tar` that puts together.
    pub(super) fn archive(&mut self, rest: &[Argument], state: &mut State, feed: &Feed, how: &str) {
        let Some(mut base) = state.folder.clone() else {
            self.unclear(Kind::UnknownFile, format!("{how} takes files of a folder that is not known"));
            return;
        };
        let mut walk = Walk::default();
        let follows = |one: &Argument| {
            one.text() == "--dereference"
                || (one.is_option() && !one.text().starts_with("--") && one.text().contains('h'))
        };
        walk.filter.follows = rest.iter().any(follows);
        walk.filter.links = walk.filter.follows;
        let mut puts = false;
        let mut rest = rest.iter().enumerate();
        while let Some((at, argument)) = rest.next() {
            let text = argument.text();
            if let Some(option) = text.strip_prefix("--") {
                let (option, value) =
                    option.split_once('=').map_or((option, None), |(a, b)| (a, Some(b.to_owned())));
                puts |= matches!(option, "create" | "append" | "update");
                let runs = RUNNING.contains(&option);
                let takes = runs
                    || matches!(option, "exclude" | "directory" | "file" | "files-from" | "exclude-from");
                let value = value.or_else(|| {
                    if takes { rest.next().map(|(_, next)| next.text().to_owned()) } else { None }
                });
                match (option, value) {
                    ("exclude", Some(value)) if !value.trim_end_matches('/').contains('/') => {
                        let value = words::plain(value.trim_end_matches('/'));
                        walk.filter.exclude.push(value.clone());
                        walk.filter.exclude_folders.push(value);
                    }
                    ("directory", Some(value)) => base = self.absolute(&value, &base),
                    ("files-from", value) => self.names_from(value.as_deref(), feed, state, how),
                    (_, Some(value)) if runs => {
                        let line = value.strip_prefix("exec=").unwrap_or(&value).to_owned();
                        self.line(&line, &mut state.clone());
                    }
                    _ => {}
                }
            } else if argument.is_option() || (at == 0 && is_letters(text)) {
                puts |= text.contains(['c', 'r', 'u']);
                for letter in text.chars().filter(|letter| "fCTXbgKNVIF".contains(*letter)) {
                    let Some((_, value)) = rest.next() else { break };
                    match letter {
                        'C' => base = self.absolute(value.text(), &base),
                        'T' => self.names_from(value.text.as_deref(), feed, state, how),
                        'I' | 'F' => self.line(value.text(), &mut state.clone()),
                        'f' if puts => self.write_argument(value, state, how),
                        _ => {}
                    }
                }
            } else {
                let inside = State { folder: Some(base.clone()), ..state.clone() };
                walk.roots.extend(self.roots(&[argument], &inside));
            }
        }
        if puts {
            self.walk(&walk, Use::Read, how);
        }
    }

    /// Programs that take the names of files from what comes in, or from a file.
    pub(super) fn lists(&mut self, name: &str, rest: &[Argument], state: &State, feed: &Feed, how: &str) {
        let is = |words: &[&str]| rest.iter().any(|one| words.contains(&one.text()));
        match name {
            "cpio" if !is(&["-i", "--extract", "-t", "--list"]) => {
                self.names_from(Some("-"), feed, state, how)
            }
            "zip" if is(&["-@"]) => self.names_from(Some("-"), feed, state, how),
            _ => {}
        }
        for (at, argument) in rest.iter().enumerate() {
            let text = argument.text();
            let (option, value) = text.split_once('=').map_or((text, None), |(a, b)| (a, Some(b)));
            if matches!(option, "--files-from" | "--files0-from") {
                let value = value.or_else(|| rest.get(at + 1).and_then(|one| one.text.as_deref()));
                self.names_from(value, feed, state, how);
            }
        }
    }

    /// The files whose names stand in a file, or come in where that is `-`.
    fn names_from(&mut self, file: Option<&str>, feed: &Feed, state: &State, how: &str) {
        match feed {
            Feed::Files(walk) if file == Some("-") => self.walk(walk, Use::Read, how),
            Feed::Text(text) if file == Some("-") => {
                for name in text.split(['\n', '\0']).filter(|name| !name.is_empty()) {
                    self.read_argument(&Argument::of(words::quoted(name)), state, how, true);
                }
            }
            _ => self.unclear(Kind::UnknownFile, format!("{how} takes the names of files from elsewhere")),
        }
    }
}

fn is_letters(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
