//! `.mcp.json` lacks a server that policy provides, or has another one under its name.

use super::context::{demanded, edit_of};
use super::registry::check;
use super::{Context, Run, edited_managed_entry};
use crate::finding::Finding;
use crate::json::{Edit, Pointer};

check!(
    "missing-mcp-server",
    Block,
    "an MCP server that policy provides is missing",
    "people here lack a tool that everybody else has",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let file = &context.project.mcp_file;
    let document = context.project.mcp.document();
    for demand in &context.baseline.provided {
        let (name, value) = (&demand.what.name, &demand.what.value);
        let at = Pointer::of(["mcpServers", name]);
        let found = document.at(&at).map(|node| node.to_value());
        if found.as_ref() == Some(value) || edited_managed_entry::owns_server(context, &demand.what) {
            continue;
        }
        let message = match found {
            None => format!("MCP server `{name}` is missing from `.mcp.json`"),
            Some(_) => format!("MCP server `{name}` is not the one that policy provides"),
        };
        let edit = Edit::Set { at: at.clone(), value: value.clone() };
        let finding = demanded(&CHECK, demand, file.place(document.nearest(&at)), message)
            .key(name.as_str())
            .fix(edit_of(file, format!("put MCP server `{name}` into `.mcp.json`"), edit));
        findings.push(finding);
    }
}
