//! The types of settings values, and the small notation that the key table writes them in.
//!
//! ```text
//! boolean  string  number  integer  any  null    with bounds: integer>0, number>=0<=1, string>=1
//! "a" | "b"                                      one of these words; "custom:*" is any word that begins so
//! "a" -> "b"                                     this word, which the client reads as the other one
//! array<T>  map<T>  {key: T, other?: T}          `?` marks a member that may be missing; other members
//!                                                are taken out, or stay where `...` stands at the end
//! one{key: T, other: T}                          an object with exactly one of these members
//! named<T>                                       as map<T>, yet what stands at a key that is no name goes alone
//! some<T>                                        an array, or a single T outside managed files
//! text                                           a string; any other value is read as one
//! keys  keys...                                  an object whose members are rows of the table; others go
//! ~T  ~T=[]                                      a wrong value is dropped alone, and what holds it stays;
//!                                                or the client reads this JSON value in its place
//! !T                                             a wrong value costs the file, whatever `~` holds it
//! ?T                                             not looked at by the client: a wrong value stays, without effect
//! switch                                         a boolean that managed files may put in quotes
//! url  secure  time  name  trimmed  path  …      strings of a certain form, see `forms.rs`
//! tagged<{k: "a", …} | {k: "b", …}>              as without `tagged<>`, yet an unknown word at `k` costs
//!                                                the file, whatever `~` holds it
//! @name                                          a type that the table names
//! ```

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::forms::Form;
use crate::json::{Kind, Node};

/// What a value must look like for the client to take it.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Anything at all.
    Any,
    /// `null`, which the client reads as if the key were not there.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A boolean that managed files may put in quotes.
    Switch,
    /// A string whose length in UTF-16 units lies within the bounds.
    String(Bounds),
    /// A string; other plain values are read as one.
    Text,
    /// A number within the bounds.
    Number(Bounds),
    /// A number without a fraction, within the bounds.
    Integer(Bounds),
    /// Exactly this string, or a string with this beginning where it ends in `*`.
    Word(String),
    /// Exactly this string, which the client reads as the second one.
    Synonym(String, String),
    /// An array of such values, its length within the bounds.
    Array(Box<Type>, Bounds),
    /// An array of such values; files that are not managed may give a single one instead.
    OneOrMore(Box<Type>),
    /// An object with any keys and such values.
    Map(Box<Type>),
    /// The same with names as keys, see [`Form::Name`]; what stands at any other goes alone.
    Named(Box<Type>),
    /// An object with these members.
    Object {
        /// The members.
        fields: Vec<Field>,
        /// Whether the client keeps other members.
        open: bool,
    },
    /// An object with exactly one of these members.
    One(Vec<Field>),
    /// An object whose members are the rows below this one in the key table.
    Keys {
        /// Whether the client keeps other members.
        open: bool,
    },
    /// One of these.
    Either(Vec<Type>),
    /// One of these objects, whose first member tells which; a word there that tells none is costly.
    Tagged(Vec<Type>),
    /// A wrong value is dropped alone, or read as this value.
    Lenient(Box<Type>, Option<Value>),
    /// A wrong value costs the file, whatever holds it.
    Costly(Box<Type>),
    /// The client does not look at the value when it reads the file.
    Unchecked(Box<Type>),
    /// A string of a certain form.
    Form(Form),
    /// A type that the table names.
    Shared(Arc<Type>),
}

/// One member of an object type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its key.
    pub name: String,
    /// Whether the object is wrong without it.
    pub required: bool,
    /// What its value must look like.
    pub kind: Type,
}

/// Limits of a number or of a length.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// The least value and whether it belongs to the range itself.
    pub least: Option<(f64, bool)>,
    /// The greatest value and whether it belongs to the range itself.
    pub most: Option<(f64, bool)>,
}

impl Bounds {
    /// Whether `value` lies within.
    pub fn hold(self, value: f64) -> bool {
        let above = self.least.is_none_or(|(least, own)| value > least || (own && value >= least));
        let below = self.most.is_none_or(|(most, own)| value < most || (own && value <= most));
        above && below
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some((least, own)) = self.least {
            parts.push(format!("{} {least}", if own { "at least" } else { "above" }));
        }
        if let Some((most, own)) = self.most {
            parts.push(format!("{} {most}", if own { "at most" } else { "below" }));
        }
        f.write_str(&parts.join(" and "))
    }
}

/// What a person reads as "expected …".
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any value"),
            Self::Null => f.write_str("nothing"),
            Self::Boolean | Self::Switch => f.write_str("`true` or `false`"),
            Self::String(bounds) if bounds.least.is_some() => f.write_str("a string that is not empty"),
            Self::String(_) => f.write_str("a string"),
            Self::Number(bounds) => bounded(f, "a number", *bounds),
            Self::Integer(bounds) => bounded(f, "a whole number", *bounds),
            Self::Word(word) => match word.strip_suffix('*') {
                Some(beginning) => write!(f, "a string that begins with `{beginning}`"),
                None => write!(f, "`{word}`"),
            },
            Self::Text => f.write_str("a string"),
            Self::Synonym(word, _) => write!(f, "`{word}`"),
            Self::Array(_, _) | Self::OneOrMore(_) => f.write_str("an array"),
            Self::Map(_) | Self::Named(_) | Self::Object { .. } | Self::Keys { .. } => {
                f.write_str("an object")
            }
            Self::One(fields) => {
                let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
                write!(f, "an object with one of {}", names.join(", "))
            }
            Self::Either(options) | Self::Tagged(options) => {
                let named = options.iter().filter(|option| **option != Self::Null);
                let texts: Vec<String> = named.map(ToString::to_string).collect();
                match texts.split_last() {
                    Some((last, rest)) if !rest.is_empty() => write!(f, "{} or {last}", rest.join(", ")),
                    _ => f.write_str(&texts.join("")),
                }
            }
            Self::Lenient(inner, _) | Self::Costly(inner) | Self::Unchecked(inner) => inner.fmt(f),
            Self::Form(form) => f.write_str(form.describe()),
            Self::Shared(inner) => inner.fmt(f),
        }
    }
}

fn bounded(f: &mut fmt::Formatter<'_>, name: &str, bounds: Bounds) -> fmt::Result {
    f.write_str(name)?;
    if bounds == Bounds::default() { Ok(()) } else { write!(f, " {bounds}") }
}

/// Finds a type by the name that the table gives it.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Arc<Type>>;

impl Type {
    /// Reads the notation of the key table, in which `named` may be used; none where the text is not
    /// of it.
    pub(super) fn parse(text: &str, named: Lookup<'_>) -> Option<Self> {
        let mut reader = Reader { rest: text, named };
        let kind = reader.either()?;
        reader.rest.trim().is_empty().then_some(kind)
    }

    /// Whether `node` is the kind of value that this type speaks of, whatever it holds.
    pub fn is_of_kind(&self, node: &Node) -> bool {
        match self {
            Self::Any => true,
            Self::Null => matches!(node.kind, Kind::Null),
            Self::Boolean | Self::Switch => matches!(node.kind, Kind::Bool(_)),
            Self::String(_) | Self::Word(_) | Self::Synonym(..) | Self::Form(_) => node.as_str().is_some(),
            Self::Number(_) | Self::Integer(_) => matches!(node.kind, Kind::Number(_)),
            Self::Text => true,
            Self::Array(..) | Self::OneOrMore(_) => node.is_array(),
            Self::Map(_)
            | Self::Named(_)
            | Self::Object { .. }
            | Self::One(_)
            | Self::Keys { .. }
            | Self::Tagged(_) => node.is_object(),
            Self::Either(options) => options.iter().any(|option| option.is_of_kind(node)),
            Self::Lenient(inner, _) | Self::Costly(inner) | Self::Unchecked(inner) => inner.is_of_kind(node),
            Self::Shared(inner) => inner.is_of_kind(node),
        }
    }

    /// The options of a choice, or the type itself as the only one.
    fn into_options(self) -> Vec<Self> {
        match self {
            Self::Either(options) => options,
            Self::Shared(inner) if matches!(*inner, Self::Either(_)) => (*inner).clone().into_options(),
            other => vec![other],
        }
    }

    /// Whether the members are rows of the key table.
    pub fn holds_keys(&self) -> bool {
        match self {
            Self::Keys { .. } => true,
            Self::Either(options) => options.iter().any(Self::holds_keys),
            Self::Lenient(inner, _) | Self::Costly(inner) => inner.holds_keys(),
            _ => false,
        }
    }

    /// The type without its outer mark of leniency.
    pub fn strict(&self) -> &Self {
        match self {
            Self::Lenient(inner, _) | Self::Costly(inner) | Self::Unchecked(inner) => inner.strict(),
            other => other,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    named: Lookup<'a>,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        let trimmed = self.rest.trim_start();
        match trimmed.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Option<Type> {
        let first = self.atom()?;
        if !self.take("|") {
            return Some(first);
        }
        let mut options = first.into_options();
        options.extend(self.atom()?.into_options());
        while self.take("|") {
            options.extend(self.atom()?.into_options());
        }
        Some(Type::Either(options))
    }

    fn atom(&mut self) -> Option<Type> {
        if self.take("~") {
            let inner = Box::new(self.atom()?);
            let stand_in = if self.take("=") { Some(self.json()?) } else { None };
            return Some(Type::Lenient(inner, stand_in));
        }
        if self.take("!") {
            return Some(Type::Costly(Box::new(self.atom()?)));
        }
        if self.take("?") {
            return Some(Type::Unchecked(Box::new(self.atom()?)));
        }
        if self.take("(") {
            let inner = self.either()?;
            return self.take(")").then_some(inner);
        }
        if self.take("@") {
            let name = self.name();
            return Some(Type::Shared((self.named)(name.as_str())?));
        }
        if self.rest.trim_start().starts_with('{') {
            return self.object();
        }
        if self.take("\"") {
            let word = self.word()?;
            if self.take("->") && self.take("\"") {
                return Some(Type::Synonym(word, self.word()?));
            }
            return Some(Type::Word(word));
        }
        let name = self.name();
        Some(match name.as_str() {
            "any" => Type::Any,
            "null" => Type::Null,
            "boolean" => Type::Boolean,
            "switch" => Type::Switch,
            "keys" => Type::Keys { open: self.take("...") },
            "string" => Type::String(self.bounds()?),
            "number" => Type::Number(self.bounds()?),
            "integer" => Type::Integer(self.bounds()?),
            "array" => {
                let item = self.argument()?;
                Type::Array(Box::new(item), self.bounds()?)
            }
            "some" => Type::OneOrMore(Box::new(self.argument()?)),
            "text" => Type::Text,
            "map" => Type::Map(Box::new(self.argument()?)),
            "named" => Type::Named(Box::new(self.argument()?)),
            "one" => match self.object()? {
                Type::Object { fields, .. } => Type::One(fields),
                _ => return None,
            },
            "tagged" => Type::Tagged(self.argument()?.into_options()),
            name => Type::Form(Form::named(name)?),
        })
    }

    fn json(&mut self) -> Option<Value> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter();
        let value = values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(value)
    }

    fn word(&mut self) -> Option<String> {
        let (word, rest) = self.rest.split_once('"')?;
        self.rest = rest;
        Some(word.to_owned())
    }

    fn argument(&mut self) -> Option<Type> {
        if !self.take("<") {
            return None;
        }
        let inner = self.either()?;
        self.take(">").then_some(inner)
    }

    fn object(&mut self) -> Option<Type> {
        if !self.take("{") {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            if self.take("...") {
                return self.take("}").then_some(Type::Object { fields, open: true });
            }
            let name = self.name();
            let required = !self.take("?");
            if name.is_empty() || !self.take(":") {
                return None;
            }
            fields.push(Field { name, required, kind: self.either()? });
            if !self.take(",") {
                return self.take("}").then_some(Type::Object { fields, open: false });
            }
        }
    }

    fn name(&mut self) -> String {
        self.while_in(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
    }

    /// `>` behind a type closes an argument list unless `=` or a digit follows.
    fn bounds(&mut self) -> Option<Bounds> {
        let mut bounds = Bounds::default();
        loop {
            let mut signs = self.rest.chars();
            let mark = signs.next();
            if !matches!(mark, Some('<' | '>'))
                || !signs.next().is_some_and(|c| c == '=' || c.is_ascii_digit())
            {
                return Some(bounds);
            }
            self.rest = self.rest.get(1..).unwrap_or_default();
            let own = self.take("=");
            let value = self.while_in(|c| c.is_ascii_digit() || c == '.').parse().ok()?;
            match mark {
                Some('>') => bounds.least = Some((value, own)),
                _ => bounds.most = Some((value, own)),
            }
        }
    }

    fn while_in(&mut self, inside: impl Fn(char) -> bool) -> String {
        let text = self.rest.trim_start();
        let end = text.find(|c| !inside(c)).unwrap_or(text.len());
        let (taken, rest) = text.split_at(end);
        let taken = taken.to_owned();
        self.rest = rest;
        taken
    }
}
