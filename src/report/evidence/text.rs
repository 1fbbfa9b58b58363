//! Evidence for a person at a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::some_names;
use super::super::style::{BOLD, DIM, painted, tame};
use super::super::text::hanging;
use super::{Backing, against, alike, in_cloud, names, scope, standing, summary};
use crate::evidence::{Evidence, Outcome, Requirement, Status};

/// Where the text of a requirement begins.
const INDENT: usize = 4;

/// Writes evidence with lines of at most `width` characters, words that are longer apart.
pub fn write_evidence_text(out: &mut dyn Write, width: usize, evidence: &Evidence) -> io::Result<()> {
    let framework = &evidence.framework.content;
    writeln!(out, "{}", painted(BOLD, tame(&format!("{}, {}", framework.title, framework.version))))?;
    let held = format!("{} against {} on {}", scope(evidence), against(evidence), evidence.day);
    hanging(out, width, 0, "", &held)?;
    hanging(out, width, 0, "", &format!("digest of the policy: {}", evidence.policy.digest))?;
    hanging(out, width, 0, "", &summary(evidence))?;
    for control in &evidence.controls {
        let title = format!("{}  {}", control.id, control.title);
        writeln!(out, "\n{}", painted(BOLD.underline(), tame(&title)))?;
        for requirement in &control.requirements {
            write_requirement(out, width, evidence, requirement)?;
        }
    }
    writeln!(out, "\n{}", painted(BOLD.underline(), "what this does not show"))?;
    for limit in evidence.limits() {
        hanging(out, width, INDENT, "  - ", limit)?;
    }
    Ok(())
}

fn write_requirement(
    out: &mut dyn Write,
    width: usize,
    evidence: &Evidence,
    requirement: &Requirement,
) -> io::Result<()> {
    let status = requirement.status();
    let words = standing(requirement);
    let lead = format!("  {}: ", painted(style(status), &words));
    hanging(out, width, INDENT, &lead, &requirement.says)?;
    for outcome in &alike(requirement) {
        write_outcome(out, width, evidence, outcome)?;
    }
    Ok(())
}

fn write_outcome(
    out: &mut dyn Write,
    width: usize,
    evidence: &Evidence,
    outcome: &Outcome,
) -> io::Result<()> {
    let answer = &outcome.answer;
    let mut indent = INDENT;
    if evidence.subjects.len() > 1 && outcome.subjects.len() < evidence.subjects.len() {
        let named = names(evidence, outcome);
        let lead = format!("{:indent$}", "");
        hanging(out, width, indent, &lead, &format!("{} in {}", answer.in_words(), some_names(&named)))?;
        indent += 2;
    }
    let mut write = |label: &str, text: &str| {
        if text.is_empty() {
            return Ok(());
        }
        let lead = format!("{:indent$}{} ", "", painted(DIM, format!("{label}:")));
        hanging(out, width, indent + label.len() + 2, &lead, text)
    };
    let mut backing = Backing::of(answer);
    match in_cloud(answer) {
        "" => {}
        holds => backing.enforced.push_str(&format!("; {holds} in a cloud session")),
    }
    let label = match answer.status {
        Status::ForAPerson => "look at",
        _ => "why",
    };
    // Where something is met, the place says why.
    if answer.status != Status::Met || answer.enforced.is_empty() {
        write(label, &answer.why)?;
    }
    // What people attest is enforced by nothing.
    write(if answer.attestation.is_some() { "attested" } else { "enforced" }, &backing.enforced)?;
    write("asked for", &backing.lines)?;
    write("waivers", &backing.waivers)?;
    write("evidence", answer.attestation.as_ref().map_or("", |said| &said.evidence))
}

fn style(status: Status) -> Style {
    match status {
        Status::NotMet | Status::Overdue => AnsiColor::Red.on_default().bold(),
        Status::NotShown => AnsiColor::Yellow.on_default().bold(),
        Status::Waived | Status::ForAPerson => AnsiColor::Blue.on_default(),
        Status::Attested | Status::Met => AnsiColor::Green.on_default(),
    }
}
