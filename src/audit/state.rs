//! The file in which the client keeps its own state, `.claude.json`: projects and whether they are trusted, servers
//! of the user and of the local scope, answers to questions about servers.
//!
//! Observed (client 2.1.330): it lies in the home folder, or in `CLAUDE_CONFIG_DIR` where that is set; trust is kept
//! under the root of the repository or the folder itself; `disabledMcpServers` switches servers of any scope off in a
//! project; `allowedTools` of a project grants nothing; with a broken state the client does not start.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::item::Scope;
use super::read::{ServerFile, Text, servers_in};
use crate::client::keys::effective;
use crate::json::{Document, Node};
use crate::text::Span;

/// What the state says of one folder.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// The folder, as it stands there.
    pub(super) folder: String,
    /// Where it says that the folder is trusted; none where it does not.
    pub(super) trusted: Option<Span>,
    /// Rules that older clients kept there.
    pub(super) old_rules: Vec<(String, Span)>,
    /// Servers of the local scope.
    pub(super) servers: Option<ServerFile>,
    /// Servers of `.mcp.json` that somebody approved of.
    pub(super) approved: Vec<(String, Span)>,
    /// Servers of `.mcp.json` that somebody refused.
    pub(super) refused: Vec<(String, Span)>,
    /// Servers of any scope that are switched off here.
    pub(super) off: Vec<String>,
    /// Whether imports of instructions from outside of the folder were approved of.
    pub(super) imports: Option<Span>,
}

/// The state of the client.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) text: Option<Text>,
    /// Whether there is a state that could not be read.
    pub(super) is_unread: bool,
    pub(super) known: Vec<Known>,
    /// The folders where links lead, with the number of what is known.
    pub(super) places: HashMap<PathBuf, Vec<usize>>,
    /// Servers of the user.
    pub(super) servers: Option<ServerFile>,
    /// Whether the warning of the mode in which nothing is asked was answered.
    pub(super) bypass_accepted: Option<Span>,
}

impl State {
    /// Reads the state.
    pub(super) fn read(text: Text, document: &Document) -> Self {
        let root = document.root();
        let projects = root.and_then(|root| root.get("projects"));
        let known = projects.into_iter().flat_map(effective).map(|member| {
            let node = &member.value;
            let yes = |key: &str| {
                node.get(key).filter(|value| value.as_bool() == Some(true)).map(|value| value.span)
            };
            Known {
                folder: member.key.clone(),
                trusted: yes("hasTrustDialogAccepted"),
                old_rules: texts(node, "allowedTools"),
                servers: node.get("mcpServers").map(|servers| servers_in(&text, servers, Scope::Local)),
                approved: texts(node, "enabledMcpjsonServers"),
                refused: texts(node, "disabledMcpjsonServers"),
                off: texts(node, "disabledMcpServers").into_iter().map(|(name, _)| name).collect(),
                imports: yes("hasClaudeMdExternalIncludesApproved"),
            }
        });
        let known: Vec<Known> = known.collect();
        let mut places: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for (index, known) in known.iter().enumerate() {
            let folder = Path::new(&known.folder);
            places
                .entry(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
                .or_default()
                .push(index);
        }
        let servers = root.and_then(|root| root.get("mcpServers"));
        let servers = servers.map(|servers| servers_in(&text, servers, Scope::User));
        let accepted = root.and_then(|root| root.get("bypassPermissionsModeAccepted"));
        let accepted = accepted.filter(|value| value.as_bool() == Some(true)).map(|value| value.span);
        Self { text: Some(text), is_unread: false, known, places, servers, bypass_accepted: accepted }
    }

    /// What it says of a folder, by whatever links it is named there.
    pub(super) fn of(&self, folder: &Path) -> impl Iterator<Item = &Known> {
        let found = self.places.get(folder).into_iter().flatten();
        found.filter_map(|index| self.known.get(*index))
    }
}

fn texts(node: &Node, key: &str) -> Vec<(String, Span)> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| Some((item.as_str()?.to_owned(), item.span))).collect()
}
