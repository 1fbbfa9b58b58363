//! What a check found: where, why it matters, who asks for it, and the change that would mend it.
//!
//! A [`Finding`] is complete: whoever prints it needs no policy and no project beside it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::json::Edit;
use crate::path::RepoPath;
use crate::text::{Position, Source, Span};

/// How much a finding weighs. `--fail-on` compares against it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// To be mended, though nothing stops for it yet.
    Warn,
    /// Stops a merge.
    Block,
}

impl Severity {
    /// All of them, the lightest first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warn, Self::Block];

    /// The word for it in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|severity| severity.name() == text);
        found.ok_or_else(|| format!("`{text}` is none of note, warn and block"))
    }
}

/// Which file a place is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// A file of the repository that is looked at, by its path from the root of the repository.
    Repository(RepoPath),
    /// A file of a policy.
    Policy {
        /// The policy, as it was named: `builtin:baseline`, a folder, a URL.
        source: String,
        /// The file within it.
        path: RepoPath,
    },
    /// A file elsewhere, as it was named.
    Elsewhere(String),
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(path) => path.fmt(f),
            Self::Policy { source, path } => write!(f, "{}/{path}", source.trim_end_matches('/')),
            Self::Elsewhere(name) => f.write_str(name),
        }
    }
}

/// A range of a file. Lines and columns are worked out only when somebody looks.
#[derive(Debug, Clone)]
pub struct Place {
    file: Arc<FileName>,
    source: Option<Source>,
    span: Span,
}

impl Place {
    /// `span` of a file that was read.
    pub fn new(file: Arc<FileName>, source: &Source, span: Span) -> Self {
        Self { file, source: Some(source.clone()), span }
    }

    /// A file as a whole: one that is missing, unreadable, or not text.
    pub fn whole(file: Arc<FileName>) -> Self {
        Self { file, source: None, span: Span::at(0) }
    }

    /// The file.
    pub fn file(&self) -> &FileName {
        &self.file
    }

    /// The byte offsets; empty at the start of a file that has no text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Line and column of the first byte.
    pub fn start(&self) -> Position {
        self.source.as_ref().map_or(Position::START, |source| source.position(self.span.start))
    }

    /// Line and column behind the last byte.
    pub fn end(&self) -> Position {
        self.source.as_ref().map_or(Position::START, |source| source.position(self.span.end))
    }

    /// The text that the place is in, none for a file without text.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file && self.span == other.span
    }
}

impl Eq for Place {}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.start())
    }
}

/// The line of a policy that asks for something, and the title of its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Title of the layer.
    pub layer: Arc<str>,
    /// The line.
    pub place: Place,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Name of the check.
    pub check: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is the matter, in one sentence without its full stop.
    pub message: String,
    /// What to do about it, where the fix does not say so already.
    pub help: Option<String>,
    /// The lines of policy that ask for it.
    pub origins: Vec<Origin>,
    /// Further places, each with what it shows.
    pub related: Vec<(Place, String)>,
    /// What tells this finding from the others of its check in the same file; stable while lines move.
    pub key: String,
    /// The change that mends it.
    pub fix: Option<Fix>,
    /// A call that shows it, where one was looked for.
    pub witness: Option<Witness>,
}

/// A call that shows how what stands here differs from what policy says.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Witness {
    /// The tool.
    pub tool: String,
    /// The call as people write it: `Bash(git push)`.
    pub call: String,
    /// What becomes of it as things stand.
    pub now: Said,
    /// What becomes of it as policy has it.
    pub policy: Said,
}

/// What is said of a call.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It runs without a question.
    Allow,
    /// The user is asked.
    Ask,
    /// It is refused.
    Deny,
    /// Policy limits what may be allowed, and leaves open whether the rest is asked for or denied.
    NotAllowed,
    /// It cannot be known.
    Undecided,
}

impl Said {
    /// The word for it in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
            Self::NotAllowed => "not-allowed",
            Self::Undecided => "undecided",
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = match self.now {
            Said::Allow => "is allowed",
            Said::Ask => "is asked for",
            Said::Deny => "is denied",
            Said::NotAllowed => "is not allowed",
            Said::Undecided => "is left to what cannot be known here",
        };
        let policy = match self.policy {
            Said::Allow => "allows it",
            Said::Ask => "has it asked for",
            Said::Deny => "denies it",
            Said::NotAllowed => "does not let it be allowed",
            Said::Undecided => "leaves it to what cannot be known here",
        };
        write!(f, "`{}` {now}, policy {policy}", self.call)
    }
}

impl Finding {
    /// A finding with nothing but its place and message; the builder methods add the rest.
    pub fn new(check: &'static str, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        let message = message.into();
        let key = message.clone();
        Self {
            check,
            severity,
            place,
            message,
            help: None,
            origins: Vec::new(),
            related: Vec::new(),
            key,
            fix: None,
            witness: None,
        }
    }

    /// Says what to do, behind what was said before.
    #[must_use]
    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.add_help(help.as_ref());
        self
    }

    /// Says what to do, behind what was said before.
    pub fn add_help(&mut self, help: &str) {
        match &mut self.help {
            Some(said) => {
                said.push_str("; ");
                said.push_str(help);
            }
            None => self.help = Some(help.to_owned()),
        }
    }

    /// Says who asks for it.
    #[must_use]
    pub fn origins(mut self, origins: &[Origin]) -> Self {
        self.origins = origins.to_vec();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn related(mut self, place: Place, shows: impl Into<String>) -> Self {
        self.related.push((place, shows.into()));
        self
    }

    /// Names what the finding is about, where its message may change with other things.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Adds the change that mends it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// Adds a call that shows it.
    #[must_use]
    pub fn witness(mut self, witness: Option<Witness>) -> Self {
        self.witness = witness;
        self
    }

    /// The order of every report: by file and place, then by check; what is alike there stays in the
    /// order in which policy asks for it.
    pub fn sort(findings: &mut [Self]) {
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
    }

    fn order(&self) -> (&FileName, Span, &str) {
        (self.place.file(), self.place.span, self.check)
    }
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What it does, as an order: `add ...`.
    pub title: String,
    /// The parts of it, possibly in several files.
    pub changes: Vec<Change>,
}

impl Fix {
    /// A fix of one change.
    pub fn new(title: impl Into<String>, path: RepoPath, what: ChangeKind) -> Self {
        Self { title: title.into(), changes: vec![Change { path, what }] }
    }
}

/// A change to one file of the repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The file, from the root of the repository.
    pub path: RepoPath,
    /// What happens to it.
    pub what: ChangeKind,
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeKind {
    /// An edit of a JSON document; a missing file is made.
    Json(Edit),
    /// The text between the markers of a block; a missing block is added at the end.
    Block {
        /// Name of the block.
        name: String,
        /// What stands between the markers; none takes the block away.
        text: Option<String>,
    },
    /// A line at the end of a text; a missing file is made.
    Line(String),
    /// The whole text; none takes the file away.
    Whole(Option<String>),
    /// Write the lock anew, whatever else is done.
    Pin,
}

/// How many findings there are of each weight, and how many can be mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Counts {
    /// Findings that block.
    pub block: usize,
    /// Findings to be mended.
    pub warn: usize,
    /// Findings worth knowing.
    pub note: usize,
    /// Findings with a fix.
    pub fixable: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Block => counts.block += 1,
                Severity::Warn => counts.warn += 1,
                Severity::Note => counts.note += 1,
            }
            counts.fixable += usize::from(finding.fix.is_some());
        }
        counts
    }

    /// All findings.
    pub fn all(self) -> usize {
        self.block + self.warn + self.note
    }

    /// The counts in words: `2 block, 1 warn`.
    pub fn in_words(self) -> String {
        let counts = [(self.block, "block"), (self.warn, "warn"), (self.note, "note")];
        let told: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") }
    }
}
