//! `bylaws hook`: what the client runs before and after calls, and what goes with it.

mod compile;
mod guard;
mod input;
mod log;
mod send;
mod test;
mod trail;

use clap::Subcommand;

use super::error::CommandError;
use super::ui::Ui;
use crate::policy::{Baseline, Policy};

/// Hold tool calls to a policy while they are made, and keep a trail of them
///
/// `guard` and `log` are run by Claude Code as hooks; `docs/hooks.md` says how they are installed.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Guard(guard::Arguments),
    Log(log::Arguments),
    Send(send::Arguments),
    Compile(compile::Arguments),
    Test(test::Arguments),
}

pub(super) fn run(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::Guard(arguments) => guard::run(ui, &arguments),
        Command::Log(arguments) => log::run(ui, &arguments),
        Command::Send(arguments) => send::run(ui, &arguments),
        Command::Compile(arguments) => compile::run(ui, &arguments),
        Command::Test(arguments) => test::run(ui, &arguments),
    }
}

/// A policy, and what it asks of the repository that the arguments describe.
fn resolved(
    ui: &mut Ui,
    arguments: &super::arguments::PolicyArguments,
) -> Result<(Policy, Baseline), CommandError> {
    let Some(source) = &arguments.policy else {
        return Err(CommandError::usage("no policy is named")
            .hint("`--policy builtin:guard` is the one that comes with the program"));
    };
    let policy = super::policy::named(ui, source, arguments.offline)?;
    let facts = policy.known_facts(&arguments.facts.facts()?);
    let (baseline, findings) = policy.resolve(&facts, arguments.facts.day());
    super::check::write_policy_faults(ui, &findings)?;
    Ok((policy, baseline))
}
