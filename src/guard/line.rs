//! A command line, statement by statement: which folder it runs in, what its variables hold, what goes from one
//! command into the next.

use std::collections::BTreeSet;

use super::Look;
use super::command::Argument;
use super::kind::Kind;
use super::recursion::Walk;
use super::shown;
use super::words::{self, Glyph, MOST_VALUES, Variables, Word};
use crate::shell::{self, Compound, Kind as Form, Node, Part, RawWord, Redirection, Simple, Statements};

/// Most command lines within each other: `bash -c "bash -c …"`.
const MOST_DEPTH: usize = 8;

/// Longest command line that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// Most letters of all values of one word together.
const MOST_LETTERS: usize = 1024 * 1024;

/// What a line has done before the command that is looked at.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// The folder, none where it is not known.
    pub(super) folder: Option<String>,
    pub(super) variables: Variables,
    /// The variables of loops over patterns: their values are names of files already, in quotes as well.
    pub(super) filled: BTreeSet<String>,
    /// How many command lines this one stands in.
    pub(super) depth: usize,
    /// `*` stands for names with a dot in front.
    pub(super) hidden: bool,
    /// It runs on another machine: rules for commands speak of it, rules for files do not.
    pub(super) elsewhere: bool,
}

/// What comes into a command.
#[derive(Debug, Clone)]
pub(super) enum Feed {
    /// Nothing that this line says.
    Nothing,
    /// This text.
    Text(String),
    /// The names of these files.
    Files(Box<Walk>),
    /// Something that is known only when the line runs.
    Unknown,
}

impl Look<'_> {
    /// The command of a call.
    pub(super) fn command_line(&mut self, text: &str, folder: &str) {
        let variables = Variables::from([
            ("HOME".to_owned(), Some(vec![words::quoted(&self.guard.place.home)])),
            ("CLAUDE_PROJECT_DIR".to_owned(), Some(vec![words::quoted(&self.guard.place.project)])),
        ]);
        let hidden = text.contains("dotglob") || text.contains("globdots") || text.contains("GLOB_DOTS");
        let (folder, filled) = (Some(folder.to_owned()), BTreeSet::new());
        let mut state = State { folder, variables, filled, depth: 0, hidden, elsewhere: false };
        self.line(text, &mut state);
    }

    /// A command line, whole or within another.
    pub(super) fn line(&mut self, text: &str, state: &mut State) {
        if text.len() > LONGEST || state.depth >= MOST_DEPTH {
            self.unclear(Kind::UnreadCommand, "the command line is longer or deeper than the guard reads");
            return;
        }
        state.depth += 1;
        match shell::parse(text) {
            Ok(statements) => self.statements(text, &statements, state, &Feed::Nothing),
            Err(_) => self.unparsed(text, state),
        }
        state.depth -= 1;
    }

    /// A text that is not of the grammar: every piece that may be a command is taken for one.
    fn unparsed(&mut self, text: &str, state: &mut State) {
        self.unclear(Kind::UnreadCommand, format!("the command line cannot be read: `{}`", shown(text)));
        for span in shell::fragments(text) {
            let Some(piece) = text.get(span.start..span.end) else { continue };
            let arguments = piece.split_whitespace().map(|word| {
                let word = word.trim_matches(['"', '\'']);
                let word = word.trim_start_matches(['<', '>', '&', '0', '1', '2']);
                Argument::of(words::plain(word))
            });
            let arguments: Vec<Argument> = arguments.collect();
            self.command(&arguments, state, &Feed::Nothing);
        }
    }

    fn statements(&mut self, text: &str, statements: &Statements<'_>, state: &mut State, feed: &Feed) {
        for statement in statements {
            if self.said.is_settled() {
                return;
            }
            self.node(text, &statement.node, state, feed);
        }
    }

    /// A command of any kind; gives what it prints.
    fn node(&mut self, text: &str, node: &Node<'_>, state: &mut State, feed: &Feed) -> Feed {
        match node {
            Node::Simple(simple) => self.simple(text, simple, state, feed),
            Node::Pipeline(nodes) => {
                let mut feed = feed.clone();
                for node in nodes {
                    feed = self.node(text, node, &mut state.clone(), &feed);
                }
                feed
            }
            Node::List(first, rest) => {
                let mut last = self.node(text, first, state, feed);
                for (_, node) in rest {
                    last = self.node(text, node, state, feed);
                }
                if matches!(last, Feed::Files(_)) { last } else { Feed::Unknown }
            }
            Node::Negated(node) => self.node(text, node, state, feed),
            Node::Compound(compound) => {
                self.compound(text, compound, state, feed);
                Feed::Unknown
            }
        }
    }

    fn compound(&mut self, text: &str, compound: &Compound<'_>, state: &mut State, feed: &Feed) {
        let feed = &self.redirections(text, &compound.redirections, state, feed.clone());
        match &compound.kind {
            Form::Subshell(inside) => self.statements(text, inside, &mut state.clone(), feed),
            Form::Group(inside) => self.statements(text, inside, state, feed),
            Form::Arithmetic(parts) => self.nested(text, parts, state),
            Form::If(branches) => {
                for branch in branches {
                    self.statements(text, branch, state, feed);
                }
            }
            Form::Loop(condition, body) => {
                self.statements(text, condition, state, feed);
                self.statements(text, body, state, feed);
            }
            Form::For(repeat) | Form::Select(repeat) => {
                let values = repeat.words.as_ref().map(|words| {
                    words.iter().flat_map(|word| self.arguments(text, word, state)).collect::<Vec<_>>()
                });
                let values =
                    values.map(|values| values.into_iter().flat_map(|value| value.words).collect::<Vec<_>>());
                let values = values.filter(|values| values.len() <= MOST_VALUES);
                if values.iter().flatten().any(|value| words::is_pattern(value)) {
                    state.filled.insert(repeat.name.to_owned());
                } else {
                    state.filled.remove(repeat.name);
                }
                state.variables.insert(repeat.name.to_owned(), values);
                self.statements(text, &repeat.body, state, feed);
            }
            Form::CountingFor(parts, body) => {
                self.nested(text, parts, state);
                self.statements(text, body, state, feed);
            }
            Form::Case(word, arms) => {
                self.word(text, word, state);
                for (_, body) in arms {
                    self.statements(text, body, state, feed);
                }
            }
            Form::Function(body) => {
                self.node(text, body, &mut state.clone(), &Feed::Unknown);
            }
            Form::Test(words) => {
                for word in words {
                    self.word(text, word, state);
                }
            }
        }
    }

    fn simple(&mut self, text: &str, simple: &Simple<'_>, state: &mut State, feed: &Feed) -> Feed {
        for assignment in &simple.assignments {
            let values = self.word(text, &assignment.value, state);
            let known = !assignment.list && !assignment.subscript && !assignment.append;
            let values = (known && values.len() <= MOST_VALUES).then_some(values);
            state.filled.remove(assignment.name);
            state.variables.insert(assignment.name.to_owned(), values);
        }
        let feed = self.redirections(text, &simple.redirections, state, feed.clone());
        let mut arguments = Vec::new();
        for word in &simple.words {
            arguments.extend(self.arguments(text, word, state));
        }
        if arguments.is_empty() {
            return Feed::Nothing;
        }
        self.command(&arguments, state, &feed)
    }

    /// What redirections read and write; gives what comes into the command.
    fn redirections(
        &mut self,
        text: &str,
        redirections: &[Redirection<'_>],
        state: &mut State,
        mut feed: Feed,
    ) -> Feed {
        for redirection in redirections {
            match redirection.operator {
                "<<" | "<<-" => {
                    self.nested(text, &redirection.body_parts, state);
                    let body = text.get(redirection.body.start..redirection.body.end).unwrap_or_default();
                    feed = Feed::Text(body.to_owned());
                }
                "<<<" => {
                    let words = self.word(text, &redirection.target, state);
                    feed = match words.as_slice() {
                        [word] => words::value(word).map_or(Feed::Unknown, Feed::Text),
                        _ => Feed::Unknown,
                    };
                }
                operator => {
                    let writes = operator.contains('>');
                    let targets = self.arguments(text, &redirection.target, state);
                    let is_descriptor = |argument: &Argument| {
                        argument.text.as_deref().is_some_and(|text| {
                            text == "-" || text.trim_end_matches('-').bytes().all(|b| b.is_ascii_digit())
                        })
                    };
                    for target in targets.iter().filter(|target| !is_descriptor(target)) {
                        if !writes || operator == "<>" {
                            self.read_argument(target, state, "a redirection", true);
                            feed = Feed::Unknown;
                        }
                        if writes {
                            self.write_argument(target, state, "a redirection");
                        }
                    }
                }
            }
        }
        feed
    }

    /// The arguments that a word becomes: several where braces or the value of a variable make several.
    fn arguments(&mut self, text: &str, raw: &RawWord<'_>, state: &mut State) -> Vec<Argument> {
        let mut values = self.word(text, raw, state);
        if let [Part::Variable(_)] = raw.parts.as_slice() {
            values = match values.as_slice() {
                [one] => {
                    return words::split(one).into_iter().map(Argument::of).collect();
                }
                several => several.iter().flat_map(|value| words::split(value)).collect(),
            };
        }
        match values.as_slice() {
            [one] => words::braces(one).into_iter().map(Argument::of).collect(),
            several => {
                let several: Vec<Word> = several.iter().flat_map(|value| words::braces(value)).collect();
                vec![Argument::any_of(several)]
            }
        }
    }

    /// The values that a word may have, at least one.
    fn word(&mut self, text: &str, raw: &RawWord<'_>, state: &mut State) -> Vec<Word> {
        if raw.parts.is_empty() {
            return vec![words::plain(text.get(raw.span.start..raw.span.end).unwrap_or_default())];
        }
        let mut values = vec![Word::new()];
        self.parts(text, &raw.parts, false, state, &mut values);
        values
    }

    fn parts(
        &mut self,
        text: &str,
        parts: &[Part<'_>],
        in_quotes: bool,
        state: &mut State,
        values: &mut Vec<Word>,
    ) {
        for part in parts {
            match part {
                Part::Literal(piece) if in_quotes => append(values, &[words::quoted(&unescape(piece))]),
                Part::Literal(piece) => append(values, &[words::plain(piece)]),
                Part::Escaped(piece) | Part::Single(piece) => append(values, &[words::quoted(piece)]),
                Part::Double(inside) | Part::Localized(inside) => {
                    self.parts(text, inside, true, state, values);
                }
                Part::Ansi(piece) => append(values, &[words::quoted(&words::ansi(piece))]),
                Part::Dollar => append(values, &[words::quoted("$")]),
                Part::Variable(name) => append(values, &variable(name, in_quotes, state)),
                Part::Parameter(inside) => {
                    self.nested(text, inside, state);
                    append(values, &parameter(inside, in_quotes, state));
                }
                Part::Command(inside) => {
                    let printed = self.substituted(text, &inside.statements, state);
                    append(values, &[printed]);
                }
                Part::Process(inside) => {
                    self.statements(text, &inside.statements, &mut state.clone(), &Feed::Nothing);
                    append(values, &[vec![Glyph::Unknown]]);
                }
                Part::Arithmetic(_, inside) => {
                    self.nested(text, inside, state);
                    append(values, &[vec![Glyph::Unknown]]);
                }
            }
        }
    }

    /// What a substitution prints, where the line says so.
    fn substituted(&mut self, text: &str, statements: &Statements<'_>, state: &State) -> Word {
        let mut inner = state.clone();
        if let [statement] = statements.as_slice() {
            let printed = self.node(text, &statement.node, &mut inner, &Feed::Nothing);
            if let Feed::Text(printed) = printed {
                return words::quoted(printed.trim_end_matches('\n'));
            }
        } else {
            self.statements(text, statements, &mut inner, &Feed::Nothing);
        }
        vec![Glyph::Unknown]
    }

    /// The substitutions within parts that are looked at for nothing else.
    fn nested(&mut self, text: &str, parts: &[Part<'_>], state: &mut State) {
        self.parts(text, parts, true, state, &mut vec![Word::new()]);
    }
}

/// Every value with each of the pieces behind it; not known where that makes too many.
fn append(values: &mut Vec<Word>, pieces: &[Word]) {
    let longest = |words: &[Word]| words.iter().map(Vec::len).max().unwrap_or(0);
    let letters = (longest(values) + longest(pieces)) * values.len() * pieces.len();
    if letters > MOST_LETTERS {
        // `X=$X$X`, again and again.
        *values = vec![vec![Glyph::Unknown]];
        return;
    }
    if let [piece] = pieces {
        values.iter_mut().for_each(|value| value.extend_from_slice(piece));
    } else if values.len() * pieces.len() > MOST_VALUES {
        values.iter_mut().for_each(|value| value.push(Glyph::Unknown));
    } else {
        *values = pieces
            .iter()
            .flat_map(|piece| values.iter().map(|value| [value.as_slice(), piece].concat()))
            .collect();
    }
}

fn variable(name: &str, in_quotes: bool, state: &State) -> Vec<Word> {
    if name == "PWD" {
        return vec![state.folder.as_deref().map_or(vec![Glyph::Unknown], words::quoted)];
    }
    let Some(Some(values)) = state.variables.get(name) else { return vec![vec![Glyph::Unknown]] };
    let quotes = in_quotes && !state.filled.contains(name);
    let quote = |glyph: &Glyph| match glyph {
        Glyph::Plain(c) if quotes => Glyph::Quoted(*c),
        // What was quoted where it was set is expanded where it is used.
        Glyph::Quoted(c) if !in_quotes => Glyph::Plain(*c),
        glyph => *glyph,
    };
    values.iter().map(|value| value.iter().map(quote).collect()).collect()
}

/// `${X}` and `${X:-default}`; of all other forms the value is not known.
fn parameter(inside: &[Part<'_>], in_quotes: bool, state: &State) -> Vec<Word> {
    let unknown = || vec![vec![Glyph::Unknown]];
    let [Part::Literal(text)] = inside else { return unknown() };
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, rest) = (text.get(..length).unwrap_or_default(), text.get(length..).unwrap_or_default());
    if rest.is_empty() {
        return variable(name, in_quotes, state);
    }
    let default = [":-", "-", ":=", "=", ":+", "+"].iter().find_map(|operator| rest.strip_prefix(operator));
    match default {
        Some(default) => {
            let mut values = variable(name, in_quotes, state);
            values.push(if in_quotes { words::quoted(default) } else { words::plain(default) });
            values
        }
        None => unknown(),
    }
}

/// A text in double quotes, in which a backslash keeps its own meaning before most letters.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\'
            && let Some(next) = chars.next_if(|next| matches!(next, '$' | '`' | '"' | '\\' | '\n'))
        {
            if next != '\n' {
                plain.push(next);
            }
        } else {
            plain.push(c);
        }
    }
    plain
}
