//! What an audit says: one row for each thing that this machine has, with where it comes from, whether it is in
//! force, and what policy says of it.
//!
//! INVARIANT: what is not known is [`InForce::Unknown`] or [`Says::Unknown`], and weighs something.
//!
//! INVARIANT: no text of a row holds a credential; all of them went through `words`.

use crate::finding::{Origin, Place, Severity};
use crate::policy::Day;

/// What a row is about, in the order in which rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An MCP server.
    Server,
    /// A plugin, installed or switched on or off.
    Plugin,
    /// A marketplace that plugins come from.
    Marketplace,
    /// A hook.
    Hook,
    /// A program that the client starts for itself: for keys, headers, the status line.
    Helper,
    /// A folder that somebody said is trusted.
    Trust,
    /// A question of the client that is answered beforehand.
    Approval,
    /// The mode that sessions begin in.
    Mode,
    /// A folder beside the project that agents may work in.
    Folder,
    /// A permission rule.
    Rule,
    /// A skill, command or sub-agent whose head grants or brings something.
    Definition,
    /// A variable for telemetry.
    Telemetry,
    /// Another variable that settings put into the environment.
    Variable,
}

impl Kind {
    /// All kinds, in their order.
    pub const ALL: [Self; 13] = [
        Self::Server,
        Self::Plugin,
        Self::Marketplace,
        Self::Hook,
        Self::Helper,
        Self::Trust,
        Self::Approval,
        Self::Mode,
        Self::Folder,
        Self::Rule,
        Self::Definition,
        Self::Telemetry,
        Self::Variable,
    ];

    /// The word for it in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "mcp-server",
            Self::Plugin => "plugin",
            Self::Marketplace => "marketplace",
            Self::Hook => "hook",
            Self::Helper => "helper",
            Self::Trust => "trust",
            Self::Approval => "approval",
            Self::Mode => "mode",
            Self::Folder => "folder",
            Self::Rule => "rule",
            Self::Definition => "definition",
            Self::Telemetry => "telemetry",
            Self::Variable => "variable",
        }
    }

    /// The heading over rows of this kind.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Server => "MCP servers",
            Self::Plugin => "Plugins",
            Self::Marketplace => "Marketplaces",
            Self::Hook => "Hooks",
            Self::Helper => "Helpers",
            Self::Trust => "Trusted folders",
            Self::Approval => "Answers given beforehand",
            Self::Mode => "Modes",
            Self::Folder => "Further folders",
            Self::Rule => "Permission rules",
            Self::Definition => "Skills, commands and sub-agents",
            Self::Telemetry => "Telemetry",
            Self::Variable => "Variables",
        }
    }
}

/// Where a thing comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Files that an organisation rolled out to this machine.
    Managed,
    /// Settings that the client fetched from its server.
    Server,
    /// The user's own files.
    User,
    /// Files that a repository shares.
    Project,
    /// Files of one project that are not shared.
    Local,
    /// A plugin.
    Plugin,
    /// The environment of the process that asks.
    Environment,
}

impl Scope {
    /// The word for it in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Managed => "managed",
            Self::Server => "server",
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
            Self::Plugin => "plugin",
            Self::Environment => "environment",
        }
    }
}

/// Whether the client acts on a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InForce {
    /// It does.
    Yes,
    /// It does in some sessions and not in others.
    Partly,
    /// Whether it does is not known.
    Unknown,
    /// It does not.
    No,
}

impl InForce {
    /// The word for it in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::Unknown => "unknown",
            Self::No => "no",
        }
    }
}

/// Whether a thing is in force, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Force {
    /// Whether it is.
    pub is: InForce,
    /// Why it is not, or when.
    pub why: Option<String>,
}

impl Force {
    /// In force.
    pub fn yes() -> Self {
        Self { is: InForce::Yes, why: None }
    }

    /// In force only at times.
    pub fn partly(why: impl Into<String>) -> Self {
        Self { is: InForce::Partly, why: Some(why.into()) }
    }

    /// Not known.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { is: InForce::Unknown, why: Some(why.into()) }
    }

    /// Not in force.
    pub fn no(why: impl Into<String>) -> Self {
        Self { is: InForce::No, why: Some(why.into()) }
    }
}

/// What policy says of a thing, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Says {
    /// A line of policy asks for it, or has it in what may be there.
    Allowed,
    /// No line of policy speaks of it.
    NotSpokenOf,
    /// What policy says of it is not known.
    Unknown,
    /// Policy says what may be there, and this is not among it.
    NotApproved,
    /// A line of policy forbids it.
    Denied,
}

impl Says {
    /// All, the worst first.
    pub const WORST_FIRST: [Self; 5] =
        [Self::Denied, Self::NotApproved, Self::Unknown, Self::NotSpokenOf, Self::Allowed];

    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotSpokenOf => "not-spoken-of",
            Self::Unknown => "unknown",
            Self::NotApproved => "not-approved",
            Self::Denied => "denied",
        }
    }

    /// The words for it in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotSpokenOf => "not spoken of",
            Self::NotApproved => "not approved",
            other => other.name(),
        }
    }
}

/// What policy says of a thing, and which lines do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What it says.
    pub says: Says,
    /// Why, where the lines alone do not tell.
    pub why: Option<String>,
    /// The lines.
    pub origins: Vec<Origin>,
    /// How much a breach weighs by those lines.
    pub severity: Severity,
}

impl Verdict {
    /// Nothing is said.
    pub fn not_spoken_of() -> Self {
        Self { says: Says::NotSpokenOf, why: None, origins: Vec::new(), severity: Severity::Note }
    }

    /// What is said is not known.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { says: Says::Unknown, why: Some(why.into()), origins: Vec::new(), severity: Severity::Warn }
    }

    /// Something is said by these lines.
    pub fn by(says: Says, origins: &[Origin], severity: Severity) -> Self {
        Self { says, why: None, origins: origins.to_vec(), severity }
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

/// One thing that this machine has.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it does or is, without credentials.
    pub what: String,
    /// Where it comes from.
    pub scope: Scope,
    /// The project that it is for; none for the whole machine.
    pub project: Option<String>,
    /// Where it stands.
    pub place: Place,
    /// Whether the client acts on it.
    pub force: Force,
    /// What policy says of it.
    pub verdict: Verdict,
}

impl Item {
    /// How much it weighs; none where nothing is the matter. What the client does not act on weighs little.
    pub fn weight(&self) -> Option<Severity> {
        match self.verdict.says {
            Says::Allowed | Says::NotSpokenOf => None,
            _ if self.force.is == InForce::No => Some(Severity::Note),
            Says::Unknown => Some(Severity::Warn),
            Says::NotApproved | Says::Denied => Some(self.verdict.severity),
        }
    }
}

/// What the client takes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taken {
    /// All that it knows.
    Whole,
    /// A part.
    Partly,
    /// Nothing.
    Nothing,
    /// Nothing, and it does not start either.
    Halts,
    /// It is not known: this program could not read the file.
    Unread,
}

impl Taken {
    /// The word for it in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "read",
            Self::Partly => "partly",
            Self::Nothing => "dropped",
            Self::Halts => "halts",
            Self::Unread => "unreadable",
        }
    }
}

/// A file or folder that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Where it belongs.
    pub scope: Scope,
    /// The project that it is for.
    pub project: Option<String>,
    /// The file, or the place in it that is the matter.
    pub place: Place,
    /// What the client takes of it.
    pub taken: Taken,
    /// Whether it may hold rules that hold something back, which are gone where the file is dropped.
    pub may_guard: bool,
    /// What is the matter.
    pub why: Option<String>,
}

impl Looked {
    /// How much it weighs; none where nothing is the matter.
    pub fn weight(&self) -> Option<Severity> {
        match self.taken {
            Taken::Whole => None,
            Taken::Nothing if self.may_guard => Some(Severity::Block),
            Taken::Nothing | Taken::Partly | Taken::Unread => Some(Severity::Warn),
            Taken::Halts => Some(Severity::Block),
        }
    }
}

/// The records of sessions that the client keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcripts {
    /// The folder.
    pub folder: String,
    /// How many files there are.
    pub count: usize,
    /// Their bytes together.
    pub bytes: u64,
    /// The day on which the oldest was written last.
    pub oldest: Option<Day>,
    /// The days from that one to the day of the audit.
    pub oldest_days: Option<i64>,
    /// Whether not all of them could be counted.
    pub is_partial: bool,
    /// The days after which the client deletes them (`cleanupPeriodDays`).
    pub kept_days: u64,
    /// Where that is set; none where it is the client's own default.
    pub kept_by: Option<Place>,
    /// What policy says of it.
    pub verdict: Verdict,
}

impl Transcripts {
    /// How much it weighs.
    pub fn weight(&self) -> Option<Severity> {
        let breach = matches!(self.verdict.says, Says::Denied | Says::NotApproved);
        if breach {
            Some(self.verdict.severity)
        } else if self.is_partial || self.verdict.says == Says::Unknown {
            Some(Severity::Warn)
        } else {
            None
        }
    }
}

/// The client on this machine, as far as its traces tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The version that wrote the newest record of a session.
    pub version: Option<String>,
    /// What is known of how that version decides.
    pub standing: String,
    /// Whether it was seen deciding, so that what is said here holds for it.
    pub is_known: bool,
}

/// Everything that an audit says.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The day.
    pub day: Day,
    /// The folder of the user.
    pub home: String,
    /// The folder of the client's own files.
    pub config: String,
    /// The files that were looked at.
    pub looked: Vec<Looked>,
    /// The rows, by kind, then what weighs most first.
    pub items: Vec<Item>,
    /// The records of sessions.
    pub transcripts: Transcripts,
    /// The client.
    pub client: Client,
    /// What was not looked at, and what else the reader should know.
    pub notes: Vec<String>,
}

impl Audit {
    /// All weights.
    pub fn weights(&self) -> impl Iterator<Item = Severity> {
        let items = self.items.iter().filter_map(Item::weight);
        let looked = self.looked.iter().filter_map(Looked::weight);
        items.chain(looked).chain(self.transcripts.weight())
    }

    /// How many files and folders could not be read, or not all of them.
    pub fn unread(&self) -> usize {
        let files = self.looked.iter().filter(|looked| looked.taken == Taken::Unread).count();
        files + usize::from(self.transcripts.is_partial)
    }

    /// How many rows policy says this of.
    pub fn count(&self, says: Says) -> usize {
        self.items.iter().filter(|item| item.verdict.says == says).count()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::FileName;

    #[test]
    fn what_is_not_known_weighs_something_and_what_is_not_in_force_little() {
        let row = |force: Force, verdict: Verdict| Item {
            kind: Kind::Server,
            name: "x".into(),
            what: String::new(),
            scope: Scope::User,
            project: None,
            place: Place::whole(Arc::new(FileName::Elsewhere("x".into()))),
            force,
            verdict,
        };
        let denied = || Verdict::by(Says::Denied, &[], Severity::Block);
        assert_eq!(row(Force::yes(), denied()).weight(), Some(Severity::Block));
        assert_eq!(row(Force::unknown("x"), denied()).weight(), Some(Severity::Block));
        assert_eq!(row(Force::partly("x"), denied()).weight(), Some(Severity::Block));
        assert_eq!(row(Force::no("x"), denied()).weight(), Some(Severity::Note));
        assert_eq!(row(Force::yes(), Verdict::unknown("x")).weight(), Some(Severity::Warn));
        assert_eq!(row(Force::yes(), Verdict::not_spoken_of()).weight(), None);
        let file = |taken, may_guard| {
            let place = Place::whole(Arc::new(FileName::Elsewhere("x".into())));
            Looked { scope: Scope::User, project: None, place, taken, may_guard, why: None }.weight()
        };
        assert_eq!(file(Taken::Unread, false), Some(Severity::Warn));
        assert_eq!(file(Taken::Nothing, true), Some(Severity::Block));
        assert_eq!(file(Taken::Nothing, false), Some(Severity::Warn));
        assert_eq!(file(Taken::Whole, true), None);
    }
}
