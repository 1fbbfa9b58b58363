//! `bylaws hook compile`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::PolicyArguments;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::files;

/// Compile a policy into the file that `bylaws hook guard` reads
///
/// A policy that extends `builtin:guard` needs no such step in projects: `bylaws apply` writes the file with everything
/// else. This is for files that go to machines.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Where to write it; standard output where it is left out
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    policy: PolicyArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let (policy, baseline) = super::resolved(ui, &arguments.policy)?;
    let compiled = baseline.compiled(&policy.source);
    match &arguments.output {
        None => ui.out.write_all(compiled.text().as_bytes())?,
        Some(path) => {
            files::place(path, compiled.text().as_bytes(), false)?;
            ui.status(&format!("{}: {} rules, {}", path.display(), compiled.rules.len(), compiled.digest));
        }
    }
    Ok(exit::CLEAN)
}
