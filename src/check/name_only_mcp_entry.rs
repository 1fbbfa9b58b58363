//! A list of MCP servers speaks of a server by nothing but its name.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::settings::{ServerList, ServerMatcher};

check!(
    "name-only-mcp-entry",
    Note,
    "a list of MCP servers names a server without saying which it is",
    "a name is a label that every `.mcp.json` gives as it likes: it neither admits one program nor stops one",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for list in [ServerList::Allowed, ServerList::Denied] {
            for entry in file.settings.servers(list).unwrap_or_default() {
                let ServerMatcher::Name(name) = entry.matcher else { continue };
                let message = match list {
                    ServerList::Allowed => format!("any server that calls itself `{name}` is admitted"),
                    ServerList::Denied => {
                        format!("the server is stopped only while it calls itself `{name}`")
                    }
                };
                let help = "name it by `serverCommand` or `serverUrl`";
                findings.push(
                    Finding::new(CHECK.name, CHECK.severity, file.file.place(entry.span), message)
                        .key(entry.pointer.to_string())
                        .help(help),
                );
            }
        }
    }
}
