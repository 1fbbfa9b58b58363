//! `bylaws evidence`, and what it shares with `bylaws fleet evidence`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::{PolicyArguments, working_folder};
use super::error::CommandError;
use super::exit;
use super::explain::scopes;
use super::ui::Ui;
use crate::client::keys::nearest_of;
use crate::evidence::{Evidence, HeldAgainst, Look, Machine, Seen, Status, Subject};
use crate::files;
use crate::path::RepoPath;
use crate::policy::{Framework, Policy};
use crate::report;
use crate::repository::Held;

/// How wide running text is in a file, in characters.
const FILE_WIDTH: usize = 100;

/// Show what of a framework's controls a repository meets, where it is enforced, and what is not shown
///
/// A framework maps the controls of a standard to settings, checks and attestations of the policy, and to what
/// only a person can decide. What could not be read or is not decided is never met. This is no legal advice.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the repository, with or without a work tree; all projects at or below it are looked at
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    policy: PolicyArguments,

    /// Let this machine's own settings count too: managed ones, and those of the user as advice
    #[arg(long)]
    machine: bool,

    #[command(flatten)]
    form: FormArguments,
}

/// Which framework, and the form of the report.
#[derive(Debug, Args)]
pub(super) struct FormArguments {
    /// The framework: one of the policy's own, or one that comes with the program (eu-ai-act, gdpr, hipaa,
    /// iso27001, nist-ai-rmf, soc2)
    #[arg(long, value_name = "NAME")]
    framework: String,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Exit with 1 when a requirement stands like this or worse
    #[arg(long, value_name = "STATUS", default_value = "never")]
    fail_on: FailOn,
}

/// The forms of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// By control, for people
    Text,
    /// One page that needs nothing else, for auditors; it prints
    Html,
    /// JSON, `bylaws schema evidence`
    Json,
    /// A line for each requirement in each project
    Csv,
    /// OSCAL assessment results
    Oscal,
}

/// What makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// What is shown not to be so.
    NotMet,
    /// What was attested and is due again.
    Overdue,
    /// What nothing shows.
    NotShown,
    /// Nothing.
    Never,
}

impl FailOn {
    fn fails(self, status: Status) -> bool {
        match self {
            Self::NotMet => status <= Status::NotMet,
            Self::Overdue => status <= Status::Overdue,
            Self::NotShown => status <= Status::NotShown,
            Self::Never => false,
        }
    }
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let question = arguments.policy.question(false, &[])?;
    let checked = super::check::check_one(ui, &question, &arguments.path)?;
    let Some(first) = checked.projects.first() else {
        return Err(CommandError::failed("there is no project to look at"));
    };
    if checked.projects.iter().any(|held| held.policy_digest() != first.policy_digest()) {
        let message =
            "the projects of this repository pin different policies: one report speaks of one policy";
        return Err(CommandError::usage(message).hint("name it with `--policy`, or one of the projects"));
    }
    let framework = arguments.form.framework(first.policy())?;
    let machine = arguments.machine.then(|| arguments.machine_files()).transpose()?;
    let look = Look::new(&framework, first.policy(), question.today, machine.as_ref());
    let seen = Seen::of(&checked);
    let name = checked.name();
    let answered = checked.projects.iter().map(|held| {
        let subject = Subject {
            repository: name.clone().unwrap_or_else(|| folder_name(&checked.root)),
            location: arguments.path.display().to_string(),
            commit: checked.commit.clone(),
            ..subject(held, &seen)
        };
        (subject, look.answers(&look.files(held, &checked, &seen), name.as_deref()))
    });
    let policy = HeldAgainst {
        source: first.pin.source.clone(),
        organization: first.policy().organization.clone(),
        revision: first.pin.revision.clone(),
        digest: first.policy_digest().to_owned(),
    };
    let evidence = Evidence::gather(&framework, policy, question.today, machine.is_some(), answered);
    arguments.form.write(ui, &evidence)
}

impl Arguments {
    /// The settings of this machine.
    fn machine_files(&self) -> Result<Machine, CommandError> {
        let project = files::locate(&self.path)?.root;
        Ok(Machine { files: scopes(project, true, None).read()?.files })
    }
}

/// A project that was looked at, as far as it is the same in repositories that are alike.
pub(super) fn subject(held: &Held, seen: &Seen) -> Subject {
    Subject {
        repository: String::new(),
        project: (!held.project.path.is_root()).then(|| held.project.path.to_string()),
        location: String::new(),
        commit: None,
        state: seen.state().to_string(),
        digest: Some(held.pin.digest.clone()),
    }
}

fn folder_name(root: &Path) -> String {
    root.file_name().map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned())
}

impl FormArguments {
    /// The framework of this name.
    pub(super) fn framework(&self, policy: &Policy) -> Result<Framework, CommandError> {
        policy.framework(&self.framework).ok_or_else(|| {
            let known = policy.framework_names();
            let error = CommandError::usage(format!("there is no framework `{}`", self.framework));
            match nearest_of(&self.framework, known.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("the frameworks are {}", known.join(", "))),
            }
        })
    }

    /// Writes evidence, says in one line what it comes to, and gives the exit code.
    pub(super) fn write(&self, ui: &mut Ui, evidence: &Evidence) -> Result<u8, CommandError> {
        match &self.output {
            None => {
                let width = ui.width();
                self.write_to(&mut ui.out, width, evidence)?;
            }
            Some(path) => {
                let mut report = Vec::new();
                self.write_to(&mut report, FILE_WIDTH, evidence)?;
                let report = anstream::adapter::strip_str(&String::from_utf8_lossy(&report)).to_string();
                write_file(path, &report)?;
                ui.status(&format!("wrote {}", path.display()));
            }
        }
        let counts = evidence.counts();
        let told: Vec<String> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
        let told = report::painted(report::BOLD, told.join(", "));
        ui.status(&format!("{told}: requirements of {}", evidence.framework.content.title));
        ui.note("this is no legal advice; the report says what it does not show");
        let fails = counts.iter().any(|(status, _)| self.fail_on.fails(*status));
        Ok(if fails { exit::FOUND } else { exit::CLEAN })
    }

    fn write_to(&self, out: &mut dyn Write, width: usize, evidence: &Evidence) -> io::Result<()> {
        match self.format {
            Format::Text => report::write_evidence_text(out, width, evidence),
            Format::Html => report::write_evidence_html(out, evidence),
            Format::Csv => report::write_evidence_csv(out, evidence),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, &report::evidence_report(evidence))?;
                writeln!(out)
            }
            Format::Oscal => {
                serde_json::to_writer_pretty(&mut *out, &report::oscal_results(evidence))?;
                writeln!(out)
            }
        }
    }
}

/// Writes a file whole or not at all, over one that is there.
fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    let path = working_folder().join(path);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(CommandError::usage(format!("`{}` is no file", path.display())));
    };
    let folder = folder.canonicalize().map_err(|_| files::Error::Missing { path: folder.to_owned() })?;
    let before = match files::read_text(&folder.join(name)) {
        Ok(text) => Some(text),
        Err(files::Error::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let name = RepoPath::root().join(&name.to_string_lossy());
    Ok(files::write(&folder, &name, before.as_deref(), Some(text))?)
}
