//! A fleet as people and programs read it.

mod csv;
mod html;
mod json;
mod markdown;
mod metrics;
mod plan;
mod text;
mod trend;

pub(super) use csv::harmless;
pub use csv::write_fleet_csv;
pub use html::write_fleet_html;
pub use json::{FleetReport, fleet_report};
pub use markdown::write_fleet_markdown;
pub use metrics::write_fleet_metrics;
pub use plan::{FleetPlanReport, fleet_plan_report, write_fleet_plan};
pub use text::write_fleet_text;
pub use trend::{TrendReport, trend_report, write_trend};

use crate::fleet::{Fleet, Group, Reason, State};

/// The states that there are, each with the number of its repositories.
fn counts(fleet: &Fleet) -> impl Iterator<Item = (State, usize)> {
    State::ALL.into_iter().map(|state| (state, fleet.count(state))).filter(|(_, count)| *count > 0)
}

/// The reasons of a group in one line.
fn reasons(group: &Group<'_>) -> String {
    let mut told: Vec<String> = group.reasons.iter().map(Reason::told).collect();
    told.dedup();
    let more = group.further + told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    let text = told.join("; ");
    if more > 0 { format!("{text}; and {more} more") } else { text }
}

/// Most reasons that are told of a group in one line.
const TOLD: usize = 3;

/// The first names of a group, and how many more there are.
fn names<'a>(group: &Group<'a>, shown: usize) -> (Vec<&'a str>, usize) {
    let names = group.members.iter().take(shown).map(|outcome| outcome.name.as_str());
    (names.collect(), group.members.len().saturating_sub(shown))
}
