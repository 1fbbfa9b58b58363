//! `bylaws fleet status`.

use std::path::PathBuf;

use clap::Args;

use super::Form;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::report;

/// Show how a fleet moved from run to run
///
/// Reads what `bylaws fleet check --history` and `bylaws fleet merge --history` wrote.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The history
    #[arg(value_name = "FILE")]
    history: PathBuf,

    /// How many runs are shown
    #[arg(long, value_name = "COUNT", default_value = "10")]
    last: usize,

    /// Form of the report; of its JSON `bylaws schema fleet-status` has the schema
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let trend = super::read_history(&arguments.history, arguments.last)?;
    match arguments.format {
        Form::Text => report::write_trend(&mut ui.out, &trend)?,
        Form::Json => ui.json(&report::trend_report(&trend))?,
    }
    Ok(exit::CLEAN)
}
