//! When to try a sink again. Pure: the time is given.

use serde::{Deserialize, Serialize};

/// Longest wait between two attempts, in seconds.
const LONGEST: u64 = 300;

/// A sink that did not take lines, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Attempts that failed in a row.
    pub failures: u32,
    /// When the last one failed, in seconds since 1970.
    pub since: u64,
    /// How long the sink itself asks to wait, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<u64>,
}

impl Waiting {
    /// After one more failure.
    #[must_use]
    pub fn after(self, now: u64, asked: Option<u64>) -> Self {
        Self { failures: self.failures.saturating_add(1), since: now, asked }
    }

    /// How long to wait: a second, twice as long each time, five minutes at most.
    fn length(self) -> u64 {
        if self.failures == 0 {
            return 0;
        }
        let own = 1_u64 << (self.failures - 1).min(16);
        own.max(self.asked.unwrap_or(0)).min(LONGEST)
    }

    /// Whether the wait is over. A clock that was put back ends it: nobody knows how long was waited.
    pub fn is_over(self, now: u64) -> bool {
        now < self.since || now - self.since >= self.length()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let mut waiting = Waiting::default();
        assert!(waiting.is_over(0));
        for (failures, length) in [(1, 1), (2, 2), (3, 4), (9, 256), (10, 300), (60, 300)] {
            while waiting.failures < failures {
                waiting = waiting.after(1_000, None);
            }
            assert!(!waiting.is_over(1_000 + length - 1), "{failures}");
            assert!(waiting.is_over(1_000 + length), "{failures}");
        }
    }

    #[test]
    fn an_hour_of_a_sink_that_is_down_is_few_attempts() {
        let (mut waiting, mut attempts) = (Waiting::default(), 0);
        for now in 0..3_600 {
            if waiting.is_over(now) {
                attempts += 1;
                waiting = waiting.after(now, None);
            }
        }
        assert_eq!(attempts, 20);
    }

    #[test]
    fn a_clock_that_is_put_back_does_not_keep_anybody_waiting() {
        let waiting = Waiting::default().after(1_000_000, Some(60));
        assert!(!waiting.is_over(1_000_001));
        assert!(waiting.is_over(10));
        assert!(waiting.is_over(1_000_060));
        assert!(
            Waiting::default().after(0, Some(100_000)).is_over(300),
            "nobody may ask for more than five minutes"
        );
    }
}
