//! One call over HTTP and what comes back. The only file that knows the library for it.
//!
//! INVARIANT: nothing that is secret goes over the network in the clear: a host that is not this machine is spoken to
//! over `https` alone, and nobody is followed elsewhere.

use std::net::IpAddr;
use std::time::Duration;

use ureq::http::{HeaderValue, Request, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

/// Longest time until the connection stands.
const LONGEST_CONNECT: Duration = Duration::from_secs(15);

/// Where a call goes, as far as callers must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The host.
    pub(crate) host: String,
    /// Whether it is `https`; otherwise it is `http`.
    pub(crate) is_encrypted: bool,
    /// Whether it is this machine.
    pub(crate) is_own: bool,
    /// Whether nothing stands behind the host and nobody's name before it.
    pub(crate) is_bare: bool,
}

/// Reads an address; none for what is no address of HTTP.
pub(crate) fn target(url: &str) -> Option<Target> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    let is_encrypted = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let is_own = is_own(host);
    let is_bare = uri.path() == "/" && uri.query().is_none() && !url.contains('@');
    Some(Target { host: host.to_owned(), is_encrypted, is_own, is_bare })
}

/// Whether a host is this machine.
pub(crate) fn is_own(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nothing was sent.
    Unreachable(String),
    /// It was sent, at least in part, and what became of it is not known.
    Lost(String),
    /// The answer has more bytes than the call asks for.
    TooLarge,
    /// It can never work: a bad address, a certificate that nobody vouches for.
    Hopeless(String),
}

impl Broken {
    /// What happened, for people.
    pub(crate) fn why(&self) -> &str {
        match self {
            Self::Unreachable(why) | Self::Lost(why) | Self::Hopeless(why) => why,
            Self::TooLarge => "the answer is too large",
        }
    }
}

/// What comes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What is sent along: its type and its bytes.
pub(crate) type Body<'a> = (&'a str, Vec<u8>);

/// Whoever makes calls.
pub(crate) struct Http {
    agent: Agent,
}

impl Http {
    /// For one host; a call takes at most `longest`, from the first look-up of the name to the last byte.
    pub(crate) fn new(target: &Target, longest: Duration) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .https_only(!target.is_own)
            // A host that moved is told, not followed with what is secret.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(longest))
            .timeout_connect(Some(LONGEST_CONNECT.min(longest)))
            .user_agent(concat!("bylaws/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if target.is_own {
            config = config.proxy(None);
        }
        Self { agent: config.build().into() }
    }

    /// Makes one call.
    pub(crate) fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Body<'_>>,
        most_bytes: u64,
    ) -> Result<Response, Broken> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let hopeless = |error: ureq::http::Error| Broken::Hopeless(error.to_string());
        let sent = match body {
            Some((kind, bytes)) => {
                self.agent.run(request.header("content-type", kind).body(bytes).map_err(hopeless)?)
            }
            None => self.agent.run(request.body(()).map_err(hopeless)?),
        };
        let mut response = sent.map_err(|error| broken(&error))?;
        let text = |value: &HeaderValue| value.to_str().map(str::to_owned).ok();
        let headers = response.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
        let headers = headers.collect();
        let status = response.status().as_u16();
        let read = response.body_mut().with_config().limit(most_bytes).read_to_vec();
        let body = read.map_err(|error| broken(&error))?;
        Ok(Response { status, headers, body })
    }
}

/// Whether the call may have reached the host.
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
