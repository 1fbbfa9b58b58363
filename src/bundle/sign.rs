//! Signing by `ssh-keygen`, which knows agents, pass phrases and hardware keys as its user set them up.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Error, NAMESPACE, signature_path};

/// Takes the signature beside a bundle away, where there is one.
pub fn unsign(bundle: &Path) -> Result<(), Error> {
    let path = signature_path(bundle);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::Record { path, source }),
        _ => Ok(()),
    }
}

/// Signs a bundle that lies on the disk; the signature lies beside it. `key` is a private key, or a public one whose
/// private part an agent has.
pub fn sign(bundle: &Path, key: &Path) -> Result<(), Error> {
    let failed = |reason: String| Error::Sign { key: key.to_owned(), reason };
    // What is there would be asked about.
    unsign(bundle)?;
    let beside = signature_path(bundle);
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key).arg(bundle);
    let done = command.stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let done = done.map_err(|error| failed(format!("`ssh-keygen` cannot be run: {error}")))?;
    if done.status.success() && beside.exists() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    Err(failed(said.unwrap_or("`ssh-keygen` gave no reason").to_owned()))
}
