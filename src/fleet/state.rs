//! From what was found in a repository to the one word for it.
//!
//! [`Verdict::of`] is the only place that decides it.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::{Counts, Finding, Severity};
use crate::policy::Day;
use crate::repository::{Checked, Held};
use crate::rule::{List, implies};

/// Most reasons that are kept of one repository; how many there are more is told.
const MAX_REASONS: usize = 8;

/// Longest message that is kept, in characters: a repository may hold texts of any length.
const MAX_MESSAGE: usize = 300;

/// How a repository stands to the policy, what needs attention most first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It could not be brought here.
    Unreachable,
    /// It, or what the client and the policy read in it, cannot be read.
    Unreadable,
    /// The policy was never applied to it, or another one is pinned.
    NoPolicy,
    /// What policy owns in it was changed by hand.
    Edited,
    /// It allows or lacks something against policy.
    Weaker,
    /// It is pinned to an older state of the policy; `bylaws apply --upgrade` brings it in line.
    Behind,
    /// All that policy asks for is there, and something else in its files blocks.
    Faulty,
    /// It would be weaker were it not for a waiver.
    Waived,
    /// It is in line, and denies or asks for more than policy does.
    Stricter,
    /// It is as policy asks.
    InLine,
    /// Its forge says that it is archived. It is not looked at.
    Archived,
}

impl State {
    /// All of them, what needs attention most first.
    pub const ALL: [Self; 11] = [
        Self::Unreachable,
        Self::Unreadable,
        Self::NoPolicy,
        Self::Edited,
        Self::Weaker,
        Self::Behind,
        Self::Faulty,
        Self::Waived,
        Self::Stricter,
        Self::InLine,
        Self::Archived,
    ];

    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::Edited => "edited",
            Self::Weaker => "weaker",
            Self::NoPolicy => "no policy",
            Self::Behind => "behind",
            Self::Faulty => "faulty",
            Self::Waived => "waived",
            Self::Stricter => "stricter",
            Self::InLine => "in line",
            Self::Archived => "archived",
        }
    }

    /// The word for it in files: no blanks.
    pub fn key(self) -> String {
        self.words().replace(' ', "-")
    }

    /// The state of this word.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether somebody has to do something about it.
    pub fn needs_attention(self) -> bool {
        self <= Self::Faulty
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// Why a repository is in its state.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Reason {
    /// Name of the check, none where the repository could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What is the matter.
    pub message: String,
    /// The file and line, from the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// The state of a repository and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// The last day of the waiver that ends first, of those that the repository needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// The findings that decide the state, the first ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// How many more findings decide it.
    #[serde(default)]
    pub further: usize,
    /// All findings by weight.
    pub counts: Counts,
    /// Whether projects in folders below its root may be there that were not seen.
    #[serde(default)]
    pub is_partial: bool,
}

/// What a finding says about how the repository stands to the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearing {
    /// The settings or the lock say nothing that can be relied on.
    Unreadable,
    /// No policy, or another one, is pinned here.
    Unpinned,
    /// Something of policy's was changed by hand.
    Edited,
    /// Something is against policy and no upgrade mends it.
    Against,
    /// Something that policy asks for is not there; `apply` writes it.
    Missing,
    /// The lock is older than the policy.
    Behind,
    /// Something blocks that policy does not speak of.
    Fault,
    /// Nothing.
    None,
}

impl Bearing {
    fn of(finding: &Finding, held: &Held) -> Self {
        match finding.check {
            "unreadable-settings" | "unreadable-lock" => Self::Unreadable,
            "foreign-policy" => Self::Unpinned,
            "policy-behind" if held.project.lock.is_none() => Self::Unpinned,
            "policy-behind" | "withdrawn-entry" => Self::Behind,
            "edited-managed-entry" | "edited-file-block" => Self::Edited,
            // A layer may say that its breach is only worth knowing.
            _ if !finding.origins.is_empty() && finding.severity >= Severity::Warn => {
                if finding.fix.is_some() { Self::Missing } else { Self::Against }
            }
            _ if finding.severity == Severity::Block => Self::Fault,
            _ => Self::None,
        }
    }
}

impl Verdict {
    /// A repository that was not checked.
    pub fn unchecked(state: State, message: impl Into<String>) -> Self {
        let message = message.into();
        let reasons = match message.as_str() {
            "" => Vec::new(),
            _ => vec![Reason { check: None, message: shortened(&message), place: None }],
        };
        Self { state, until: None, reasons, further: 0, counts: Counts::default(), is_partial: false }
    }

    /// What the findings of a repository come to.
    ///
    /// What cannot be read says nothing of the rest. Without a pin nothing can be an edit. An edit by hand is told
    /// before what else is missing. A repository that lacks only what an upgrade of its pin would bring is behind, any
    /// other that lacks something is weaker.
    pub fn of(checked: &Checked) -> Self {
        if checked.projects.iter().any(|held| held.around.is_cut()) {
            return Self::unchecked(State::Unreadable, "it has more files to look at than are read");
        }
        let bearings: Vec<(Bearing, &Finding)> = checked
            .projects
            .iter()
            .flat_map(|held| held.findings.iter().map(move |finding| (Bearing::of(finding, held), finding)))
            .collect();
        let has = |bearing: Bearing| bearings.iter().any(|(other, _)| *other == bearing);
        let is_pinned = |held: &Held| {
            !held.findings.iter().any(|finding| Bearing::of(finding, held) == Bearing::Unpinned)
        };
        let (state, deciding): (State, &[Bearing]) = if has(Bearing::Unreadable) {
            (State::Unreadable, &[Bearing::Unreadable])
        } else if !checked.projects.iter().any(is_pinned) {
            (State::NoPolicy, &[Bearing::Unpinned])
        } else if has(Bearing::Edited) {
            (State::Edited, &[Bearing::Edited])
        } else if has(Bearing::Against) {
            (State::Weaker, &[Bearing::Against, Bearing::Missing])
        } else if has(Bearing::Behind) || has(Bearing::Unpinned) {
            (State::Behind, &[Bearing::Behind, Bearing::Unpinned])
        } else if has(Bearing::Missing) {
            (State::Weaker, &[Bearing::Missing])
        } else if has(Bearing::Fault) {
            (State::Faulty, &[Bearing::Fault])
        } else {
            (State::InLine, &[])
        };
        let counts = Counts::of(bearings.iter().map(|(_, finding)| *finding));
        let decide = bearings.iter().filter(|(bearing, _)| deciding.contains(bearing));
        let decide: Vec<&Finding> = decide.map(|(_, finding)| *finding).collect();
        let reasons: Vec<Reason> = decide.iter().take(MAX_REASONS).map(|finding| reason(finding)).collect();
        let further = decide.len() - reasons.len();
        let is_partial = checked.is_partial;
        let verdict = Self { state, until: None, further, reasons, counts, is_partial };
        let verdict = if state == State::InLine { verdict.refined(checked) } else { verdict };
        if is_partial && !verdict.state.needs_attention() { verdict.of_root_alone() } else { verdict }
    }

    /// What is in line as far as it was seen is not known to be so: every report says it.
    fn of_root_alone(mut self) -> Self {
        let message = format!("{} as far as it was seen: folders below its root were not", self.state);
        self.reasons.insert(0, Reason { check: None, message, place: None });
        self
    }

    /// A repository that is in line may be so by a waiver, or be stricter than it has to be.
    fn refined(mut self, checked: &Checked) -> Self {
        if let Some((id, until)) = needed_waiver(checked) {
            self.state = State::Waived;
            self.until = Some(until);
            self.reasons = vec![Reason {
                check: None,
                message: format!("waiver `{id}` holds until {until}"),
                place: None,
            }];
        } else if let Some(reason) = checked.projects.iter().find_map(stricter) {
            self.state = State::Stricter;
            self.reasons = vec![reason];
        }
        self
    }
}

/// The waiver that ends first, of those that hold and that the repository needs.
fn needed_waiver(checked: &Checked) -> Option<(String, Day)> {
    let findings = checked.projects.iter().flat_map(|held| &held.findings);
    let unused: BTreeSet<&str> = findings
        .filter(|finding| finding.check == "waiver-unused")
        .map(|finding| finding.key.as_str())
        .collect();
    let waivers = checked.projects.iter().flat_map(|held| held.baseline.holding_waivers());
    let needed = waivers.filter(|waiver| !unused.contains(waiver.id.as_str()));
    let needed = needed.map(|waiver| (waiver.content.expires, waiver.id.clone()));
    needed.min().map(|(until, id)| (id, until))
}

/// A rule that denies or asks for something and that no rule of policy covers.
fn stricter(held: &Held) -> Option<Reason> {
    let shared = &held.project.shared;
    let own = shared.rules.iter().find(|written| {
        written.list != List::Allow
            && written.rule.fault(written.list).is_none()
            && !held.baseline.asks_for_rule(written.list, written.rule.text())
            && !held.baseline.rules.iter().any(|demand| {
                demand.what.list == written.list && implies(written.list, &demand.what.rule, &written.rule)
            })
    })?;
    let message = format!("`{}` in `{}` is more than policy asks for", own.rule, own.list.pointer().dotted());
    let place = shared.file.place(own.span).to_string();
    Some(Reason { check: None, message: shortened(&message), place: Some(place) })
}

fn reason(finding: &Finding) -> Reason {
    Reason {
        check: Some(finding.check.to_owned()),
        message: shortened(&finding.message),
        place: Some(finding.place.to_string()),
    }
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        Some((at, _)) => format!("{}…", message.get(..at).unwrap_or_default()),
        None => message.to_owned(),
    }
}
