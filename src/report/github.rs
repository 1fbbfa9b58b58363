//! Annotations of a GitHub workflow: commands on lines of their own, which the runner puts beside the
//! lines of the change.
//!
//! The runner shows ten annotations of each kind for a step and the first 4,096 characters of a message
//! (`_maxCountPerIssueType` and `_maxIssueMessageLength` in the source of actions/runner). So what blocks
//! comes first, findings of one check on one line share an annotation, and the first of every check comes
//! before the second of any.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

use super::home::{Home, HomePlace, place_of, sentence};
use super::style::tame;
use crate::finding::{Finding, Severity};

/// Longest message, in bytes.
const LONGEST: usize = 4000;

/// Writes annotations for findings, and for what could not be checked.
pub fn write_github(
    out: &mut dyn Write,
    home: Home,
    findings: &[&Finding],
    failed: &[(String, String)],
) -> io::Result<()> {
    for (path, error) in failed {
        let title = escaped_property("bylaws: could not finish");
        writeln!(out, "::error title={title}::{}", escaped(&tame(&format!("{path}: {error}"))))?;
    }
    let mut annotations = annotations(home, findings);
    annotations.sort_by_key(|annotation| (Reverse(annotation.first.severity), annotation.rank));
    annotations.iter().try_for_each(|annotation| write_annotation(out, home, annotation))
}

/// Findings of one check and weight on one line.
struct Annotation<'a> {
    first: &'a Finding,
    others: Vec<&'a Finding>,
    place: HomePlace<'a>,
    /// How many of this check come before.
    rank: usize,
}

fn annotations<'a>(home: Home, findings: &[&'a Finding]) -> Vec<Annotation<'a>> {
    let mut annotations: Vec<Annotation<'a>> = Vec::new();
    let mut ranks: HashMap<&str, usize> = HashMap::new();
    for finding in findings {
        let place = place_of(finding, home);
        let shared = annotations.last_mut().filter(|last| {
            (last.first.check, last.first.severity) == (finding.check, finding.severity)
                && (last.place.path, last.place.start.line) == (place.path, place.start.line)
        });
        match shared {
            Some(annotation) => annotation.others.push(finding),
            None => {
                let rank = ranks.entry(finding.check).or_default();
                annotations.push(Annotation { first: finding, others: Vec::new(), place, rank: *rank });
                *rank += 1;
            }
        }
    }
    annotations
}

fn write_annotation(out: &mut dyn Write, home: Home, annotation: &Annotation<'_>) -> io::Result<()> {
    let Annotation { first, others, place, .. } = annotation;
    let command = match first.severity {
        Severity::Block => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let mut properties = vec![("file", place.path.to_owned()), ("line", place.start.line.to_string())];
    properties.push(("endLine", place.end.line.max(place.start.line).to_string()));
    // Columns count only for a place on one line, and say nothing for several places on it.
    if place.start.line == place.end.line && others.is_empty() {
        properties.push(("col", place.start.column.to_string()));
        properties.push(("endColumn", place.end.column.to_string()));
    }
    properties.push(("title", format!("bylaws: {}", first.check)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", escaped_property(value))).collect();
    let text = escaped(&message(home, first, others));
    writeln!(out, "::{command} {}::{text}", properties.join(","))
}

/// The sentences of findings, one a line, as many as fit.
fn message(home: Home, first: &Finding, others: &[&Finding]) -> String {
    let mut text = tame(&sentence(first, home)).into_owned();
    for (index, finding) in others.iter().enumerate() {
        let sentence = sentence(finding, home);
        let line = tame(&sentence);
        if text.len() + line.len() > LONGEST {
            text.push_str(&format!("\nand {} more", others.len() - index));
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// The message of a workflow command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command, which may not hold the marks between properties either.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(escaped("50%\r\n::error"), "50%25%0D%0A::error");
        assert_eq!(escaped_property("a,b: c%\n"), "a%2Cb%3A c%25%0A");
    }
}
