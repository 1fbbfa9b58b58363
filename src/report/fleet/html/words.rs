//! What the states mean, for readers who do not know them.

use serde::Serialize;

use crate::fleet::State;

/// A state in words.
#[derive(Debug, Serialize)]
pub(super) struct StateWords {
    /// The word for it in files.
    key: String,
    /// The words for it.
    words: &'static str,
    /// What kind of state it is.
    kind: Kind,
    /// Whether somebody has to do something about it.
    attention: bool,
    /// What it means.
    pub(super) meaning: &'static str,
    /// What to do about it, empty where nothing is to be done.
    todo: &'static str,
}

/// States that are counted together.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// All that policy asks for is there.
    Asked,
    /// The policy was applied, and the repository differs from it.
    Drift,
    /// No policy, or another one.
    None,
    /// It could not be read or reached.
    Unknown,
    /// Nobody looks at it.
    Archived,
}

/// The words for a state.
pub(super) fn of(state: State) -> StateWords {
    let (kind, meaning, todo) = match state {
        State::Unreachable => {
            (Kind::Unknown, "it could not be brought here", "see whether it is there, and who may read it")
        }
        State::Unreadable => (
            Kind::Unknown,
            "the repository, its settings or its lock cannot be read",
            "mend the file: the client drops it as well",
        ),
        State::NoPolicy => {
            (Kind::None, "the policy was never applied there, or another one is pinned", "apply the policy")
        }
        State::Edited => {
            (Kind::Drift, "what policy wrote was changed by hand", "apply the policy again, and ask why")
        }
        State::Weaker => (
            Kind::Drift,
            "it lets more happen than policy does, or may: what is not decided counts",
            "run the check there: it says which",
        ),
        State::Behind => (
            Kind::Drift,
            "what it lacks comes with an apply: its pin is older, or it is proved to let nothing more happen",
            "apply the policy as it is now",
        ),
        State::Faulty => (
            Kind::Drift,
            "all that policy asks for is there, and another finding blocks",
            "run the check there: it says which",
        ),
        State::Waived => (
            Kind::Asked,
            "in line by a waiver that it needs, until the day that is told",
            "see to it before that day",
        ),
        State::Stricter => {
            (Kind::Asked, "in line, and proved to hold back a call that policy alone would let through", "")
        }
        State::InLine => (Kind::Asked, "as policy asks", ""),
        State::Archived => {
            (Kind::Archived, "the inventory says that it is archived; it is not looked at", "")
        }
    };
    let (key, words, attention) = (state.key(), state.words(), state.needs_attention());
    StateWords { key, words, kind, attention, meaning, todo }
}
