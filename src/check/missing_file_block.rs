//! A file lacks the text that policy puts there: a block, the whole file, or one that is written once.

use super::context::demanded;
use super::registry::check;
use super::{Context, Run};
use crate::block::{self, Block};
use crate::finding::{ChangeKind, Finding, Fix};
use crate::policy::FileMode;
use crate::project::{Content, OwnedWhat};
use crate::text::Span;

check!(
    "missing-file-block",
    Block,
    "a file lacks the text that policy puts there",
    "the text is how the organisation speaks to agents and people here",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in &context.baseline.texts {
        let owned = &demand.what;
        let Some(file) = context.project.text_file(&owned.path) else { continue };
        let missing = file.content == Content::Missing;
        let path = &file.path;
        let (message, title, what) = match owned.mode {
            FileMode::Block if block::find(file.text(), path.as_str(), &owned.name) == Block::Missing => (
                format!("`{path}` has no block `{}`", owned.name),
                format!("add block `{}` to `{path}`", owned.name),
                ChangeKind::Block { name: owned.name.clone(), text: Some(owned.text.clone()) },
            ),
            FileMode::Whole if missing => (
                format!("`{path}` is missing"),
                format!("write `{path}`"),
                ChangeKind::Whole(Some(owned.text.clone())),
            ),
            FileMode::Seed if missing && !was_seeded(context, &owned.path) => (
                format!("`{path}` is missing"),
                format!("write `{path}` once"),
                ChangeKind::Whole(Some(owned.text.clone())),
            ),
            _ => continue,
        };
        let finding = demanded(&CHECK, demand, file.place(Span::at(file.text().len())), message);
        findings.push(finding.fix(Fix::new(title, path.clone(), what)));
    }
}

fn was_seeded(context: &Context<'_>, path: &str) -> bool {
    let seeded = |what: &OwnedWhat| matches!(what, OwnedWhat::Seeded(_));
    context.lock().is_some_and(|lock| {
        lock.owned.iter().any(|owned| owned.file == path && owned.at.is_none() && seeded(&owned.what))
    })
}
