//! Lines that the client does not follow: what may be a command in them, for rules that refuse.

use std::borrow::Cow;

use super::Around;
use super::candidates::Command;
use crate::access::operands;
use crate::client::blank;
use crate::shell::{self, Kind, Node, Part, RawWord, Redirection, Simple, Statements, Word};
use crate::text::Span;

/// Calls `take` with every simple command of a tree, those in substitutions included.
pub(super) fn each<'a, T>(
    line: &'a str,
    statements: &Statements<'a>,
    take: &mut dyn FnMut(Command<'_>) -> Option<T>,
) -> Option<T> {
    statements.iter().find_map(|statement| node(line, &statement.node, take))
}

/// The same without what stands in substitutions, groups and other compound commands.
pub(super) fn each_at_top<'a, T>(
    line: &'a str,
    statements: &Statements<'a>,
    take: &mut dyn FnMut(Command<'_>) -> Option<T>,
) -> Option<T> {
    statements.iter().find_map(|statement| at_top(line, &statement.node, take))
}

/// The line with what it lacks to be one: without an operator at its end, or with the quote that closes it.
pub(super) fn mended(line: &str) -> Option<String> {
    let begun = line.strip_suffix("&&").or_else(|| line.strip_suffix("||"));
    let whole = begun.map(|begun| blank::trim(begun).to_owned());
    let closed = || ['"', '\''].map(|quote| format!("{line}{quote}"));
    whole.into_iter().chain(closed()).find(|text| shell::parse(text).is_ok())
}

/// The same for a line without a tree, piece by piece.
pub(super) fn each_fragment<T>(line: &str, take: &mut dyn FnMut(Command<'_>) -> Option<T>) -> Option<T> {
    shell::fragments(line).into_iter().find_map(|span| {
        let text = line.get(span.start..span.end)?;
        if let Ok(statements) = shell::parse(text) {
            return each(text, &statements, take);
        }
        let words: Vec<Word<'_>> = split(text).collect();
        take(Command { text, start: Some(0), line: text, words: &words, assignments: &[] })
    })
}

/// Whether a line holds the removal of a folder that always asks.
pub(super) fn removes_critical(around: Around<'_>, line: &str) -> bool {
    // No line without the word needs a look.
    if !line.contains('r') || !line.contains('m') {
        return false;
    }
    each_fragment(line, &mut |command| removal(around, command)).is_some()
}

/// The same for one command.
pub(super) fn removal(around: Around<'_>, command: Command<'_>) -> Option<()> {
    if let Some(script) = command.script(around.profile).and_then(|word| word.value.as_deref()) {
        return removes_critical(around, script).then_some(());
    }
    let words = command.innermost(around.profile);
    let name = words.first().and_then(|word| word.value.as_deref()).unwrap_or_default();
    let removes = matches!(name.rsplit('/').next(), Some("rm" | "rmdir"));
    (removes && operands::removes_critical(command.line, words, around.place)).then_some(())
}

/// Words between blanks.
fn split(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.split([' ', '\t']).filter(|word| !word.is_empty()).map(|word| {
        let start = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Word::plain(word, start)
    })
}

type Take<'t, T> = &'t mut dyn FnMut(Command<'_>) -> Option<T>;

fn node<'a, T>(line: &'a str, node_: &Node<'a>, take: Take<'_, T>) -> Option<T> {
    match node_ {
        Node::Simple(one) => simple(line, one, take),
        Node::Pipeline(parts) => parts.iter().find_map(|part| node(line, part, take)),
        Node::List(first, rest) => {
            node(line, first, take).or_else(|| rest.iter().find_map(|(_, part)| node(line, part, take)))
        }
        Node::Negated(inner) => node(line, inner, take),
        Node::Compound(compound) => {
            // The client also takes what stands before the first `;` for a command: `for i in a b`.
            if let Kind::For(_) = compound.kind {
                let text = line.get(compound.span.start..compound.span.end).unwrap_or_default();
                let text = text.split([';', '\n']).next().unwrap_or_default().trim_end();
                let start = Some(compound.span.start);
                let command = Command { text, start, line, words: &[], assignments: &[] };
                if let Some(found) = take(command) {
                    return Some(found);
                }
            }
            let found = match &compound.kind {
                Kind::Subshell(body) | Kind::Group(body) => each(line, body, take),
                Kind::Arithmetic(found) => parts(line, found, take),
                Kind::If(bodies) => bodies.iter().find_map(|body| each(line, body, take)),
                Kind::Loop(condition, body) => each(line, condition, take).or_else(|| each(line, body, take)),
                Kind::For(one) | Kind::Select(one) => one
                    .words
                    .iter()
                    .flatten()
                    .find_map(|word| parts(line, &word.parts, take))
                    .or_else(|| each(line, &one.body, take)),
                Kind::CountingFor(found, body) => parts(line, found, take).or_else(|| each(line, body, take)),
                Kind::Case(subject, arms) => parts(line, &subject.parts, take).or_else(|| {
                    arms.iter().find_map(|(patterns, body)| {
                        let in_patterns = patterns.iter().find_map(|word| parts(line, &word.parts, take));
                        in_patterns.or_else(|| each(line, body, take))
                    })
                }),
                Kind::Function(body) => node(line, body, take),
                Kind::Test(words) => words.iter().find_map(|word| parts(line, &word.parts, take)),
            };
            found.or_else(|| compound.redirections.iter().find_map(|one| redirection(line, one, take)))
        }
    }
}

fn at_top<'a, T>(line: &'a str, node: &Node<'a>, take: Take<'_, T>) -> Option<T> {
    match node {
        Node::Simple(one) => command(line, one, take),
        Node::Pipeline(parts) => parts.iter().find_map(|part| at_top(line, part, take)),
        Node::List(first, rest) => {
            at_top(line, first, take).or_else(|| rest.iter().find_map(|(_, part)| at_top(line, part, take)))
        }
        Node::Negated(inner) => at_top(line, inner, take),
        Node::Compound(_) => None,
    }
}

fn redirection<'a, T>(line: &'a str, one: &Redirection<'a>, take: Take<'_, T>) -> Option<T> {
    parts(line, &one.target.parts, take).or_else(|| parts(line, &one.body_parts, take))
}

/// One command without what stands within its words.
fn command<'a, T>(line: &'a str, one: &Simple<'a>, take: Take<'_, T>) -> Option<T> {
    let words: Vec<Word<'a>> = one.words.iter().map(|raw| word(line, raw)).collect();
    let assignments: Vec<(&str, Span)> =
        one.assignments.iter().map(|known| (known.name, known.span)).collect();
    let text = line.get(one.span.start..one.span.end).unwrap_or_default();
    let command =
        Command { text, start: Some(one.span.start), line, words: &words, assignments: &assignments };
    if words.is_empty() { None } else { take(command) }
}

fn simple<'a, T>(line: &'a str, one: &Simple<'a>, take: Take<'_, T>) -> Option<T> {
    command(line, one, take)
        .or_else(|| one.assignments.iter().find_map(|known| parts(line, &known.value.parts, take)))
        .or_else(|| one.words.iter().find_map(|word| parts(line, &word.parts, take)))
        .or_else(|| one.redirections.iter().find_map(|known| redirection(line, known, take)))
}

fn parts<'a, T>(line: &'a str, found: &[Part<'a>], take: Take<'_, T>) -> Option<T> {
    found.iter().find_map(|part| match part {
        Part::Double(inner)
        | Part::Localized(inner)
        | Part::Parameter(inner)
        | Part::Arithmetic(_, inner) => parts(line, inner, take),
        Part::Command(inner) | Part::Process(inner) => each(line, &inner.statements, take),
        _ => None,
    })
}

/// A word with the value that quotes leave; none where something is put in.
fn word<'a>(line: &'a str, raw: &RawWord<'a>) -> Word<'a> {
    let text = line.get(raw.span.start..raw.span.end).unwrap_or_default();
    let mut found = Word::plain(text, raw.span.start);
    if raw.parts.is_empty() {
        return found;
    }
    let mut value = String::new();
    found.quoted = true;
    for part in &raw.parts {
        match part {
            Part::Literal(text) | Part::Escaped(text) | Part::Single(text) => value.push_str(text),
            Part::Double(inner) if inner.iter().all(|part| matches!(part, Part::Literal(_))) => {
                inner.iter().for_each(|part| {
                    if let Part::Literal(text) = part {
                        value.push_str(text);
                    }
                });
            }
            _ => found.expansion = true,
        }
    }
    found.value = if found.expansion { None } else { Some(Cow::Owned(value)) };
    found
}
