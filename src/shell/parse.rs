//! Statements, lists, pipelines and compound commands.

use super::Failure;
use super::cursor::{Cursor, Read};
use super::substitution::{ends_word, is_name};
use super::tree::{Compound, For, Join, Kind, Node, Part, RawWord, Statement, Statements};
use crate::text::Span;

/// Reads a whole command line.
pub fn parse(text: &str) -> Result<Statements<'_>, Failure> {
    let mut cursor = Cursor::new(text);
    let statements = cursor.statements(Stop::End)?;
    if cursor.peek().is_some() {
        return cursor.failure();
    }
    Ok(statements)
}

/// Whether a shell may read the line in another way: `((` that begins no expression, a substitution that
/// cannot be read or ends in a comment.
pub fn is_ambiguous(text: &str) -> bool {
    let may = |opening: &&str| text.contains(*opening);
    if !text.contains('(') || !["((", "$(", "<(", ">("].iter().any(may) {
        return false;
    }
    let mut cursor = Cursor::new(text);
    let _ = cursor.statements(Stop::End);
    cursor.ambiguous
}

/// What ends a sequence of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The end of the text.
    End,
    /// `)`
    Parenthesis,
    /// One of these words in the place of a command; the end of the text as well.
    Words(&'static [&'static str]),
    /// `;;` or `esac`
    Arm,
}

/// Words that cannot begin a command.
const CLOSING_WORDS: &[&str] = &["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl<'a> Cursor<'a> {
    /// The word without quotes that stands here, where a blank or operator follows it.
    fn bare_word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .bytes()
            .position(|byte| ends_word(byte) || matches!(byte, b'\'' | b'"' | b'\\' | b'$' | b'`'));
        match end {
            Some(end) if rest.as_bytes().get(end).copied().is_some_and(ends_word) => {
                rest.get(..end).unwrap_or_default()
            }
            Some(_) => "",
            None => rest,
        }
    }

    fn is_at(&self, stop: Stop) -> bool {
        match stop {
            Stop::End => self.peek().is_none(),
            Stop::Parenthesis => self.peek() == Some(b')'),
            Stop::Words(words) => words.contains(&self.bare_word()),
            Stop::Arm => self.rest().starts_with(";;") || self.bare_word() == "esac",
        }
    }

    pub(super) fn statements(&mut self, stop: Stop) -> Read<Statements<'a>> {
        let mut statements = Vec::new();
        loop {
            let before = self.at;
            self.skip_lines()?;
            let skipped = self.since(before);
            // A shell may see the end of the substitution in the comment.
            self.ambiguous |= stop == Stop::Parenthesis && skipped.contains('#') && skipped.contains(')');
            if self.peek().is_none() || self.is_at(stop) {
                return Ok(statements);
            }
            self.count()?;
            let node = self.list()?;
            self.skip_blanks();
            let mut background = false;
            match self.peek() {
                Some(b'&') => {
                    background = true;
                    self.at += 1;
                }
                Some(b';') if stop == Stop::Arm && self.peek_at(1) == Some(b';') => {}
                Some(b';') if self.peek_at(1) == Some(b'&') => return self.failure(),
                Some(b';') => self.at += if self.peek_at(1) == Some(b';') { 2 } else { 1 },
                Some(b'\n' | b'#') | None => {}
                Some(_) if self.is_at(stop) => {}
                Some(_) if is_group(&node) => {}
                Some(_) => return self.failure(),
            }
            statements.push(Statement { node, background });
        }
    }

    /// Blanks, newlines and comments.
    pub(super) fn skip_lines(&mut self) -> Read<()> {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.newline()?,
                Some(b'#') => self.skip_comment(),
                _ => return Ok(()),
            }
        }
    }

    /// Blanks and newlines behind an operator.
    fn skip_newlines(&mut self) -> Read<()> {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.newline()?,
                _ => return Ok(()),
            }
        }
    }

    fn list(&mut self) -> Read<Node<'a>> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let join = match (self.peek(), self.peek_at(1)) {
                (Some(b'&'), Some(b'&')) => Join::And,
                (Some(b'|'), Some(b'|')) => Join::Or,
                _ => break,
            };
            self.at += 2;
            self.skip_newlines()?;
            rest.push((join, self.pipeline()?));
        }
        Ok(if rest.is_empty() { first } else { Node::List(Box::new(first), rest) })
    }

    fn pipeline(&mut self) -> Read<Node<'a>> {
        let first = self.command()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            match (self.peek(), self.peek_at(1)) {
                (Some(b'|'), Some(b'|')) => break,
                (Some(b'|'), Some(b'&')) => self.at += 2,
                (Some(b'|'), _) => self.at += 1,
                _ => break,
            }
            self.skip_newlines()?;
            if self.peek().is_none() {
                // The client takes a `|` at the end for none.
                break;
            }
            rest.push(self.command()?);
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(Node::Pipeline(rest))
    }

    pub(super) fn command(&mut self) -> Read<Node<'a>> {
        self.deeper(|cursor| {
            cursor.skip_blanks();
            cursor.count()?;
            let word = cursor.bare_word();
            let start = cursor.at;
            if word == "!" && cursor.peek_at(1).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                let before = cursor.at;
                cursor.at += 1;
                cursor.skip_blanks();
                if !matches!(cursor.peek(), None | Some(b'\n' | b';' | b'&' | b'|' | b')')) {
                    return Ok(Node::Negated(Box::new(cursor.command()?)));
                }
                cursor.at = before;
            }
            let kind = match (cursor.peek(), word) {
                (Some(b'('), _) => cursor.parentheses()?,
                (_, "{") => {
                    cursor.at += 1;
                    let body = cursor.statements(Stop::Words(&["}"]))?;
                    cursor.expect("}")?;
                    Kind::Group(body)
                }
                (_, "if") => cursor.conditional()?,
                (_, "while" | "until") => {
                    cursor.at += 5;
                    let condition = cursor.body(&["do"])?;
                    cursor.expect("do")?;
                    let body = cursor.body(&["done"])?;
                    cursor.close("done")?;
                    Kind::Loop(condition, body)
                }
                (_, "for") => cursor.for_loop()?,
                (_, "select") => {
                    cursor.at += 6;
                    Kind::Select(cursor.for_words()?)
                }
                (_, "case") => cursor.case()?,
                (_, "function") => cursor.function()?,
                (_, "[[") => cursor.test()?,
                (_, word) if CLOSING_WORDS.contains(&word) => return cursor.failure(),
                _ => return cursor.simple(),
            };
            let redirections = cursor.trailing_redirections()?;
            let span = Span::new(start, cursor.at);
            Ok(Node::Compound(Box::new(Compound { span, kind, redirections })))
        })
    }

    /// The statements up to one of these words, at least one.
    fn body(&mut self, words: &'static [&'static str]) -> Read<Statements<'a>> {
        let body = self.statements(Stop::Words(words))?;
        if body.is_empty() { self.failure() } else { Ok(body) }
    }

    fn expect(&mut self, word: &'static str) -> Read<()> {
        if self.bare_word() == word && self.take(word) { Ok(()) } else { self.failure() }
    }

    /// A closing word; the client does without it at the end of the line.
    fn close(&mut self, word: &'static str) -> Read<()> {
        if self.peek().is_none() { Ok(()) } else { self.expect(word) }
    }

    fn parentheses(&mut self) -> Read<Kind<'a>> {
        if self.peek_at(1) == Some(b'(') {
            let before = self.at;
            self.at += 2;
            if let Ok(parts) = self.arithmetic() {
                return Ok(Kind::Arithmetic(parts));
            }
            self.at = before;
            self.ambiguous = true;
        }
        self.at += 1;
        let body = self.statements(Stop::Parenthesis)?;
        if !self.take(")") {
            return self.failure();
        }
        Ok(Kind::Subshell(body))
    }

    fn conditional(&mut self) -> Read<Kind<'a>> {
        const ENDS: &[&str] = &["elif", "else", "fi"];
        let mut bodies = Vec::new();
        self.at += 2;
        loop {
            bodies.push(self.body(&["then"])?);
            if self.peek().is_none() {
                return Ok(Kind::If(bodies));
            }
            self.expect("then")?;
            bodies.push(self.body(ENDS)?);
            if self.bare_word() == "elif" {
                self.at += 4;
                continue;
            }
            if self.bare_word() == "else" {
                self.at += 4;
                bodies.push(self.body(&["fi"])?);
            }
            self.close("fi")?;
            return Ok(Kind::If(bodies));
        }
    }

    fn for_loop(&mut self) -> Read<Kind<'a>> {
        self.at += 3;
        self.skip_blanks();
        if !self.take("((") {
            return Ok(Kind::For(self.for_words()?));
        }
        let parts = self.arithmetic()?;
        self.skip_blanks();
        self.take(";");
        self.skip_lines()?;
        let (body, _) = self.loop_body()?;
        Ok(Kind::CountingFor(parts, body))
    }

    fn for_words(&mut self) -> Read<For<'a>> {
        self.skip_blanks();
        let start = self.at;
        while self.peek().is_some_and(is_name) {
            self.at += 1;
        }
        let name = self.since(start);
        if name.is_empty() {
            return self.failure();
        }
        self.skip_newlines()?;
        let mut words = None;
        if self.bare_word() == "in" {
            self.at += 2;
            let mut found = Vec::new();
            loop {
                self.skip_blanks();
                match self.peek() {
                    Some(b';' | b'\n' | b'#') | None => break,
                    Some(b'<' | b'>') if self.peek_at(1) == Some(b'(') => found.push(self.word()?),
                    Some(byte) if ends_word(byte) => return self.failure(),
                    Some(_) => found.push(self.word()?),
                }
            }
            words = Some(found);
        }
        self.skip_blanks();
        if self.peek() == Some(b';') {
            self.at += 1;
        }
        self.skip_lines()?;
        let (body, braces) = self.loop_body()?;
        Ok(For { name, words, body, braces })
    }

    fn loop_body(&mut self) -> Read<(Statements<'a>, bool)> {
        if self.bare_word() == "{" {
            self.at += 1;
            let body = self.body(&["}"])?;
            self.expect("}")?;
            return Ok((body, true));
        }
        self.expect("do")?;
        let body = self.body(&["done"])?;
        self.close("done")?;
        Ok((body, false))
    }

    fn case(&mut self) -> Read<Kind<'a>> {
        self.at += 4;
        self.skip_blanks();
        let subject = self.word()?;
        self.skip_lines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines()?;
            if self.peek().is_none() || self.bare_word() == "esac" {
                self.close("esac")?;
                return Ok(Kind::Case(subject, arms));
            }
            self.take("(");
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                patterns.push(self.word()?);
                self.skip_blanks();
                if self.take("|") {
                    continue;
                }
                if self.take(")") {
                    break;
                }
                return self.failure();
            }
            let body = self.statements(Stop::Arm)?;
            arms.push((patterns, body));
            self.take(";;");
            self.take("&");
        }
    }

    fn function(&mut self) -> Read<Kind<'a>> {
        self.at += 8;
        self.skip_blanks();
        self.word()?;
        self.skip_blanks();
        if self.take("(") {
            self.skip_blanks();
            if !self.take(")") {
                return self.failure();
            }
        }
        self.skip_lines()?;
        Ok(Kind::Function(Box::new(self.command()?)))
    }

    fn test(&mut self) -> Read<Kind<'a>> {
        self.at += 2;
        let mut words: Vec<RawWord<'a>> = Vec::new();
        let mut regex = false;
        self.skip_newlines()?;
        loop {
            self.skip_blanks();
            let start = self.at;
            if self.bare_word() == "]]" {
                self.at += 2;
                return Ok(Kind::Test(words));
            }
            match self.peek() {
                None | Some(b';' | b'\n') => return self.failure(),
                Some(b'&') if self.peek_at(1) == Some(b'&') => self.at += 2,
                Some(b'|') if self.peek_at(1) == Some(b'|') => self.at += 2,
                Some(b'(' | b')') if !regex => self.at += 1,
                Some(b'<' | b'>') if self.peek_at(1) != Some(b'(') => self.at += 1,
                Some(b'&' | b'|') if !regex => return self.failure(),
                _ => {
                    let word = if regex {
                        self.word_until(|byte| matches!(byte, b' ' | b'\t' | b'\n'))?
                    } else {
                        self.word()?
                    };
                    if word.span.is_empty() {
                        return self.failure();
                    }
                    regex = self.slice(word.span) == "=~";
                    words.push(word);
                    continue;
                }
            }
            words.push(RawWord { span: Span::new(start, self.at), parts: Vec::new() });
        }
    }

    /// The inside of `((…))`, behind the opening parentheses.
    fn arithmetic(&mut self) -> Read<Vec<Part<'a>>> {
        self.arithmetic_text()
    }
}

/// Whether a statement ends without `;`: the client goes on behind a group.
fn is_group(node: &Node<'_>) -> bool {
    matches!(node, Node::Compound(compound) if matches!(compound.kind, Kind::Subshell(_) | Kind::Group(_)))
}
