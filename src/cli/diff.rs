//! `bylaws diff`.

use std::path::PathBuf;

use clap::Args;

use super::arguments::PolicyArguments;
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::check::FileChange;
use crate::finding::Finding;
use crate::report::{self, Reader};

/// Show what `bylaws apply` would change
///
/// Writes nothing. In a pipe, `git apply` takes what it prints.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the repository; all projects at or below it are looked at
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    policy: PolicyArguments,

    /// Show the change to the newest state of the policy, not to the pinned one
    #[arg(long)]
    upgrade: bool,

    /// Show the change without rules that are proved to decide nothing, too
    #[arg(long)]
    tidy: bool,

    /// Print RFC 6902 patches instead
    #[arg(long)]
    patch: bool,

    /// Exit with 1 when there is something to change
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: Arguments) -> Result<u8, CommandError> {
    let mut question = arguments.policy.question(arguments.upgrade, &[])?;
    question.tidy = arguments.tidy;
    let checked = super::check::check_one(ui, &question, &arguments.path)?;
    let mut changes: Vec<FileChange> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    for held in &checked.projects {
        changes.extend(held.plan().changes);
        findings.extend(held.findings.iter().cloned());
    }
    if arguments.patch {
        report::write_patch(&mut ui.out, &changes)?;
    } else {
        let reader = if ui.is_terminal() { Reader::Person } else { Reader::Program };
        report::write_diff(&mut ui.out, reader, &changes, &findings)?;
    }
    let left = findings.iter().filter(|finding| finding.fix.is_none()).count();
    if changes.is_empty() {
        ui.status("nothing to change");
    }
    if left > 0 {
        ui.status(&format!("{left} more found that no change mends: `bylaws check` tells"));
    }
    Ok(if arguments.exit_code && !changes.is_empty() { exit::FOUND } else { exit::CLEAN })
}
