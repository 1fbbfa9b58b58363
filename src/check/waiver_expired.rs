//! A waiver for this repository is over: what it opened is asked for again.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::Pointer;
use crate::policy::Standing;

check!(
    "waiver-expired",
    Warn,
    "a waiver for this repository is over",
    "an exception that outlives its end is a hole",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for held in &context.baseline.waivers {
        if let Standing::Expired(days) = held.standing {
            let waiver = &held.waiver;
            let message = format!(
                "waiver `{}` of {} ended on {}, {days} {} ago",
                waiver.id,
                waiver.content.owner,
                waiver.content.expires,
                if days == 1 { "day" } else { "days" }
            );
            let finding =
                Finding::new(CHECK.name, CHECK.severity, waiver.place(&Pointer::of(["expires"])), message)
                    .key(waiver.id.as_str())
                    .help("delete the waiver, or have it renewed with a new day and a reason");
            findings.push(finding);
        }
    }
}
