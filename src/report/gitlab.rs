//! A GitLab code quality report, as the documentation of GitLab describes it.
//!
//! INVARIANT: no two issues have the same fingerprint. GitLab shows one issue for each, and takes a
//! fingerprint that is gone for a fault that was mended.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::home::{Home, place_of, sentence};
use crate::finding::{Finding, Severity};
use crate::project::{SETTINGS, digest};

/// Writes findings, and what could not be checked, as code quality issues.
pub fn write_gitlab(
    out: &mut dyn Write,
    home: Home,
    findings: &[&Finding],
    failed: &[(String, String)],
) -> io::Result<()> {
    let mut issues: Vec<Value> = Vec::new();
    for (path, error) in failed {
        let place = (SETTINGS, 1, 1);
        let fingerprint = digest(&format!("could not finish\0{path}"));
        issues.push(issue("could-not-finish", &format!("{path}: {error}"), "blocker", &fingerprint, place));
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let mut fingerprint = super::fingerprint(finding);
        let before = seen.entry(fingerprint.clone()).or_default();
        if *before > 0 {
            fingerprint = digest(&format!("{fingerprint}\0{before}"));
        }
        *before += 1;
        let severity = match finding.severity {
            Severity::Block => "blocker",
            Severity::Warn => "major",
            Severity::Note => "info",
        };
        let place = place_of(finding, home);
        let lines = (place.path, place.start.line, place.end.line.max(place.start.line));
        issues.push(issue(finding.check, &sentence(finding, home), severity, &fingerprint, lines));
    }
    serde_json::to_writer_pretty(&mut *out, &issues).map_err(io::Error::from)?;
    writeln!(out)
}

fn issue(check: &str, text: &str, severity: &str, fingerprint: &str, place: (&str, usize, usize)) -> Value {
    let (path, begin, end) = place;
    json!({
        "type": "issue",
        "check_name": check,
        "description": text,
        "severity": severity,
        "fingerprint": fingerprint.trim_start_matches("sha256:"),
        "location": {"path": path, "lines": {"begin": begin, "end": end}},
    })
}
