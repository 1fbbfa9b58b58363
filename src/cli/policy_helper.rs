//! `bylaws policy-helper`: the program that the client asks for its managed settings.
//!
//! The client takes no settings at all, and says nothing, where it is given an object without `managedSettings`; it does
//! not start where the program fails. So what is printed is always an envelope, and the program ends with 0 even where
//! nothing good is left, unless it was asked not to.
//!
//! INVARIANT: nothing of the environment but the state folder is looked at: it belongs to those whom the settings
//! bind. Nothing is printed before the whole envelope is known.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::Offset;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arguments::{TrustArguments, facts_in, read_signers, state_folder, working_folder};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::bundle::{self, Bundle, Demands, Record, Signed};
use crate::export::{Channel, ENVELOPE_LIMIT, Options, compile_for};
use crate::files;
use crate::finding::Severity;
use crate::git;
use crate::policy::{self, Facts, Policy};
use crate::repository::name_of_url;
use crate::settings::Acceptance;

/// The name under which the program needs no arguments: the client gives none.
const NAME: &str = "bylaws-policy-helper";

/// Where the configuration stands unless told. Only administrators write there.
const CONFIGURATION: &str = if cfg!(windows) {
    "C:\\Program Files\\Bylaws\\policy-helper.json"
} else if cfg!(target_os = "macos") {
    "/Library/Application Support/Bylaws/policy-helper.json"
} else {
    "/etc/bylaws/policy-helper.json"
};

/// Print the managed settings for this machine, from a signed bundle, as the client's `policyHelper`
///
/// The client runs the program that `policyHelper.path` names, without arguments: a copy of or link to this program with
/// the name `bylaws-policy-helper`, or a script that gives the arguments. The bundle is verified on every run. Where
/// anything is wrong with it, the last one that was good is used, and the reason goes to standard error; where there is
/// none, `--fallback` says what happens.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The bundle; its signature lies beside it, and `--signers` names who may have signed it
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,

    /// Where facts about the machine come from: `file:PATH`, `os-group` or `repository`; may be given several times
    ///
    /// A file holds facts as JSON, or one line that becomes the fact `group`. The groups of the user become the fact
    /// `os-group`. The repository that the client was started in becomes the fact `name`, and brings along what the
    /// inventory knows of it; its users can give it another name.
    #[arg(long = "group-from", value_name = "SOURCE")]
    group_from: Vec<GroupSource>,

    /// Where is kept what was seen, and the last good bundle [default: the user's folder for such things]
    #[arg(long, value_name = "FOLDER")]
    state: Option<PathBuf>,

    /// What happens where there is no good bundle
    #[arg(long, value_name = "WHAT", default_value = "deny-all")]
    fallback: Fallback,

    /// The configuration, instead of arguments [default: where administrators put it on this system]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bundle", "group_from", "state"])]
    config: Option<PathBuf>,
}

/// What happens where there is no good bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Fallback {
    /// Settings that let no tool run; the client starts and says so.
    #[default]
    DenyAll,
    /// The program fails, and the client does not start.
    NoStart,
}

/// The configuration of `bylaws policy-helper`. All paths are absolute: the client is started anywhere.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HelperFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    /// The bundle; its signature lies beside it.
    bundle: PathBuf,
    /// The list of those who may have signed it (`allowed_signers`).
    signers: PathBuf,
    /// Where facts about the machine come from: `file:PATH`, `os-group`, `repository`.
    #[serde(default)]
    group_from: Vec<String>,
    /// Where is kept what was seen; otherwise the user's folder for such things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<PathBuf>,
    /// Most days since the bundle was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u32>,
    /// What happens where there is no good bundle.
    #[serde(default)]
    fallback: Fallback,
}

/// Where facts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum GroupSource {
    File(PathBuf),
    OsGroup,
    Repository,
}

impl FromStr for GroupSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("file:")) {
            (_, Some(path)) if !path.is_empty() => Ok(Self::File(path.into())),
            ("os-group", _) => Ok(Self::OsGroup),
            ("repository", _) => Ok(Self::Repository),
            _ => Err(format!("`{text}` is none of file:PATH, os-group and repository")),
        }
    }
}

/// All that a run depends on.
struct Run {
    bundle: PathBuf,
    signers: PathBuf,
    group_from: Vec<GroupSource>,
    record: Record,
    max_age: Option<u32>,
}

/// Whether the program was started under the name for which it needs no arguments.
pub(super) fn is_own_name(program: &Path) -> bool {
    program.file_stem().is_some_and(|stem| stem == NAME)
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    if arguments.bundle.is_some() && TrustArguments::held().signers.is_none() {
        return Err(CommandError::usage("nobody said who may have signed the bundle")
            .hint("`--signers FILE` names the list; the environment is not asked, it is the user's"));
    }
    let mut fallback = arguments.fallback;
    let found = configured(arguments, &mut fallback).and_then(|run| envelope(ui, &run));
    let envelope = match (found, fallback) {
        (Ok(envelope), _) => envelope,
        (Err(reason), Fallback::DenyAll) => {
            ui.status(&format!("{reason}; no tool runs until this is mended"));
            locked().to_string()
        }
        (Err(reason), Fallback::NoStart) => return Err(CommandError::failed(reason)),
    };
    writeln!(ui.out, "{envelope}")?;
    Ok(exit::CLEAN)
}

/// Settings under which no tool, hook, server or rule of anybody else runs (observed, 2.1.330: `deny: ["*"]` stops every
/// tool, in every mode).
fn locked() -> Value {
    json!({"managedSettings": {
        "permissions": {
            "deny": ["*"],
            "defaultMode": "default",
            "disableBypassPermissionsMode": "disable"
        },
        "allowManagedPermissionRulesOnly": true,
        "allowManagedHooksOnly": true,
        "allowManagedMcpServersOnly": true,
        "allowedMcpServers": []
    }})
}

fn configured(arguments: &Arguments, fallback: &mut Fallback) -> Result<Run, String> {
    if let Some(bundle) = &arguments.bundle {
        let trust = TrustArguments::held();
        return Ok(Run {
            bundle: bundle.clone(),
            signers: trust.signers.ok_or("nobody said who may have signed the bundle")?,
            group_from: arguments.group_from.clone(),
            record: Record::new(arguments.state.clone().unwrap_or_else(state_folder)),
            max_age: trust.max_age,
        });
    }
    let path = arguments.config.as_deref().unwrap_or(Path::new(CONFIGURATION));
    let text = files::read_text(path).map_err(|error| error.to_string())?;
    let file: HelperFile = serde_json::from_str(&text)
        .map_err(|error| format!("`{}` is no configuration: {error}", path.display()))?;
    *fallback = file.fallback;
    let group_from: Result<Vec<GroupSource>, String> =
        file.group_from.iter().map(|text| text.parse()).collect();
    let run = Run {
        bundle: file.bundle,
        signers: file.signers,
        group_from: group_from?,
        record: Record::new(file.state.unwrap_or_else(state_folder)),
        max_age: file.max_age,
    };
    let named = run.group_from.iter().filter_map(|source| match source {
        GroupSource::File(path) => Some(path),
        _ => None,
    });
    let relative = named.chain([&run.bundle, &run.signers]).find(|path| !path.is_absolute());
    if let Some(relative) = relative {
        return Err(format!("`{}` in `{}` is no absolute path", relative.display(), path.display()));
    }
    Ok(run)
}

/// The envelope of the bundle, or of the last one that was good.
fn envelope(ui: &mut Ui, run: &Run) -> Result<String, String> {
    let signers = read_signers(&run.signers).map_err(|error| error.message)?;
    let seen = run.record.seen(&run.bundle).unwrap_or_else(|error| {
        ui.status(&error.to_string());
        None
    });
    let now = Timestamp::now();
    let demands = Demands {
        signers: &signers,
        today: Offset::UTC.to_datetime(now).date().into(),
        now: now.as_second(),
        max_age: run.max_age,
        allows_rollback: false,
        seen: seen.as_ref(),
    };
    let facts = facts(&run.group_from)?;
    let name = run.bundle.display().to_string();
    let use_it = |signed: &Signed| -> Result<(Bundle, String), String> {
        let bundle = bundle::verify(signed, &name, &demands).map_err(|error| error.to_string())?;
        let envelope = of_bundle(&bundle, &facts)?;
        Ok((bundle, envelope))
    };
    let current = bundle::read(&run.bundle).map_err(|error| error.to_string());
    let found = current.as_ref().map_err(Clone::clone).and_then(use_it);
    let reason = match (found, &current) {
        (Ok((bundle, envelope)), current) => {
            for note in &bundle.notes {
                ui.status(note);
            }
            let signed = current.as_ref().ok();
            let kept = run.record.keep(&run.bundle, &bundle, signed, demands.today, demands.now);
            if let Err(error) = kept {
                ui.status(&format!("{error}; where this bundle fails, nothing will stand in for it"));
            }
            return Ok(envelope);
        }
        (Err(reason), _) => reason,
    };
    let last = run
        .record
        .last_good(&run.bundle)
        .ok_or_else(|| format!("{reason}; there is no bundle that was good"))?;
    let least = current.ok().and_then(|signed| number_by_itself(&signed, &name, &demands));
    match use_it(&last) {
        Ok((bundle, _)) if least.is_some_and(|least| bundle.about.sequence < least) => {
            Err(format!("{reason}; nor is the last good bundle used: it is an older one"))
        }
        Ok((bundle, envelope)) => {
            let number = bundle.about.sequence;
            ui.status(&format!("{reason}; the last good bundle stands in for it, number {number}"));
            Ok(envelope)
        }
        Err(error) => Err(format!("{reason}; nor is the last good bundle used: {error}")),
    }
}

/// The number of a bundle that only what was seen speaks against. The user can write what was seen, and must not bring
/// back an older bundle by it.
fn number_by_itself(signed: &Signed, name: &str, demands: &Demands<'_>) -> Option<u64> {
    let refused = bundle::verify(signed, name, demands).is_err();
    let by_itself = Demands { seen: None, ..demands.clone() };
    let bundle = bundle::verify(signed, name, &by_itself).ok().filter(|_| refused)?;
    Some(bundle.about.sequence)
}

/// What the policy of a bundle asks where these facts hold.
fn of_bundle(bundle: &Bundle, facts: &Facts) -> Result<String, String> {
    let (policy, findings) = policy::load_for(&bundle.files, facts);
    let faulty = |message: &str| format!("the policy of the bundle is not used: {message}");
    let policy: Policy = policy.ok_or_else(|| {
        let first = findings.iter().find(|finding| finding.severity == Severity::Block);
        faulty(first.map_or("it has errors", |finding| &finding.message))
    })?;
    let (baseline, findings) = policy.resolve(&policy.known_facts(facts), bundle.today);
    if let Some(finding) = findings.iter().find(|finding| finding.severity == Severity::Block) {
        return Err(faulty(&finding.message));
    }
    let options = Options { organization: &policy.organization, ..Options::default() };
    let compiled = compile_for(Channel::Envelope, &baseline, &options);
    // Of a program the client takes all or does not start.
    let read = compiled.read();
    if !matches!(read.acceptance(), Acceptance::Whole) {
        let first = read.problems().first().map(ToString::to_string).unwrap_or_default();
        return Err(faulty(&first));
    }
    let text = compiled.envelope().to_string();
    if text.len() >= ENVELOPE_LIMIT {
        return Err(faulty(&format!("{} bytes of settings are more than the client reads", text.len())));
    }
    Ok(text)
}

/// What is known of the machine. What cannot be asked is an error: less may hold for a group that is not known.
fn facts(sources: &[GroupSource]) -> Result<Facts, String> {
    let mut facts = Facts::none();
    for source in sources {
        match source {
            GroupSource::File(path) => {
                let text = files::read_text(path).map_err(|error| error.to_string())?;
                if text.trim_start().starts_with('{') {
                    let read =
                        facts_in(&text).ok_or_else(|| format!("`{}` holds no facts", path.display()))?;
                    for (name, values) in read.iter() {
                        facts.set(name, values.iter().cloned());
                    }
                } else {
                    let group = text.lines().map(str::trim).find(|line| !line.is_empty());
                    let group = group.ok_or_else(|| {
                        format!("`{}` is empty; `{{}}` says that there is no group", path.display())
                    })?;
                    facts.set("group", [group]);
                }
            }
            GroupSource::OsGroup => facts.set("os-group", os_groups()?),
            GroupSource::Repository => {
                let folder = working_folder();
                let root = folder.ancestors().find(|folder| folder.join(".git").exists());
                let name = root.and_then(git::origin).and_then(|url| name_of_url(&url));
                facts.set("name", name);
            }
        }
    }
    Ok(facts)
}

/// The groups of the user, asked of the system's own program by its full path: what `PATH` names is the user's choice.
fn os_groups() -> Result<Vec<String>, String> {
    if cfg!(windows) {
        let text = output("C:\\Windows\\System32\\whoami.exe", &["/groups", "/fo", "csv", "/nh"])?;
        let name = |line: &str| line.trim_start_matches('"').split('"').next().map(str::to_owned);
        return Ok(text.lines().filter_map(name).filter(|name| !name.is_empty()).collect());
    }
    // Names may hold blanks; not every `id` has another separator.
    let groups = match output("/usr/bin/id", &["-Gnz"]) {
        Ok(text) => text.split('\0').map(str::to_owned).collect::<Vec<_>>(),
        Err(_) => output("/usr/bin/id", &["-Gn"])?.split_whitespace().map(str::to_owned).collect(),
    };
    Ok(groups.into_iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
}

fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let done = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let done = done.map_err(|error| format!("the groups of the user are not known: `{program}`: {error}"))?;
    if !done.status.success() {
        return Err(format!("the groups of the user are not known: `{program}` failed"));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
