//! `.mcp.json` has a server that is not in the catalogue of policy.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::policy::Server;

check!(
    "unapproved-mcp-server",
    Block,
    "an MCP server is not in the catalogue of policy",
    "an MCP server is a program or a remote party that acts with the agent's hands",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for server in context.project.mcp.servers() {
        let Some(value) = context.project.mcp.document().at(&server.pointer).map(|node| node.to_value())
        else {
            continue;
        };
        let what = Server::of(server.name, &value);
        // A server that is blocked has to go whether or not it is approved.
        if context.baseline.blocking(&what).is_some() {
            continue;
        }
        let waived = context.baseline.holding_waivers().any(|waiver| waiver.opens_server(server.name));
        let Some(demand) = context.baseline.missing_approval(&what).filter(|_| !waived) else { continue };
        let message = format!("MCP server `{}` is not approved: {}", server.name, what.describe());
        let finding = super::context::demanded(
            &CHECK,
            demand,
            context.project.mcp_file.place(server.key_span),
            message,
        )
        .key(server.name)
        .help("take the server out of `.mcp.json`, or have it approved in the policy");
        findings.push(finding);
    }
}
