//! Records of sessions and how long they are kept, variables of the environment, and which client wrote last.
//!
//! The client keeps records as `projects/FOLDER/SESSION.jsonl` below its folder and deletes them after
//! `cleanupPeriodDays`, 30 where nothing sets it (its documentation, 2.1.330).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;

use super::Asked;
use super::context::Context;
use super::item::{Client, Force, Item, Kind, Says, Scope, Transcripts, Verdict};
use super::keys::is_telemetry;
use super::read::Reader;
use super::words;
use crate::client::{Standing, Version};
use crate::files;
use crate::json::Pointer;
use crate::policy::Day;

/// How long the client keeps records where nothing says otherwise, in days.
const KEPT: u64 = 30;

/// How much of the newest record is read to learn which client wrote it.
const HEAD: u64 = 256 * 1024;

/// Variables that lead the client elsewhere or give it credentials (its documentation, 2.1.330).
const ROUTING: [&str; 12] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CONFIG_DIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
];

/// The records of sessions, and the newest of them.
pub(super) fn transcripts(
    asked: &Asked,
    (machine, projects): (&Context, &[Context]),
    reader: &mut Reader,
) -> (Transcripts, Option<PathBuf>) {
    let folder = asked.config.join("projects");
    let survey = files::survey(&folder, ".jsonl");
    let at = Pointer::of(["cleanupPeriodDays"]);
    let setting = machine.held().iter().filter(|held| held.settings.at(&at).is_some());
    let setting = setting.max_by_key(|held| held.settings.scope().precedence());
    let kept = machine.merged().get("cleanupPeriodDays").and_then(Value::as_u64);
    let kept_by =
        setting.and_then(|held| Some(held.place(held.settings.at(&at)?.span))).filter(|_| kept.is_some());
    let oldest = survey.oldest.and_then(day);
    let oldest_days = oldest.map(|oldest| asked.day.days_since(oldest));
    let kept_days = kept.unwrap_or(KEPT);
    let mut verdict = machine.judge.kept_days(kept_days);
    let breach = |verdict: &Verdict| matches!(verdict.says, Says::Denied | Says::NotApproved);
    // What is deleted late is kept longer than policy lets it be, whatever the setting says.
    let age = oldest_days.and_then(|days| u64::try_from(days).ok()).unwrap_or_default();
    if !breach(&verdict) && age > kept_days {
        let of_age = machine.judge.kept_days(age);
        if breach(&of_age) {
            verdict = of_age.because(format!("the oldest record is {age} days old"));
        }
    }
    // The client deletes by the settings of the folder that it works in, wherever records come from.
    for project in projects {
        if breach(&verdict) {
            break;
        }
        let Some(days) = kept_by_project(project, machine) else { continue };
        let of_project = project.judge.kept_days(days);
        if breach(&of_project) {
            verdict = of_project.because(kept_in_words(project, days));
        }
    }
    let told = Transcripts {
        folder: reader.shown(&folder),
        count: survey.count,
        bytes: survey.bytes,
        oldest,
        oldest_days,
        is_partial: survey.is_partial,
        kept_days,
        kept_by,
        verdict,
    };
    (told, survey.newest.map(|(_, path)| path))
}

/// The projects that have records deleted after another time than the machine, each in a sentence.
pub(super) fn kept_elsewhere(machine: &Context, projects: &[Context]) -> Vec<String> {
    let found = projects.iter().filter_map(|project| Some((project, kept_by_project(project, machine)?)));
    found.map(|(project, days)| kept_in_words(project, days)).collect()
}

fn kept_in_words(project: &Context, days: u64) -> String {
    let name = project.project.as_deref().unwrap_or_default();
    format!("while the client works in {name}, records are deleted after {days} days")
}

/// After how many days a project has records deleted, where it says something else than the machine.
fn kept_by_project(project: &Context, machine: &Context) -> Option<u64> {
    let days = |context: &Context| context.merged().get("cleanupPeriodDays").and_then(Value::as_u64);
    days(project).filter(|found| Some(*found) != days(machine))
}

fn day(time: SystemTime) -> Option<Day> {
    let time = Timestamp::try_from(time).ok()?;
    Some(Offset::UTC.to_datetime(time).date().into())
}

/// The client that wrote a record.
pub(super) fn client(newest: Option<&Path>) -> Client {
    let head = newest.and_then(|path| files::read_head(path, HEAD).ok()).unwrap_or_default();
    let version = head.lines().find_map(|line| {
        let record: Value = serde_json::from_str(line).ok()?;
        record.get("version")?.as_str().map(str::to_owned)
    });
    let Some(text) = version else {
        let standing = "which version runs here is not known".to_owned();
        return Client { version: None, standing, is_known: false };
    };
    let (standing, is_known) = match text.parse::<Version>() {
        Ok(version) => match version.standing() {
            Standing::Known => ("it was seen deciding".to_owned(), true),
            Standing::Between(before, after) => {
                (format!("it was not seen deciding; {before} and {after} were"), false)
            }
            Standing::Newer => {
                (format!("it is newer than {}, the newest that was seen deciding", Version::NEWEST), false)
            }
        },
        Err(error) => (words::plain(&error.to_string()), false),
    };
    Client { version: Some(words::plain(&text)), standing, is_known }
}

/// The rows of the environment.
pub(super) fn environment(variables: &BTreeMap<String, String>) -> Vec<Item> {
    let told = variables.iter().filter(|(name, _)| is_telemetry(name) || ROUTING.contains(&name.as_str()));
    let row = |(name, value): (&String, &String)| Item {
        kind: if is_telemetry(name) { Kind::Telemetry } else { Kind::Variable },
        name: name.clone(),
        what: words::value(name, value),
        scope: Scope::Environment,
        project: None,
        place: super::no_file("environment"),
        force: Force::yes(),
        verdict: Verdict::not_spoken_of(),
    };
    told.map(row).collect()
}
