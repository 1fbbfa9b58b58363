//! A waiver for this repository ends soon.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;
use crate::policy::Standing;

check!(
    "waiver-expiring",
    Note,
    "a waiver for this repository ends soon",
    "on the day after its end the findings that it covers come back",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for held in &context.baseline.waivers {
        if let Standing::Expiring(days) = held.standing {
            let waiver = &held.waiver;
            let left = match days {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            };
            let message = format!(
                "waiver `{}` of {} ends {left}, on {}",
                waiver.id, waiver.content.owner, waiver.content.expires
            );
            let finding =
                Finding::new(CHECK.name, CHECK.severity, waiver.place(&Pointer::of(["expires"])), message)
                    .key(waiver.id.as_str())
                    .help("do what the waiver put off, or have it renewed");
            findings.push(finding);
        }
    }
}
