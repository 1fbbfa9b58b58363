//! Which MCP servers an entry of a catalogue means, by the client's own rules of admission
//! (`allowedMcpServers` and `deniedMcpServers`, observed in 2.1.330).

use serde_json::Value;

use super::facts::matches;
use super::file::ServerEntry;

/// What identifies a server of `.mcp.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    name: String,
    command: Option<Vec<String>>,
    url: Option<String>,
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

    /// Whether a catalogue admits the server. Once it has an entry for any command, a program needs a
    /// command entry of its own, and its name counts no longer; likewise for URLs and remote servers.
    pub fn is_admitted(&self, catalogue: &[ServerEntry]) -> bool {
        let commands = catalogue.iter().any(|entry| matches!(entry, ServerEntry::Command(_)));
        let urls = catalogue.iter().any(|entry| matches!(entry, ServerEntry::Url(_)));
        let by_name = match (&self.command, &self.url) {
            (Some(_), _) => !commands,
            (None, Some(_)) => !urls,
            // Neither program nor URL: nothing but a name to go by.
            (None, None) => !commands && !urls,
        };
        catalogue.iter().any(|entry| match entry {
            ServerEntry::Name(_) => by_name && self.is(entry),
            // A server with both is started by its command.
            ServerEntry::Url(_) => self.command.is_none() && self.is(entry),
            ServerEntry::Command(_) => self.is(entry),
        })
    }

    /// Whether the entry means this server.
    pub fn is(&self, entry: &ServerEntry) -> bool {
        match entry {
            ServerEntry::Name(name) => *name == self.name,
            ServerEntry::Command(words) => self.command.as_ref() == Some(words),
            ServerEntry::Url(pattern) => self.url.as_deref().is_some_and(|url| url_matches(pattern, url)),
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

/// A URL cut into the parts that are compared on their own.
struct Url<'a> {
    scheme: &'a str,
    host: String,
    port: Option<&'a str>,
    path: &'a str,
}

impl<'a> Url<'a> {
    fn cut(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (host, None),
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        Some(Self { scheme, host, port, path: path.split('#').next().unwrap_or_default() })
    }
}

/// Whether a URL matches a pattern. The host is compared on its own, so that `*` in it never reaches
/// into the path; a pattern without a path means every path.
fn url_matches(pattern: &str, url: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let (Some(pattern), Some(url)) = (Url::cut(pattern), Url::cut(url)) else { return pattern == url };
    let scheme = pattern.scheme == "*" || pattern.scheme.eq_ignore_ascii_case(url.scheme);
    let host = matches(&pattern.host, &url.host);
    let port = match (pattern.port, url.port) {
        (Some("*"), _) => true,
        (None, Some(_)) => pattern.host.contains('*'),
        (wanted, found) => wanted == found,
    };
    let path = pattern.path.is_empty() || matches(pattern.path, url.path);
    scheme && host && port && path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalogue(entries: Value) -> Vec<ServerEntry> {
        serde_json::from_value(entries).unwrap()
    }

    #[test]
    fn names_count_until_something_stronger_is_listed() {
        let docs = Server::of("docs", &json!({"command": "npx", "args": ["-y", "docs"]}));
        assert!(docs.is_admitted(&catalogue(json!([{"serverName": "docs"}]))));
        assert!(docs.is_admitted(&catalogue(json!([{"serverCommand": ["npx", "-y", "docs"]}]))));
        assert!(
            !docs.is_admitted(&catalogue(
                json!([{"serverName": "docs"}, {"serverCommand": ["npx", "other"]}])
            ))
        );
        assert!(
            docs.is_admitted(&catalogue(json!([{"serverName": "docs"}, {"serverUrl": "https://x.dev"}])))
        );
        assert!(!docs.is_admitted(&[]));
    }

    #[test]
    fn a_star_in_the_host_stays_in_the_host() {
        let cases = [
            ("https://*.acme.dev/*", "https://mcp.acme.dev/docs", true),
            ("https://*.acme.dev/*", "https://evil.example/x.acme.dev/", false),
            ("https://mcp.acme.dev", "https://mcp.acme.dev/any/path", true),
            ("https://mcp.acme.dev", "http://mcp.acme.dev/", false),
            ("https://mcp.acme.dev/*", "https://MCP.acme.dev./x", true),
            ("https://mcp.acme.dev", "https://mcp.acme.dev:8443/", false),
            ("https://mcp.acme.dev", "https://mcp.acme.dev@evil.example/", false),
            ("*", "https://anything/", true),
        ];
        for (pattern, url, expected) in cases {
            assert_eq!(url_matches(pattern, url), expected, "{pattern} {url}");
        }
    }
}
