//! The arguments that several commands share, and the question that they make.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use clap::Args;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::error::CommandError;
use super::ui::Ui;
use crate::bundle::Record;
use crate::client::{Standing, Version};
use crate::files;
use crate::finding::Severity;
use crate::git::Cache;
use crate::json::Document;
use crate::policy::{Day, Facts, OneOrMany, Weight};
use crate::repository::Question;
use crate::signature::AllowedSigners;
use crate::source::{Access, PolicySource, Trust};

/// The variable that names the policy where no argument does.
pub(super) const POLICY: &str = "BYLAWS_POLICY";

/// Which policy, and what is known of the repository.
#[derive(Debug, Args)]
pub(super) struct PolicyArguments {
    /// The policy: `builtin:NAME`, a folder, or a git URL with an optional `#BRANCH`, `#TAG` or `#COMMIT`
    ///
    /// Without it, the policy that `.claude/bylaws.lock` pins is used, in the state that it pins.
    #[arg(long, value_name = "SOURCE", env = POLICY, hide_env_values = true)]
    pub(super) policy: Option<String>,

    /// Leave the network alone; use the policy as it was last fetched
    #[arg(long)]
    pub(super) offline: bool,

    #[command(flatten)]
    pub(super) facts: FactArguments,
}

/// What is known of the repository, and the day.
#[derive(Debug, Args)]
pub(super) struct FactArguments {
    /// Name of the repository, `owner/name`; otherwise that of its remote `origin`
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,

    /// A fact about the repository, before those of the inventory; may be given several times
    #[arg(long = "fact", visible_alias = "when", value_name = "FACT=VALUE")]
    pub(super) facts: Vec<String>,

    /// A JSON file of facts: an object with texts and lists of texts
    #[arg(long = "facts", value_name = "FILE")]
    pub(super) facts_file: Option<PathBuf>,

    #[command(flatten)]
    day: DayArguments,
}

/// The day.
#[derive(Debug, Args)]
pub(super) struct DayArguments {
    /// Decide waivers and dates of layers as on this day [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
}

impl DayArguments {
    /// The day that was named, or today in UTC: everybody in the organisation has the same day.
    pub(super) fn day(&self) -> Day {
        self.as_of.unwrap_or_else(|| Offset::UTC.to_datetime(Timestamp::now()).date().into())
    }
}

/// Which client decides.
#[derive(Debug, Args)]
pub(super) struct ClientArguments {
    /// The version of Claude Code that decides [default: 2.1.330, the newest that is known]
    ///
    /// Known are 2.1.197 and 2.1.330. For a version between them, what both decide alike is the answer, and
    /// what they decide differently is `undecided`. A newer one is taken to decide as the newest that is known.
    #[arg(long, value_name = "VERSION")]
    client_version: Option<Version>,
}

impl ClientArguments {
    /// The version that was named; says so where others have to speak for it.
    pub(super) fn version(&self, ui: &mut Ui) -> Option<Version> {
        let version = self.client_version?;
        match version.standing() {
            Standing::Known => {}
            Standing::Between(before, after) => ui.note(&format!(
                "nobody has seen {version} decide: where {before} and {after} differ, the answer is `undecided`"
            )),
            Standing::Newer => ui.note(&format!(
                "nobody has seen {version} decide: it is taken to decide as {}, the newest that is known",
                Version::NEWEST
            )),
        }
        Some(version)
    }
}

/// What makes a command fail.
#[derive(Debug, Args)]
pub(super) struct FailArguments {
    /// Exit with 1 when something of this weight or more is found
    #[arg(long, value_name = "WEIGHT", default_value = "block")]
    pub(super) fail_on: FailOn,

    /// Change what findings of a check weigh: `off`, `note`, `warn` or `block`
    #[arg(long = "severity", value_name = "CHECK=WEIGHT")]
    pub(super) severities: Vec<String>,
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum FailOn {
    /// Anything.
    Note,
    /// What is to be mended.
    Warn,
    /// What stops a merge.
    Block,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether something of this weight makes the command fail.
    pub(super) fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Note => true,
            Self::Warn => severity >= Severity::Warn,
            Self::Block => severity >= Severity::Block,
            Self::Never => false,
        }
    }
}

impl FactArguments {
    /// The day.
    pub(super) fn day(&self) -> Day {
        self.day.day()
    }

    pub(super) fn facts(&self) -> Result<Facts, CommandError> {
        let mut facts = Facts::none();
        if let Some(path) = &self.facts_file {
            let text = files::read_text(path)?;
            let read = facts_in(&text);
            let read = read.ok_or_else(|| {
                let message = format!("`{}` holds no facts", path.display());
                CommandError::usage(message)
                    .hint("facts are a JSON object such as {\"environment\": \"production\"}")
            })?;
            facts = read;
        }
        for fact in &self.facts {
            let Some((name, value)) = fact.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                return Err(CommandError::usage(format!("`{fact}` is not of the form FACT=VALUE")));
            };
            let mut values = facts.values(name).to_vec();
            // Given twice, a fact has two values; but the first replaces what the file says.
            if !self
                .facts
                .iter()
                .take_while(|other| *other != fact)
                .any(|other| other.starts_with(&format!("{name}=")))
            {
                values.clear();
            }
            values.push(value.to_owned());
            facts.set(name, values);
        }
        if let Some(name) = &self.name {
            facts.set("name", [name.as_str()]);
        }
        Ok(facts)
    }
}

/// The facts in a JSON object of texts and lists of texts; none where it is something else.
pub(super) fn facts_in(text: &str) -> Option<Facts> {
    let document = Document::parse(text.to_owned());
    let value = document.root().filter(|_| document.is_strict()).map(crate::json::Node::to_value)?;
    let read: BTreeMap<String, OneOrMany> = serde_json::from_value(value).ok()?;
    let mut facts = Facts::none();
    facts.extend(&read);
    Some(facts)
}

impl PolicyArguments {
    /// The question that these arguments ask of repositories.
    pub(super) fn question(&self, newest: bool, severities: &[String]) -> Result<Question, CommandError> {
        Ok(Question {
            policy: self.policy.as_deref().map(|text| PolicySource::parse(text, &working_folder())),
            pinned_as: None,
            newest,
            tidy: false,
            facts: self.facts.facts()?,
            weights: weights(severities)?,
            today: self.facts.day(),
            access: access(self.offline)?,
        })
    }
}

impl PolicyArguments {
    /// These arguments for another command that is to ask the same, but for the day: what is written is for
    /// today. What the environment says needs no argument.
    pub(super) fn again(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let policy = self.policy.clone().filter(|policy| env::var(POLICY).ok().as_ref() != Some(policy));
        let facts = &self.facts;
        for (option, value) in [
            ("--policy", policy),
            ("--name", facts.name.clone()),
            ("--facts", facts.facts_file.as_ref().map(|path| path.display().to_string())),
        ] {
            words.extend(value.map(|value| format!(" {option} {}", shell_word(&value))));
        }
        words.extend(facts.facts.iter().map(|fact| format!(" --fact {}", shell_word(fact))));
        if self.offline {
            words.push(" --offline".to_owned());
        }
        words.concat()
    }
}

/// A word as one types it at a shell.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,#".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('#') {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Whose policies are used: it holds for every policy that a command opens.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct TrustArguments {
    /// Use policies only that are signed by somebody on this list (`allowed_signers`, as git has it)
    ///
    /// Bundles are signed as a whole. A policy in a git repository is signed where its commit, or the tag that is named,
    /// carries an SSH signature. Folders carry none and are refused then. Without it, `BYLAWS_SIGNERS` names the list.
    #[arg(long, global = true, value_name = "FILE", help_heading = TRUST)]
    pub(super) signers: Option<PathBuf>,

    /// Refuse bundles that were made more days ago than this
    #[arg(long, global = true, value_name = "DAYS", help_heading = TRUST)]
    pub(super) max_age: Option<u32>,

    /// Use a bundle although a newer one was seen
    #[arg(long, global = true, help_heading = TRUST)]
    pub(super) allow_rollback: bool,
}

/// The variable that names the list of signers where no argument does.
const SIGNERS: &str = "BYLAWS_SIGNERS";

const TRUST: &str = "Trust in policies";

/// What was said of trust; the same for the whole process.
static TRUSTED: OnceLock<TrustArguments> = OnceLock::new();

impl TrustArguments {
    /// Lets it hold for every policy that is opened from now on.
    pub(super) fn hold(self) {
        let _ = TRUSTED.set(self);
    }

    /// The list that was named, or that of the environment: for people, not for programs that bind them.
    pub(super) fn signers_or_environment(&self) -> Option<PathBuf> {
        let named = || env::var_os(SIGNERS).filter(|value| !value.is_empty()).map(PathBuf::from);
        self.signers.clone().or_else(named)
    }

    /// What was said.
    pub(super) fn held() -> Self {
        TRUSTED.get().cloned().unwrap_or_default()
    }

    fn trust(&self) -> Result<Option<Trust>, CommandError> {
        let Some(path) = &self.signers_or_environment() else { return Ok(None) };
        let now = Timestamp::now();
        Ok(Some(Trust {
            signers: Arc::new(read_signers(path)?),
            max_age: self.max_age,
            allows_rollback: self.allow_rollback,
            record: Record::new(state_folder()),
            today: Offset::UTC.to_datetime(now).date().into(),
            now: now.as_second(),
        }))
    }
}

/// Reads a list of allowed signers. One that allows nobody is a mistake.
pub(super) fn read_signers(path: &Path) -> Result<AllowedSigners, CommandError> {
    let signers = AllowedSigners::parse(&files::read_text(path)?);
    if !signers.is_empty() {
        return Ok(signers);
    }
    let mut error = CommandError::usage(format!("`{}` allows nobody to sign", path.display()));
    for (line, why) in signers.faults() {
        error = error.hint(format!("line {line}: {why}"));
    }
    Err(error.hint("a line is `NAME KEY`, with the public key as `ssh-keygen` wrote it"))
}

/// How policies are brought here.
pub(super) fn access(offline: bool) -> Result<Access, CommandError> {
    let trust = TrustArguments::held().trust()?;
    Ok(Access { cache: Cache::new(cache_folder()), offline, trust })
}

/// Where is kept what was seen of bundles: `BYLAWS_STATE`, or the user's folder for such things.
pub(super) fn state_folder() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("BYLAWS_STATE")
        .or_else(|| folder("XDG_STATE_HOME").map(|state| state.join("bylaws")))
        .or_else(|| folder("LOCALAPPDATA").map(|state| state.join("bylaws").join("state")))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("state").join("bylaws")))
        .unwrap_or_else(|| env::temp_dir().join("bylaws-state"))
}

/// The folder that relative paths are meant from.
pub(super) fn working_folder() -> PathBuf {
    env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned())
}

/// Where copies of policies are kept: `BYLAWS_CACHE`, or the user's folder for such things.
pub(super) fn cache_folder() -> PathBuf {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("BYLAWS_CACHE")
        .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("bylaws")))
        .or_else(|| folder("LOCALAPPDATA").map(|cache| cache.join("bylaws").join("cache")))
        .or_else(|| folder("HOME").map(|home| home.join(".cache").join("bylaws")))
        .unwrap_or_else(|| env::temp_dir().join("bylaws-cache"))
}

pub(super) fn weights(severities: &[String]) -> Result<BTreeMap<String, Weight>, CommandError> {
    let mut weights = BTreeMap::new();
    for text in severities {
        let Some((name, weight)) = text.split_once('=') else {
            return Err(CommandError::usage(format!("`{text}` is not of the form CHECK=WEIGHT")));
        };
        if crate::check::find(name).is_none() {
            let message = format!("there is no check `{name}`");
            return Err(CommandError::usage(message).hint("`bylaws checks` lists the checks"));
        }
        weights.insert(name.to_owned(), weight.parse().map_err(CommandError::usage)?);
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_stay_one_word() {
        for (text, word) in [
            ("https://x.dev/p.git#v1", "https://x.dev/p.git#v1"),
            ("two words", "'two words'"),
            ("it's", "'it'\\''s'"),
            ("#x", "'#x'"),
            ("$(x)", "'$(x)'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
