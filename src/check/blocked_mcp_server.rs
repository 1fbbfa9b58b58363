//! `.mcp.json` has a server that policy blocks.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::policy::Server;

check!(
    "blocked-mcp-server",
    Block,
    "an MCP server is one that policy blocks",
    "the organisation decided against this server",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.project.mcp.servers() {
        let Some(value) = context.project.mcp.document().at(&server.pointer).map(|node| node.to_value())
        else {
            continue;
        };
        let what = Server::of(server.name, &value);
        let waived = context.baseline.holding_waivers().any(|waiver| waiver.opens_server(server.name));
        let Some(demand) = context.baseline.blocking(&what).filter(|_| !waived) else { continue };
        let message = format!("MCP server `{}` is blocked by its {}", server.name, demand.what);
        let finding = super::context::demanded(
            &CHECK,
            demand,
            context.project.mcp_file.place(server.key_span),
            message,
        )
        .key(server.name)
        .help("take the server out of `.mcp.json`");
        findings.push(finding);
    }
}
