//! Calls over HTTP. The only file that knows the library for it.

use std::net::IpAddr;
use std::time::Duration;

use ureq::http::{Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

use super::Transport;
use super::call::{Answer, Broken, Call};
use crate::forge::Token;

/// Longest time for one call, from the first look-up of the name to the last byte.
const LONGEST_CALL: Duration = Duration::from_secs(120);
/// Longest time until the connection stands.
const LONGEST_CONNECT: Duration = Duration::from_secs(15);

/// A host that is spoken to over HTTP.
pub(crate) struct Http {
    agent: Agent,
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
        let not_a_url = || BaseError::NotAUrl(base.to_owned());
        let uri: Uri = root.parse().map_err(|_| not_a_url())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(not_a_url)?;
        let is_plain = uri.path() == "/" && uri.query().is_none() && !root.contains('@');
        let is_own = is_loopback(host);
        match uri.scheme_str() {
            Some("https" | "http") if !is_plain => return Err(not_a_url()),
            Some("https") => {}
            Some("http") if is_own => {}
            Some("http") => return Err(BaseError::NotEncrypted(root.to_owned())),
            _ => return Err(not_a_url()),
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!is_own)
            // A repository or a host that moved is told, not followed with the token.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(LONGEST_CALL))
            .timeout_connect(Some(LONGEST_CONNECT))
            .user_agent(concat!("bylaws/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if is_own {
            config = config.proxy(None);
        }
        let mut own = vec![("authorization", token.as_header())];
        own.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let http = Self { agent: config.build().into(), root: root.to_owned(), headers: own };
        Ok((http, host.to_owned()))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl Transport for Http {
    fn send(&self, call: &Call) -> Result<Answer, Broken> {
        let mut request =
            Request::builder().method(call.method.name()).uri(format!("{}{}", self.root, call.path));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let hopeless = |error: ureq::http::Error| Broken::Hopeless(error.to_string());
        let sent = match &call.body {
            Some(body) => {
                let request = request.header("content-type", "application/json");
                self.agent.run(request.body(body.to_string()).map_err(hopeless)?)
            }
            None => self.agent.run(request.body(()).map_err(hopeless)?),
        };
        let mut response = sent.map_err(|error| broken(&error))?;
        let text = |value: &ureq::http::HeaderValue| value.to_str().map(str::to_owned).ok();
        let headers = response.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
        let headers = headers.collect();
        let status = response.status().as_u16();
        let read = response.body_mut().with_config().limit(call.most_bytes).read_to_vec();
        let body = read.map_err(|error| broken(&error))?;
        Ok(Answer { status, headers, body })
    }
}

/// Whether the call may have reached the forge.
fn broken(error: &ureq::Error) -> Broken {
    let why = error.to_string();
    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Broken::Unreachable(why),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Broken::Unreachable(why)
        }
        ureq::Error::BodyExceedsLimit(_) => Broken::TooLarge,
        ureq::Error::BadUri(_)
        | ureq::Error::Http(_)
        | ureq::Error::Tls(_)
        | ureq::Error::Rustls(_)
        | ureq::Error::InvalidProxyUrl
        | ureq::Error::RequireHttpsOnly(_) => Broken::Hopeless(why),
        _ => Broken::Lost(why),
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
