//! Hooks with their places: what runs at which event.

use super::Settings;
use crate::client::keys::effective;
use crate::json::{Kind, Node, Pointer};
use crate::text::Span;

/// One hook of a settings file.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook<'a> {
    /// The event, `PreToolUse`.
    pub event: &'a str,
    /// What the event must speak of, none where the hook runs at each.
    pub matcher: Option<&'a str>,
    /// What runs.
    pub action: Action<'a>,
    /// The permission rule that a call must fall under (`if`).
    pub condition: Option<&'a str>,
    /// Whether the client goes on without waiting for it (`async`); then nothing that it says counts.
    pub in_background: bool,
    /// Seconds after which it is stopped.
    pub timeout: Option<f64>,
    /// Where the hook stands.
    pub span: Span,
    /// Its place in the document.
    pub pointer: Pointer,
}

/// What a hook runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Action<'a> {
    /// A command, through a shell unless arguments are given.
    Command {
        /// The command line, or the program where arguments are given.
        command: &'a str,
        /// Its arguments, none where a shell reads the command line.
        arguments: Option<Vec<&'a str>>,
    },
    /// A request to this address.
    Http {
        /// The address.
        url: &'a str,
    },
    /// A tool of an MCP server.
    McpTool {
        /// The server.
        server: &'a str,
        /// The tool.
        tool: &'a str,
    },
    /// A question to a model.
    Prompt {
        /// The question.
        prompt: &'a str,
    },
    /// A task for an agent.
    Agent {
        /// The task.
        prompt: &'a str,
    },
}

impl Settings {
    /// The hooks that the client takes, in order of the text.
    pub fn hooks(&self) -> Vec<Hook<'_>> {
        let mut found = Vec::new();
        let Some(events) = self.at(&Pointer::of(["hooks"])) else { return found };
        for event in effective(events) {
            let at = Pointer::of(["hooks", event.key.as_str()]);
            for (index, group) in event.value.items().iter().enumerate() {
                let at = at.join(index.to_string()).join("hooks");
                let matcher = group.get("matcher").and_then(Node::as_str);
                for (index, node) in
                    group.get("hooks").map(Node::items).unwrap_or_default().iter().enumerate()
                {
                    let pointer = at.join(index.to_string());
                    if !self.losses.keep(&pointer) {
                        continue;
                    }
                    let Some(action) = action(node) else { continue };
                    found.push(Hook {
                        event: &event.key,
                        matcher,
                        action,
                        condition: node.get("if").and_then(Node::as_str),
                        in_background: matches!(
                            node.get("async").map(|node| &node.kind),
                            Some(Kind::Bool(true))
                        ),
                        timeout: node.get("timeout").and_then(number),
                        span: node.span,
                        pointer,
                    });
                }
            }
        }
        found
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.kind {
        Kind::Number(number) => number.as_f64(),
        _ => None,
    }
}

fn action(node: &Node) -> Option<Action<'_>> {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    Some(match text("type")? {
        "command" => {
            let arguments =
                node.get("args").map(|list| list.items().iter().filter_map(Node::as_str).collect());
            Action::Command { command: text("command")?, arguments }
        }
        "http" => Action::Http { url: text("url")? },
        "mcp_tool" => Action::McpTool { server: text("server")?, tool: text("tool")? },
        "prompt" => Action::Prompt { prompt: text("prompt")? },
        "agent" => Action::Agent { prompt: text("prompt")? },
        _ => return None,
    })
}
