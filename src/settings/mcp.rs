//! `.mcp.json` as the client reads it: which servers it takes, what it skips and why.
//!
//! A bad server costs only itself; a file without `mcpServers` costs all of them.

use std::collections::HashSet;

use super::problem::{Effect, Home, Problem, ProblemKind};
use crate::client::keys::{self, Loss, Mismatch, describe, effective};
use crate::json::{Document, Kind, Member, Node, Pointer};
use crate::text::Span;

const SERVERS: &str = "mcpServers";

/// Keys that people trust to switch a server off or to hold it back, which the client does not know.
const WITHOUT_EFFECT: [&str; 8] =
    ["disabled", "enabled", "transport", "alwaysAllow", "autoApprove", "trust", "serverUrl", "httpUrl"];

/// One `.mcp.json`.
#[derive(Debug, Clone)]
pub struct McpFile {
    document: Document,
    problems: Vec<Problem>,
}

/// One server that the client takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Server<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it is reached.
    pub transport: Transport<'a>,
    /// Variables that are set for its process.
    pub env: Vec<Pair<'a>>,
    /// Headers that are sent to its address.
    pub headers: Vec<Pair<'a>>,
    /// The command that prints more headers.
    pub headers_helper: Option<&'a str>,
    /// Where its name stands.
    pub key_span: Span,
    /// Where the server stands.
    pub span: Span,
    /// Its place in the document.
    pub pointer: Pointer,
}

/// How a server is reached. `${VAR}` stands there as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Transport<'a> {
    /// A process that the client starts.
    Stdio {
        /// The program.
        command: &'a str,
        /// Its arguments.
        arguments: Vec<&'a str>,
    },
    /// An address spoken to over http.
    Http {
        /// The address.
        url: &'a str,
    },
    /// An address that sends events.
    Sse {
        /// The address.
        url: &'a str,
    },
    /// A web socket.
    WebSocket {
        /// The address.
        url: &'a str,
    },
}

impl<'a> Transport<'a> {
    /// The address, none for a process.
    pub fn url(&self) -> Option<&'a str> {
        match self {
            Self::Stdio { .. } => None,
            Self::Http { url } | Self::Sse { url } | Self::WebSocket { url } => Some(url),
        }
    }
}

/// A name and its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<'a> {
    /// The name.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// Where the text stands, quotes included.
    pub span: Span,
}

impl McpFile {
    /// Reads a `.mcp.json`.
    pub fn read(document: Document) -> Self {
        let mut problems = Vec::new();
        examine(&document, &mut problems);
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        Self { document, problems }
    }

    /// The file itself.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Everything that the client would not take, or not act on, in order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the client reads servers from the file.
    pub fn is_read(&self) -> bool {
        !self.problems.iter().any(|problem| problem.effect == Effect::DropsFile)
    }

    /// The servers that the client takes, in order of the text.
    pub fn servers(&self) -> Vec<Server<'_>> {
        let servers = self.document.root().and_then(|root| root.get(SERVERS)).filter(|_| self.is_read());
        let Some(servers) = servers else { return Vec::new() };
        let dropped: HashSet<&Pointer> = self.problems.iter().filter_map(Problem::dropped).collect();
        let taken = effective(servers)
            .filter(|member| !dropped.contains(&Pointer::of([SERVERS, member.key.as_str()])));
        taken.filter_map(server).collect()
    }
}

fn examine(document: &Document, problems: &mut Vec<Problem>) {
    let mut root_problem = |span, kind| {
        problems.push(Problem { pointer: Pointer::root(), span, kind, effect: Effect::DropsFile })
    };
    for fault in document.faults() {
        root_problem(fault.span, ProblemKind::NotJson(fault.kind));
    }
    let Some(root) = document.root() else { return };
    if !root.is_object() {
        if document.is_strict() {
            root_problem(root.span, ProblemKind::NotAnObject { found: describe(root) });
        }
        return;
    }
    for (pointer, member) in root.repeated_keys() {
        let kind = ProblemKind::RepeatedKey;
        problems.push(Problem { pointer, span: member.key_span, kind, effect: Effect::Nothing });
    }
    match root.member(SERVERS) {
        Some(servers) if servers.value.is_object() => {
            for member in effective(&servers.value) {
                examine_server(member, problems);
            }
        }
        Some(servers) => problems.push(wrong_file(servers.value.span, describe(&servers.value))),
        None => return missing_servers(root, problems),
    }
    stray_servers(root, Effect::Nothing, problems);
}

fn wrong_file(span: Span, found: String) -> Problem {
    Problem {
        pointer: Pointer::of([SERVERS]),
        span,
        kind: ProblemKind::WrongValue { expected: "an object of servers".to_owned(), found },
        effect: Effect::DropsFile,
    }
}

/// A file without `mcpServers`: often another name was used, or the form of a plugin.
fn missing_servers(root: &Node, problems: &mut Vec<Problem>) {
    let other = effective(root).find(|member| {
        member.key == "servers" || member.key.eq_ignore_ascii_case(SERVERS) || member.key == "mcp"
    });
    match other {
        Some(member) => problems.push(Problem {
            pointer: Pointer::of([member.key.as_str()]),
            span: member.key_span,
            kind: ProblemKind::MisplacedKey { home: Home::Here(Pointer::of([SERVERS])) },
            effect: Effect::DropsFile,
        }),
        None => {
            stray_servers(root, Effect::DropsFile, problems);
            if !problems.iter().any(|problem| problem.effect == Effect::DropsFile) {
                problems.push(wrong_file(root.span, "missing".to_owned()));
            }
        }
    }
}

/// Servers that stand beside `mcpServers` instead of in it.
fn stray_servers(root: &Node, effect: Effect, problems: &mut Vec<Problem>) {
    let looks_like = |node: &Node| node.get("command").or_else(|| node.get("url")).is_some();
    for member in effective(root).filter(|member| member.key != SERVERS && looks_like(&member.value)) {
        problems.push(Problem {
            pointer: Pointer::of([member.key.as_str()]),
            span: member.key_span,
            kind: ProblemKind::MisplacedKey { home: Home::Here(Pointer::of([SERVERS, member.key.as_str()])) },
            effect: effect.clone(),
        });
    }
}

fn examine_server(member: &Member, problems: &mut Vec<Problem>) {
    let at = Pointer::of([SERVERS, member.key.as_str()]);
    let dropped = || Effect::Drops(at.clone());
    let name = Node { span: member.key_span, kind: Kind::String(member.key.clone()) };
    if keys::named("reserved").is_some_and(|reserved| reserved.check(&name).is_empty()) {
        problems.push(Problem {
            pointer: at.clone(),
            span: member.key_span,
            kind: ProblemKind::WrongValue {
                expected: "another one".to_owned(),
                found: "a name that the client keeps for itself".to_owned(),
            },
            effect: dropped(),
        });
    }
    let node = &member.value;
    if node.is_object()
        && node.get("type").is_none()
        && node.get("command").is_none()
        && node.get("url").is_some()
    {
        problems.push(Problem {
            pointer: at.clone(),
            span: member.key_span,
            kind: ProblemKind::WrongValue {
                expected: "one with `type` beside `url`".to_owned(),
                found: "an object without `type`".to_owned(),
            },
            effect: dropped(),
        });
        return;
    }
    let Some(shape) = shape(node) else {
        let (pointer, found) = match node.get("type") {
            Some(value) => (at.join("type"), value),
            None => (at.clone(), node),
        };
        let expected = if node.is_object() {
            "`stdio`, `http`, `streamable-http`, `sse` or `ws`".to_owned()
        } else {
            "an object".to_owned()
        };
        let kind = ProblemKind::WrongValue { expected, found: describe(found) };
        problems.push(Problem { pointer, span: found.span, kind, effect: dropped() });
        return;
    };
    let report = shape.report(node, &at, false);
    for Mismatch { pointer, span, expected, found, loss } in report.mismatches {
        let effect = if loss == Loss::Effect { Effect::Nothing } else { dropped() };
        problems.push(Problem { pointer, span, kind: ProblemKind::WrongValue { expected, found }, effect });
    }
    for key in report.unnamed {
        if key.pointer.last().is_some_and(|name| WITHOUT_EFFECT.contains(&name)) {
            let kind = ProblemKind::UnknownKey { meant: key.meant };
            problems.push(Problem { pointer: key.pointer, span: key.span, kind, effect: Effect::Nothing });
        }
    }
}

/// What a server of this `type` must look like.
fn shape(node: &Node) -> Option<std::sync::Arc<keys::Type>> {
    if !node.is_object() {
        return None;
    }
    match node.get("type").map(Node::as_str) {
        None | Some(Some("stdio")) => keys::named("stdio"),
        Some(Some("http" | "streamable-http" | "sse")) => keys::named("http"),
        Some(Some("ws")) => keys::named("ws"),
        Some(_) => None,
    }
}

fn server(member: &Member) -> Option<Server<'_>> {
    let node = &member.value;
    let text = |key: &str| node.get(key).and_then(Node::as_str);
    let transport = match text("type") {
        None | Some("stdio") => {
            let arguments = node.get("args").map(Node::items).unwrap_or_default();
            Transport::Stdio {
                command: text("command")?,
                arguments: arguments.iter().filter_map(Node::as_str).collect(),
            }
        }
        Some("sse") => Transport::Sse { url: text("url")? },
        Some("ws") => Transport::WebSocket { url: text("url")? },
        Some(_) => Transport::Http { url: text("url")? },
    };
    Some(Server {
        name: &member.key,
        transport,
        env: pairs(node.get("env")),
        headers: pairs(node.get("headers")),
        headers_helper: text("headersHelper"),
        key_span: member.key_span,
        span: node.span,
        pointer: Pointer::of([SERVERS, member.key.as_str()]),
    })
}

fn pairs(node: Option<&Node>) -> Vec<Pair<'_>> {
    let Some(node) = node else { return Vec::new() };
    let found = effective(node).filter_map(|member| {
        Some(Pair { name: &member.key, text: member.value.as_str()?, span: member.value.span })
    });
    found.collect()
}
