//! `bylaws fleet merge`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, HistoryArguments};
use crate::cli::arguments::FailOn;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;

/// Put the JSON reports of `bylaws fleet check --shard` together
///
/// What comes out is what one run over the whole fleet would have said. A part that is missing is an error.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The reports
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Exit with 1 when something of this weight or more is found
    #[arg(long, value_name = "WEIGHT", default_value = "block")]
    fail_on: FailOn,

    #[command(flatten)]
    history: HistoryArguments,

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let fleet = super::read_reports(&arguments.files)?;
    arguments.history.add(&fleet)?;
    super::write(ui, arguments.format, &fleet)?;
    Ok(if super::fails(&fleet, arguments.fail_on) { exit::FOUND } else { exit::CLEAN })
}
