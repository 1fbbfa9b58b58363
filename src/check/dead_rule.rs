//! A permission rule that the client takes and that cannot match what it looks like it is for.
//!
//! INVARIANT: nothing is reported that the client would match with a call of the kind that the rule looks like it
//! is for, and no correction is offered that would not: both are decided, not guessed.

use std::collections::HashSet;

use super::idle::Why;
use super::registry::check;
use super::{Context, Run};
use crate::access::{Access, Call, Cause, MapWorld, Place, Silent};
use crate::finding::{Change, ChangeKind, Finding, Fix, Severity};
use crate::json::Edit;
use crate::project::{SettingsFile, WrittenRule};
use crate::rule::{Dead, DeadKind, List, Rule};

check!(
    "dead-rule",
    Warn,
    "a permission rule cannot match what it looks like it is for",
    "the client takes the rule without a word, and what it should stop or allow goes on as if it were not there",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        // Two dead rules may mean the same.
        let mut written = HashSet::new();
        for rule in &file.rules {
            if let Some(dead) = dead(&rule.rule, rule.list) {
                let fix = fix(context, file, rule, &dead, &mut written);
                let mut finding = report(&rule.rule, rule.list, &dead, file.file.place(rule.span));
                finding.key = format!("{} {}", rule.list.key(), rule.rule.text());
                finding.fix = fix;
                findings.push(finding);
            }
        }
    }
    for idle in context.idle() {
        if let Why::Empty = idle.why {
            let message = format!(
                "`{}` is for nothing: it is proved that no command has such a text",
                idle.written.rule
            );
            let mut finding = idle.report(context, &CHECK, message);
            finding.severity = weight(idle.written.list);
            findings.push(finding);
        }
    }
}

/// How much a dead rule weighs: one that allows nothing is no danger.
fn weight(list: List) -> Severity {
    if list == List::Allow { Severity::Note } else { CHECK.severity }
}

/// What is said of a dead rule, wherever it stands.
pub(super) fn report(rule: &Rule, list: List, dead: &Dead, place: crate::finding::Place) -> Finding {
    let severity = weight(list);
    let verb = match list {
        List::Allow => "allow",
        List::Ask => "ask for",
        List::Deny => "deny",
    };
    let message = format!("`{rule}` does not {verb} what it looks like: {}", why(dead.kind, rule, list));
    Finding::new(CHECK.name, severity, place, message).help(advice(dead, list))
}

/// Why a rule is dead, if it is so for the engine as well.
pub(super) fn dead(rule: &Rule, list: List) -> Option<Dead> {
    let dead = rule.dead(list)?;
    let revived = dead.calls.iter().any(|call| speaks_of(rule, list, call));
    (!revived).then_some(dead)
}

/// Whether a rule, alone, decides a call.
fn speaks_of(rule: &Rule, list: List, call: &str) -> bool {
    let place = Place::made_up();
    let Some(call) = Call::parse(call, &place) else { return false };
    let access = Access::of_rules([(list, rule.clone())], &place);
    matches!(access.decide(&call, &MapWorld::default(), &mut Silent).cause, Cause::Rule(_))
}

/// The rules that were meant, if together they have their say on every call that the dead one looks like it is
/// for. None for allow rules: what is not allowed today is not allowed by a correction that nobody looked at.
fn correction(dead: &Dead, list: List) -> Option<Vec<Rule>> {
    let meant: Vec<Rule> = dead.meant.iter().map(|text| Rule::parse(text)).collect();
    let sound = |rule: &Rule| rule.fault(list).is_none() && self::dead(rule, list).is_none();
    let covered = |call: &String| meant.iter().any(|rule| speaks_of(rule, list, call));
    let certain = list != List::Allow
        && !meant.is_empty()
        && !dead.calls.is_empty()
        && meant.iter().all(sound)
        && dead.calls.iter().all(covered);
    certain.then_some(meant)
}

/// Puts the rules that were meant in the place of the dead one. Only the shared file is written, and no rule that
/// policy asks for: there the layer has to be mended.
fn fix(
    context: &Context<'_>,
    file: &SettingsFile,
    written: &WrittenRule,
    dead: &Dead,
    taken: &mut HashSet<(List, String)>,
) -> Option<Fix> {
    let WrittenRule { list, rule, pointer, .. } = written;
    let shared = std::ptr::eq(file, context.shared());
    if !shared || context.is_of_policy(*list, rule) {
        return None;
    }
    let meant = correction(dead, *list)?;
    let missing: Vec<&Rule> = meant
        .iter()
        .filter(|rule| {
            !context.has_rule(*list, rule)
                && !context.baseline.asks_for_rule(*list, rule.text())
                && taken.insert((*list, rule.text().to_owned()))
        })
        .collect();
    // A file rule in the place of one for commands would stand in its list all the same.
    let value = |rule: &Rule| serde_json::Value::from(rule.text());
    let mut edits = Vec::new();
    let title = match missing.split_first() {
        None => {
            edits.push(Edit::Remove { at: pointer.clone() });
            let says = meant.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" and ");
            format!("take `{rule}` out, {says} says it")
        }
        Some((first, rest)) => {
            edits.push(Edit::Set { at: pointer.clone(), value: value(first) });
            edits.extend(rest.iter().map(|rule| Edit::Append { at: list.pointer(), value: value(rule) }));
            let says = missing.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(" and ");
            format!("write {says} for `{rule}`")
        }
    };
    let path = &file.file.path;
    let changes = edits.into_iter().map(|edit| Change { path: path.clone(), what: ChangeKind::Json(edit) });
    Some(Fix { title, changes: changes.collect() })
}

fn why(kind: DeadKind, rule: &Rule, list: List) -> String {
    let tool = rule.name();
    match kind {
        DeadKind::InertTool(consulted) => {
            format!("the client looks at the paths of `{consulted}(…)` rules, never at those of `{tool}(…)`")
        }
        DeadKind::NotAbsolute => {
            "a path with one `/` begins at the folder of the settings, one with `//` at the root".into()
        }
        DeadKind::Drive => "outside of Windows it is a folder of that name in the project".into(),
        DeadKind::Backslash => "`\\` does not separate folders".into(),
        DeadKind::Blanks => "its blanks are part of the pattern".into(),
        DeadKind::Negated => "`!` takes nothing out of another rule".into(),
        DeadKind::Dots => "a pattern is not resolved, so `.` and `..` match no folder".into(),
        DeadKind::Variable => "variables are not put in".into(),
        DeadKind::Braces => "braces stand for themselves".into(),
        DeadKind::Several => "a rule holds one pattern, and this one is all of it".into(),
        DeadKind::Quoted => "its quotes are part of the pattern".into(),
        DeadKind::MisplacedPrefix => {
            "`:*` stands for anything only at the very end, right behind the command".into()
        }
        DeadKind::StarBeforePrefix => "before `:*` every `*` stands for itself".into(),
        DeadKind::Port => "`:*` stands for a blank and anything, not for a port".into(),
        DeadKind::Pipe => "a pipeline is compared with one blank on each side of `|`".into(),
        DeadKind::Operators => {
            "a line is cut at its operators first, and a pattern is held against each command".into()
        }
        DeadKind::Redirection => "redirections are held against rules for files, not for commands".into(),
        DeadKind::Anchored => "a pattern is no regular expression".into(),
        DeadKind::AlwaysAsked => "the client asks for this command whatever pattern allows it".into(),
        DeadKind::NotAHost => "only the name of the host is compared".into(),
        DeadKind::Query => "the words of a search are not looked at".into(),
        DeadKind::ByName => format!("a rule for `{tool}` with a name counts in `deny` only"),
        DeadKind::NameWildcard => "a name is compared as it stands, `*` included".into(),
        DeadKind::AllowedParameter => {
            format!("rules on parameters count in `deny` and `ask`, not in `{list}`")
        }
        DeadKind::MainField => "the name of the field is taken for a part of the pattern".into(),
        DeadKind::McpName => {
            "names of MCP tools have letters, digits, `_` and `-`; everything else becomes `_`".into()
        }
    }
}

fn advice(dead: &Dead, list: List) -> String {
    let meant: Vec<String> = dead.meant.iter().map(|text| format!("`{text}`")).collect();
    let what = match (dead.kind, meant.as_slice()) {
        (DeadKind::NotAbsolute, []) => {
            "write `~/…` for the home folder, or `//…` for this very path".to_owned()
        }
        (DeadKind::Drive, _) => "write `//c/…`, and a rule for the other systems beside it".to_owned(),
        (DeadKind::Dots, []) => "write the path from the project, from `~/` or from `//`".to_owned(),
        (DeadKind::Negated, []) => "take it out, and narrow the rule that it should open".to_owned(),
        (DeadKind::Operators, []) => "write a rule for each command".to_owned(),
        (DeadKind::Redirection, _) if list == List::Allow => {
            return "write it without the redirection; the file is allowed with `Edit(…)`".to_owned();
        }
        (DeadKind::Redirection, []) => "write a rule for the file, `Edit(…)`".to_owned(),
        (DeadKind::AlwaysAsked, []) => {
            "only a rule that is the whole command, without `*`, allows it".to_owned()
        }
        (_, []) => "write what is meant, or take it out".to_owned(),
        (DeadKind::Port, _) if list == List::Allow => "name the port and what follows: `…:3000/*`".to_owned(),
        (_, several) => format!("write {}", several.join(" and ")),
    };
    if list == List::Allow && !meant.is_empty() && dead.kind != DeadKind::Port {
        return format!("{what} if that is to be allowed, or take it out");
    }
    what
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_has_the_last_word() {
        let is_dead = |list, text: &str| dead(&Rule::parse(text), list).is_some();
        // A pipeline is held against deny rules as a whole, too.
        assert!(!is_dead(List::Deny, "Bash(curl * | bash)"));
        assert!(is_dead(List::Allow, "Bash(curl * | bash)"));
        assert!(is_dead(List::Deny, "Bash(curl *|bash)"));
        assert!(is_dead(List::Deny, "Bash(curl * && bash *)"));
        assert!(is_dead(List::Deny, "Write(.env)"));
        assert!(is_dead(List::Deny, "Read(/etc/passwd)"));
    }

    #[test]
    fn only_what_is_decided_is_corrected() {
        let corrected = |list, text: &str| {
            let rules = correction(&dead(&Rule::parse(text), list)?, list)?;
            Some(rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "))
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(corrected(List::Deny, "Write(.env)"), is("Edit(.env)"));
        assert_eq!(corrected(List::Deny, "NotebookEdit(a.ipynb)"), is("Edit(a.ipynb)"));
        assert_eq!(corrected(List::Deny, "Read(**/*.{pem,key})"), is("Read(**/*.pem) + Read(**/*.key)"));
        assert_eq!(corrected(List::Deny, "Bash(> /etc/passwd)"), is("Edit(//etc/passwd)"));
        assert_eq!(corrected(List::Deny, "Bash(sudo :* )"), is("Bash(sudo *)"));
        assert_eq!(corrected(List::Deny, "Bash(wget *|bash*)"), is("Bash(wget * | bash*)"));
        assert_eq!(corrected(List::Ask, "Agent(Explore)"), is("Agent(subagent_type:Explore)"));
        assert_eq!(corrected(List::Deny, "Skill(sk*)"), is("Skill(skill:sk*)"));
        assert_eq!(corrected(List::Deny, "WebSearch(a b)"), is("WebSearch(query:a b)"));
        assert_eq!(corrected(List::Deny, "WebFetch(domain:.a.com)"), is("WebFetch(domain:*.a.com)"));
        assert_eq!(corrected(List::Deny, "Read(!.env)"), None);
        assert_eq!(corrected(List::Allow, "Write(src/**)"), None);
    }
}
