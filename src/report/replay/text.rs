//! A replay for people: the answer first, then what is blocked, asked and silent now, each with the line that decides,
//! then what is not decided, and last what this does not say.

use std::io::{self, Write};

use super::{Counted, ReplayReport, ReplayedChange, counted_in_words, grouped, shares_in_words};
use crate::report::decision::decision_style;
use crate::report::style::{BOLD, DIM, painted, tame};
use crate::report::text::hanging;

/// Most changes of one kind that are told.
const MOST_CHANGES: usize = 12;

/// Most tools or repositories that are named of a change.
const MOST_NAMES: usize = 5;

/// Most tools, repositories or people whose counts are told.
const MOST_ROWS: usize = 10;

/// What is not said, in short.
const NOT_SAID: &str = "what was never called, and may still be needed; what an agent does where it is refused; hooks, \
                        links, and which MCP servers run; `bylaws replay --help` says more";

/// Writes a replay with lines of at most `width` characters, words that are longer apart.
pub fn write_replay(out: &mut dyn Write, width: usize, report: &ReplayReport) -> io::Result<()> {
    writeln!(out, "{}", painted(BOLD, report.in_words()))?;
    labelled(out, width, 2, "calls", &report.source_in_words())?;
    labelled(out, width, 2, "old", &report.old)?;
    labelled(out, width, 2, "new", &report.new)?;
    for note in report.notes.iter().cloned().chain(report.gaps_in_words()) {
        labelled(out, width, 2, "note", &note)?;
    }
    let kinds = [
        ("newly-blocked", "newly blocked"),
        ("newly-asked", "newly asked"),
        ("newly-silent", "newly silent"),
    ];
    for (kind, title) in kinds {
        let changes: Vec<&ReplayedChange> =
            report.changes.iter().filter(|change| change.kind == kind).collect();
        if changes.is_empty() {
            continue;
        }
        let calls = changes.iter().map(|change| change.calls).sum();
        writeln!(out, "\n{}: {}", painted(BOLD, title), counted_in_words(calls, "call"))?;
        for change in changes.iter().take(MOST_CHANGES) {
            write_change(out, width, change)?;
        }
        let untold = changes.len().saturating_sub(MOST_CHANGES);
        if untold > 0 {
            let untold = format!("and for {untold} more reasons: `--format json` tells each");
            writeln!(out, "  {}", painted(DIM, untold))?;
        }
    }
    for (title, rows) in [
        ("by tool", &report.by_tool),
        ("by repository", &report.by_repository),
        ("by person", &report.by_person),
    ] {
        write_counts(out, title, rows)?;
    }
    if !report.undecided_by.is_empty() {
        let calls = counted_in_words(report.undecided, "call");
        writeln!(out, "\n{}: {calls}", painted(BOLD, "not decided"))?;
        for undecided in &report.undecided_by {
            let lead = format!("  {:>7} ", grouped(undecided.calls));
            hanging(out, width, 10, &lead, &undecided.why)?;
        }
    }
    let unchanged = &report.unchanged;
    let parts = [(unchanged.allow, "allowed"), (unchanged.ask, "asked for"), (unchanged.deny, "denied")];
    let parts = parts.into_iter().filter(|(calls, _)| *calls > 0);
    let parts: Vec<String> = parts.map(|(calls, what)| format!("{} {what}", grouped(calls))).collect();
    if !parts.is_empty() {
        writeln!(out, "\n{}: {}", painted(BOLD, "unchanged"), parts.join(", "))?;
    }
    writeln!(out)?;
    labelled(out, width, 0, "not said", NOT_SAID)
}

/// What calls come to by something that they have in common; nothing where all have it.
fn write_counts(out: &mut dyn Write, title: &str, rows: &[Counted]) -> io::Result<()> {
    if rows.len() < 2 {
        return Ok(());
    }
    writeln!(out, "\n{}", painted(BOLD, title))?;
    for row in rows.iter().take(MOST_ROWS) {
        writeln!(out, "  {}: {}", tame(&row.name), row.in_words())?;
    }
    match rows.len().saturating_sub(MOST_ROWS) {
        0 => Ok(()),
        more => writeln!(out, "  {}", painted(DIM, format!("and {more} more: `--format json` tells each"))),
    }
}

fn write_change(out: &mut dyn Write, width: usize, change: &ReplayedChange) -> io::Result<()> {
    let verdict = |name: &str| painted(decision_style(name), name.to_owned()).to_string();
    let calls = painted(BOLD, change.calls_in_words());
    writeln!(out, "  {} → {}  {calls}", verdict(&change.from), verdict(&change.to))?;
    labelled(out, width, 6, "new", &change.new_reason)?;
    labelled(out, width, 6, "old", &change.old_reason)?;
    let tools = shares_in_words(&change.tools, MOST_NAMES);
    labelled(out, width, 6, "tools", &tools)?;
    labelled(out, width, 6, "where", &shares_in_words(&change.repositories, MOST_NAMES))?;
    for example in &change.examples {
        labelled(out, width, 6, "such as", example)?;
    }
    Ok(())
}

fn labelled(out: &mut dyn Write, width: usize, indent: usize, label: &str, text: &str) -> io::Result<()> {
    let lead = format!("{:indent$}{} ", "", painted(DIM, format!("{label}:")));
    hanging(out, width, indent + label.len() + 2, &lead, text)
}
