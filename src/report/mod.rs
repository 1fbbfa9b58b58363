//! Findings and plans as people and programs read them. The only module that knows output formats.
//!
//! Writers get everything they say from their arguments; colours are written always and taken out
//! again by whoever owns the stream.

mod baseline;
mod diff;
mod explanation;
mod github;
mod gitlab;
mod home;
mod json;
mod junit;
mod markdown;
mod patch;
mod plain;
mod sarif;
mod style;
mod text;

pub use baseline::write_baseline;
pub use diff::{Reader, write_diff};
pub use explanation::{ExplanationReport, explanation_report, write_explanation};
pub use github::write_github;
pub use gitlab::write_gitlab;
pub use home::Home;
pub use json::{PolicyReport, Report, json_report, policy_report};
pub use junit::{Suite, write_junit};
pub use markdown::write_markdown;
pub use patch::write_patch;
pub use plain::write_plain;
pub use sarif::write_sarif;
pub use style::{BOLD, DIM, painted, severity_style};
pub use text::write_text;

use crate::finding::{Finding, Severity};
use crate::repository::Checked;

/// How many findings there are of each weight, and how many can be mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Findings that block.
    pub block: usize,
    /// Findings to be mended.
    pub warn: usize,
    /// Findings worth knowing.
    pub note: usize,
    /// Findings with a fix.
    pub fixable: usize,
}

impl Counts {
    /// Counts findings.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                Severity::Block => counts.block += 1,
                Severity::Warn => counts.warn += 1,
                Severity::Note => counts.note += 1,
            }
            counts.fixable += usize::from(finding.fix.is_some());
        }
        counts
    }

    /// All findings.
    pub fn all(self) -> usize {
        self.block + self.warn + self.note
    }

    /// The counts in words: `2 block, 1 warn`.
    pub fn in_words(self) -> String {
        let counts = [(self.block, "block"), (self.warn, "warn"), (self.note, "note")];
        let told: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if told.is_empty() { "nothing found".to_owned() } else { told.join(", ") }
    }
}

/// What stays the same of a finding while lines move.
fn fingerprint(finding: &Finding) -> String {
    crate::project::digest(&format!("{}\0{}\0{}", finding.check, finding.place.file(), finding.key))
}

/// All findings of a repository, in the order of its projects.
pub fn findings_of(checked: &Checked) -> impl Iterator<Item = &Finding> {
    checked.projects.iter().flat_map(|held| &held.findings)
}
