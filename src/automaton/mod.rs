//! Questions about sets of texts: does one lie within another, do they meet, and which text says otherwise.
//!
//! A [`Language`] is a set of texts, described by [`Pattern`]s and put together by union, intersection and
//! complement. [`implies`], [`equivalent`], [`disjoint`] and [`never_matches`] answer with a [`Proof`]: it
//! holds for every text there is, or here is the least text for which it does not, or the budget was spent.
//!
//! # How it is done
//!
//! Each question is whether some language has a text at all. The language is brought into the form of a few
//! cases: the text must fit one pattern in each of these lists, and none in that list. (`a` but not `b` is
//! one case. "Allowed now and not denied now, and not (allowed then and not denied then)" is two.)
//!
//! What is left of a pattern behind a place in it is a *term*, and a character takes a term to others: these
//! are the partial derivatives of Antimirov, and each pattern has at most one more than it has parts. A text
//! that is read character by character is at some term of a pattern that it must fit (the *walker*; each way
//! through the patterns is followed by itself) and at a *set* of terms of those that it must not fit, since
//! none of them may end. So only what must not fit is made deterministic, and that as far as it is met.
//! Lists beyond the first that must fit are sets as well.
//!
//! All texts are looked through at once, by length, and that ends for four reasons:
//!
//! - characters that no pattern of the question tells apart are one letter, and where a state tells fewer
//!   letters apart, one of the rest is enough;
//! - where the walker is at a term that the set has too, or the set has a wider one, nothing can be found
//!   behind. Patterns that stand on both sides are gone before the first character;
//! - where a term begins with a `*` for anything, all longer terms with that term at their end lie within it
//!   and leave the set. So a prefix pattern, once it is fulfilled, leaves a set of one term;
//! - a state is passed over when an earlier one with the same walker had a set within this one's: everything
//!   that can be found here was found there, by a text that is no worse (an antichain, after De Wulf,
//!   Doyen, Henzinger and Raskin).
//!
//! None of this changes which text is found: the shortest, and among these the first when letters come
//! before digits, digits before `/`, `-`, `_`, `.` and a blank, these before all else, and what cannot be
//! printed last.
//!
//! INVARIANT: an answer is certain or it is [`Proof::Undecided`]. Time and memory are bounded by the
//! [`Budget`], whatever the patterns are.
//!
//! Leaves out what the texts stand for, and the syntax of patterns.

mod alphabet;
mod class;
mod language;
mod pattern;
mod search;
mod subset;
mod term;

pub use class::Class;
pub use language::Language;
pub use pattern::Pattern;

use search::Meter;

/// What is known of a claim about all texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// It holds for every text.
    Proved,
    /// It does not hold for this text, and for no lesser one.
    Refuted(String),
    /// The budget was spent before either was known.
    Undecided,
}

/// How much work questions may take: steps of about the same cost, each a term that is read, moved or
/// compared. Each question takes from it what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Default for Budget {
    fn default() -> Self {
        Self(4_000_000)
    }
}

/// Whether every text of `narrow` is one of `wide`.
pub fn implies(narrow: &Language, wide: &Language, budget: &mut Budget) -> Proof {
    never_matches(&narrow.minus(wide), budget)
}

/// Whether both have the same texts.
pub fn equivalent(a: &Language, b: &Language, budget: &mut Budget) -> Proof {
    never_matches(&a.minus(b).or(&b.minus(a)), budget)
}

/// Whether no text belongs to both.
pub fn disjoint(a: &Language, b: &Language, budget: &mut Budget) -> Proof {
    never_matches(&a.and(b), budget)
}

/// Whether the language has no text.
pub fn never_matches(language: &Language, budget: &mut Budget) -> Proof {
    let mut meter = Meter::new(budget.0);
    let cases = language.cases(true, &mut meter);
    let least = cases.and_then(|cases| search::least(&cases, &mut meter));
    budget.0 = meter.left();
    match least {
        Ok(None) => Proof::Proved,
        Ok(Some(text)) => {
            debug_assert!(language.contains(&text), "{text:?} is not in {language:?}");
            Proof::Refuted(text)
        }
        Err(search::Spent) => Proof::Undecided,
    }
}
