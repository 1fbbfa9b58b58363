//! A key that the client reads from managed settings only stands in a file of the project.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::ProblemKind;

check!(
    "managed-only-key",
    Warn,
    "a key counts in managed settings only",
    "in a file that anyone can edit the client does not heed it",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    context.report_problems(&CHECK, findings, |file, problem| {
        let ProblemKind::ManagedOnly = &problem.kind else { return None };
        let message = format!(
            "`{}` does nothing here: the client reads it from managed settings only",
            problem.pointer.dotted()
        );
        let help = "roll it out as a managed setting, and take it out of this file";
        Some(Finding::new(CHECK.name, CHECK.severity, file.place(problem.span), message).help(help))
    });
}
