//! What the sinks over HTTP share: the call, the token, what a status means.

use std::time::Duration;

use super::{SinkError, Wrong};
use crate::http::{Http, Response, target};

/// Longest time for one batch.
const LONGEST: Duration = Duration::from_secs(30);

/// Most bytes of an answer.
const MOST_BYTES: u64 = 1024 * 1024;

/// A sink that is spoken to over HTTP.
pub(super) struct Web {
    http: Http,
    url: String,
    token: Option<String>,
}

impl Web {
    pub(super) fn new(url: &str, token: Option<&str>) -> Result<Self, Wrong> {
        let found = target(url).ok_or(Wrong::Unknown)?;
        let authority = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next());
        if authority.is_some_and(|authority| authority.contains('@')) {
            return Err(Wrong::Credential);
        }
        if !found.is_encrypted && !found.is_own {
            return Err(Wrong::NotEncrypted);
        }
        let token = token.map(|token| format!("Bearer {token}"));
        Ok(Self { http: Http::new(&found, LONGEST), url: url.to_owned(), token })
    }

    /// Sends one body; `key` tells the receiver that it has seen it before.
    pub(super) fn post(&self, kind: &str, body: Vec<u8>, key: &str) -> Result<Response, SinkError> {
        let mut headers = vec![("idempotency-key", key)];
        headers.extend(self.token.as_deref().map(|token| ("authorization", token)));
        let sent = self.http.send("POST", &self.url, &headers, Some((kind, body)), MOST_BYTES);
        let response = sent.map_err(|broken| SinkError::failed(broken.why()))?;
        let asked = response
            .headers
            .iter()
            .find(|(name, _)| name == "retry-after")
            .and_then(|(_, value)| value.trim().parse().ok());
        let why = || format!("it answered with status {}", response.status);
        match response.status {
            200..=299 => Ok(response),
            // The lines themselves are not to its liking; everything else may change.
            400 | 413 | 415 | 422 => Err(SinkError::Refused(why())),
            _ => Err(SinkError::Failed { why: why(), asked }),
        }
    }
}
