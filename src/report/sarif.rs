//! SARIF 2.1.0 for code scanning: our own few types, since the format asks for little.
//!
//! Paths are relative to the root of the repository. A finding in a file of the policy, which is not in
//! the repository, stands at the settings file and names the policy's line among its related places.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::home::{Home, place_of};
use crate::check;
use crate::finding::{FileName, Finding, Place, Severity};

/// Writes findings as a run.
pub fn write_sarif(out: &mut dyn Write, home: Home, findings: &[&Finding]) -> io::Result<()> {
    let rules: Vec<Value> = check::ALL.iter().map(rule).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, home)).collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "bylaws",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"ROOT": {"description": {"text": "the root of the repository"}}},
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log).map_err(io::Error::from)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "error",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}

fn rule(check: &check::Check) -> Value {
    json!({
        "id": check.name,
        "shortDescription": {"text": check.summary},
        "fullDescription": {"text": check.why},
        "help": {"text": check.page, "markdown": check.page},
        "defaultConfiguration": {"level": level(check.severity)},
    })
}

fn result(finding: &Finding, home: Home) -> Value {
    let index = check::ALL.iter().position(|check| check.name == finding.check);
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text = format!("{text}; {help}");
    }
    let mut related: Vec<Value> = Vec::new();
    for origin in &finding.origins {
        related.push(related_place(
            &origin.place,
            &format!("layer `{}` asks for it", origin.layer),
            related.len(),
        ));
    }
    for (place, shows) in &finding.related {
        related.push(related_place(place, shows, related.len()));
    }
    let place = place_of(finding, home);
    let artifact = json!({"uri": encode(place.path), "uriBaseId": "ROOT"});
    let main = if place.is_elsewhere {
        related.push(related_place(&finding.place, "the line of the policy", related.len()));
        json!({"artifactLocation": artifact, "region": {"startLine": 1}})
    } else {
        json!({"artifactLocation": artifact, "region": region(&finding.place)})
    };
    let mut result = json!({
        "ruleId": finding.check,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": main}],
        "partialFingerprints": {"bylaws/v1": super::fingerprint(finding)},
    });
    if let Some(members) = result.as_object_mut() {
        if let Some(index) = index {
            members.insert("ruleIndex".into(), index.into());
        }
        if !related.is_empty() {
            members.insert("relatedLocations".into(), related.into());
        }
    }
    result
}

fn related_place(place: &Place, text: &str, id: usize) -> Value {
    json!({"id": id, "physicalLocation": physical(place), "message": {"text": format!("{text}: {place}")}})
}

fn physical(place: &Place) -> Value {
    let region = region(place);
    let artifact = match place.file() {
        FileName::Repository(path) => json!({"uri": encode(path.as_str()), "uriBaseId": "ROOT"}),
        FileName::Policy { source, path } => json!({"uri": encode(&format!("{source}/{path}"))}),
    };
    json!({"artifactLocation": artifact, "region": region})
}

fn region(place: &Place) -> Value {
    let (start, end) = (place.start(), place.end());
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

/// A path or URL with everything escaped that a URI reference does not hold.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'#' | b'+' | b',' | b'=' => {
                out.push(char::from(byte))
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
