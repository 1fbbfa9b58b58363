//! A decision on one call with its steps, as people and programs read it. The JSON form is frozen like
//! that of the report: fields are added, never changed.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::style::{BOLD, DIM, painted, tame};
use crate::access::{Access, Call, Cause, Change, Explanation, Loaded, Mode, RuleId, Setup, Verdict};
use crate::client::Standing;
use crate::rule::List;
use crate::secret;
use crate::settings::Scope;

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
struct CallReport {
    /// The tool.
    tool: String,
    /// Its input.
    input: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RuleReport {
    /// The rule as it was written.
    rule: String,
    /// `allow`, `ask` or `deny`.
    list: String,
    /// `managed`, `user`, `project`, `local` or `flag`.
    scope: String,
    /// The file, or the argument of the command line.
    file: String,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Its column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// Why it did not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<String>,
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
    let words = Words { setup, access };
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
                change: words.change(change),
                decision: verdict.name().to_owned(),
            })
            .collect(),
    }
}

/// What sentences need to name files.
struct Words<'a> {
    setup: &'a Setup,
    access: &'a Access,
}

impl Words<'_> {
    fn rule(&self, id: RuleId, verdict: Option<Verdict>) -> Option<RuleReport> {
        let loaded = self.access.rules().get(id)?;
        let (file, position) = self.place(loaded);
        Some(RuleReport {
            rule: secret::mask(loaded.rule.text()).into_owned(),
            list: loaded.list.key().to_owned(),
            scope: scope_name(loaded.scope).to_owned(),
            file,
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            lost: verdict.map(|verdict| lost(loaded.list, verdict).to_owned()),
        })
    }

    /// The file of a rule by the name that people know it by, and line and column.
    fn place(&self, loaded: &Loaded) -> (String, Option<(usize, usize)>) {
        let Some(file) = self.setup.files.get(loaded.file) else {
            let argument = if loaded.list == List::Deny { "--disallowedTools" } else { "--allowedTools" };
            return (argument.to_owned(), None);
        };
        let position = file.settings.document().source().position(loaded.span.start);
        let below = |folder: &str| file.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        let name = match (below(&self.setup.place.project), below(&self.setup.place.home)) {
            (Some(rest), _) => rest.to_owned(),
            (None, Some(rest)) => format!("~/{rest}"),
            (None, None) => file.path.clone(),
        };
        (name, Some((position.line, position.column)))
    }

    fn reason(&self, verdict: Verdict, cause: Cause) -> String {
        let mode = mode_name(self.access.mode());
        if let Cause::Version { older, newer } = cause
            && let Standing::Between(before, after) = self.setup.version.standing()
        {
            return format!(
                "client {before} says {}, {after} says {}, and which of them {} follows is not known",
                older.name(),
                newer.name(),
                self.setup.version
            );
        }
        if verdict == Verdict::Undecided {
            return match self.access.mode() {
                Mode::Plan | Mode::Auto => format!("in the mode `{mode}` the client's server decides"),
                _ if cause == Cause::Server => {
                    "settings say which MCP servers may run, and which server this is is not known here"
                        .to_owned()
                }
                _ => "a hook takes part whose answer is not known before it runs".to_owned(),
            };
        }
        match cause {
            Cause::Rule(id) => match self.rule(id, None) {
                Some(rule) => format!("`{}` in {}", rule.rule, place_of(&rule)),
                None => "a rule".to_owned(),
            },
            Cause::NoRule => "no rule speaks of it".to_owned(),
            Cause::ReadOnly => "the client knows it as a command that only reads".to_owned(),
            Cause::Inside => "the file lies within the working directories".to_owned(),
            Cause::Outside => "the file lies outside of the working directories".to_owned(),
            Cause::Protected => "the client asks for this file whatever the rules allow".to_owned(),
            Cause::Unclear => {
                "the client does not follow this form of command; only a rule for every command allows it"
                    .to_owned()
            }
            Cause::Background => {
                "commands that only read, one of them in the background, are asked for".to_owned()
            }
            Cause::Critical => {
                "the client asks for the removal of such a folder whatever the rules allow".to_owned()
            }
            Cause::BuiltIn => "the client allows it by itself".to_owned(),
            Cause::Mode => format!("the mode `{mode}`"),
            Cause::Hook(number) => format!("a hook, number {} of those that run before a tool", number + 1),
            Cause::Server => "its MCP server is not there or not admitted".to_owned(),
            Cause::Input => "the tool does not take this input".to_owned(),
            Cause::Version { .. } => "versions of the client differ here".to_owned(),
            Cause::Halted => "the client does not start with these managed settings".to_owned(),
        }
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::Without(id) => match self.rule(*id, None) {
                Some(rule) => format!("without `{}` in {}", rule.rule, place_of(&rule)),
                None => "without a rule".to_owned(),
            },
            Change::Allow(text) => format!("with `{text}` in `permissions.allow`"),
        }
    }
}

fn place_of(rule: &RuleReport) -> String {
    match (rule.line, rule.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", rule.file),
        _ => rule.file.clone(),
    }
}

/// Why a rule that matched did not decide.
fn lost(list: List, verdict: Verdict) -> &'static str {
    match (list, verdict) {
        (List::Allow, Verdict::Deny) => "a deny goes before it",
        (List::Allow, Verdict::Ask) => "what asks goes before it, or it covers only a part",
        (List::Ask, Verdict::Deny) => "a deny goes before it",
        (List::Allow, Verdict::Allow) | (List::Ask, Verdict::Ask) | (List::Deny, Verdict::Deny) => {
            "another rule says the same"
        }
        _ => "something else decides",
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Default => "default",
        Mode::AcceptEdits => "acceptEdits",
        Mode::DontAsk => "dontAsk",
        Mode::BypassPermissions => "bypassPermissions",
        Mode::Plan => "plan",
        Mode::Auto => "auto",
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Managed => "managed",
        Scope::User => "user",
        Scope::Project => "project",
        Scope::Local => "local",
        Scope::Flag => "flag",
    }
}

fn decision_style(decision: &str) -> Style {
    match decision {
        "allow" => AnsiColor::Green.on_default().bold(),
        "ask" => AnsiColor::Yellow.on_default().bold(),
        "deny" => AnsiColor::Red.on_default().bold(),
        _ => AnsiColor::Magenta.on_default().bold(),
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
