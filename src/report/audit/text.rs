//! An audit for a person at a terminal: the counts, then kind by kind what is the matter, and the rest in short.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::style::{BOLD, DIM, painted, severity_style, tame};
use super::super::text::hanging;
use super::{
    AuditedAgainst, client_in_words, force_in_words, place_in_words, policy_in_words, records_in_words,
    telemetry_in_words, whence_in_words,
};
use crate::audit::{Audit, Item, Kind, Says};

/// Most rows of a kind that something is the matter with.
const MOST: usize = 20;

/// Most rows of a kind that nothing is the matter with.
const MOST_QUIET: usize = 8;

/// Width of a verdict.
const COLUMN: usize = 13;

/// Writes an audit with lines of at most `width` characters, words that are longer apart. Gives the number of rows that
/// were not told.
pub fn write_audit_text(
    out: &mut dyn Write,
    width: usize,
    audit: &Audit,
    policy: AuditedAgainst<'_>,
) -> io::Result<usize> {
    let mut about = |name: &str, text: &str| {
        let lead = format!("{} ", painted(DIM, format!("{name:<8}")));
        hanging(out, width, 9, &lead, text)
    };
    match policy {
        Some((source, Some(revision))) => {
            about("policy", &format!("{source} at {revision}, on {}", audit.day))?
        }
        Some((source, None)) => about("policy", &format!("{source}, on {}", audit.day))?,
        None => about("policy", "none was named, so nothing is approved of or forbidden")?,
    }
    about("client", &client_in_words(&audit.client))?;
    about("records", &records_in_words(&audit.transcripts))?;
    if let Some(text) = policy_in_words(&audit.transcripts.verdict) {
        about("", &format!("{}: {text}", audit.transcripts.verdict.says.words()))?;
    }
    about("telemetry", telemetry_in_words(audit))?;
    writeln!(out)?;
    let digits = audit.items.len().to_string().len();
    for says in Says::WORST_FIRST {
        let count = audit.count(says);
        writeln!(out, "{count:>digits$}  {}", painted(style(says), says.words()))?;
    }
    write_files(out, width, audit)?;
    let mut untold = 0;
    for kind in Kind::ALL {
        let rows: Vec<&Item> = audit.items.iter().filter(|item| item.kind == kind).collect();
        if !rows.is_empty() {
            writeln!(out, "\n{}", painted(BOLD.underline(), kind.heading()))?;
            untold += write_rows(out, width, kind, &rows)?;
        }
    }
    if !audit.notes.is_empty() {
        writeln!(out)?;
    }
    for note in &audit.notes {
        hanging(out, width, 2, "- ", note)?;
    }
    Ok(untold)
}

fn write_files(out: &mut dyn Write, width: usize, audit: &Audit) -> io::Result<()> {
    let rows: Vec<_> = audit.looked.iter().filter_map(|looked| Some((looked, looked.weight()?))).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", painted(BOLD.underline(), "Files that are not taken as they stand"))?;
    for (looked, severity) in rows {
        let state = format!("{:COLUMN$}", looked.taken.name());
        let lead = format!("  {} ", painted(severity_style(severity), state));
        hanging(out, width, COLUMN + 3, &lead, &place_in_words(&looked.place))?;
        if let Some(why) = &looked.why {
            let lead = format!("{:1$}", "", COLUMN + 3);
            hanging(out, width, COLUMN + 3, &lead, why)?;
        }
    }
    Ok(())
}

fn write_rows(out: &mut dyn Write, width: usize, kind: Kind, rows: &[&Item]) -> io::Result<usize> {
    let (loud, quiet): (Vec<&Item>, Vec<&Item>) = rows.iter().partition(|item| item.weight().is_some());
    // There are hundreds of these on any machine.
    let most_quiet = if matches!(kind, Kind::Rule | Kind::Variable) { 0 } else { MOST_QUIET };
    for item in loud.iter().take(MOST).chain(quiet.iter().take(most_quiet)) {
        write_row(out, width, item)?;
    }
    let untold = loud.len().saturating_sub(MOST);
    let untold_quiet = quiet.len().saturating_sub(most_quiet);
    if untold > 0 {
        writeln!(out, "  {}", painted(DIM, format!("and {untold} more that something is the matter with")))?;
    }
    if untold_quiet > 0 {
        let says =
            |says: Says| quiet.iter().skip(most_quiet).filter(|item| item.verdict.says == says).count();
        let told: Vec<String> = [Says::NotSpokenOf, Says::Allowed]
            .into_iter()
            .map(|word| (says(word), word))
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {}", word.words()))
            .collect();
        let more = if loud.is_empty() && most_quiet == 0 { "" } else { "and " };
        writeln!(out, "  {}", painted(DIM, format!("{more}{}", told.join(", "))))?;
    }
    Ok(untold + untold_quiet)
}

fn write_row(out: &mut dyn Write, width: usize, item: &Item) -> io::Result<()> {
    let indent = COLUMN + 3;
    let verdict = painted(style(item.verdict.says), format!("{:COLUMN$}", item.verdict.says.words()));
    let name = painted(BOLD, tame(&item.name));
    let what = painted(DIM, tame(&item.what));
    match item.kind {
        Kind::Rule => writeln!(out, "  {verdict} {what} {name}")?,
        Kind::Mode | Kind::Telemetry | Kind::Variable => writeln!(out, "  {verdict} {name}  {what}")?,
        _ => {
            writeln!(out, "  {verdict} {name}")?;
            hanging(out, width, indent, &format!("{:indent$}", ""), &item.what)?;
        }
    }
    let (whose, place) = whence_in_words(item);
    let mut dim = |text: &str| {
        let lead = format!("{:indent$}{}", "", DIM.render());
        hanging(out, width, indent, &lead, text)?;
        write!(out, "{}", DIM.render_reset())
    };
    dim(&place.map_or_else(|| whose.clone(), |place| format!("{whose}, {place}")))?;
    let policy = policy_in_words(&item.verdict).map(|text| format!("policy: {text}"));
    for text in [force_in_words(&item.force), policy].into_iter().flatten() {
        dim(&text)?;
    }
    Ok(())
}

fn style(says: Says) -> Style {
    match says {
        Says::Denied => AnsiColor::Red.on_default().bold(),
        Says::NotApproved | Says::Unknown => AnsiColor::Yellow.on_default().bold(),
        Says::NotSpokenOf => AnsiColor::Blue.on_default(),
        Says::Allowed => AnsiColor::Green.on_default(),
    }
}
