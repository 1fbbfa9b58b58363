//! `bylaws fleet rollout`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::forge::Connected;
use super::{FleetArguments, Form};
use crate::check::FileChange;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::{Progress, Ui};
use crate::fleet::{Cast, FleetPlan, Run, SameChange, Shown};
use crate::forge::{Clock, RepositoryName, SystemClock};
use crate::git;
use crate::json::Document;
use crate::policy;
use crate::report::{self, Asked, Reader, Survey};
use crate::repository::{Checked, Checker, InForce, Question};
use crate::rollout::{self, Did, Hold, Log, Looked, Past, Plan, Rollout, RolloutFile, Voice, Wanted, Words};
use crate::source::PolicySource;

/// Bring a fleet in line by one pull or merge request in each repository, ring after ring
///
/// The rollout file says which repositories come when, how many at a time, and when it stops by itself (`bylaws schema
/// rollout`). Where each request stands is asked of the forge every time; beside the file only a log is kept.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    Preview(PreviewArguments),
    Advance(AdvanceArguments),
    Status(StatusArguments),
    Pause(PauseArguments),
    Resume(ResumeArguments),
}

/// Show what `advance` would do now, and each change once; has no way to write
#[derive(Debug, Args)]
pub(in crate::cli) struct PreviewArguments {
    #[command(flatten)]
    rollout: RolloutArguments,

    #[command(flatten)]
    touched: TouchedArguments,

    /// Form of the report; of its JSON `bylaws schema rollout-preview` has the schema
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
}

/// Open, renew and close the requests that may be now
///
/// Does what rings, pace and limits allow at this moment, and ends; to go on, run it again, by hand or on a schedule.
/// Stopped at any moment, it goes on from what stands on the forge. A branch that others committed to is left
/// alone, and a request that people closed is not opened again with the same change.
#[derive(Debug, Args)]
pub(in crate::cli) struct AdvanceArguments {
    #[command(flatten)]
    rollout: RolloutArguments,

    #[command(flatten)]
    touched: TouchedArguments,
}

/// Show where the requests of each ring stand, and which need somebody
#[derive(Debug, Args)]
pub(in crate::cli) struct StatusArguments {
    #[command(flatten)]
    rollout: RolloutArguments,

    /// Form of the report; of its JSON `bylaws schema rollout-status` has the schema
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
}

/// Have `advance` do nothing until the rollout is resumed
#[derive(Debug, Args)]
pub(in crate::cli) struct PauseArguments {
    #[command(flatten)]
    file: FileArguments,

    /// Why, for whoever meets the pause
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// End a pause
#[derive(Debug, Args)]
pub(in crate::cli) struct ResumeArguments {
    #[command(flatten)]
    file: FileArguments,
}

/// The rollout.
#[derive(Debug, Args)]
struct FileArguments {
    /// The rollout file
    #[arg(value_name = "ROLLOUT")]
    rollout: PathBuf,

    /// What was done so far [default: beside the rollout file, with the ending `.log`]
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// The rollout, and the fleet that it is for.
#[derive(Debug, Args)]
struct RolloutArguments {
    #[command(flatten)]
    file: FileArguments,

    #[command(flatten)]
    fleet: FleetArguments,
}

/// What may be touched.
#[derive(Debug, Args)]
struct TouchedArguments {
    /// Touch only repositories of this name, in which `*` stands for any text; may be given several times
    ///
    /// The others count for rings and limits all the same.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,

    /// Have at most this many requests open, instead of what the rollout file says
    #[arg(long, value_name = "COUNT")]
    max_open: Option<u32>,
}

pub(super) fn run(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::Preview(arguments) => preview(ui, &arguments),
        Command::Advance(arguments) => advance(ui, &arguments),
        Command::Status(arguments) => status(ui, &arguments),
        Command::Pause(PauseArguments { file, reason }) => {
            file.note(Did::Paused { why: reason })?;
            ui.status("paused: `bylaws fleet rollout resume` ends it");
            Ok(exit::CLEAN)
        }
        Command::Resume(ResumeArguments { file }) => {
            file.note(Did::Resumed)?;
            ui.status("the next `bylaws fleet rollout advance` goes on");
            Ok(exit::CLEAN)
        }
    }
}

fn preview(ui: &mut Ui, arguments: &PreviewArguments) -> Result<u8, CommandError> {
    let plan = arguments.rollout.file.plan(arguments.touched.max_open)?;
    let past = Past::read(&arguments.rollout.file.log())?;
    let question = arguments.rollout.question()?;
    let checker = Checker::new(&question);
    let gathered = arguments.rollout.gather(ui, &plan, &question, &checker)?;
    let only = |name: &RepositoryName| arguments.touched.takes(name);
    let rollout = gathered.rollout(&plan, &only);
    let looked = rollout.look(&*gathered.connected.forge, &past)?;
    let agenda = rollout.preview(&looked, &past);
    let proposed = agenda.propose.iter().filter_map(|number| gathered.cast.members.get(*number));
    let changes = SameChange::gather(proposed.map(|member| (member.name.to_string(), diff(member))));
    let survey = gathered.survey(&plan, &looked);
    match arguments.format {
        Form::Text => {
            report::write_survey(&mut ui.out, survey)?;
            report::write_agenda(&mut ui.out, survey, &agenda)?;
            if !changes.is_empty() {
                writeln!(ui.out)?;
            }
            report::write_fleet_plan(&mut ui.out, &FleetPlan { changes, ..FleetPlan::default() })?;
        }
        Form::Json => ui.json(&report::rollout_preview_report(survey, &agenda, &changes))?,
    }
    agenda.holds.iter().for_each(|hold| ui.note(&report::hold_in_words(hold)));
    ui.status(&format!(
        "would open or renew {} requests and close {}; nothing was written",
        agenda.propose.len(),
        agenda.withdraw.len()
    ));
    Ok(exit::CLEAN)
}

fn advance(ui: &mut Ui, arguments: &AdvanceArguments) -> Result<u8, CommandError> {
    let plan = arguments.rollout.file.plan(arguments.touched.max_open)?;
    // One that is there is held from the start; none is made before the forge has answered.
    let path = arguments.rollout.file.log();
    let log = path.exists().then(|| Log::open(&path)).transpose()?;
    let question = arguments.rollout.question()?;
    let checker = Checker::new(&question);
    let gathered = arguments.rollout.gather(ui, &plan, &question, &checker)?;
    let mut log = log.map_or_else(|| Log::open(&path), Ok)?;
    let only = |name: &RepositoryName| arguments.touched.takes(name);
    let rollout = gathered.rollout(&plan, &only);
    let run = gathered.run(&question, &checker, arguments.rollout.fleet.jobs());
    let mut speaker = Speaker { ui, plan: &plan, gathered: &gathered, run };
    let round = rollout.advance(&*gathered.connected.forge, &mut log, &mut speaker)?;
    round.notes.iter().for_each(|note| ui.note(note));
    round.holds.iter().for_each(|hold| ui.note(&report::hold_in_words(hold)));
    let count = |counts: fn(&Did) -> bool| round.done.iter().filter(|(_, did)| counts(did)).count();
    let proposed = count(|did| matches!(did, Did::Proposed { .. }));
    let closed = count(|did| matches!(did, Did::Withdrew { .. }));
    let failed = count(|did| matches!(did, Did::Failed { .. }));
    let failures = if failed > 0 { format!("; {failed} failed") } else { String::new() };
    ui.status(&format!("opened or renewed {proposed} requests, closed {closed}{failures}"));
    let is_halted = round.holds.iter().any(|hold| matches!(hold, Hold::Halted { .. }));
    Ok(if is_halted || failed > 0 { exit::FOUND } else { exit::CLEAN })
}

fn status(ui: &mut Ui, arguments: &StatusArguments) -> Result<u8, CommandError> {
    let plan = arguments.rollout.file.plan(None)?;
    let past = Past::read(&arguments.rollout.file.log())?;
    let question = arguments.rollout.question()?;
    let checker = Checker::new(&question);
    let gathered = arguments.rollout.gather(ui, &plan, &question, &checker)?;
    let rollout = gathered.rollout(&plan, &|_| true);
    let looked = rollout.look(&*gathered.connected.forge, &past)?;
    let agenda = rollout.preview(&looked, &past);
    let survey = gathered.survey(&plan, &looked);
    match arguments.format {
        Form::Text => report::write_survey(&mut ui.out, survey)?,
        Form::Json => ui.json(&report::rollout_status_report(survey, &agenda))?,
    }
    agenda.holds.iter().for_each(|hold| ui.note(&report::hold_in_words(hold)));
    let is_halted = agenda.holds.iter().any(|hold| matches!(hold, Hold::Halted { .. }));
    Ok(if is_halted { exit::FOUND } else { exit::CLEAN })
}

/// The forge, what it showed, and who takes part.
struct Gathered {
    connected: Connected,
    policy: InForce,
    shown: Option<Shown>,
    cast: Cast,
}

impl Gathered {
    fn run<'a>(&'a self, question: &'a Question, checker: &'a Checker<'a>, jobs: usize) -> Run<'a> {
        let (policy, access, shown) = (&self.policy, &question.access, self.shown.as_ref());
        Run { checker, policy, jobs, access, memory: None, shown }
    }

    fn rollout<'a>(&'a self, plan: &'a Plan, only: &'a dyn Fn(&RepositoryName) -> bool) -> Rollout<'a> {
        Rollout { plan, members: &self.cast.members, only, clock: &SystemClock }
    }

    fn survey<'a>(&'a self, plan: &'a Plan, looked: &'a [Looked]) -> Survey<'a> {
        Survey { plan, policy: &self.policy, cast: &self.cast, looked }
    }
}

impl RolloutArguments {
    fn question(&self) -> Result<Question, CommandError> {
        let question = self.fleet.question(BTreeMap::new(), false)?;
        if let Some(PolicySource::Folder { .. }) =
            question.policy.as_ref().filter(|_| self.fleet.pinned_as.is_none())
        {
            return Err(CommandError::usage("the policy is a folder, and locks elsewhere cannot name it")
                .hint("`--pinned-as URL` says how they name it"));
        }
        Ok(question)
    }

    /// Reads the fleet and finds out what is to be changed where.
    fn gather(
        &self,
        ui: &mut Ui,
        plan: &Plan,
        question: &Question,
        checker: &Checker<'_>,
    ) -> Result<Gathered, CommandError> {
        let name = checker.name_in_locks(Path::new("")).unwrap_or_default();
        if git::without_password(&name) != name {
            return Err(CommandError::usage("the URL of the policy holds a password, and would stand in every lock")
                .hint("`--pinned-as URL` says how locks name it, or give `git` a credential helper that has the password"));
        }
        let opened = self.fleet.open(ui, checker, None)?;
        let shown = opened.shown(ui, None)?;
        let super::Opened { policy, inventory, connected } = opened;
        let Some(connected) = connected else {
            return Err(CommandError::usage("no forge is named").hint("`--forge URL` names it"));
        };
        let progress = Progress::new(ui, inventory.members().len());
        let mut gathered = Gathered { connected, policy, shown, cast: Cast::default() };
        let cast = {
            let run = gathered.run(question, checker, self.fleet.jobs());
            let base = gathered.connected.site().base;
            Cast::of(&run, base, plan, inventory.members(), || progress.step())
        };
        progress.clear();
        gathered.cast = cast?;
        let (cast, forge) = (&gathered.cast, &gathered.connected.forge);
        if cast.in_no_ring > 0 {
            ui.note(&format!("{} repositories are in no ring and left alone", cast.in_no_ring));
        }
        if cast.archived > 0 {
            ui.note(&format!("{} repositories are archived and left alone", cast.archived));
        }
        if let [first, rest @ ..] = &cast.elsewhere[..] {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            ui.note(&format!("`{first}`{more}: not on `{}`, and left alone", forge.host()));
        }
        Ok(gathered)
    }
}

/// Gives a round its words, and tells what it does.
struct Speaker<'a> {
    ui: &'a mut Ui,
    plan: &'a Plan,
    gathered: &'a Gathered,
    run: Run<'a>,
}

impl Voice for Speaker<'_> {
    fn words(&mut self, member: &rollout::Member) -> Result<Words, String> {
        let checked = self.gathered.cast.check(&self.run, member)?;
        Ok(words(self.plan, &self.gathered.policy, &checked))
    }

    fn tell(&mut self, name: &RepositoryName, did: &Did) {
        // That nobody listens is no reason to stop; whoever ends the output is told.
        let _ = report::write_done(&mut self.ui.out, name, did).and_then(|()| self.ui.out.flush());
    }
}

impl FileArguments {
    /// The log.
    fn log(&self) -> PathBuf {
        self.log.clone().unwrap_or_else(|| self.rollout.with_extension("log"))
    }

    /// Reads the rollout file; `max_open` goes before what it says.
    fn plan(&self, max_open: Option<u32>) -> Result<Plan, CommandError> {
        let wrong = |reason: String| {
            CommandError::usage(format!("`{}` is no rollout: {reason}", self.rollout.display()))
                .hint("`bylaws schema rollout` shows what a rollout looks like")
        };
        let document = Document::parse(crate::files::read_text(&self.rollout)?);
        let root = document.root().filter(|_| document.is_strict());
        let value =
            root.map(crate::json::Node::to_value).ok_or_else(|| wrong("it is not JSON".to_owned()))?;
        let mut file: RolloutFile =
            serde_json::from_value(value).map_err(|error| wrong(error.to_string()))?;
        file.max_open = max_open.or(file.max_open);
        Plan::new(file).map_err(|error| wrong(error.to_string()))
    }

    /// Adds what is not about one repository to the log.
    fn note(&self, did: Did) -> Result<(), CommandError> {
        // A rollout that is none has no log.
        self.plan(None)?;
        Ok(Log::open(&self.log())?.add(SystemClock.now(), None, did)?)
    }
}

impl TouchedArguments {
    fn takes(&self, name: &RepositoryName) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| policy::matches(pattern, name.as_str()))
    }
}

/// What a change is called, and why it is made.
fn words(plan: &Plan, policy: &InForce, checked: &Checked) -> Words {
    let title = "Bring the agent settings in line with the policy".to_owned();
    let revision = policy.revision().map(|revision| format!("\nRevision: {revision}")).unwrap_or_default();
    let message = format!("{title}\n\nPolicy: {}{revision}", policy.name);
    let mut body = Vec::new();
    let asked = Asked { rollout: plan.name(), policy: &policy.name, revision: policy.revision(), checked };
    // Writing to memory does not fail.
    let _ = report::write_request(&mut body, &asked);
    Words { title, message, body: String::from_utf8_lossy(&body).into_owned() }
}

/// The diff of what is wanted, without colours.
fn diff(member: &rollout::Member) -> String {
    let Wanted::Change(patch) = &member.wanted else { return String::new() };
    let files = patch.files.iter().map(|file| FileChange {
        path: file.path.clone(),
        before: file.before.clone(),
        after: file.after.clone(),
    });
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = report::write_diff(&mut text, Reader::Program, &files.collect::<Vec<_>>(), &[]);
    anstream::adapter::strip_str(&String::from_utf8_lossy(&text)).to_string()
}
