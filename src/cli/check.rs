//! `bylaws check`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::{FailArguments, FailOn, PolicyArguments, shell_word};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::finding::{Counts, Finding};
use crate::report::{self, BOLD, Kind, painted};
use crate::repository::{Checked, Checker, Question};

/// Hold repositories against a policy
///
/// Reports what is not as the policy asks, and what in the settings does not do what it looks like. Changes
/// nothing.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folders of repositories, with or without a work tree; all projects at or below each are checked
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    policy: PolicyArguments,

    #[command(flatten)]
    fail: FailArguments,

    /// Form of the report [default: text on a terminal, plain elsewhere]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// By file and check, for people; long runs are shortened
    Text,
    /// One line a finding, for pipes and editors
    Plain,
    /// JSON, `bylaws schema report`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, a test for each check
    Junit,
    /// Annotations of a GitHub workflow
    Github,
    /// A GitLab code quality report
    Gitlab,
    /// A summary for a comment
    Markdown,
}

type Outcome = (String, Result<Checked, CommandError>);

pub(super) fn run(ui: &mut Ui, arguments: Arguments) -> Result<u8, CommandError> {
    let question = arguments.policy.question(false, &arguments.fail.severities)?;
    let checker = Checker::new(&question);
    let format = arguments.format.unwrap_or(if ui.is_terminal() { Format::Text } else { Format::Plain });
    let mut outcomes: Vec<Outcome> = Vec::new();
    for path in &arguments.paths {
        let checked = checker.check(path).map_err(CommandError::from);
        outcomes.push((path.display().to_string(), checked));
    }
    for note in checker.take_notes() {
        ui.note(&note);
    }
    let mut untold = 0;
    match format {
        Format::Text => untold = write_text(ui, &outcomes)?,
        Format::Plain => write_plain(ui, &outcomes)?,
        Format::Json => write_json(ui, &question.today.to_string(), &outcomes)?,
        Format::Junit => write_junit(ui, arguments.fail.fail_on, &outcomes)?,
        Format::Sarif | Format::Github | Format::Gitlab | Format::Markdown => {
            let checked: Vec<&Checked> =
                outcomes.iter().filter_map(|(_, checked)| checked.as_ref().ok()).collect();
            let findings: Vec<&Finding> =
                checked.iter().flat_map(|checked| report::findings_of(checked)).collect();
            let failed: Vec<(String, String)> = outcomes
                .iter()
                .filter_map(|(path, checked)| Some((path.clone(), checked.as_ref().err()?.message.clone())))
                .collect();
            let against = if checked.is_empty() { String::new() } else { policies(&checked) };
            write_for_home(ui, format, report::Home::Repository, &against, &findings, &failed)?;
        }
    }
    finish(ui, &arguments, untold, outcomes)
}

/// Checks one repository. Notes on the policy, and what is wrong with it, are told.
pub(super) fn check_one(ui: &mut Ui, question: &Question, path: &Path) -> Result<Checked, CommandError> {
    let checker = Checker::new(question);
    let checked = checker.check(path);
    for note in checker.take_notes() {
        ui.note(&note);
    }
    checked.map_err(CommandError::from).inspect_err(|error| {
        let _ = write_policy_faults(ui, &error.findings);
    })
}

/// Writes the findings for a person, and gives the number of those that were not told.
fn write_text(ui: &mut Ui, outcomes: &[Outcome]) -> Result<usize, CommandError> {
    let mut untold = 0;
    for (path, checked) in outcomes {
        let Ok(checked) = checked else { continue };
        let findings: Vec<Finding> = report::findings_of(checked).cloned().collect();
        if outcomes.len() > 1 {
            writeln!(ui.out, "{}", painted(BOLD, path))?;
        }
        let width = ui.width();
        untold += report::write_text(&mut ui.out, width, &findings)?;
        if !findings.is_empty() {
            writeln!(ui.out)?;
        }
    }
    Ok(untold)
}

fn write_plain(ui: &mut Ui, outcomes: &[Outcome]) -> Result<(), CommandError> {
    for (path, checked) in outcomes {
        let Ok(checked) = checked else { continue };
        let findings: Vec<Finding> = report::findings_of(checked).cloned().collect();
        let prefix =
            if outcomes.len() > 1 { format!("{}/", path.trim_end_matches('/')) } else { String::new() };
        report::write_plain(&mut ui.out, &prefix, &findings)?;
    }
    Ok(())
}

/// Writes a report that is read beside one repository.
pub(super) fn write_for_home(
    ui: &mut Ui,
    format: Format,
    home: report::Home,
    against: &str,
    findings: &[&Finding],
    failed: &[(String, String)],
) -> Result<(), CommandError> {
    match format {
        Format::Github => report::write_github(&mut ui.out, home, findings, failed)?,
        Format::Gitlab => report::write_gitlab(&mut ui.out, home, findings, failed)?,
        Format::Markdown => report::write_markdown(&mut ui.out, home, against, findings, failed)?,
        _ => report::write_sarif(&mut ui.out, home, &Kind::checks(), findings, failed)?,
    }
    Ok(())
}

fn write_junit(ui: &mut Ui, fail_on: FailOn, outcomes: &[Outcome]) -> Result<(), CommandError> {
    let suites: Vec<report::Suite<'_>> = outcomes
        .iter()
        .map(|(path, checked)| match checked {
            Ok(checked) => (path.as_str(), Ok(report::findings_of(checked).collect())),
            Err(error) => (path.as_str(), Err(error.message.as_str())),
        })
        .collect();
    Ok(report::write_junit(&mut ui.out, &Kind::checks(), &suites, &|severity| fail_on.fails(severity))?)
}

fn write_json(ui: &mut Ui, day: &str, outcomes: &[Outcome]) -> Result<(), CommandError> {
    let told: Vec<(String, Result<&Checked, String>)> = outcomes
        .iter()
        .map(|(path, checked)| (path.clone(), checked.as_ref().map_err(|error| error.message.clone())))
        .collect();
    let report = report::json_report(day, &told);
    serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
    Ok(writeln!(ui.out)?)
}

/// Says what was found in one line, what to do next, and gives the exit code.
fn finish(
    ui: &mut Ui,
    arguments: &Arguments,
    untold: usize,
    outcomes: Vec<Outcome>,
) -> Result<u8, CommandError> {
    let checked: Vec<&Checked> = outcomes.iter().filter_map(|(_, checked)| checked.as_ref().ok()).collect();
    let findings: Vec<&Finding> = checked.iter().flat_map(|checked| report::findings_of(checked)).collect();
    let fails = findings.iter().any(|finding| arguments.fail.fail_on.fails(finding.severity));
    let mut lines = Vec::new();
    if !checked.is_empty() {
        let counts = Counts::of(findings).in_words();
        lines.push(format!("{} {}", painted(BOLD, counts), policies(&checked)));
    }
    if untold > 0 {
        lines.push(untold_words(untold));
    }
    let next = next(arguments, &outcomes);
    let mut code = if fails { exit::FOUND } else { exit::CLEAN };
    let alone = outcomes.len() == 1;
    for (path, checked) in outcomes {
        let Err(mut error) = checked else { continue };
        code = code.max(error.kind.exit_code());
        write_policy_faults(ui, &error.findings)?;
        if !alone {
            error.message = format!("{path}: {}", error.message);
        }
        ui.error(&error);
    }
    for line in lines {
        ui.status(&line);
    }
    if let Some(next) = next {
        ui.next(&next);
    }
    Ok(code)
}

/// How to see what a shortened report leaves out.
pub(super) fn untold_words(untold: usize) -> String {
    format!("{untold} of them are not told one by one: `--format plain` tells each")
}

/// What to do about the findings: mend the first repository in which something can be mended, or else
/// read about what weighs most.
fn next(arguments: &Arguments, outcomes: &[Outcome]) -> Option<String> {
    let checked = || outcomes.iter().filter_map(|(path, checked)| Some((path, checked.as_ref().ok()?)));
    for (path, checked) in checked().filter(|(_, checked)| !checked.is_bare) {
        let counts = Counts::of(report::findings_of(checked));
        if counts.fixable == 0 {
            continue;
        }
        let path = if path == "." { String::new() } else { format!(" {}", shell_word(path)) };
        let mended = match (counts.fixable, counts.all()) {
            (1, 1) => "it".to_owned(),
            (fixable, all) if fixable == all => format!("all {all}"),
            (fixable, all) => format!("{fixable} of {all}"),
        };
        let again = arguments.policy.again();
        return Some(format!(
            "`bylaws diff{path}{again}` shows what would mend {mended}; `apply` in place of `diff` writes it"
        ));
    }
    let heaviest = checked().flat_map(|(_, checked)| report::findings_of(checked));
    // Of several that weigh the same, the first.
    let heaviest = heaviest.reduce(|a, b| if b.severity > a.severity { b } else { a })?;
    Some(format!("`bylaws checks {}` explains the check", heaviest.check))
}

/// The faults of a policy, one line each.
pub(super) fn write_policy_faults(ui: &mut Ui, findings: &[Finding]) -> Result<(), CommandError> {
    let mut text = Vec::new();
    report::write_plain(&mut text, "", findings)?;
    if !text.is_empty() {
        ui.status(String::from_utf8_lossy(&text).trim_end());
    }
    Ok(())
}

/// Which policies the repositories were held against.
fn policies(checked: &[&Checked]) -> String {
    let mut pins: Vec<String> =
        checked.iter().flat_map(|checked| &checked.projects).map(|held| held.pin.to_string()).collect();
    pins.sort();
    pins.dedup();
    let projects: usize = checked.iter().map(|checked| checked.projects.len()).sum();
    let place = match (checked.len(), projects) {
        (1, 1) => String::new(),
        (1, projects) => format!("in {projects} projects "),
        (repositories, _) => format!("in {repositories} repositories "),
    };
    match pins.as_slice() {
        [one] => format!("{place}against {one}"),
        several => format!("{place}against {} policies", several.len()),
    }
}

/// The folder of a repository as a command for one repository takes it.
pub(super) fn folder(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}
