//! SARIF 2.1.0 for code scanning: our own few types, since the format asks for little.
//!
//! Paths are relative to the root of the repository. Lines of a policy elsewhere are told in the message:
//! whoever shows a result can open no file but those of the repository. A run that left a repository out
//! is no successful one, so that nobody takes what it lacks for mended.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::Kind;
use super::home::{Home, path_of, place_of};
use crate::finding::{Finding, Place, Severity};

/// Writes findings of these kinds, and what could not be checked, as a run.
pub fn write_sarif(
    out: &mut dyn Write,
    home: Home,
    kinds: &[Kind],
    findings: &[&Finding],
    failed: &[(String, String)],
) -> io::Result<()> {
    let notifications: Vec<Value> = failed
        .iter()
        .map(|(path, error)| json!({"level": "error", "message": {"text": format!("{path}: {error}")}}))
        .collect();
    let rules: Vec<Value> = kinds.iter().map(rule).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, home, kinds)).collect();
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
            "invocations": [{
                "executionSuccessful": failed.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
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

fn rule(kind: &Kind) -> Value {
    json!({
        "id": kind.name,
        "shortDescription": {"text": kind.summary},
        "fullDescription": {"text": kind.why},
        "help": {"text": kind.page, "markdown": kind.page},
        "defaultConfiguration": {"level": level(kind.severity)},
    })
}

fn result(finding: &Finding, home: Home, kinds: &[Kind]) -> Value {
    let place = place_of(finding, home);
    let mut text = finding.message.clone();
    if place.is_elsewhere {
        text = format!("{}: {text}", finding.place);
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("; {help}"));
    }
    let mut related: Vec<Value> = Vec::new();
    let asked =
        finding.origins.iter().map(|origin| (&origin.place, format!("layer `{}` asks for it", origin.layer)));
    let shown = finding.related.iter().map(|(place, shows)| (place, shows.clone()));
    for (place, shows) in asked.chain(shown) {
        match path_of(place.file(), home) {
            Some(path) => related.push(json!({
                "id": related.len(),
                "physicalLocation": {"artifactLocation": artifact(path), "region": region(place)},
                "message": {"text": shows},
            })),
            None => text.push_str(&format!("; {shows}: {place}")),
        }
    }
    let region = if place.is_elsewhere { json!({"startLine": 1}) } else { region(&finding.place) };
    let mut result = json!({
        "ruleId": finding.check,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(place.path), "region": region}}],
        "partialFingerprints": {"bylaws/v1": super::fingerprint(finding)},
    });
    if let Some(members) = result.as_object_mut() {
        if let Some(index) = kinds.iter().position(|kind| kind.name == finding.check) {
            members.insert("ruleIndex".into(), index.into());
        }
        if !related.is_empty() {
            members.insert("relatedLocations".into(), related.into());
        }
    }
    result
}

fn artifact(path: &str) -> Value {
    json!({"uri": encode(path), "uriBaseId": "ROOT"})
}

fn region(place: &Place) -> Value {
    let (start, end) = (place.start(), place.end());
    json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
}

/// A path as a relative URI reference: everything escaped that would mean something else there.
fn encode(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'/' | b'-' | b'.' | b'_' | b'~' | b'@' | b'+' | b',' | b'=' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_no_scheme_query_or_fragment() {
        assert_eq!(encode("a:b/.claude/x?#% ü.json"), "a%3Ab/.claude/x%3F%23%25%20%C3%BC.json");
    }
}
