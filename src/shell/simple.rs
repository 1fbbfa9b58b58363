//! Simple commands: assignments, words, redirections and here-documents.

use super::cursor::{Cursor, Pending, Read};
use super::substitution::{ends_word, is_name};
use super::tree::{Assignment, Compound, Kind, Node, Part, RawWord, Redirection, Simple};
use crate::text::Span;

impl<'a> Cursor<'a> {
    pub(super) fn trailing_redirections(&mut self) -> Read<Vec<Redirection<'a>>> {
        let mut redirections = Vec::new();
        loop {
            let before = self.at;
            self.skip_blanks();
            match self.redirection(false)? {
                Some(redirection) => redirections.push(redirection),
                None => {
                    self.at = before;
                    return Ok(redirections);
                }
            }
        }
    }

    pub(super) fn simple(&mut self) -> Read<Node<'a>> {
        let start = self.at;
        let mut end = start;
        let mut simple = Simple {
            span: Span::at(start),
            assignments: Vec::new(),
            words: Vec::new(),
            redirections: Vec::new(),
        };
        loop {
            self.skip_blanks();
            if let Some(mut redirection) = self.redirection(simple.words.is_empty())? {
                let name = simple.words.last().map_or("", |word| self.slice(word.span));
                redirection.names_variable =
                    simple.words.last().is_some_and(|word| word.span.end == redirection.span.start)
                        && name.starts_with('{')
                        && name.ends_with('}');
                if redirection.leading || redirection.operator == "<<<" {
                    end = self.at;
                }
                simple.redirections.push(redirection);
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => break,
                Some(b'#') if self.starts_comment() => break,
                Some(b'(') => {
                    let only = simple.words.len() == 1 && simple.assignments.is_empty();
                    if only && simple.redirections.is_empty() && self.take("(") {
                        self.skip_blanks();
                        if self.take(")") {
                            self.skip_lines()?;
                            let body = Box::new(self.command()?);
                            let kind = Kind::Function(body);
                            let span = Span::new(start, self.at);
                            return Ok(Node::Compound(Box::new(Compound {
                                span,
                                kind,
                                redirections: Vec::new(),
                            })));
                        }
                    }
                    return self.failure();
                }
                _ => {}
            }
            let assignment = if simple.words.is_empty() { self.assignment()? } else { None };
            if let Some(assignment) = assignment {
                simple.assignments.push(assignment);
                end = self.at;
                continue;
            }
            let word = self.word()?;
            if word.span.is_empty() {
                return self.failure();
            }
            simple.words.push(word);
            end = self.at;
        }
        if simple.words.is_empty() && simple.assignments.is_empty() && simple.redirections.is_empty() {
            return self.failure();
        }
        if self.is_odd_test(&simple) {
            return self.failure();
        }
        simple.span = Span::new(start, end.max(start));
        Ok(Node::Simple(Box::new(simple)))
    }

    /// Forms of `test` and `[` that the client's parser stumbles over.
    fn is_odd_test(&self, simple: &Simple<'a>) -> bool {
        let Some((first, rest)) = simple.words.split_first() else { return false };
        let is = |word: &RawWord<'a>, text: &str| self.slice(word.span) == text;
        match self.slice(first.span) {
            "test" => rest.iter().any(|word| is(word, "=")),
            "[" => {
                !rest.iter().any(|word| is(word, "]"))
                    || rest.iter().any(|word| is(word, "-a") || is(word, "-o"))
            }
            name => name.starts_with('[') && first.parts.is_empty(),
        }
    }

    fn starts_comment(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        before.is_none_or(|byte| ends_word(*byte))
    }

    /// `name=value` that begins here.
    fn assignment(&mut self) -> Read<Option<Assignment<'a>>> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let length = bytes.iter().position(|byte| !is_name(*byte)).unwrap_or(bytes.len());
        if length == 0 || bytes.first().is_some_and(u8::is_ascii_digit) {
            return Ok(None);
        }
        let name = self.rest().get(..length).unwrap_or_default();
        let mut after = length;
        let subscript = bytes.get(after) == Some(&b'[');
        if subscript {
            let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
            let inside = bytes.get(after..line).unwrap_or_default();
            match inside.windows(2).position(|pair| pair == b"]=" || pair == b"]+") {
                Some(at) if !inside.get(..at).unwrap_or_default().contains(&b' ') => after += at + 1,
                _ => return Ok(None),
            }
        }
        let append = bytes.get(after) == Some(&b'+') && bytes.get(after + 1) == Some(&b'=');
        after += usize::from(append);
        if bytes.get(after) != Some(&b'=') {
            return Ok(None);
        }
        self.at = start + after + 1;
        let list = self.peek() == Some(b'(');
        let value = if list { self.values()? } else { self.word()? };
        let span = Span::new(start, self.at);
        Ok(Some(Assignment { span, name, subscript, append, list, value }))
    }

    /// The values of a list in parentheses, as the pieces of one word.
    fn values(&mut self) -> Read<RawWord<'a>> {
        let start = self.at;
        self.at += 1;
        let mut parts: Vec<Part<'a>> = Vec::new();
        loop {
            self.skip_lines()?;
            match self.peek() {
                Some(b')') => break,
                None => return self.failure(),
                _ => {}
            }
            let word = self.word()?;
            if word.span.is_empty() {
                return self.failure();
            }
            parts.extend(word.parts);
        }
        self.at += 1;
        Ok(RawWord { span: Span::new(start, self.at), parts })
    }

    /// The redirection that begins here.
    fn redirection(&mut self, leading: bool) -> Read<Option<Redirection<'a>>> {
        const OPERATORS: &[&str] = &["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"];
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let digits = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
        let behind = self.rest().get(digits..).unwrap_or_default();
        let Some(operator) = OPERATORS.iter().find(|operator| behind.starts_with(**operator)) else {
            return Ok(None);
        };
        let is_process = matches!(*operator, "<" | ">") && behind.as_bytes().get(1) == Some(&b'(');
        if is_process || (digits > 0 && operator.starts_with('&')) {
            return Ok(None);
        }
        self.count()?;
        let descriptor = self.rest().get(..digits).unwrap_or_default();
        self.at += digits + operator.len();
        self.skip_blanks();
        let target = self.word()?;
        let mut redirection = Redirection {
            span: Span::new(start, self.at),
            descriptor,
            operator,
            target,
            leading,
            names_variable: false,
            quoted: false,
            body: Span::default(),
            body_parts: Vec::new(),
            followed: false,
        };
        if matches!(redirection.operator, "<<" | "<<-") {
            self.document(&mut redirection)?;
        }
        Ok(Some(redirection))
    }

    /// Reads the text of a here-document, which begins on the next line, and goes on behind its end word.
    fn document(&mut self, redirection: &mut Redirection<'a>) -> Read<()> {
        let target = &redirection.target;
        if target.span.is_empty() {
            return self.failure();
        }
        redirection.quoted = !target.parts.is_empty();
        let end_word =
            if redirection.quoted { plain_text(&target.parts) } else { self.slice(target.span).to_owned() };
        let line = self.rest().find('\n').map_or(self.end, |at| self.at + at);
        let here = self.at;
        let rest_of_line = self.text.get(here..line).unwrap_or_default();
        redirection.followed = !rest_of_line.trim_matches([' ', '\t']).is_empty();
        let document = self.documents.len();
        self.documents.push(Pending {
            end_word,
            quoted: redirection.quoted,
            strip_tabs: redirection.operator == "<<-",
            body: Span::at(line),
            body_parts: Vec::new(),
            done: false,
        });
        if redirection.followed || self.first_pending < document {
            return Ok(());
        }
        self.at = line;
        if self.peek() == Some(b'\n') {
            self.at += 1;
            self.read_documents()?;
        } else {
            self.first_pending = self.documents.len();
        }
        self.fill(redirection, document);
        Ok(())
    }
}

fn plain_text(parts: &[Part<'_>]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(piece) | Part::Escaped(piece) | Part::Single(piece) | Part::Ansi(piece) => {
                text.push_str(piece)
            }
            Part::Double(inner) | Part::Localized(inner) => text.push_str(&plain_text(inner)),
            Part::Variable(name) => {
                text.push('$');
                text.push_str(name);
            }
            Part::Dollar => text.push('$'),
            _ => {}
        }
    }
    text
}
