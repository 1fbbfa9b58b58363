//! A key that the client knows, at a place where it does nothing.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::ProblemKind;

check!(
    "misplaced-key",
    Block,
    "a key stands where it does nothing",
    "it looks as if it held, and does nothing",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    context.report_problems(&CHECK, findings, |file, problem| {
        let ProblemKind::MisplacedKey { home } = &problem.kind else { return None };
        if file.path == context.project.mcp_file.path && super::mcp_servers_at_root::home(problem).is_some() {
            return None;
        }
        let message = format!("`{}` does nothing here", problem.pointer.dotted());
        let help = format!("it belongs {home}");
        Some(Finding::new(CHECK.name, CHECK.severity, file.place(problem.span), message).help(help))
    });
}
