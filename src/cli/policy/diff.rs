//! `bylaws policy diff`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Loaded, usable};
use crate::automaton::Budget;
use crate::cli::arguments::{ClientArguments, DayArguments, access, working_folder};
use crate::cli::check::write_policy_faults;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::client::Version;
use crate::files;
use crate::finding::{FileName, Finding, Severity};
use crate::policy::{Baseline, Facts, Member, Policy, RepositoryEntry, changed_demands, read_inventory};
use crate::report::{self, AskedPolicies, GroupReport, Outcome, PolicyDiffReport};
use crate::state::{State, open_policy};

/// Say what a change of policy means, for every repository at once
///
/// Each of OLD and NEW is a folder, `builtin:NAME`, a git URL, or a revision of the repository here (`main`, `HEAD~1`,
/// with a folder as `main:policy`). Of each repository in the inventories it is asked what the old policy and the new
/// one come to, and what that grants, proved for every call. Repositories for which it means the same are told
/// together, those that gain something first.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The policy before the change
    #[arg(value_name = "OLD")]
    old: String,

    /// The policy after it
    #[arg(value_name = "NEW", default_value = ".")]
    new: String,

    /// The repositories and their facts, instead of those that the two policies list
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,

    /// Exit with 1 on this
    #[arg(long, value_name = "WHAT", default_value = "new-access")]
    fail_on: FailOn,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// How much work the proof for each pair of baselines may take, in steps; beyond them the answer is "not decided"
    #[arg(long, value_name = "STEPS", default_value_t = Budget::default().0)]
    budget: usize,

    /// Leave the network alone; use policies as they were last fetched
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    client: ClientArguments,

    #[command(flatten)]
    day: DayArguments,
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// New access in some repository, and whatever is not decided.
    NewAccess,
    /// Any change.
    Any,
    /// Nothing.
    Never,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// JSON, `bylaws schema policy-diff`
    Json,
    /// A summary for a comment
    Markdown,
}

impl FailOn {
    fn fails(self, report: &PolicyDiffReport) -> bool {
        match self {
            Self::NewAccess => report.outcome != Outcome::NoNewAccess,
            Self::Any => report.has_changes(),
            Self::Never => false,
        }
    }
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let [mut old, mut new] = [arguments.load(ui, &arguments.old)?, arguments.load(ui, &arguments.new)?];
    if let Some(listed) = arguments.listed(ui)? {
        old.repositories.clone_from(&listed);
        new.repositories = listed;
    }
    let client = arguments.client.version(ui).unwrap_or_default();
    let report = Diff { arguments, old: &old, new: &new, client }.report(ui)?;
    match arguments.format {
        Format::Text => {
            let width = ui.width();
            report::write_policy_diff(&mut ui.out, width, &report)?;
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Markdown => report::write_policy_diff_markdown(&mut ui.out, &report)?,
    }
    if arguments.format != Format::Text {
        ui.status(&report.in_words());
    }
    Ok(if arguments.fail_on.fails(&report) { exit::FOUND } else { exit::CLEAN })
}

impl Arguments {
    fn load(&self, ui: &mut Ui, name: &str) -> Result<Policy, CommandError> {
        let opened = open_policy(name, &working_folder(), &access(self.offline)?)?;
        if let Some(note) = &opened.note {
            ui.note(note);
        }
        usable(ui, Loaded::read(name.to_owned(), &opened.files))
    }

    fn listed(&self, ui: &mut Ui) -> Result<Option<Vec<RepositoryEntry>>, CommandError> {
        let Some(path) = &self.inventory else { return Ok(None) };
        let name = path.display().to_string();
        let (repositories, findings) =
            read_inventory(FileName::Elsewhere(name.clone()), &files::read_text(path)?);
        if findings.is_empty() {
            return Ok(Some(repositories));
        }
        write_policy_faults(ui, &findings)?;
        let error = CommandError::usage(format!("`{name}` is no inventory"));
        Err(CommandError { findings, ..error.hint("`bylaws schema inventory` says what one holds") })
    }
}

struct Diff<'a> {
    arguments: &'a Arguments,
    old: &'a Policy,
    new: &'a Policy,
    client: Version,
}

/// One repository under both policies.
struct Asked {
    name: String,
    /// What the old policy knows of it, and the new one.
    facts: [Facts; 2],
}

impl Asked {
    fn alike(Member { name, facts }: Member) -> Self {
        Self { name, facts: [facts.clone(), facts] }
    }
}

impl Diff<'_> {
    fn report(&self, ui: &mut Ui) -> Result<PolicyDiffReport, CommandError> {
        let policies = [self.old, self.new];
        let unseen: BTreeSet<&str> = policies.iter().flat_map(|policy| policy.unseen()).collect();
        let notes = unseen.into_iter().map(str::to_owned).collect();
        let asked = if policies.iter().all(|policy| policy.repositories.is_empty()) {
            self.stand_ins()
        } else {
            self.inventoried()
        };
        let today = self.arguments.day.day();
        let mut groups = Vec::new();
        for names in self.alike(&asked) {
            let [old, new] = [(self.old, 0), (self.new, 1)].map(|(policy, side)| {
                let facts = names.first().and_then(|asked| asked.facts.get(side));
                policy.resolve(facts.unwrap_or(&Facts::none()), today)
            });
            let [old, new] = [sound(ui, self.old, old)?, sound(ui, self.new, new)?];
            let names = names.into_iter().map(|asked| asked.name.clone()).collect();
            groups.extend(self.group(names, old, new));
        }
        let asked = AskedPolicies {
            old: &self.arguments.old,
            new: &self.arguments.new,
            day: today.to_string(),
            repositories: asked.len(),
            notes,
        };
        Ok(report::policy_diff_report(asked, groups))
    }

    /// The repositories of both inventories, each with the facts of either.
    fn inventoried(&self) -> Vec<Asked> {
        let members =
            |policy: &Policy| -> Vec<Member> { policy.repositories.iter().map(Member::from).collect() };
        let [old, new] = [members(self.old), members(self.new)];
        let [known_old, known_new] = [&old, &new].map(|members| -> BTreeMap<&str, &Facts> {
            members.iter().map(|member| (member.name.as_str(), &member.facts)).collect()
        });
        let mut seen = BTreeSet::new();
        let names =
            new.iter().chain(&old).map(|member| member.name.as_str()).filter(|name| seen.insert(*name));
        let asked = names.map(|name| {
            let of = |known: &BTreeMap<&str, &Facts>| {
                known.get(name).map_or_else(|| Facts::none().with("name", name), |facts| (*facts).clone())
            };
            Asked { name: name.to_owned(), facts: [of(&known_old), of(&known_new)] }
        });
        asked.collect()
    }

    fn stand_ins(&self) -> Vec<Asked> {
        let mut seen = BTreeSet::new();
        let both = self.new.stand_ins().into_iter().chain(self.old.stand_ins());
        let new = both.filter(|member| seen.insert(member.name.clone()));
        new.map(Asked::alike).collect()
    }

    /// Repositories that are alike for both policies, together.
    fn alike<'a>(&self, asked: &'a [Asked]) -> Vec<Vec<&'a Asked>> {
        let mut alike: Vec<Vec<&Asked>> = Vec::new();
        let mut known: BTreeMap<_, usize> = BTreeMap::new();
        for one in asked {
            let [old, new] = &one.facts;
            let number =
                *known.entry((self.old.holding_for(old), self.new.holding_for(new))).or_insert(alike.len());
            match alike.get_mut(number) {
                Some(group) => group.push(one),
                None => alike.push(vec![one]),
            }
        }
        alike
    }

    /// What the change means for these repositories; none where both ask the same.
    fn group(&self, names: Vec<String>, old: Baseline, new: Baseline) -> Option<GroupReport> {
        let demands = changed_demands(&old, &new);
        if demands.is_empty() && old.digest() == new.digest() {
            return None;
        }
        let [old, new] = [(&self.arguments.old, old), (&self.arguments.new, new)]
            .map(|(name, baseline)| State::of_baseline(name, baseline, Vec::new()));
        let settings = report::compare(&old, &new, self.client, Budget(self.arguments.budget));
        Some(GroupReport::new(names, settings, &demands))
    }
}

/// What a policy asks of a repository; an error where its layers contradict each other.
fn sound(
    ui: &mut Ui,
    policy: &Policy,
    (baseline, findings): (Baseline, Vec<Finding>),
) -> Result<Baseline, CommandError> {
    if findings.iter().any(|finding| finding.severity == Severity::Block) {
        write_policy_faults(ui, &findings)?;
        return Err(super::with_faults(&policy.source, findings));
    }
    Ok(baseline)
}
