//! `bylaws hook`: what the client runs before and after calls, and what goes with it.

mod compile;
mod guard;
mod input;
mod log;
mod send;
mod test;
mod trail;

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::error::CommandError;
use super::exit;
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

/// What runs at each call of a tool, read without the arguments of all other commands: to build those takes longer than
/// what the hook has to do. None where the words are anything else or do not fit, such as `--help` and wrong
/// arguments; the whole program answers those.
pub(super) fn read_alone(words: &[OsString]) -> Option<Command> {
    let [_, hook, name, rest @ ..] = words else { return None };
    match name.to_str() {
        _ if hook != "hook" => None,
        Some("guard") => alone(rest).map(Command::Guard),
        Some("log") => alone(rest).map(Command::Log),
        _ => None,
    }
}

fn alone<A: Args>(words: &[OsString]) -> Option<A> {
    let command = A::augment_args(clap::Command::new("hook").no_binary_name(true).disable_help_flag(true));
    A::from_arg_matches(&command.try_get_matches_from(words).ok()?).ok()
}

/// With what the program ends when these words do not fit. A hook that refuses ends with 2, and the log never refuses:
/// not even where it was installed with arguments that this version does not know.
pub(super) fn misfit_code(words: &[OsString]) -> u8 {
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found == word);
    if is(1, "hook") && is(2, "log") { exit::FAILED } else { exit::USAGE }
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
