//! A key that the client does not know, which is ignored without a word.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::{Problem, ProblemKind};

check!(
    "unknown-key",
    Warn,
    "the client does not know a key and ignores it",
    "it looks like protection or configuration, and does nothing",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    context.report_problems(&CHECK, findings, |file, problem| {
        let ProblemKind::UnknownKey { meant } = &problem.kind else { return None };
        // Where the object itself is not what the client takes, that is the fault to mend.
        let object = problem.pointer.parent();
        let wrong = |other: &Problem| {
            Some(&other.pointer) == object.as_ref() && matches!(other.kind, ProblemKind::WrongValue { .. })
        };
        let of_file = context.project.problems().into_iter().filter(|(other, _)| other.path == file.path);
        if of_file.flat_map(|(_, problems)| problems).any(wrong) {
            return None;
        }
        let message = format!("the client does not know `{}` and ignores it", problem.pointer.dotted());
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "take the key away; to leave a note for readers, use a key such as `\"//\"`".to_owned(),
        };
        Some(Finding::new(CHECK.name, CHECK.severity, file.place(problem.span), message).help(help))
    });
}
