//! A fleet for a person at a terminal: how many repositories are in which state, then those that need attention,
//! told once for all that need it for the same reason.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::style::{BOLD, DIM, painted, tame};
use super::super::text::hanging;
use super::{counts, names, reasons};
use crate::fleet::{Fleet, Group, State};

/// Most reasons that are told of a state.
const MOST_GROUPS: usize = 20;

/// Most names that are told of a reason.
const MOST_NAMES: usize = 4;

/// Writes a fleet with lines of at most `width` characters, words that are longer apart. Gives the number of
/// repositories that need attention and are not named.
pub fn write_fleet_text(out: &mut dyn Write, width: usize, fleet: &Fleet) -> io::Result<usize> {
    let digits = fleet.outcomes.len().to_string().len();
    for (state, count) in counts(fleet) {
        writeln!(out, "{count:>digits$}  {}", painted(style(state), state))?;
    }
    let groups = fleet.groups();
    let mut untold = 0;
    let mut last = None;
    let mut told = 0;
    for group in &groups {
        if last != Some(group.state) {
            writeln!(out, "\n{}", painted(BOLD.underline(), group.state))?;
            last = Some(group.state);
            told = 0;
        }
        told += 1;
        if told > MOST_GROUPS {
            untold += group.members.len();
            continue;
        }
        untold += write_group(out, width, digits, group)?;
    }
    Ok(untold)
}

fn write_group(out: &mut dyn Write, width: usize, digits: usize, group: &Group<'_>) -> io::Result<usize> {
    let indent = digits + 4;
    let lead = format!("  {:>digits$}  ", group.members.len());
    hanging(out, width, indent, &lead, &reasons(group))?;
    let (names, more) = names(group, MOST_NAMES);
    let mut text = tame(&names.join(", ")).into_owned();
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    writeln!(out, "{:indent$}{}", "", painted(DIM, text))?;
    Ok(more)
}

fn style(state: State) -> Style {
    match state {
        State::Unreachable | State::Unreadable | State::Edited | State::Weaker => {
            AnsiColor::Red.on_default().bold()
        }
        State::NoPolicy | State::Behind | State::Faulty => AnsiColor::Yellow.on_default().bold(),
        State::Waived | State::Archived => AnsiColor::Blue.on_default(),
        State::Stricter | State::InLine => AnsiColor::Green.on_default(),
    }
}
