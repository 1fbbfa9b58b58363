//! Whether to wait and try again: a pure function of what came back, the attempt, the time and chance.
//!
//! GitHub tells of limits with status 403 or 429, for GraphQL also with 200 and an error in the body; it
//! asks to wait as long as `retry-after` says, or until `x-ratelimit-reset` where nothing remains, or else
//! at least a minute, longer each time (docs.github.com, "Rate limits for the REST API", "Rate limits and
//! query limits for the GraphQL API"). GitLab answers 429 with `retry-after` and `ratelimit-reset`
//! (docs.gitlab.com, "User and IP rate limits").

use std::time::Duration;

use serde::Deserialize;

use super::call::{Answer, Broken, Call};

/// Longest wait before another attempt at what failed, in seconds.
const LONGEST_BACKOFF: f64 = 60.0;

/// Least wait where a limit says nothing of its length, in seconds.
const UNTOLD_LIMIT: u64 = 60;

/// Longest wait that a limit may ask for, in seconds: the primary limit of GitHub is by the hour.
const LONGEST_LIMIT: u64 = 2 * 60 * 60;

/// Most waits for limits in one call.
const MOST_LIMITS: u32 = 20;

/// What to do after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// The answer stands, whatever it says.
    Take,
    /// Wait, then try again.
    Wait(Duration, Reason),
    /// No further attempt.
    GiveUp,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The forge asks for it: too much in this hour, or too much at once.
    Limit,
    /// The forge cannot answer just now.
    Status(u16),
    /// The connection failed.
    Connection(String),
}

/// How often what was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tried {
    /// Attempts that failed.
    pub(crate) failures: u32,
    /// Attempts that met a limit.
    pub(crate) limits: u32,
}

/// What to do after an attempt at `call`. `tried` counts this attempt, `now` is in seconds since 1970,
/// `chance` from 0 to below 1.
pub(crate) fn next(
    call: &Call,
    attempt: &Result<Answer, Broken>,
    tried: Tried,
    now: u64,
    chance: f64,
) -> Next {
    match attempt {
        Ok(answer) => match limit(answer, tried, now) {
            Some(seconds) if seconds <= LONGEST_LIMIT && tried.limits < MOST_LIMITS => {
                Next::Wait(Duration::from_secs_f64(seconds as f64 + chance), Reason::Limit)
            }
            Some(_) => Next::GiveUp,
            None if matches!(answer.status, 408 | 500 | 502 | 503 | 504) => {
                again(call, tried, chance, Reason::Status(answer.status))
            }
            None => Next::Take,
        },
        Err(Broken::Unreachable(why) | Broken::Lost(why)) => {
            again(call, tried, chance, Reason::Connection(why.clone()))
        }
        Err(Broken::Hopeless(_) | Broken::TooLarge) => Next::GiveUp,
    }
}

/// Waits twice as long each time, spread by chance so that many programs do not come back at once.
fn again(call: &Call, tried: Tried, chance: f64, reason: Reason) -> Next {
    if tried.failures >= call.attempts {
        return Next::GiveUp;
    }
    let exponent = i32::try_from(tried.failures.saturating_sub(1)).unwrap_or(i32::MAX).min(10);
    let longest = 2f64.powi(exponent).min(LONGEST_BACKOFF);
    Next::Wait(Duration::from_secs_f64(longest * (0.5 + chance / 2.0)), reason)
}

/// The seconds to wait where the answer tells of a limit.
pub(crate) fn limit(answer: &Answer, tried: Tried, now: u64) -> Option<u64> {
    let number = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<u64>().ok());
    let either = |name: &str| number(&format!("x-{name}")).or_else(|| number(name));
    let is_used_up = either("ratelimit-remaining") == Some(0);
    let retry_after = number("retry-after");
    let is_limit = match answer.status {
        429 => true,
        403 => retry_after.is_some() || is_used_up || speaks_of_limits(&answer.message()),
        200 => tells_of_limits(answer),
        _ => false,
    };
    if !is_limit {
        return None;
    }
    let reset = || either("ratelimit-reset").filter(|_| is_used_up).map(|at| at.saturating_sub(now) + 1);
    let untold = || UNTOLD_LIMIT.saturating_mul(1 << tried.limits.saturating_sub(1).min(5));
    Some(retry_after.or_else(reset).unwrap_or_else(untold))
}

fn speaks_of_limits(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("rate limit") || message.contains("abuse detection")
}

/// Whether an answer of GraphQL is a refusal for a limit.
fn tells_of_limits(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        errors: Vec<Fault>,
    }
    #[derive(Deserialize)]
    struct Fault {
        #[serde(default, rename = "type")]
        kind: Option<String>,
        #[serde(default)]
        message: String,
        /// Faults of one repository have a path; a limit is one of the whole.
        #[serde(default)]
        path: Option<serde::de::IgnoredAny>,
    }
    // Long answers carry files; a refusal is short.
    if answer.body.len() > 16 * 1024 || !answer.body.starts_with(b"{") {
        return false;
    }
    let Ok(refusal) = answer.json::<Refusal>() else { return false };
    refusal.errors.iter().any(|fault| {
        matches!(fault.kind.as_deref(), Some("RATE_LIMITED" | "RATE_LIMIT"))
            || (fault.path.is_none() && speaks_of_limits(&fault.message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Answer { status, headers, body: body.into() }
    }

    fn after(attempt: Result<Answer, Broken>, tried: Tried) -> Next {
        next(&Call::get("/x", "reading"), &attempt, tried, NOW, 0.0)
    }

    fn failed(failures: u32) -> Tried {
        Tried { failures, limits: 0 }
    }

    fn limited(limits: u32) -> Tried {
        Tried { failures: 0, limits }
    }

    fn seconds(next: &Next) -> Option<u64> {
        match next {
            Next::Wait(time, Reason::Limit) => Some(time.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn a_limit_is_waited_for_as_long_as_the_forge_says() {
        let secondary = r#"{"message": "You have exceeded a secondary rate limit."}"#;
        for (status, headers, body, expected) in [
            (429, &[("retry-after", "17")][..], "", Some(17)),
            (403, &[("retry-after", "9")], "", Some(9)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1300")], "", Some(301)),
            (429, &[("ratelimit-remaining", "0"), ("ratelimit-reset", "1010")], "", Some(11)),
            (403, &[("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "1300")], secondary, Some(60)),
            (200, &[], r#"{"errors": [{"type": "RATE_LIMITED", "message": "x"}]}"#, Some(60)),
            (200, &[], r#"{"errors": [{"message": "secondary rate limit"}]}"#, Some(60)),
            // The message of one repository is not one of the whole.
            (200, &[], r#"{"data": {}, "errors": [{"message": "rate limit", "path": ["r0"]}]}"#, None),
            (200, &[], r#"{"data": {"text": "secondary rate limit"}}"#, None),
            (403, &[("x-ratelimit-remaining", "4000")], r#"{"message": "Must be admin"}"#, None),
            (404, &[("x-ratelimit-remaining", "0")], "", None),
        ] {
            let next = after(Ok(answer(status, headers, body)), limited(1));
            assert_eq!(seconds(&next), expected, "{status} {headers:?} {body} {next:?}");
            assert_eq!(expected.is_none(), next == Next::Take, "{status} {body}");
        }
    }

    #[test]
    fn a_limit_that_says_nothing_is_waited_for_longer_each_time() {
        let next = |limits| after(Ok(answer(429, &[], "")), limited(limits));
        assert_eq!(seconds(&next(1)), Some(60));
        assert_eq!(seconds(&next(3)), Some(240));
        assert_eq!(seconds(&next(19)), Some(60 * 32));
        assert_eq!(next(MOST_LIMITS), Next::GiveUp);
    }

    #[test]
    fn a_limit_of_days_is_not_waited_for() {
        assert_eq!(after(Ok(answer(429, &[("retry-after", "90000")], "")), limited(1)), Next::GiveUp);
    }

    #[test]
    fn failures_are_tried_again_with_growing_waits_and_an_end() {
        let wait = |failures| match after(Ok(answer(502, &[], "")), failed(failures)) {
            Next::Wait(time, Reason::Status(502)) => Some(time.as_millis()),
            _ => None,
        };
        assert_eq!((wait(1), wait(2), wait(5), wait(6)), (Some(500), Some(1000), Some(8000), None));
        let lost = Err(Broken::Lost("reset".into()));
        assert!(matches!(after(lost, failed(1)), Next::Wait(_, Reason::Connection(_))));
    }

    #[test]
    fn chance_lengthens_a_wait_to_twice_at_most() {
        let call = Call::get("/x", "reading");
        let wait = |chance| next(&call, &Ok(answer(503, &[], "")), failed(3), NOW, chance);
        assert_eq!(wait(0.0), Next::Wait(Duration::from_secs(2), Reason::Status(503)));
        assert_eq!(wait(0.5), Next::Wait(Duration::from_secs(3), Reason::Status(503)));
    }
}
