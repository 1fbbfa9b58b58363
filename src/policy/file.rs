//! The files of a policy as they are written: types that mirror the JSON, from which `schema/` is
//! generated. What they mean is in the modules beside this one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::finding::Severity;
use crate::guard::{Answer, Unclear};

/// `bylaws.json`, the manifest of a policy repository: which layers hold where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ManifestFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Name of the organisation that the policy speaks for.
    pub organization: String,
    /// The layers, the most general first. Later layers only tighten.
    pub layers: Vec<LayerEntry>,
    /// Path of the file that lists the repositories and their facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<String>,
    /// Severities of single checks, other than their own: `note`, `warn`, `block` or `off`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Weight>,
}

/// A layer and the repositories it holds for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerEntry {
    /// Path of a layer file within the policy, or `builtin:NAME`.
    pub layer: String,
    /// The facts a repository must have; left out, the layer holds for all.
    #[serde(default, skip_serializing_if = "SelectorFile::is_empty")]
    pub when: SelectorFile,
}

/// Facts and the values that match: every fact named must match one of its patterns, in which `*`
/// stands for any text. `name` is the repository, `path` the folder of the project within it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SelectorFile(pub BTreeMap<String, OneOrMany>);

impl SelectorFile {
    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One text.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All texts.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

/// What a layer's or check's findings weigh, or that they are not reported at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Not reported.
    Off,
    /// Worth knowing.
    Note,
    /// To be mended.
    Warn,
    /// Stops a merge.
    Block,
}

impl Weight {
    /// The severity, none for `off`.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Note => Some(Severity::Note),
            Self::Warn => Some(Severity::Warn),
            Self::Block => Some(Severity::Block),
        }
    }
}

impl FromStr for Weight {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "note" => Ok(Self::Note),
            "warn" => Ok(Self::Warn),
            "block" => Ok(Self::Block),
            _ => Err(format!("`{text}` is none of off, note, warn and block")),
        }
    }
}

/// A layer: what holds, in five verbs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LayerFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What findings name as the origin of a demand.
    pub title: String,
    /// For readers: what the layer is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much a breach weighs.
    #[serde(default = "block")]
    pub level: Severity,
    /// The day from which a breach blocks, whatever `level` says until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_from: Option<Day>,
    /// Layers that come before this one: paths within the policy, or `builtin:NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extends: Vec<String>,
    /// JSON pointers of enforced values that later layers may set otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overridable: Vec<String>,
    /// A fragment of `settings.json` that must hold: plain values are equal, objects hold key by key,
    /// every entry of a list is there, and `null` means that the key is not set.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub enforce: Map<String, Value>,
    /// A fragment of `settings.json` that is written once where the project says nothing.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub recommend: Map<String, Value>,
    /// Upper bounds.
    #[serde(default, skip_serializing_if = "LimitFile::is_empty")]
    pub limit: LimitFile,
    /// MCP servers.
    #[serde(default, skip_serializing_if = "McpFile::is_empty")]
    pub mcp: McpFile,
    /// Text that policy owns in files of the project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<OwnedFile>,
    /// What `bylaws hook guard` answers where it cannot judge by a rule.
    #[serde(default, skip_serializing_if = "Unclear::is_empty")]
    pub guard: Unclear,
}

fn block() -> Severity {
    Severity::Block
}

/// Upper bounds on what a project may set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LimitFile {
    /// Everything that the project allows lies within these rules; left out, there is no such bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// Nothing within these rules may be allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_allow: Vec<String>,
    /// A JSON Schema (2020-12) that the settings of the project satisfy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
}

impl LimitFile {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What holds for MCP servers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct McpFile {
    /// The approved servers; left out, every server that is not denied is fine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<ServerEntry>>,
    /// Servers that may not be there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<ServerEntry>,
    /// Servers that every project gets, by name, as they stand in `.mcp.json`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub provide: Map<String, Value>,
}

impl McpFile {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What identifies an MCP server: exactly one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum ServerEntry {
    /// The name in `.mcp.json`: a label that anyone can give to any program.
    #[serde(rename = "serverName")]
    Name(String),
    /// The program and its arguments, exactly.
    #[serde(rename = "serverCommand")]
    Command(Vec<String>),
    /// The URL, in which `*` stands for any text.
    #[serde(rename = "serverUrl")]
    Url(String),
}

impl fmt::Display for ServerEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "name `{name}`"),
            Self::Command(words) => write!(f, "command `{}`", words.join(" ")),
            Self::Url(url) => write!(f, "URL `{url}`"),
        }
    }
}

/// Text that policy owns in a file of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnedFile {
    /// The file, from the folder of the project.
    pub path: String,
    /// How much of the file policy owns.
    pub mode: FileMode,
    /// Name of a file in `templates/`, with or without its ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The text itself, instead of a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// How much of a file policy owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileMode {
    /// All of it.
    Whole,
    /// What stands between two marker lines.
    Block,
    /// Written once; from then on it is the project's.
    Seed,
}

/// A waiver: the one way to loosen, for some repositories and until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WaiverFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Names of the repositories, in which `*` stands for any text.
    pub repositories: Vec<String>,
    /// What is opened.
    pub opens: OpensFile,
    /// Why it is needed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Who agreed to it.
    pub approved_by: String,
    /// Where it was discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub expires: Day,
}

/// What a waiver opens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpensFile {
    /// Permission rules: enforced ones within them are not asked for, and allow rules within them may
    /// exceed a limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// JSON pointers into `settings.json`: nothing is enforced there or below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pointers: Vec<String>,
    /// Names of MCP servers that need no approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

/// The repositories of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// One entry for each repository.
    pub repositories: Vec<RepositoryEntry>,
}

/// A repository and its facts: environment, team, topics, language, visibility, or what else the
/// selectors of the policy ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepositoryEntry {
    /// Owner and name as the forge has them: `acme/payments-api`.
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub facts: BTreeMap<String, OneOrMany>,
}

/// Tests of the policy itself: calls, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasesFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The cases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<CaseEntry>,
    /// What holds for every call of a kind, in every repository.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invariants: Vec<InvariantEntry>,
}

/// What holds for every call of a kind, in every repository that it is meant for: proved, not tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvariantEntry {
    /// What the invariant is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The repositories that it is meant for, as for a layer; left out, all of them.
    #[serde(default, skip_serializing_if = "SelectorFile::is_empty")]
    pub when: SelectorFile,
    /// Allow rules that the projects have of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// The calls, as permission rules: all that deny rules of these texts would stop.
    #[schemars(length(min = 1))]
    pub calls: Vec<String>,
    /// What becomes of each of them.
    pub are: Holds,
}

/// What becomes of each call of an invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// None runs without a question.
    NeverAllowed,
    /// None runs.
    AlwaysDenied,
}

/// A call and what becomes of it in a project that holds nothing but the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CaseEntry {
    /// What the case shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The repository whose facts hold, by its name in the inventory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The facts that hold, beside those of the repository.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, OneOrMany>,
    /// Allow rules that the project has of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// The call: `Bash(cat .env)`, or the tool and its input.
    pub call: CallFile,
    /// What the client decides by its rules, the guard apart.
    pub is: Outcome,
    /// Files that are there, from the folder of the project; the guard looks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What `bylaws hook guard` says of it; left out, it is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<GuardWord>,
    /// For a known way around a deny rule: whether the policy stops it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_around: Option<WayAround>,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CallFile {
    /// The tool and its main input: `Bash(npm test)`, `Read(.env)`.
    Short(String),
    /// The tool and its whole input.
    Full {
        /// Name of the tool.
        tool: String,
        /// Its input, as the client would send it.
        input: Map<String, Value>,
    },
}

/// What the client decides on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It runs without a question.
    Allow,
    /// A person is asked.
    Ask,
    /// It does not run.
    Deny,
}

/// What the guard says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GuardWord {
    /// Nothing: the rules of the client decide.
    Silent,
    /// A person is to be asked.
    Ask,
    /// It is refused.
    Deny,
}

impl GuardWord {
    /// The word for an answer of the guard, none for no opinion.
    pub fn of(answer: Option<Answer>) -> Self {
        match answer {
            None => Self::Silent,
            Some(Answer::Ask) => Self::Ask,
            Some(Answer::Deny) => Self::Deny,
        }
    }

    /// The word as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// Whether a known way around a deny rule is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WayAround {
    /// It does not run unasked.
    Stopped,
    /// It does, and the README says so.
    NotStopped,
}

/// A day: `2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

impl Day {
    /// The whole days from `earlier` to this one, negative where this one comes first.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// The day that comes this many days after this one; the last day of the calendar where that is further.
    #[must_use]
    pub fn after(self, days: u16) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(i64::from(days))))
    }
}

impl From<jiff::civil::Date> for Day {
    fn from(date: jiff::civil::Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a day of the form 2027-01-31");
        if text.len() != 10 {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date"})
    }
}
