//! The rows of MCP servers, wherever they stand.

use std::collections::HashSet;

use super::context::{Context, Standing};
use super::item::{Force, InForce, Item, Kind, Says, Scope, Verdict};
use super::read::ServerFile;
use super::state::Known;
use super::words;
use crate::access::Server;
use crate::client::keys::effective;
use crate::json::Node;
use crate::settings::{self, Transport};

/// What somebody decided about the servers of a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Decided<'a> {
    /// What the state of the client says of the folder.
    pub(super) known: Option<&'a Known>,
    /// What holds of whatever brings the servers.
    pub(super) bringer: Option<&'a Force>,
    /// The name of the plugin that brings them.
    pub(super) plugin: Option<&'a str>,
}

/// Adds the rows of a file with servers.
pub(super) fn add(file: &ServerFile, decided: Decided<'_>, context: &Context, items: &mut Vec<Item>) {
    let servers = file.file.servers();
    let taken: HashSet<&str> = servers.iter().map(|server| server.name).collect();
    for server in &servers {
        let node = file.file.document().at(&server.pointer);
        let (what, force, verdict) = judged(file, server, node, decided, context);
        items.push(row(file, decided, context, server.name, server.key_span, (what, force.clone(), verdict)));
        if let Some(command) = server.headers_helper {
            items.push(Item {
                kind: Kind::Helper,
                name: "headersHelper".to_owned(),
                what: format!(
                    "prints headers for the server `{}`: `{}`",
                    words::plain(server.name),
                    words::plain(command)
                ),
                scope: file.scope,
                project: context.project.clone(),
                place: file.place(server.span),
                force: context.trusted_or_printing(file.scope, force),
                verdict: Verdict::not_spoken_of(),
            });
        }
    }
    let all = file.file.document().root().and_then(|root| root.get("mcpServers"));
    for member in all.into_iter().flat_map(effective).filter(|member| !taken.contains(member.key.as_str())) {
        let server = Server::of(&member.key, &member.value.to_value());
        let verdict = context.judge.server(&server, holds_variable(&member.value));
        let said = ("a server that is not taken".to_owned(), Force::no("the client skips it"), verdict);
        items.push(row(file, decided, context, &member.key, member.key_span, said));
    }
}

fn row(
    file: &ServerFile,
    decided: Decided<'_>,
    context: &Context,
    name: &str,
    span: crate::text::Span,
    (what, force, verdict): (String, Force, Verdict),
) -> Item {
    let name = match decided.plugin {
        Some(plugin) => format!("plugin:{plugin}:{name}"),
        None => name.to_owned(),
    };
    Item {
        kind: Kind::Server,
        name: words::plain(&name),
        what,
        scope: file.scope,
        project: context.project.clone(),
        place: file.place(span),
        force,
        verdict,
    }
}

fn judged(
    file: &ServerFile,
    server: &settings::Server<'_>,
    node: Option<&Node>,
    decided: Decided<'_>,
    context: &Context,
) -> (String, Force, Verdict) {
    let has_variables = node.is_some_and(holds_variable);
    let name = decided.plugin.map(|plugin| format!("plugin:{plugin}:{}", server.name));
    let called = settings::Server { name: name.as_deref().unwrap_or(server.name), ..server.clone() };
    let what = Server::from(&called);
    let named = |names: &[(String, crate::text::Span)]| names.iter().any(|(name, _)| *name == server.name);
    let known = decided.known;
    let hidden = |known: &Known| {
        let local = known.servers.as_ref().map(|local| local.file.servers()).unwrap_or_default();
        local.iter().any(|other| other.name == server.name)
    };
    let is_project = file.scope == Scope::Project;
    let standing = Standing {
        server: &what,
        scope: file.scope,
        has_variables,
        is_approved: known.is_some_and(|known| named(&known.approved)),
        is_off: known.is_some_and(|known| {
            known.off.iter().any(|name| name == server.name) || (is_project && named(&known.refused))
        }),
        is_hidden: is_project && known.is_some_and(hidden),
    };
    let force = match decided.bringer {
        Some(force) if force.is != InForce::Yes => force.clone(),
        _ => context.server(standing),
    };
    let mut verdict = context.judge.server(&what, has_variables);
    if decided.plugin.is_some() {
        // What is blocked by its name is meant whoever brings it, though the client calls it otherwise.
        let by_own_name = context.judge.server(&Server::from(server), has_variables);
        if by_own_name.says == Says::Denied {
            verdict = by_own_name;
        }
    }
    (described(server), force, verdict)
}

/// Whether `${NAME}` stands in what identifies a server.
fn holds_variable(node: &Node) -> bool {
    let has = |node: &Node| node.as_str().is_some_and(|text| text.contains("${"));
    let of_key = |key: &str| node.get(key).is_some_and(|node| has(node) || node.items().iter().any(has));
    of_key("command") || of_key("args") || of_key("url")
}

/// What a server is: its command or address, and the names of what it is given.
fn described(server: &settings::Server<'_>) -> String {
    let lead = match &server.transport {
        Transport::Stdio { command, arguments } => {
            format!("runs `{}`", words::command(std::iter::once(*command).chain(arguments.iter().copied())))
        }
        Transport::Http { url } => format!("at {} (http)", words::address(url)),
        Transport::Sse { url } => format!("at {} (sse)", words::address(url)),
        Transport::WebSocket { url } => format!("at {} (ws)", words::address(url)),
    };
    let variables = words::naming("sets", server.env.iter().map(|pair| pair.name));
    let headers = words::naming("sends", server.headers.iter().map(|pair| pair.name));
    format!("{lead}{variables}{headers}")
}
