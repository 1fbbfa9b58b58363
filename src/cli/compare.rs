//! `bylaws compare`.

use std::io::Write;

use clap::Args;

use super::arguments::{ClientArguments, FactArguments, access, working_folder};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::automaton::Budget;
use crate::finding::{Finding, Severity};
use crate::project::LOCAL;
use crate::report::{self, ComparisonReport, Home, Kind, Outcome};
use crate::settings::Scope;
use crate::state::{Reading, State};

/// Say what a change of settings grants, proved for every call
///
/// Each of OLD and NEW is a settings file, the folder of a project, a revision of the repository here (`main`,
/// `HEAD~1`, with a path as `main:web`), or a policy: a folder with a `bylaws.json`, `builtin:NAME` or a git URL. A
/// policy stands for what it asks of the repository that the facts speak of.
///
/// What lets more happen comes first, with the shortest call that shows it and the line that grants it.
#[derive(Debug, Args)]
#[command(after_long_help = limits())]
pub(super) struct Arguments {
    /// Before the change; `A..B` names both sides, `A...B` what B changed since it left A
    #[arg(value_name = "OLD")]
    old: String,

    /// After the change [default: the folder as it stands]
    #[arg(value_name = "NEW")]
    new: Option<String>,

    /// How a settings file that is named itself is read [default: as its name says, or else as `project`]
    #[arg(long, value_name = "SCOPE")]
    scope: Option<FileScope>,

    /// Exit with 1 on this
    #[arg(long, value_name = "WHAT", default_value = "new-access")]
    fail_on: FailOn,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// How much work the proof may take, in steps; beyond them the answer is "not decided"
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
    let limits: Vec<String> = report::comparison_limits().map(|limit| format!("  - {limit}")).collect();
    format!("Left out:\n{}", limits.join("\n"))
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// New access, and whatever is not decided.
    NewAccess,
    /// Any change in what agents may do, less access among them.
    Any,
    /// Nothing.
    Never,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// JSON, `bylaws schema comparison`
    Json,
    /// A summary for a comment
    Markdown,
    /// Annotations of a GitHub workflow
    Github,
    /// A GitLab code quality report
    Gitlab,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML
    Junit,
}

/// Where a settings file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FileScope {
    /// Rolled out by an organisation
    Managed,
    /// The user's own
    User,
    /// Shared by a project
    Project,
    /// Of a project, not shared
    Local,
}

impl From<FileScope> for Scope {
    fn from(scope: FileScope) -> Self {
        match scope {
            FileScope::Managed => Self::Managed,
            FileScope::User => Self::User,
            FileScope::Project => Self::Project,
            FileScope::Local => Self::Local,
        }
    }
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let states = arguments.states().inspect_err(|error| {
        let _ = super::check::write_policy_faults(ui, &error.findings);
    });
    let (mut old, mut new) = states?;
    if old.has_personal_settings() != new.has_personal_settings() {
        let state = if old.has_personal_settings() { &mut old } else { &mut new };
        state.notes.push(format!("`{LOCAL}` counts as well, and the other side has none"));
    }
    let report = arguments.compare(ui, &old, &new);
    match arguments.format {
        Format::Text => {
            let width = ui.width();
            report::write_comparison(&mut ui.out, width, &report)?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Markdown => report::write_comparison_markdown(&mut ui.out, &report)?,
        format => write_findings(ui, arguments, format, &report)?,
    }
    if arguments.format != Format::Text {
        ui.status(&report.in_words());
    }
    Ok(if arguments.fail_on.fails(&report) { exit::FOUND } else { exit::CLEAN })
}

/// Writes a comparison in one of the forms that tell findings.
fn write_findings(
    ui: &mut Ui,
    arguments: &Arguments,
    format: Format,
    report: &ComparisonReport,
) -> Result<(), CommandError> {
    let (home, kinds) = (Home::Repository, Kind::comparisons());
    let findings = report::comparison_findings(report);
    let findings: Vec<&Finding> = findings.iter().collect();
    match format {
        Format::Github => report::write_github(&mut ui.out, home, &findings, &[])?,
        Format::Gitlab => report::write_gitlab(&mut ui.out, home, &findings, &[])?,
        Format::Junit => {
            let name = report.sides();
            report::write_junit(&mut ui.out, &kinds, &[(&name, Ok(findings))], &|severity| {
                arguments.fail_on.fails_on(severity)
            })?;
        }
        _ => report::write_sarif(&mut ui.out, home, &kinds, &findings, &[])?,
    }
    Ok(())
}

impl FailOn {
    /// Whether a finding of this weight makes the command fail.
    fn fails_on(self, severity: Severity) -> bool {
        match self {
            Self::NewAccess => severity > Severity::Note,
            Self::Any => true,
            Self::Never => false,
        }
    }

    fn fails(self, report: &ComparisonReport) -> bool {
        match self {
            Self::NewAccess => report.outcome != Outcome::NoNewAccess,
            Self::Any => report.has_changes(),
            Self::Never => false,
        }
    }
}

/// The two sides as they are named.
enum Names {
    /// One after the other.
    Two(String, String),
    /// The second, and where it left the first.
    Parted(String, String),
}

impl Arguments {
    fn names(&self) -> Result<Names, CommandError> {
        let revision = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        // Dots may be part of a path, and a path that is there is meant as one.
        let is_path = working_folder().join(&self.old).exists() || self.old.contains("../");
        let range = self.old.split_once("..").filter(|_| !is_path);
        match (range, &self.new) {
            (Some(_), Some(new)) => {
                let message = format!("`{}` names both sides, and `{new}` is a third", self.old);
                Err(CommandError::usage(message))
            }
            (Some((old, new)), None) => Ok(match new.strip_prefix('.') {
                Some(new) => Names::Parted(revision(old), revision(new)),
                None => Names::Two(revision(old), revision(new)),
            }),
            (None, new) => Ok(Names::Two(self.old.clone(), new.clone().unwrap_or_else(|| ".".to_owned()))),
        }
    }

    fn states(&self) -> Result<(State, State), CommandError> {
        let base = working_folder();
        let facts = self.facts.facts()?;
        let access = access(self.offline)?;
        let scope = self.scope.map(Scope::from);
        let reading = Reading { base: &base, scope, facts: &facts, day: self.facts.day(), access: &access };
        Ok(match self.names()? {
            Names::Two(old, new) => (State::read(&old, &reading)?, State::read(&new, &reading)?),
            Names::Parted(old, new) => {
                (State::read_parting((&old, &new), &reading)?, State::read(&new, &reading)?)
            }
        })
    }

    fn compare(&self, ui: &mut Ui, old: &State, new: &State) -> ComparisonReport {
        let client = self.client.version(ui).unwrap_or_default();
        report::compare(old, new, client, Budget(self.budget))
    }
}
