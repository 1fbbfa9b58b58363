//! `git`: which files its commands read or change.
//!
//! Leaves out the history beyond files that are named.

use super::Look;
use super::command::Argument;
use super::kind::Kind;
use super::line::State;
use super::recursion::{Filter, Use, Walk};

impl Look<'_> {
    /// `git`, with the options in front of its command taken away.
    pub(super) fn git(&mut self, rest: &[Argument], state: &mut State, how: &str) {
        let mut inner = state.clone();
        let mut at = 0;
        while let Some(argument) = rest.get(at).filter(|one| one.is_option()) {
            let value = rest.get(at + 1).map(|one| one.text().to_owned()).unwrap_or_default();
            match argument.text() {
                "-C" => {
                    inner.folder = inner.folder.as_deref().map(|from| self.absolute(&value, from));
                    at += 1;
                }
                "-c" => {
                    // An alias that begins with `!` is a command line.
                    if let Some((_, line)) = value.split_once("=!") {
                        self.line(line, &mut state.clone());
                    }
                    at += 1;
                }
                "--git-dir" | "--work-tree" | "--namespace" | "--exec-path" | "--super-prefix" => at += 1,
                _ => {}
            }
            at += 1;
        }
        let rest = rest.get(at..).unwrap_or_default();
        let Some((verb, rest)) = rest.split_first() else { return };
        if at > 0 {
            let line = super::written::line("git", &[std::slice::from_ref(verb), rest].concat());
            self.plain_command(&line, "without its first options, ");
        }
        let verb = verb.text();
        let reads = matches!(
            verb,
            "show"
                | "cat-file"
                | "diff"
                | "log"
                | "blame"
                | "annotate"
                | "checkout"
                | "restore"
                | "difftool"
                | "format-patch"
                | "grep"
                | "archive"
                | "hash-object"
        );
        let writes = matches!(verb, "checkout" | "restore" | "rm" | "mv" | "clean");
        if verb == "archive" && self.guard.has.reads {
            let why = format!("{how} reads files of a commit, and which ones is not looked at");
            self.unclear(Kind::UnknownFile, why);
        }
        // Beside what git knows, as `grep` and `diff` do.
        let mut outside = Vec::new();
        let is_outside = matches!(verb, "diff" | "grep") && rest.iter().any(|one| one.text() == "--no-index");
        let mut message = matches!(verb, "commit" | "tag" | "merge" | "notes");
        let mut paths = false;
        let mut pattern = verb == "grep" && !rest.iter().any(|one| matches!(one.text(), "-e" | "-f"));
        for (at, argument) in rest.iter().enumerate() {
            let text = argument.text();
            message &= text != "--";
            if message
                && matches!(text, "-F" | "--file" | "-t" | "--template")
                && let Some(file) = rest.get(at + 1)
            {
                self.read_argument(file, &inner, how, true);
            }
            if text == "--" {
                (paths, pattern) = (true, false);
                continue;
            }
            if argument.is_option() {
                continue;
            }
            if std::mem::take(&mut pattern) {
                continue;
            }
            outside.push(argument);
            if let (true, Some((_, path))) = (reads && !paths, text.split_once(':')) {
                // A file of a commit need not be there any more.
                let top = self.absolute(path, &self.guard.place.project);
                self.reads(&top, how);
                let here = inner.folder.as_deref().map(|folder| self.absolute(path, folder));
                here.iter().for_each(|here| {
                    self.reads(here, how);
                });
            }
            let looks_like_a_file = paths || text.contains('.');
            if reads {
                self.read_argument(argument, &inner, how, looks_like_a_file);
            }
            if writes && (looks_like_a_file || text.contains('/')) {
                self.write_argument(argument, &inner, how);
                let roots = self.roots(&[argument], &inner);
                self.walk(&Walk { roots, filter: Filter::default() }, Use::Write, how);
            }
            if !reads && !writes && !matches!(verb, "commit" | "tag" | "add" | "push" | "pull" | "fetch") {
                self.read_argument(argument, &inner, how, false);
            }
        }
        if is_outside {
            let roots = self.roots(&outside, &inner);
            self.walk(&Walk { roots, filter: Filter::default() }, Use::Read, how);
        }
    }
}
