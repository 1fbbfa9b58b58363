//! From what was found in a repository to the one word for it.
//!
//! [`Verdict::of`] is the only place that decides it. That a repository is weaker or stricter is no matter of texts: it
//! is proved, and shown by a call where there is one ([`super::proved`]).
//!
//! INVARIANT: what is not known is told as weaker, never as behind or in line; what is not proved is never stricter.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::proved::{self, Effect};
use crate::check::{self, Subject};
use crate::finding::{Counts, Finding, Said, Severity, Witness};
use crate::policy::Day;
use crate::repository::{Checked, Held};
use crate::secret;

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
    /// It lets more happen than policy does, or may: what is not decided counts.
    Weaker,
    /// It lacks something of policy's, and an apply brings it: it is pinned to an older state of the policy, or what it
    /// lacks is proved to let nothing more happen.
    Behind,
    /// All that policy asks for is there, and something else in its files blocks.
    Faulty,
    /// It would be weaker were it not for a waiver.
    Waived,
    /// It is in line, and is proved to deny or ask for a call that policy alone would let through.
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
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Reason {
    /// Name of the check, none where the repository could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// How much it weighs, none where the repository could not be read or nothing is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What is the matter.
    pub message: String,
    /// The file and line, from the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// A call that shows it, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
}

impl Reason {
    fn plain(message: impl Into<String>) -> Self {
        Self { message: shortened(&message.into()), ..Self::default() }
    }

    /// The message, and the call that shows it. What a limit says names its call already.
    pub fn told(&self) -> String {
        match &self.witness {
            Some(witness) if witness.policy != Said::NotAllowed => format!("{}: {witness}", self.message),
            _ => self.message.clone(),
        }
    }
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
    /// The waivers that it needs, by their names, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<String>,
    /// The digest of what `bylaws apply --upgrade` would change in it: whoever planned it sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
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
        match check::subject(finding) {
            Subject::Reading => Self::Unreadable,
            Subject::PolicyNamed => Self::Unpinned,
            Subject::StatePinned if held.project.lock.is_none() => Self::Unpinned,
            Subject::StatePinned | Subject::Withdrawal => Self::Behind,
            Subject::Edit => Self::Edited,
            // A layer may say that its breach is only worth knowing.
            _ if !finding.origins.is_empty() && finding.severity >= Severity::Warn => {
                if finding.fix.is_some() { Self::Missing } else { Self::Against }
            }
            _ if finding.severity == Severity::Block => Self::Fault,
            _ => Self::None,
        }
    }
}

/// A finding that has a say, and in which project.
struct Say<'c> {
    bearing: Bearing,
    finding: &'c Finding,
    held: &'c Held,
}

impl Verdict {
    /// A repository that was not checked.
    pub fn unchecked(state: State, message: impl Into<String>) -> Self {
        let message = message.into();
        let reasons = if message.is_empty() { Vec::new() } else { vec![Reason::plain(message)] };
        Self {
            state,
            until: None,
            reasons,
            further: 0,
            counts: Counts::default(),
            is_partial: false,
            waivers: Vec::new(),
            change: None,
        }
    }

    /// The verdict where nothing can be relied on that was read; none otherwise.
    pub(super) fn of_unreadable(checked: &Checked) -> Option<Self> {
        if checked.projects.iter().any(|held| held.around.is_cut()) {
            return Some(Self::unchecked(State::Unreadable, "it has more files to look at than are read"));
        }
        let says = says(checked);
        let reasons = of_bearings(&says, &[Bearing::Unreadable]);
        (!reasons.is_empty()).then(|| Self::new(State::Unreadable, reasons, &says, checked))
    }

    /// What the findings of a repository come to, by the first line that fits:
    ///
    /// | there is | state |
    /// | --- | --- |
    /// | settings or a lock that cannot be read | unreadable |
    /// | no project that pins this policy | no policy |
    /// | something of policy's that was changed by hand | edited |
    /// | something against policy that no fix mends | weaker; with the call where the limit was proved to be broken |
    /// | at the current pin, something missing without which a call is let through, or is not asked for | weaker, with the call |
    /// | the same for a key beside rules whose value lets more happen | weaker |
    /// | the same, not decided: no order of values, budget spent, a file of unknown effect, a rule that asks | weaker; no call was found |
    /// | an older pin, or a project without one beside others | behind |
    /// | something missing that is proved to let nothing more happen | behind |
    /// | something else that blocks | faulty |
    /// | a waiver that is needed | waived |
    /// | a rule of its own, and a call that it holds back and policy alone would not, proved | stricter, with the call |
    /// | anything else, not decided among it | in line |
    ///
    /// In a project with an older pin, what is missing comes with the upgrade and is not looked at for itself.
    pub fn of(checked: &Checked) -> Self {
        if let Some(verdict) = Self::of_unreadable(checked) {
            return verdict;
        }
        let says = says(checked);
        let has = |bearing: Bearing| says.iter().any(|say| say.bearing == bearing);
        let is_pinned = |held: &Held| {
            !held.findings.iter().any(|finding| Bearing::of(finding, held) == Bearing::Unpinned)
        };
        let (state, reasons) = if !checked.projects.iter().any(is_pinned) {
            (State::NoPolicy, of_bearings(&says, &[Bearing::Unpinned]))
        } else if has(Bearing::Edited) {
            (State::Edited, of_bearings(&says, &[Bearing::Edited]))
        } else if let Some(reasons) = weaker(checked, &says) {
            (State::Weaker, reasons)
        } else if has(Bearing::Behind) || has(Bearing::Unpinned) {
            (State::Behind, of_bearings(&says, &[Bearing::Behind, Bearing::Unpinned]))
        } else if has(Bearing::Missing) {
            (State::Behind, of_bearings(&says, &[Bearing::Missing]))
        } else if has(Bearing::Fault) {
            (State::Faulty, of_bearings(&says, &[Bearing::Fault]))
        } else {
            (State::InLine, Vec::new())
        };
        let needed = checked.needed_waivers();
        let verdict = Self::new(state, reasons, &says, checked);
        let verdict = if state == State::InLine { verdict.refined(checked, needed.first()) } else { verdict };
        if verdict.is_partial && !verdict.state.needs_attention() { verdict.of_root_alone() } else { verdict }
    }

    fn new(state: State, mut reasons: Vec<Reason>, says: &[Say<'_>], checked: &Checked) -> Self {
        let further = reasons.len().saturating_sub(MAX_REASONS);
        reasons.truncate(MAX_REASONS);
        let counts = Counts::of(says.iter().map(|say| say.finding));
        let waivers: BTreeSet<&str> = checked.needed_waivers().into_iter().map(|(_, id)| id).collect();
        Self {
            state,
            until: None,
            reasons,
            further,
            counts,
            is_partial: checked.is_partial,
            waivers: waivers.into_iter().map(str::to_owned).collect(),
            change: None,
        }
    }

    /// What is in line as far as it was seen is not known to be so: every report says it.
    fn of_root_alone(mut self) -> Self {
        let message = format!("{} as far as it was seen: folders below its root were not", self.state);
        self.reasons.insert(0, Reason::plain(message));
        self
    }

    /// A repository that is in line may be so by a waiver, or be stricter than it has to be.
    fn refined(mut self, checked: &Checked, needed: Option<&(Day, &str)>) -> Self {
        if let Some((until, id)) = needed {
            self.state = State::Waived;
            self.until = Some(*until);
            self.reasons = vec![Reason::plain(format!("waiver `{id}` holds until {until}"))];
        } else if let Some(reason) = checked.projects.iter().find_map(stricter) {
            self.state = State::Stricter;
            self.reasons = vec![reason];
        }
        self
    }
}

/// A rule that holds back a call which policy alone would let through.
fn stricter(held: &Held) -> Option<Reason> {
    let (written, witness) = proved::stricter(held)?;
    let rule = secret::mask(written.rule.text()).into_owned();
    let message = format!("`{rule}` in `{}` is more than policy asks for", written.list.pointer().dotted());
    let place = held.project.shared.file.place(written.span).to_string();
    Some(Reason { place: Some(place), witness: Some(witness), ..Reason::plain(message) })
}

/// All findings, each with what it says.
fn says(checked: &Checked) -> Vec<Say<'_>> {
    let says = checked.projects.iter().flat_map(|held| {
        held.findings.iter().map(move |finding| Say { bearing: Bearing::of(finding, held), finding, held })
    });
    says.collect()
}

fn of_bearings(says: &[Say<'_>], deciding: &[Bearing]) -> Vec<Reason> {
    let decide = says.iter().filter(|say| deciding.contains(&say.bearing));
    decide.map(|say| reason(say.finding)).collect()
}

/// Why a repository is weaker, none where it is not: what shows a call first. What is missing and proved to let nothing
/// more happen is no reason.
fn weaker(checked: &Checked, says: &[Say<'_>]) -> Option<Vec<Reason>> {
    let mut found: Vec<(u8, Reason)> = Vec::new();
    for held in &checked.projects {
        let own = |bearing: Bearing| {
            says.iter().filter(move |say| std::ptr::eq(say.held, held) && say.bearing == bearing)
        };
        found.extend(
            own(Bearing::Against).map(|say| (u8::from(say.finding.witness.is_none()), reason(say.finding))),
        );
        if own(Bearing::Behind).chain(own(Bearing::Unpinned)).next().is_some() {
            continue;
        }
        let missing: Vec<&Finding> = own(Bearing::Missing).map(|say| say.finding).collect();
        if missing.is_empty() {
            continue;
        }
        for (finding, effect) in missing.iter().zip(proved::effects(held, &missing)) {
            let rank = effect.rank();
            let reason = reason(finding);
            let message = reason.message.as_str();
            let told = match effect {
                Effect::Nothing => continue,
                Effect::Shown(witness) => Reason { witness: Some(witness), ..reason },
                Effect::Key => {
                    let message = format!("{message}, which would let less happen");
                    Reason { message, ..reason }
                }
                Effect::Open(why) => {
                    let message = format!("{message} (no call was found, and {why})");
                    Reason { message, ..reason }
                }
            };
            found.push((rank, told));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    (!found.is_empty()).then(|| found.into_iter().map(|(_, reason)| reason).collect())
}

fn reason(finding: &Finding) -> Reason {
    Reason {
        check: Some(finding.check.to_owned()),
        severity: Some(finding.severity),
        message: shortened(&finding.message),
        place: Some(finding.place.to_string()),
        witness: finding.witness.clone(),
    }
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE) {
        Some((at, _)) => format!("{}…", message.get(..at).unwrap_or_default()),
        None => message.to_owned(),
    }
}
