//! The client takes nothing from a file, its deny rules included, because it is no JSON object.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Place};
use crate::json::{Edit, FaultKind, Pointer};
use crate::project::{Content, SettingsFile};
use crate::rule::List;
use crate::settings::ProblemKind;

check!(
    "unreadable-settings",
    Block,
    "the client takes nothing from a file because it is not JSON",
    "the client drops the file without a word, and its deny rules with it",
    Run::Project(run)
);

/// Most rules that one message names.
const NAMED: usize = 3;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in [&context.project.shared.file, &context.project.local.file, &context.project.mcp_file] {
        if let Content::Refused(refusal) = &file.content {
            let message = format!("`{}` is not read: {refusal}", file.path);
            let finding =
                Finding::new(CHECK.name, CHECK.severity, file.place(crate::text::Span::at(0)), message);
            findings.push(finding.key("content").help("put a plain JSON file there"));
        }
    }
    for file in context.project.settings_files() {
        let mut first = true;
        for problem in file.settings.problems() {
            let (message, help) = match &problem.kind {
                ProblemKind::NotJson(fault) => {
                    (format!("this is not JSON: {}", fault.describe()), advice(*fault))
                }
                ProblemKind::NotAnObject { found } => {
                    (format!("the file holds {found}, not an object"), None)
                }
                _ => continue,
            };
            let mut finding =
                Finding::new(CHECK.name, CHECK.severity, file.file.place(problem.span), message);
            finding = finding.key(format!("{} {}", problem.span.start, problem.span.end));
            // What is lost is said once, with the first fault.
            let lost = first.then(|| format!("the client ignores the whole file{}", lost_rules(file)));
            first = false;
            let help: Vec<String> = lost.into_iter().chain(help.map(str::to_owned)).collect();
            if !help.is_empty() {
                finding = finding.help(help.join("; "));
            }
            if problem.kind == ProblemKind::NotJson(FaultKind::TrailingComma) {
                let edit = Edit::Mend { span: problem.span };
                finding = finding.fix(super::context::edit_of(&file.file, "take the comma away", edit));
            }
            findings.push(finding);
        }
    }
    report_mcp(context, findings);
}

fn report_mcp(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mcp = context.project.mcp.document();
    if let Some(root) = mcp.root().filter(|root| !root.is_object() && mcp.is_strict()) {
        let message = format!("the file holds {}, not an object", root.kind_name());
        let place = context.project.mcp_file.place(mcp.nearest(&Pointer::root()));
        let finding = Finding::new(CHECK.name, CHECK.severity, place, message).key("root");
        findings.push(finding.help("no server can be read from it"));
    }
    for fault in mcp.faults() {
        let place: Place = context.project.mcp_file.place(fault.span);
        let message = format!("this is not JSON: {}", fault.kind.describe());
        let mut finding = Finding::new(CHECK.name, CHECK.severity, place, message)
            .key(format!("{} {}", fault.span.start, fault.span.end))
            .help("no server can be read from the file");
        if fault.kind == FaultKind::TrailingComma {
            let edit = Edit::Mend { span: fault.span };
            finding =
                finding.fix(super::context::edit_of(&context.project.mcp_file, "take the comma away", edit));
        }
        findings.push(finding);
    }
}

fn advice(fault: FaultKind) -> Option<&'static str> {
    match fault {
        FaultKind::Comment => {
            Some("JSON has no comments: move the text into a key such as `\"//\"`, which the client ignores")
        }
        _ => None,
    }
}

/// The rules that are lost, counted by list, the first deny rules by name.
fn lost_rules(file: &SettingsFile) -> String {
    let mut parts = Vec::new();
    for list in [List::Deny, List::Ask, List::Allow] {
        let rules: Vec<&str> = file.settings.written_rules(list).map(|entry| entry.text).collect();
        let plural = match rules.len() {
            0 => continue,
            1 => "",
            _ => "s",
        };
        let mut part = format!("{} {} rule{plural}", rules.len(), list.key());
        if list == List::Deny {
            let mut named: Vec<String> = rules.iter().take(NAMED).map(|rule| format!("`{rule}`")).collect();
            if rules.len() > NAMED {
                named.push(format!("{} more", rules.len() - NAMED));
            }
            part.push_str(&format!(" ({})", named.join(", ")));
        }
        parts.push(part);
    }
    if parts.is_empty() { String::new() } else { format!(", and with it {}", parts.join(", ")) }
}
