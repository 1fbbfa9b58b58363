//! Forges, against servers on loopback; that of GitHub answers as its published descriptions say.

mod bringing;
mod commands;
mod killed;
mod loopback;
#[cfg(unix)]
mod pipeline;
mod reading;
mod rollout;
mod writing;

use bylaws::forge::RepositoryName;

fn name(text: &str) -> RepositoryName {
    RepositoryName::new(text).unwrap()
}
