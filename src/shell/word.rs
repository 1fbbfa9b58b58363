//! One word of a command.

use std::borrow::Cow;

use crate::text::Span;

/// One word of a simple command, quotes and expansions included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    /// Where it stands in the command line.
    pub span: Span,
    /// What it stands for after quotes and known variables, borrowed from the command line where it
    /// stands there as it is; none where that is not known.
    pub value: Option<Cow<'a, str>>,
    /// An unquoted `*`, `?` or `[` stands in it.
    pub glob: bool,
    /// Quotes or backslashes stand in it.
    pub quoted: bool,
    /// A `$` expansion or a substitution stands in it.
    pub expansion: bool,
}

impl<'a> Word<'a> {
    /// A word without quotes, patterns and expansions.
    pub fn plain(text: &'a str, start: usize) -> Self {
        Self {
            span: Span::new(start, start + text.len()),
            value: Some(Cow::Borrowed(text)),
            glob: false,
            quoted: false,
            expansion: false,
        }
    }
}
