//! Every server of `.mcp.json` is approved in advance.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;

check!(
    "enable-all-mcp-servers",
    Warn,
    "every server of `.mcp.json` is approved in advance",
    "whoever can change `.mcp.json` starts programs on the machines of all who work here, and nobody is asked",
    Run::Project(run)
);

const KEY: &str = "enableAllProjectMcpServers";

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let at = Pointer::of([KEY]);
    // Where policy asks for a value, that is reported as such.
    if context.baseline.values.iter().any(|demand| demand.what.at == at) {
        return;
    }
    for file in context.project.settings_files() {
        let enabled = file.settings.at(&at).is_some_and(|node| node.to_value() == true);
        if !enabled {
            continue;
        }
        let servers: Vec<String> =
            context.project.mcp.servers().iter().map(|server| format!("\"{}\"", server.name)).collect();
        let help = if servers.is_empty() {
            "take it out, and name servers in `enabledMcpjsonServers` when there are any".to_owned()
        } else {
            format!("name the servers instead: `\"enabledMcpjsonServers\": [{}]`", servers.join(", "))
        };
        let message = format!("`{KEY}` approves servers that are not in `.mcp.json` yet");
        findings.push(Finding::new(CHECK.name, CHECK.severity, file.place(&at), message).key(KEY).help(help));
    }
}
