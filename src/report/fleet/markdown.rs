//! A fleet as a summary in Markdown, for an issue, a comment or the page of a CI job.

use std::io::{self, Write};

use super::super::markdown::{Page, code, escaped, shortened};
use super::{counts, names, reasons};
use crate::fleet::{Fleet, Group};

/// Most names that are told of a reason.
const MOST_NAMES: usize = 10;

/// Writes a summary that fits into a comment.
pub fn write_fleet_markdown(out: &mut dyn Write, fleet: &Fleet) -> io::Result<()> {
    let mut page = Page::default();
    let total = fleet.outcomes.len();
    let title = match fleet.attention() {
        0 => format!("all {total} repositories stand as policy asks"),
        some => format!("{some} of {total} repositories need attention"),
    };
    page.add(&format!("### Agent policy: {title}\n"));
    let revision =
        fleet.revision.as_ref().map(|revision| format!(" at {}", code(revision))).unwrap_or_default();
    page.add(&format!("\nHeld against {}{revision} on {}.\n\n", code(&shortened(&fleet.policy)), fleet.day));
    page.add("| state | repositories |\n| --- | --- |\n");
    for (state, count) in counts(fleet) {
        page.add(&format!("| {state} | {count} |\n"));
    }
    let partial = fleet.partial();
    if partial > 0 {
        page.add(&format!(
            "\nOf {partial} of them the forge showed the root alone: projects in folders below it were not seen.\n"
        ));
    }
    let groups = fleet.groups();
    if !groups.is_empty() {
        page.end("\n| state | repositories | why | which |\n| --- | --- | --- | --- |\n");
        page.add_all(groups.iter().map(row));
    }
    out.write_all(page.text.as_bytes())
}

fn row(group: &Group<'_>) -> String {
    let (names, more) = names(group, MOST_NAMES);
    let names: Vec<String> = names.iter().map(|name| code(&shortened(name))).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let why = escaped(&shortened(&reasons(group)));
    format!("| {} | {} | {why} | {}{more} |\n", group.state, group.members.len(), names.join(", "))
}
