//! What the children of a benchmark took.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};

/// User and system time of the children so far.
pub(crate) fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros =
        |time: nix::sys::time::TimeVal| u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap();
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}

/// The largest child so far, in MiB.
pub(crate) fn peak_memory() -> f64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as f64 / 1024.0
}
