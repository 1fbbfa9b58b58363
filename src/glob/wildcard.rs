//! Patterns in which only `*` is special and stands for any run of characters, newlines included.

use crate::automaton::Pattern;

/// The character that stands for `*` where one pattern is laid over another: no text holds it, for
/// it is a noncharacter and [`Wildcard::covers`] refuses patterns that do.
const ANYTHING: char = '\u{10ffff}';

/// A pattern of literal pieces with `*` between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wildcard {
    /// INVARIANT: at least one piece; a `*` stands between each two neighbours.
    pieces: Box<[Box<str>]>,
}

impl Wildcard {
    /// A pattern without escapes: every `*` is one.
    pub fn new(pattern: &str) -> Self {
        Self { pieces: pattern.split('*').map(Box::from).collect() }
    }

    /// A pattern in which `\*` is a literal star and `\\` a literal backslash.
    pub fn with_escapes(pattern: &str) -> Self {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' => pieces.push(std::mem::take(&mut piece).into()),
                '\\' => match chars.next_if(|next| matches!(next, '*' | '\\')) {
                    Some(escaped) => piece.push(escaped),
                    None => piece.push('\\'),
                },
                c => piece.push(c),
            }
        }
        pieces.push(piece.into());
        Self { pieces: pieces.into() }
    }

    /// Whether the whole text is of this form.
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &*self.pieces else {
            return self.pieces.first().is_some_and(|only| **only == *text);
        };
        let Some(rest) = text.strip_prefix(&**first) else { return false };
        let Some(mut rest) = rest.strip_suffix(&**last) else { return false };
        for piece in middle {
            match rest.find(&**piece).and_then(|at| rest.get(at + piece.len()..)) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        true
    }

    /// Whether the pattern has no `*`.
    pub fn is_literal(&self) -> bool {
        self.pieces.len() == 1
    }

    /// How many `*` the pattern has.
    pub fn stars(&self) -> usize {
        self.pieces.len() - 1
    }

    /// What every match starts with.
    pub fn prefix(&self) -> &str {
        self.pieces.first().map_or("", |piece| piece)
    }

    /// What every match ends with.
    pub fn suffix(&self) -> &str {
        self.pieces.last().map_or("", |piece| piece)
    }

    /// Whether every text that `narrow` matches is matched by this pattern too. Exact: a character
    /// foreign to both stands for what a `*` of `narrow` may be.
    pub fn covers(&self, narrow: &Self) -> bool {
        let foreign = |pattern: &Self| !pattern.pieces.iter().any(|piece| piece.contains(ANYTHING));
        foreign(self) && foreign(narrow) && self.matches(&narrow.laid_open())
    }

    /// Whether no text matches both, as far as the literal ends tell.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        if self.is_literal() {
            return !other.matches(self.prefix());
        }
        if other.is_literal() {
            return !self.matches(other.prefix());
        }
        let (a, b) = (self.prefix(), other.prefix());
        let (c, d) = (self.suffix(), other.suffix());
        !(a.starts_with(b) || b.starts_with(a)) || !(c.ends_with(d) || d.ends_with(c))
    }

    /// The literal pieces between which a `*` stands, at least one.
    pub fn pieces(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pieces.iter().map(|piece| &**piece)
    }

    /// The same as a pattern for proofs.
    pub fn pattern(&self) -> Pattern {
        let mut parts = Vec::with_capacity(self.pieces.len() * 2);
        for (at, piece) in self.pieces.iter().enumerate() {
            if at > 0 {
                parts.push(Pattern::anything());
            }
            parts.push(Pattern::text(piece));
        }
        Pattern::chain(parts)
    }

    fn laid_open(&self) -> String {
        self.pieces.join(ANYTHING.encode_utf8(&mut [0; 4]) as &str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, is) in [
            ("foo", "foo", true),
            ("foo", "foo ", false),
            ("*", "", true),
            ("foo *", "foo a\nb", true),
            ("foo *", "foo", false),
            ("*a*a", "a", false),
            ("*a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "abcb", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(Wildcard::new(pattern).matches(text), is, "{pattern} {text}");
        }
    }

    #[test]
    fn a_backslash_takes_the_meaning_of_a_star() {
        let pattern = Wildcard::with_escapes(r"a\* *\\\x");
        assert!(pattern.matches(r"a* b\\x"));
        assert!(!pattern.matches(r"ab b\\x"));
    }

    #[test]
    fn covering_agrees_with_all_short_texts() {
        let patterns = ["*", "a*", "*a", "a*a", "a", "aa", "", "*a*", "a*b", "**", "ab*", "*b*a"];
        let mut texts = vec![String::new()];
        for length in 0..5 {
            let longer: Vec<String> = texts.iter().filter(|text| text.len() == length).cloned().collect();
            texts.extend(longer.iter().flat_map(|text| ["a", "b", "c"].map(|c| format!("{text}{c}"))));
        }
        for wide in patterns.map(Wildcard::new) {
            for narrow in patterns.map(Wildcard::new) {
                let seen = texts.iter().all(|text| !narrow.matches(text) || wide.matches(text));
                assert_eq!(wide.covers(&narrow), seen, "{wide:?} {narrow:?}");
                let meet = texts.iter().any(|text| narrow.matches(text) && wide.matches(text));
                assert!(!(meet && wide.is_apart_from(&narrow)), "{wide:?} {narrow:?}");
            }
        }
    }
}
