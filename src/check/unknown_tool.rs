//! A permission rule for a tool that the client does not have.

use super::registry::check;
use super::{Context, Run};
use crate::client::keys::nearest_of;
use crate::client::tools;
use crate::finding::{Finding, Severity};
use crate::project::WrittenRule;
use crate::rule::{List, Rule};

check!(
    "unknown-tool",
    Warn,
    "a permission rule speaks of a tool that the client does not have",
    "the client takes the rule and it never matches: what it denies is not denied",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for WrittenRule { list, rule, span, pointer } in &file.rules {
            // Rules that the client skips are reported as such.
            if is_known(rule) || rule.fault(*list).is_some() {
                continue;
            }
            let message = format!("the client has no tool `{}`", rule.name());
            let severity = if *list == List::Allow { Severity::Note } else { CHECK.severity };
            let mut finding =
                Finding::new(CHECK.name, severity, file.file.place(*span), message).key(pointer.to_string());
            if let Some(advice) = advice(rule) {
                finding = finding.help(advice);
            }
            findings.push(finding);
        }
    }
}

/// Whether there may be such a tool: one of the client's, of an MCP server, or several by a wildcard.
fn is_known(rule: &Rule) -> bool {
    let name = rule.name();
    let listed =
        tools::spelling_of(name) == Some(name) && !tools::RETIRED.iter().any(|(old, _)| *old == name);
    listed || name.starts_with("mcp__") || name.contains('*')
}

fn advice(rule: &Rule) -> Option<String> {
    let name = rule.name();
    if let Some((_, now)) = tools::RETIRED.iter().find(|(old, _)| *old == name) {
        return Some(format!("older clients had it; write rules for {now}"));
    }
    let with = |tool: &str| match rule.raw_content() {
        Some(content) => format!("{tool}({content})"),
        None => tool.to_owned(),
    };
    // `Git(push)`, `git commit`: a command, not a tool.
    if name.contains(' ') || COMMANDS.contains(&name.to_ascii_lowercase().as_str()) {
        let mut command = name.trim().to_lowercase();
        match rule.content() {
            Some(content) => command.push_str(&format!(" {content}")),
            None => command.push_str(" *"),
        }
        return Some(format!("for a command write `Bash({command})`"));
    }
    let known = tools::spelling_of(name).or_else(|| nearest_of(name, tools::names()))?;
    Some(format!("write `{}`", with(known)))
}

/// Commands that people write as if they were tools (met in published settings files).
const COMMANDS: &[&str] = &[
    "cargo", "curl", "docker", "gh", "git", "go", "make", "node", "npm", "npx", "pip", "pnpm", "python",
    "uv", "yarn",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_depends_on_what_was_meant() {
        let advice = |text: &str| advice(&Rule::parse(text)).unwrap_or_default();
        assert_eq!(advice("Raed(.env)"), "write `Read(.env)`");
        assert_eq!(advice("Git(push *)"), "for a command write `Bash(git push *)`");
        assert_eq!(advice("LS(src)"), "older clients had it; write rules for `Read`");
        assert_eq!(advice("Whatever"), "");
        assert!(is_known(&Rule::parse("Bash(x)")));
        assert!(is_known(&Rule::parse("Task(x)")));
        assert!(!is_known(&Rule::parse("BASH(x)")));
    }
}
