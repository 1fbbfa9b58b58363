//! The matcher of a hook is written as a permission rule.

use super::registry::check;
use super::{Context, Run};
use crate::client::tools;
use crate::finding::Finding;
use crate::rule::Rule;

check!(
    "hook-matcher-is-a-rule",
    Block,
    "the matcher of a hook is written as a permission rule",
    "a matcher is held against the name of the tool alone, so the hook never runs",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        let mut told = None;
        for hook in file.settings.hooks() {
            let group = hook.pointer.parent().and_then(|hooks| hooks.parent());
            let (Some(matcher), Some(group)) = (hook.matcher, group) else { continue };
            // The hooks of a group share one matcher.
            if !reads_as_rule(matcher) || told.as_ref() == Some(&group) {
                continue;
            }
            let tool = Rule::parse(matcher).name().to_owned();
            let message = format!("this {} hook never runs: no tool is called `{matcher}`", hook.event);
            let help = format!(
                "match `{tool}` and hold the call against the rule with `\"if\": \"{matcher}\"` on the hook"
            );
            let place = file.place(&group.join("matcher"));
            findings.push(
                Finding::new(CHECK.name, CHECK.severity, place, message).key(group.to_string()).help(help),
            );
            told = Some(group);
        }
    }
}

/// Whether a matcher has the form of a rule, and as a regular expression would not lead to a tool.
fn reads_as_rule(matcher: &str) -> bool {
    let rule = Rule::parse(matcher);
    let Some(content) = rule.content().filter(|_| is_tool(rule.name())) else { return false };
    let leads_to_tool = |end: &str| is_tool(&format!("{}{end}", rule.name())) || end.is_empty();
    !content.split('|').any(leads_to_tool)
}

fn is_tool(name: &str) -> bool {
    tools::spelling_of(name).is_some_and(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_for_names_are_no_rules() {
        assert!(reads_as_rule("Bash(git commit:*)"));
        assert!(reads_as_rule("Bash(*test*|*spec*)"));
        assert!(!reads_as_rule("Task(Create|Get)"));
        assert!(!reads_as_rule("^(Edit|Write)$"));
        assert!(!reads_as_rule("mcp__.*(get|put)"));
        assert!(!reads_as_rule("Edit|Write"));
    }
}
