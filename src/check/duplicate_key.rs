//! A key stands in an object twice: the client keeps the last and drops the others without a word.

use super::registry::check;
use super::{Context, Run};
use crate::finding::Finding;
use crate::json::{Document, Pointer};
use crate::project::File;

check!(
    "duplicate-key",
    Block,
    "a key stands in an object twice, and only the last counts",
    "the client keeps the last and drops the others without a word",
    Run::Project(run)
);

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let settings = context.project.settings_files().map(|file| (&file.file, file.document()));
    for (file, document) in
        settings.into_iter().chain([(&context.project.mcp_file, context.project.mcp.document())])
    {
        report(file, document, findings);
    }
}

fn report(file: &File, document: &Document, findings: &mut Vec<Finding>) {
    let repeated = document.root().map(|root| root.repeated_keys()).unwrap_or_default();
    for (at, member) in repeated {
        let last = parent_member(document, &at);
        let message =
            format!("`{}` stands here and again below, where it counts; this one is lost", at.dotted());
        let mut finding = Finding::new(CHECK.name, CHECK.severity, file.place(member.key_span), message)
            .key(format!("{at} {}", member.key_span.start))
            .help("put the two together by hand: only a person knows which is meant");
        if let Some(span) = last {
            finding = finding.related(file.place(span), "this one counts");
        }
        findings.push(finding);
    }
}

fn parent_member(document: &Document, at: &Pointer) -> Option<crate::text::Span> {
    let parent = document.at(&at.parent()?)?;
    parent.member(at.last()?).map(|member| member.key_span)
}
