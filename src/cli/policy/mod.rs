//! `bylaws policy`: making, checking and looking at policies.

mod builtins;
mod check;
mod import;
mod new;
mod show;
mod test;

use clap::Subcommand;

use super::error::CommandError;
use super::ui::Ui;
use crate::finding::{Finding, Severity};
use crate::policy::Policy;
use crate::source::{Opened, PolicySource};

/// Make, check and show policies
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    New(new::Arguments),
    Check(check::Arguments),
    Show(show::Arguments),
    Test(test::Arguments),
    Import(import::Arguments),
    Builtins(builtins::Arguments),
}

pub(super) fn run(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::New(arguments) => new::run(ui, &arguments),
        Command::Check(arguments) => check::run(ui, &arguments),
        Command::Show(arguments) => show::run(ui, &arguments),
        Command::Test(arguments) => test::run(ui, &arguments),
        Command::Import(arguments) => import::run(ui, &arguments),
        Command::Builtins(arguments) => builtins::run(ui, &arguments),
    }
}

/// A policy that was opened, with everything that is wrong in its files.
struct Loaded {
    name: String,
    opened: Opened,
    policy: Option<Policy>,
    findings: Vec<Finding>,
}

/// Opens and reads the policy of this name.
fn load(ui: &mut Ui, text: &str, offline: bool) -> Result<Loaded, CommandError> {
    let folder = super::arguments::working_folder();
    let source = PolicySource::parse(text, &folder);
    let name = source.display();
    let opened = source.open(None, &super::arguments::access(offline))?;
    if let Some(note) = &opened.note {
        ui.note(note);
    }
    let (policy, mut findings) = crate::policy::load(&opened.files);
    if let Some(policy) = &policy {
        findings.extend(crate::check::unknown_weights(policy));
    }
    Ok(Loaded { name, opened, policy, findings })
}

impl Loaded {
    /// The policy, or an error that carries what is wrong with it.
    fn usable(self) -> Result<(Policy, Opened), CommandError> {
        let blocked = self.findings.iter().any(|finding| finding.severity == Severity::Block);
        match self.policy.filter(|_| !blocked) {
            Some(policy) => Ok((policy, self.opened)),
            None => {
                let mut error = CommandError::usage(format!("the policy `{}` has errors", self.name))
                    .hint(format!("`bylaws policy check {}` tells more", self.name));
                error.findings = self.findings;
                Err(error)
            }
        }
    }
}
