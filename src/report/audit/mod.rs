//! An audit of a machine as text, JSON and HTML. The JSON form is frozen: fields are added, never changed.

mod html;
mod text;

use schemars::JsonSchema;
use serde::Serialize;

pub use html::write_audit_html;
pub use text::write_audit_text;

use super::json::{Origin, Place, Tool, origin, place, tool};
use crate::audit::{self, Audit, Says};
use crate::finding::Severity;

/// What `bylaws audit --format json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers, dates of layers and ages were decided.
    date: String,
    /// The policy that everything was held against; missing where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Policy>,
    /// The home folder; `~` in the paths below.
    home: String,
    /// The folder of the client's own files.
    config: String,
    /// The client, as far as its traces tell.
    client: Client,
    /// All rows counted.
    summary: Summary,
    /// The files that were looked at.
    files: Vec<FileRow>,
    /// What this machine has, by kind, what weighs most first.
    items: Vec<Item>,
    /// The records of sessions.
    transcripts: Transcripts,
    /// What was not looked at, and what else the reader should know.
    notes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Policy {
    /// Where it is.
    source: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Client {
    /// The version that wrote the newest record of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// What is known of how it decides.
    standing: String,
    /// Whether it was seen deciding, so that `inForce` holds for it.
    known: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Items that policy forbids.
    denied: usize,
    /// Items that are not among what policy says may be there.
    not_approved: usize,
    /// Items of which it is not known what policy says.
    unknown: usize,
    /// Items that no line of policy speaks of.
    not_spoken_of: usize,
    /// Items that policy asks for or lets be there.
    allowed: usize,
    /// Rows of all kinds that block.
    block: usize,
    /// Rows of all kinds to be mended.
    warn: usize,
    /// Rows of all kinds worth knowing.
    note: usize,
    /// Files and folders that could not be read, or not all of them. The audit is not whole then.
    unread: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FileRow {
    /// The file, or what in it is the matter.
    place: Place,
    /// `managed`, `server`, `user`, `project`, `local` or `plugin`.
    scope: String,
    /// The project that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// `read`, `partly`, `dropped`, `halts` (the client does not start) or `unreadable` (not known).
    state: String,
    /// What is the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// How much that weighs.
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Item {
    /// `mcp-server`, `plugin`, `marketplace`, `hook`, `helper`, `trust`, `approval`, `mode`, `folder`, `rule`,
    /// `definition`, `telemetry` or `variable`.
    kind: String,
    /// Its name.
    name: String,
    /// What it is or does. Whatever may be a credential is cut out.
    what: String,
    /// `managed`, `server`, `user`, `project`, `local`, `plugin` or `environment`.
    scope: String,
    /// The project that it is for; missing where it is for the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Where it stands.
    place: Place,
    /// Whether the client acts on it.
    in_force: InForce,
    /// What policy says of it.
    verdict: Verdict,
    /// How much it weighs; missing where nothing is the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct InForce {
    /// `yes`, `partly`, `no` or `unknown`.
    is: String,
    /// Why not, or when.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Verdict {
    /// `allowed`, `not-spoken-of`, `unknown`, `not-approved` or `denied`.
    is: String,
    /// Why, where the lines alone do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The lines of policy that say so.
    origins: Vec<Origin>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Transcripts {
    /// The folder.
    folder: String,
    /// How many records there are.
    count: usize,
    /// Their bytes together.
    bytes: u64,
    /// The day on which the oldest was written last.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    /// The days from that one to the day of the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_days: Option<i64>,
    /// Whether not all of them could be counted.
    partial: bool,
    /// The days after which the client deletes them.
    kept_days: u64,
    /// Where that is set; missing where it is the client's own default.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_by: Option<Place>,
    /// What policy says of it.
    verdict: Verdict,
}

/// The policy of an audit: its name and its revision.
pub type AuditedAgainst<'a> = Option<(&'a str, Option<&'a str>)>;

/// The audit as a report.
pub fn audit_report(audit: &Audit, policy: AuditedAgainst<'_>) -> AuditReport {
    AuditReport {
        version: 1,
        tool: tool(),
        date: audit.day.to_string(),
        policy: policy.map(|(source, revision)| Policy {
            source: source.to_owned(),
            revision: revision.map(str::to_owned),
        }),
        home: audit.home.clone(),
        config: audit.config.clone(),
        client: Client {
            version: audit.client.version.clone(),
            standing: audit.client.standing.clone(),
            known: audit.client.is_known,
        },
        summary: summary(audit),
        files: audit.looked.iter().map(file).collect(),
        items: audit.items.iter().map(item).collect(),
        transcripts: transcripts(&audit.transcripts),
        notes: audit.notes.clone(),
    }
}

fn summary(audit: &Audit) -> Summary {
    let weighing = |severity| audit.weights().filter(|weight| *weight == severity).count();
    Summary {
        denied: audit.count(Says::Denied),
        not_approved: audit.count(Says::NotApproved),
        unknown: audit.count(Says::Unknown),
        not_spoken_of: audit.count(Says::NotSpokenOf),
        allowed: audit.count(Says::Allowed),
        block: weighing(Severity::Block),
        warn: weighing(Severity::Warn),
        note: weighing(Severity::Note),
        unread: audit.unread(),
    }
}

fn file(looked: &audit::Looked) -> FileRow {
    FileRow {
        place: place(&looked.place),
        scope: looked.scope.name().to_owned(),
        project: looked.project.clone(),
        state: looked.taken.name().to_owned(),
        message: looked.why.clone(),
        severity: looked.weight(),
    }
}

fn item(item: &audit::Item) -> Item {
    Item {
        kind: item.kind.name().to_owned(),
        name: item.name.clone(),
        what: item.what.clone(),
        scope: item.scope.name().to_owned(),
        project: item.project.clone(),
        place: place(&item.place),
        in_force: InForce { is: item.force.is.name().to_owned(), why: item.force.why.clone() },
        verdict: verdict(&item.verdict),
        severity: item.weight(),
    }
}

fn verdict(verdict: &audit::Verdict) -> Verdict {
    Verdict {
        is: verdict.says.name().to_owned(),
        why: verdict.why.clone(),
        origins: verdict.origins.iter().map(origin).collect(),
    }
}

fn transcripts(told: &audit::Transcripts) -> Transcripts {
    Transcripts {
        folder: told.folder.clone(),
        count: told.count,
        bytes: told.bytes,
        oldest: told.oldest.map(|day| day.to_string()),
        oldest_days: told.oldest_days,
        partial: told.is_partial,
        kept_days: told.kept_days,
        kept_by: told.kept_by.as_ref().map(place),
        verdict: verdict(&told.verdict),
    }
}

/// The records of sessions in a sentence.
fn records_in_words(told: &audit::Transcripts) -> String {
    let count = match told.count {
        0 => "none".to_owned(),
        1 => format!("1 record, {}", size(told.bytes)),
        count => format!("{count} records, {}", size(told.bytes)),
    };
    let age = match (told.oldest, told.oldest_days) {
        (Some(day), Some(days)) => format!(", the oldest of {day} ({days} days)"),
        _ => String::new(),
    };
    let partial = if told.is_partial { "; not all could be counted" } else { "" };
    let by = match &told.kept_by {
        Some(place) => format!("`cleanupPeriodDays` in {place}"),
        None => "the client's own default".to_owned(),
    };
    format!("{count} in {}{age}{partial}; deleted after {} days by {by}", told.folder, told.kept_days)
}

/// Whether telemetry is on, in a sentence.
fn telemetry_in_words(audit: &Audit) -> &'static str {
    let on = audit.items.iter().any(|item| {
        item.name == "CLAUDE_CODE_ENABLE_TELEMETRY"
            && matches!(item.what.as_str(), "1" | "true")
            && item.force.is != audit::InForce::No
    });
    if on { "switched on" } else { "nothing that was looked at switches it on" }
}

/// The client in a sentence.
fn client_in_words(client: &audit::Client) -> String {
    match &client.version {
        Some(version) => format!("{version} wrote the newest record; {}", client.standing),
        None => client.standing.clone(),
    }
}

/// Bytes in the unit that suits them.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    let mut left = bytes;
    let mut unit = 0;
    while left >= 10_000 && unit + 1 < UNITS.len() {
        left /= 1000;
        unit += 1;
    }
    format!("{left} {}", UNITS.get(unit).copied().unwrap_or_default())
}

/// The lines of policy in short: each layer with its places.
fn policy_in_words(verdict: &audit::Verdict) -> Option<String> {
    let lines: Vec<String> =
        verdict.origins.iter().map(|origin| format!("{} ({})", origin.layer, origin.place)).collect();
    match (&verdict.why, lines.is_empty()) {
        (None, true) => None,
        (Some(why), true) => Some(why.clone()),
        (None, false) => Some(lines.join(", ")),
        (Some(why), false) => Some(format!("{why}: {}", lines.join(", "))),
    }
}

/// Whether a row is in force, in words; none where it simply is.
fn force_in_words(force: &audit::Force) -> Option<String> {
    let lead = match force.is {
        audit::InForce::Yes => return None,
        audit::InForce::Partly => "partly in force",
        audit::InForce::No => "not in force",
        audit::InForce::Unknown => "in force or not, that is not known",
    };
    Some(match &force.why {
        Some(why) => format!("{lead}: {why}"),
        None => lead.to_owned(),
    })
}

/// Where something stands: with its line, where the file has any.
fn place_in_words(place: &crate::finding::Place) -> String {
    if place.source().is_some() { place.to_string() } else { place.file().to_string() }
}

/// Whose a row is, and where it stands.
fn whence_in_words(item: &audit::Item) -> (String, Option<String>) {
    let scope = item.scope.name();
    let whose = match &item.project {
        Some(project) => format!("{scope} of {project}"),
        None => scope.to_owned(),
    };
    let place = (item.scope != audit::Scope::Environment).then(|| place_in_words(&item.place));
    (whose, place)
}
