//! What the guard says of a call, and why.

use super::{Answer, Kind};

/// The line of policy behind an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The rule, where one decided.
    pub rule: Option<String>,
    /// The line: `builtin:baseline/layer.json:12:9`.
    pub origin: String,
    /// Title of the layer.
    pub layer: String,
}

/// An answer with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Refuse or ask.
    pub answer: Answer,
    /// Why, in one sentence.
    pub reason: String,
    /// Who asks for it.
    pub source: Source,
    /// What could not be judged, where no rule decided.
    pub kind: Option<Kind>,
}

impl Said {
    /// The whole sentence, with the line of policy: what the client shows.
    pub fn sentence(&self) -> String {
        let Source { origin, layer, .. } = &self.source;
        match self.kind {
            None => format!("{} of layer `{layer}` ({origin})", self.reason),
            Some(kind) => {
                format!("{}; layer `{layer}` answers `{}` for that ({origin})", self.reason, kind.key())
            }
        }
    }
}

/// All that was said of one call; the first of the strictest counts.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    strictest: Option<Said>,
}

impl Verdicts {
    pub(super) fn add(&mut self, said: Said) {
        if self.strictest.as_ref().is_none_or(|known| said.answer > known.answer) {
            self.strictest = Some(said);
        }
    }

    /// Whether nothing further can change the answer.
    pub(super) fn is_settled(&self) -> bool {
        self.strictest.as_ref().is_some_and(|said| said.answer == Answer::Deny)
    }

    pub(super) fn strictest(self) -> Option<Said> {
        self.strictest
    }
}
