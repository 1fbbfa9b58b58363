//! Plugins that are installed, what they bring, and the marketplaces that they come from.
//!
//! Observed (client 2.1.330): `plugins/known_marketplaces.json` and `plugins/installed_plugins.json` below the folder
//! of the client hold them; a plugin of a marketplace that is a folder is read in that folder, any other where
//! `installPath` says; its hooks stand in `hooks/hooks.json` under `hooks`, or in the manifest, itself or by the name
//! of a file; its servers in `.mcp.json`, with or without `mcpServers` around them, or in the manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::context::Context;
use super::definitions::{self, Folder};
use super::item::{Force, InForce, Item, Kind, Says, Scope, Taken, Verdict};
use super::keys::{self, source_in_words};
use super::read::{At, Reader, ServerFile, Text, hooks_in, servers_in};
use super::servers::{self, Decided};
use super::words;
use crate::client::keys::effective;
use crate::json::{Document, Node};
use crate::path::RepoPath;
use crate::text::Span;

/// The manifest of a plugin.
const MANIFEST: &str = ".claude-plugin/plugin.json";

/// A marketplace that the client knows.
#[derive(Debug)]
struct Market {
    source: Value,
    folder: Option<PathBuf>,
}

/// A plugin that is installed.
struct Installed<'a> {
    id: &'a str,
    node: &'a Node,
    span: Span,
}

/// Adds the rows of everything below `folder`. `contexts` are the places in which a plugin may be on, that of the
/// machine first.
pub(super) fn add(folder: &Path, contexts: &[Context], reader: &mut Reader, items: &mut Vec<Item>) {
    let Some(machine) = contexts.first() else { return };
    let about = (Scope::User, None);
    let mut markets = BTreeMap::new();
    let path = folder.join("known_marketplaces.json");
    if let Some((text, document)) = reader.object(At::Own(&path), about) {
        for member in document.root().into_iter().flat_map(effective) {
            let source = member.value.get("source").map(Node::to_value).unwrap_or_default();
            let place = member.value.get("installLocation").and_then(Node::as_str).map(PathBuf::from);
            items.push(Item {
                kind: Kind::Marketplace,
                name: words::plain(&member.key),
                what: format!("known: {}", source_in_words(&source)),
                scope: Scope::User,
                project: None,
                place: text.place(member.key_span),
                force: machine.market(Some(&source)),
                verdict: machine.judge.marketplace(&source).unwrap_or_else(Verdict::not_spoken_of),
            });
            markets.insert(member.key.clone(), Market { source, folder: place });
        }
    }
    let path = folder.join("installed_plugins.json");
    let Some((text, document)) = reader.object(At::Own(&path), about) else { return };
    let plugins = document.root().and_then(|root| root.get("plugins"));
    for member in plugins.into_iter().flat_map(effective) {
        let several = member.value.items();
        let nodes = if several.is_empty() { std::slice::from_ref(&member.value) } else { several };
        for (index, node) in nodes.iter().enumerate() {
            let plugin = Installed { id: &member.key, node, span: member.key_span };
            add_plugin(&plugin, (&text, &markets, index == 0), contexts, reader, items);
        }
    }
}

fn add_plugin(
    plugin: &Installed<'_>,
    (text, markets, is_first): (&Text, &BTreeMap<String, Market>, bool),
    contexts: &[Context],
    reader: &mut Reader,
    items: &mut Vec<Item>,
) {
    let Some(machine) = contexts.first() else { return };
    let (name, market_name) = plugin.id.rsplit_once('@').unwrap_or((plugin.id, ""));
    let market = markets.get(market_name);
    let source = market.map(|market| &market.source);
    let force = force(plugin.id, source, contexts);
    let field = |key: &str| plugin.node.get(key).and_then(Node::as_str);
    let version = field("version").map(|version| format!(", version {}", words::plain(version)));
    let project = field("projectPath").map(|folder| reader.shown(Path::new(folder)));
    let judged = machine.judge.value(
        &crate::json::Pointer::of(["enabledPlugins", plugin.id]),
        &Value::Bool(true),
        &machine.judge.broken(&serde_json::json!({"enabledPlugins": {plugin.id: true}})),
    );
    // A plugin is as its marketplace, where policy says nothing of itself.
    let of_market = source.and_then(|source| machine.judge.marketplace(source));
    let verdict = match of_market {
        Some(market) if judged.says == Says::NotSpokenOf || market.says > judged.says => market,
        _ => judged,
    };
    items.push(Item {
        kind: Kind::Plugin,
        name: words::plain(plugin.id),
        what: format!("installed{}", version.unwrap_or_default()),
        scope: match field("scope") {
            Some("managed") => Scope::Managed,
            Some("project") => Scope::Project,
            Some("local") => Scope::Local,
            _ => Scope::User,
        },
        project,
        place: text.place(plugin.span),
        force: force.clone(),
        verdict: verdict.clone(),
    });
    if !is_first {
        return;
    }
    let folder = match read_place(name, market, reader) {
        Some(folder) => Some(folder),
        None => field("installPath").map(PathBuf::from),
    };
    let Some(folder) = folder else { return };
    let Ok(root) = folder.canonicalize() else {
        if force.is == InForce::No {
            return;
        }
        let why = "the plugin is not there: what it brings is not known".to_owned();
        reader.tell(&folder, (Scope::Plugin, None), Taken::Unread, Some(why));
        return;
    };
    let brought = Brought { name, root: &root, force: &force, verdict: &verdict };
    brought.add(machine, reader, items);
}

/// Whether a plugin is on: on the machine, or in a project only.
fn force(id: &str, source: Option<&Value>, contexts: &[Context]) -> Force {
    let mut all = contexts.iter();
    let machine =
        all.next().map_or_else(|| Force::no("nothing switches it on"), |first| first.plugin(id, source));
    if machine.is != InForce::No {
        return machine;
    }
    let on: Vec<&str> = all
        .filter(|context| context.plugin(id, source).is != InForce::No)
        .filter_map(|context| context.project.as_deref())
        .collect();
    match on.as_slice() {
        [] => machine,
        [one] => Force::partly(format!("only in {one}")),
        [first, rest @ ..] => Force::partly(format!("only in {first} and {} more projects", rest.len())),
    }
}

/// The folder in which a plugin of a marketplace that is a folder is read.
fn read_place(name: &str, market: Option<&Market>, reader: &mut Reader) -> Option<PathBuf> {
    let market = market?;
    if !matches!(market.source.get("source").and_then(Value::as_str), Some("directory" | "file")) {
        return None;
    }
    let folder = market.folder.as_ref()?;
    let root = folder.canonicalize().ok()?;
    let path = RepoPath::new(".claude-plugin/marketplace.json").ok()?;
    let (_, document) = reader.object(At::Below(&root, &path), (Scope::Plugin, None))?;
    let plugins = document.root()?.get("plugins")?.items();
    let found = plugins.iter().find(|plugin| plugin.get("name").and_then(Node::as_str) == Some(name))?;
    Some(root.join(below(found.get("source")?.as_str()?)?.as_str()))
}

/// A path as manifests write it.
fn below(text: &str) -> Option<RepoPath> {
    RepoPath::new(text.strip_prefix("./").unwrap_or(text).trim_end_matches('/')).ok()
}

/// What a plugin brings.
struct Brought<'a> {
    name: &'a str,
    root: &'a Path,
    force: &'a Force,
    /// What policy says of the plugin.
    verdict: &'a Verdict,
}

impl Brought<'_> {
    fn add(&self, context: &Context, reader: &mut Reader, items: &mut Vec<Item>) {
        let about = (Scope::Plugin, None);
        let object = |reader: &mut Reader, path: &str| {
            let path = below(path)?;
            reader.object(At::Below(self.root, &path), about)
        };
        let manifest = object(reader, MANIFEST);
        if let Some((text, document)) = object(reader, "hooks/hooks.json") {
            self.hook_file(&text, &document, context, items);
        }
        if let Some((text, document)) = object(reader, ".mcp.json") {
            self.server_file(&text, &document, context, items);
        }
        if let Some((text, document)) = &manifest {
            for (key, is_hooks) in [("hooks", true), ("mcpServers", false)] {
                let Some(node) = document.root().and_then(|root| root.get(key)) else { continue };
                let several = node.items();
                for node in if several.is_empty() { std::slice::from_ref(node) } else { several } {
                    if let Some(path) = node.as_str() {
                        let Some((text, document)) = object(reader, path) else { continue };
                        if is_hooks {
                            self.hook_file(&text, &document, context, items);
                        } else {
                            self.server_file(&text, &document, context, items);
                        }
                    } else if is_hooks {
                        self.hooks(text, node, context, items);
                    } else {
                        self.servers(&servers_in(text, node, Scope::Plugin), context, items);
                    }
                }
            }
        }
        let folder = Folder {
            path: self.root,
            root: Some(self.root),
            scope: Scope::Plugin,
            bringer: Some(self.force),
        };
        definitions::add(folder, context, reader, items);
    }

    fn hook_file(&self, text: &Text, document: &Document, context: &Context, items: &mut Vec<Item>) {
        if let Some(hooks) = document.root().and_then(|root| root.get("hooks")) {
            self.hooks(text, hooks, context, items);
        }
    }

    fn hooks(&self, text: &Text, node: &Node, context: &Context, items: &mut Vec<Item>) {
        let held = hooks_in(text, node, Scope::Plugin);
        for hook in held.settings.hooks() {
            let force = match context.hook(Scope::Plugin) {
                force if force.is == InForce::Yes => self.force.clone(),
                force => force,
            };
            let verdict =
                context.judge.locked("allowManagedHooksOnly").unwrap_or_else(|| self.verdict.clone());
            let mut row = keys::hook(&held, &hook, context, force, verdict);
            row.name = format!("{} of {}", row.name, words::plain(self.name));
            items.push(row);
        }
    }

    fn server_file(&self, text: &Text, document: &Document, context: &Context, items: &mut Vec<Item>) {
        let Some(root) = document.root() else { return };
        let file = servers_in(text, root.get("mcpServers").unwrap_or(root), Scope::Plugin);
        self.servers(&file, context, items);
    }

    fn servers(&self, file: &ServerFile, context: &Context, items: &mut Vec<Item>) {
        let decided = Decided { known: None, bringer: Some(self.force), plugin: Some(self.name) };
        servers::add(file, decided, context, items);
    }
}
