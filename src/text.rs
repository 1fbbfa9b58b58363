//! Source text and places in it: the one module that turns byte offsets into lines and columns.
//!
//! Everything above works with [`Span`]s, byte offsets that are cheap to keep and to compare; a
//! [`Position`] is made only when something is shown to a person.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// A half-open range of byte offsets in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty range at `offset`.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// Number of bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A place as editors show it: line and column from 1, columns counted in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in Unicode scalar values.
    pub column: usize,
}

impl Position {
    /// The start of a text.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A text and its line starts. Cloning shares the text.
#[derive(Debug, Clone)]
pub struct Source {
    text: Arc<str>,
    lines: Arc<OnceLock<Vec<usize>>>,
}

impl Source {
    /// Takes a text as it stands, byte order mark and line ends included.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), lines: Arc::default() }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of `span`, empty where the span lies outside or cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Line and column of a byte offset; offsets behind the end give the end.
    pub fn position(&self, offset: usize) -> Position {
        let lines = self.line_starts();
        let index = lines.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = lines.get(index).copied().unwrap_or_default();
        // A file of one long line may be asked for many places: counting is left to the library.
        let end = self.text.ceil_char_boundary(offset.min(self.text.len()));
        let column = self.text.get(start..end).map_or(0, |before| before.chars().count());
        Position { line: index + 1, column: column + 1 }
    }

    /// The line that holds `offset`, without its line end.
    pub fn line_at(&self, offset: usize) -> &str {
        let span = self.line_span(offset);
        self.slice(span).trim_end_matches('\r')
    }

    /// The byte range of the line that holds `offset`, without its `\n`.
    pub fn line_span(&self, offset: usize) -> Span {
        let offset = offset.min(self.text.len());
        let bytes = self.text.as_bytes();
        let before = bytes.get(..offset).unwrap_or_default();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let after = bytes.get(offset..).unwrap_or_default();
        let end = after.iter().position(|b| *b == b'\n').map_or(self.text.len(), |at| offset + at);
        Span::new(start, end)
    }

    fn line_starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Source {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let source = Source::new("a\nüb\r\nc");
        assert_eq!(source.position(0), Position::START);
        assert_eq!(source.position(2), Position { line: 2, column: 1 });
        assert_eq!(source.position(4), Position { line: 2, column: 2 });
        assert_eq!(source.position(7), Position { line: 3, column: 1 });
        assert_eq!(source.position(99), Position { line: 3, column: 2 });
    }

    #[test]
    fn lines_come_without_their_ends() {
        let source = Source::new("a\r\nbc\n");
        assert_eq!(source.line_at(0), "a");
        assert_eq!(source.line_at(4), "bc");
        assert_eq!(source.line_at(6), "");
        assert_eq!(source.line_at(600), "");
    }

    #[test]
    fn a_span_that_cuts_a_character_is_empty() {
        assert_eq!(Source::new("ü").slice(Span::new(0, 1)), "");
    }
}
