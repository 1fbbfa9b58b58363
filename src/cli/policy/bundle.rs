//! `bylaws policy bundle`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Loaded, usable, with_faults};
use crate::bundle::{self, About};
use crate::check;
use crate::cli::arguments::{DayArguments, access, working_folder};
use crate::cli::check::write_policy_faults;
use crate::cli::error::CommandError;
use crate::cli::exit;
use crate::cli::ui::Ui;
use crate::files::{self, Placed};
use crate::finding::Severity;
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
    let created = arguments.day.day();
    let faults = check::unusable(&policy, created);
    if faults.iter().any(|fault| fault.severity == Severity::Block) {
        write_policy_faults(ui, &faults)?;
        return Err(with_faults(&source.display(), faults));
    }
    let sequence = match arguments.sequence {
        Some(sequence) => sequence,
        None => next_number(output)?,
    };
    let about = About {
        organization: policy.organization.clone(),
        sequence,
        created,
        revision: opened.revision.filter(|_| matches!(source, PolicySource::Git { .. })),
    };
    let text = bundle::text(&opened.files, &about);
    let signature = arguments.sign.as_ref().map(|key| bundle::sign(text.as_bytes(), key)).transpose()?;
    let beside = bundle::signature_path(output);
    let mut parts = vec![Placed { path: output, bytes: text.as_bytes(), is_program: false }];
    parts.extend(signature.iter().map(|signature| Placed {
        path: &beside,
        bytes: signature.as_bytes(),
        is_program: false,
    }));
    files::place_together(&parts)?;
    ui.status(&format!("wrote {}, number {sequence} of {}", output.display(), policy.organization));
    if signature.is_some() {
        ui.status(&format!("wrote {}", beside.display()));
    } else {
        // The signature of what was there is none of what is there now.
        bundle::unsign(output)?;
        ui.next(&format!(
            "`ssh-keygen -Y sign -n {} -f KEY {}` signs it; without a signature it is not used",
            bundle::NAMESPACE,
            output.display()
        ));
    }
    Ok(exit::CLEAN)
}

/// One more than the number of the bundle that lies there.
fn next_number(output: &Path) -> Result<u64, CommandError> {
    let before = bundle::sequence_at(output).map_err(|error| {
        CommandError::usage(format!("`{}` is no bundle that has a number: {error}", output.display()))
            .hint("`--sequence` gives the number and puts the bundle in its place")
    })?;
    before.map_or(Some(1), |before| before.checked_add(1)).ok_or_else(|| {
        CommandError::usage(format!("no number is higher than that of `{}`", output.display()))
            .hint("what was seen of bundles goes by their name: under another one numbers begin anew")
    })
}
