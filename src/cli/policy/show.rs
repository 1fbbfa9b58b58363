//! `bylaws policy show`.

use std::io::Write;

use clap::Args;

use super::SourceArguments;
use crate::cli::arguments::FactArguments;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::finding::Severity;
use crate::report;

/// Show what a policy asks of a repository, and which line asks for it
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    source: SourceArguments,

    /// Print the settings that a project would get, as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    facts: FactArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let policy = arguments.source.usable(ui)?;
    let facts = policy.known_facts(&arguments.facts.facts()?);
    let (baseline, findings) = policy.resolve(&facts, arguments.facts.day());
    if arguments.json {
        serde_json::to_writer_pretty(&mut ui.out, &baseline.settings()).map_err(std::io::Error::from)?;
        writeln!(ui.out)?;
    } else {
        report::write_baseline(&mut ui.out, &baseline)?;
    }
    crate::cli::check::write_policy_faults(ui, &findings)?;
    let blocked = findings.iter().any(|finding| finding.severity == Severity::Block);
    Ok(if blocked { exit::USAGE } else { exit::CLEAN })
}
