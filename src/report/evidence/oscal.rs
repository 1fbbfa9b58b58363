//! Evidence as OSCAL assessment results: a finding for each requirement, an observation for each answer.
//!
//! INVARIANT: the same evidence makes the same document: identifiers are made from what they name, times from the day.
//! INVARIANT: a finding is satisfied only where every project meets its requirement or its owner attests it.
//!
//! OSCAL's one word for the rest is `not-satisfied`; what was not shown or is for a person says so in the reason.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::some_names;
use super::{Backing, against, is_settled, names, scope, summary};
use crate::evidence::{Control, Evidence, Outcome, Requirement, Status};
use crate::policy::{Day, Need};

/// The edition of OSCAL that is written: <https://pages.nist.gov/OSCAL/>.
const OSCAL: &str = "1.2.0";

/// Where our own properties are named.
const NAMESPACE: &str = "urn:bylaws:evidence";

/// The results as one document.
pub fn oscal_results(evidence: &Evidence) -> Value {
    Writer::new(evidence).document()
}

struct Writer<'a> {
    evidence: &'a Evidence,
    /// What tells this document from others: framework, policy, day and subjects.
    seed: Uuid,
}

impl<'a> Writer<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        let about = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        let mut said = vec![
            evidence.framework.id.clone(),
            evidence.policy.source.clone(),
            evidence.policy.digest.clone(),
            evidence.day.to_string(),
        ];
        for subject in &evidence.subjects {
            said.push(subject.name());
            said.extend(subject.commit.clone());
            said.extend(subject.digest.clone());
        }
        for (_, requirement) in evidence.requirements() {
            said.extend(requirement.outcomes.iter().map(|outcome| format!("{:?}", outcome.answer)));
        }
        Self { evidence, seed: Uuid::new_v5(&about, said.join("\0").as_bytes()) }
    }

    fn id(&self, of: &str) -> String {
        Uuid::new_v5(&self.seed, of.as_bytes()).to_string()
    }

    fn document(&self) -> Value {
        let evidence = self.evidence;
        let framework = &evidence.framework.content;
        let title = format!("{}: what coding agents may do in {}", framework.title, scope(evidence));
        let objectives: Vec<Value> =
            evidence.controls.iter().map(|control| self.objectives(control)).collect();
        json!({ "assessment-results": {
            "uuid": self.id("document"),
            "metadata": {
                "title": line(&title),
                "last-modified": start(evidence.day),
                "version": line(evidence.policy.revision.as_deref().unwrap_or(&evidence.policy.digest)),
                "oscal-version": OSCAL,
                "remarks": prose(&evidence.limits().join(". ")),
            },
            "import-ap": {
                "href": format!("#{}", self.id("plan")),
                "remarks": "There is no assessment plan: what is looked at is what the framework of the policy maps.",
            },
            "local-definitions": { "objectives-and-methods": objectives },
            "results": [self.result()],
            "back-matter": { "resources": [{
                "uuid": self.id("plan"),
                "title": line(&format!("Framework {}", evidence.framework.id)),
                "description": prose(&format!("{}, {}", framework.title, framework.version)),
                "rlinks": [{ "href": framework.url }],
            }] },
        } })
    }

    /// The requirements of a control as objectives of our own.
    fn objectives(&self, control: &Control) -> Value {
        let parts: Vec<Value> = control
            .requirements
            .iter()
            .map(|requirement| {
                json!({
                    "id": self.objective_id(control, requirement),
                    "name": "assessment-objective",
                    "prose": prose(&format!("{}: {}", requirement.says, requirement.need.shown())),
                })
            })
            .collect();
        json!({
            "control-id": self.control_id(control),
            "description": prose(&format!("{}: {}", control.id, control.title)),
            "parts": parts,
        })
    }

    fn result(&self) -> Value {
        let evidence = self.evidence;
        let (mut observations, mut findings) = (Vec::new(), Vec::new());
        for (control, requirement) in evidence.requirements() {
            let made = requirement.outcomes.iter().enumerate();
            let made = made.map(|(number, outcome)| self.observation(control, requirement, number, outcome));
            observations.extend(made);
            findings.push(self.finding(control, requirement));
        }
        let controls: Vec<Value> = evidence
            .controls
            .iter()
            .map(|control| json!({ "control-id": self.control_id(control) }))
            .collect();
        let objectives: Vec<Value> = evidence
            .requirements()
            .map(|(control, requirement)| json!({ "objective-id": self.objective_id(control, requirement) }))
            .collect();
        let items: Vec<Value> = (0..evidence.subjects.len()).filter_map(|number| self.item(number)).collect();
        let local = json!({
            "components": [{
                "uuid": self.id("tool"),
                "type": "software",
                "title": "Bylaws",
                "description": "The program that looked at the files.",
                "props": [{ "name": "version", "value": env!("CARGO_PKG_VERSION") }],
                "status": { "state": "operational" },
            }],
        });
        json!({
            "uuid": self.id("result"),
            "title": line(&format!("{} on {}", evidence.framework.content.title, evidence.day)),
            "description": prose(&format!(
                "{} against {}: {}", scope(evidence), against(evidence), summary(evidence)
            )),
            "start": start(evidence.day),
            "end": start(evidence.day),
            "props": [
                property("policy", &evidence.policy.source),
                property("policy-digest", &evidence.policy.digest),
            ],
            "local-definitions": with(local, "inventory-items", items),
            "reviewed-controls": {
                "control-selections": [{ "include-controls": controls }],
                "control-objective-selections": [{ "include-objectives": objectives }],
            },
            "observations": observations,
            "findings": findings,
            "remarks": prose(&evidence.limits().join(". ")),
        })
    }

    /// A project as an item of the inventory.
    fn item(&self, number: usize) -> Option<Value> {
        let subject = self.evidence.subjects.get(number)?;
        let mut properties = vec![property("state", &subject.state)];
        properties.extend(subject.commit.as_deref().map(|commit| property("commit", commit)));
        properties.extend(subject.digest.as_deref().map(|digest| property("asked-digest", digest)));
        Some(json!({
            "uuid": self.subject_id(number),
            "description": prose(&subject.name()),
            "props": properties,
        }))
    }

    fn subject_id(&self, number: usize) -> String {
        let subject = self.evidence.subjects.get(number);
        let name =
            subject.map(|subject| format!("{} {}", subject.name(), subject.location)).unwrap_or_default();
        self.id(&format!("subject {name}"))
    }

    fn observation(
        &self,
        control: &Control,
        requirement: &Requirement,
        number: usize,
        outcome: &Outcome,
    ) -> Value {
        let answer = &outcome.answer;
        let objective = self.objective_id(control, requirement);
        let method = match requirement.need {
            // Of an attestation, the file that says it; not what it links to.
            Need::Setting(_) | Need::Checks(_) | Need::InLine | Need::Attestation(_) => "EXAMINE",
            Need::Calls(_) => "TEST",
            Need::Person(_) => "UNKNOWN",
        };
        let mut properties = vec![property("status", &answer.status.key())];
        for enforced in &answer.enforced {
            properties.push(property("enforced-by", enforced.by.name()));
        }
        properties.extend(
            answer
                .holds_in_cloud()
                .map(|holds| property("holds-in-cloud-session", if holds { "yes" } else { "no" })),
        );
        properties.extend(answer.waivers.iter().map(|waiver| property("waiver", &waiver.id)));
        let backing = Backing::of(answer);
        let told = [
            ("", answer.why.as_str()),
            (if answer.attestation.is_some() { "by " } else { "enforced by " }, &backing.enforced),
            ("asked for by ", &backing.lines),
            ("waivers: ", &backing.waivers),
        ];
        let told: Vec<String> = told
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(lead, text)| format!("{lead}{text}"))
            .collect();
        let observation = json!({
            "uuid": self.observation_id(&objective, number),
            "title": line(&format!("{}: {}", control.id, answer.in_words())),
            "description": prose(&told.join(". ")),
            "props": properties,
            "methods": [method],
            "types": ["control-objective"],
            "origins": [{ "actors": [{ "type": "tool", "actor-uuid": self.id("tool") }] }],
            "subjects": outcome
                .subjects
                .iter()
                .map(|number| json!({ "subject-uuid": self.subject_id(*number), "type": "inventory-item" }))
                .collect::<Vec<_>>(),
            "collected": start(self.evidence.day),
        });
        let evidence = answer.attestation.iter().map(|said| {
            json!({
                "href": said.evidence,
                "description": prose(&format!("{} on {}: {}", said.owner, said.date, said.says)),
            })
        });
        let observation = with(observation, "relevant-evidence", evidence.collect());
        match answer.until {
            Some(until) => with_text(observation, "expires", format!("{until}T23:59:59Z")),
            None => observation,
        }
    }

    fn observation_id(&self, objective: &str, number: usize) -> String {
        self.id(&format!("observation {objective} {number}"))
    }

    fn finding(&self, control: &Control, requirement: &Requirement) -> Value {
        let objective = self.objective_id(control, requirement);
        let is_satisfied = !requirement.outcomes.is_empty()
            && requirement.outcomes.iter().all(|outcome| is_settled(outcome.answer.status));
        let status = requirement.status();
        let reason = match status {
            Status::Met => "pass",
            Status::NotMet | Status::Overdue => "fail",
            Status::NotShown | Status::Waived | Status::ForAPerson | Status::Attested => "other",
        };
        let mut told: Vec<String> = requirement
            .outcomes
            .iter()
            .filter(|outcome| outcome.answer.status == status)
            .map(|outcome| {
                format!("{} in {}", outcome.answer.in_words(), some_names(&names(self.evidence, outcome)))
            })
            .collect();
        told.truncate(3);
        let observations = (0..requirement.outcomes.len())
            .map(|number| json!({ "observation-uuid": self.observation_id(&objective, number) }));
        let observations: Vec<Value> = observations.collect();
        let finding = json!({
            "uuid": self.id(&format!("finding {objective}")),
            "title": line(&format!("{}: {}", control.id, requirement.says)),
            "description": prose(&format!("{}: {}", requirement.says, requirement.need.shown())),
            "origins": [{ "actors": [{ "type": "tool", "actor-uuid": self.id("tool") }] }],
            "target": {
                "type": "objective-id",
                "target-id": objective,
                "title": line(&requirement.says),
                "status": {
                    "state": if is_satisfied { "satisfied" } else { "not-satisfied" },
                    "reason": reason,
                    "remarks": prose(&format!("{}. {}", status.meaning(), told.join("; "))),
                },
            },
        });
        with(finding, "related-observations", observations)
    }

    fn control_id(&self, control: &Control) -> String {
        token(&format!("{}_{}", self.evidence.framework.id, control.id))
    }

    fn objective_id(&self, control: &Control, requirement: &Requirement) -> String {
        format!("{}_{}", self.control_id(control), requirement.number)
    }
}

/// An object with one more list; a list that is there may not be empty.
fn with(mut object: Value, key: &str, list: Vec<Value>) -> Value {
    if let (Value::Object(members), false) = (&mut object, list.is_empty()) {
        members.insert(key.to_owned(), Value::from(list));
    }
    object
}

/// An object with one more text.
fn with_text(mut object: Value, key: &str, text: String) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(key.to_owned(), Value::from(text));
    }
    object
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": line(value) })
}

fn start(day: Day) -> String {
    format!("{day}T00:00:00Z")
}

/// A name as OSCAL takes it: it begins with a letter, and all else in it is a letter, a digit, `.`, `-` or `_`.
fn token(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    let mapped: String = text.chars().map(plain).collect();
    if mapped.starts_with(|c: char| c.is_alphabetic() || c == '_') { mapped } else { format!("_{mapped}") }
}

/// One line without blanks at its ends, never empty.
fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.trim() {
        "" => "-".to_owned(),
        line => line.to_owned(),
    }
}

/// A text in which nothing is markup but what stands between backquotes.
fn prose(text: &str) -> String {
    let text = line(text);
    let has_pairs = text.matches('`').count().is_multiple_of(2);
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        if c == '`' && has_pairs {
            is_code = !is_code;
            out.push(c);
            continue;
        }
        if !is_code
            && matches!(c, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '`' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens() {
        assert_eq!(token("hipaa_164.312(a)(2)(i)"), "hipaa_164.312-a--2--i-");
        assert_eq!(token("5.15"), "_5.15");
    }

    #[test]
    fn text_of_a_repository_is_no_markup() {
        assert_eq!(prose("<b> *x* in `Bash(* <x>)`"), "\\<b\\> \\*x\\* in `Bash(* <x>)`");
        assert_eq!(prose("a ` <b>"), "a \\` \\<b\\>");
        assert_eq!(line(" \n\t"), "-");
    }
}
