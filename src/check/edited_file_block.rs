//! The text that policy owns in a file says something else.

use super::context::demanded;
use super::registry::check;
use super::{Context, Run};
use crate::block::{self, Block};
use crate::finding::{ChangeKind, Finding, Fix};
use crate::policy::FileMode;
use crate::project::Content;
use crate::text::Span;

check!(
    "edited-file-block",
    Block,
    "the text that policy owns in a file says something else",
    "a text that says something else in each repository is no policy",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for demand in &context.baseline.texts {
        let owned = &demand.what;
        let Some(file) = context.project.text_file(&owned.path) else { continue };
        let path = &file.path;
        if let Content::Refused(refusal) = &file.content {
            let message = format!("`{path}` is not what policy puts there: {refusal}");
            findings.push(
                demanded(&CHECK, demand, file.place(Span::at(0)), message).help("put a plain file there"),
            );
            continue;
        }
        let finding = match owned.mode {
            FileMode::Whole if file.content != Content::Missing && file.text() != owned.text => {
                let what = ChangeKind::Whole(Some(owned.text.clone()));
                demanded(&CHECK, demand, file.place(Span::at(0)), format!("`{path}` is not as policy has it"))
                    .fix(Fix::new(format!("write `{path}` anew"), path.clone(), what))
            }
            FileMode::Block => match block::find(file.text(), path.as_str(), &owned.name) {
                Block::Present { inner, outer } => {
                    let found = file.text().get(inner.start..inner.end).unwrap_or_default();
                    if block::says(found, &owned.text) {
                        continue;
                    }
                    let what = ChangeKind::Block { name: owned.name.clone(), text: Some(owned.text.clone()) };
                    let message = format!("block `{}` of `{path}` is not as policy has it", owned.name);
                    demanded(&CHECK, demand, file.place(Span::new(outer.start, inner.start)), message).fix(
                        Fix::new(
                            format!("write block `{}` of `{path}` anew", owned.name),
                            path.clone(),
                            what,
                        ),
                    )
                }
                Block::Broken { span } => {
                    let message =
                        format!("the marker lines of block `{}` in `{path}` do not pair", owned.name);
                    demanded(&CHECK, demand, file.place(span), message)
                        .help("mend or delete the marker lines, then apply again")
                }
                Block::Missing => continue,
            },
            _ => continue,
        };
        findings.push(finding.key(format!("{} {}", owned.path, owned.name)));
    }
}
