//! `bylaws apply`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::{FailArguments, PolicyArguments};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::check::Plan;
use crate::files;
use crate::finding::Finding;
use crate::report::{self, Counts};
use crate::repository::{Checked, Checker};

/// Write what the policy asks for, and pin the policy
///
/// Changes only the lines that must change, keeps the project's own rules, and removes only what the lock
/// says that the policy wrote. A second run changes nothing.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the repository; all projects at or below it are brought in line
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    policy: PolicyArguments,

    #[command(flatten)]
    fail: FailArguments,

    /// Move the pin to the newest state of the policy
    #[arg(long)]
    upgrade: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: Arguments) -> Result<u8, CommandError> {
    let question = arguments.policy.question(arguments.upgrade, &arguments.fail.severities)?;
    let _hold = files::hold(&files::locate(&arguments.path)?.root)?;
    let mut checker = Checker::new(&question);
    let checked = checker.check(&arguments.path);
    for note in checker.take_notes() {
        ui.note(&note);
    }
    let checked = checked.map_err(CommandError::from).inspect_err(|error| {
        let _ = super::check::write_policy_faults(ui, &error.findings);
    })?;
    if checked.is_bare {
        return Err(CommandError::usage(format!(
            "`{}` has no work tree to write to",
            checked.root.display()
        ))
        .hint("clone it, and run the command in the clone"));
    }
    for held in &checked.projects {
        carry_out(ui, &checked.root, &held.plan(), &held.findings)?;
    }
    finish(ui, &arguments, &checked)
}

fn carry_out(ui: &mut Ui, root: &Path, plan: &Plan, findings: &[Finding]) -> Result<(), CommandError> {
    for step in plan.steps() {
        files::write(root, &step.path, step.before.as_deref(), step.after.as_deref())?;
    }
    for change in &plan.changes {
        let mended = findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref())
            .flat_map(|fix| &fix.changes)
            .filter(|part| part.path == change.path)
            .count();
        let did = if change.after.is_some() { "wrote" } else { "removed" };
        match mended {
            0 => writeln!(ui.out, "{did} {}", change.path)?,
            1 => writeln!(ui.out, "{did} {}: 1 change", change.path)?,
            count => writeln!(ui.out, "{did} {}: {count} changes", change.path)?,
        }
    }
    Ok(())
}

/// Tells what is left for people to do.
fn finish(ui: &mut Ui, arguments: &Arguments, checked: &Checked) -> Result<u8, CommandError> {
    let left: Vec<Finding> =
        report::findings_of(checked).filter(|finding| finding.fix.is_none()).cloned().collect();
    let mended = report::findings_of(checked).count() - left.len();
    let counts = Counts::of(&left);
    match (mended, counts.all()) {
        (0, 0) => ui.status("nothing to change: in line"),
        (_, 0) => ui.status("in line now"),
        (0, _) => ui.status(&format!(
            "nothing to change; {} left that no change mends: `bylaws check` tells",
            counts.in_words()
        )),
        (_, _) => {
            ui.status(&format!("{} left that no change mends: `bylaws check` tells", counts.in_words()))
        }
    }
    let fails = left.iter().any(|finding| arguments.fail.fail_on.fails(finding.severity));
    Ok(if fails { exit::FOUND } else { exit::CLEAN })
}
