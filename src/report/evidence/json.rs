//! Evidence as JSON. Its form is frozen: fields are added, never changed; a change makes version 2.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::json::{Tool, tool};
use super::names;
use crate::evidence::{self, Answer, Channel, Evidence, Status};
use crate::policy::Day;

/// A report of `bylaws evidence` and `bylaws fleet evidence`, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The day for which waivers, attestations and dates of layers were decided.
    date: Day,
    /// The framework.
    framework: Framework,
    /// The policy that everything was held against.
    policy: Policy,
    /// What the report does not show, each in one sentence.
    limits: Vec<&'static str>,
    /// Whether managed settings of the machine were looked at.
    managed_settings_seen: bool,
    /// How many requirements there are by the worst of their statuses.
    summary: Vec<Count>,
    /// What was looked at.
    projects: Vec<Project>,
    /// The controls, in the order of the framework.
    controls: Vec<Control>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Framework {
    /// Its name on the command line.
    id: String,
    /// Name of the standard.
    title: String,
    /// Which edition of it is meant.
    version: String,
    /// Where the standard is published.
    url: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Policy {
    /// Where it is, as locks name it.
    source: String,
    /// The organisation that it speaks for.
    organization: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// A digest of all its files, waivers and attestations among them.
    digest: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Count {
    /// The status.
    status: Status,
    /// How many requirements.
    requirements: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Project {
    /// How the outcomes name it.
    name: String,
    /// The repository: `owner/name`, or the folder where that is not known.
    repository: String,
    /// The folder of the project within it, none for its root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Where it was read.
    source: String,
    /// The commit that was read; none for a work tree, and where nothing was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// How it stands to the policy.
    state: String,
    /// A digest of what the policy asks of it; none where it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Control {
    /// What the standard calls it.
    id: String,
    /// What it is about.
    title: String,
    /// The worst status of its requirements.
    status: Status,
    /// What it needs.
    requirements: Vec<Requirement>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Requirement {
    /// Its number within the control, from 1.
    number: usize,
    /// What must be so.
    says: String,
    /// What shows it: `setting`, `calls`, `checks`, `in-line`, `attestation` or `person`.
    kind: &'static str,
    /// What is looked at.
    needs: String,
    /// The worst status in all projects.
    status: Status,
    /// The answers, the worst first.
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    /// How it stands.
    status: Status,
    /// For `waived` and `attested` the last day; for `overdue` the day on which it was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Day>,
    /// Why, or what a person has to look at.
    why: String,
    /// Where it is enforced, and who can change it there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    enforced: Vec<Enforced>,
    /// Whether a session in the cloud is held to it; none where nothing enforces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cloud_session: Option<bool>,
    /// The lines of policy that ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policy: Vec<Line>,
    /// The waivers that bear on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waivers: Vec<Waiver>,
    /// The attestation that counts, or counted longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attestation: Option<Attestation>,
    /// The names of the projects that have this answer.
    projects: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Enforced {
    /// By what.
    by: Channel,
    /// The file, with line and column where they are known.
    place: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Line {
    /// Title of the layer.
    layer: String,
    /// The file, line and column.
    place: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Waiver {
    /// Its name.
    id: String,
    /// Who answers for it.
    owner: String,
    /// The last day on which it holds.
    until: Day,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Attestation {
    /// Its name.
    id: String,
    /// What it says.
    says: String,
    /// Who answers for it.
    owner: String,
    /// The day on which it was so.
    date: Day,
    /// Where the evidence is.
    evidence: String,
}

/// The report on evidence.
pub fn evidence_report(evidence: &Evidence) -> EvidenceReport {
    let content = &evidence.framework.content;
    let policy = &evidence.policy;
    EvidenceReport {
        version: 1,
        tool: tool(),
        date: evidence.day,
        framework: Framework {
            id: evidence.framework.id.clone(),
            title: content.title.clone(),
            version: content.version.clone(),
            url: content.url.clone(),
        },
        policy: Policy {
            source: policy.source.clone(),
            organization: policy.organization.clone(),
            revision: policy.revision.clone(),
            digest: policy.digest.clone(),
        },
        limits: evidence.limits(),
        managed_settings_seen: evidence.saw_machine,
        summary: evidence
            .counts()
            .into_iter()
            .map(|(status, requirements)| Count { status, requirements })
            .collect(),
        projects: evidence.subjects.iter().map(project).collect(),
        controls: evidence.controls.iter().map(|control| self::control(evidence, control)).collect(),
    }
}

fn project(subject: &evidence::Subject) -> Project {
    Project {
        name: subject.name(),
        repository: subject.repository.clone(),
        project: subject.project.clone(),
        source: subject.location.clone(),
        commit: subject.commit.clone(),
        state: subject.state.clone(),
        digest: subject.digest.clone(),
    }
}

fn control(evidence: &Evidence, control: &evidence::Control) -> Control {
    let requirements = control.requirements.iter().map(|requirement| Requirement {
        number: requirement.number,
        says: requirement.says.clone(),
        kind: requirement.need.kind(),
        needs: requirement.need.shown(),
        status: requirement.status(),
        outcomes: requirement
            .outcomes
            .iter()
            .map(|outcome| self::outcome(&outcome.answer, names(evidence, outcome)))
            .collect(),
    });
    Control {
        id: control.id.clone(),
        title: control.title.clone(),
        status: control.status(),
        requirements: requirements.collect(),
    }
}

fn outcome(answer: &Answer, projects: Vec<String>) -> Outcome {
    let enforced = answer.enforced.iter();
    let lines = answer.lines.iter();
    let waivers = answer.waivers.iter();
    Outcome {
        status: answer.status,
        until: answer.until,
        why: answer.why.clone(),
        enforced: enforced.map(|one| Enforced { by: one.by, place: one.place.clone() }).collect(),
        cloud_session: answer.holds_in_cloud(),
        policy: lines.map(|line| Line { layer: line.layer.clone(), place: line.place.clone() }).collect(),
        waivers: waivers
            .map(|one| Waiver { id: one.id.clone(), owner: one.owner.clone(), until: one.until })
            .collect(),
        attestation: answer.attestation.as_ref().map(|said| Attestation {
            id: said.id.clone(),
            says: said.says.clone(),
            owner: said.owner.clone(),
            date: said.date,
            evidence: said.evidence.clone(),
        }),
        projects,
    }
}
