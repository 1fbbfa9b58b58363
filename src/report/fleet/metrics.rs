//! A fleet as OpenMetrics text, for Prometheus and what reads its form.
//!
//! Series are by state and check, never by repository: their number does not grow with the fleet.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::fleet::{Fleet, State};

/// Writes a fleet as OpenMetrics 1.0.
pub fn write_fleet_metrics(out: &mut dyn Write, fleet: &Fleet) -> io::Result<()> {
    gauge(out, "bylaws_fleet_repositories", "Repositories by how they stand to the policy.")?;
    for state in State::ALL {
        writeln!(out, "bylaws_fleet_repositories{{state=\"{}\"}} {}", state.key(), fleet.count(state))?;
    }
    gauge(out, "bylaws_fleet_attention", "Repositories about which somebody has to do something.")?;
    writeln!(out, "bylaws_fleet_attention {}", fleet.attention())?;
    gauge(out, "bylaws_fleet_partial", "Repositories of which the forge showed the root alone.")?;
    writeln!(out, "bylaws_fleet_partial {}", fleet.partial())?;
    gauge(out, "bylaws_fleet_findings", "Findings in all repositories by weight.")?;
    let total = |of: fn(&crate::finding::Counts) -> usize| -> usize {
        fleet.outcomes.iter().map(|outcome| of(&outcome.verdict.counts)).sum()
    };
    let weights = [("block", total(|c| c.block)), ("warn", total(|c| c.warn)), ("note", total(|c| c.note))];
    for (weight, count) in weights {
        writeln!(out, "bylaws_fleet_findings{{severity=\"{weight}\"}} {count}")?;
    }
    let mut checks: BTreeMap<(State, &str), usize> = BTreeMap::new();
    for outcome in &fleet.outcomes {
        let first = outcome.verdict.reasons.first().and_then(|reason| reason.check.as_deref());
        if let Some(check) = first {
            *checks.entry((outcome.verdict.state, check)).or_default() += 1;
        }
    }
    gauge(out, "bylaws_fleet_reasons", "Repositories by state and the check that decides it first.")?;
    for ((state, check), count) in checks {
        writeln!(
            out,
            "bylaws_fleet_reasons{{state=\"{}\",check=\"{}\"}} {count}",
            state.key(),
            label(check)
        )?;
    }
    gauge(out, "bylaws_fleet_policy_info", "The policy that repositories were held against.")?;
    let revision = fleet.revision.as_deref().unwrap_or_default();
    let (policy, revision) = (label(&fleet.policy), label(revision));
    writeln!(out, "bylaws_fleet_policy_info{{source=\"{policy}\",revision=\"{revision}\"}} 1")?;
    writeln!(out, "# EOF")
}

fn gauge(out: &mut dyn Write, name: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# TYPE {name} gauge\n# HELP {name} {help}")
}

/// The value of a label.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
