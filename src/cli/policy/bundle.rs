//! `bylaws policy bundle`.

use std::path::PathBuf;

use clap::Args;

use super::{Loaded, usable};
use crate::bundle::{self, About};
use crate::cli::arguments::{DayArguments, access, working_folder};
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::files;
use crate::source::PolicySource;

/// Write a policy as one file, numbered and dated, and sign it
///
/// `--policy FILE.bundle` uses it wherever a policy is used, and `bylaws policy-helper` on machines. A bundle is used only
/// with a signature by an allowed signer: `--sign` makes it with `ssh-keygen`, beside the bundle as `FILE.bundle.sig`;
/// `ssh-keygen -Y sign -n bylaws-bundle -f KEY FILE.bundle` does the same on another machine.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The policy: a folder, `builtin:NAME`, or a git URL
    #[arg(value_name = "SOURCE", default_value = ".")]
    source: String,

    /// The file to write; its name ends in `.bundle`
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// The number of the bundle [default: one more than that of the bundle at FILE, or 1]
    ///
    /// Machines refuse a bundle with a lower number than one that they have seen.
    #[arg(long, value_name = "NUMBER")]
    sequence: Option<u64>,

    /// Sign with this key: a private key, or the public part of one that an agent or a device has
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,

    /// Leave the network alone; use the policy as it was last fetched
    #[arg(long)]
    offline: bool,

    #[command(flatten)]
    day: DayArguments,
}

pub(super) fn run(ui: &mut Ui, arguments: &Arguments) -> Result<u8, CommandError> {
    let output = &arguments.output;
    if !output.to_string_lossy().ends_with(bundle::ENDING) {
        return Err(CommandError::usage(format!("`{}` does not end in `.bundle`", output.display()))
            .hint("by its name a bundle is known from a folder"));
    }
    let source = PolicySource::parse(&arguments.source, &working_folder());
    let opened = source.open(None, &access(arguments.offline)?)?;
    if let Some(note) = &opened.note {
        ui.note(note);
    }
    let loaded = Loaded::read(source.display(), &opened.files);
    let policy = usable(ui, loaded)?;
    let sequence = match arguments.sequence {
        Some(sequence) => sequence,
        None => bundle::sequence_at(output).map_or(1, |before| before + 1),
    };
    let about = About {
        organization: policy.organization.clone(),
        sequence,
        created: arguments.day.day(),
        revision: opened.revision.filter(|_| matches!(source, PolicySource::Git { .. })),
    };
    // The signature of what was there is none of what will be.
    bundle::unsign(output)?;
    files::place(output, bundle::text(&opened.files, &about).as_bytes(), false)?;
    ui.status(&format!("wrote {}, number {sequence} of {}", output.display(), policy.organization));
    match &arguments.sign {
        Some(key) => {
            bundle::sign(output, key)?;
            ui.status(&format!("wrote {}", bundle::signature_path(output).display()));
        }
        None => ui.next(&format!(
            "`ssh-keygen -Y sign -n {} -f KEY {}` signs it; without a signature it is not used",
            bundle::NAMESPACE,
            output.display()
        )),
    }
    Ok(exit::CLEAN)
}
