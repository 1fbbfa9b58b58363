//! The time, and chance, for whoever waits. Both are given, so that a test neither waits nor depends on them.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time, and chance.
pub trait Clock: Send + Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;
    /// Lets time pass.
    fn wait(&self, time: Duration);
    /// A number from 0 to below 1.
    fn chance(&self) -> f64;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn wait(&self, time: Duration) {
        thread::sleep(time);
    }

    fn chance(&self) -> f64 {
        // Hashers are seeded anew each time; it is enough to spread waiting programs out.
        let number = RandomState::new().build_hasher().finish() >> 32;
        u32::try_from(number).map_or(0.0, |number| f64::from(number) / (f64::from(u32::MAX) + 1.0))
    }
}
