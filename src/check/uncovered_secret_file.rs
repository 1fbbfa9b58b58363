//! A file that holds a secret, and no rule keeps the client from reading it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::reading::Reading;
use super::registry::check;
use super::{Context, Run};
use crate::access::Verdict;
use crate::finding::{Finding, Severity};
use crate::json::Edit;
use crate::path::RepoPath;
use crate::project::{Content, File};
use crate::rule::List;
use crate::text::Span;

check!(
    "uncovered-secret-file",
    Warn,
    "no rule keeps the client from reading a file that holds a secret",
    "what the client reads goes to the model, into transcripts and wherever the next command sends it",
    Run::Project(run)
);

/// Most further files that a finding names.
const MAX_RELATED: usize = 10;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let project = &context.project.path;
    let below = |path: &RepoPath| path.below(project).map(str::to_owned);
    let secrets: Vec<(&RepoPath, String)> =
        context.around.secrets().iter().filter_map(|path| Some((path, below(path)?))).collect();
    if secrets.is_empty() {
        return;
    }
    let reading = Reading::new(context, None);
    let mut open: BTreeMap<&str, Vec<(&RepoPath, String, Verdict)>> = BTreeMap::new();
    for (path, below) in secrets {
        let verdict = reading.of(&below);
        if verdict != Verdict::Deny {
            open.entry(path.name()).or_default().push((path, below, verdict));
        }
    }
    for (name, files) in open {
        findings.extend(report(context, name, &files));
    }
}

/// One finding for all files of a name: one rule closes them.
fn report(context: &Context<'_>, name: &str, files: &[(&RepoPath, String, Verdict)]) -> Option<Finding> {
    let (path, _, verdict) = files.first()?;
    // Nothing of a secret is ever shown.
    let place = |path: &RepoPath| File::new(path.clone(), Content::Missing).place(Span::at(0));
    let message = match verdict {
        Verdict::Ask => format!("`{path}` holds a secret, and a command may read it without a question"),
        Verdict::Undecided => format!("`{path}` holds a secret that only a hook may keep from being read"),
        _ => format!("`{path}` holds a secret, and no rule keeps the client from reading it"),
    };
    let severity = if *verdict == Verdict::Undecided { Severity::Note } else { CHECK.severity };
    let mut finding = Finding::new(CHECK.name, severity, place(path), message).key(name);
    for (path, ..) in files.iter().skip(1).take(MAX_RELATED) {
        finding = finding.related(place(path), "the same holds for this file");
    }
    let rule = format!("Read({})", escaped(name));
    let closed = Reading::new(context, Some(&rule));
    if files.iter().any(|(_, below, _)| closed.of(below) != Verdict::Deny) {
        return Some(finding.help("add a deny rule for it to `.claude/settings.json`"));
    }
    let at = List::Deny.pointer();
    let title = format!("add `{rule}` to `{}`", at.dotted());
    Some(finding.fix(context.edit(title, Edit::Append { at, value: Value::from(rule) })))
}

/// A name as a pattern that matches nothing else.
fn escaped(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        if "\\*?[]()!#".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
