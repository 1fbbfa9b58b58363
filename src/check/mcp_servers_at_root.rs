//! A server of `.mcp.json` stands beside `mcpServers` instead of in it.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{Change, ChangeKind, Finding, Fix};
use crate::json::{Edit, Pointer};
use crate::settings::{Home, Problem, ProblemKind};

check!(
    "mcp-servers-at-root",
    Warn,
    "a server of `.mcp.json` stands outside of `mcpServers`",
    "the client does not start it; at the top level servers stand only in the files of plugins",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let file = &context.project.mcp_file;
    for problem in context.project.mcp.problems() {
        let Some(home) = home(problem) else { continue };
        let Some(node) = context.project.mcp.document().at(&problem.pointer) else { continue };
        let name = problem.pointer.dotted();
        let message = format!("MCP server `{name}` is never started: it stands outside of `mcpServers`");
        let moves = [
            Edit::Remove { at: problem.pointer.clone() },
            Edit::Set { at: home.clone(), value: node.to_value() },
        ];
        let fix = Fix {
            title: format!("move `{name}` into `mcpServers`"),
            changes: moves
                .into_iter()
                .map(|edit| Change { path: file.path.clone(), what: ChangeKind::Json(edit) })
                .collect(),
        };
        let place = file.place(problem.span);
        findings.push(Finding::new(CHECK.name, CHECK.severity, place, message).key(name).fix(fix));
    }
}

/// Where the server belongs, for a problem that is about one.
pub(super) fn home(problem: &Problem) -> Option<&Pointer> {
    match &problem.kind {
        ProblemKind::MisplacedKey { home: Home::Here(home) }
            if home.tokens().len() == 2 && home.tokens().first().is_some_and(|key| key == "mcpServers") =>
        {
            Some(home)
        }
        _ => None,
    }
}
