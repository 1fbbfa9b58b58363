//! The arguments about a trail that `log` and `send` share, and what they mean.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::input;
use crate::cli::error::CommandError;
use crate::trail::{Limits, Sink, Store, UserForm};

/// How long a hook waits for other hooks before it puts its line beside the trail.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Where the trail lies and where it goes.
#[derive(Debug, Clone, Args)]
pub(super) struct TrailArguments {
    /// The folder of the trail [default: `bylaws-trail` in the folder of Claude Code's settings, and there one for each
    /// set of sinks]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Where lines are sent; may be given several times
    ///
    /// `https://…` is a webhook, `otlp+https://…` a collector, `syslog+tls://HOST:PORT` a syslog. On this machine,
    /// `syslog+tcp://HOST:PORT`, `syslog+udp://HOST:PORT` and `syslog+unix:///PATH` are syslogs as well.
    #[arg(long = "to", value_name = "ADDRESS")]
    to: Vec<String>,

    /// The variable that holds a token for webhooks and collectors
    #[arg(long, value_name = "VARIABLE")]
    token_env: Option<String>,
}

/// How much of a trail is kept.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LimitArguments {
    /// Begin a new file when one has this many MiB
    #[arg(long, value_name = "MIB", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1024))]
    size: u64,

    /// How many files are kept once they were sent
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    keep: u64,

    /// How many files are kept until they are sent; what is older is given up, and a line says so
    #[arg(long, value_name = "COUNT", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    keep_unsent: u64,
}

/// How the user is told.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum User {
    /// By name.
    Name,
    /// By a digest of the name.
    Hash,
    /// Not at all.
    None,
}

impl User {
    pub(super) fn form(self) -> UserForm {
        match self {
            Self::Name => UserForm::Name,
            Self::Hash => UserForm::Hash,
            Self::None => UserForm::Nobody,
        }
    }
}

impl TrailArguments {
    /// Where it lies. What goes to other sinks lies apart: the lines of one project are not for the sink of another, and
    /// how long a line is kept depends on who has to take it.
    pub(super) fn folder(&self) -> PathBuf {
        if let Some(folder) = &self.folder {
            return folder.clone();
        }
        let folder = input::home().1.join("bylaws-trail");
        let mut addresses: Vec<&str> = self.to.iter().map(String::as_str).collect();
        addresses.sort_unstable();
        addresses.dedup();
        match addresses.as_slice() {
            [] => folder,
            some => folder.join(format!("to-{}", Sink::name_of(&some.join("\n")))),
        }
    }

    pub(super) fn has_sinks(&self) -> bool {
        !self.to.is_empty()
    }

    pub(super) fn sinks(&self) -> Result<Vec<Sink>, CommandError> {
        let token =
            self.token_env.as_deref().and_then(|name| env::var(name).ok()).filter(|token| !token.is_empty());
        if let (Some(name), None) = (&self.token_env, &token) {
            return Err(CommandError::usage(format!("the variable `{name}` holds no token")));
        }
        let sinks = self.to.iter().map(|address| Sink::parse(address, token.as_deref()));
        sinks.collect::<Result<_, _>>().map_err(|error| CommandError::usage(error.to_string()))
    }

    /// The trail. A sink that cannot be used still has to take the lines one day.
    pub(super) fn store(&self, limits: LimitArguments) -> Store {
        let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let limits = Limits {
            segment: limits.size * 1024 * 1024,
            kept: count(limits.keep),
            unsent: count(limits.keep_unsent),
        };
        let names = self.to.iter().map(|address| Sink::name_of(address)).collect();
        Store::new(&self.folder(), limits, names, LONGEST_WAIT)
    }

    /// The same arguments for another process.
    pub(super) fn again(&self) -> Vec<String> {
        let mut words = vec!["--folder".to_owned(), self.folder().to_string_lossy().into_owned()];
        for address in &self.to {
            words.extend(["--to".to_owned(), address.clone()]);
        }
        if let Some(name) = &self.token_env {
            words.extend(["--token-env".to_owned(), name.clone()]);
        }
        words
    }
}

/// The time as lines have it.
pub(super) fn time() -> String {
    format!("{:.3}", Timestamp::now())
}

/// Seconds since 1970.
pub(super) fn seconds() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}
