//! `bylaws decide`.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use clap::Args;

use super::arguments::ClientArguments;
use super::error::CommandError;
use super::exit;
use super::ui::Ui;
use crate::access::Case;

/// Longest line that is read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// Decide many calls at once: cases in, the same cases with decisions out
///
/// A case is one line of JSON: settings of all scopes, files, and calls. `docs/conformance.md` describes it.
/// A case that names its `client` is decided as that version does, unless `--client-version` names another.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A file of cases, one a line; `-` for standard input
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,

    #[command(flatten)]
    client: ClientArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let name = arguments.cases.display().to_string();
    let failed = |error: std::io::Error| CommandError::failed(format!("cannot read `{name}`: {error}"));
    let mut input: Box<dyn BufRead> = if name == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(&arguments.cases)
            .map_err(|error| CommandError::usage(format!("cannot read `{name}`: {error}")))?;
        Box::new(BufReader::new(file))
    };
    let version = arguments.client.version(ui);
    let mut bytes = Vec::new();
    for number in 1_usize.. {
        bytes.clear();
        let read = std::io::Read::take(&mut input, LONGEST).read_until(b'\n', &mut bytes).map_err(failed)?;
        if read == 0 {
            break;
        }
        let wrong = |what: String| CommandError::usage(format!("{name}:{number}: {what}"));
        let line = std::str::from_utf8(&bytes).map_err(|_| wrong("this is not UTF-8".to_owned()))?.trim();
        if line.is_empty() {
            continue;
        }
        let case = Case::parse(line).map_err(|error| wrong(error.to_string()))?;
        let case = match version {
            Some(version) => case.with_version(version),
            None => case,
        };
        writeln!(ui.out, "{}", case.answered())?;
    }
    Ok(exit::CLEAN)
}
