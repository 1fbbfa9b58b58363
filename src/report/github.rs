//! Annotations of a GitHub workflow: one command a finding, which the runner puts beside the line of the
//! change. It shows ten of each kind for a step; what blocks comes first.

use std::io::{self, Write};

use super::home::{Home, place_of, sentence};
use crate::finding::{Finding, Severity};

/// Writes an annotation for each finding.
pub fn write_github(out: &mut dyn Write, home: Home, findings: &[&Finding]) -> io::Result<()> {
    let mut findings = findings.to_vec();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    for finding in findings {
        let command = match finding.severity {
            Severity::Block => "error",
            Severity::Warn => "warning",
            Severity::Note => "notice",
        };
        let place = place_of(finding, home);
        let mut properties = vec![("file", place.path.to_owned()), ("line", place.start.line.to_string())];
        properties.push(("endLine", place.end.line.max(place.start.line).to_string()));
        // Columns count only for a place on one line.
        if place.start.line == place.end.line {
            properties.push(("col", place.start.column.to_string()));
            properties.push(("endColumn", place.end.column.to_string()));
        }
        properties.push(("title", format!("bylaws: {}", finding.check)));
        let properties: Vec<String> =
            properties.iter().map(|(name, value)| format!("{name}={}", escaped(value, true))).collect();
        let text = escaped(&sentence(finding, home), false);
        writeln!(out, "::{command} {}::{text}", properties.join(","))?;
    }
    Ok(())
}

/// The escapes of workflow commands; those of properties have two more.
fn escaped(text: &str, property: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            ':' if property => out.push_str("%3A"),
            ',' if property => out.push_str("%2C"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(escaped("50%\r\n::error", false), "50%25%0D%0A::error");
        assert_eq!(escaped("a,b: c", true), "a%2Cb%3A c");
    }
}
