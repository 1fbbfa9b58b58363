//! GitHub, in the cloud and on an organisation's own servers.
//!
//! Reading goes through GraphQL, many repositories in one call; writing through the REST calls for git
//! objects, so that a commit comes to be without a checkout. Endpoints as GitHub describes them in November
//! 2026; the tests hold each call and answer against its published descriptions.

mod discover;
mod look;
mod query;
mod read;
mod write;

use serde_json::{Value, json};

use super::wire::{BaseError, Call, Clock, Http, Method, Watcher, Wire};
use super::{Discovered, Error, Forge, Reading, RepositoryName, Standing, Unread};
use crate::path::RepoPath;

/// The version of the REST interface that is spoken.
const VERSION: &str = "2022-11-28";

/// GitHub.
pub struct GitHub {
    wire: Wire,
    /// Before the path of each REST call.
    rest: &'static str,
    graphql: &'static str,
}

impl GitHub {
    /// GitHub at a base URL, as one opens it in a browser: `https://github.com`, or that of an own server.
    pub fn new(
        base: &str,
        token: &super::Token,
        clock: Box<dyn Clock>,
        watcher: Box<dyn Watcher>,
    ) -> Result<Self, BaseError> {
        let (base, rest, graphql) = interface(base);
        let headers = [("accept", "application/vnd.github+json"), ("x-github-api-version", VERSION)];
        let (http, host) = Http::new(&base, token, &headers)?;
        Ok(Self { wire: Wire::new(http, host, clock, watcher), rest, graphql })
    }

    /// A REST call that reads.
    fn get(&self, path: &str, purpose: impl Into<String>) -> Call {
        Call::get(format!("{}{path}", self.rest), purpose)
    }

    /// A REST call that writes.
    fn send(&self, method: Method, path: &str, body: Value, purpose: impl Into<String>) -> Call {
        Call::send(method, format!("{}{path}", self.rest), body, purpose)
    }

    /// A call of GraphQL.
    fn graphql(&self, query: &str, variables: Value, purpose: impl Into<String>) -> Call {
        let body = json!({ "query": query, "variables": variables });
        Call::send(Method::Post, self.graphql, body, purpose)
    }
}

/// The root of the host that answers calls, and what comes before REST paths and is the path of GraphQL there.
/// In the cloud it is a host beside the one that people open, on an own server a part of it.
fn interface(base: &str) -> (String, &'static str, &'static str) {
    let base = base.trim_end_matches('/');
    match base.strip_prefix("https://") {
        Some("github.com" | "api.github.com") => ("https://api.github.com".to_owned(), "", "/graphql"),
        Some(host) if host.ends_with(".ghe.com") => {
            let host = host.strip_prefix("api.").unwrap_or(host);
            (format!("https://api.{host}"), "", "/graphql")
        }
        _ => (base.to_owned(), "/api/v3", "/api/graphql"),
    }
}

impl Forge for GitHub {
    fn host(&self) -> &str {
        self.wire.host()
    }

    fn discover(&self, owner: &str) -> Result<Discovered, Error> {
        discover::discover(self, owner)
    }

    fn read(
        &self,
        names: &[RepositoryName],
        also: &[RepoPath],
        known: &dyn Fn(&RepositoryName) -> Option<String>,
        each: &mut dyn FnMut(&RepositoryName, Reading),
    ) -> Result<(), Error> {
        read::read(self, names, also, known, each)
    }

    fn look(
        &self,
        names: &[RepositoryName],
        branch: &str,
        each: &mut dyn FnMut(&RepositoryName, Result<Standing, Unread>),
    ) -> Result<(), Error> {
        look::look(self, names, branch, each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_go_to_the_host_that_answers_them() {
        for (base, root, graphql) in [
            ("https://github.com/", "https://api.github.com", "/graphql"),
            ("https://acme.ghe.com", "https://api.acme.ghe.com", "/graphql"),
            ("https://api.acme.ghe.com", "https://api.acme.ghe.com", "/graphql"),
            ("https://github.acme.dev", "https://github.acme.dev", "/api/graphql"),
        ] {
            let (found, _, path) = interface(base);
            assert_eq!((found.as_str(), path), (root, graphql), "{base}");
        }
    }
}
