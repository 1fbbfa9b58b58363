//! `bylaws fleet plan`.

use std::collections::BTreeMap;

use clap::Args;

use super::{FleetArguments, Form, Opened, ReachArguments};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::{Progress, Ui};
use crate::fleet::{FleetPlan, Run};
use crate::report;
use crate::repository::Checker;

/// Show what would change in a fleet, each change once with all repositories that it is for
///
/// What `bylaws apply --upgrade` would write in each of them. Writes nothing.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetArguments,

    #[command(flatten)]
    reach: ReachArguments,

    /// Form of the report; of its JSON `bylaws schema fleet-plan` has the schema
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let question = arguments.fleet.question(BTreeMap::new(), arguments.reach.network.offline)?;
    let checker = Checker::new(&question);
    let opened = arguments.fleet.open(ui, &checker, arguments.reach.shard)?;
    let shown = opened.shown(ui, None)?;
    let Opened { policy, inventory, .. } = opened;
    let progress = Progress::new(ui, inventory.members().len());
    let jobs = arguments.fleet.jobs();
    let run = Run {
        checker: &checker,
        policy: &policy,
        jobs,
        access: &question.access,
        memory: None,
        shown: shown.as_ref(),
    };
    let plan = FleetPlan::of(&run, inventory.members(), || progress.step(), super::diff);
    progress.clear();
    let plan = plan?;
    match arguments.format {
        Form::Text => report::write_fleet_plan(&mut ui.out, &plan)?,
        Form::Json => ui.json(&report::fleet_plan_report(&plan))?,
    }
    let (changed, all) = (plan.changed(), inventory.members().len());
    let unread = plan.unread.len();
    let left = if unread > 0 { format!("; {unread} not looked at") } else { String::new() };
    ui.status(&format!("{changed} of {all} repositories would change, in {} ways{left}", plan.changes.len()));
    Ok(exit::CLEAN)
}
