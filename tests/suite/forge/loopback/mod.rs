//! A forge on loopback, for tests and benchmarks: repositories in memory, behind the calls that the program makes.

pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod graphql;
pub(crate) mod published;
pub(crate) mod repository;
pub(crate) mod server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bylaws::forge::{Clock, GitHub, GitLab, Token, Waiting, Watcher, WritableForge};
use serde_json::Value;

use published::Published;
use repository::{Repository, State};
use server::Server;

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
    pub(crate) fn all(&self) -> Vec<Waiting> {
        self.0.lock().unwrap().clone()
    }
}

/// Which forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    GitHub,
    GitLab,
}

/// One call and its answer, to be held against what GitHub published.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) status: u16,
    pub(crate) answer: Value,
}

pub(crate) struct Loopback {
    pub(crate) server: Server,
    kind: Kind,
    state: State,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Loopback {
    pub(crate) fn start(kind: Kind, repositories: impl IntoIterator<Item = (String, Repository)>) -> Self {
        let repositories = repositories.into_iter().map(|(name, repository)| (name, Arc::new(repository)));
        let state: State = Arc::new(Mutex::new(repositories.collect()));
        let exchanges: Arc<Mutex<Vec<Exchange>>> = Arc::default();
        let (own, kept) = (Arc::clone(&state), Arc::clone(&exchanges));
        let server = Server::start(move |asked| {
            if kind == Kind::GitLab {
                return gitlab::answer(&own, asked);
            }
            let told = github::answer(&own, asked);
            kept.lock().unwrap().push(Exchange {
                method: asked.method.clone(),
                path: asked.path.strip_prefix("/api/v3").unwrap_or(&asked.path).to_owned(),
                body: serde_json::from_str(&asked.body).unwrap_or_default(),
                status: told.status,
                answer: serde_json::from_str(&told.body).unwrap(),
            });
            told
        });
        Self { server, kind, state, exchanges }
    }

    /// The kind as the command line names it.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::GitHub => "github",
            Kind::GitLab => "gitlab",
        }
    }

    pub(crate) fn change<T>(&self, name: &str, change: impl FnOnce(&mut Repository) -> T) -> T {
        change(Arc::make_mut(self.state.lock().unwrap().get_mut(name).unwrap()))
    }

    /// The program's side, with its clock and what it tells.
    pub(crate) fn connect(&self) -> (Box<dyn WritableForge>, TestClock, Told) {
        let (clock, told) = (TestClock::default(), Told::default());
        (self.connect_with("token-of-a-test", clock.clone(), told.clone()), clock, told)
    }

    pub(crate) fn connect_with(
        &self,
        token: &str,
        clock: impl Clock + 'static,
        told: Told,
    ) -> Box<dyn WritableForge> {
        let token = Token::new(token).unwrap();
        let (base, clock, told) = (&self.server.base, Box::new(clock), Box::new(told));
        match self.kind {
            Kind::GitHub => Box::new(GitHub::new(base, &token, clock, told).unwrap()),
            Kind::GitLab => Box::new(GitLab::new(base, &token, clock, told).unwrap()),
        }
    }

    /// Holds all that was said against what GitHub published.
    pub(crate) fn hold_against_published(&self) {
        let Some(published) = Published::installed() else { return };
        let faults = published.faults(&self.exchanges.lock().unwrap());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
