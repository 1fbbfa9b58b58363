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

use crate::evidence::{Answer, Channel, Evidence, Outcome, Requirement, Status};

/// Most files that are told of one answer.
const MOST_FILES: usize = 3;

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
        let enforced = by_channel(answer).into_iter();
        let enforced = enforced.map(|(by, places)| {
            let places: Vec<String> = places.iter().map(Places::in_words).collect();
            format!("{} ({}): {}", by.name(), by.meaning(), places.join(", "))
        });
        let lines = by_layer(answer).into_iter();
        let lines = lines.map(|(layer, places)| {
            let places: Vec<String> = places.iter().map(Places::in_words).collect();
            format!("{layer} at {}", places.join(", "))
        });
        let waivers = answer.waivers.iter();
        let waivers =
            waivers.map(|waiver| format!("`{}` of {} until {}", waiver.id, waiver.owner, waiver.until));
        Self {
            enforced: enforced.collect::<Vec<_>>().join("; "),
            lines: lines.collect::<Vec<_>>().join(", "),
            waivers: waivers.collect::<Vec<_>>().join(", "),
        }
    }
}

/// Places in one file.
struct Places {
    file: String,
    /// Lines and columns: `3:14`.
    positions: Vec<String>,
}

impl Places {
    /// Places as they were told, those of one file together, in their order.
    fn of<'a>(places: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        for place in places {
            let (file, position) = split(place);
            let positions = position.into_iter().map(str::to_owned);
            match told.iter_mut().find(|known| known.file == file) {
                Some(known) => known.positions.extend(positions),
                None => told.push(Self { file: file.to_owned(), positions: positions.collect() }),
            }
        }
        told
    }

    fn in_words(&self) -> String {
        match self.positions.as_slice() {
            [] => self.file.clone(),
            positions => format!("{}:{}", self.file, positions.join(", ")),
        }
    }
}

/// The file of a place, and line and column where they are known.
fn split(place: &str) -> (&str, Option<&str>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut colons = place.rmatch_indices(':').map(|(at, _)| at);
    let parts = colons.nth(1).and_then(|at| Some((place.get(..at)?, place.get(at + 1..)?)));
    match parts {
        Some((file, position)) if position.split(':').all(is_number) => (file, Some(position)),
        _ => (place, None),
    }
}

/// Where something is enforced, by what enforces it.
fn by_channel(answer: &Answer) -> Vec<(Channel, Vec<Places>)> {
    let mut channels: Vec<Channel> = answer.enforced.iter().map(|one| one.by).collect();
    channels.dedup();
    let places = |by: Channel| {
        let of_channel = answer.enforced.iter().filter(move |one| one.by == by);
        Places::of(of_channel.map(|one| one.place.as_str()))
    };
    channels.into_iter().map(|by| (by, places(by))).collect()
}

/// The lines of policy, by layer.
fn by_layer(answer: &Answer) -> Vec<(&str, Vec<Places>)> {
    let mut layers: Vec<&str> = Vec::new();
    for line in &answer.lines {
        if !layers.contains(&line.layer.as_str()) {
            layers.push(&line.layer);
        }
    }
    let places = |layer: &str| {
        let of_layer = answer.lines.iter().filter(|line| line.layer == layer);
        Places::of(of_layer.map(|line| line.place.as_str()))
    };
    layers.into_iter().map(|layer| (layer, places(layer))).collect()
}

/// The answers to a requirement for people: those that differ only in where they stand are told as one, with the
/// files and without lines.
fn alike(requirement: &Requirement) -> Vec<Outcome> {
    let told_as_one = |a: &Answer, b: &Answer| {
        let channels = |answer: &Answer| {
            let mut channels: Vec<Channel> = answer.enforced.iter().map(|one| one.by).collect();
            channels.dedup();
            channels
        };
        let bare = |answer: &Answer| Answer { enforced: Vec::new(), ..answer.clone() };
        channels(a) == channels(b) && bare(a) == bare(b)
    };
    let mut told: Vec<Outcome> = Vec::new();
    for outcome in &requirement.outcomes {
        let known = told.iter_mut().find(|known| told_as_one(&known.answer, &outcome.answer));
        let Some(known) = known else {
            told.push(outcome.clone());
            continue;
        };
        known.subjects.extend(&outcome.subjects);
        known.subjects.sort_unstable();
        known.answer.enforced.extend(outcome.answer.enforced.iter().cloned());
        for enforced in &mut known.answer.enforced {
            enforced.place = split(&enforced.place).0.to_owned();
        }
        known.answer.enforced.sort_by(|a, b| (a.by, &a.place).cmp(&(b.by, &b.place)));
        known.answer.enforced.dedup();
        known.answer.enforced.truncate(MOST_FILES);
    }
    told
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_one_file_are_told_together() {
        let told =
            Places::of(["a.json:3:14", "a.json:5:7", "C:/b.json", "https://x.dev/p.git#v1/c.json:1:2"]);
        let told: Vec<String> = told.iter().map(Places::in_words).collect();
        assert_eq!(told, ["a.json:3:14, 5:7", "C:/b.json", "https://x.dev/p.git#v1/c.json:1:2"]);
    }
}
