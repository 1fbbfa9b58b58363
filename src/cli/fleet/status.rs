//! `bylaws fleet status`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::fleet::History;
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

    /// Form of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// The forms in which a trend is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A table of runs, then what came to need attention
    Text,
    /// JSON, `bylaws schema fleet-status`
    Json,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    if !arguments.history.is_file() {
        return Err(CommandError::usage(format!("there is no history `{}`", arguments.history.display()))
            .hint("`bylaws fleet check --history FILE` makes one"));
    }
    let trend = History::open(&arguments.history)?.trend(arguments.last)?;
    match arguments.format {
        Format::Text => report::write_trend(&mut ui.out, &trend)?,
        Format::Json => {
            let report = report::trend_report(&trend);
            serde_json::to_writer_pretty(&mut ui.out, &report).map_err(std::io::Error::from)?;
            writeln!(ui.out)?;
        }
    }
    Ok(exit::CLEAN)
}
