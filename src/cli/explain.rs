//! `bylaws explain`.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};

use super::arguments::{ClientArguments, working_folder};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::access::{Call, Mode, Setup, explain};
use crate::files::Disk;
use crate::project::LOCAL;
use crate::report;
use crate::scopes::{Personal, Scopes, managed_folder};
use crate::settings::Scope;

/// Say what becomes of a tool call here, which rule decides, and what would change it
///
/// Decides as the client does. Where that cannot be known, the answer is `undecided`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The call: `Bash(git push origin main)`, `Read(.env)`, `mcp__docs__search`
    #[arg(value_name = "CALL", required_unless_present = "tool")]
    call: Option<String>,

    /// Name of the tool, where its whole input is given
    #[arg(long, value_name = "NAME", conflicts_with = "call")]
    tool: Option<String>,

    /// The input of the tool, a JSON object
    #[arg(long, value_name = "JSON", requires = "tool", default_value = "{}", hide_default_value = true)]
    input: String,

    #[command(flatten)]
    scopes: ScopeArguments,

    #[command(flatten)]
    client: ClientArguments,

    /// Print JSON, `bylaws schema explanation`
    #[arg(long)]
    json: bool,
}

/// Which settings count, and how the client was started.
#[derive(Debug, Args)]
pub(super) struct ScopeArguments {
    /// Folder of the project
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    project: PathBuf,

    /// Let this machine's own settings count too: those of the user and managed ones
    #[arg(long)]
    machine: bool,

    /// A settings file as given to the client with `--settings`
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,

    /// The mode that the client was started in
    #[arg(long, value_name = "MODE")]
    mode: Option<String>,

    /// Decide as in a folder that nobody has said is trusted: what the project grants does not count, nor do personal settings that git tracks
    #[arg(long)]
    untrusted: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let mut setup = arguments.scopes.setup(ui)?;
    setup.version = arguments.client.version(ui).unwrap_or_default();
    let call = arguments.call(&setup)?;
    setup.doubt_servers_of(&call);
    let (access, explanation) = explain(&setup, &call, &Disk);
    let told = report::explanation_report(&setup, &access, &call, &explanation);
    if arguments.json {
        serde_json::to_writer_pretty(&mut ui.out, &told).map_err(std::io::Error::from)?;
        writeln!(ui.out)?;
    } else {
        report::write_explanation(&mut ui.out, &call, &told)?;
        if !arguments.scopes.machine {
            ui.note(
                "only the settings of the project were asked; `--machine` asks those of this machine, too",
            );
        }
    }
    Ok(exit::CLEAN)
}

impl Arguments {
    fn call(&self, setup: &Setup) -> Result<Call, CommandError> {
        if let Some(tool) = &self.tool {
            let input: Map<String, Value> = serde_json::from_str(&self.input)
                .map_err(|error| CommandError::usage(format!("`--input` is no JSON object: {error}")))?;
            return Ok(Call { tool: tool.clone(), input });
        }
        let text = self.call.as_deref().unwrap_or_default();
        Call::parse(text, &setup.place).ok_or_else(|| {
            CommandError::usage(format!("`{text}` is no call of a tool"))
                .hint("write `Tool(main input)`, for instance `Bash(npm test)` or `Read(src/main.rs)`")
                .hint("`--tool NAME --input JSON` takes the whole input")
        })
    }
}

/// Where the client looks for settings in a project, with those of this machine or without.
pub(super) fn scopes(project: PathBuf, machine: bool, flag: Option<PathBuf>) -> Scopes {
    let home = env::home_dir().unwrap_or_else(|| PathBuf::from("/"));
    let config = env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty());
    Scopes {
        config: config.map_or_else(|| home.join(".claude"), PathBuf::from),
        managed: machine.then(|| managed_folder().to_owned()),
        user: machine,
        flag,
        project,
        home,
    }
}

impl ScopeArguments {
    /// Reads the settings that count.
    pub(super) fn setup(&self, ui: &mut Ui) -> Result<Setup, CommandError> {
        let project = working_folder().join(&self.project);
        let project = project
            .canonicalize()
            .map_err(|_| CommandError::usage(format!("there is no folder `{}`", self.project.display())))?;
        let flag = self.settings.as_ref().map(|file| working_folder().join(file));
        let folder = project.clone();
        let mut setup = scopes(project, self.machine, flag).read()?;
        if self.untrusted {
            setup.trusted = false;
            setup.local_grants = local_grants(&folder, &setup, ui);
        }
        if let Some(name) = &self.mode {
            let mode = Mode::parse(name).ok_or_else(|| {
                CommandError::usage(format!("there is no mode `{name}`"))
                    .hint("the modes are default, acceptEdits, dontAsk, bypassPermissions, plan and auto")
            })?;
            setup.mode = Some(mode);
        }
        Ok(setup)
    }
}

/// Whether the personal settings grant what they say in a folder that is not trusted. Where that is not known, they are taken
/// to, and it is said: a call that passes must not be told as one that is asked for.
fn local_grants(folder: &Path, setup: &Setup, ui: &mut Ui) -> bool {
    if !setup.files.iter().any(|file| file.settings.scope() == Scope::Local) {
        return false;
    }
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    match Personal::of(root, folder) {
        Personal::Untracked => true,
        Personal::Tracked => false,
        Personal::Unknown { why } => {
            ui.note(&format!("{why}: what `{LOCAL}` grants is taken to count"));
            true
        }
    }
}
