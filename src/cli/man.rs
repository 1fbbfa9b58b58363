//! `bylaws man`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::files;

/// Write the man pages, one for each command
///
/// For packages, and for `man bylaws-check` after `bylaws man ~/.local/share/man/man1`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder to write to; it is made where it is missing, pages of the same name are replaced
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let folder = &arguments.folder;
    let failed = |source| files::Error::Write { path: folder.clone(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(super::Cli::command(), folder).map_err(failed)?;
    writeln!(ui.out, "wrote the pages of `bylaws` to {}", folder.display())?;
    Ok(exit::CLEAN)
}
