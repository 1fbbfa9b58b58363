//! The instructions say that a file is never to be read, and no rule says so.

use serde_json::Value;

use super::prohibitions::prohibited;
use super::reading::Reading;
use super::registry::check;
use super::{Context, Run};
use crate::access::Verdict;
use crate::finding::Finding;
use crate::json::Edit;
use crate::project::{File, Role};
use crate::rule::{List, Rule, implies};

check!(
    "prose-only-deny",
    Warn,
    "the instructions forbid to read a file, and no rule does",
    "a model follows instructions most of the time; a deny rule holds every time",
    Run::Project(run)
);

/// Folders at the root of a disk: elsewhere a first slash means the folder of the project.
const SYSTEM: [&str; 8] = ["Users", "etc", "home", "opt", "root", "tmp", "usr", "var"];

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut told: Vec<Rule> = Vec::new();
    for file in instructions(context) {
        for found in prohibited(file.text()) {
            let Some(rule) = rule_for(found.pattern).map(|text| Rule::parse(&text)) else { continue };
            if told.contains(&rule) || rule.fault(List::Deny).is_some() || is_covered(context, &rule) {
                continue;
            }
            let at = List::Deny.pointer();
            let message = format!(
                "`{}` is never to be read, says `{}`, and no rule keeps it so",
                found.pattern, file.path
            );
            let edit = Edit::Append { at: at.clone(), value: Value::from(rule.text()) };
            let fix = context.edit(format!("add `{rule}` to `{}`", at.dotted()), edit);
            findings.push(
                Finding::new(CHECK.name, CHECK.severity, file.place(found.span), message)
                    .key(rule.text())
                    .fix(fix),
            );
            told.push(rule);
        }
    }
}

/// The instructions of the project that the client reads: `AGENTS.md` only where there is none of its own
/// (observed, 2.1.330).
fn instructions<'a>(context: &Context<'a>) -> Vec<&'a File> {
    let below = |file: &File| file.path.below(&context.project.path).map(str::to_owned);
    let own: Vec<(String, &File)> =
        context.around.files(Role::Instructions).filter_map(|file| Some((below(file)?, file))).collect();
    let named = |names: &[&str]| -> Vec<&'a File> {
        own.iter().filter(|(below, _)| names.contains(&below.as_str())).map(|(_, file)| *file).collect()
    };
    if named(&["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md"]).is_empty() {
        return named(&["AGENTS.md", ".claude/AGENTS.md"]);
    }
    named(&["CLAUDE.md", ".claude/CLAUDE.md"])
}

/// The rule that says the same.
fn rule_for(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let first = pattern.strip_prefix('/').map(|rest| rest.split('/').next().unwrap_or_default());
    let root = if first.is_some_and(|first| SYSTEM.contains(&first)) { "/" } else { "" };
    let body = match pattern.strip_suffix('/') {
        Some(folder) => format!("{folder}/**"),
        None => pattern.to_owned(),
    };
    (!body.trim_start_matches(['/', '*', '~', '.']).is_empty()).then(|| format!("Read({root}{body})"))
}

/// Whether the settings have such a rule, or policy asks for one, which is told already.
fn is_covered(context: &Context<'_>, rule: &Rule) -> bool {
    let demanded = || context.baseline.rules.iter().filter(|demand| demand.what.list == List::Deny);
    context.has_rule(List::Deny, rule)
        || demanded().any(|demand| implies(List::Deny, &demand.what.rule, rule))
        || is_denied(context, rule)
}

/// Whether a file that fits the rule, and only by its form, is not read anyway.
fn is_denied(context: &Context<'_>, rule: &Rule) -> bool {
    let Some(content) = rule.content() else { return false };
    let sample = content.replace("**", "bylaws-sample/file").replace('*', "bylaws-sample");
    // `//x` stands for `/x`, and `/x` for `x` in the project.
    Reading::new(context, None).of(sample.strip_prefix('/').unwrap_or(&sample)) == Verdict::Deny
}
