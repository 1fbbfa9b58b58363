//! A GitLab code quality report.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::home::{Home, place_of, sentence};
use crate::finding::{Finding, Severity};

/// Writes findings as code quality issues.
pub fn write_gitlab(out: &mut dyn Write, home: Home, findings: &[&Finding]) -> io::Result<()> {
    let issues: Vec<Value> = findings.iter().map(|finding| issue(finding, home)).collect();
    serde_json::to_writer_pretty(&mut *out, &issues).map_err(io::Error::from)?;
    writeln!(out)
}

fn issue(finding: &Finding, home: Home) -> Value {
    let place = place_of(finding, home);
    let severity = match finding.severity {
        Severity::Block => "blocker",
        Severity::Warn => "major",
        Severity::Note => "info",
    };
    json!({
        "type": "issue",
        "check_name": finding.check,
        "description": sentence(finding, home),
        "severity": severity,
        "fingerprint": super::fingerprint(finding).trim_start_matches("sha256:"),
        "location": {
            "path": place.path,
            "lines": {"begin": place.start.line, "end": place.end.line.max(place.start.line)},
        },
    })
}
