//! Attestations: what files of a repository cannot show, said by somebody who answers for it, with a link to the
//! evidence and a day by which it is due again.
//!
//! INVARIANT: [`Attestation::standing`] and [`Attestation::ends`] are the only places that compare one with a day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Policy;
use super::facts::matches;
use super::file::Day;
use super::layer::PolicyDocument;
use super::load::INVALID;
use crate::finding::{Finding, Place, Severity};
use crate::json::Pointer;
use crate::path::RepoPath;

/// Days before its due date from which an attestation is reported as due soon.
const SOON_DAYS: i64 = 14;

/// Kinds that may not be older than some days, whatever their due date says.
const LONGEST: &[(&str, u16)] = &[("key-rotation", 90)];

/// An attestation: what files cannot show, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttestationFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What is attested: `key-rotation`, `training`, `data-processing-agreement`, `zero-retention`, or a word of
    /// your own that a framework asks for.
    pub kind: String,
    /// What was done, in one sentence.
    pub says: String,
    /// Who answers for it.
    pub owner: String,
    /// The day on which it was so.
    pub date: Day,
    /// Where the evidence is; an `https` address.
    pub evidence: String,
    /// The last day on which it counts; by then it is to be done again.
    pub due: Day,
    /// Names of the repositories that it is for, in which `*` stands for any text; left out, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<String>>,
}

/// An attestation that was read without an error.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// Its file name without folder and ending.
    pub id: String,
    /// What it says.
    pub content: AttestationFile,
    file: PolicyDocument,
}

/// How an attestation stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestationStanding {
    /// The day that it speaks of is still to come, by this many days: it says nothing yet.
    ToCome(i64),
    /// It has been due for this many days.
    Overdue(i64),
    /// It counts for these more days, today not counted, few enough to say so.
    DueSoon(i64),
    /// It counts.
    Counts,
}

impl Attestation {
    /// Takes a file over, reporting what cannot be used.
    pub(super) fn new(
        path: &RepoPath,
        file: PolicyDocument,
        content: AttestationFile,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let before = findings.len();
        let mut report = |key: &str, message: String| {
            let place = file.place(&Pointer::of([key]));
            findings.push(Finding::new(INVALID, Severity::Block, place, message));
        };
        for (key, text) in [("kind", &content.kind), ("says", &content.says), ("owner", &content.owner)] {
            if text.trim().is_empty() {
                report(key, format!("the attestation has no {key}"));
            }
        }
        if let Some(fault) = web_address_fault(&content.evidence) {
            report("evidence", fault);
        }
        if content.due < content.date {
            report("due", format!("it is due on {}, before it was done on {}", content.due, content.date));
        }
        if content.repositories.as_ref().is_some_and(Vec::is_empty) {
            report("repositories", "the attestation is for no repository".to_owned());
        }
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        let id = name.strip_suffix(".json").unwrap_or(name).to_owned();
        (findings.len() == before).then_some(Self { id, content, file })
    }

    /// Whether it is for the repository of this name. One whose name is not known is only among all of them.
    pub fn concerns(&self, repository: Option<&str>) -> bool {
        match &self.content.repositories {
            None => true,
            Some(patterns) => {
                repository.is_some_and(|name| patterns.iter().any(|pattern| matches(pattern, name)))
            }
        }
    }

    /// The last day on which it counts: that under `due`, or sooner where its kind or `within` allow fewer days.
    pub fn ends(&self, within: Option<u16>) -> Day {
        let of_kind = LONGEST.iter().find(|(kind, _)| *kind == self.content.kind).map(|(_, days)| *days);
        let longest = of_kind.into_iter().chain(within).min();
        let last = longest.map(|days| self.content.date.after(days));
        last.map_or(self.content.due, |last| last.min(self.content.due))
    }

    /// How it stands on a day; it counts through its last day.
    pub fn standing(&self, within: Option<u16>, today: Day) -> AttestationStanding {
        let ahead = self.content.date.days_since(today);
        if ahead > 0 {
            return AttestationStanding::ToCome(ahead);
        }
        match self.ends(within).days_since(today) {
            left if left < 0 => AttestationStanding::Overdue(-left),
            left if left <= SOON_DAYS => AttestationStanding::DueSoon(left),
            _ => AttestationStanding::Counts,
        }
    }

    /// The place of what it says under `key`.
    pub fn place(&self, key: &str) -> Place {
        self.file.place(&Pointer::of([key]))
    }

    /// Whether `other` says the same of the same repositories on a later day, which is not to come.
    fn is_renewed_by(&self, other: &Self, today: Day) -> bool {
        let (own, other) = (&self.content, &other.content);
        own.kind == other.kind
            && own.repositories == other.repositories
            && other.date > own.date
            && other.date <= today
    }
}

impl Policy {
    /// The attestations that no later one renews.
    pub fn newest_attestations(&self, today: Day) -> impl Iterator<Item = &Attestation> {
        self.attestations.iter().filter(move |attestation| {
            !self.attestations.iter().any(|other| attestation.is_renewed_by(other, today))
        })
    }
}

/// What keeps a text from being an address that reports may link to.
pub(super) fn web_address_fault(text: &str) -> Option<String> {
    let host = text.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(rest));
    let is_plain = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    match host {
        None | Some("") => Some(format!("`{text}` is no `https` address")),
        // What stands there is copied into every report.
        Some(host) if host.contains('@') => Some("the address holds a user or a password".to_owned()),
        Some(_) if !text.chars().all(is_plain) => {
            Some(format!("`{text}` holds characters that no address has: write them as `%20` and the like"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::FileName;
    use crate::json::Document;

    fn attestation(kind: &str, date: &str, due: &str) -> Attestation {
        let text = serde_json::json!({
            "kind": kind, "says": "x", "owner": "a", "date": date, "evidence": "https://acme.dev/1", "due": due,
        })
        .to_string();
        let path = RepoPath::new("attestations/x.json").unwrap();
        let name = Arc::new(FileName::Policy { source: "p".to_owned(), path: path.clone() });
        let file = PolicyDocument { name, document: Document::parse(text.as_str()) };
        Attestation::new(&path, file, serde_json::from_str(&text).unwrap(), &mut Vec::new()).unwrap()
    }

    #[test]
    fn an_attestation_counts_through_its_last_day() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let training = attestation("training", "2026-01-10", "2026-12-31");
        for (today, expected) in [
            ("2026-01-09", AttestationStanding::ToCome(1)),
            ("2026-01-10", AttestationStanding::Counts),
            ("2026-12-16", AttestationStanding::Counts),
            ("2026-12-17", AttestationStanding::DueSoon(14)),
            ("2026-12-31", AttestationStanding::DueSoon(0)),
            ("2027-01-01", AttestationStanding::Overdue(1)),
        ] {
            assert_eq!(training.standing(None, day(today)), expected, "{today}");
        }
        assert_eq!(training.ends(Some(30)), day("2026-02-09"));
        assert_eq!(training.standing(Some(30), day("2026-02-10")), AttestationStanding::Overdue(1));
    }

    #[test]
    fn keys_are_rotated_after_ninety_days_whatever_the_file_says() {
        let keys = attestation("key-rotation", "2026-01-01", "2027-01-01");
        assert_eq!(keys.ends(None).to_string(), "2026-04-01");
        assert_eq!(keys.ends(Some(30)).to_string(), "2026-01-31");
        assert_eq!(keys.ends(Some(365)).to_string(), "2026-04-01");
    }

    #[test]
    fn evidence_is_where_a_report_may_link_to() {
        for good in ["https://acme.dev", "https://acme.dev:8443/a%20b?c=d&e=1#f", "https://acme.dev/@team"] {
            assert_eq!(web_address_fault(good), None, "{good}");
        }
        for bad in [
            "http://acme.dev",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://ada:secret@acme.dev/",
            "https://acme.dev/a b",
            "https://acme.dev/\"><b>",
            "https://acme.dev/ü",
            "",
        ] {
            assert!(web_address_fault(bad).is_some(), "{bad}");
        }
    }
}
