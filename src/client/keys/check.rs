//! Values against types: what the client would not take, and how much is lost with it.

use std::collections::HashMap;

use serde_json::Value;

use super::forms::Form;
use super::nearest::nearest;
use super::types::{Field, Type};
use crate::json::{Kind, Member, Node, Pointer};
use crate::text::Span;

/// Most unknown members of one file for which a likely spelling is sought.
const MOST_GUESSES: usize = 100;

/// One value that is not what the client expects there.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// The value, or the object that lacks a member.
    pub pointer: Pointer,
    /// Where it stands.
    pub span: Span,
    /// What belongs there, to stand behind "expected".
    pub expected: String,
    /// What stands there, to stand behind "found".
    pub found: String,
    /// What is lost with it.
    pub loss: Loss,
}

/// How much the client does not take because of one wrong value.
#[derive(Debug, Clone, PartialEq)]
pub enum Loss {
    /// Everything that holds the value, up to the place where the check began.
    All,
    /// The same, for a hook that may guard what stands beside it.
    Guarded,
    /// What stands at this pointer.
    At(Pointer),
    /// What stands at this pointer; the client puts this value in its place, in any file.
    Reads(Pointer, Value),
    /// Nothing, yet the value has no effect.
    Effect,
}

/// A member that the type does not name.
#[derive(Debug, Clone, PartialEq)]
pub struct Unnamed {
    /// The member.
    pub pointer: Pointer,
    /// Its key.
    pub span: Span,
    /// The known key that was likely meant.
    pub meant: Option<String>,
}

/// A value that the client takes, yet not as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The value.
    pub pointer: Pointer,
    /// What the client reads there, none where it reads nothing.
    pub value: Option<Value>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Wrong values, in order of the text.
    pub mismatches: Vec<Mismatch>,
    /// Members without meaning, in order of the text.
    pub unnamed: Vec<Unnamed>,
    /// Values that the client reads in its own way.
    pub readings: Vec<Reading>,
}

impl Type {
    /// What in `node` is not of this type.
    pub fn check(&self, node: &Node) -> Vec<Mismatch> {
        self.report(node, &Pointer::root(), false).mismatches
    }

    /// What in `node`, which stands at `pointer`, is not of this type or not named by it; `managed`
    /// says that the file is a managed one.
    pub fn report(&self, node: &Node, pointer: &Pointer, managed: bool) -> Report {
        let mut walk = Walk { report: Report::default(), loss: Loss::All, managed };
        walk.value(self, node, pointer);
        walk.report
    }
}

struct Walk {
    report: Report,
    loss: Loss,
    managed: bool,
}

impl Walk {
    fn value(&mut self, kind: &Type, node: &Node, at: &Pointer) {
        match (kind, &node.kind) {
            (Type::Lenient(inner, None), _) => self.within(Loss::At(at.clone()), inner, node, at),
            (Type::Lenient(inner, Some(stand_in)), _) => {
                self.within(Loss::Reads(at.clone(), stand_in.clone()), inner, node, at);
            }
            (Type::Shared(inner), _) => self.value(inner, node, at),
            (Type::Costly(inner), _) => self.within(Loss::Guarded, inner, node, at),
            (Type::Unchecked(inner), _) => self.within(Loss::Effect, inner, node, at),
            (Type::Any, _) | (Type::Boolean | Type::Switch, Kind::Bool(_)) => {}
            (Type::Null, Kind::Null) => self.read(at, None),
            (Type::Switch, Kind::String(text)) if self.managed && is_quoted_switch(text) => {
                self.read(at, Some(Value::Bool(text == "true")));
            }
            (Type::Text, Kind::String(_)) => {}
            (Type::Text, _) => self.text(kind, node, at),
            (Type::OneOrMore(item), Kind::Array(items)) => {
                // The form is asked of a single text only (observed).
                for (index, element) in items.iter().enumerate().filter(|(_, item)| item.as_str().is_none()) {
                    self.value(item, element, &at.join(index.to_string()));
                }
            }
            (Type::OneOrMore(item), Kind::String(text)) if !self.managed && self.takes(item, node) => {
                self.read(at, Some(vec![text.clone()].into()));
            }
            (Type::String(bounds), Kind::String(text)) if bounds.hold(utf16_length(text)) => {}
            (Type::Word(word), Kind::String(text)) if is_word(word, text) => {}
            (Type::Number(bounds), Kind::Number(number))
                if number.as_f64().is_some_and(|value| bounds.hold(value)) => {}
            (Type::Integer(bounds), Kind::Number(number))
                if number.as_f64().is_some_and(|value| is_whole(value) && bounds.hold(value)) => {}
            (Type::Array(item, bounds), Kind::Array(items)) => {
                #[expect(clippy::cast_precision_loss, reason = "no document holds 2^52 entries")]
                if !bounds.hold(items.len() as f64) {
                    self.wrong(kind, node, at);
                }
                for (index, element) in items.iter().enumerate() {
                    // Most lists are long, plain and right: no place is worked out for those entries.
                    if !fits_plainly(item, element) {
                        self.value(item, element, &at.join(index.to_string()));
                    }
                }
            }
            (Type::Map(item), Kind::Object(_)) => {
                for member in effective(node) {
                    self.value(item, &member.value, &at.join(member.key.as_str()));
                }
            }
            (Type::Named(item), Kind::Object(_)) => {
                for member in effective(node) {
                    let place = at.join(member.key.as_str());
                    if !Form::Name.fits(&member.key) {
                        self.report.mismatches.push(Mismatch {
                            pointer: place.clone(),
                            span: member.key_span,
                            expected: Form::Name.describe().to_owned(),
                            found: "no name".to_owned(),
                            loss: Loss::At(place.clone()),
                        });
                    }
                    self.value(item, &member.value, &place);
                }
            }
            (Type::Object { fields, open }, Kind::Object(_)) => self.object(fields, *open, node, at),
            (Type::One(fields), Kind::Object(_)) => match one_of(fields, node) {
                Some(field) => self.object(std::slice::from_ref(field), false, node, at),
                None => self.wrong(kind, node, at),
            },
            (Type::Tagged(options), Kind::Object(_)) => self.either(kind, options, node, at),
            (Type::Keys { open }, Kind::Object(_)) => self.keys(*open, node, at),
            (Type::Synonym(word, meant), Kind::String(text)) if word == text => {
                self.read(at, Some(meant.clone().into()));
            }
            (Type::Form(form), Kind::String(text)) if form.fits(text) => {
                let plain = text.trim();
                if *form == Form::Url && plain != text {
                    self.read(at, Some(plain.into()));
                }
            }
            (Type::Either(options), _) => self.either(kind, options, node, at),
            _ => self.wrong(kind, node, at),
        }
    }

    fn takes(&self, kind: &Type, node: &Node) -> bool {
        kind.report(node, &Pointer::root(), self.managed).mismatches.is_empty()
    }

    fn read(&mut self, at: &Pointer, value: Option<Value>) {
        self.report.readings.push(Reading { pointer: at.clone(), value });
    }

    fn within(&mut self, loss: Loss, kind: &Type, node: &Node, at: &Pointer) {
        let outer = std::mem::replace(&mut self.loss, loss);
        self.value(kind, node, at);
        self.loss = outer;
    }

    /// Numbers and booleans read well as a string; what else stands there was hardly meant so.
    fn text(&mut self, kind: &Type, node: &Node, at: &Pointer) {
        let text = text_of(&node.to_value());
        match &node.kind {
            Kind::Bool(_) | Kind::Number(_) => self.read(at, Some(text.into())),
            _ => {
                let outer = std::mem::replace(&mut self.loss, Loss::Reads(at.clone(), text.into()));
                self.wrong(kind, node, at);
                self.loss = outer;
            }
        }
    }

    fn object(&mut self, fields: &[Field], open: bool, node: &Node, at: &Pointer) {
        for field in fields {
            match node.get(&field.name) {
                Some(value) => self.value(&field.kind, value, &at.join(field.name.as_str())),
                None if field.required => self.report.mismatches.push(Mismatch {
                    pointer: at.clone(),
                    span: node.span,
                    expected: "one with it".to_owned(),
                    found: format!("an object without `{}`", field.name),
                    loss: self.loss.clone(),
                }),
                None => {}
            }
        }
        let known = || fields.iter().map(|field| field.name.as_str());
        for member in effective(node) {
            if !known().any(|name| name == member.key) {
                self.unnamed(member, at, || nearest(&member.key, known()).map(str::to_owned));
                if !open {
                    self.read(&at.join(member.key.as_str()), None);
                }
            }
        }
    }

    fn keys(&mut self, open: bool, node: &Node, at: &Pointer) {
        for member in effective(node) {
            let place = at.join(member.key.as_str());
            match super::at(&place) {
                Some(key) => self.value(key.kind(), &member.value, &place),
                None => {
                    self.unnamed(member, at, || {
                        super::nearest(at, &member.key).map(|key| key.name().to_owned())
                    });
                    if !open {
                        self.read(&place, None);
                    }
                }
            }
        }
    }

    fn unnamed(&mut self, member: &Member, at: &Pointer, meant: impl FnOnce() -> Option<String>) {
        // Who has this many is not helped by a likely spelling for each, and they take time.
        let meant = if self.report.unnamed.len() < MOST_GUESSES { meant() } else { None };
        let pointer = at.join(member.key.as_str());
        self.report.unnamed.push(Unnamed { pointer, span: member.key_span, meant });
    }

    /// Where one option has the right kind of value, its own complaint says more than the sum; of
    /// objects it is the one whose first member holds the word that the option asks for there.
    fn either(&mut self, kind: &Type, options: &[Type], node: &Node, at: &Pointer) {
        if let Some(taken) = options.iter().find(|option| self.takes(option, node)) {
            return self.value(taken, node, at);
        }
        if node.is_object()
            && let Some(tags) = tags(options)
        {
            let value = node.get(tags.name);
            let word = value.and_then(Node::as_str);
            if let Some((_, option)) = tags.options.iter().find(|(known, _)| word == Some(known)) {
                return self.value(option, node, at);
            }
            let costly = matches!(kind, Type::Tagged(_)) && word.is_some();
            let loss = if costly { Loss::All } else { self.loss.clone() };
            let outer = std::mem::replace(&mut self.loss, loss);
            self.wrong_tag(&tags, value, node, at);
            self.loss = outer;
            return;
        }
        let mut near = options.iter().filter(|option| option.is_of_kind(node));
        match (near.next(), near.next()) {
            (Some(option), None) => self.value(option, node, at),
            _ => self.wrong(kind, node, at),
        }
    }

    fn wrong_tag(&mut self, tags: &Tags<'_>, value: Option<&Node>, node: &Node, at: &Pointer) {
        let words = tags.options.iter().map(|(word, _)| Type::Word((*word).to_owned()));
        let expected = Type::Either(words.collect()).to_string();
        let (pointer, span, expected, found) = match value {
            Some(value) => (at.join(tags.name), value.span, expected, describe(value)),
            None => {
                let expected = format!("one where it is {expected}");
                (at.clone(), node.span, expected, format!("an object without `{}`", tags.name))
            }
        };
        self.report.mismatches.push(Mismatch { pointer, span, expected, found, loss: self.loss.clone() });
    }

    fn wrong(&mut self, kind: &Type, node: &Node, at: &Pointer) {
        self.report.mismatches.push(Mismatch {
            pointer: at.clone(),
            span: node.span,
            expected: kind.to_string(),
            found: describe(node),
            loss: self.loss.clone(),
        });
    }
}

/// Whether a plain value fits and is taken as it stands; what needs a closer look is not said to.
fn fits_plainly(kind: &Type, node: &Node) -> bool {
    match (kind, &node.kind) {
        (Type::Lenient(inner, _) | Type::Costly(inner) | Type::Unchecked(inner), _) => {
            fits_plainly(inner, node)
        }
        (Type::Shared(inner), _) => fits_plainly(inner, node),
        (Type::Any, _) | (Type::Boolean, Kind::Bool(_)) | (Type::Text, Kind::String(_)) => true,
        (Type::String(bounds), Kind::String(text)) => bounds.hold(utf16_length(text)),
        _ => false,
    }
}

/// Objects that are told apart by the word in their first member.
struct Tags<'a> {
    name: &'a str,
    options: Vec<(&'a str, &'a Type)>,
}

fn tags(options: &[Type]) -> Option<Tags<'_>> {
    let mut name = None;
    let options = options.iter().map(|option| {
        let Type::Object { fields, .. } = option else { return None };
        let first = fields.first()?;
        let Type::Word(word) = &first.kind else { return None };
        (*name.get_or_insert(first.name.as_str()) == first.name).then_some((word.as_str(), option))
    });
    let options = options.collect::<Option<Vec<_>>>()?;
    Some(Tags { name: name?, options })
}

/// The members that count: of a repeated key the last.
pub(crate) fn effective(node: &Node) -> impl Iterator<Item = &Member> {
    let members = node.members();
    let last: HashMap<&str, usize> =
        members.iter().enumerate().map(|(at, member)| (member.key.as_str(), at)).collect();
    let counts = move |(at, member): &(usize, &Member)| last.get(member.key.as_str()) == Some(at);
    members.iter().enumerate().filter(counts).map(|(_, member)| member)
}

/// A value in a few words: small ones as they stand, others by their kind.
pub fn describe(node: &Node) -> String {
    const LONGEST: usize = 40;
    match &node.kind {
        Kind::Bool(value) => format!("`{value}`"),
        Kind::Number(number) => format!("`{number}`"),
        Kind::String(text) if text.is_empty() => "an empty string".to_owned(),
        Kind::String(text) if text.chars().count() <= LONGEST && !text.contains(['\n', '`']) => {
            format!("`\"{text}\"`")
        }
        Kind::Array(items) if items.is_empty() => "an empty array".to_owned(),
        _ => node.kind_name().to_owned(),
    }
}

fn is_quoted_switch(text: &str) -> bool {
    text == "true" || text == "false"
}

/// The one of `fields` that the object has, none where it has none or several.
fn one_of<'a>(fields: &'a [Field], node: &Node) -> Option<&'a Field> {
    let mut there = fields.iter().filter(|field| node.get(&field.name).is_some());
    there.next().filter(|_| there.next().is_none())
}

/// Whether a number has no fraction and is small enough for a double to hold exactly.
fn is_whole(value: f64) -> bool {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    value.fract() == 0.0 && value.abs() <= LARGEST
}

/// A value as the client writes it into a string.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_text(number),
        Value::Array(items) => {
            let texts = items.iter().map(|item| if item.is_null() { String::new() } else { text_of(item) });
            texts.collect::<Vec<_>>().join(",")
        }
        Value::Object(_) => "[object Object]".to_owned(),
        plain => plain.to_string(),
    }
}

fn number_text(number: &serde_json::Number) -> String {
    let Some(value) = number.as_f64() else { return number.to_string() };
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return format!("{value}");
    }
    let text = format!("{value:e}");
    if size >= 1e21 { text.replacen('e', "e+", 1) } else { text }
}

fn is_word(word: &str, text: &str) -> bool {
    word.strip_suffix('*').map_or(word == text, |beginning| text.starts_with(beginning))
}

/// The length as the client counts it.
#[expect(clippy::cast_precision_loss, reason = "no document holds a string of 2^52 units")]
fn utf16_length(text: &str) -> f64 {
    text.encode_utf16().count() as f64
}
