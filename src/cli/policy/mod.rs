//! `bylaws policy`: making, checking and looking at policies.

mod builtins;
mod bundle;
mod check;
mod diff;
mod import;
mod new;
mod show;
mod test;
mod verify;

use clap::{Args, Subcommand};

use super::error::CommandError;
use super::ui::Ui;
use crate::finding::{Finding, Severity};
use crate::policy::{Policy, PolicyFiles};
use crate::source::PolicySource;

/// Make, check and show policies
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(new::Arguments),
    Check(check::Arguments),
    Show(show::Arguments),
    Test(test::Arguments),
    Diff(diff::Arguments),
    Import(import::Arguments),
    Bundle(bundle::Arguments),
    Verify(verify::Arguments),
    Builtins(builtins::Arguments),
}

pub(super) fn run(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::New(arguments) => new::run(ui, &arguments),
        Command::Check(arguments) => check::run(ui, &arguments),
        Command::Show(arguments) => show::run(ui, &arguments),
        Command::Test(arguments) => test::run(ui, &arguments),
        Command::Diff(arguments) => diff::run(ui, &arguments),
        Command::Import(arguments) => import::run(ui, &arguments),
        Command::Bundle(arguments) => bundle::run(ui, &arguments),
        Command::Verify(arguments) => verify::run(ui, &arguments),
        Command::Builtins(arguments) => builtins::run(ui, &arguments),
    }
}

/// Which policy.
#[derive(Debug, Args)]
struct SourceArguments {
    /// The policy: a folder, `builtin:NAME`, or a git URL
    #[arg(value_name = "SOURCE", default_value = ".")]
    source: String,

    /// Leave the network alone; use the policy as it was last fetched
    #[arg(long)]
    offline: bool,
}

/// A policy that was read, with everything that is wrong in its files.
pub(super) struct Loaded {
    name: String,
    policy: Option<Policy>,
    findings: Vec<Finding>,
}

impl SourceArguments {
    /// Opens and reads the policy.
    fn load(&self, ui: &mut Ui) -> Result<Loaded, CommandError> {
        let source = PolicySource::parse(&self.source, &super::arguments::working_folder());
        let opened = source.open(None, &super::arguments::access(self.offline)?)?;
        if let Some(note) = &opened.note {
            ui.note(note);
        }
        Ok(Loaded::read(source.display(), &opened.files))
    }

    /// The policy; where it has errors, they are told.
    fn usable(&self, ui: &mut Ui) -> Result<Policy, CommandError> {
        let loaded = self.load(ui)?;
        usable(ui, loaded)
    }
}

/// The policy of this name; where it has errors, they are told.
pub(super) fn named(ui: &mut Ui, source: &str, offline: bool) -> Result<Policy, CommandError> {
    SourceArguments { source: source.to_owned(), offline }.usable(ui)
}

impl Loaded {
    pub(super) fn read(name: String, files: &PolicyFiles) -> Self {
        let (policy, mut findings) = crate::policy::load(files);
        if let Some(policy) = &policy {
            findings.extend(crate::check::unknown_weights(policy));
        }
        Self { name, policy, findings }
    }
}

/// Opens a policy and reads it; where it has errors, they are told.
pub(super) fn open_policy(ui: &mut Ui, source: &PolicySource, offline: bool) -> Result<Policy, CommandError> {
    let opened = source.open(None, &super::arguments::access(offline)?)?;
    if let Some(note) = &opened.note {
        ui.note(note);
    }
    let loaded = Loaded::read(source.display(), &opened.files);
    usable(ui, loaded)
}

/// The policy; where it has errors, they are told.
pub(super) fn usable(ui: &mut Ui, loaded: Loaded) -> Result<Policy, CommandError> {
    let blocked = loaded.findings.iter().any(|finding| finding.severity == Severity::Block);
    if let Some(policy) = loaded.policy.filter(|_| !blocked) {
        return Ok(policy);
    }
    super::check::write_policy_faults(ui, &loaded.findings)?;
    Err(with_faults(&loaded.name, loaded.findings))
}

pub(super) fn with_faults(name: &str, findings: Vec<Finding>) -> CommandError {
    let error = CommandError::usage(format!("the policy `{name}` has errors"))
        .hint(format!("`bylaws policy check {name}` tells more"));
    CommandError { findings, ..error }
}
