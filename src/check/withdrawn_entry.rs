//! Something that policy once wrote here, by the lock, is asked for no longer.

use super::context::entry_shown;
use super::registry::check;
use super::{Context, Run};
use crate::block::{self, Block};
use crate::finding::{Change, ChangeKind, Finding, Fix, Place, Severity};
use crate::json::{Document, Edit, Pointer};
use crate::policy::{Baseline, Demand, FileMode, Recommendation};
use crate::project::{LOCK, MCP, Owned, OwnedWhat, SETTINGS};
use crate::rule::List;
use crate::text::Span;

check!(
    "withdrawn-entry",
    Warn,
    "something that policy once wrote is asked for no longer",
    "the policy no longer asks for it, and nobody else did",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(lock) = context.lock() else { return };
    let list = Document::parse(context.project.lock_file.text());
    for (index, owned) in lock.owned.iter().enumerate() {
        if is_demanded(context.baseline, owned) {
            continue;
        }
        if let Some((place, change)) = withdrawal(context, owned) {
            let what = name(owned);
            let message = format!("policy wrote {what} and asks for it no longer");
            let fix = Fix { title: format!("take {what} away"), changes: vec![change] };
            let severity = if grants(owned) { Severity::Block } else { CHECK.severity };
            let finding = Finding::new(CHECK.name, severity, place, message);
            findings.push(finding.key(serde_json::to_string(owned).unwrap_or_default()).fix(fix));
        } else if !matches!(owned.what, OwnedWhat::Seeded(_)) {
            let at = Pointer::of(["owned".to_owned(), index.to_string()]);
            let place = context.project.lock_file.place(list.nearest(&at));
            let message =
                format!("the lock lists {}, which is gone or changed and not asked for", name(owned));
            let fix = Fix::new("tidy the lock", context.project.path.join(LOCK), ChangeKind::Pin);
            let finding = Finding::new(CHECK.name, Severity::Note, place, message);
            findings.push(finding.key(serde_json::to_string(owned).unwrap_or_default()).fix(fix));
        }
    }
}

/// Whether the thing lets somebody do more: then it may not outlive the policy.
fn grants(owned: &Owned) -> bool {
    match (&owned.what, &owned.at) {
        (OwnedWhat::Entry(_), Some(at)) => *at == List::Allow.pointer(),
        (OwnedWhat::Value(_), _) => owned.file == MCP,
        _ => false,
    }
}

/// What the lock says that policy owns, in a few words.
fn name(owned: &Owned) -> String {
    let at = owned.at.as_ref();
    match &owned.what {
        OwnedWhat::Entry(entry) => {
            format!("`{}` in `{}`", entry_shown(entry), at.map(Pointer::dotted).unwrap_or_default())
        }
        OwnedWhat::Value(_) if owned.file == MCP => {
            format!("MCP server `{}`", at.and_then(Pointer::last).unwrap_or_default())
        }
        OwnedWhat::Value(_) | OwnedWhat::Seeded(_) => {
            format!("`{}`", at.map(Pointer::dotted).unwrap_or_default())
        }
        OwnedWhat::Block(block) => format!("block `{block}` of `{}`", owned.file),
        OwnedWhat::Whole(_) => format!("`{}`", owned.file),
    }
}

/// Whether policy still asks for what the lock says that it owns.
pub(super) fn is_demanded(baseline: &Baseline, owned: &Owned) -> bool {
    let at = owned.at.as_ref();
    // What is recommended from now on stays: it becomes the project's.
    let recommended = |demand: &Demand<Recommendation>| {
        Some(demand.what.at()) == at
            && match (&demand.what, &owned.what) {
                (Recommendation::Value(_), OwnedWhat::Value(_)) => true,
                (Recommendation::Entry(wanted), OwnedWhat::Entry(entry)) => wanted.entry == *entry,
                _ => false,
            }
    };
    if owned.file == SETTINGS && baseline.recommendations.iter().any(recommended) {
        return true;
    }
    match (&owned.what, owned.file.as_str()) {
        (OwnedWhat::Entry(entry), SETTINGS) => {
            let rule = at.and_then(List::of_pointer).zip(entry.as_str());
            rule.is_some_and(|(list, text)| baseline.asks_for_rule(list, text))
                || baseline
                    .entries
                    .iter()
                    .any(|demand| Some(&demand.what.at) == at && demand.what.entry == *entry)
        }
        // A key that now has another value is demanded still: it is changed, not taken away.
        (OwnedWhat::Value(_), SETTINGS) => baseline.values.iter().any(|demand| Some(&demand.what.at) == at),
        (OwnedWhat::Value(_), MCP) => {
            let server = |name: &str| Some(&Pointer::of(["mcpServers", name])) == at;
            baseline.provided.iter().any(|demand| server(&demand.what.name))
        }
        (OwnedWhat::Seeded(_), _) => true,
        (OwnedWhat::Block(name), file) => baseline.texts.iter().any(|demand| {
            demand.what.path == file && demand.what.mode == FileMode::Block && demand.what.name == *name
        }),
        (OwnedWhat::Whole(_), file) => baseline
            .texts
            .iter()
            .any(|demand| demand.what.path == file && demand.what.mode == FileMode::Whole),
        _ => false,
    }
}

/// Where the thing still is as policy wrote it, and the change that takes it away. None where it is gone
/// or was changed: then it is the project's.
fn withdrawal(context: &Context<'_>, owned: &Owned) -> Option<(Place, Change)> {
    let project = context.project;
    let json = |file: &crate::project::File, document: &Document, at: Pointer| {
        let place = file.place(document.nearest(&at));
        (place, Change { path: file.path.clone(), what: ChangeKind::Json(Edit::Remove { at }) })
    };
    let (file, document) = match owned.file.as_str() {
        SETTINGS => (&project.shared.file, project.shared.document()),
        MCP => (&project.mcp_file, project.mcp.document()),
        _ => return text_withdrawal(context, owned),
    };
    let at = owned.at.as_ref()?;
    match &owned.what {
        OwnedWhat::Entry(entry) => {
            let index = document.at(at)?.items().iter().position(|item| item.to_value() == *entry)?;
            Some(json(file, document, at.join(index.to_string())))
        }
        OwnedWhat::Value(value) => {
            let found = document.at(at)?.to_value();
            (found == *value).then(|| json(file, document, at.clone()))
        }
        _ => None,
    }
}

fn text_withdrawal(context: &Context<'_>, owned: &Owned) -> Option<(Place, Change)> {
    let file = context.project.text_file(&owned.file)?;
    match &owned.what {
        OwnedWhat::Block(name) => match block::find(file.text(), file.path.as_str(), name) {
            Block::Present { outer, .. } => {
                let what = ChangeKind::Block { name: name.clone(), text: None };
                let change = Change { path: file.path.clone(), what };
                Some((file.place(outer), change))
            }
            _ => None,
        },
        OwnedWhat::Whole(digest) if crate::project::digest(file.text()) == *digest => {
            let change = Change { path: file.path.clone(), what: ChangeKind::Whole(None) };
            Some((file.place(Span::at(0)), change))
        }
        _ => None,
    }
}
