//! The lock cannot be read. Nobody knows then what policy owns here, so nothing is changed.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;

check!(
    "unreadable-lock",
    Block,
    "the lock cannot be read",
    "without the lock nobody knows what here belongs to the policy",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if let Some(Err(fault)) = &context.project.lock {
        let place = context.project.lock_file.place(fault.span);
        findings.push(
            Finding::new(CHECK.name, CHECK.severity, place, fault.message.as_str())
                .key("lock")
                .help(fault.help),
        );
    }
}
