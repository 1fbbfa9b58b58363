//! Signing by `ssh-keygen`, which knows agents, pass phrases and hardware keys as its user set them up.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Error, NAMESPACE, signature_path};

/// Takes the signature beside a bundle away, where there is one.
pub fn unsign(bundle: &Path) -> Result<(), Error> {
    let path = signature_path(bundle);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::Record { path, source }),
        _ => Ok(()),
    }
}

/// The signature of a bundle. `key` is a private key, or a public one whose private part an agent has.
///
/// Signed is a copy in a folder of its own: standard input is left to `ssh-keygen`, which may have to ask for a pass
/// phrase, and nothing lies where the bundle goes before it has its signature.
pub fn sign(bundle: &[u8], key: &Path) -> Result<String, Error> {
    let failed = |reason: String| Error::Sign { key: key.to_owned(), reason };
    let aside = |error: io::Error| failed(format!("no copy to sign can be written: {error}"));
    let folder = tempfile::tempdir().map_err(aside)?;
    let copy = folder.path().join("bundle");
    fs::write(&copy, bundle).map_err(aside)?;
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key).arg(&copy);
    let done = command.stdout(Stdio::null()).stderr(Stdio::piped()).output();
    let done = done.map_err(|error| failed(format!("`ssh-keygen` cannot be run: {error}")))?;
    if done.status.success()
        && let Ok(signature) = fs::read_to_string(signature_path(&copy))
    {
        return Ok(signature);
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.lines().map(str::trim).rfind(|line| !line.is_empty());
    Err(failed(said.unwrap_or("`ssh-keygen` gave no reason").to_owned()))
}
