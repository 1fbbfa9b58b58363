//! What is known of a requirement: its status, where it is enforced, and who asks for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Origin;
use crate::policy::Day;

/// How a requirement stands. The order is from the worst to the best.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is shown not to be so.
    NotMet,
    /// It was attested, and the attestation is overdue.
    Overdue,
    /// Nothing shows it: something was not read, is not decided, was seen in part, or nobody attests it.
    NotShown,
    /// It is not so, and a waiver says until when that is accepted.
    Waived,
    /// No tool can decide it: a person has to.
    ForAPerson,
    /// Somebody attests it, and it is not due again yet.
    Attested,
    /// It is shown to be so.
    Met,
}

impl Status {
    /// All of them, the worst first.
    pub const ALL: [Self; 7] = [
        Self::NotMet,
        Self::Overdue,
        Self::NotShown,
        Self::Waived,
        Self::ForAPerson,
        Self::Attested,
        Self::Met,
    ];

    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotMet => "not met",
            Self::Overdue => "overdue",
            Self::NotShown => "not shown",
            Self::Waived => "waived",
            Self::ForAPerson => "for a person",
            Self::Attested => "attested",
            Self::Met => "met",
        }
    }

    /// The word for it in files: no blanks.
    pub fn key(self) -> String {
        self.words().replace(' ', "-")
    }

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NotMet => "it is shown not to be so",
            Self::Overdue => "it was attested, and the attestation is overdue",
            Self::NotShown => "nothing shows it: not read, not decided, seen in part, or attested by nobody",
            Self::Waived => "it is not so, and a waiver says until when that is accepted",
            Self::ForAPerson => "no tool can decide it",
            Self::Attested => "its owner says so, and it is not due again yet",
            Self::Met => "it is shown to be so",
        }
    }

    /// Whether somebody has to do something about it.
    pub fn needs_attention(self) -> bool {
        self <= Self::NotShown
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// By what something is enforced, and so who can change it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Managed settings: neither a project nor a user can edit them.
    Managed,
    /// A file of the project: a pull request changes it.
    Project,
    /// The user's own settings: advisory.
    User,
    /// People, who attest it.
    People,
}

impl Channel {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Project => "project",
            Self::User => "user",
            Self::People => "people",
        }
    }

    /// Who can change it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Managed => "no project and no user can edit it",
            Self::Project => "editable by a pull request",
            Self::User => "advisory: the user can edit it",
            Self::People => "attested, not enforced",
        }
    }

    /// Whether a session in the cloud is held to it: such a session has the files of the project, and neither those
    /// of a machine nor those of a user.
    pub fn holds_in_cloud(self) -> bool {
        self == Self::Project
    }
}

/// Where something is enforced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Enforced {
    /// By what.
    pub by: Channel,
    /// The file, with line and column where they are known.
    pub place: String,
}

/// A line of policy that asks for something.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// Title of its layer.
    pub layer: String,
    /// The file, line and column.
    pub place: String,
}

impl Line {
    /// The lines of these origins, each once, in their order.
    pub(super) fn of<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Vec<Self> {
        let mut lines: Vec<Self> = Vec::new();
        for origin in origins {
            let line = Self { layer: origin.layer.to_string(), place: origin.place.to_string() };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

/// A waiver that bears on a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exemption {
    /// The waiver.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub until: Day,
}

/// An attestation that bears on a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Said {
    /// The attestation.
    pub id: String,
    /// What it says.
    pub says: String,
    /// Who answers for it.
    pub owner: String,
    /// The day on which it was so.
    pub date: Day,
    /// Where the evidence is.
    pub evidence: String,
}

/// What is known of a requirement in one subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answer {
    /// How it stands.
    pub status: Status,
    /// For what is waived or attested the last day on which it is; for what is overdue the day on which it was due.
    pub until: Option<Day>,
    /// Why, in one sentence.
    pub why: String,
    /// Where it is enforced.
    pub enforced: Vec<Enforced>,
    /// The lines of policy that ask for it.
    pub lines: Vec<Line>,
    /// The waivers that bear on it.
    pub waivers: Vec<Exemption>,
    /// The attestation that counts.
    pub attestation: Option<Said>,
}

impl Answer {
    pub(super) fn new(status: Status, why: impl Into<String>) -> Self {
        Self {
            status,
            until: None,
            why: why.into(),
            enforced: Vec::new(),
            lines: Vec::new(),
            waivers: Vec::new(),
            attestation: None,
        }
    }

    /// Whether a session in the cloud is held to it; none where nothing enforces it.
    pub fn holds_in_cloud(&self) -> Option<bool> {
        let enforced = !self.enforced.is_empty() && self.enforced.iter().all(|one| one.by != Channel::People);
        enforced.then(|| self.enforced.iter().any(|one| one.by.holds_in_cloud()))
    }

    /// The status with its day: `waived until 2027-01-31`.
    pub fn in_words(&self) -> String {
        match (self.status, self.until) {
            (Status::Overdue, Some(day)) => format!("overdue since {day}"),
            (status, Some(day)) => format!("{status} until {day}"),
            (status, None) => status.to_string(),
        }
    }
}
