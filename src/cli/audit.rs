//! `bylaws audit`.

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::arguments::{FactArguments, FailOn, POLICY, access, working_folder};
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::audit::{Asked, Judges, audit};
use crate::report;
use crate::repository::{Checker, Question};
use crate::scopes::managed_folder;
use crate::source::PolicySource;

/// Say which servers, plugins, hooks, helpers, rules and trust this machine has, and what policy says of each
///
/// Reads managed files, those of the user, and every project that the client knows; runs nothing and writes nothing.
/// Whatever may be a credential is cut out. What cannot be read is told, and ends with 3 where nothing else was found.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The policy: `builtin:NAME`, a folder, or a git URL with an optional `#BRANCH`, `#TAG` or `#COMMIT`
    ///
    /// Without it nothing is approved of or forbidden: what locks of projects pin is not asked.
    #[arg(long, value_name = "SOURCE", env = POLICY, hide_env_values = true)]
    policy: Option<String>,

    /// Leave the network alone; use the policy as it was last fetched
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    facts: FactArguments,

    /// Further folders of projects, beside those that the client knows
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    projects: Vec<PathBuf>,

    /// Look at another home folder; variables of the environment are left out then
    #[arg(long, value_name = "FOLDER")]
    home: Option<PathBuf>,

    /// Folder of managed settings [default: that of this system]
    #[arg(long, value_name = "FOLDER")]
    managed: Option<PathBuf>,

    /// Exit with 1 when something of this weight or more is found
    #[arg(long, value_name = "WEIGHT", default_value = "block")]
    fail_on: FailOn,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people at a terminal.
    Text,
    /// For programs: `bylaws schema audit`.
    Json,
    /// One page, whole in itself.
    Html,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let question = arguments.question()?;
    let checker = Checker::new(&question);
    let policy = checker.policy()?;
    for note in checker.take_notes() {
        ui.note(&note);
    }
    let asked = arguments.asked(question.today)?;
    let judges = Judges::new(policy.as_ref().map(|policy| policy.policy()), &question.facts, question.today);
    let found = audit(&asked, &judges);
    let against = policy.as_ref().map(|policy| (policy.name.as_str(), policy.revision()));
    match arguments.format {
        Format::Text => {
            let width = ui.width();
            let untold = report::write_audit_text(&mut ui.out, width, &found, against)?;
            if untold > 0 {
                ui.note(&format!(
                    "{untold} rows were told in short; `--format json` and `html` have all of them"
                ));
            }
        }
        Format::Json => {
            let told = report::audit_report(&found, against);
            serde_json::to_writer_pretty(&mut ui.out, &told).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
        Format::Html => report::write_audit_html(&mut ui.out, &found, against)?,
    }
    if found.weights().any(|weight| arguments.fail_on.fails(weight)) {
        return Ok(exit::FOUND);
    }
    match found.unread() {
        0 => Ok(exit::CLEAN),
        unread => {
            ui.note(&format!("{unread} files or folders could not be read, so the audit is not whole"));
            Ok(exit::FAILED)
        }
    }
}

impl Arguments {
    fn question(&self) -> Result<Question, CommandError> {
        Ok(Question {
            policy: self.policy.as_deref().map(|text| PolicySource::parse(text, &working_folder())),
            pinned_as: None,
            newest: false,
            tidy: false,
            facts: self.facts.facts()?,
            weights: BTreeMap::new(),
            today: self.facts.day(),
            access: access(self.offline)?,
        })
    }

    fn asked(&self, day: crate::policy::Day) -> Result<Asked, CommandError> {
        let here = working_folder();
        let folder = |path: &PathBuf| {
            let path = here.join(path);
            path.canonicalize()
                .ok()
                .filter(|path| path.is_dir())
                .ok_or_else(|| CommandError::usage(format!("there is no folder `{}`", path.display())))
        };
        let projects = self.projects.iter().map(folder).collect::<Result<_, _>>()?;
        let managed = self.managed.as_ref().map(folder).transpose()?;
        let managed = managed.unwrap_or_else(|| managed_folder().to_owned());
        let (home, config, variables) = match &self.home {
            Some(home) => (folder(home)?, None, BTreeMap::new()),
            None => {
                let home = env::home_dir().ok_or_else(|| {
                    CommandError::usage("there is no home folder").hint("`--home FOLDER` names one")
                })?;
                let variables = env::vars_os().map(|(name, value)| {
                    (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
                });
                let config = env::var_os("CLAUDE_CONFIG_DIR").filter(|folder| !folder.is_empty());
                (home, config.map(|folder| here.join(folder)), variables.collect())
            }
        };
        // Where the folder is moved, the state of the client moves into it (observed, 2.1.330).
        let state = config.as_ref().unwrap_or(&home).join(".claude.json");
        let config = config.unwrap_or_else(|| home.join(".claude"));
        Ok(Asked { home, config, state, managed, projects, variables, day })
    }
}
