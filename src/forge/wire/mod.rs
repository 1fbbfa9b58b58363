//! The wire to a forge: calls, with patience.
//!
//! One call at a time, as the forges ask for. A call that meets a limit or a failure waits and is made
//! again as [`patience`] says; whoever watches is told what is waited for.

mod call;
mod clock;
mod http;
mod patience;

use std::time::Duration;

use serde::de::DeserializeOwned;

pub(super) use call::{Answer, Broken, Call, Method, escape};
pub use clock::{Clock, SystemClock};
pub use http::BaseError;
pub(super) use http::Http;
pub use patience::Reason;
use patience::{Next, Tried};

use super::Error;

/// Makes one attempt at a call.
pub(super) trait Transport: Send + Sync {
    fn send(&self, call: &Call) -> Result<Answer, Broken>;
}

/// What a wait is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The host that is waited for.
    pub host: String,
    /// What waits: "reading 64 repositories".
    pub purpose: String,
    /// How long.
    pub time: Duration,
    /// Why.
    pub reason: Reason,
}

/// Who watches: told of each wait before it begins.
pub trait Watcher: Send + Sync {
    /// A wait begins.
    fn wait(&self, waiting: &Waiting);
}

/// Nobody watches.
impl Watcher for () {
    fn wait(&self, _: &Waiting) {}
}

/// The wire to one host.
pub(super) struct Wire {
    transport: Box<dyn Transport>,
    clock: Box<dyn Clock>,
    watcher: Box<dyn Watcher>,
    host: String,
}

impl Wire {
    pub(super) fn new(
        transport: impl Transport + 'static,
        host: String,
        clock: Box<dyn Clock>,
        watcher: Box<dyn Watcher>,
    ) -> Self {
        Self { transport: Box::new(transport), clock, watcher, host }
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Makes a call until there is an answer, and gives a refusal as the error that it means.
    pub(super) fn send(&self, call: &Call) -> Result<Answer, Error> {
        let answer = self.try_send(call)?;
        if answer.is_success() {
            return Ok(answer);
        }
        let (what, message) = (call.purpose.clone(), answer.message());
        Err(match answer.status {
            301 | 302 | 307 | 308 => Error::Moved { what },
            401 => Error::Unauthorized { host: self.host.clone() },
            403 => Error::Forbidden { what, message },
            404 | 410 => Error::Missing { what },
            status => Error::Refused { what, status, message },
        })
    }

    /// The same for an answer that is JSON.
    pub(super) fn ask<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        self.read(&self.send(call)?, &call.purpose)
    }

    /// Reads an answer that is JSON.
    pub(super) fn read<T: DeserializeOwned>(&self, answer: &Answer, purpose: &str) -> Result<T, Error> {
        answer.json().map_err(|error| Error::NotUnderstood {
            host: self.host.clone(),
            what: purpose.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Makes a call until there is an answer, whatever it says.
    fn try_send(&self, call: &Call) -> Result<Answer, Error> {
        let mut tried = Tried::default();
        loop {
            let attempt = self.transport.send(call);
            let now = self.clock.now();
            let is_limited = |answer: &Answer| patience::limit(answer, tried, now).is_some();
            match &attempt {
                Ok(answer) if is_limited(answer) => tried.limits += 1,
                _ => tried.failures += 1,
            }
            match patience::next(call, &attempt, tried, now, self.clock.chance()) {
                Next::Take => return attempt.map_err(|broken| self.failed(call, broken)),
                Next::Wait(time, reason) => {
                    let (host, purpose) = (self.host.clone(), call.purpose.clone());
                    self.watcher.wait(&Waiting { host, purpose, time, reason });
                    self.clock.wait(time);
                }
                Next::GiveUp => {
                    return Err(match attempt {
                        Err(broken) => self.failed(call, broken),
                        Ok(answer) if patience::limit(&answer, tried, now).is_some() => {
                            Error::Limited { host: self.host.clone(), what: call.purpose.clone() }
                        }
                        Ok(answer) => {
                            let reason = format!("status {}", answer.status);
                            self.failed(call, Broken::Lost(reason))
                        }
                    });
                }
            }
        }
    }

    fn failed(&self, call: &Call, broken: Broken) -> Error {
        let (host, what) = (self.host.clone(), call.purpose.clone());
        match broken {
            Broken::Unreachable(reason) | Broken::Hopeless(reason) => {
                Error::Unreachable { host, what, reason }
            }
            Broken::TooLarge => Error::TooLarge { what },
            Broken::Lost(reason) => Error::Lost { host, what, reason },
        }
    }
}
