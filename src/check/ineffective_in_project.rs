//! A key or value that the client does not heed in the files of a project.

use super::context::shown;
use super::registry::check;
use super::{Context, Run};
use crate::client::keys::{self, Reach};
use crate::finding::Finding;
use crate::json::Document;
use crate::settings::ProblemKind;

check!(
    "ineffective-in-project",
    Warn,
    "a key or value does nothing in the files of a project",
    "it looks as if it held, and does nothing",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    context.report_problems(&CHECK, findings, |file, problem| {
        let key = problem.pointer.dotted();
        let heeded = match &problem.kind {
            ProblemKind::NotHeeded { heeded } => heeded,
            ProblemKind::UnheededMode { mode } => {
                let message = format!("`{key}` cannot be `{mode}` in a repository: the client reads it as `default`");
                let help = "take it out of this file; while it is here, the mode of the user's own settings does not count either";
                return Some(Finding::new(CHECK.name, CHECK.severity, file.place(problem.span), message).help(help));
            }
            _ => return None,
        };
        // A key that is heeded in every file has a value that is not.
        let of_value = keys::at(&problem.pointer).is_some_and(|key| key.reach == Reach::Any);
        let document = of_value.then(|| Document::parse(file.text()));
        let what = match document.as_ref().and_then(|document| document.at(&problem.pointer)) {
            Some(node) => format!("`{key}` as `{}`", shown(&node.to_value())),
            None => format!("`{key}`"),
        };
        let message = format!("{what} does nothing here: it counts only {heeded}");
        let help = "take it out of this file, or set it where it counts";
        Some(Finding::new(CHECK.name, CHECK.severity, file.place(problem.span), message).help(help))
    });
}
