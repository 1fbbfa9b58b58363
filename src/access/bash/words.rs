//! What words stand for: quotes taken away, known variables put in. What is not known is not followed.

use std::borrow::Cow;

use super::reading::{Reader, Refusal};
use crate::access::Place;
use crate::client::variables;
use crate::shell::{Part, RawWord, Word};

/// What the client puts in for the output of a substitution.
pub(super) const OUTPUT: &str = "__CMDSUB_OUTPUT__";

/// What the client puts in for the value of a variable that it does not know.
pub(super) const UNKNOWN: &str = "__TRACKED_VAR__";

/// What is known of a variable that the line itself sets.
#[derive(Debug, Clone)]
pub(super) enum Known {
    Value(String),
    Unknown,
}

/// What came into a word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// The value of a variable that the line sets.
    pub(super) tracked: bool,
    /// `$?` and the like.
    pub(super) special: bool,
    /// Something that is known only when the line runs.
    pub(super) runtime: bool,
}

impl<'a> Reader<'a> {
    /// The word that was written so, or why the client does not follow it.
    pub(super) fn word(&mut self, raw: &RawWord<'a>, seen: &mut Seen) -> Result<Word<'a>, Refusal> {
        let text = self.slice(raw.span);
        let alone = matches!(raw.parts.as_slice(), [Part::Single(_) | Part::Double(_)]);
        let loose = || {
            raw.parts.is_empty()
                || raw.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{')))
        };
        if !alone
            && text.contains('{')
            && (expands_braces(text) || (loose() && (text.contains(',') || text.contains(".."))))
        {
            return Err(Refusal);
        }
        let mut word = Word::plain(text, raw.span.start);
        if raw.parts.is_empty() {
            word.glob = text.contains(['*', '?', '[']);
            return Ok(word);
        }
        word.quoted = raw.parts.iter().any(|part| {
            matches!(
                part,
                Part::Escaped(_) | Part::Single(_) | Part::Double(_) | Part::Ansi(_) | Part::Localized(_)
            )
        });
        let before = *seen;
        *seen = Seen::default();
        let mut value: Option<String> = None;
        let mut only: Option<Cow<'a, str>> = None;
        for part in &raw.parts {
            let piece = match part {
                Part::Literal(text) => {
                    word.glob |= text.contains(['*', '?', '[']);
                    Cow::Borrowed(*text)
                }
                Part::Escaped(text) | Part::Single(text) => Cow::Borrowed(*text),
                Part::Double(parts) => {
                    word.expansion |= !parts.iter().all(|part| matches!(part, Part::Literal(_)));
                    Cow::Owned(self.quoted(parts, seen)?)
                }
                Part::Variable(name) => {
                    word.expansion = true;
                    Cow::Owned(self.variable(name, false, seen)?)
                }
                Part::Arithmetic(span, parts) => {
                    let text = self.slice(*span);
                    if !is_arithmetic(text, parts) {
                        return Err(Refusal);
                    }
                    word.expansion = true;
                    Cow::Borrowed(text)
                }
                _ => return Err(Refusal),
            };
            if raw.parts.len() == 1 {
                only = Some(piece);
            } else {
                value.get_or_insert_default().push_str(&piece);
            }
        }
        word.value = only.or(value.map(Cow::Owned));
        if seen.runtime && word.value.as_deref().is_some_and(|value| value.starts_with('-')) {
            return Err(Refusal);
        }
        seen.tracked |= before.tracked;
        seen.special |= before.special;
        Ok(word)
    }

    /// A text in double quotes.
    fn quoted(&mut self, parts: &[Part<'a>], seen: &mut Seen) -> Result<String, Refusal> {
        let mut text = String::new();
        let (mut literal, mut dynamic) = (0_usize, false);
        for part in parts {
            match part {
                Part::Literal(piece) => {
                    let piece = unescape(piece);
                    literal += piece.chars().count();
                    text.push_str(&piece);
                }
                Part::Dollar => {
                    literal += 1;
                    text.push('$');
                }
                Part::Variable(name) => {
                    let value = self.variable(name, true, seen)?;
                    if value == UNKNOWN {
                        dynamic = true;
                        seen.runtime = true;
                    } else {
                        literal += 2;
                    }
                    text.push_str(&value);
                }
                Part::Arithmetic(span, parts) => {
                    let piece = self.slice(*span);
                    if !is_arithmetic(piece, parts) {
                        return Err(Refusal);
                    }
                    dynamic = true;
                    text.push_str(piece);
                }
                Part::Command(substitution) => {
                    if let Some(document) = self.printed_document(&substitution.statements) {
                        literal += 2;
                        text.push_str(document.trim_end_matches('\n'));
                        continue;
                    }
                    self.nested(&substitution.statements)?;
                    dynamic = true;
                    seen.runtime = true;
                    text.push_str(OUTPUT);
                }
                _ => return Err(Refusal),
            }
        }
        if dynamic && literal < 2 {
            return Err(Refusal);
        }
        Ok(text)
    }

    fn variable(&self, name: &str, quoted: bool, seen: &mut Seen) -> Result<String, Refusal> {
        match self.scope.iter().rev().find(|(known, _)| *known == name) {
            Some((_, Known::Value(value))) => {
                let splits = value.is_empty() || value.contains([' ', '\t', '\n', '*', '?', '[']);
                if !quoted && splits {
                    return Err(Refusal);
                }
                seen.tracked = true;
                return Ok(value.clone());
            }
            Some((_, Known::Unknown)) if !quoted => return Err(Refusal),
            Some((_, Known::Unknown)) => {
                seen.tracked = true;
                return Ok(UNKNOWN.to_owned());
            }
            None => {}
        }
        if name == "HOME" {
            return Ok(self.place.home.clone());
        }
        if !quoted {
            return Err(Refusal);
        }
        if matches!(name, "?" | "$" | "!" | "#" | "-") {
            seen.special = true;
            return Ok(UNKNOWN.to_owned());
        }
        if variables::is_readable(name) { Ok(UNKNOWN.to_owned()) } else { Err(Refusal) }
    }
}

/// The path of a word that begins with `"$PWD/`, which the client knows in paths only.
pub(super) fn in_working_directory(raw: &str, value: &str, place: &Place) -> Option<String> {
    let rest = value.strip_prefix(UNKNOWN)?;
    raw.trim_start_matches('"').starts_with("$PWD").then(|| format!("{}{rest}", place.project))
}

/// `\$`, `\"`, `\\`, a backquote and a line that goes on, in double quotes.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next @ ('$' | '`' | '"' | '\\'))) => {
                plain.push(*next);
                chars.next();
            }
            _ => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// Whether `{a,b}` or `{a..b}` stands in the text, quoted or not.
fn expands_braces(text: &str) -> bool {
    text.split('{').skip(1).any(|rest| {
        let end = rest.find(['{', '}', ' ', '\t', '\n']);
        let inside =
            end.filter(|end| rest.as_bytes().get(*end) == Some(&b'}')).and_then(|end| rest.get(..end));
        inside.is_some_and(|inside| inside.contains(',') || inside.contains(".."))
    })
}

/// Numbers and operators alone.
fn is_arithmetic(text: &str, parts: &[Part<'_>]) -> bool {
    let Some(inside) = text.strip_prefix("$((").and_then(|text| text.strip_suffix("))")) else {
        return false;
    };
    let fine = |byte: u8| byte.is_ascii_digit() || b" \t\n+-*/%()<>=!&|^~?:,".contains(&byte);
    let hexadecimal = |word: &str| {
        word.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    parts.iter().all(|part| matches!(part, Part::Literal(_)))
        && inside
            .split(|c: char| !c.is_ascii_alphanumeric())
            .all(|word| word.bytes().all(|b| b.is_ascii_digit()) || hexadecimal(word))
        && inside.bytes().all(|byte| fine(byte) || byte.is_ascii_alphanumeric())
}
