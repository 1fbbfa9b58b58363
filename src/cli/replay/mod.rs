//! `bylaws replay`.

mod sides;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;

use clap::Args;
use sha2::{Digest, Sha256};

use super::arguments::{ClientArguments, FactArguments, access, working_folder};
use super::error::CommandError;
use super::exit;
use super::policy::{Loaded, usable};
use super::records::RecordArguments;
use super::ui::Ui;
use crate::policy::Policy;
use crate::replay::{Kind, Options, Replay};
use crate::report::{self, ReplayReport, Told};
use crate::repository::{Checker, Question};
use crate::source::PolicySource;
use crate::state::open_policy;
use sides::{Before, Standing};

/// Say what another policy would have meant for recorded sessions
///
/// Decides every recorded call by the settings before and by those after, and tells what is newly blocked, newly asked
/// and newly silent, by which rule, with which tool and in which repository.
///
/// The settings before are those of the projects as they stand here, and the settings after are what `bylaws apply`
/// would make of them. With `--from`, both are what the two policies ask for, and no project has to be here.
///
/// Private unless asked otherwise: counts, people under made-up names, few examples without what tells of somebody.
/// Nothing is sent anywhere, and nothing is written.
#[derive(Debug, Args)]
#[command(after_long_help = limits())]
pub(super) struct Arguments {
    #[command(flatten)]
    records: RecordArguments,

    /// The policy after: a folder, `builtin:NAME` or a git URL; with `--from` also a revision of the repository here
    #[arg(long, value_name = "POLICY")]
    against: String,

    /// The policy before, instead of the projects as they stand here
    #[arg(long, value_name = "POLICY")]
    from: Option<String>,

    /// Let this machine's own settings count on both sides: those of the user and managed ones
    #[arg(long, conflicts_with = "from")]
    machine: bool,

    /// Exit with 1 when there are such calls; may be given several times
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    fail_on: Vec<FailOn>,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Most examples of a change
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    examples: usize,

    /// No examples
    #[arg(long, conflicts_with = "examples")]
    no_examples: bool,

    /// Tell of people by their names, and of calls as they were made, but for credentials
    #[arg(long)]
    show_users: bool,

    /// Make up the names of people from this as well, so that they are the same in another run
    ///
    /// Without it they are made up anew in each run. Whoever knows it can tell who is who.
    #[arg(long, value_name = "TEXT", conflicts_with = "show_users")]
    salt: Option<String>,

    /// The home folder of the records [default: the one that the folder of a session lies in]
    #[arg(long, value_name = "FOLDER")]
    home: Option<String>,

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
    let limits: Vec<String> = crate::replay::LIMITS.iter().map(|limit| format!("  - {limit}")).collect();
    format!("Not said:\n{}", limits.join("\n"))
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Calls that are refused now
    NewlyBlocked,
    /// Calls that somebody is asked for now
    NewlyAsked,
    /// Calls that run without a question now
    NewlySilent,
    /// Calls of which it is not known
    Undecided,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// JSON, `bylaws schema replay`
    Json,
    /// A summary for a comment
    Markdown,
}

impl FailOn {
    fn fails(self, report: &ReplayReport) -> bool {
        let count = match self {
            Self::NewlyBlocked => report.count_of(Kind::Blocked),
            Self::NewlyAsked => report.count_of(Kind::Asked),
            Self::NewlySilent => report.count_of(Kind::Silent),
            Self::Undecided => report.count_undecided(),
        };
        count > 0
    }
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let version = arguments.client.version(ui).unwrap_or_default();
    let question = arguments.question()?;
    let mut standing = arguments.standing(ui, &question)?;
    let options = Options {
        version,
        home: arguments.home.clone(),
        examples: if arguments.no_examples { 0 } else { arguments.examples },
    };
    let mut replay = Replay::new(&mut standing, options);
    let heard = arguments.records.hear(&mut replay, Replay::end_file)?;
    let replayed = replay.finish();
    if let Some(error) = standing.failed.take() {
        super::check::write_policy_faults(ui, &error.findings)?;
        return Err(error);
    }
    super::records::note_broken(ui, &heard);
    let salt = arguments.salt.clone().unwrap_or_else(random);
    let report = report::replay_report(
        Told {
            old: standing.old_name(),
            new: arguments.against.clone(),
            client: version,
            heard,
            notes: standing.notes(),
            place: &|sides, is_new, rule| standing.place(sides, is_new, rule),
            person: &|name| if arguments.show_users { name.to_owned() } else { made_up(&salt, name) },
            is_open: arguments.show_users,
        },
        &replayed,
    );
    match arguments.format {
        Format::Text => {
            let width = ui.width();
            report::write_replay(&mut ui.out, width, &report)?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Markdown => report::write_replay_markdown(&mut ui.out, &report)?,
    }
    if arguments.format != Format::Text {
        ui.status(&report.in_words());
    }
    if report.count() == 0 && !arguments.fail_on.is_empty() {
        return Err(CommandError::failed("no recorded call was found, so nothing is shown to be fine")
            .hint("`bylaws replay --help` says which records are read"));
    }
    let fails = arguments.fail_on.iter().any(|what| what.fails(&report));
    if !fails && !arguments.fail_on.is_empty() && report.count() == report.count_undecided() {
        return Err(CommandError::failed(
            "no recorded call could be decided, so nothing is shown to be fine",
        )
        .hint("the report says why; `--from POLICY` says which policy held where a project is not here"));
    }
    Ok(if fails { exit::FOUND } else { exit::CLEAN })
}

impl Arguments {
    /// What is asked of the projects here.
    fn question(&self) -> Result<Question, CommandError> {
        Ok(Question {
            policy: Some(PolicySource::parse(&self.against, &working_folder())),
            pinned_as: None,
            newest: true,
            tidy: false,
            facts: self.facts.facts()?,
            weights: BTreeMap::new(),
            today: self.facts.day(),
            access: access(self.offline)?,
        })
    }

    fn standing<'q>(&self, ui: &mut Ui, question: &'q Question) -> Result<Standing<'q>, CommandError> {
        let after = self.load(ui, &self.against)?;
        let before = match &self.from {
            Some(name) => Before::Policy { name: name.clone(), policy: Box::new(self.load(ui, name)?) },
            None => {
                let checker = Box::new(Checker::new(question));
                Before::Projects { checker, machine: self.machine }
            }
        };
        let after = (self.against.clone(), after);
        Ok(Standing::new(before, after, question.facts.clone(), question.today))
    }

    fn load(&self, ui: &mut Ui, name: &str) -> Result<Policy, CommandError> {
        let opened = open_policy(name, &working_folder(), &access(self.offline)?)?;
        if let Some(note) = &opened.note {
            ui.note(note);
        }
        usable(ui, Loaded::read(name.to_owned(), &opened.files))
    }
}

/// A name that says nothing of the one that it stands for to whoever does not know the salt.
fn made_up(salt: &str, name: &str) -> String {
    let hash = Sha256::digest(format!("{salt}\0{name}").as_bytes());
    let hex: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("person-{hex}")
}

/// A text that nobody can foresee: the standard library takes the keys of its hashes from the system.
fn random() -> String {
    let words = (0..4).map(|_| format!("{:016x}", RandomState::new().build_hasher().finish()));
    words.collect()
}
