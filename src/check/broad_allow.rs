//! An allow rule that gives away nearly everything.
//!
//! INVARIANT: each finding shows a line that runs without a question, by this rule, and the shared and personal rules
//! together say so.

use super::registry::check;
use super::{Context, Run};
use crate::access::{Access, Call, Cause, MapWorld, Place, Silent, Verdict};
use crate::client::launchers::{self, Power};
use crate::finding::{Finding, Severity};
use crate::policy::Limits;
use crate::project::WrittenRule;
use crate::rule::{Cover, List, Rule};

check!(
    "broad-allow",
    Warn,
    "an allow rule gives away nearly everything",
    "what it covers runs without a question, and beside it the other rules hold nothing back",
    Run::Project(run)
);

/// Something that nobody would allow without looking.
const HARM: &str = "mv src /tmp";
const FILE: &str = "secrets.txt";

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // Policy that says what may be allowed at most has the word: see `exceeds-limit`.
    if !context.baseline.bounds.is_empty() {
        return;
    }
    let files = context.project.settings_files();
    let allowed = |written: &&WrittenRule| written.list == List::Allow && is_suspect(&written.rule);
    if !files.iter().flat_map(|file| &file.rules).any(|written| allowed(&written)) {
        return;
    }
    let beside: Vec<&Cover> =
        [List::Deny, List::Ask].into_iter().filter_map(|list| context.cover(list)).collect();
    let limits = Limits::new(context.baseline, &beside);
    let access = context.rules_alone();
    for file in files {
        // Beside a rule for everything the narrower ones add nothing.
        let whole = file.rules.iter().any(|written| allowed(&written) && is_whole(&written.rule));
        for WrittenRule { rule, span, .. } in file.rules.iter().filter(allowed) {
            if (whole && !is_whole(rule))
                || rule.fault(List::Allow).is_some()
                || context.baseline.waives_rule(rule)
                || context.is_of_policy(List::Allow, rule)
                || limits.breach(rule).is_some()
            {
                continue;
            }
            let Some(Gift { power, named, line }) = gift(access, rule) else { continue };
            let (what, help) = words(power);
            let light = matches!(power, Some(Power::Environment | Power::Remote | Power::Send)) || !named;
            let severity = if light { Severity::Note } else { CHECK.severity };
            let message = format!("`{rule}` allows {what}: `{line}` runs without a question");
            let place = file.file.place(*span);
            findings.push(Finding::new(CHECK.name, severity, place, message).key(rule.text()).help(help));
        }
    }
}

/// What a rule gives away.
struct Gift {
    /// None for everything.
    power: Option<Power>,
    /// Whether the rule speaks of it by name: `npx *` does, and `npm *` is wider without meaning `npm exec`.
    named: bool,
    /// A line that shows it.
    line: String,
}

/// Whether the rule is worth a closer look.
fn is_suspect(rule: &Rule) -> bool {
    is_whole(rule)
        || (rule.tool() == "Bash"
            && rule.content().is_some_and(|content| {
                content.starts_with('*') || !launchers::of(first_word(content)).is_empty()
            }))
}

/// A rule for every command of a shell.
fn is_whole(rule: &Rule) -> bool {
    matches!(rule.tool(), "Bash" | "PowerShell") && (rule.is_whole_tool() || rule.content() == Some("**"))
}

fn first_word(content: &str) -> &str {
    content.split([' ', ':', '*']).next().unwrap_or_default()
}

/// What the rule gives away, as far as it is the rule that decides.
fn gift(access: &Access, rule: &Rule) -> Option<Gift> {
    let runs = |line: &str| {
        let decide = |call: Call| access.decide(&call, &MapWorld::default(), &mut Silent);
        let decision = Call::parse(&format!("{}({line})", rule.tool()), &Place::made_up()).map(decide);
        decision.is_some_and(|decision| match (decision.verdict, decision.cause) {
            (Verdict::Allow, Cause::Rule(id)) => {
                access.rules().get(id).is_some_and(|loaded| loaded.rule == *rule)
            }
            _ => false,
        })
    };
    let content = rule.content().unwrap_or("*");
    if let Some(rest) = content.strip_prefix('*') {
        let line = match rule.tool() {
            "Bash" => format!("sh -c '{HARM}'{}", rest.replace('*', "x")),
            _ => "Remove-Item -Recurse src".to_owned(),
        };
        return runs(&line).then_some(Gift { power: None, named: true, line });
    }
    let words = content.split([' ', ':', '*']).filter(|word| !word.is_empty()).count();
    let launchers = launchers::of(first_word(content)).iter();
    launchers.filter(|launcher| launcher.power != Power::Read).find_map(|launcher| {
        let line = launcher.line(if launcher.takes_command() { HARM } else { FILE });
        let named = words >= launcher.words.len();
        runs(&line).then_some(Gift { power: Some(launcher.power), named, line })
    })
}

fn words(power: Option<Power>) -> (&'static str, &'static str) {
    match power {
        None => ("any command", "name the commands that are needed"),
        Some(Power::Code) => ("any code", "name the scripts or modules that are needed, or ask for it"),
        Some(Power::Command) => ("any other command", "name the command behind it as well"),
        Some(Power::Environment) => ("any other command", "name the tool behind it as well"),
        Some(Power::Package) => ("any package to be fetched and run", "name the packages that are needed"),
        Some(Power::Container) => {
            ("any command with any folder of this machine", "name the image and the options that are needed")
        }
        Some(Power::Remote) => ("any command on other machines", "name the machine and the command"),
        Some(Power::Send | Power::Read) => {
            ("any file to be sent anywhere", "name the addresses that are needed")
        }
    }
}
