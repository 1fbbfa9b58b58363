//! `bylaws suggest`.

use std::io::Write;

use clap::Args;

use super::arguments::{ClientArguments, FactArguments, access, working_folder};
use super::error::CommandError;
use super::exit;
use super::records::RecordArguments;
use super::ui::Ui;
use crate::automaton::Budget;
use crate::report;
use crate::state::{Reading, State};
use crate::suggest::{Used, suggest};

/// Suggest narrower allow rules from recorded sessions
///
/// Tells which allow rules were never used, and which narrower ones cover what the others were used for: commands by
/// program and sub-command, files by folder, addresses by host, MCP servers by tool. Each step is proved to let nothing
/// more happen than today, and no rule is suggested for a program that runs whatever it is told to.
///
/// Writes nothing: what is suggested is for somebody to look at.
#[derive(Debug, Args)]
#[command(after_long_help = limits())]
pub(super) struct Arguments {
    #[command(flatten)]
    records: RecordArguments,

    /// The settings: the folder of a project, a settings file, or a policy (a folder, `builtin:NAME`, a git URL)
    #[arg(long = "for", value_name = "SETTINGS", default_value = ".")]
    settings: String,

    /// Let sessions count that began in other folders than that of the project
    #[arg(long)]
    everywhere: bool,

    /// Form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Exit with 1 when there is something to suggest
    #[arg(long)]
    exit_code: bool,

    /// How much work each proof may take, in steps; what is not proved within is not suggested
    #[arg(long, value_name = "STEPS", default_value_t = Budget::default().0)]
    budget: usize,

    /// Leave the network alone; use policies as they were last fetched
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    client: ClientArguments,

    #[command(flatten)]
    facts: FactArguments,
}

/// What the answer does not speak of, for the help.
fn limits() -> String {
    let limits: Vec<String> = crate::suggest::LIMITS.iter().map(|limit| format!("  - {limit}")).collect();
    format!("Not said:\n{}", limits.join("\n"))
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// JSON, `bylaws schema suggestion`
    Json,
    /// A layer for a policy: what is left is recommended, and is the limit
    Layer,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let state = arguments.state().inspect_err(|error| {
        let _ = super::check::write_policy_faults(ui, &error.findings);
    })?;
    let version = arguments.client.version(ui).unwrap_or_default();
    let mut setup = state.setup();
    setup.version = version;
    let mut used = Used::new(&setup, arguments.only());
    let heard = arguments.records.hear(&mut used, Used::end_file)?;
    let suggestion = suggest(&setup, setup.files.len(), used.calls(), arguments.budget);
    let report = report::suggestion_report(&state, version, &suggestion, &used, heard, state.notes.clone());
    match arguments.format {
        Format::Text => {
            let width = ui.width();
            report::write_suggestion(&mut ui.out, width, &report)?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Layer => report::write_suggested_layer(&mut ui.out, &report)?,
    }
    if arguments.format != Format::Text {
        ui.status(&report.in_words());
    }
    Ok(if arguments.exit_code && report.has_suggestions() { exit::FOUND } else { exit::CLEAN })
}

impl Arguments {
    fn state(&self) -> Result<State, CommandError> {
        let base = working_folder();
        let facts = self.facts.facts()?;
        let access = access(self.offline)?;
        let reading =
            Reading { base: &base, scope: None, facts: &facts, day: self.facts.day(), access: &access };
        Ok(State::read(&self.settings, &reading)?)
    }

    /// The folder in which sessions are to have begun: that of the project, where one is named.
    fn only(&self) -> Option<String> {
        let folder = working_folder().join(&self.settings);
        let is_project = folder.is_dir() && !folder.join(crate::policy::MANIFEST).exists();
        let folder = (is_project && !self.everywhere).then(|| folder.canonicalize().ok()).flatten();
        folder.map(|folder| folder.to_string_lossy().replace('\\', "/"))
    }
}
