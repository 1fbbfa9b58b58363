//! A forge on loopback.

use std::sync::{Arc, Mutex};

use bylaws::forge::{Clock, Forge, GitHub, GitLab, Token};
use serde_json::Value;

use super::published::Published;
use super::repository::{Repository, State};
use super::server::Server;
use super::{TestClock, Told, github, gitlab};

/// Which forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    GitHub,
    GitLab,
}

/// One call and its answer, to be held against what GitHub published.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) status: u16,
    pub(super) answer: Value,
}

pub(super) struct Loopback {
    pub(super) server: Server,
    kind: Kind,
    state: State,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Loopback {
    pub(super) fn start(kind: Kind, repositories: impl IntoIterator<Item = (String, Repository)>) -> Self {
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
    pub(super) fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::GitHub => "github",
            Kind::GitLab => "gitlab",
        }
    }

    pub(super) fn change<T>(&self, name: &str, change: impl FnOnce(&mut Repository) -> T) -> T {
        change(Arc::make_mut(self.state.lock().unwrap().get_mut(name).unwrap()))
    }

    /// The program's side, with its clock and what it tells.
    pub(super) fn connect(&self) -> (Box<dyn Forge>, TestClock, Told) {
        let (clock, told) = (TestClock::default(), Told::default());
        (self.connect_with("token-of-a-test", clock.clone(), told.clone()), clock, told)
    }

    pub(super) fn connect_with(
        &self,
        token: &str,
        clock: impl Clock + 'static,
        told: Told,
    ) -> Box<dyn Forge> {
        let token = Token::new(token).unwrap();
        let (base, clock, told) = (&self.server.base, Box::new(clock), Box::new(told));
        match self.kind {
            Kind::GitHub => Box::new(GitHub::new(base, &token, clock, told).unwrap()),
            Kind::GitLab => Box::new(GitLab::new(base, &token, clock, told).unwrap()),
        }
    }

    /// Holds all that was said against what GitHub published.
    pub(super) fn hold_against_published(&self) {
        let Some(published) = Published::installed() else { return };
        let faults = published.faults(&self.exchanges.lock().unwrap());
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
