//! `bylaws policy verify`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::bundle::{self, Demands};
use crate::cli::arguments::{DayArguments, TrustArguments, read_signers};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;

/// Say whether a bundle is signed by an allowed signer, and what it is
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The bundle; its signature lies beside it
    #[arg(value_name = "FILE")]
    file: PathBuf,

    #[command(flatten)]
    day: DayArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let trust = TrustArguments::held();
    let Some(list) = &trust.signers_or_environment() else {
        return Err(CommandError::usage("nobody said who may have signed the bundle")
            .hint("`--signers FILE` names the list, and so does `BYLAWS_SIGNERS`"));
    };
    let signers = read_signers(list)?;
    let demands = Demands {
        signers: &signers,
        today: arguments.day.day(),
        now: Timestamp::now().as_second(),
        max_age: trust.max_age,
        allows_rollback: trust.allow_rollback,
        seen: None,
    };
    let signed = bundle::read(&arguments.file)?;
    let found = bundle::verify(&signed, &arguments.file.display().to_string(), &demands)?;
    for note in &found.notes {
        ui.note(note);
    }
    let about = &found.about;
    writeln!(ui.out, "organisation  {}", about.organization)?;
    writeln!(ui.out, "number        {}", about.sequence)?;
    writeln!(ui.out, "made on       {}", about.created)?;
    if let Some(revision) = &about.revision {
        writeln!(ui.out, "commit        {revision}")?;
    }
    writeln!(ui.out, "digest        {}", found.digest)?;
    writeln!(ui.out, "signed by     {} ({})", found.signer.principals, found.signer.fingerprint)?;
    Ok(exit::CLEAN)
}
