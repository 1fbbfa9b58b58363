//! Calls to a forge over HTTP.

use std::time::Duration;

use super::Transport;
use super::call::{Answer, Broken, Call};
use crate::forge::Token;
use crate::http::{self, Response};

/// Longest time for one call, from the first look-up of the name to the last byte.
const LONGEST_CALL: Duration = Duration::from_secs(120);

/// A host that is spoken to over HTTP.
pub(crate) struct Http {
    http: http::Http,
    root: String,
    headers: Vec<(&'static str, String)>,
}

/// Why a base URL is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// It is no URL of a host.
    #[error("`{0}` is no URL of a forge: `https://`, a host, and nothing behind it")]
    NotAUrl(String),
    /// The token would go over the network in the clear.
    #[error("`{0}` is not asked: without `https` everybody on the way could read the token")]
    NotEncrypted(String),
}

impl Http {
    /// For the host of a base URL: scheme, host and port, no path.
    pub(crate) fn new(
        base: &str,
        token: &Token,
        headers: &[(&'static str, &str)],
    ) -> Result<(Self, String), BaseError> {
        let root = base.trim_end_matches('/');
        let target = http::target(root).filter(|target| target.is_bare);
        let target = target.ok_or_else(|| BaseError::NotAUrl(base.to_owned()))?;
        if !target.is_encrypted && !target.is_own {
            return Err(BaseError::NotEncrypted(root.to_owned()));
        }
        let mut own = vec![("authorization", token.as_header())];
        own.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let http = http::Http::new(&target, LONGEST_CALL);
        Ok((Self { http, root: root.to_owned(), headers: own }, target.host))
    }
}

impl Transport for Http {
    fn send(&self, call: &Call) -> Result<Answer, Broken> {
        let url = format!("{}{}", self.root, call.path);
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = call.body.as_ref().map(|body| ("application/json", body.to_string().into_bytes()));
        let sent = self.http.send(call.method.name(), &url, &headers, body, call.most_bytes);
        sent.map(|Response { status, headers, body }| Answer { status, headers, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_nowhere_in_the_clear() {
        let token = Token::new("x").unwrap();
        let host = |base: &str| Http::new(base, &token, &[]).map(|(_, host)| host);
        assert_eq!(host("https://git.acme.dev/"), Ok("git.acme.dev".into()));
        assert_eq!(host("https://git.acme.dev:8443"), Ok("git.acme.dev".into()));
        assert_eq!(host("http://127.0.0.1:8080"), Ok("127.0.0.1".into()));
        assert_eq!(host("http://git.acme.dev"), Err(BaseError::NotEncrypted("http://git.acme.dev".into())));
        for base in ["", "git.acme.dev", "ftp://git.acme.dev", "https://git.acme.dev/x", "https://u:p@x.dev"]
        {
            assert_eq!(host(base), Err(BaseError::NotAUrl(base.into())), "{base}");
        }
    }
}
