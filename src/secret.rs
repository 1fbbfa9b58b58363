//! Credentials in a text: where they stand, what they are, and the text without them.
//!
//! Two kinds of sign are known. What a provider issues has a prefix of its own, with a length and an alphabet that
//! its documentation states. Everything else is told by its name, `password=…`, and by being a value that nobody
//! would make up.
//!
//! INVARIANT: nothing here gives back the whole of a credential; [`Secret::shown`] has its first letters at most.
//!
//! Left out: whether a credential still works. Nothing is asked of anybody.

mod known;
mod named;
mod wide;

use std::borrow::Cow;

use crate::text::Span;

/// A credential in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// What it is, with its article: `a token of GitHub`.
    pub what: &'static str,
    /// Where it stands in the text.
    pub span: Span,
    /// Whether its form tells what it is, and not only its name.
    pub known: bool,
    /// How many of its first letters say nothing but what it is.
    prefix: usize,
}

impl Secret {
    /// The credential as it may be shown.
    pub fn shown(&self, text: &str) -> String {
        let whole = text.get(self.span.start..self.span.end).unwrap_or_default();
        format!("{}…", whole.get(..self.prefix).unwrap_or_default())
    }
}

/// The credentials in a text, in their order; none overlaps another.
pub fn find(text: &str) -> Vec<Secret> {
    settle(known::find(text, false), named::find(text))
}

/// The credentials in the value that stands under a name: those in its text, or all of it where the name says so.
pub fn find_under(name: &str, value: &str) -> Vec<Secret> {
    let mut by_name = named::find(value);
    by_name.extend(named::whole(name, value));
    settle(known::find(value, false), by_name)
}

/// Whatever may be a credential, in order; none overlaps another. For texts that are kept and sent on: there is more in
/// it than in [`find`], and some of it is none.
pub fn find_widely(text: &str) -> Vec<Secret> {
    let mut found = known::find(text, true);
    let maybe = |span| Secret { what: "what may be a credential", span, known: false, prefix: 0 };
    found.extend(wide::find(text).into_iter().map(maybe));
    found.sort_by_key(|secret| (secret.span.start, !secret.known));
    let mut apart: Vec<Secret> = Vec::new();
    for secret in found {
        match apart.last_mut() {
            Some(last) if secret.span.start < last.span.end => {
                last.span.end = last.span.end.max(secret.span.end);
            }
            _ => apart.push(secret),
        }
    }
    apart
}

/// The text with its credentials cut short.
pub fn mask(text: &str) -> Cow<'_, str> {
    masked(text, &find(text))
}

/// A part of a word from which on a mixture of letters and digits is opaque, in bytes.
const OPAQUE: usize = 12;

/// Whether nobody would make up such a word, so that it may be a credential of a form that is not known.
pub fn is_opaque(word: &str) -> bool {
    let mixed = |part: &str| {
        part.bytes().any(|byte| byte.is_ascii_digit()) && part.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.split(['-', '_']).any(|part| part.len() >= OPAQUE && mixed(part))
        || (word.len() >= 24 && digits >= 6 && mixed(word))
        || word.len() >= 48
}

/// The text with these credentials cut short.
pub fn masked<'a>(text: &'a str, secrets: &[Secret]) -> Cow<'a, str> {
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    for secret in secrets {
        plain.push_str(text.get(from..secret.span.start).unwrap_or_default());
        plain.push_str(&secret.shown(text));
        from = secret.span.end;
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(plain)
}

/// In order. Of those that overlap, what is known by its form goes before what is known by its name.
fn settle(mut found: Vec<Secret>, others: Vec<Secret>) -> Vec<Secret> {
    let known = found.clone();
    for secret in others {
        // Those that are known are apart and in order: the one that ends behind the start of this is the only one that can
        // overlap it first.
        let next = known.partition_point(|known| known.span.end <= secret.span.start);
        let is_apart = known.get(next).is_none_or(|known| secret.span.end <= known.span.start);
        if is_apart && found.last().is_none_or(|last| last.known || last.span.end <= secret.span.start) {
            found.push(secret);
        }
    }
    found.sort_by_key(|secret| secret.span.start);
    found
}

#[cfg(test)]
mod tests;
