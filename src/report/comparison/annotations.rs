//! A comparison as findings, for the formats that put each beside its line.

use super::{ComparisonReport, DirectionReport, change_in_words, changes_of_rules, key_in_words};
use crate::finding::{Finding, Severity};

/// What changed in what agents may do, heaviest first; what is without effect on access is left out.
pub fn comparison_findings(report: &ComparisonReport) -> Vec<Finding> {
    let mut findings = Vec::new();
    let kinds =
        [(&report.looser, "new-access", Severity::Block), (&report.stricter, "less-access", Severity::Note)];
    for (flows, check, severity) in kinds {
        findings.extend(flows.iter().map(|flow| {
            let message = format!("`{}` was {}, now {}", flow.short, told(&flow.from), told(&flow.to));
            let finding = Finding::new(check, severity, flow.place.clone(), message);
            let finding = finding.help(format!("before: {}; now: {}", flow.old_reason, flow.new_reason));
            changes_of_rules(flow).iter().fold(finding, Finding::help)
        }));
    }
    findings.extend(report.open_of(DirectionReport::Looser).map(|open| {
        let message = format!("not decided whether this is new access: {}", open.why);
        Finding::new("undecided-access", Severity::Warn, open.place.clone(), message)
    }));
    for key in &report.keys {
        let (check, severity) = match key.direction {
            DirectionReport::Looser => ("new-access", Severity::Block),
            DirectionReport::Unordered => ("undecided-access", Severity::Warn),
            DirectionReport::Stricter => ("less-access", Severity::Note),
            DirectionReport::Neutral => continue,
        };
        let message = format!("`{}`: {}", key_in_words(key), change_in_words(key));
        findings.push(Finding::new(check, severity, key.place.clone(), message).help(&key.why));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// A decision as it stands in a sentence.
fn told(decision: &str) -> &str {
    match decision {
        "allow" => "allowed",
        "ask" => "asked for",
        "deny" => "denied",
        other => other,
    }
}
