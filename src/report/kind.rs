//! The kinds of findings, for the formats that list them: checks, and what a comparison tells.

use crate::check;
use crate::finding::Severity;

/// A kind of findings.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name, as findings have it.
    pub name: &'static str,
    /// What it means, in one line.
    pub summary: &'static str,
    /// Why it matters, in one line.
    pub why: &'static str,
    /// More about it.
    pub page: &'static str,
    /// How much it weighs by itself.
    pub severity: Severity,
}

const PROOF: &str = include_str!("../../docs/proof.md");

/// What `compare` tells.
const COMPARISON: [Kind; 3] = [
    Kind {
        name: "new-access",
        summary: "a change of agent settings lets more happen",
        why: "what was refused or asked for runs now, or is asked for where it was refused",
        page: PROOF,
        severity: Severity::Block,
    },
    Kind {
        name: "undecided-access",
        summary: "whether a change of agent settings lets more happen is not decided",
        why: "it may, and somebody has to look at it",
        page: PROOF,
        severity: Severity::Warn,
    },
    Kind {
        name: "less-access",
        summary: "a change of agent settings lets less happen",
        why: "what ran is asked for or refused now",
        page: PROOF,
        severity: Severity::Note,
    },
];

impl Kind {
    /// All checks.
    pub fn checks() -> Vec<Self> {
        let kind = |check: &check::Check| {
            let check::Check { name, summary, why, page, severity, .. } = *check;
            Self { name, summary, why, page, severity }
        };
        check::ALL.iter().map(kind).collect()
    }

    /// What a comparison tells.
    pub fn comparisons() -> Vec<Self> {
        COMPARISON.to_vec()
    }
}
