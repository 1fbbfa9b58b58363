//! `bylaws fleet check`.

use clap::Args;

use super::{FleetArguments, Format, HistoryArguments, Opened, ReachArguments};
use crate::cli::arguments::{FailArguments, cache_folder, weights};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::{Progress, Ui};
use crate::fleet::{Fleet, FleetWaiver, Memory, Run, Seen, SilentHost};
use crate::policy::Day;
use crate::repository::{Checker, InForce};

/// Hold every repository of a fleet against the policy
///
/// Each repository gets one state: in line, stricter, waived, behind, edited, weaker, faulty, no policy, unreadable,
/// unreachable or archived. What cannot be read or reached is told of and never counts as in line. Changes nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,

    #[command(flatten)]
    reach: ReachArguments,

    #[command(flatten)]
    fail: FailArguments,

    /// Look at every repository, also at those that did not change since an earlier run
    #[arg(long)]
    no_cache: bool,

    #[command(flatten)]
    history: HistoryArguments,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    if arguments.reach.shard.is_some() && arguments.history.history.is_some() {
        let message = "a part of a fleet is not added to a history: it would look as if the rest were gone";
        return Err(CommandError::usage(message).hint("`bylaws fleet merge --history` adds all parts"));
    }
    let question =
        arguments.fleet.question(weights(&arguments.fail.severities)?, arguments.reach.network.offline)?;
    let checker = Checker::new(&question);
    let opened = arguments.fleet.open(ui, &checker, arguments.reach.shard)?;
    let memory = arguments.memory(ui, &opened.policy, question.today);
    let shown = opened.shown(ui, memory.as_ref())?;
    let Opened { policy, inventory, .. } = opened;
    let progress = Progress::new(ui, inventory.members().len());
    let run = Run {
        checker: &checker,
        policy: &policy,
        jobs: arguments.fleet.jobs(),
        access: &question.access,
        memory: memory.as_ref(),
        shown: shown.as_ref(),
    };
    let seen = run.check(inventory.members(), || progress.step(), super::diff);
    progress.clear();
    let Seen { outcomes, changes } = seen?;
    if let Some(Err(error)) = memory.map(|memory| memory.save(&changes)) {
        ui.note(&error.to_string());
    }
    // A forge that is asked over its API and gives no answer has ended the command before.
    let is_asked = !arguments.reach.network.offline && shown.is_none();
    if let Some(silent) = is_asked.then(|| SilentHost::of(inventory.members(), &outcomes)).flatten() {
        let SilentHost { host, repositories, why } = silent;
        let message = format!("none of the {repositories} repositories on `{host}` can be reached: {why}");
        return Err(
            CommandError::failed(message).hint("nothing is known of any of them, and nothing is reported")
        );
    }
    let revision = policy.revision().map(str::to_owned);
    let part = arguments.reach.shard;
    let waivers = FleetWaiver::all(policy.policy());
    let day = question.today;
    let fleet = Fleet { policy: policy.name, revision, day, part, outcomes, changes, waivers };
    arguments.history.add(&fleet)?;
    super::write(ui, arguments.format, &fleet)?;
    Ok(if super::fails(&fleet, arguments.fail.fail_on) { exit::FOUND } else { exit::CLEAN })
}

impl Arguments {
    /// What is remembered of earlier runs. That there is nothing is no reason to stop.
    fn memory(&self, ui: &mut Ui, policy: &InForce, today: Day) -> Option<Memory> {
        if self.no_cache {
            return None;
        }
        let folder = cache_folder();
        let made = std::fs::create_dir_all(&folder).map_err(|error| error.to_string());
        let file = folder.join("fleet.sqlite");
        let opened =
            made.and_then(|()| Memory::open(&file, policy, today).map_err(|error| error.to_string()));
        opened.inspect_err(|error| ui.note(error)).ok()
    }
}
