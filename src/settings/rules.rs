//! Permission rules with their places.

use super::{Problem, ProblemKind, Settings};
use crate::json::Pointer;
use crate::rule::List;
use crate::text::Span;

/// One string of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// What it says.
    pub text: &'a str,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Its place in the document.
    pub pointer: Pointer,
}

impl Settings {
    /// The rules of `list` as they stand in the file, whether or not the client takes the file;
    /// entries that are no strings are left out.
    pub fn written_rules(&self, list: List) -> impl Iterator<Item = Entry<'_>> {
        self.written_strings(list.pointer())
    }

    /// The rules of `list` that the client takes; none where it drops the list or the file. It still
    /// skips those that are not valid as rules.
    pub fn rules(&self, list: List) -> impl Iterator<Item = Entry<'_>> {
        self.strings(list.pointer())
    }

    /// The strings of the array at `at` that the client takes.
    pub fn strings(&self, at: Pointer) -> impl Iterator<Item = Entry<'_>> {
        let taken = self.is_read();
        self.written_strings(at).filter(move |entry| taken && self.losses.keep(&entry.pointer))
    }

    /// The strings of the array at `at` as they stand in the file.
    pub fn written_strings(&self, at: Pointer) -> impl Iterator<Item = Entry<'_>> {
        let items = self.document.at(&at).map(|node| node.items()).unwrap_or_default();
        items.iter().enumerate().filter_map(move |(index, item)| {
            Some(Entry { text: item.as_str()?, span: item.span, pointer: at.join(index.to_string()) })
        })
    }

    /// The mode that the client reads from the file: `default` where the file sets one that it may not
    /// set.
    pub fn default_mode(&self) -> Option<&str> {
        let mode = self.at(&mode_place())?.as_str()?;
        let unheeded = |problem: &Problem| matches!(problem.kind, ProblemKind::UnheededMode { .. });
        let plain = mode == "manual" || self.problems.iter().any(unheeded);
        Some(if plain { "default" } else { mode })
    }
}

/// The place of the mode in a settings file.
pub(super) fn mode_place() -> Pointer {
    Pointer::of(["permissions", "defaultMode"])
}
