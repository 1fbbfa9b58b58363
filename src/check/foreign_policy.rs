//! The lock names another policy than the one that the project is held against.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{ChangeKind, Finding, Fix};
use crate::json::{Document, Pointer};
use crate::project::LOCK;

check!(
    "foreign-policy",
    Block,
    "the lock names another policy than the one asked for",
    "a repository that names its own policy decides for itself what holds",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(lock) = context.lock().filter(|lock| lock.pin.source != context.pin.source) else { return };
    let file = &context.project.lock_file;
    let span = Document::parse(file.text()).nearest(&Pointer::of(["policy", "source"]));
    let message =
        format!("the lock names `{}`, the policy asked for is `{}`", lock.pin.source, context.pin.source);
    let fix = Fix::new("pin the policy asked for", context.project.path.join(LOCK), ChangeKind::Pin);
    findings.push(Finding::new(CHECK.name, CHECK.severity, file.place(span), message).key("source").fix(fix));
}
