//! Which MCP servers the client admits (`allowedMcpServers`, `deniedMcpServers`; observed, 2.1.330).
//!
//! Leaves out whether somebody has approved of a server.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::glob::UrlPattern;
use crate::settings::{ServerMatcher, Transport};

/// What identifies a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    name: String,
    command: Option<Vec<String>>,
    url: Option<String>,
}

/// How an entry of a list names servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerPattern {
    /// By exactly this name.
    Name(String),
    /// By exactly this program with these arguments.
    Command(Vec<String>),
    /// By an address in which `*` stands for anything.
    Url(UrlPattern),
}

impl From<&ServerMatcher<'_>> for ServerPattern {
    fn from(matcher: &ServerMatcher<'_>) -> Self {
        match matcher {
            ServerMatcher::Name(name) => Self::Name((*name).to_owned()),
            ServerMatcher::Command(words) => {
                Self::Command(words.iter().map(|&word| word.to_owned()).collect())
            }
            ServerMatcher::Url(pattern) => Self::Url(UrlPattern::new(pattern)),
        }
    }
}

impl From<&crate::settings::Server<'_>> for Server {
    fn from(server: &crate::settings::Server<'_>) -> Self {
        let (command, url) = match &server.transport {
            Transport::Stdio { command, arguments } => {
                let words = std::iter::once(command).chain(arguments).map(|&word| word.to_owned());
                (Some(words.collect()), None)
            }
            other => (None, other.url().map(str::to_owned)),
        };
        Self { name: server.name.to_owned(), command, url }
    }
}

impl Server {
    /// Takes a server as it stands in `.mcp.json`.
    pub fn of(name: &str, value: &Value) -> Self {
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let args = value.get("args").and_then(Value::as_array).into_iter().flatten();
        let args = args.map(|arg| arg.as_str().map_or_else(|| arg.to_string(), str::to_owned));
        let command = text("command").map(|command| std::iter::once(command).chain(args).collect());
        Self { name: name.to_owned(), command, url: text("url") }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a list admits the server. Once it has an entry for any command, a program needs a command
    /// entry of its own, and its name counts no longer; likewise for URLs and remote servers.
    pub fn is_admitted(&self, list: &[ServerPattern]) -> bool {
        let commands = list.iter().any(|entry| matches!(entry, ServerPattern::Command(_)));
        let urls = list.iter().any(|entry| matches!(entry, ServerPattern::Url(_)));
        let by_name = match (&self.command, &self.url) {
            (Some(_), _) => !commands,
            (None, Some(_)) => !urls,
            // Neither program nor URL: nothing but a name to go by.
            (None, None) => !commands && !urls,
        };
        list.iter().any(|entry| match entry {
            ServerPattern::Name(_) => by_name && self.is(entry),
            // A server with both is started by its command.
            ServerPattern::Url(_) => self.command.is_none() && self.is(entry),
            ServerPattern::Command(_) => self.is(entry),
        })
    }

    /// Whether the entry means this server.
    pub fn is(&self, entry: &ServerPattern) -> bool {
        match entry {
            ServerPattern::Name(name) => *name == self.name,
            ServerPattern::Command(words) => self.command.as_ref() == Some(words),
            ServerPattern::Url(pattern) => self.url.as_deref().is_some_and(|url| pattern.matches(url)),
        }
    }

    /// What the server is, for a message.
    pub fn describe(&self) -> String {
        match (&self.command, &self.url) {
            (Some(command), _) => format!("it runs `{}`", command.join(" ")),
            (None, Some(url)) => format!("it is at `{url}`"),
            (None, None) => "it has neither command nor URL".to_owned(),
        }
    }
}

/// A name as it stands in the names of tools: characters that are not allowed there become `_`.
pub(super) fn tool_name(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

/// The two lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Admission {
    /// None where no file has the list, which is not the same as an empty one.
    pub(super) allowed: Option<Vec<ServerPattern>>,
    pub(super) denied: Vec<ServerPattern>,
}

impl Admission {
    fn admits(&self, server: &Server) -> bool {
        !self.denied.iter().any(|entry| server.is_denied_by(entry))
            && self.allowed.as_ref().is_none_or(|list| server.is_admitted(list))
    }

    fn expanded(&self, variables: &HashMap<String, String>) -> Self {
        let list = |list: &Vec<ServerPattern>| list.iter().map(|entry| entry.expanded(variables)).collect();
        Self { allowed: self.allowed.as_ref().map(list), denied: list(&self.denied) }
    }
}

/// The servers that there are, by the beginning of the names of their tools.
#[derive(Debug, Clone)]
pub(super) struct Servers {
    prefixes: Vec<(String, bool)>,
}

impl Servers {
    /// Holds all servers against the lists; `off` are those that somebody switched off, as in tool names.
    pub(super) fn new(
        servers: &[Server],
        admission: &Admission,
        off: &HashSet<String>,
        variables: &HashMap<String, String>,
    ) -> Self {
        let admission = admission.expanded(variables);
        let prefixes = servers.iter().map(|server| {
            let name = tool_name(&server.name);
            let admitted = admission.admits(&server.expanded(variables)) && !off.contains(&name);
            (format!("mcp__{name}__"), admitted)
        });
        Self { prefixes: prefixes.collect() }
    }

    /// Whether an admitted server may have this tool. Of several whose names fit, the longest counts.
    pub(super) fn offer(&self, tool: &str) -> bool {
        let fitting = self.prefixes.iter().filter(|(prefix, _)| tool.starts_with(prefix.as_str()));
        fitting.max_by_key(|(prefix, _)| prefix.len()).is_some_and(|(_, admitted)| *admitted)
    }
}

impl Server {
    /// Whether an entry of a list of denied servers means this one: such a list means an address with and without
    /// its query, and without its last slash.
    pub fn is_denied_by(&self, entry: &ServerPattern) -> bool {
        match (entry, &self.url) {
            (ServerPattern::Url(pattern), Some(url)) => {
                let bare = url.split(['?', '#']).next().unwrap_or_default();
                let cut = bare.strip_suffix('/').unwrap_or(bare);
                [url, bare, cut].into_iter().any(|url| pattern.matches(url))
            }
            _ => self.is(entry),
        }
    }

    fn expanded(&self, variables: &HashMap<String, String>) -> Self {
        let words = |words: &Vec<String>| words.iter().map(|word| expand(word, variables)).collect();
        Self {
            name: self.name.clone(),
            command: self.command.as_ref().map(words),
            url: self.url.as_ref().map(|url| expand(url, variables)),
        }
    }
}

impl ServerPattern {
    fn expanded(&self, variables: &HashMap<String, String>) -> Self {
        match self {
            Self::Command(words) => Self::Command(words.iter().map(|word| expand(word, variables)).collect()),
            other => other.clone(),
        }
    }
}

/// The text with `${NAME}` and `${NAME:-default}` replaced; what is not set and has no default stays.
fn expand(text: &str, variables: &HashMap<String, String>) -> String {
    let mut found = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        found.push_str(before);
        let Some((inside, behind)) = behind.split_once('}') else {
            found.push_str("${");
            rest = behind;
            continue;
        };
        let (name, default) =
            inside.split_once(":-").map_or((inside, None), |(name, text)| (name, Some(text)));
        match variables.get(name).map(String::as_str).or(default) {
            Some(value) => found.push_str(value),
            None => {
                found.push_str("${");
                found.push_str(inside);
                found.push('}');
            }
        }
        rest = behind;
    }
    found + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_count_until_something_stronger_is_listed() {
        let docs = Server::of("docs", &json!({"command": "npx", "args": ["-y", "docs"]}));
        let name = |name: &str| ServerPattern::Name(name.into());
        let command =
            |words: &[&str]| ServerPattern::Command(words.iter().map(|&word| word.to_owned()).collect());
        assert!(docs.is_admitted(&[name("docs")]));
        assert!(docs.is_admitted(&[command(&["npx", "-y", "docs"])]));
        assert!(!docs.is_admitted(&[name("docs"), command(&["npx", "other"])]));
        assert!(docs.is_admitted(&[name("docs"), ServerPattern::Url(UrlPattern::new("https://x.dev"))]));
        assert!(!docs.is_admitted(&[]));
    }

    #[test]
    fn the_longest_name_owns_a_tool() {
        let servers =
            [Server::of("a", &json!({"command": "x"})), Server::of("a__b", &json!({"command": "y"}))];
        let admission = Admission { allowed: None, denied: vec![ServerPattern::Name("a__b".into())] };
        let servers = Servers::new(&servers, &admission, &HashSet::new(), &HashMap::new());
        assert!(servers.offer("mcp__a__x") && !servers.offer("mcp__a__b__x") && !servers.offer("mcp__c__x"));
    }

    #[test]
    fn variables_are_put_in() {
        let variables = HashMap::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(expand("x${A}y${B:-2}${C}${", &variables), "x1y2${C}${");
    }
}
