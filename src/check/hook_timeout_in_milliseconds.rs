//! The timeout of a hook reads like milliseconds; the client counts seconds.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;

check!(
    "hook-timeout-in-milliseconds",
    Warn,
    "the timeout of a hook reads like milliseconds",
    "the client counts seconds: a hook that hangs holds the agent up for that long",
    Run::Project(run)
);

/// Below this, a number is believed to be seconds.
const LEAST: f64 = 1000.0;

/// What no hook takes in seconds: almost three hours.
const ABSURD: f64 = 10_000.0;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for file in context.project.settings_files() {
        for hook in file.settings.hooks() {
            let Some(timeout) = hook.timeout.filter(|timeout| reads_like_milliseconds(*timeout)) else {
                continue;
            };
            let message =
                format!("a timeout of {timeout} is {}: the client counts seconds", duration(timeout));
            let place = file.place(&hook.pointer.join("timeout"));
            let help = format!("write {} if milliseconds are meant", timeout / 1000.0);
            findings.push(
                Finding::new(CHECK.name, CHECK.severity, place, message)
                    .key(hook.pointer.to_string())
                    .help(help),
            );
        }
    }
}

/// Whole thousands, or what is no whole number of minutes: 1800 and 3600 are seconds.
fn reads_like_milliseconds(timeout: f64) -> bool {
    timeout >= LEAST && (timeout % 1000.0 == 0.0 || timeout % 60.0 != 0.0 || timeout >= ABSURD)
}

fn duration(seconds: f64) -> String {
    let minutes = seconds / 60.0;
    if minutes < 120.0 { format!("{minutes:.0} minutes") } else { format!("{:.0} hours", minutes / 60.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_minutes_are_seconds() {
        for milliseconds in [1000.0, 5000.0, 10_000.0, 2500.0, 60_000.0] {
            assert!(reads_like_milliseconds(milliseconds), "{milliseconds}");
        }
        for seconds in [0.5, 60.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0] {
            assert!(!reads_like_milliseconds(seconds), "{seconds}");
        }
        assert_eq!(duration(5000.0), "83 minutes");
        assert_eq!(duration(60_000.0), "17 hours");
    }
}
