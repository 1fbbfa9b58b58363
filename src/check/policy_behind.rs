//! The lock pins an older state of the policy, or there is no lock yet.

use super::registry::check;
use super::{Context, Run};
use crate::finding::{ChangeKind, Finding, Fix};
use crate::json::{Document, Pointer};
use crate::project::{LOCK, Pin, short};
use crate::text::Span;

check!(
    "policy-behind",
    Warn,
    "the project is pinned to an older state of the policy, or not at all",
    "what the policy gained since then does not hold here",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let file = &context.project.lock_file;
    let path = context.project.path.join(LOCK);
    let pin = |title: &str| Fix::new(title, path.clone(), ChangeKind::Pin);
    let (message, fix) = match &context.project.lock {
        None => (format!("no policy is pinned here, `{}` is in force", context.pin), pin("write the lock")),
        Some(Ok(lock)) if lock.pin.source == context.pin.source && lock.pin.digest != context.pin.digest => {
            (behind(&lock.pin, context.pin), pin("move the pin"))
        }
        // Another source is `foreign-policy`, a lock that cannot be read is `unreadable-lock`.
        Some(_) => return,
    };
    let span = match Document::parse(file.text()) {
        document if document.root().is_some() => document.nearest(&Pointer::of(["policy", "digest"])),
        _ => Span::at(0),
    };
    let mut finding = Finding::new(CHECK.name, CHECK.severity, file.place(span), message).key("pin").fix(fix);
    if context
        .lock()
        .is_some_and(|lock| lock.pin.revision.is_some() && lock.pin.revision == context.pin.revision)
    {
        finding.add_help(
            "`bylaws apply` writes what is asked now, also after a bot that moved the revision alone",
        );
    }
    findings.push(finding);
}

fn behind(pinned: &Pin, now: &Pin) -> String {
    let asks = "and asks for something else of this project";
    match (&pinned.revision, &now.revision) {
        (Some(then), Some(revision)) if then != revision => {
            format!("the lock pins {pinned}, the policy is at {} {asks}", short(revision))
        }
        // A bot moved the revision alone, or facts of the repository or waivers are not what they were.
        (Some(_), Some(_)) => format!("`{now}` asks for something else of this project than its lock says"),
        _ => format!("`{}` has changed since the lock was written, {asks}", now.source),
    }
}
