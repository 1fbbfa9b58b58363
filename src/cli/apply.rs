//! `bylaws apply`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::{FailArguments, FailOn, PolicyArguments};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::check::{self, Plan};
use crate::files;
use crate::finding::{Counts, Finding};
use crate::report;
use crate::repository::{Checked, Held, Question};

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

    /// Take out rules of the shared settings that are proved to decide nothing, and say why
    #[arg(long)]
    tidy: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: Arguments) -> Result<u8, CommandError> {
    let mut question = arguments.policy.question(arguments.upgrade, &arguments.fail.severities)?;
    question.tidy = arguments.tidy;
    let _hold = files::hold(&files::locate(&arguments.path)?.root)?;
    let checked = check_work_tree(ui, &question, &arguments.path)?;
    let plans: Vec<Plan> = checked.projects.iter().map(Held::plan).collect();
    carry_out(ui, &checked, &plans)?;
    finish(ui, arguments.fail.fail_on, &checked, false)
}

/// Checks a repository whose files can be written.
pub(super) fn check_work_tree(
    ui: &mut Ui,
    question: &Question,
    path: &Path,
) -> Result<Checked, CommandError> {
    let checked = super::check::check_one(ui, question, path)?;
    if checked.is_bare {
        let message = format!("`{}` has no work tree to write to", checked.root.display());
        return Err(CommandError::usage(message).hint("clone it, and run the command in the clone"));
    }
    Ok(checked)
}

/// Writes the plans of the projects, in their order, and says so file by file. What cannot be written is
/// found before anything is, as far as that goes.
pub(super) fn carry_out(ui: &mut Ui, checked: &Checked, plans: &[Plan]) -> Result<(), CommandError> {
    for change in plans.iter().flat_map(|plan| &plan.changes) {
        files::check_writable(&checked.root, &change.path, change.before.as_deref())?;
    }
    for (plan, held) in plans.iter().zip(&checked.projects) {
        for step in plan.steps() {
            files::write(&checked.root, &step.path, step.before.as_deref(), step.after.as_deref())?;
        }
        tell(ui, plan, &held.findings)?;
        tell_tidied(ui, &held.findings)?;
    }
    Ok(())
}

fn tell(ui: &mut Ui, plan: &Plan, findings: &[Finding]) -> Result<(), CommandError> {
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

/// Tells why rules went that decide nothing.
fn tell_tidied(ui: &mut Ui, findings: &[Finding]) -> Result<(), CommandError> {
    let tidied = findings.iter().filter(|finding| check::is_tidying(finding) && finding.fix.is_some());
    for finding in tidied {
        writeln!(ui.out, "took out: {}", finding.message)?;
    }
    Ok(())
}

/// Tells what is left for people to do. `wrote_more` is whether something was written that mends nothing.
pub(super) fn finish(
    ui: &mut Ui,
    fail_on: FailOn,
    checked: &Checked,
    wrote_more: bool,
) -> Result<u8, CommandError> {
    let left: Vec<Finding> =
        report::findings_of(checked).filter(|finding| finding.fix.is_none()).cloned().collect();
    let mended = report::findings_of(checked).count() - left.len();
    let counts = Counts::of(&left);
    let wrote = mended > 0 || wrote_more;
    match (wrote, counts.all()) {
        (false, 0) => ui.status("nothing to change: in line"),
        (true, 0) => ui.status("in line now"),
        (false, _) => ui.status(&format!(
            "nothing to change; {} left that no change mends: `bylaws check` tells",
            counts.in_words()
        )),
        (true, _) => {
            ui.status(&format!("{} left that no change mends: `bylaws check` tells", counts.in_words()))
        }
    }
    let fails = left.iter().any(|finding| fail_on.fails(finding.severity));
    Ok(if fails { exit::FOUND } else { exit::CLEAN })
}
