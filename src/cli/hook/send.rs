//! `bylaws hook send`.

use clap::Args;

use super::trail::{TrailArguments, seconds};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::trail::Sender;

/// Send the lines of the trail that a sink has not taken yet
///
/// `bylaws hook log` starts this by itself. Run by a timer, it also brings what the last session left when the sink was
/// down. Exits with 1 when lines have to wait.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    trail: TrailArguments,

    /// Say nothing of how it went
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let sinks = arguments.trail.sinks()?;
    if sinks.is_empty() {
        return Err(CommandError::usage("no sink is named").hint("`--to https://…` names one"));
    }
    let sender = Sender::new(&arguments.trail.folder(), &sinks, &seconds);
    let mut told = Vec::new();
    let done = sender.run(&mut |what| told.push(what));
    let done = done.map_err(|error| CommandError::failed(error.to_string()))?;
    if !arguments.quiet {
        told.iter().for_each(|what| ui.note(what));
        if done.is_busy {
            ui.status("another process is sending");
        } else {
            ui.status(&format!(
                "{} lines were sent, {} refused; {} sinks wait",
                done.sent, done.refused, done.waiting
            ));
        }
    }
    Ok(if done.waiting > 0 || done.refused > 0 { exit::FOUND } else { exit::CLEAN })
}
