//! Rollouts: where each ring stands, what would be done now, and what was done.

mod json;
mod text;

pub use json::{RolloutPreviewReport, RolloutStatusReport, rollout_preview_report, rollout_status_report};
pub use text::{write_agenda, write_done, write_survey};

use crate::fleet::Cast;
use crate::repository::InForce;
use crate::rollout::{Hold, Looked, Member, Plan};

/// A rollout that was looked at.
#[derive(Clone, Copy)]
pub struct Survey<'a> {
    /// How it goes.
    pub plan: &'a Plan,
    /// The policy that it brings.
    pub policy: &'a InForce,
    /// Who takes part, and who does not.
    pub cast: &'a Cast,
    /// Where each member stands.
    pub looked: &'a [Looked],
}

impl<'a> Survey<'a> {
    /// The members, and where each of them stands.
    fn each(self) -> impl Iterator<Item = (&'a Member, &'a Looked)> {
        self.cast.members.iter().zip(self.looked)
    }

    /// A member by its number.
    fn of(self, number: usize) -> Option<(&'a Member, &'a Looked)> {
        self.cast.members.get(number).zip(self.looked.get(number))
    }
}

/// Why no more is done, with the time of day where it is known.
pub fn hold_in_words(hold: &Hold) -> String {
    next(hold).map_or_else(|| hold.to_string(), |at| format!("{hold}; the next may be at {at}"))
}

/// When what holds a rollout ends by itself, where that is known.
fn next(hold: &Hold) -> Option<jiff::Timestamp> {
    match hold {
        Hold::Pace { next, .. } => {
            i64::try_from(*next).ok().and_then(|next| jiff::Timestamp::from_second(next).ok())
        }
        Hold::Paused(_) | Hold::Halted { .. } | Hold::Ring { .. } | Hold::MaxOpen(_) => None,
    }
}
