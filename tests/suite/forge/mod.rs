//! Forges, against servers on loopback; that of GitHub answers as its published descriptions say.

mod bringing;
mod commands;
mod github;
mod gitlab;
mod graphql;
mod loopback;
mod published;
mod reading;
mod repository;
mod rollout;
mod server;
mod writing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bylaws::forge::{Clock, RepositoryName, Waiting, Watcher};

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
