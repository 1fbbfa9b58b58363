//! Findings and plans as people and programs read them. The only module that knows output formats.
//!
//! Writers get everything they say from their arguments; colours are written always and taken out
//! again by whoever owns the stream.

mod audit;
mod baseline;
mod comparison;
mod decision;
mod diff;
mod evidence;
mod explanation;
mod export;
mod fleet;
mod github;
mod gitlab;
mod home;
mod hook;
mod json;
mod junit;
mod kind;
mod markdown;
mod patch;
mod plain;
mod replay;
mod request;
mod rollout;
mod sarif;
mod style;
mod suggestion;
mod text;

pub use audit::{AuditReport, AuditedAgainst, audit_report, write_audit_html, write_audit_text};
pub use baseline::write_baseline;
pub use comparison::{
    AskedPolicies, ComparisonReport, GroupReport, Outcome, PolicyDiffReport, compare, comparison_findings,
    comparison_limits, policy_diff_report, write_comparison, write_comparison_markdown, write_policy_diff,
    write_policy_diff_markdown,
};
pub use diff::{Reader, write_diff};
pub use evidence::{
    EvidenceReport, evidence_report, oscal_results, write_evidence_csv, write_evidence_html,
    write_evidence_text,
};
pub use explanation::{ExplanationReport, explanation_report, write_explanation};
pub use export::{ExportReport, export_report, write_export_notes, write_targets};
pub use fleet::{
    FleetPlanReport, FleetReport, TrendReport, fleet_plan_report, fleet_report, trend_report,
    write_fleet_csv, write_fleet_html, write_fleet_markdown, write_fleet_metrics, write_fleet_plan,
    write_fleet_text, write_trend,
};
pub use github::write_github;
pub use gitlab::write_gitlab;
pub use home::Home;
pub use hook::{HookTestReport, hook_test_report, write_hook_test};
pub use json::{PolicyReport, Report, json_report, policy_report};
pub use junit::{Suite, write_junit};
pub use kind::Kind;
pub use markdown::write_markdown;
pub use patch::write_patch;
pub use plain::write_plain;
pub use replay::{
    Counted, Heard, PlaceOfSide, ReplayReport, Told, replay_report, write_replay, write_replay_markdown,
};
pub use request::{Asked, write_request};
pub use rollout::{
    RolloutPreviewReport, RolloutStatusReport, Survey, hold_in_words, rollout_preview_report,
    rollout_status_report, write_agenda, write_done, write_survey,
};
pub use sarif::write_sarif;
pub use style::{BOLD, DIM, painted, severity_style};
pub use suggestion::{SuggestionReport, suggestion_report, write_suggested_layer, write_suggestion};
pub use text::write_text;

use crate::finding::Finding;
use crate::repository::Checked;

/// Most names that are told one by one.
const MOST_NAMES: usize = 5;

/// How many repositories there are, and the names of the first: "12 repositories: acme/a, acme/b, … and 10 more".
pub fn some_names(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(MOST_NAMES).map(String::as_str).collect();
    let count =
        if names.len() == 1 { "1 repository".to_owned() } else { format!("{} repositories", names.len()) };
    let more = names.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{count}: {}{more}", first.join(", "))
}

/// What stays the same of a finding while lines move.
fn fingerprint(finding: &Finding) -> String {
    crate::project::digest(&format!("{}\0{}\0{}", finding.check, finding.place.file(), finding.key))
}

/// All findings of a repository, in the order of its projects.
pub fn findings_of(checked: &Checked) -> impl Iterator<Item = &Finding> {
    checked.projects.iter().flat_map(|held| &held.findings)
}
