//! A decision on one call with its steps, as people and programs read it. The JSON form is frozen like
//! that of the report: fields are added, never changed.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::decision::{RuleReport, Words, decision_style, mode_name, place_of};
use super::style::{BOLD, DIM, painted, tame};
use crate::access::{Access, Call, Cause, Change, Explanation, Loaded, Setup};
use crate::rule::List;
use crate::text::Position;

/// What `bylaws explain --json` prints, version 1.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationReport {
    /// Always 1.
    version: u32,
    /// The client version whose behaviour decides.
    client: String,
    /// The call.
    call: CallReport,
    /// The mode in force.
    mode: String,
    /// `allow`, `ask`, `deny`, or `undecided` where this program cannot know.
    decision: String,
    /// Why, in one sentence.
    reason: String,
    /// The rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleReport>,
    /// The parts of a command line, each taken for itself.
    parts: Vec<PartReport>,
    /// The other rules that matched, and why they did not decide.
    also_matched: Vec<RuleReport>,
    /// What leads to another decision. Each was decided anew with the change made.
    changes: Vec<ChangeReport>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CallReport {
    /// The tool.
    pub(super) tool: String,
    /// Its input.
    pub(super) input: Map<String, Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PartReport {
    /// The text of the part.
    text: String,
    /// What becomes of it, taken for itself.
    decision: String,
    /// Why.
    reason: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangeReport {
    /// What is changed.
    change: String,
    /// What becomes of the call then.
    decision: String,
}

/// Puts an explanation into words.
pub fn explanation_report(
    setup: &Setup,
    access: &Access,
    call: &Call,
    explanation: &Explanation,
) -> ExplanationReport {
    let place = |loaded: &Loaded| place(setup, loaded);
    let words = Words { version: setup.version, rules: access.rules(), mode: access.mode(), place: &place };
    let decision = &explanation.decision;
    let deciding = match decision.cause {
        Cause::Rule(rule) => Some(rule),
        _ => None,
    };
    let also = explanation.matched.iter().filter(|rule| Some(**rule) != deciding);
    ExplanationReport {
        version: 1,
        client: setup.version.to_string(),
        call: CallReport { tool: call.tool.clone(), input: call.input.clone() },
        mode: mode_name(access.mode()).to_owned(),
        decision: decision.verdict.name().to_owned(),
        reason: words.reason(decision.verdict, decision.cause),
        rule: deciding.and_then(|rule| words.rule(rule, None)),
        parts: explanation
            .parts
            .iter()
            .map(|part| PartReport {
                text: part.text.clone(),
                decision: part.verdict.name().to_owned(),
                reason: words.reason(part.verdict, part.cause),
            })
            .collect(),
        also_matched: also.filter_map(|rule| words.rule(*rule, Some(decision.verdict))).collect(),
        changes: explanation
            .changes
            .iter()
            .map(|(change, verdict)| ChangeReport {
                change: change_in_words(&words, change),
                decision: verdict.name().to_owned(),
            })
            .collect(),
    }
}

/// The file of a rule by the name that people know it by, and line and column.
fn place(setup: &Setup, loaded: &Loaded) -> (String, Option<Position>) {
    let Some(file) = setup.files.get(loaded.file) else {
        let argument = if loaded.list == List::Deny { "--disallowedTools" } else { "--allowedTools" };
        return (argument.to_owned(), None);
    };
    let position = file.settings.document().source().position(loaded.span.start);
    let below = |folder: &str| file.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    let name = match (below(&setup.place.project), below(&setup.place.home)) {
        (Some(rest), _) => rest.to_owned(),
        (None, Some(rest)) => format!("~/{rest}"),
        (None, None) => file.path.clone(),
    };
    (name, Some(position))
}

fn change_in_words(words: &Words<'_>, change: &Change) -> String {
    match change {
        Change::Without(id) => match words.rule(*id, None) {
            Some(rule) => format!("without `{}` in {}", rule.rule, place_of(&rule)),
            None => "without a rule".to_owned(),
        },
        Change::Allow(text) => format!("with `{text}` in `permissions.allow`"),
    }
}

/// Writes an explanation for people.
pub fn write_explanation(out: &mut dyn Write, call: &Call, report: &ExplanationReport) -> io::Result<()> {
    let decided = |decision: &str| painted(decision_style(decision), format!("{decision:5}")).to_string();
    writeln!(out, "{} {}", decided(&report.decision), painted(BOLD, tame(&call.short())))?;
    writeln!(out, "      {} {}", painted(DIM, "because:"), tame(&report.reason))?;
    if report.mode != "default" {
        writeln!(out, "      {} {}", painted(DIM, "mode:"), report.mode)?;
    }
    if report.parts.len() > 1 {
        writeln!(out, "\n  {}", painted(BOLD, "part by part"))?;
        for part in &report.parts {
            writeln!(out, "    {} {}", decided(&part.decision), tame(&part.text))?;
            writeln!(out, "          {}", painted(DIM, tame(&part.reason)))?;
        }
    }
    if !report.also_matched.is_empty() {
        writeln!(out, "\n  {}", painted(BOLD, "also matched"))?;
        for rule in &report.also_matched {
            let lost = rule.lost.as_deref().unwrap_or_default();
            writeln!(out, "    {:5} {} in {}", rule.list, tame(&rule.rule), tame(&place_of(rule)))?;
            writeln!(out, "          {}", painted(DIM, lost))?;
        }
    }
    if !report.changes.is_empty() {
        writeln!(out, "\n  {}", painted(BOLD, "what would change it"))?;
        for change in &report.changes {
            writeln!(out, "    {} {}", decided(&change.decision), tame(&change.change))?;
        }
    }
    Ok(())
}
