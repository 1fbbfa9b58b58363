//! Path patterns as patterns for proofs.
//!
//! INVARIANT: for every normal path the pattern made here matches what [`PathPattern::covers`] covers.

use std::sync::OnceLock;

use super::{PathPattern, PathText, Piece, Segment, fold};
use crate::automaton::{Class, Pattern};

impl PathPattern {
    /// What is covered, as a pattern for proofs: of normal paths below the root in any case, without a slash
    /// at their beginning. Whether the pattern is negated does not count. None for a pattern with `\b` or `\B`,
    /// which speak of places and not of characters.
    pub fn pattern(&self) -> Option<Pattern> {
        let below = || Pattern::chain([Pattern::text("/"), Pattern::anything()]);
        let mut parts = Vec::new();
        let Some((last, before)) = self.segments.split_last() else { return Some(Pattern::either([])) };
        for segment in before {
            parts.push(match segment {
                Segment::Deep => Pattern::chain([any_name(), Pattern::text("/")]).repeated(),
                segment => Pattern::chain([segment.pattern()?, Pattern::text("/")]),
            });
        }
        match last {
            // At least one more name, and a folder where nothing but `**/` is asked for.
            Segment::Deep => {
                parts.push(any_name());
                parts.push(if self.folder && before.is_empty() { below() } else { Pattern::anything() });
            }
            last => {
                parts.push(last.pattern()?);
                parts.push(if self.folder { below() } else { below().optional() });
            }
        }
        Some(Pattern::chain(parts))
    }
}

impl PathText {
    /// The path in any case, as a pattern for proofs, with a slash at its beginning unless it is the root.
    pub fn pattern(&self) -> Pattern {
        let slash = if self.is_empty() { "" } else { "/" };
        Pattern::chain(std::iter::once(Pattern::text(slash)).chain(self.as_str().chars().map(letter)))
    }
}

impl Segment {
    fn pattern(&self) -> Option<Pattern> {
        Some(match self {
            Self::Deep => any_name(),
            Self::Name(name) => Pattern::chain(name.chars().map(letter)),
            Self::Form(pieces) => match &**pieces {
                [Piece::Many] => any_name(),
                pieces => Pattern::chain(pieces.iter().map(Piece::pattern).collect::<Option<Vec<_>>>()?),
            },
        })
    }
}

impl Piece {
    fn pattern(&self) -> Option<Pattern> {
        Some(match self {
            Self::Edge(_) => return None,
            Self::Char(c) => letter(*c),
            Self::One => Pattern::one(no_slash()),
            Self::Many => Pattern::many(no_slash()),
            Self::Class(ranges) => {
                let cased = || cased().iter().map(|c| (*c, *c));
                let plain = Class::ranges(ranges.iter().copied()).minus(&Class::ranges(cased()));
                let with_case = Class::ranges(cased().filter(|(c, _)| self.matches(fold(*c))));
                Pattern::one(plain.or(&with_case).minus(&Class::single('/')))
            }
        })
    }
}

fn no_slash() -> Class {
    Class::single('/').complement()
}

/// A name; none is empty.
fn any_name() -> Pattern {
    Pattern::chain([Pattern::one(no_slash()), Pattern::many(no_slash())])
}

/// A letter in any case, given as [`fold`] leaves it.
fn letter(folded: char) -> Pattern {
    // No letter beyond ASCII is folded to one of ASCII.
    if folded.is_ascii() {
        return Pattern::one(Class::ranges([folded, folded.to_ascii_lowercase()].map(|c| (c, c))));
    }
    let like = cased().iter().filter(|c| fold(**c) == folded);
    Pattern::one(Class::ranges(like.chain([&folded]).map(|c| (*c, *c))))
}

/// All characters that have another case.
fn cased() -> &'static [char] {
    static CASED: OnceLock<Box<[char]>> = OnceLock::new();
    CASED.get_or_init(|| {
        (char::MIN..=char::MAX).filter(|c| c.to_lowercase().ne([*c]) || c.to_uppercase().ne([*c])).collect()
    })
}
