//! The password for a host, from the credential helpers that its user gave to git.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use super::cache::git;

/// A password or token. It is shown to nobody: it has no `Display`, and its `Debug` says nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password itself, for whoever sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// The password that the credential helpers of git have for a host, `git.acme.dev` or `git.acme.dev:8443`;
/// none where they have none. Nobody is asked for it.
pub fn password(host: &str) -> Result<Option<Password>, Error> {
    // From where no repository is: its configuration could name a helper of its own.
    fill(git(Path::new("/")), host)
}

fn fill(mut git: Command, host: &str) -> Result<Option<Password>, Error> {
    if host.is_empty() || host.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Ok(None);
    }
    git.env_remove("GIT_ASKPASS").env_remove("SSH_ASKPASS").args([
        "-c",
        "core.askPass=",
        "credential",
        "fill",
    ]);
    let mut child = git
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Error::NoGit)?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not listen has no password to give.
        let _ = write!(input, "protocol=https\nhost={host}\n\n");
    }
    let done = child.wait_with_output().map_err(Error::NoGit)?;
    let said = String::from_utf8(done.stdout).unwrap_or_default();
    let password = said.lines().find_map(|line| line.strip_prefix("password="));
    let password = password.filter(|password| done.status.success() && !password.is_empty());
    Ok(password.map(|password| Password(password.to_owned())))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn with_helper(helper: &str) -> Command {
        let mut git = git(Path::new("/"));
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.args(["-c", &format!("credential.helper={helper}")]);
        git
    }

    #[test]
    fn a_helper_gives_the_password_of_the_host_and_nobody_is_asked() {
        let helper =
            "!f() { grep -q '^host=git.acme.dev$' && echo username=x && echo password=ghs_secret; }; f";
        let password = fill(with_helper(helper), "git.acme.dev").unwrap().unwrap();
        assert_eq!(password.reveal(), "ghs_secret");
        assert_eq!(format!("{password:?}"), "Password");
        assert_eq!(fill(with_helper(helper), "other.dev").unwrap(), None);
        assert_eq!(fill(with_helper(""), "git.acme.dev").unwrap(), None);
        assert_eq!(fill(with_helper(helper), "git.acme.dev\nhost=other.dev").unwrap(), None);
    }
}
