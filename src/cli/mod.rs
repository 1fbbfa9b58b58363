//! The program: arguments in, text and an exit code out. The only module that prints, reads the
//! environment and knows what day it is.

mod apply;
mod arguments;
mod audit;
mod check;
mod checks;
mod compare;
mod completions;
mod decide;
mod diff;
mod error;
mod evidence;
pub mod exit;
mod explain;
mod export;
mod fleet;
mod hook;
mod init;
mod man;
mod policy;
mod policy_helper;
mod records;
mod replay;
mod schema;
mod suggest;
mod ui;

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use error::CommandError;
pub use policy_helper::HelperFile;
pub use schema::{NamedSchema, SCHEMAS};
use ui::Ui;

/// One policy for what coding agents may do, merged into every repository's Claude Code settings.
///
/// A policy repository says what holds. `bylaws check` holds a repository against it, `bylaws diff` shows
/// what is missing, `bylaws apply` writes it and pins the policy in `.claude/bylaws.lock`.
///
/// Try it in any repository, without changing a byte:
///
///   bylaws check --policy builtin:baseline
#[derive(Debug, Parser)]
#[command(name = "bylaws", version, max_term_width = 100, after_help = exit::HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    color: ui::Color,

    #[command(flatten)]
    trust: arguments::TrustArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    Apply(apply::Arguments),
    Init(init::Arguments),
    Explain(explain::Arguments),
    Decide(decide::Arguments),
    Audit(audit::Arguments),
    Compare(compare::Arguments),
    Export(export::Arguments),
    Evidence(evidence::Arguments),
    Replay(replay::Arguments),
    Suggest(suggest::Arguments),
    #[command(subcommand)]
    Policy(policy::Command),
    PolicyHelper(policy_helper::Arguments),
    #[command(subcommand)]
    Fleet(fleet::Command),
    #[command(subcommand)]
    Hook(hook::Command),
    Checks(checks::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs the program on the arguments of the process.
pub fn run() -> ExitCode {
    let mut words: Vec<OsString> = env::args_os().collect();
    if words.first().is_some_and(|program| policy_helper::is_own_name(Path::new(program))) {
        words.insert(1, "policy-helper".into());
    }
    if let Some(command) = hook::read_alone(&words) {
        let mut ui = Ui::new(ui::Color::Auto);
        let done = hook::run(&mut ui, command);
        return end(&mut ui, done);
    }
    let misfit_code = hook::misfit_code(&words);
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => return Ui::new(ui::Color::Auto).usage(&error, misfit_code),
    };
    let mut ui = Ui::new(cli.color);
    cli.trust.hold();
    let done = run_command(&mut ui, cli.command);
    end(&mut ui, done)
}

fn run_command(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::Check(arguments) => check::run(ui, arguments),
        Command::Diff(arguments) => diff::run(ui, arguments),
        Command::Apply(arguments) => apply::run(ui, arguments),
        Command::Init(arguments) => init::run(ui, arguments),
        Command::Explain(arguments) => explain::run(ui, &arguments),
        Command::Decide(arguments) => decide::run(ui, &arguments),
        Command::Audit(arguments) => audit::run(ui, &arguments),
        Command::Compare(arguments) => compare::run(ui, &arguments),
        Command::Export(arguments) => export::run(ui, &arguments),
        Command::Evidence(arguments) => evidence::run(ui, &arguments),
        Command::Replay(arguments) => replay::run(ui, &arguments),
        Command::Suggest(arguments) => suggest::run(ui, &arguments),
        Command::Policy(command) => policy::run(ui, command),
        Command::PolicyHelper(arguments) => policy_helper::run(ui, &arguments),
        Command::Fleet(command) => fleet::run(ui, command),
        Command::Hook(command) => hook::run(ui, command),
        Command::Checks(arguments) => checks::run(ui, &arguments),
        Command::Schema(arguments) => schema::run(ui, &arguments),
        Command::Completions(arguments) => completions::run(ui, &arguments),
        Command::Man(arguments) => man::run(ui, &arguments),
    }
}

fn end(ui: &mut Ui, done: Result<u8, CommandError>) -> ExitCode {
    match done.and_then(|code| ui.finish().map(|()| code)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => ui.fail(&error),
    }
}

/// The help of every command, for the reference in the documentation.
pub fn reference() -> String {
    let mut text = String::new();
    describe(&Cli::command(), "bylaws", &mut text);
    text
}

fn describe(command: &clap::Command, name: &str, text: &mut String) {
    let help = command.clone().bin_name(name).render_long_help();
    text.push_str(&format!("## `{name}`\n\n```text\n{}\n```\n\n", help.to_string().trim_end()));
    for sub in command.get_subcommands() {
        describe(sub, &format!("{name} {}", sub.get_name()), text);
    }
}
