//! A comparison for the reviewer of a change: the answer first, then what is granted, with the shortest call
//! and the line that grants it, then what is taken away, and last what was not asked.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{
    ComparisonReport, DirectionReport, FlowReport, KeyReport, Outcome, by_reason, change_in_words,
    changes_of_rules, key_in_words, key_place,
};
use crate::report::decision::decision_style;
use crate::report::style::{BOLD, DIM, painted, tame};
use crate::report::text::hanging;

/// Longest value of a key that is told whole, in characters.
const LONGEST: usize = 160;

/// What is left out, in short.
const LEFT_OUT: &str =
    "hooks, links, which MCP servers run, and settings of the machine; `bylaws compare --help` says more";

/// Most entries of what is taken away that are told.
const MOST_STRICTER: usize = 10;

/// Writes a comparison with lines of at most `width` characters, words that are longer apart.
pub fn write_comparison(out: &mut dyn Write, width: usize, report: &ComparisonReport) -> io::Result<()> {
    let style = match report.outcome {
        Outcome::NoNewAccess => AnsiColor::Green.on_default().bold(),
        Outcome::NewAccess => AnsiColor::Red.on_default().bold(),
        Outcome::Undecided => AnsiColor::Magenta.on_default().bold(),
    };
    writeln!(out, "{}", painted(style, report.in_words()))?;
    for (side, state) in [("old", &report.old), ("new", &report.new)] {
        for note in &state.notes {
            hanging(out, width, 7, &format!("  {} ", painted(DIM, format!("{side}:"))), note)?;
        }
    }
    write_body(out, width, report)?;
    writeln!(out)?;
    Text { out, width }.labelled(0, "left out", DIM, LEFT_OUT)
}

/// Writes what is granted, not decided and taken away.
pub(super) fn write_body(out: &mut dyn Write, width: usize, report: &ComparisonReport) -> io::Result<()> {
    let mut text = Text { out, width };
    text.section("more access", &report.looser, report.keys_of(DirectionReport::Looser), usize::MAX)?;
    text.undecided(report)?;
    text.section("less access", &report.stricter, report.keys_of(DirectionReport::Stricter), MOST_STRICTER)?;
    let neutral: Vec<String> = report.keys_of(DirectionReport::Neutral).map(key_in_words).collect();
    if !neutral.is_empty() {
        writeln!(text.out)?;
        text.labelled(0, "without effect on access", BOLD, &neutral.join(", "))?;
    }
    Ok(())
}

struct Text<'a> {
    out: &'a mut dyn Write,
    width: usize,
}

impl Text<'_> {
    fn section<'r>(
        &mut self,
        title: &str,
        flows: &[FlowReport],
        keys: impl Iterator<Item = &'r KeyReport>,
        most: usize,
    ) -> io::Result<()> {
        let keys: Vec<&KeyReport> = keys.collect();
        if flows.is_empty() && keys.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{}", painted(BOLD, title))?;
        for flow in flows.iter().take(most) {
            self.flow(flow)?;
        }
        for key in keys.iter().take(most) {
            self.key(key)?;
        }
        let untold = flows.len().saturating_sub(most) + keys.len().saturating_sub(most);
        if untold > 0 {
            let untold = format!("and {untold} more: `--format json` tells each");
            writeln!(self.out, "  {}", painted(DIM, untold))?;
        }
        Ok(())
    }

    fn flow(&mut self, flow: &FlowReport) -> io::Result<()> {
        let verdict = |name: &str| painted(decision_style(name), name.to_owned()).to_string();
        let call = painted(BOLD, tame(&flow.short)).to_string();
        writeln!(self.out, "  {} → {}  {call}", verdict(&flow.from), verdict(&flow.to))?;
        self.labelled(6, "new", DIM, &flow.new_reason)?;
        self.labelled(6, "old", DIM, &flow.old_reason)?;
        changes_of_rules(flow).iter().try_for_each(|change| self.hang(6, change))
    }

    fn key(&mut self, key: &KeyReport) -> io::Result<()> {
        let change = change_in_words(key);
        let change = match change.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", change.get(..at).unwrap_or_default()),
            None => change,
        };
        let name = painted(BOLD, tame(&key_in_words(key))).to_string();
        writeln!(self.out, "  {name}: {}", tame(&change))?;
        if let Some(place) = key_place(key) {
            writeln!(self.out, "      {}", tame(&place))?;
        }
        self.hang(6, &key.why)
    }

    fn undecided(&mut self, report: &ComparisonReport) -> io::Result<()> {
        let open = by_reason(report.open_of(DirectionReport::Looser));
        let keys: Vec<&KeyReport> = report.keys_of(DirectionReport::Unordered).collect();
        if open.is_empty() && keys.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\n{}", painted(BOLD, "not decided, and may be more access"))?;
        for (why, about) in open {
            self.hang(2, why)?;
            about.iter().try_for_each(|about| self.hang(6, about))?;
        }
        keys.into_iter().try_for_each(|key| self.key(key))
    }

    fn hang(&mut self, indent: usize, text: &str) -> io::Result<()> {
        hanging(self.out, self.width, indent, &" ".repeat(indent), text)
    }

    fn labelled(&mut self, indent: usize, label: &str, style: Style, text: &str) -> io::Result<()> {
        let lead = format!("{:indent$}{} ", "", painted(style, format!("{label}:")));
        hanging(self.out, self.width, indent + label.len() + 2, &lead, text)
    }
}
