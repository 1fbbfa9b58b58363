//! JSON documents: read with every place kept, changed without touching any other byte.
//!
//! [`Document::parse`] never fails: what is not JSON is listed in [`Document::faults`], and whatever
//! could still be read is there. [`apply`] is the only function of the crate that changes JSON text.

mod edit;
mod layout;
mod node;
mod parse;
mod pointer;

pub use edit::{Edit, EditError, apply};
pub use layout::Layout;
pub use node::{Kind, Member, Node};
pub use parse::{Fault, FaultKind, MAX_DEPTH};
pub use pointer::{Pointer, PointerError};

use crate::text::{Source, Span};

#[cfg(test)]
mod tests;

/// Byte order mark, which the client skips.
const BOM: &str = "\u{feff}";

/// A JSON text, what it says, and what in it is not JSON.
#[derive(Debug, Clone)]
pub struct Document {
    source: Source,
    root: Option<Node>,
    faults: Vec<Fault>,
}

impl Document {
    /// Reads a text, tolerantly.
    pub fn parse(text: impl Into<std::sync::Arc<str>>) -> Self {
        let source = Source::new(text);
        let start = if source.text().starts_with(BOM) { BOM.len() } else { 0 };
        let (root, faults) = parse::parse(source.text(), start);
        Self { source, root, faults }
    }

    /// The text as it was read.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The text as it was read.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The outermost value, none for a blank text.
    pub fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }

    /// What in the text is not JSON, in order of the text.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether the text is JSON, or blank.
    pub fn is_strict(&self) -> bool {
        self.faults.is_empty()
    }

    /// The value at `pointer`.
    pub fn at(&self, pointer: &Pointer) -> Option<&Node> {
        self.root.as_ref()?.at(pointer)
    }

    /// The smallest span that shows `pointer`: the key where there is one, otherwise the value,
    /// otherwise what would hold it, down to the first byte of the text.
    pub fn nearest(&self, pointer: &Pointer) -> Span {
        let Some(mut node) = self.root.as_ref() else { return Span::at(0) };
        let mut span = Span::new(node.span.start, node.span.start + 1);
        for token in pointer.tokens() {
            let next = match &node.kind {
                Kind::Object(_) => node.member(token).map(|member| (member.key_span, &member.value)),
                Kind::Array(items) => {
                    token.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item.span, item))
                }
                _ => None,
            };
            match next {
                Some((place, value)) => (span, node) = (place, value),
                None => break,
            }
        }
        span
    }
}
