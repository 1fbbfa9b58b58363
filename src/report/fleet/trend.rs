//! How a fleet moved from run to run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::json::{Tool, tool};
use super::super::style::{BOLD, DIM, painted, tame};
use crate::fleet::{Move, PastRun, State, Trend};
use crate::policy::Day;

/// Most repositories that are named.
const MOST: usize = 20;

/// Writes the runs as a table, then the repositories that came to need attention in the last one.
pub fn write_trend(out: &mut dyn Write, trend: &Trend) -> io::Result<()> {
    let there = |state: &State| trend.runs.iter().any(|run| run.states.contains_key(state));
    let states: Vec<State> = State::ALL.into_iter().filter(there).collect();
    let head: Vec<&str> = states.iter().map(|state| state.words()).collect();
    writeln!(out, "{}", painted(BOLD, format!("day         all     {}", head.join("  "))))?;
    for run in &trend.runs {
        write!(out, "{}  {:<6}", run.day, run.states.values().sum::<usize>())?;
        for state in &states {
            let width = state.words().len();
            write!(out, "  {:>width$}", run.states.get(state).copied().unwrap_or(0))?;
        }
        writeln!(out)?;
    }
    let fell: Vec<&Move> = trend.moves.iter().filter(|moved| needs_attention(moved.to)).collect();
    let mended = trend.moves.iter().filter(|moved| needs_attention(moved.from) && !needs_attention(moved.to));
    if trend.runs.len() > 1 {
        writeln!(
            out,
            "\nsince the run before: {} need attention newly or otherwise, {} no more",
            fell.len(),
            mended.count()
        )?;
    }
    for moved in fell.iter().take(MOST) {
        let from = moved.from.map_or("new", State::words);
        let to = moved.to.map_or("gone", State::words);
        writeln!(out, "  {}  {}", tame(&moved.name), painted(DIM, format!("{from} → {to}")))?;
    }
    if fell.len() > MOST {
        writeln!(
            out,
            "  {}",
            painted(DIM, format!("and {} more: `--format json` names each", fell.len() - MOST))
        )?;
    }
    Ok(())
}

fn needs_attention(state: Option<State>) -> bool {
    state.is_some_and(State::needs_attention)
}

/// A report of `bylaws fleet status`, version 1. Its form is frozen: fields are added, never changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TrendReport {
    /// Always 1.
    version: u32,
    /// The program that wrote the report.
    tool: Tool,
    /// The last runs, the oldest first.
    runs: Vec<Run>,
    /// The repositories that stand otherwise in the last run than in the one before, sorted by name.
    moves: Vec<Moved>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Run {
    /// The day for which it was decided.
    date: Day,
    /// The policy.
    policy: String,
    /// Its commit, or the version of the program for a built-in policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// How many repositories were in each state.
    states: BTreeMap<String, usize>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Moved {
    /// The repository.
    name: String,
    /// How it stood; none where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<State>,
    /// How it stands; none where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<State>,
}

/// The report on how a fleet moved.
pub fn trend_report(trend: &Trend) -> TrendReport {
    let run = |run: &PastRun| Run {
        date: run.day,
        policy: run.policy.clone(),
        revision: run.revision.clone(),
        states: run.states.iter().map(|(state, count)| (state.key(), *count)).collect(),
    };
    let moved = |moved: &Move| Moved { name: moved.name.clone(), from: moved.from, to: moved.to };
    TrendReport {
        version: 1,
        tool: tool(),
        runs: trend.runs.iter().map(run).collect(),
        moves: trend.moves.iter().map(moved).collect(),
    }
}
