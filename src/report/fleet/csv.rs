//! A fleet as a table: a line for each repository, for spreadsheets and databases.

use std::io::{self, Write};

use super::super::style::tame;
use crate::fleet::Fleet;

const HEAD: [&str; 15] = [
    "name", "state", "until", "block", "warn", "note", "fixable", "check", "reason", "commit", "source",
    "call", "now", "policy", "partial",
];

/// Writes a fleet as CSV with a head line. `check` and `reason` are of the first finding that decides the state, as are
/// the call that shows it, what becomes of that now, and what policy says of it; `partial` is `true` where the root
/// alone was seen.
pub fn write_fleet_csv(out: &mut dyn Write, fleet: &Fleet) -> io::Result<()> {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(HEAD)?;
    for outcome in &fleet.outcomes {
        let verdict = &outcome.verdict;
        let counts = verdict.counts;
        let first = verdict.reasons.first();
        let witness = first.and_then(|reason| reason.witness.as_ref());
        let cells = [
            outcome.name.clone(),
            verdict.state.key(),
            verdict.until.map(|day| day.to_string()).unwrap_or_default(),
            counts.block.to_string(),
            counts.warn.to_string(),
            counts.note.to_string(),
            counts.fixable.to_string(),
            first.and_then(|reason| reason.check.clone()).unwrap_or_default(),
            first.map(|reason| reason.message.clone()).unwrap_or_default(),
            outcome.commit.clone().unwrap_or_default(),
            outcome.location.clone(),
            witness.map(|witness| witness.call.clone()).unwrap_or_default(),
            witness.map(|witness| witness.now.name().to_owned()).unwrap_or_default(),
            witness.map(|witness| witness.policy.name().to_owned()).unwrap_or_default(),
            verdict.is_partial.to_string(),
        ];
        table.write_record(cells.iter().map(|cell| harmless(cell)))?;
    }
    table.flush()
}

/// A cell that no spreadsheet takes for a formula, and no terminal for an order.
pub(in crate::report) fn harmless(cell: &str) -> String {
    let cell = tame(cell);
    if cell.starts_with(['=', '+', '-', '@', '\t']) { format!("'{cell}") } else { cell.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("acme/web"), "acme/web");
        assert_eq!(harmless("a\u{1b}[2J"), "a\\u{1b}[2J");
    }
}
