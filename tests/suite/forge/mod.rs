//! Forges, against a server on loopback that answers as GitHub's published descriptions say.

mod github;
mod graphql;
mod published;
mod reading;
mod server;
mod writing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bylaws::forge::{Clock, GitHub, RepositoryName, Token, Waiting, Watcher};

use github::Loopback;
use published::Published;

/// A clock on which only waiting takes time.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Arc<Mutex<Duration>>);

impl TestClock {
    /// A day in November 2026.
    const START: u64 = 1_795_600_000;

    pub(crate) fn waited(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        Self::START + self.waited().as_secs()
    }

    fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn chance(&self) -> f64 {
        0.0
    }
}

/// Keeps what it was told.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Waiting>>>);

impl Watcher for Told {
    fn wait(&self, waiting: &Waiting) {
        self.0.lock().unwrap().push(waiting.clone());
    }
}

impl Told {
    fn all(&self) -> Vec<Waiting> {
        self.0.lock().unwrap().clone()
    }
}

fn name(text: &str) -> RepositoryName {
    RepositoryName::new(text).unwrap()
}

/// The program's side of a loopback, with its clock and what it tells.
fn connect(loopback: &Loopback) -> (GitHub, TestClock, Told) {
    let (clock, told) = (TestClock::default(), Told::default());
    let token = Token::new("token-of-a-test").unwrap();
    let github =
        GitHub::new(&loopback.server.base, &token, Box::new(clock.clone()), Box::new(told.clone())).unwrap();
    (github, clock, told)
}

/// Holds all that was said against what GitHub published.
fn hold_against_published(loopback: &Loopback) {
    let Some(published) = Published::installed() else { return };
    let faults = published.faults(&loopback.exchanges.lock().unwrap());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
