//! Environment variables and the lists that speak of MCP servers, with their places.

use super::Settings;
use super::mcp::Pair;
use crate::client::keys::effective;
use crate::json::{Node, Pointer};
use crate::text::Span;

/// The two lists that say which MCP servers may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerList {
    /// The only servers that may run.
    Allowed,
    /// Servers that may not run.
    Denied,
}

impl ServerList {
    /// The place of the list in a settings file.
    pub fn pointer(self) -> Pointer {
        Pointer::of([match self {
            Self::Allowed => "allowedMcpServers",
            Self::Denied => "deniedMcpServers",
        }])
    }
}

/// One entry of such a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerEntry<'a> {
    /// Which servers it speaks of.
    pub matcher: ServerMatcher<'a>,
    /// Where it stands.
    pub span: Span,
    /// Its place in the document.
    pub pointer: Pointer,
}

/// How an entry names servers.
#[derive(Debug, Clone, PartialEq)]
pub enum ServerMatcher<'a> {
    /// By exactly this name.
    Name(&'a str),
    /// By exactly this program and these arguments.
    Command(Vec<&'a str>),
    /// By an address in which `*` stands for anything.
    Url(&'a str),
}

impl Settings {
    /// The variables that the file sets and the client takes. Values that are no strings are left
    /// out: [`Settings::taken`] has them as the client reads them.
    pub fn env(&self) -> Vec<Pair<'_>> {
        let at = Pointer::of(["env"]);
        let Some(node) = self.at(&at) else { return Vec::new() };
        let found = effective(node).filter_map(|member| {
            let text = member.value.as_str()?;
            Some(Pair { name: &member.key, text, span: member.value.span })
        });
        found.collect()
    }

    /// The entries of `list` that the client takes; none where the file does not set the list, which
    /// is not the same as an empty one.
    pub fn servers(&self, list: ServerList) -> Option<Vec<ServerEntry<'_>>> {
        let at = list.pointer();
        let node = self.at(&at).filter(|node| node.is_array())?;
        let entries = node.items().iter().enumerate().filter_map(|(index, item)| {
            let pointer = at.join(index.to_string());
            let matcher = self.at(&pointer).and_then(matcher)?;
            Some(ServerEntry { matcher, span: item.span, pointer })
        });
        Some(entries.collect())
    }
}

fn matcher(node: &Node) -> Option<ServerMatcher<'_>> {
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    if let Some(name) = text("serverName") {
        return Some(ServerMatcher::Name(name));
    }
    if let Some(url) = text("serverUrl") {
        return Some(ServerMatcher::Url(url));
    }
    let command = node.get("serverCommand")?;
    Some(ServerMatcher::Command(command.items().iter().filter_map(Node::as_str).collect()))
}
