//! The personal settings are tracked by git.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{ChangeKind, Finding, Fix};
use crate::glob::{Below, PathPattern, PathText};
use crate::path::RepoPath;
use crate::project::{File, LOCAL};
use crate::text::Span;

check!(
    "committed-local-settings",
    Warn,
    "the personal settings are tracked by git",
    "what one person said yes to is then allowed for everybody who works in this repository",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let file = &context.project.local.file;
    if !context.around.tracks(&file.path) {
        return;
    }
    let message = format!("`{}` is tracked by git", file.path);
    let finding = Finding::new(CHECK.name, CHECK.severity, file.place(Span::at(0)), message).key("tracked");
    findings.push(finding.help(
        "`git rm --cached` takes it out of git and leaves it on the disk; move what the team needs to `.claude/settings.json`",
    ));
    let ignore_file = context.project.path.join(".gitignore");
    let ignore_file = context.around.ignore_files().find(|file| file.path == ignore_file);
    let Some(ignore_file) = ignore_file.filter(|_| !is_ignored(context, &file.path)) else { return };
    let path = &ignore_file.path;
    let place = ignore_file.place(Span::at(ignore_file.text().len()));
    let message =
        format!("`{path}` does not name `{LOCAL}`, so it comes back with the next commit of all files");
    let finding = Finding::new(CHECK.name, CHECK.severity, place, message).key("not ignored");
    let line = ChangeKind::Line(LOCAL.to_owned());
    findings.push(finding.fix(Fix::new(format!("add `{LOCAL}` to `{path}`"), path.clone(), line)));
}

/// Whether the files that say what git leaves alone name a path: the last word counts, and that of a deeper
/// folder comes last.
fn is_ignored(context: &Context<'_>, path: &RepoPath) -> bool {
    let text = PathText::new(path.as_str());
    let mut files: Vec<&File> = context.around.ignore_files().collect();
    files.retain(|file| file.path.parent().is_some_and(|folder| path.below(&folder).is_some()));
    files.sort_by_key(|file| file.path.as_str().len());
    let mut ignored = false;
    for file in files {
        let skip = file.path.as_str().matches('/').count();
        let patterns = file.text().lines().filter(|line| !line.starts_with('#')).filter_map(PathPattern::new);
        for pattern in patterns.filter(|pattern| pattern.covers(Below { path: &text, skip })) {
            ignored = !pattern.is_negated();
        }
    }
    ignored
}
