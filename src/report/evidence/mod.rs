//! Evidence as people, spreadsheets and tools for audits read it. Every format says what it does not show.

mod csv;
mod html;
mod json;
mod oscal;
mod text;

pub use csv::write_evidence_csv;
pub use html::write_evidence_html;
pub use json::{EvidenceReport, evidence_report};
pub use oscal::oscal_results;
pub use text::write_evidence_text;

use crate::evidence::{Answer, Evidence, Outcome, Requirement, Status};

/// Who asks for something, and who is exempt, each in one text; empty where nobody does or is.
struct Backing {
    /// Where it is enforced and who can change it there.
    enforced: String,
    /// The lines of policy.
    lines: String,
    /// The waivers.
    waivers: String,
}

impl Backing {
    fn of(answer: &Answer) -> Self {
        let mut enforced: Vec<String> = Vec::new();
        let mut channels: Vec<crate::evidence::Channel> =
            answer.enforced.iter().map(|enforced| enforced.by).collect();
        channels.dedup();
        for by in channels {
            let places = answer.enforced.iter().filter(|enforced| enforced.by == by);
            let places: Vec<&str> = places.map(|enforced| enforced.place.as_str()).collect();
            enforced.push(format!("{} ({}): {}", by.name(), by.meaning(), places.join(", ")));
        }
        let lines = answer.lines.iter().map(|line| format!("{} at {}", line.layer, line.place));
        let waivers = answer
            .waivers
            .iter()
            .map(|waiver| format!("`{}` of {} until {}", waiver.id, waiver.owner, waiver.until));
        Self {
            enforced: enforced.join("; "),
            lines: lines.collect::<Vec<_>>().join(", "),
            waivers: waivers.collect::<Vec<_>>().join(", "),
        }
    }
}

/// What a session in the cloud is held to, in one word.
fn in_cloud(answer: &Answer) -> &'static str {
    match answer.holds_in_cloud() {
        Some(true) => "holds",
        Some(false) => "does not hold",
        None => "",
    }
}

/// The names of the subjects of an outcome.
fn names(evidence: &Evidence, outcome: &Outcome) -> Vec<String> {
    outcome
        .subjects
        .iter()
        .filter_map(|number| evidence.subjects.get(*number))
        .map(crate::evidence::Subject::name)
        .collect()
}

/// A requirement in one word, with its day where all answers have the same.
fn standing(requirement: &Requirement) -> String {
    let status = requirement.status();
    let mut worst = requirement.outcomes.iter().filter(|outcome| outcome.answer.status == status);
    match (worst.next(), worst.next()) {
        (Some(only), None) => only.answer.in_words(),
        _ => status.to_string(),
    }
}

/// How many requirements are in each status: `3 not met, 12 met`.
fn summary(evidence: &Evidence) -> String {
    let counts = evidence.counts();
    let told: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    told.join(", ")
}

/// What was looked at, in few words.
fn scope(evidence: &Evidence) -> String {
    match evidence.subjects.as_slice() {
        [only] => only.name(),
        subjects => {
            let mut repositories: Vec<&str> =
                subjects.iter().map(|subject| subject.repository.as_str()).collect();
            repositories.dedup();
            match (repositories.len(), subjects.len()) {
                (1, projects) => {
                    format!("{}, {projects} projects", subjects.first().map_or("", |one| &one.repository))
                }
                (repositories, projects) if repositories == projects => {
                    format!("{repositories} repositories")
                }
                (repositories, projects) => format!("{repositories} repositories with {projects} projects"),
            }
        }
    }
}

/// The policy in few words.
fn against(evidence: &Evidence) -> String {
    let revision = evidence.policy.revision.as_deref().map(crate::project::short);
    let revision = revision.map(|revision| format!(" at {revision}")).unwrap_or_default();
    format!("{}{revision}", evidence.policy.source)
}

/// Whether an answer is shown or vouched for, so that nobody has to do anything now.
fn is_settled(status: Status) -> bool {
    matches!(status, Status::Met | Status::Attested)
}
