//! A replay in Markdown, for a comment on the change of a policy.

use std::io::{self, Write};

use super::{Counted, ReplayReport, ReplayedChange, grouped, shares_in_words};
use crate::report::markdown::{Page, code, escaped, shortened};

/// Most tools or repositories that are named.
const MOST_NAMES: usize = 3;

/// Most tools or repositories whose counts are told.
const MOST_ROWS: usize = 10;

/// Writes a replay.
pub fn write_replay_markdown(out: &mut dyn Write, report: &ReplayReport) -> io::Result<()> {
    let mut page = Page::default();
    page.add(&format!("### Recorded calls: {}\n", report.in_words()));
    page.add(&format!(
        "\n{} → {}, {}.\n",
        code(&shortened(&report.old)),
        code(&shortened(&report.new)),
        escaped(&shortened(&report.source_in_words()))
    ));
    let notes: Vec<String> = report.notes.iter().cloned().chain(report.gaps_in_words()).collect();
    page.add_all(notes.iter().map(|note| format!("\n- {}\n", escaped(&shortened(note)))));
    let kinds = [
        ("newly-blocked", "Newly blocked"),
        ("newly-asked", "Newly asked"),
        ("newly-silent", "Newly silent"),
    ];
    for (kind, title) in kinds {
        let changes: Vec<&ReplayedChange> =
            report.changes.iter().filter(|change| change.kind == kind).collect();
        if changes.is_empty() {
            continue;
        }
        let calls: u64 = changes.iter().map(|change| change.calls).sum();
        page.end(&format!(
            "\n<details open><summary>{title}: {}</summary>\n\n\
             | calls | before | after | why | where | such as |\n| --- | --- | --- | --- | --- | --- |\n",
            grouped(calls)
        ));
        page.add_all(changes.iter().map(|change| row(change)));
        page.end("\n</details>\n");
    }
    for (what, rows) in [("tool", &report.by_tool), ("repository", &report.by_repository)] {
        if rows.len() < 2 {
            continue;
        }
        page.end(&format!(
            "\n| {what} | newly blocked | newly asked | newly silent |\n| --- | --- | --- | --- |\n"
        ));
        page.add_all(rows.iter().take(MOST_ROWS).map(count));
        let more = rows.len().saturating_sub(MOST_ROWS);
        if more > 0 {
            page.add(&format!("\nand {more} more\n"));
        }
    }
    if !report.undecided_by.is_empty() {
        page.end("\n**Not decided**\n\n");
        page.add_all(
            report
                .undecided_by
                .iter()
                .map(|undecided| format!("- {}: {}\n", grouped(undecided.calls), escaped(&undecided.why))),
        );
    }
    page.end(&format!("\n<sub>Not said: {}.</sub>\n", escaped(&report.limits.join("; "))));
    out.write_all(page.text.as_bytes())
}

fn count(counted: &Counted) -> String {
    format!(
        "| {} | {} | {} | {} |\n",
        escaped(&shortened(&counted.name)),
        grouped(counted.newly_blocked),
        grouped(counted.newly_asked),
        grouped(counted.newly_silent)
    )
}

fn row(change: &ReplayedChange) -> String {
    let mut why = escaped(&shortened(&change.new_reason));
    if change.new_rule.is_none() {
        why.push_str(&format!("<br>before: {}", escaped(&shortened(&change.old_reason))));
    }
    let place = escaped(&shortened(&shares_in_words(&change.repositories, MOST_NAMES)));
    let examples: Vec<String> = change.examples.iter().map(|example| code(&shortened(example))).collect();
    format!(
        "| {} | {} | {} | {why} | {place} | {} |\n",
        grouped(change.calls),
        change.from,
        change.to,
        examples.join("<br>")
    )
}
