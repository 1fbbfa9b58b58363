//! What would change in a fleet.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::json::{Tool, tool};
use super::super::style::{BOLD, DIM, GONE, HUNK, NEW, painted, tame};
use crate::fleet::{FleetPlan, State};

/// Most names that are told of a change.
const MOST_NAMES: usize = 6;

/// Most lines that are shown of a diff.
const MOST_LINES: usize = 40;

/// Most repositories that could not be looked at that are named.
const MOST_UNREAD: usize = 10;

/// Writes each change once, with the repositories that it is for.
pub fn write_fleet_plan(out: &mut dyn Write, plan: &FleetPlan) -> io::Result<()> {
    for change in &plan.changes {
        let count = change.repositories.len();
        let noun = if count == 1 { "repository" } else { "repositories" };
        let names: Vec<&str> = change.repositories.iter().take(MOST_NAMES).map(String::as_str).collect();
        let more =
            if count > MOST_NAMES { format!(" and {} more", count - MOST_NAMES) } else { String::new() };
        writeln!(out, "{}  {}{more}", painted(BOLD, format!("{count} {noun}")), tame(&names.join(", ")))?;
        for line in change.diff.lines().take(MOST_LINES) {
            match line.chars().next() {
                Some('+') => writeln!(out, "  {}", painted(NEW, tame(line)))?,
                Some('-') => writeln!(out, "  {}", painted(GONE, tame(line)))?,
                Some('@') => writeln!(out, "  {}", painted(HUNK, tame(line)))?,
                _ => writeln!(out, "  {}", tame(line))?,
            }
        }
        let left = change.diff.lines().count().saturating_sub(MOST_LINES);
        if left > 0 {
            let text = format!("and {left} more lines: `--format json` has each");
            writeln!(out, "  {}", painted(DIM, text))?;
        }
        writeln!(out)?;
    }
    for (name, state, why) in plan.unread.iter().take(MOST_UNREAD) {
        writeln!(out, "{}  {}", tame(name), painted(DIM, format!("{state} {}", tame(why)).trim_end()))?;
    }
    if plan.unread.len() > MOST_UNREAD {
        writeln!(out, "{}", painted(DIM, format!("and {} more", plan.unread.len() - MOST_UNREAD)))?;
    }
    Ok(())
}

/// A report of `bylaws fleet plan`, version 1. Its form is frozen: fields are added, never changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FleetPlanReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// What would change, the change for most repositories first.
    changes: Vec<Change>,
    /// How many repositories nothing would change in.
    unchanged: usize,
    /// Repositories that could not be looked at, and those that are archived.
    unread: Vec<Unread>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    /// The repositories in which it is the same.
    repositories: Vec<String>,
    /// The diff, as it is in the first of them: line numbers may differ in others.
    diff: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Unread {
    /// The repository.
    name: String,
    /// `unreachable`, `unreadable` or `archived`.
    state: State,
    /// Why.
    message: String,
}

/// The report on what would change.
pub fn fleet_plan_report(plan: &FleetPlan) -> FleetPlanReport {
    let changes = plan.changes.iter();
    let changes = changes
        .map(|change| Change { repositories: change.repositories.clone(), diff: change.diff.clone() })
        .collect();
    let unread = plan.unread.iter().map(|(name, state, message)| Unread {
        name: name.clone(),
        state: *state,
        message: message.clone(),
    });
    FleetPlanReport { version: 1, tool: tool(), changes, unchanged: plan.unchanged, unread: unread.collect() }
}
