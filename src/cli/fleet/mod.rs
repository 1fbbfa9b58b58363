//! `bylaws fleet`: many repositories at once.

mod check;
mod discover;
mod evidence;
mod forge;
mod merge;
mod plan;
mod report;
mod rollout;
mod status;

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::arguments::{DayArguments, FailOn, access, working_folder};
use super::error::CommandError;
use super::ui::Ui;
use crate::finding::{Counts, Severity};
use crate::fleet::{Fleet, History, Inventory, Memory, SOURCE, Shard, Shown, State, Trend};
use crate::json::Document;
use crate::policy::{Facts, InventoryFile, Policy, RepositoryEntry, Weight};
use crate::report::{self as reports, FleetReport, Reader};
use crate::repository::{Checked, Checker, InForce, Question};
use crate::source::PolicySource;
use forge::{Connected, ForgeArguments};

/// Look at many repositories at once
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(check::Arguments),
    Plan(plan::Arguments),
    Merge(merge::Arguments),
    Status(status::Arguments),
    Report(report::Arguments),
    Evidence(evidence::Arguments),
    Discover(discover::Arguments),
    #[command(subcommand)]
    Rollout(rollout::Command),
}

pub(super) fn run(ui: &mut Ui, command: Command) -> Result<u8, CommandError> {
    match command {
        Command::Check(arguments) => check::run(ui, &arguments),
        Command::Plan(arguments) => plan::run(ui, &arguments),
        Command::Merge(arguments) => merge::run(ui, &arguments),
        Command::Status(arguments) => status::run(ui, &arguments),
        Command::Report(arguments) => report::run(ui, &arguments),
        Command::Evidence(arguments) => evidence::run(ui, &arguments),
        Command::Discover(arguments) => discover::run(ui, &arguments),
        Command::Rollout(command) => rollout::run(ui, command),
    }
}

/// Which policy, and which repositories.
#[derive(Debug, Args)]
struct FleetArguments {
    /// Folders of clones and bare repositories, lists of folders and URLs, inventories (`.json`); without any, the
    /// inventory of the policy
    ///
    /// A list has a folder or URL a line. What the inventory of the policy knows of a repository holds for it
    /// wherever it is found.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The policy: `builtin:NAME`, a folder, or a git URL with an optional `#BRANCH`, `#TAG` or `#COMMIT`
    #[arg(long, value_name = "SOURCE", env = "BYLAWS_POLICY", hide_env_values = true)]
    policy: String,

    /// How locks name the policy, where `--policy` is a copy of it: a checkout in its own CI
    #[arg(long, value_name = "SOURCE")]
    pinned_as: Option<String>,

    #[command(flatten)]
    forge: ForgeArguments,

    /// How many repositories are looked at at a time [default: as many as there are processors]
    #[arg(long, value_name = "COUNT")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    day: DayArguments,
}

/// Whether the network is used.
#[derive(Debug, Args)]
struct NetworkArguments {
    /// Leave the network alone; use policy and repositories as they were last fetched
    #[arg(long, conflicts_with = "forge")]
    offline: bool,
}

/// How far a look at a fleet goes.
#[derive(Debug, Args)]
struct ReachArguments {
    #[command(flatten)]
    network: NetworkArguments,

    /// Look only at the part K of N of the repositories; `bylaws fleet merge` puts the parts together
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
}

/// What there is to look at.
struct Opened {
    policy: InForce,
    inventory: Inventory,
    /// The forge that is asked, where one is.
    connected: Option<Connected>,
}

impl Opened {
    /// What the forge shows of the repositories on it, none where none is asked.
    fn shown(&self, ui: &mut Ui, memory: Option<&Memory>) -> Result<Option<Shown>, CommandError> {
        let Some(connected) = &self.connected else { return Ok(None) };
        ui.status(&format!("asking `{}` what stands in its repositories", connected.forge.host()));
        let members = self.inventory.members();
        Ok(Some(Shown::read(connected.site(), members, &self.policy, memory)?))
    }
}

impl FleetArguments {
    fn question(&self, weights: BTreeMap<String, Weight>, offline: bool) -> Result<Question, CommandError> {
        Ok(Question {
            policy: Some(PolicySource::parse(&self.policy, &working_folder())),
            pinned_as: self.pinned_as.clone(),
            newest: true,
            tidy: false,
            facts: Facts::none(),
            weights,
            today: self.day.day(),
            access: access(offline)?,
        })
    }

    /// Opens the policy and gathers the repositories; what the user should know of both is told.
    fn open(&self, ui: &mut Ui, checker: &Checker<'_>, shard: Option<Shard>) -> Result<Opened, CommandError> {
        let policy = checker.policy();
        checker.take_notes().iter().for_each(|note| ui.note(note));
        let policy = policy?.ok_or_else(|| CommandError::usage("no policy is named"))?;
        let connected = self.forge.connect()?;
        let listed = match &connected {
            Some(connected) => self.forge.discover(ui, connected)?,
            None => Vec::new(),
        };
        let mut inventory = self.inventory(policy.policy(), listed)?;
        if let Some(shard) = shard {
            inventory.keep(|member| shard.takes(&member.name));
        }
        inventory.notes.iter().for_each(|note| ui.note(note));
        Ok(Opened { policy, inventory, connected })
    }

    fn jobs(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.jobs.map_or_else(all, NonZeroUsize::get)
    }

    /// The repositories that are meant, with all that is known of them; those that a forge listed are `listed`.
    fn inventory(
        &self,
        policy: &Policy,
        mut listed: Vec<RepositoryEntry>,
    ) -> Result<Inventory, CommandError> {
        let mut inventory = read_inventories(&self.paths)?;
        let known: BTreeMap<&str, &RepositoryEntry> =
            policy.repositories.iter().map(|entry| (entry.name.as_str(), entry)).collect();
        for entry in &mut listed {
            // What the policy says of a repository goes before what its forge does, but for where it is.
            let known = known.get(entry.name.as_str()).into_iter().flat_map(|known| &known.facts);
            let known = known.filter(|(fact, _)| *fact != SOURCE);
            entry.facts.extend(known.map(|(fact, values)| (fact.clone(), values.clone())));
        }
        inventory.add_entries(&listed, Path::new(""));
        if self.paths.is_empty() && self.forge.organization.is_empty() {
            if policy.repositories.is_empty() {
                return Err(CommandError::usage(
                    "the policy has no inventory, and no folder or list is named",
                )
                .hint("`bylaws fleet discover FOLDER` makes an inventory")
                .hint("`--forge URL --organization NAME` asks a forge which repositories there are"));
            }
            // The inventory of a folder is read where it lies; what another one says of folders means this one.
            let base = match PolicySource::parse(&self.policy, &working_folder()) {
                PolicySource::Folder { path, .. } => path,
                _ => working_folder(),
            };
            inventory.add_entries(&policy.repositories, &base);
        }
        inventory.join(policy.repositories.iter().map(|entry| (entry.name.as_str(), &entry.facts)));
        inventory.settle();
        Ok(inventory)
    }
}

/// The diff of a repository without colours, empty where nothing would change.
fn diff(checked: &Checked) -> String {
    let mut text = Vec::new();
    for held in &checked.projects {
        // Writing to memory does not fail.
        let _ = reports::write_diff(&mut text, Reader::Program, &held.plan().changes, &[]);
    }
    anstream::adapter::strip_str(&String::from_utf8_lossy(&text)).to_string()
}

/// The fleet that JSON reports tell of, the parts of it put together.
fn read_reports(files: &[PathBuf]) -> Result<Fleet, CommandError> {
    let fleets: Vec<Fleet> = files.iter().map(|path| read_report(path)).collect::<Result<_, _>>()?;
    Fleet::merge(fleets).map_err(CommandError::usage)
}

fn read_report(path: &Path) -> Result<Fleet, CommandError> {
    let wrong = |reason: String| {
        CommandError::usage(format!("`{}` is no report on a fleet: {reason}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(|error| wrong(error.to_string()))?;
    let report: FleetReport =
        serde_json::from_reader(std::io::BufReader::new(file)).map_err(|error| wrong(error.to_string()))?;
    report.into_fleet().map_err(wrong)
}

/// The repositories of folders, lists and inventory files.
fn read_inventories(paths: &[PathBuf]) -> Result<Inventory, CommandError> {
    let mut inventory = Inventory::default();
    for path in paths {
        let is_json = path.extension().is_some_and(|end| end == "json");
        if path.is_dir() {
            inventory.add_folder(path)?;
        } else if is_json {
            let base = path.parent().unwrap_or(Path::new(""));
            inventory.add_entries(&read_inventory(path)?.repositories, base);
        } else {
            inventory.add_list(path)?;
        }
    }
    Ok(inventory)
}

fn read_inventory(path: &Path) -> Result<InventoryFile, CommandError> {
    let document = Document::parse(crate::files::read_text(path)?);
    let value = document.root().filter(|_| document.is_strict()).map(crate::json::Node::to_value);
    let read = value.map(serde_json::from_value::<InventoryFile>);
    read.and_then(Result::ok).ok_or_else(|| {
        CommandError::usage(format!("`{}` is no inventory", path.display()))
            .hint("`bylaws schema inventory` shows what an inventory looks like")
    })
}

/// Where outcomes are kept.
#[derive(Debug, Args)]
struct HistoryArguments {
    /// Add the outcomes to this file; `bylaws fleet status` shows how the fleet moved
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

impl HistoryArguments {
    /// Adds a run.
    fn add(&self, fleet: &Fleet) -> Result<(), CommandError> {
        if let Some(file) = &self.history {
            History::open(file)?.add(fleet)?;
        }
        Ok(())
    }
}

/// The forms of a report that people or programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What moved in the last runs of a history that is there.
fn read_history(file: &Path, runs: usize) -> Result<Trend, CommandError> {
    if !file.is_file() {
        return Err(CommandError::usage(format!("there is no history `{}`", file.display()))
            .hint("`bylaws fleet check --history FILE` makes one"));
    }
    Ok(History::open(file)?.trend(runs)?)
}

/// The forms in which a fleet is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Counts by state, then what needs attention by reason, for people
    Text,
    /// JSON, `bylaws schema fleet-report`
    Json,
    /// A line for each repository
    Csv,
    /// A summary for a comment
    Markdown,
    /// Numbers for Prometheus and its like
    Openmetrics,
}

/// Writes a fleet, and says in one line what it comes to.
fn write(ui: &mut Ui, format: Format, fleet: &Fleet) -> Result<(), CommandError> {
    let mut untold = 0;
    match format {
        Format::Text => {
            let width = ui.width();
            untold = reports::write_fleet_text(&mut ui.out, width, fleet)?;
            writeln!(ui.out)?;
        }
        Format::Json => ui.json(&reports::fleet_report(fleet))?,
        Format::Csv => reports::write_fleet_csv(&mut ui.out, fleet)?,
        Format::Markdown => reports::write_fleet_markdown(&mut ui.out, fleet)?,
        Format::Openmetrics => reports::write_fleet_metrics(&mut ui.out, fleet)?,
    }
    let attention = match (fleet.attention(), fleet.outcomes.len()) {
        (0, 1) => "1 repository needs no attention".to_owned(),
        (0, all) => format!("none of {all} repositories needs attention"),
        (some, all) => format!("{some} of {all} repositories need attention"),
    };
    let revision = fleet.revision.as_deref().map(crate::project::short);
    let revision = revision.map(|revision| format!(" at {revision}")).unwrap_or_default();
    ui.status(&format!("{} against {}{revision}", reports::painted(reports::BOLD, attention), fleet.policy));
    let partial = fleet.partial();
    if partial > 0 {
        ui.note(&format!(
            "of {partial} repositories the forge showed the root alone: projects in folders below it were not seen, and a clone or bare copy shows them"
        ));
    }
    if untold > 0 {
        ui.status(&format!("{untold} of them are not named: `--format csv` names each"));
    }
    Ok(())
}

/// Whether something weighs enough, or could not be looked at.
fn fails(fleet: &Fleet, fail_on: FailOn) -> bool {
    let weights = |counts: Counts| {
        [(counts.block, Severity::Block), (counts.warn, Severity::Warn), (counts.note, Severity::Note)]
    };
    fleet.outcomes.iter().any(|outcome| {
        let verdict = &outcome.verdict;
        let found =
            weights(verdict.counts).into_iter().any(|(count, weight)| count > 0 && fail_on.fails(weight));
        found || (verdict.state <= State::Unreadable && fail_on.fails(Severity::Block))
    })
}
