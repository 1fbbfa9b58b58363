//! Where lines go: a webhook, a syslog, an OTLP collector. An address names the kind.

mod otlp;
mod syslog;
mod tls;
mod web;
mod webhook;

use std::fmt;

use sha2::{Digest, Sha256};

use super::spool::Spooled;

/// Why a sink did not take lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It will never take them as they are.
    #[error("{0}")]
    Refused(String),
    /// It took some of them, does not say which, and is not to be sent them again.
    #[error("{0}")]
    Partly(String),
    /// It may take them later.
    #[error("{why}")]
    Failed {
        /// What happened.
        why: String,
        /// How long it asks to wait, in seconds.
        asked: Option<u64>,
    },
}

impl SinkError {
    fn failed(why: impl ToString) -> Self {
        Self::Failed { why: why.to_string(), asked: None }
    }
}

/// A place that takes lines.
pub struct Sink {
    address: String,
    name: String,
    kind: Kind,
}

enum Kind {
    Webhook(web::Web),
    Otlp(web::Web),
    Syslog(syslog::Syslog),
}

/// Why an address is none of a sink.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is of no known form.
    #[error(
        "`{0}` is no sink: write `https://…`, `otlp+https://…`, `syslog+tls://HOST:PORT`, or, on this machine, \
         `syslog+tcp://HOST:PORT`, `syslog+udp://HOST:PORT` or `syslog+unix:///PATH`"
    )]
    Unknown(String),
    /// What is sent would go over the network in the clear, with a token.
    #[error(
        "`{0}` is not sent to: everybody on the way could read the lines; write `https://…` or `syslog+tls://…`, or name \
         a relay on this machine"
    )]
    NotEncrypted(String),
    /// A password would stand in settings, logs and lists of processes.
    #[error("the address of a sink holds no name and password: name a variable that holds a token")]
    Credential,
}

/// What is wrong with an address; the caller knows it as it was written.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Unknown,
    NotEncrypted,
    Credential,
}

impl Wrong {
    fn of(self, address: &str) -> AddressError {
        match self {
            Self::Unknown => AddressError::Unknown(address.to_owned()),
            Self::NotEncrypted => AddressError::NotEncrypted(address.to_owned()),
            Self::Credential => AddressError::Credential,
        }
    }
}

impl Sink {
    /// Reads an address. `token` goes along to sinks that are spoken to over HTTP.
    pub fn parse(address: &str, token: Option<&str>) -> Result<Self, AddressError> {
        let kind = if let Some(place) = address.strip_prefix("syslog+") {
            Kind::Syslog(syslog::Syslog::parse(place).map_err(|error| error.of(address))?)
        } else if let Some(url) = address.strip_prefix("otlp+") {
            Kind::Otlp(web::Web::new(&otlp::endpoint(url), token).map_err(|error| error.of(address))?)
        } else {
            Kind::Webhook(web::Web::new(address, token).map_err(|error| error.of(address))?)
        };
        Ok(Self { address: address.to_owned(), name: Self::name_of(address), kind })
    }

    /// The name of the sink at an address, whether or not it is one that can be used.
    pub fn name_of(address: &str) -> String {
        let hash = Sha256::digest(address.as_bytes());
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A name that fits into the name of a file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends lines, all or none as far as the sink can tell.
    pub(super) fn send(&self, batch: &[Spooled]) -> Result<(), SinkError> {
        match &self.kind {
            Kind::Webhook(web) => webhook::send(web, batch),
            Kind::Otlp(web) => otlp::send(web, batch),
            Kind::Syslog(syslog) => syslog.send(batch),
        }
    }
}

impl fmt::Display for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What stands behind a `?` is often a key.
        f.write_str(self.address.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.to_string()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_kind() {
        for address in [
            "https://logs.acme.dev/in?key=x",
            "http://127.0.0.1:9/in",
            "otlp+https://otel.acme.dev",
            "syslog+tls://logs.acme.dev:6514",
            "syslog+tls://192.0.2.1:6514",
            "syslog+tls://[2001:db8::1]:6514",
            "syslog+tcp://localhost:601",
            "syslog+udp://127.0.0.1:514",
            "syslog+tcp://[::1]:601",
        ] {
            assert!(Sink::parse(address, None).is_ok(), "{address}");
        }
        for address in [
            "",
            "x",
            "ftp://x.dev",
            "syslog+tcp://x",
            "syslog+tls://a b:1",
            "syslog+udp://:514",
            "syslog+unix://",
            "otlp+x",
        ] {
            assert!(matches!(Sink::parse(address, None), Err(AddressError::Unknown(_))), "{address}");
        }
        for address in
            ["http://x.dev/in", "otlp+http://x.dev", "syslog+tcp://x.dev:601", "syslog+udp://192.0.2.1:514"]
        {
            assert!(matches!(Sink::parse(address, None), Err(AddressError::NotEncrypted(_))), "{address}");
        }
        for address in ["https://u:p@x.dev/in", "syslog+tls://u:p@x.dev:6514"] {
            assert_eq!(Sink::parse(address, None).unwrap_err(), AddressError::Credential, "{address}");
        }
        let sink = Sink::parse("https://logs.acme.dev/in?key=x", Some("t")).unwrap();
        assert_eq!(format!("{sink} {sink:?}"), "https://logs.acme.dev/in Sink(\"https://logs.acme.dev/in\")");
    }
}
