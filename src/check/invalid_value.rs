//! A key that the client knows has a value that it does not take; most such values cost the whole
//! file.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Finding, Severity};
use crate::json::Pointer;
use crate::project::File;
use crate::settings::{Effect, ProblemKind};

check!(
    "invalid-value",
    Block,
    "a key has a value that the client does not take",
    "most wrong values cost the whole file, deny rules included, without a word",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let flat = |file: &File, at: &Pointer| {
        let mut files = context.project.settings_files().into_iter();
        files.any(|settings| {
            settings.file.path == file.path && super::flat_hook::is_at(settings.document(), at)
        })
    };
    context.report_problems(&CHECK, findings, |file, problem| {
        if flat(file, &problem.pointer) {
            return None;
        }
        let message = match &problem.kind {
            ProblemKind::WrongValue { expected, found } => {
                format!("`{}` is {found}, the client takes {expected}", problem.pointer.dotted())
            }
            ProblemKind::BadHook { reason } => {
                format!("the hook `{}` cannot be loaded: {reason}", problem.pointer.dotted())
            }
            ProblemKind::TooDeep => {
                format!("`{}` is nested too deep for the client", problem.pointer.dotted())
            }
            _ => return None,
        };
        let severity = match problem.effect {
            Effect::DropsFile | Effect::Halts => Severity::Block,
            _ => Severity::Warn,
        };
        let help = match &problem.effect {
            Effect::DropsFile if file.path == context.project.mcp_file.path => {
                "the client starts none of the servers".to_owned()
            }
            Effect::DropsFile => "the client ignores the whole file, its deny rules included".to_owned(),
            Effect::Drops(at) if *at == problem.pointer => {
                "the client ignores this value and keeps the rest of the file".to_owned()
            }
            effect => effect.to_string(),
        };
        Some(Finding::new(CHECK.name, severity, file.place(problem.span), message).help(help))
    });
}
