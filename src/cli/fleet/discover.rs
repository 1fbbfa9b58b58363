//! `bylaws fleet discover`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::forge::ForgeArguments;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::fleet::read_facts;

/// Make an inventory of repositories: which there are, where, and what is known of them
///
/// Prints an `inventory.json` for a policy. A clone is named after its remote `origin`, and where it has one, that is
/// where it is said to be. With `--forge` and `--organization`, a forge is asked which repositories there are; what it
/// knows of them becomes facts: `visibility`, `topics`, `language`, `archived`, `fork`, and custom properties.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Folders of clones and bare repositories, lists of folders and URLs, inventories (`.json`)
    #[arg(value_name = "PATH", required_unless_present = "organization")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    forge: ForgeArguments,

    /// Facts to join by name: a CSV file with a column `name`, or JSON, such as the inventory so far; may be given
    /// several times, the first one counts
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    if arguments.forge.forge.is_some() && arguments.forge.organization.is_empty() {
        let message = "`--forge` is asked which repositories an organisation has, and none is named";
        return Err(CommandError::usage(message)
            .hint("`--organization NAME` names an organisation, a user or a group")
            .hint("paths are read without `--forge`"));
    }
    let mut inventory = super::read_inventories(&arguments.paths)?;
    if let Some(connected) = arguments.forge.connect()? {
        let listed = arguments.forge.discover(ui, &connected)?;
        inventory.add_entries(&listed, Path::new(""));
    }
    for path in &arguments.facts {
        let facts = read_facts(path)?;
        inventory.join(facts.iter().map(|(name, facts)| (name.as_str(), facts)));
    }
    inventory.settle();
    inventory.notes.iter().for_each(|note| ui.note(note));
    let file = inventory.to_file();
    ui.json(&file)?;
    ui.status(&format!("{} repositories", file.repositories.len()));
    Ok(exit::CLEAN)
}
