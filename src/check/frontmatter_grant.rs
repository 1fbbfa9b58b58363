//! A skill, a command or a sub-agent allows itself what the settings do not allow.

use super::context::announced;
use super::registry::check;
use super::{Context, Run};
use crate::client::blank;
use crate::client::tools::{self, ContentKind};
use crate::finding::{Finding, Severity};
use crate::frontmatter::{self, Value};
use crate::policy::Limits;
use crate::project::{Content, File, Refusal, Role};
use crate::rule::{Cover, List, Rule, rules_in};
use crate::text::Span;

check!(
    "frontmatter-grant",
    Warn,
    "a skill, a command or a sub-agent allows itself what the settings do not",
    "while it is at work, the client does what it grants without a question, and the settings do not tell",
    Run::Project(run)
);

/// Most rules that a message names.
const MAX_NAMED: usize = 4;

/// The key of skills and commands.
const ALLOWED: &str = "allowed-tools";

/// The key of sub-agents. Their `tools` only take tools away (observed, 2.1.330).
const MODE: &str = "permissionMode";

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let own = |file: &&File| {
        file.path.below(&context.project.path).is_some_and(|below| below.starts_with(".claude/"))
    };
    let beside: Vec<&Cover> =
        [List::Deny, List::Ask].into_iter().filter_map(|list| context.cover(list)).collect();
    let limits = Limits::new(context.baseline, &beside);
    for (role, key) in [(Role::Skill, ALLOWED), (Role::Agent, MODE)] {
        for file in context.around.files(role).filter(own) {
            match &file.content {
                Content::Text(text) => {
                    let Some(field) = frontmatter::field(text, key) else { continue };
                    match field.value {
                        Value::Unclear => findings.push(unclear(file, key, field.key)),
                        Value::Texts(texts) if role == Role::Skill => {
                            check_grants(context, &limits, file, &texts, findings);
                        }
                        Value::Texts(texts) => findings.extend(mode(context, file, &texts)),
                    }
                }
                Content::Missing | Content::Refused(Refusal::Folder | Refusal::Dangling(_)) => {}
                Content::Refused(refusal) => {
                    let message = format!("what `{}` grants is not known: {refusal}", file.path);
                    findings.push(
                        Finding::new(CHECK.name, Severity::Note, file.place(Span::at(0)), message)
                            .key("not read"),
                    );
                }
            }
        }
    }
}

fn unclear(file: &File, key: &str, span: Span) -> Finding {
    let message = format!("what `{key}` says is not known: it is written with an anchor, an alias or a tag");
    Finding::new(CHECK.name, Severity::Note, file.place(span), message)
        .key(key)
        .help("write it as one line or as a list")
}

/// A rule that a file grants itself, and its place.
struct Grant {
    rule: Rule,
    span: Span,
    weight: Severity,
}

fn check_grants(
    context: &Context<'_>,
    limits: &Limits<'_>,
    file: &File,
    texts: &[frontmatter::Text],
    findings: &mut Vec<Finding>,
) {
    let mut grants: Vec<Grant> = Vec::new();
    for text in texts {
        for part in rules_in(&text.text) {
            let written = text.text.get(part.start..part.end).unwrap_or_default();
            let rule = Rule::parse(blank::trim(written));
            let known = grants.iter().any(|grant| grant.rule == rule);
            if let Some(weight) = weight(&rule).filter(|_| !known && !is_settled(context, &rule)) {
                grants.push(Grant { rule, span: text.place(part), weight });
            }
        }
    }
    grants.retain(|grant| {
        let breach = limits.breach(&grant.rule).filter(|_| !context.baseline.waives_rule(&grant.rule));
        let Some(breach) = breach else { return true };
        let message = format!("`{}` is granted here, {}", grant.rule, breach.why);
        let finding = Finding::new(CHECK.name, breach.severity, file.place(grant.span), message)
            .key(grant.rule.text())
            .origins(breach.origins);
        findings.push(
            announced(finding, breach.blocks_from)
                .help("narrow the rule or take it away; a waiver in the policy can open it for a time"),
        );
        false
    });
    // What weighs most is named first.
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.weight));
    let Some(first) = grants.first() else { return };
    let named: Vec<String> = grants.iter().take(MAX_NAMED).map(|grant| format!("`{}`", grant.rule)).collect();
    let more = match grants.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!("`{ALLOWED}` grants {}{more}, which the settings do not allow", named.join(", "));
    let weight = grants.iter().map(|grant| grant.weight).max().unwrap_or(CHECK.severity);
    findings.push(
        Finding::new(CHECK.name, weight, file.place(first.span), message).key(ALLOWED).help(
            "allow it in `.claude/settings.json`, where it is seen, or take it out: the client asks then",
        ),
    );
}

/// Whether the settings allow a rule themselves, or take away all that it could grant.
fn is_settled(context: &Context<'_>, rule: &Rule) -> bool {
    List::ALL.into_iter().filter_map(|list| context.cover(list)).any(|cover| cover.covers(rule))
}

/// How much a rule weighs that the settings do not speak of; none where it grants nothing that the client
/// would ask for otherwise (observed, 2.1.330).
fn weight(rule: &Rule) -> Option<Severity> {
    if rule.fault(List::Allow).is_some() {
        return None;
    }
    if rule.tool().starts_with("mcp__") {
        return Some(CHECK.severity);
    }
    let leads_out = |content: &str| content.starts_with("//") || content.starts_with('~');
    match (rule.tool(), tools::find(rule.tool())?.content) {
        ("MultiEdit" | "NotebookRead" | "Cd" | "Agent", _) => None,
        // Within the project these need no rule.
        ("Read" | "Grep" | "Glob", _) => match rule.content() {
            None => Some(Severity::Note),
            Some(content) => (rule.tool() == "Read" && leads_out(content)).then_some(Severity::Note),
        },
        // Skills that grant themselves something are asked for otherwise.
        ("Skill", _) => Some(Severity::Note),
        (_, ContentKind::InertPath | ContentKind::Query) if !rule.is_whole_tool() => None,
        _ => Some(CHECK.severity),
    }
}

/// A sub-agent that asks for fewer questions than the settings say.
fn mode(context: &Context<'_>, file: &File, texts: &[frontmatter::Text]) -> Option<Finding> {
    let [text] = texts else { return None };
    let settings = &context.shared().settings;
    let (message, help) = match text.text.as_str() {
        "acceptEdits" if settings.default_mode() != Some("acceptEdits") => (
            "this sub-agent changes files without a question: `permissionMode` is `acceptEdits`",
            "take the line out, or narrow its `tools`",
        ),
        "bypassPermissions" if !context.switches_bypass_off() => (
            "this sub-agent is to work without any question: `permissionMode` is `bypassPermissions`",
            "take the line out; `\"disableBypassPermissionsMode\": \"disable\"` in the settings switches the mode off",
        ),
        _ => return None,
    };
    let finding = Finding::new(CHECK.name, CHECK.severity, file.place(text.span), message);
    Some(finding.key(MODE).help(help))
}
