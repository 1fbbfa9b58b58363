//! Words: quotes, expansions and substitutions.

use super::cursor::{Cursor, Read};
use super::parse::Stop;
use super::tree::{Part, RawWord, Substitution};
use crate::text::Span;

/// Bytes that end a word where nothing quotes them.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl<'a> Cursor<'a> {
    /// A word that begins here; empty where none does.
    pub(super) fn word(&mut self) -> Read<RawWord<'a>> {
        self.word_until(ends_word)
    }

    /// A word that ends before the first byte that `ends` takes outside of quotes.
    pub(super) fn word_until(&mut self, ends: impl Fn(u8) -> bool) -> Read<RawWord<'a>> {
        self.count()?;
        let start = self.at;
        let mut parts = Vec::new();
        let mut literal = self.at;
        while let Some(byte) = self.peek() {
            let process = matches!(byte, b'<' | b'>') && self.peek_at(1) == Some(b'(');
            if !process && ends(byte) {
                break;
            }
            if !process && !matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`') {
                self.at += 1;
                continue;
            }
            if literal < self.at {
                parts.push(Part::Literal(self.since(literal)));
            }
            parts.push(self.part(byte)?);
            literal = self.at;
        }
        if !parts.is_empty() && literal < self.at {
            parts.push(Part::Literal(self.since(literal)));
        }
        Ok(RawWord { span: Span::new(start, self.at), parts })
    }

    /// The quoted text or expansion that begins here.
    fn part(&mut self, byte: u8) -> Read<Part<'a>> {
        self.count()?;
        match byte {
            b'\\' => self.escaped(),
            b'\'' => {
                self.at += 1;
                let start = self.at;
                while self.peek().is_some_and(|byte| byte != b'\'') {
                    self.at += 1;
                }
                let text = self.since(start);
                // The client takes an open quote for one that ends with the line.
                self.at = (self.at + 1).min(self.end);
                Ok(Part::Single(text))
            }
            b'"' => {
                self.at += 1;
                Ok(Part::Double(self.deeper(|cursor| cursor.quoted_until(Closing::Quote))?))
            }
            b'`' => self.backquoted(),
            b'<' | b'>' => {
                self.at += 1;
                let inside = self.parenthesised()?;
                Ok(Part::Process(inside))
            }
            _ => self.expansion(false),
        }
    }

    fn escaped(&mut self) -> Read<Part<'a>> {
        self.at += 1;
        let Some(c) = self.rest().chars().next() else { return self.failure() };
        let start = self.at;
        self.at += c.len_utf8();
        Ok(if c == '\n' { Part::Escaped("") } else { Part::Escaped(self.since(start)) })
    }

    /// What a `$` begins.
    fn expansion(&mut self, in_quotes: bool) -> Read<Part<'a>> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some(b'(') if self.peek_at(1) == Some(b'(') => {
                let before = self.at;
                self.at += 2;
                if let Ok(parts) = self.deeper(|cursor| cursor.quoted_until(Closing::Arithmetic)) {
                    return Ok(Part::Arithmetic(Span::new(start, self.at), parts));
                }
                self.at = before;
                self.ambiguous = true;
                let mut inside = self.parenthesised()?;
                inside.span.start = start;
                Ok(Part::Command(inside))
            }
            Some(b'(') => {
                let mut inside = self.parenthesised()?;
                inside.span.start = start;
                Ok(Part::Command(inside))
            }
            Some(b'[') => {
                self.at += 1;
                let parts = self.deeper(|cursor| cursor.quoted_until(Closing::Bracket))?;
                Ok(Part::Arithmetic(Span::new(start, self.at), parts))
            }
            Some(b'{') => {
                self.at += 1;
                Ok(Part::Parameter(self.deeper(|cursor| cursor.quoted_until(Closing::Brace))?))
            }
            Some(b'\'') if !in_quotes => {
                self.at += 1;
                let start = self.at;
                while let Some(byte) = self.peek() {
                    match byte {
                        b'\'' => break,
                        b'\\' => self.at += 2,
                        _ => self.at += 1,
                    }
                }
                if self.peek().is_none() {
                    return self.failure();
                }
                let text = self.since(start);
                self.at += 1;
                Ok(Part::Ansi(text))
            }
            Some(b'"') if !in_quotes => {
                self.at += 1;
                Ok(Part::Localized(self.deeper(|cursor| cursor.quoted_until(Closing::Quote))?))
            }
            Some(byte) if is_name_start(byte) => {
                let start = self.at;
                while self.peek().is_some_and(is_name) {
                    self.at += 1;
                }
                Ok(Part::Variable(self.since(start)))
            }
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => {
                let start = self.at;
                self.at += 1;
                Ok(Part::Variable(self.since(start)))
            }
            _ => Ok(Part::Dollar),
        }
    }

    /// `( … )` of a substitution, from the opening parenthesis on.
    fn parenthesised(&mut self) -> Read<Substitution<'a>> {
        let start = self.at;
        self.at += 1;
        let statements = self.deeper(|cursor| cursor.statements(Stop::Parenthesis));
        self.ambiguous |= statements.is_err();
        let statements = statements?;
        if !self.take(")") {
            self.ambiguous = true;
            return self.failure();
        }
        Ok(Substitution { span: Span::new(start, self.at), statements })
    }

    /// A substitution in backquotes. What backslashes would change in it is not followed.
    fn backquoted(&mut self) -> Read<Part<'a>> {
        let start = self.at;
        self.at += 1;
        let inside = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'`' => break,
                b'\\' if matches!(self.peek_at(1), Some(b'`' | b'\\' | b'$')) => return self.failure(),
                _ => self.at += 1,
            }
        }
        if self.peek().is_none() {
            return self.failure();
        }
        let (close, end) = (self.at, self.end);
        (self.at, self.end) = (inside, close);
        let statements = self.deeper(|cursor| cursor.statements(Stop::End));
        let complete = self.at >= close;
        self.end = end;
        let statements = statements?;
        if !complete {
            return self.failure();
        }
        self.at = close + 1;
        Ok(Part::Command(Substitution { span: Span::new(start, self.at), statements }))
    }

    /// Text in double quotes, a parameter or an arithmetic expression, up to what closes it.
    fn quoted_until(&mut self, closing: Closing) -> Read<Vec<Part<'a>>> {
        let mut parts = Vec::new();
        let mut literal = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            let close = match closing {
                Closing::Quote => byte == b'"',
                Closing::Brace => byte == b'}',
                Closing::Bracket => byte == b']' && open == 0,
                Closing::Arithmetic => byte == b')' && open == 0,
            };
            if close {
                if literal < self.at {
                    parts.push(Part::Literal(self.since(literal)));
                }
                self.at += 1;
                if closing == Closing::Arithmetic && !self.take(")") {
                    return self.failure();
                }
                return Ok(parts);
            }
            match byte {
                b'\\' => {
                    self.at += 1;
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                    continue;
                }
                b'(' | b'[' => open += 1,
                b')' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
            let nested = match byte {
                b'$' | b'`' => true,
                b'\'' | b'"' => closing == Closing::Brace,
                _ => false,
            };
            if !nested {
                self.at += 1;
                continue;
            }
            if literal < self.at {
                parts.push(Part::Literal(self.since(literal)));
            }
            self.count()?;
            parts.push(if byte == b'$' { self.expansion(true)? } else { self.part(byte)? });
            literal = self.at;
        }
        self.failure()
    }

    /// The text of `((…))`, behind the opening parentheses.
    pub(super) fn arithmetic_text(&mut self) -> Read<Vec<Part<'a>>> {
        self.deeper(|cursor| cursor.quoted_until(Closing::Arithmetic))
    }

    /// The substitutions in the text of a here-document.
    pub(super) fn document_parts(&mut self, body: Span) -> Read<Vec<Part<'a>>> {
        let end = self.end;
        (self.at, self.end) = (body.start, body.end);
        let mut parts = Vec::new();
        let mut read = || {
            while let Some(byte) = self.peek() {
                match byte {
                    b'\\' => self.at = (self.at + 2).min(self.end),
                    b'$' | b'`' => {
                        self.count()?;
                        parts.push(if byte == b'$' { self.expansion(true)? } else { self.backquoted()? });
                    }
                    _ => self.at += 1,
                }
            }
            Ok(())
        };
        let result = read();
        self.end = end;
        result.map(|()| parts)
    }
}

/// What ends a quoted text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Quote,
    Brace,
    Bracket,
    Arithmetic,
}
