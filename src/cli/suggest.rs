//! `bylaws suggest`.

use std::io::Write;

use clap::Args;

use super::arguments::{ClientArguments, FactArguments, access, working_folder};
use super::error::CommandError;
use super::exit;
use super::records::{RecordArguments, client_folder, note_broken};
use super::ui::Ui;
use crate::automaton::Budget;
use crate::report;
use crate::settings::Scope;
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
    note_broken(ui, &heard);
    let suggestion = suggest(&setup, setup.files.len(), used.calls(), used.unread_tools(), arguments.budget);
    let notes = arguments.notes(&state, &used);
    let report = report::suggestion_report(&state, version, &suggestion, &used, heard, notes);
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
        let scope = self.is_users_own().then_some(Scope::User);
        let reading = Reading { base: &base, scope, facts: &facts, day: self.facts.day(), access: &access };
        Ok(State::read(&self.settings, &reading)?)
    }

    /// Whether the settings are those of this user, whose rules are meant from another folder than a project's.
    fn is_users_own(&self) -> bool {
        let real = |path: std::path::PathBuf| path.canonicalize().ok();
        let named = real(working_folder().join(&self.settings));
        named.is_some() && named == real(client_folder().join("settings.json"))
    }

    /// What is to know: whom the recorded calls speak for, and whom not.
    fn notes(&self, state: &State, used: &Used) -> Vec<String> {
        let mut notes = state.notes.clone();
        if self.only().is_some() {
            if used.heard == 0 && used.elsewhere > 0 {
                notes.push(
                    "no session began in this folder; `--everywhere` lets those of others count".to_owned(),
                );
            }
            return notes;
        }
        let silent = used.silent_of(state.listed());
        if let Some((first, rest)) = silent.split_first() {
            let all = state.listed().len();
            let (which, rest) = match rest.len() {
                0 => ((*first).to_owned(), "it"),
                more => (format!("{first} and {more} more"), "them"),
            };
            notes.push(format!(
                "of {} of the {all} repositories that the policy lists no call was recorded: {which}; rules may be used in {rest}",
                silent.len()
            ));
        } else if state.listed().is_empty() {
            let places = match used.places() {
                1 => "1 folder or repository".to_owned(),
                count => format!("{count} folders or repositories"),
            };
            notes.push(format!("the calls come from {places}; what is used in others is not known"));
        }
        notes
    }

    /// The folder in which sessions are to have begun: that of the project, where one is named.
    fn only(&self) -> Option<String> {
        let folder = working_folder().join(&self.settings);
        let is_project = folder.is_dir() && !folder.join(crate::policy::MANIFEST).exists();
        let folder = (is_project && !self.everywhere).then(|| folder.canonicalize().ok()).flatten();
        folder.map(|folder| folder.to_string_lossy().replace('\\', "/"))
    }
}
