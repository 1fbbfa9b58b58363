//! `bylaws export`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::arguments::{FactArguments, POLICY, working_folder};
use super::check::write_policy_faults;
use super::error::CommandError;
use super::exit;
use super::policy::open_policy;
use super::ui::Ui;
use crate::export::{self, Exported, Note, Options, Target, selector_notes};
use crate::files::{self, Placed};
use crate::finding::Severity;
use crate::report;
use crate::source::PolicySource;

/// Write what a policy asks as managed settings: a file, a profile, a registry value and more
///
/// Project files are honest defaults that their users can change; managed settings they cannot. Without a target, the
/// targets are listed, each with the places where it goes. What a target cannot hold, what goes before it and what
/// people have to approve is said on standard error.
///
///   bylaws export managed-settings --policy https://git.acme.dev/policy.git > managed-settings.json
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to write
    #[arg(value_name = "TARGET")]
    target: Option<String>,

    /// The policy: `builtin:NAME`, a folder, or a git URL with an optional `#BRANCH`, `#TAG` or `#COMMIT`
    #[arg(long, value_name = "SOURCE", env = POLICY, hide_env_values = true, default_value = ".")]
    policy: String,

    /// Leave the network alone; use the policy as it was last fetched
    #[arg(long)]
    offline: bool,

    /// The folder to put the files into, instead of standard output
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,

    /// Export what is only recommended, too: in managed settings it is in force
    #[arg(long)]
    with_recommended: bool,

    /// Let no permission rules count but those of the policy (`allowManagedPermissionRulesOnly`)
    #[arg(long)]
    only_managed_rules: bool,

    /// Form of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    #[command(flatten)]
    facts: FactArguments,
}

/// The forms of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The file itself; notes on standard error.
    Text,
    /// Files and notes as JSON.
    Json,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let Some(name) = &arguments.target else {
        report::write_targets(&mut ui.out)?;
        return Ok(exit::CLEAN);
    };
    let target = export::find(name).ok_or_else(|| unknown(name))?;
    if !target.is_single() && arguments.output.is_none() && arguments.format == Format::Text {
        return Err(CommandError::usage(format!("`{name}` is several files"))
            .hint("`--output FOLDER` says where to put them"));
    }
    let source = PolicySource::parse(&arguments.policy, &working_folder());
    let policy = open_policy(ui, &source, arguments.offline)?;
    let facts = policy.known_facts(&arguments.facts.facts()?);
    let (baseline, findings) = policy.resolve(&facts, arguments.facts.day());
    write_policy_faults(ui, &findings)?;
    if findings.iter().any(|finding| finding.severity == Severity::Block) {
        return Err(CommandError::usage(format!(
            "the policy `{}` asks for what cannot hold",
            source.display()
        )));
    }
    let options = Options {
        organization: &policy.organization,
        with_recommended: arguments.with_recommended,
        only_managed_rules: arguments.only_managed_rules,
    };
    let mut exported = export::export(target, &baseline, &options)?;
    exported.notes.extend(selector_notes(&policy, &facts));
    exported.notes.sort_by_key(|note| note.kind);
    put(ui, arguments, target, &exported)?;
    if arguments.format == Format::Json {
        let date = arguments.facts.day().to_string();
        let report = report::export_report(&date, &source.display(), &baseline.digest(), target, &exported);
        serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
        writeln!(ui.out)?;
    } else {
        tell(ui, &exported.notes)?;
    }
    Ok(exit::CLEAN)
}

/// Writes the files to the folder, or the one file to standard output.
fn put(ui: &mut Ui, arguments: &Arguments, target: &Target, exported: &Exported) -> Result<(), CommandError> {
    match &arguments.output {
        Some(folder) => {
            let paths: Vec<PathBuf> = exported.files.iter().map(|file| folder.join(file.name)).collect();
            let parts = paths.iter().zip(&exported.files);
            let parts =
                parts.map(|(path, file)| Placed { path, bytes: &file.bytes, is_program: file.is_program });
            files::place_together(&parts.collect::<Vec<_>>())?;
            for path in &paths {
                ui.status(&format!("wrote {}", path.display()));
            }
            for place in target.places {
                ui.next(&format!("{}: {}", place.system, place.path));
            }
        }
        None if arguments.format == Format::Text => {
            for file in &exported.files {
                ui.write_bytes(&file.bytes)?;
            }
        }
        None => {}
    }
    Ok(())
}

fn tell(ui: &mut Ui, notes: &[Note]) -> Result<(), CommandError> {
    let mut text = Vec::new();
    report::write_export_notes(&mut text, notes)?;
    if !text.is_empty() {
        ui.status(String::from_utf8_lossy(&text).trim_end());
    }
    Ok(())
}

fn unknown(name: &str) -> CommandError {
    let error = CommandError::usage(format!("there is no target `{name}`"));
    match crate::client::keys::nearest_of(name, export::ALL.iter().map(|target| target.name)) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`bylaws export` lists the targets"),
    }
}
