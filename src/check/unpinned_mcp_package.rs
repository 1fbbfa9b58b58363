//! An MCP server is fetched from a registry in whatever version is the newest.

use super::registry::check;
use super::{Context, Run};
use crate::client::runners::{self, Package};
use crate::finding::Finding;
use crate::settings::Transport;

check!(
    "unpinned-mcp-package",
    Warn,
    "an MCP server is fetched in whatever version is the newest",
    "whoever takes over the package runs code on every machine the next time a session starts",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.project.mcp.servers() {
        let Transport::Stdio { command, arguments } = &server.transport else { continue };
        let Some(package) = runners::package(command, arguments).filter(|package| !package.is_pinned())
        else {
            continue;
        };
        let Package { text, .. } = package;
        let message = format!("MCP server `{}` runs whatever `{text}` is on the day", server.name);
        let help = format!("name a version: `{}`", package.example());
        let place = context.project.mcp_file.place(server.span);
        findings.push(Finding::new(CHECK.name, CHECK.severity, place, message).key(server.name).help(help));
    }
}
