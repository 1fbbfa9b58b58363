//! `bylaws init`: `apply`, and the files around the settings that a repository starts with.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::apply;
use super::arguments::{FailOn, PolicyArguments};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::bootstrap::profile::{self, Profile};
use crate::bootstrap::{self, Owner, Wishes};
use crate::check::Plan;
use crate::files::{self, Located};
use crate::git;
use crate::path::RepoPath;
use crate::project::{Content, LOCK};
use crate::report::{self, Reader};
use crate::repository::Checked;

/// Start a repository: write what the policy asks for, and the files around it
///
/// Does what `bylaws apply` does, and adds what is missing: a line in `.gitignore` for personal settings,
/// the check in CI, owners in CODEOWNERS, and in a repository without a lock the commands that its
/// languages usually run. Files that are there are kept. A second run changes nothing.
///
/// On a terminal it asks for what no flag says, and shows what it would write before it does.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A folder of the repository; the repository as a whole is started
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    policy: PolicyArguments,

    /// Languages whose usual commands are allowed once, or `none` [default: by the files at the root, where
    /// there is no lock yet]
    #[arg(long = "profile", value_name = "NAMES", value_delimiter = ',', value_parser = profile_names())]
    profiles: Option<Vec<String>>,

    /// Where CI checks the repository [default: by the remote, or by the files at the root]
    #[arg(long, value_name = "CI")]
    ci: Option<Ci>,

    /// Teams or persons whom CODEOWNERS names for the agent settings
    #[arg(long = "owner", value_name = "OWNERS", value_delimiter = ',')]
    owners: Vec<Owner>,

    /// Check before each commit, by `.pre-commit-config.yaml`
    #[arg(long)]
    pre_commit: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Write without asking
    #[arg(long, short, conflicts_with = "dry_run")]
    yes: bool,
}

/// What `--ci` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Not at all.
    None,
}

impl Ci {
    fn named(ci: Option<bootstrap::Ci>) -> &'static str {
        match ci {
            Some(bootstrap::Ci::Github) => "github",
            Some(bootstrap::Ci::Gitlab) => "gitlab",
            None => "none",
        }
    }

    fn choice(self) -> Option<bootstrap::Ci> {
        match self {
            Self::Github => Some(bootstrap::Ci::Github),
            Self::Gitlab => Some(bootstrap::Ci::Gitlab),
            Self::None => None,
        }
    }
}

const NO_PROFILE: &str = "none";

fn profile_names() -> PossibleValuesParser {
    profile::ALL.iter().map(|profile| profile.name).chain([NO_PROFILE]).collect::<Vec<_>>().into()
}

pub(super) fn run(ui: &mut Ui, mut arguments: Arguments) -> Result<u8, CommandError> {
    let Located { root, .. } = files::locate(&arguments.path)?;
    let names = files::names(&root)?;
    let read = |path: &RepoPath| files::read(&root, path);
    let is_new = read(&RepoPath::root().join(LOCK)) == Content::Missing;
    let asks = ui.is_interactive() && !arguments.yes && !arguments.dry_run;
    if is_new && arguments.policy.policy.is_none() {
        if !asks {
            return Err(CommandError::usage("no policy is named, and no lock pins one")
                .hint("`bylaws init --policy SOURCE` names it")
                .hint("`builtin:baseline` is the policy that comes with the program"));
        }
        let question = "Policy (`builtin:NAME`, a folder or a git URL)";
        arguments.policy.policy = Some(ui.ask(question, "builtin:baseline")?);
    }
    let (profiles, wishes) = choose(ui, &arguments, &root, &names, is_new, asks)?;

    let question = arguments.policy.question(false, &[])?;
    let _hold = files::hold(&root)?;
    let mut checked = apply::check_work_tree(ui, &question, &root)?;
    let name = checked.name();
    let mut notes = Vec::new();
    let mut plans: Vec<Plan> = Vec::new();
    // The project at the root comes first.
    if let Some(held) = checked.projects.first_mut() {
        let unreachable = bootstrap::unreachable_from(&held.pin.source);
        if let Some(why) = unreachable
            && arguments.ci.and_then(Ci::choice).is_some()
        {
            let message = format!("CI cannot use the policy `{}`: {why}", held.pin.source);
            return Err(
                CommandError::usage(message).hint("name the policy by its git URL, or use `--ci none`")
            );
        }
        if unreachable.is_none() && arguments.ci.is_none() && wishes.ci.is_none() && !asks {
            let tell =
                "neither the remote nor the files here tell which; `--ci github` or `--ci gitlab` adds it";
            notes.push(format!("no check in CI: {tell}"));
        }
        notes.extend(profile::seed(held, &profiles, &names));
        let mut plan = held.plan();
        notes.extend(bootstrap::surround(&mut plan, held, &wishes, name.as_deref(), &read));
        plans.push(plan);
    }
    plans.extend(checked.projects.iter().skip(1).map(|held| held.plan()));
    for note in notes {
        ui.note(&note);
    }
    let writes = plans.iter().any(|plan| !plan.is_empty());
    if arguments.dry_run || (asks && writes) {
        preview(ui, &plans, &checked)?;
    }
    if arguments.dry_run {
        ui.status(if writes { "nothing was written" } else { "nothing to change" });
        return Ok(exit::CLEAN);
    }
    if asks && writes && !confirm(ui)? {
        return Err(CommandError::failed("stopped; nothing was written"));
    }
    apply::carry_out(ui, &checked, &plans)?;
    apply::finish(ui, FailOn::Block, &checked, writes)
}

/// What the repository is started with: by flags, by questions, or as far as its files tell.
fn choose(
    ui: &mut Ui,
    arguments: &Arguments,
    root: &std::path::Path,
    names: &[String],
    is_new: bool,
    asks: bool,
) -> Result<(Vec<&'static Profile>, Wishes), CommandError> {
    let guessed = if is_new { profile::guess(names) } else { Vec::new() };
    let profiles = match &arguments.profiles {
        Some(named) => named.iter().filter_map(|name| profile::find(name)).collect(),
        None if asks && is_new => ask_profiles(ui, &guessed)?,
        None => guessed,
    };
    let guessed = bootstrap::Ci::guess(git::origin(root).as_deref(), names);
    let ci = match arguments.ci {
        Some(named) => named.choice(),
        None if asks => ask_ci(ui, guessed)?,
        None => guessed,
    };
    let mut owners = arguments.owners.clone();
    if owners.is_empty() && asks {
        owners = ask_owners(ui)?;
    }
    let pre_commit = arguments.pre_commit
        || (asks && {
            let uses = names.iter().any(|name| name == ".pre-commit-config.yaml");
            ask_yes(ui, "Check before each commit, with pre-commit?", uses)?
        });
    Ok((profiles, Wishes { ci, owners, pre_commit }))
}

/// Asks until an answer can be read.
fn ask_until<T>(
    ui: &mut Ui,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CommandError> {
    loop {
        match read(&ui.ask(question, default)?) {
            Ok(answer) => return Ok(answer),
            Err(message) => ui.status(&message),
        }
    }
}

fn words(answer: &str) -> impl Iterator<Item = &str> {
    answer.split([',', ' ']).filter(|word| !word.is_empty() && *word != "none")
}

fn ask_profiles(ui: &mut Ui, guessed: &[&'static Profile]) -> Result<Vec<&'static Profile>, CommandError> {
    let known: Vec<&str> = profile::ALL.iter().map(|profile| profile.name).collect();
    let default = match guessed {
        [] => NO_PROFILE.to_owned(),
        guessed => guessed.iter().map(|profile| profile.name).collect::<Vec<_>>().join(","),
    };
    ask_until(ui, "Languages whose build and test commands are allowed", &default, |answer| {
        let find = |name| {
            profile::find(name).ok_or_else(|| format!("`{name}` is none of {}, none", known.join(", ")))
        };
        words(answer).map(find).collect()
    })
}

fn ask_ci(ui: &mut Ui, guessed: Option<bootstrap::Ci>) -> Result<Option<bootstrap::Ci>, CommandError> {
    ask_until(ui, "Check in CI (github, gitlab, none)", Ci::named(guessed), |answer| {
        let read = <Ci as clap::ValueEnum>::from_str(answer, true);
        read.map(Ci::choice).map_err(|_| format!("`{answer}` is none of github, gitlab, none"))
    })
}

fn ask_owners(ui: &mut Ui) -> Result<Vec<Owner>, CommandError> {
    ask_until(ui, "Owner of the settings for CODEOWNERS, such as @acme/platform", "none", |answer| {
        words(answer).map(|word| Owner::from_str(word).map_err(|error| error.to_string())).collect()
    })
}

fn ask_yes(ui: &mut Ui, question: &str, default: bool) -> Result<bool, CommandError> {
    ask_until(ui, question, if default { "yes" } else { "no" }, |answer| {
        match answer.to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err(format!("`{answer}` is neither yes nor no")),
        }
    })
}

fn confirm(ui: &mut Ui) -> Result<bool, CommandError> {
    ask_yes(ui, "Write this?", true)
}

fn preview(ui: &mut Ui, plans: &[Plan], checked: &Checked) -> Result<(), CommandError> {
    let reader = if ui.is_terminal() { Reader::Person } else { Reader::Program };
    for (plan, held) in plans.iter().zip(&checked.projects) {
        report::write_diff(&mut ui.out, reader, &plan.changes, &held.findings)?;
    }
    Ok(())
}
