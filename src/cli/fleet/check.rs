//! `bylaws fleet check`.

use clap::Args;

use super::{FleetArguments, Format};
use crate::cli::arguments::{FailArguments, FailOn, weights};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::{Progress, Ui};
use crate::finding::Severity;
use crate::fleet::{self, Fleet};
use crate::repository::Checker;

/// Hold every repository of a fleet against the policy
///
/// Each repository gets one state: in line, stricter, waived, behind, edited, weaker, faulty, no policy, unreadable,
/// unreachable or archived. What cannot be read or reached is told of and never counts as in line. Changes nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,

    #[command(flatten)]
    fail: FailArguments,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let question = arguments.fleet.question(weights(&arguments.fail.severities)?);
    let checker = Checker::new(&question);
    let policy = checker.policy();
    checker.take_notes().iter().for_each(|note| ui.note(note));
    let Some(policy) = policy? else { return Err(CommandError::usage("no policy is named")) };
    let inventory = arguments.fleet.inventory(policy.policy())?;
    inventory.notes.iter().for_each(|note| ui.note(note));
    let progress = Progress::new(ui, inventory.members().len());
    let outcomes = fleet::check(&checker, inventory.members(), arguments.fleet.jobs(), || progress.step());
    progress.clear();
    let outcomes = outcomes.map_err(|error| CommandError::failed(format!("cannot start: {error}")))?;
    let revision = policy.revision().map(str::to_owned);
    let fleet = Fleet { policy: policy.name, revision, day: question.today, outcomes };
    super::write(ui, arguments.format, &fleet)?;
    Ok(if fails(&fleet, arguments.fail.fail_on) { exit::FOUND } else { exit::CLEAN })
}

/// Whether something weighs enough, or could not be looked at.
fn fails(fleet: &Fleet, fail_on: FailOn) -> bool {
    let weights = |counts: crate::finding::Counts| {
        [(counts.block, Severity::Block), (counts.warn, Severity::Warn), (counts.note, Severity::Note)]
    };
    fleet.outcomes.iter().any(|outcome| {
        let verdict = &outcome.verdict;
        let found =
            weights(verdict.counts).into_iter().any(|(count, weight)| count > 0 && fail_on.fails(weight));
        found || (verdict.state <= fleet::State::Unreadable && fail_on.fails(Severity::Block))
    })
}
