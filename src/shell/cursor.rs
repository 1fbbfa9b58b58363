//! Moving through a command line byte by byte, and the limits of depth and size.

use super::tree::{Part, Redirection};
use super::{Failure, Problem};
use crate::text::Span;

/// How deeply groups and substitutions may stand in each other.
const MAX_DEPTH: u32 = 60;

/// How many statements, words and pieces of words a line may have.
const MAX_PARTS: u32 = 50_000;

/// A here-document whose text begins on the next line.
pub(super) struct Pending<'a> {
    /// The redirection as far as it is known.
    pub(super) end_word: String,
    pub(super) quoted: bool,
    pub(super) strip_tabs: bool,
    pub(super) body: Span,
    pub(super) body_parts: Vec<Part<'a>>,
    pub(super) done: bool,
}

pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// Where the text ends for now: the closing backquote of a substitution.
    pub(super) end: usize,
    depth: u32,
    parts: u32,
    /// All here-documents, in the order of their redirections.
    pub(super) documents: Vec<Pending<'a>>,
    pub(super) first_pending: usize,
    /// Whether two parentheses were read as two groups, after all.
    pub(super) ambiguous: bool,
}

pub(super) type Read<T> = Result<T, Failure>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            depth: 0,
            parts: 0,
            documents: Vec::new(),
            first_pending: 0,
            ambiguous: false,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(super) fn take(&mut self, what: &str) -> bool {
        let found = self.rest().starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    /// Blanks and lines that go on.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.at += 2,
                _ => return,
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    pub(super) fn failure<T>(&self) -> Read<T> {
        Err(Failure { at: self.at, problem: Problem::Syntax })
    }

    pub(super) fn count(&mut self) -> Read<()> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(Failure { at: self.at, problem: Problem::Size });
        }
        Ok(())
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Failure { at: self.at, problem: Problem::Depth });
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Reads the here-documents whose text begins here, at the beginning of a line.
    pub(super) fn read_documents(&mut self) -> Read<()> {
        while let Some(document) = self.documents.get(self.first_pending) {
            let start = self.at;
            let (end_word, strip, quoted) = (document.end_word.clone(), document.strip_tabs, document.quoted);
            let mut end = self.end;
            loop {
                let line = self.rest().split('\n').next().unwrap_or_default();
                let bare = if strip { line.trim_start_matches('\t') } else { line };
                let last = self.at + line.len() >= self.end;
                if bare == end_word {
                    end = self.at;
                    self.at += line.len();
                    break;
                }
                if last {
                    // The client gives up where more than the end word stands on the last line.
                    let body = self.text.get(start..self.end).unwrap_or_default();
                    let tail = body.split('\n').find(|line| line.starts_with(&*end_word));
                    if tail.is_some_and(|line| line.contains(['(', ')', '{', '}'])) {
                        return self.failure();
                    }
                    self.at = self.end;
                    break;
                }
                self.at += line.len() + 1;
            }
            let after = self.at;
            let body = Span::new(start, end);
            let parts = if quoted { Vec::new() } else { self.document_parts(body)? };
            self.at = after;
            if let Some(document) = self.documents.get_mut(self.first_pending) {
                (document.body, document.body_parts, document.done) = (body, parts, true);
            }
            self.first_pending += 1;
            if self.first_pending < self.documents.len() && self.peek() == Some(b'\n') {
                self.at += 1;
            }
        }
        Ok(())
    }

    /// The end of the line was reached: text of here-documents stands behind it.
    pub(super) fn newline(&mut self) -> Read<()> {
        self.at += 1;
        if self.first_pending < self.documents.len() {
            self.read_documents()?;
            if self.peek() == Some(b'\n') {
                self.at += 1;
            }
        }
        Ok(())
    }

    /// Gives a redirection the text of its here-document.
    pub(super) fn fill(&mut self, redirection: &mut Redirection<'a>, document: usize) {
        if let Some(document) = self.documents.get_mut(document) {
            redirection.body = document.body;
            redirection.body_parts = std::mem::take(&mut document.body_parts);
        }
    }
}
