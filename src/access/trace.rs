//! Listening to a decision while it is made.

use super::{Cause, RuleId, Verdict};
use crate::text::Span;

/// Hears the steps of a decision. All methods do nothing unless written.
pub trait Trace {
    /// Whether anybody listens: steps that cost something to find are left out otherwise.
    fn listens(&self) -> bool {
        false
    }
    /// A rule matched, whether or not it decides in the end. `part` is the part of a command line.
    fn matched(&mut self, _part: Option<Span>, _rule: RuleId) {}
    /// A part of a command line was judged.
    fn part(&mut self, _part: Span, _text: &str, _verdict: Verdict, _cause: Cause) {}
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Trace for Silent {}
