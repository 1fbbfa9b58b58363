//! From the tree of a command line to the commands that run, as far as the client follows it.
//!
//! INVARIANT: where the client gives up, so does this: no command is taken for another.
//!
//! Leaves out the rules.

use std::borrow::Cow;

use super::candidates::Command;
use super::words::{Known, Seen, UNKNOWN};
use crate::access::Place;
use crate::client::{Profile, builtins, variables};
use crate::shell::{
    Assignment, Compound, For, Join, Kind, Node, Part, RawWord, Redirection, Simple, Statement, Statements,
    Word,
};
use crate::text::Span;

/// The client does not follow the line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal;

/// One command that runs.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    pub(super) span: Span,
    /// What rules are held against: as it is written, without redirections behind it.
    pub(super) text: Cow<'a, str>,
    pub(super) words: Vec<Word<'a>>,
    pub(super) assignments: Vec<(&'a str, Span)>,
    pub(super) files: Vec<File<'a>>,
    /// Whether the value of a variable that the line sets stands in it.
    pub(super) tracked: bool,
    /// Whether `$?` or the like stands in it.
    pub(super) special: bool,
    /// Whether `text` was put together from the words.
    pub(super) rebuilt: bool,
    /// Whether it is a form that is never allowed without a question (`eval`).
    pub(super) refused: bool,
    /// Whether a redirection stands in front of its words.
    pub(super) redirected_first: bool,
    /// Whether another command reads what it prints.
    pub(super) piped: bool,
}

/// A file that a redirection names.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) word: Word<'a>,
    pub(super) writes: bool,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// A group in parentheses stands in it.
    pub(super) groups: bool,
    /// A `|` that is not within a compound command or substitution.
    pub(super) pipeline: bool,
    /// It sets a variable within a compound command or substitution.
    pub(super) inner_sets: bool,
    /// Variables that it sets for itself.
    pub(super) sets: Vec<&'a str>,
    /// A `&` at its top.
    pub(super) background: bool,
    /// A pipeline within a compound command or substitution.
    pub(super) inner_pipeline: bool,
}

impl<'a> Line<'a> {
    /// One command of plain words: what [`read`] makes of it.
    pub(super) fn plain(text: &'a str, words: Vec<Word<'a>>, profile: &Profile) -> Self {
        let start = words.first().map_or(0, |word| word.span.start);
        let end = words.last().map_or(0, |word| word.span.end);
        let piece = Piece {
            span: Span::new(start, end),
            text: Cow::Borrowed(text.get(start..end).unwrap_or_default()),
            refused: is_refused(profile, text, &words),
            words,
            assignments: Vec::new(),
            files: Vec::new(),
            tracked: false,
            special: false,
            rebuilt: false,
            redirected_first: false,
            piped: false,
        };
        Self { pieces: vec![piece], ..Self::default() }
    }
}

pub(super) struct Reader<'a> {
    profile: &'a Profile,
    pub(super) text: &'a str,
    pub(super) place: &'a Place,
    /// What the line sets.
    pub(super) scope: Vec<(&'a str, Known)>,
    line: Line<'a>,
    depth: usize,
    stops_at_bracket: bool,
}

/// A line that the client does not follow.
#[derive(Debug)]
pub(super) struct Unread<'a> {
    /// The commands in front of a `[` with redirections, at which it stops; none for all other reasons.
    pub(super) before: Line<'a>,
}

/// Reads the commands of a tree.
pub(super) fn read<'a>(
    text: &'a str,
    statements: &Statements<'a>,
    place: &'a Place,
    profile: &'a Profile,
) -> Result<Line<'a>, Unread<'a>> {
    let (scope, line) = (Vec::new(), Line::default());
    let mut reader = Reader { profile, text, place, scope, line, depth: 0, stops_at_bracket: false };
    match reader.statements(statements) {
        Ok(()) => Ok(reader.line),
        Err(Refusal) if reader.stops_at_bracket => Err(Unread { before: reader.line }),
        Err(Refusal) => Err(Unread { before: Line::default() }),
    }
}

impl<'a> Reader<'a> {
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// Reads with what is set so far, and forgets what is set meanwhile.
    fn apart<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let before = self.scope.clone();
        let result = read(self);
        self.scope = before;
        result
    }

    fn inside<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn nested(&mut self, statements: &Statements<'a>) -> Result<(), Refusal> {
        self.inside(|reader| reader.apart(|reader| reader.statements(statements)))
    }

    fn statements(&mut self, statements: &Statements<'a>) -> Result<(), Refusal> {
        let before = self.scope.clone();
        for statement in statements {
            self.statement(statement)?;
            if statement.background {
                if self.depth > 0 {
                    return Err(Refusal);
                }
                self.line.background = true;
                self.scope.clone_from(&before);
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Result<(), Refusal> {
        self.node(&statement.node)
    }

    fn node(&mut self, node: &Node<'a>) -> Result<(), Refusal> {
        match node {
            Node::Simple(simple) => self.simple(simple),
            Node::Pipeline(parts) => {
                self.line.inner_pipeline |= self.depth > 0;
                self.line.pipeline |= self.depth == 0;
                self.line.inner_sets |= parts.iter().any(only_sets);
                for (at, part) in parts.iter().enumerate() {
                    let first = self.line.pieces.len();
                    self.apart(|reader| reader.node(part))?;
                    if at + 1 < parts.len() {
                        self.line.pieces.iter_mut().skip(first).for_each(|piece| piece.piped = true);
                    }
                }
                Ok(())
            }
            Node::List(first, rest) => {
                let before = self.scope.clone();
                let has_or = rest.iter().any(|(join, _)| *join == Join::Or);
                self.node(first)?;
                for (join, part) in rest {
                    if *join == Join::Or {
                        self.scope.clone_from(&before);
                    }
                    self.node(part)?;
                }
                if has_or {
                    self.scope = before;
                }
                Ok(())
            }
            Node::Negated(inner) => {
                self.line.inner_sets |= only_sets(inner);
                self.node(inner)
            }
            Node::Compound(compound) => self.compound(compound),
        }
    }

    fn compound(&mut self, compound: &Compound<'a>) -> Result<(), Refusal> {
        if !compound.redirections.is_empty() {
            return Err(Refusal);
        }
        match &compound.kind {
            Kind::Subshell(body) => {
                self.line.groups = true;
                if holds_semicolon(self.slice(compound.span), compound.span.start, body) {
                    return Err(Refusal);
                }
                self.apart(|reader| reader.inside(|reader| reader.statements(body)))
            }
            Kind::If(bodies) => self.inside(|reader| {
                bodies.iter().try_for_each(|body| reader.apart(|reader| reader.statements(body)))
            }),
            Kind::Loop(condition, body) => self.inside(|reader| {
                reader.apart(|reader| {
                    reader.statements(condition)?;
                    reader.statements(body)
                })
            }),
            Kind::For(loop_) => self.inside(|reader| reader.for_loop(loop_)),
            Kind::Test(words) => self.test(compound.span, words),
            Kind::Group(_)
            | Kind::Arithmetic(_)
            | Kind::CountingFor(..)
            | Kind::Select(_)
            | Kind::Case(..)
            | Kind::Function(_) => Err(Refusal),
        }
    }

    fn for_loop(&mut self, loop_: &For<'a>) -> Result<(), Refusal> {
        if loop_.braces || variables::is_guarded(loop_.name) {
            return Err(Refusal);
        }
        for word in loop_.words.iter().flatten() {
            if let [Part::Command(substitution)] = word.parts.as_slice() {
                self.nested(&substitution.statements)?;
            } else {
                self.word(word, &mut Seen::default())?;
            }
        }
        self.set(loop_.name, Known::Unknown);
        self.line.sets.push(loop_.name);
        self.apart(|reader| reader.statements(&loop_.body))
    }

    fn test(&mut self, span: Span, words: &[RawWord<'a>]) -> Result<(), Refusal> {
        let mut seen = Seen::default();
        let mut found = vec![Word::plain("[[", span.start)];
        for word in words {
            found.push(self.word(word, &mut seen)?);
        }
        let close = span.end.saturating_sub(2);
        found.push(Word::plain(self.slice(Span::new(close, span.end)), close));
        self.push(span, found, Vec::new(), Vec::new(), seen, false);
        Ok(())
    }

    fn simple(&mut self, simple: &Simple<'a>) -> Result<(), Refusal> {
        let mut seen = Seen::default();
        let first = simple.words.first();
        let name = first.map_or("", |word| self.slice(word.span));
        let mut files = Vec::new();
        for redirection in &simple.redirections {
            if let Some(file) = self.redirection(simple, redirection, &mut seen)? {
                files.push(file);
            }
        }
        for assignment in &simple.assignments {
            self.assignment(assignment, first.is_none(), simple.assignments.len())?;
        }
        if simple.words.is_empty() && simple.redirections.is_empty() {
            return Ok(());
        }
        let closed = simple.words.last().is_some_and(|word| self.slice(word.span) == "]");
        if name == "[" && closed && !simple.redirections.is_empty() {
            self.stops_at_bracket = true;
            return Err(Refusal);
        }
        let declares = builtins::declares(name);
        let mut words = Vec::with_capacity(simple.words.len());
        for raw in &simple.words {
            let word = self.word(raw, &mut seen)?;
            if declares
                && let Some((name, value)) = word.value.as_deref().and_then(|value| value.split_once('='))
            {
                self.declare(raw, name, value)?;
            }
            words.push(word);
        }
        if name == "read" || name == "unset" || declares {
            self.forget(simple);
        }
        let assignments =
            simple.assignments.iter().map(|assignment| (assignment.name, assignment.span)).collect();
        let leading = simple.redirections.iter().any(|redirection| redirection.leading);
        self.push(simple.span, words, assignments, files, seen, leading);
        Ok(())
    }

    /// Variables that a command sets or takes away.
    fn forget(&mut self, simple: &Simple<'a>) {
        let Some((first, rest)) = simple.words.split_first() else { return };
        if !matches!(self.slice(first.span), "read" | "unset") {
            return;
        }
        for word in rest {
            let name = self.slice(word.span);
            if let Some(known) = self.scope.iter_mut().rev().find(|(known, _)| *known == name) {
                known.1 = Known::Unknown;
            }
        }
    }

    fn declare(&mut self, raw: &RawWord<'a>, name: &str, value: &str) -> Result<(), Refusal> {
        if variables::is_guarded(name) {
            return Err(Refusal);
        }
        let text = self.slice(raw.span);
        if let Some(name) = text.get(..name.len()).filter(|written| *written == name) {
            self.set(name, Known::Value(value.to_owned()));
        }
        Ok(())
    }

    fn set(&mut self, name: &'a str, value: Known) {
        let again = self.scope.iter().any(|(known, _)| *known == name);
        self.scope.push((name, if again { Known::Unknown } else { value }));
    }

    /// `alone` says that no command follows.
    fn assignment(&mut self, assignment: &Assignment<'a>, alone: bool, count: usize) -> Result<(), Refusal> {
        if assignment.list
            || assignment.subscript
            || (alone && (count > 1 || variables::is_guarded(assignment.name)))
        {
            return Err(Refusal);
        }
        let written = self.slice(assignment.value.span);
        if written.contains('~')
            && assignment
                .value
                .parts
                .iter()
                .all(|part| matches!(part, Part::Literal(text) if text.contains('~')))
        {
            return Err(Refusal);
        }
        let value = if let [Part::Command(substitution)] = assignment.value.parts.as_slice() {
            self.nested(&substitution.statements)?;
            Known::Unknown
        } else {
            let mut seen = Seen::default();
            let word = self.word(&assignment.value, &mut seen)?;
            match word.value {
                Some(value) if !value.contains(UNKNOWN) && !seen.runtime => Known::Value(value.into_owned()),
                _ => Known::Unknown,
            }
        };
        if !alone {
            return Ok(());
        }
        self.line.sets.push(assignment.name);
        self.line.inner_sets |= self.depth > 0;
        let value = match (assignment.append, value) {
            (false, value) => value,
            (true, Known::Value(more)) => {
                match self.scope.iter_mut().rev().find(|(known, _)| *known == assignment.name) {
                    Some((_, Known::Value(before))) => before.push_str(&more),
                    _ => self.scope.push((assignment.name, Known::Unknown)),
                }
                return Ok(());
            }
            (true, Known::Unknown) => Known::Unknown,
        };
        self.set(assignment.name, value);
        Ok(())
    }

    fn redirection(
        &mut self,
        simple: &Simple<'a>,
        redirection: &Redirection<'a>,
        seen: &mut Seen,
    ) -> Result<Option<File<'a>>, Refusal> {
        let target = &redirection.target;
        let written = self.slice(target.span);
        let comment = self.text.get(redirection.span.end..).is_some_and(|rest| {
            let rest = rest.trim_start_matches([' ', '\t']);
            rest.starts_with('#') && !redirection.operator.starts_with("<<")
        });
        if redirection.names_variable || written.is_empty() || comment {
            return Err(Refusal);
        }
        match redirection.operator {
            "<<" | "<<-" => {
                let others =
                    simple.redirections.iter().filter(|other| other.operator.starts_with("<<")).count();
                let fine = redirection.quoted && !redirection.followed && others == 1;
                return if fine { Ok(None) } else { Err(Refusal) };
            }
            "<<<" if simple.redirections.iter().any(|other| other.operator == "<") => return Err(Refusal),
            "<<<" => {
                self.word(target, seen)?;
                return Ok(None);
            }
            "<>" => return Err(Refusal),
            _ => {}
        }
        let behind = |word: &RawWord<'a>| word.span.start > redirection.span.start;
        let swallows = !redirection.leading && simple.words.iter().any(behind);
        if swallows || written == "-" && redirection.operator.contains('&') {
            return Err(Refusal);
        }
        if matches!(redirection.operator, ">&" | "<&") && written.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let glued =
            target.parts.len() > 1 && target.parts.iter().any(|part| matches!(part, Part::Variable(_)));
        let bare = matches!(target.parts.as_slice(), [Part::Variable(_)]);
        if glued || bare || written.starts_with('!') {
            return Err(Refusal);
        }
        let word = self.word(target, seen)?;
        Ok(Some(File { word, writes: redirection.operator.contains('>') }))
    }

    fn push(
        &mut self,
        span: Span,
        words: Vec<Word<'a>>,
        assignments: Vec<(&'a str, Span)>,
        files: Vec<File<'a>>,
        seen: Seen,
        redirected_first: bool,
    ) {
        let source = self.slice(span);
        let names_variable = source
            .as_bytes()
            .windows(2)
            .any(|pair| matches!(pair, [b'$', next] if next.is_ascii_alphabetic() || *next == b'_'));
        let rebuilt = (names_variable || source.contains('\n')) && !words.is_empty();
        let text = if rebuilt { Cow::Owned(rebuild(source, span, &words)) } else { Cow::Borrowed(source) };
        let refused = is_refused(self.profile, self.text, &words);
        let Seen { tracked, special, .. } = seen;
        self.line.pieces.push(Piece {
            span,
            text,
            words,
            assignments,
            files,
            tracked,
            special,
            rebuilt,
            refused,
            redirected_first,
            piped: false,
        });
    }

    /// The text that `$(cat <<'E' … E)` prints.
    pub(super) fn printed_document(&self, statements: &Statements<'a>) -> Option<&'a str> {
        let [Statement { node: Node::Simple(simple), background: false }] = statements.as_slice() else {
            return None;
        };
        let [name] = simple.words.as_slice() else { return None };
        let [document] = simple.redirections.as_slice() else { return None };
        let is_document = document.operator.starts_with("<<") && document.operator != "<<<";
        let fine = is_document && document.quoted && !document.followed && simple.assignments.is_empty();
        (fine && self.slice(name.span) == "cat").then(|| self.slice(document.body))
    }
}

/// A command that is nothing but assignments.
fn only_sets(node: &Node<'_>) -> bool {
    matches!(node, Node::Simple(simple) if simple.words.is_empty() && !simple.assignments.is_empty())
}

/// Whether the command, or one that it runs, is never allowed by a pattern.
fn is_refused(profile: &Profile, line: &str, words: &[Word<'_>]) -> bool {
    let command = Command { text: line, start: Some(0), line, words, assignments: &[] };
    let mut at = 0;
    for _ in 0..24 {
        let rest = words.get(at..).unwrap_or_default();
        let text = |at: usize| rest.get(at).and_then(|word| word.value.as_deref()).unwrap_or_default();
        if builtins::is_refused(rest) || (text(0) == "time" && text(1).starts_with('-')) {
            return true;
        }
        let is_env = words.get(at).and_then(|word| word.value.as_deref()) == Some("env");
        match command.through(at, is_env.then_some(profile)) {
            Some(next) => at = next,
            None => return false,
        }
    }
    true
}

/// The client's parser gives up on `(a; b)`, though not on `(a && b)` and `(if a; then b; fi)`. `text` is the
/// group, which begins at `start` of the line.
fn holds_semicolon(text: &str, start: usize, body: &Statements<'_>) -> bool {
    let mut inner = Vec::new();
    body.iter().for_each(|statement| compounds(&statement.node, &mut inner));
    body.iter().any(|statement| statement.background)
        || top_semicolons(text)
            .map(|at| at + start)
            .any(|at| !inner.iter().any(|span| span.start <= at && at < span.end))
}

/// Where the outermost compound commands stand.
fn compounds(node: &Node<'_>, found: &mut Vec<Span>) {
    match node {
        Node::Simple(_) => {}
        Node::Pipeline(parts) => parts.iter().for_each(|part| compounds(part, found)),
        Node::List(first, rest) => {
            compounds(first, found);
            rest.iter().for_each(|(_, part)| compounds(part, found));
        }
        Node::Negated(inner) => compounds(inner, found),
        Node::Compound(compound) => found.push(compound.span),
    }
}

/// Where a `;` stands in the text of a group outside of quotes and inner parentheses.
fn top_semicolons(text: &str) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        if std::mem::take(&mut escaped) {
            return None;
        }
        match (quote, byte) {
            (None | Some(b'"'), b'\\') => escaped = true,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b';') if depth == 1 => return Some(at),
            _ => {}
        }
        None
    })
}

/// The words with quotes of one kind.
fn rebuild(source: &str, span: Span, words: &[Word<'_>]) -> String {
    let mut text = String::with_capacity(source.len() + 16);
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        let raw =
            source.get(word.span.start.saturating_sub(span.start)..word.span.end.saturating_sub(span.start));
        let value = word.value.as_deref().or(raw).unwrap_or_default();
        let safe = |c: char| c.is_ascii_alphanumeric() || "_-./=:@%+,".contains(c);
        if !value.is_empty() && value.chars().all(safe) {
            text.push_str(value);
        } else {
            text.push('\'');
            text.push_str(&value.replace('\'', "'\\''"));
            text.push('\'');
        }
    }
    text
}
