//! Patterns for web addresses, as lists of MCP servers have them.

use super::address::Address;
use super::wildcard::Wildcard;

/// A pattern for addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlPattern {
    text: Box<str>,
    parts: Option<Parts>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    scheme: Box<str>,
    host: Box<str>,
    port: Option<Box<str>>,
    path: Option<Box<str>>,
}

impl UrlPattern {
    /// Reads a pattern. The host is compared on its own, so that `*` in it never reaches into the path; a
    /// pattern without a path means every path (observed, 2.1.330).
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), parts: Parts::new(text) }
    }

    /// Whether this address is meant.
    pub fn matches(&self, url: &str) -> bool {
        if &*self.text == "*" {
            return true;
        }
        match (&self.parts, Address::parse(url)) {
            (Some(parts), Ok(address)) => parts.matches(&address),
            // What is no address is compared piece by piece between its slashes.
            _ => {
                let mut pieces = url.split('/');
                let all = self
                    .text
                    .split('/')
                    .all(|form| pieces.next().is_some_and(|piece| Wildcard::new(form).matches(piece)));
                all && pieces.next().is_none()
            }
        }
    }
}

impl Parts {
    fn new(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, Some(port)),
            _ => (host, None),
        };
        let scheme = scheme.to_ascii_lowercase();
        if port.is_some_and(|port| port != "*" && !port.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        // A host without a star has other spellings, as in addresses.
        let host = match Address::parse(&format!("http://{host}/")) {
            Ok(address) if !host.contains('*') => address.host().to_owned(),
            _ => host,
        };
        // The port that goes without saying is none.
        let usual = match &*scheme {
            "http" | "ws" => "80",
            "https" | "wss" => "443",
            _ => "",
        };
        let path = path.split('#').next().unwrap_or_default();
        Some(Self {
            scheme: scheme.into(),
            host: host.into(),
            port: port.filter(|port| *port != usual && !port.is_empty()).map(Box::from),
            path: (!path.is_empty()).then(|| path.into()),
        })
    }

    fn matches(&self, address: &Address) -> bool {
        let scheme = &*self.scheme == "*" || *self.scheme == *address.scheme();
        let host = Wildcard::new(&self.host).matches(address.host());
        let port = match (self.port.as_deref(), address.port()) {
            (Some("*"), _) => true,
            (Some(wanted), found) => found.is_some_and(|found| found.to_string() == wanted),
            (None, None) => true,
            (None, Some(_)) => self.host.contains('*'),
        };
        let path = self.path.as_deref().is_none_or(|path| {
            let found = match address.query() {
                Some(query) => format!("{}?{query}", address.path()),
                None => address.path().to_owned(),
            };
            Wildcard::new(path).matches(&found)
        });
        scheme && host && port && path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_in_the_host_stays_in_the_host() {
        for (pattern, url, expected) in [
            ("https://*.acme.dev/*", "https://mcp.acme.dev/docs", true),
            ("https://*.acme.dev/*", "https://evil.example/x.acme.dev/", false),
            ("https://mcp.acme.dev", "https://mcp.acme.dev/any/path", true),
            ("https://mcp.acme.dev", "http://mcp.acme.dev/", false),
            ("https://mcp.acme.dev/*", "https://MCP.acme.dev./x", true),
            ("https://mcp.acme.dev", "https://mcp.acme.dev:8443/", false),
            ("https://mcp.acme.dev", "https://mcp.acme.dev@evil.example/", false),
            ("https://mcp.acme.dev:443/*", "https://mcp.acme.dev/x", true),
            ("http://127.0.0.1:*/*", "http://127.0.0.1:18080/mcp", true),
            ("http://*/mcp", "http://127.0.0.1:18080/mcp", true),
            ("*", "https://anything/", true),
        ] {
            assert_eq!(UrlPattern::new(pattern).matches(url), expected, "{pattern} {url}");
        }
    }
}
