//! `bylaws fleet report`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::files;
use crate::report;

/// Make one HTML page of what `bylaws fleet check --format json` wrote
///
/// The page holds all of its data and asks no server for anything: how the repositories stand, how they moved, by team
/// and environment, waivers with their ends, which repositories share a change, and each repository by itself. The
/// parts of a fleet are put together as by `bylaws fleet merge`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The JSON reports
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Show how the fleet moved, from the file that `bylaws fleet check --history` wrote
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// How many runs of the history are shown
    #[arg(long, value_name = "COUNT", default_value = "100", requires = "history")]
    last: usize,

    /// Write the page to this file [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let fleet = super::read_reports(&arguments.files)?;
    let trend =
        arguments.history.as_deref().map(|file| super::read_history(file, arguments.last)).transpose()?;
    match &arguments.output {
        None => report::write_fleet_html(&mut ui.out, &fleet, trend.as_ref())?,
        Some(path) => {
            let mut page = Vec::new();
            report::write_fleet_html(&mut page, &fleet, trend.as_ref())?;
            files::place(path, &page, false)?;
            ui.status(&format!("wrote the page to {}", path.display()));
        }
    }
    Ok(exit::CLEAN)
}
