//! The JSON report. Its form is frozen: fields are added, never changed; a change makes version 2.
//! The types here are those of the format, apart from those that the program works with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::findings_of;
use crate::finding::{self, Counts, FileName};
use crate::repository::Checked;

/// A report of `bylaws check`, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers and dates of layers were decided.
    date: String,
    /// The repositories, in the order in which they were asked for.
    repositories: Vec<Repository>,
    /// All findings together.
    summary: Summary,
}

/// A report of `bylaws policy check`, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers and dates of layers were decided.
    date: String,
    /// The policy.
    source: String,
    /// What was found, in order of files and places.
    findings: Vec<Finding>,
    /// All findings together.
    summary: Summary,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Tool {
    name: String,
    version: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Repository {
    /// The folder as it was asked for.
    path: String,
    /// `owner/name`, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Why the repository could not be checked. It has no projects then, and is not clean.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The folders with agent settings.
    projects: Vec<Project>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Project {
    /// The folder, from the root of the repository.
    path: String,
    /// The policy that it was held against.
    policy: Policy,
    /// What was found, in order of files and places.
    findings: Vec<Finding>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Policy {
    /// Where it is.
    source: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// Digest of what it asks of this project.
    digest: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Finding {
    /// Name of the check; `bylaws checks NAME` explains it.
    check: String,
    /// `note`, `warn` or `block`.
    severity: finding::Severity,
    /// What is the matter.
    message: String,
    /// What to do about it, where `fix` does not say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// Where it is.
    place: Place,
    /// What tells this finding from the others of its check and file; stable while lines move.
    key: String,
    /// The lines of policy that ask for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<Origin>,
    /// Further places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
    /// What `bylaws apply` would do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    /// The file: from the root of the repository, or within `policy`.
    file: String,
    /// The policy that the file belongs to, where it is not one of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// Line from 1.
    line: usize,
    /// Column from 1, in characters.
    column: usize,
    /// Line of the end.
    end_line: usize,
    /// Column behind the end.
    end_column: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Origin {
    /// Title of the layer.
    layer: String,
    /// The line.
    place: Place,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Related {
    /// What the place shows.
    message: String,
    /// The place.
    place: Place,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    /// Findings that block.
    block: usize,
    /// Findings to be mended.
    warn: usize,
    /// Findings worth knowing.
    note: usize,
    /// Findings that `bylaws apply` mends.
    fixable: usize,
    /// Repositories that could not be checked.
    failed: usize,
}

/// The report on repositories; each with the folder as it was asked for, and the error of those that
/// could not be checked.
pub fn json_report(date: &str, repositories: &[(String, Result<&Checked, String>)]) -> Report {
    let checked = repositories.iter().filter_map(|(_, checked)| checked.as_ref().ok());
    let counts = Counts::of(checked.flat_map(|checked| findings_of(checked)));
    let failed = repositories.iter().filter(|(_, checked)| checked.is_err()).count();
    Report {
        version: 1,
        tool: tool(),
        date: date.to_owned(),
        repositories: repositories.iter().map(|(path, checked)| repository(path, checked)).collect(),
        summary: summary(counts, failed),
    }
}

/// The report on a policy by itself.
pub fn policy_report(date: &str, source: &str, findings: &[finding::Finding]) -> PolicyReport {
    PolicyReport {
        version: 1,
        tool: tool(),
        date: date.to_owned(),
        source: source.to_owned(),
        findings: findings.iter().map(finding).collect(),
        summary: summary(Counts::of(findings), 0),
    }
}

pub(super) fn tool() -> Tool {
    Tool { name: "bylaws".into(), version: env!("CARGO_PKG_VERSION").into() }
}

fn summary(counts: Counts, failed: usize) -> Summary {
    Summary { block: counts.block, warn: counts.warn, note: counts.note, fixable: counts.fixable, failed }
}

fn repository(path: &str, checked: &Result<&Checked, String>) -> Repository {
    let (name, error, held) = match checked {
        Ok(checked) => (checked.name(), None, checked.projects.as_slice()),
        Err(error) => (None, Some(error.clone()), [].as_slice()),
    };
    let projects = held.iter().map(|held| Project {
        path: held.project.path.to_string(),
        policy: Policy {
            source: held.pin.source.clone(),
            revision: held.pin.revision.clone(),
            digest: held.pin.digest.clone(),
        },
        findings: held.findings.iter().map(finding).collect(),
    });
    Repository { path: path.to_owned(), name, error, projects: projects.collect() }
}

fn finding(finding: &finding::Finding) -> Finding {
    Finding {
        check: finding.check.to_owned(),
        severity: finding.severity,
        message: finding.message.clone(),
        help: finding.help.clone(),
        place: place(&finding.place),
        key: finding.key.clone(),
        origins: finding.origins.iter().map(origin).collect(),
        related: finding
            .related
            .iter()
            .map(|(at, message)| Related { message: message.clone(), place: place(at) })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| fix.title.clone()),
    }
}

pub(super) fn origin(origin: &finding::Origin) -> Origin {
    Origin { layer: origin.layer.to_string(), place: place(&origin.place) }
}

pub(super) fn place(place: &finding::Place) -> Place {
    let (file, policy) = match place.file() {
        FileName::Repository(path) => (path.to_string(), None),
        FileName::Elsewhere(name) => (name.clone(), None),
        FileName::Policy { source, path } => (path.to_string(), Some(source.clone())),
    };
    let (start, end) = (place.start(), place.end());
    Place { file, policy, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
