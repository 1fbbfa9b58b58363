//! Evidence as a table: a line for each requirement in each project.

use std::io::{self, Write};

use super::super::fleet::harmless;
use super::in_cloud;
use crate::evidence::Evidence;

const HEAD: [&str; 24] = [
    "framework",
    "control",
    "control_title",
    "requirement",
    "says",
    "needs",
    "status",
    "until",
    "repository",
    "project",
    "commit",
    "why",
    "enforced",
    "enforced_at",
    "cloud_session",
    "policy_lines",
    "waivers",
    "attested_by",
    "attested_on",
    "evidence",
    "policy",
    "policy_revision",
    "policy_digest",
    "notice",
];

/// What every line says, since a table has no other place for it.
const NOTICE: &str = "no legal advice and no certificate; settings as written, not that a client ran with them; \
                      the other formats of this report say all that it does not show";

/// Writes evidence as CSV with a head line; several values of a cell are apart by `; `.
pub fn write_evidence_csv(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(HEAD)?;
    for (control, requirement) in evidence.requirements() {
        for outcome in &requirement.outcomes {
            let answer = &outcome.answer;
            let joined = |texts: Vec<String>| texts.join("; ");
            let mut channels: Vec<&str> = answer.enforced.iter().map(|one| one.by.name()).collect();
            channels.dedup();
            let places = joined(answer.enforced.iter().map(|one| one.place.clone()).collect());
            let lines = joined(answer.lines.iter().map(|line| line.place.clone()).collect());
            let waivers = answer.waivers.iter();
            let waivers = joined(waivers.map(|one| format!("{} until {}", one.id, one.until)).collect());
            let said = answer.attestation.as_ref();
            for subject in outcome.subjects.iter().filter_map(|number| evidence.subjects.get(*number)) {
                let cells = [
                    evidence.framework.content.title.clone(),
                    control.id.clone(),
                    control.title.clone(),
                    requirement.number.to_string(),
                    requirement.says.clone(),
                    requirement.need.shown(),
                    answer.status.key(),
                    answer.until.map(|day| day.to_string()).unwrap_or_default(),
                    subject.repository.clone(),
                    subject.project.clone().unwrap_or_default(),
                    subject.commit.clone().unwrap_or_default(),
                    answer.why.clone(),
                    channels.join("; "),
                    places.clone(),
                    in_cloud(answer).to_owned(),
                    lines.clone(),
                    waivers.clone(),
                    said.map(|said| said.owner.clone()).unwrap_or_default(),
                    said.map(|said| said.date.to_string()).unwrap_or_default(),
                    said.map(|said| said.evidence.clone()).unwrap_or_default(),
                    evidence.policy.source.clone(),
                    evidence.policy.revision.clone().unwrap_or_default(),
                    evidence.policy.digest.clone(),
                    NOTICE.to_owned(),
                ];
                table.write_record(cells.iter().map(|cell| harmless(cell)))?;
            }
        }
    }
    table.flush()
}
