//! A decision and the rule behind it in words, for every report that tells of one.

use anstyle::{AnsiColor, Style};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::{Cause, Loaded, Mode, RuleId, Rules, Verdict};
use crate::client::{Standing, Version};
use crate::rule::List;
use crate::secret;
use crate::settings::Scope;
use crate::text::Position;

/// A rule and where it stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleReport {
    /// The rule as it was written.
    pub(super) rule: String,
    /// `allow`, `ask` or `deny`.
    pub(super) list: String,
    /// `managed`, `user`, `project`, `local` or `flag`.
    pub(super) scope: String,
    /// The file, or the argument of the command line.
    pub(super) file: String,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// Its column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
    /// Why it did not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lost: Option<String>,
}

/// Where a rule stands: its file by the name that people know it by, and line and column.
pub(super) type PlaceOfRule<'a> = &'a dyn Fn(&Loaded) -> (String, Option<Position>);

/// What sentences about decisions need.
pub(super) struct Words<'a> {
    pub(super) version: Version,
    pub(super) rules: &'a Rules,
    pub(super) mode: Mode,
    pub(super) place: PlaceOfRule<'a>,
}

impl Words<'_> {
    pub(super) fn rule(&self, id: RuleId, verdict: Option<Verdict>) -> Option<RuleReport> {
        let loaded = self.rules.get(id)?;
        let (file, position) = (self.place)(loaded);
        Some(RuleReport {
            rule: secret::mask(loaded.rule.text()).into_owned(),
            list: loaded.list.key().to_owned(),
            scope: scope_name(loaded.scope).to_owned(),
            file,
            line: position.map(|position| position.line),
            column: position.map(|position| position.column),
            lost: verdict.map(|verdict| lost(loaded.list, verdict).to_owned()),
        })
    }

    pub(super) fn reason(&self, verdict: Verdict, cause: Cause) -> String {
        let mode = mode_name(self.mode);
        if let Cause::Version { older, newer } = cause
            && let Standing::Between(before, after) = self.version.standing()
        {
            return format!(
                "client {before} says {}, {after} says {}, and which of them {} follows is not known",
                older.name(),
                newer.name(),
                self.version
            );
        }
        if verdict == Verdict::Undecided {
            return match self.mode {
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
            Cause::ReadOnly if self.mode == Mode::AcceptEdits => {
                "the client knows it as a command that only reads, or that only edits in the mode `acceptEdits`"
                    .to_owned()
            }
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
}

pub(super) fn place_of(rule: &RuleReport) -> String {
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

pub(super) fn mode_name(mode: Mode) -> &'static str {
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

pub(super) fn decision_style(decision: &str) -> Style {
    match decision {
        "allow" => AnsiColor::Green.on_default().bold(),
        "ask" => AnsiColor::Yellow.on_default().bold(),
        "deny" => AnsiColor::Red.on_default().bold(),
        _ => AnsiColor::Magenta.on_default().bold(),
    }
}
