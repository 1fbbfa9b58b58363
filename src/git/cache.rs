//! Copies of remote policies: one bare repository for each URL, kept for the time when the network is
//! not there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::{Error, Repository};

/// A folder with copies of repositories.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// Whether a text names a repository elsewhere: a URL, or `user@host:path`.
pub fn is_url(text: &str) -> bool {
    if let Some((scheme, _)) = text.split_once("://") {
        return !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+');
    }
    let Some((host, path)) = text.split_once(':') else { return false };
    host.contains('@') && !host.contains(['/', '\\']) && !host.starts_with('-') && !path.is_empty()
}

/// A URL as it may be shown and written: without user and password where a password may stand in it.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = match host.rsplit_once('@') {
        // A user of SSH is no secret; anything before a host of HTTP may be a token.
        Some((user, host)) if !scheme.contains("ssh") || user.contains(':') => host,
        _ => host,
    };
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

impl Cache {
    /// The cache in `folder`, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The copy of `url` as it was last fetched, none where it never was.
    pub fn copy(&self, url: &str) -> Option<Repository> {
        Repository::open(&self.path(url)).ok()
    }

    /// Brings the copy of `url` up to date, making it where there is none.
    pub fn fetch(&self, url: &str) -> Result<Repository, Error> {
        let path = self.path(url);
        if Repository::open(&path).is_ok() {
            let refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
            let mut command = git(&path);
            command.args(["fetch", "--quiet", "--prune", "--no-write-fetch-head", "--", url]).args(refs);
            run(command, url)?;
            follow_head(&path, url);
        } else {
            self.make_folder()?;
            // Made beside and moved into place, so that two programs at once do not meet in one folder.
            let beside = tempfile::Builder::new()
                .prefix(".clone-")
                .tempdir_in(&self.folder)
                .map_err(|source| Error::CacheFolder { path: self.folder.clone(), source })?;
            let fresh = beside.path().join("copy");
            let mut command = git(&self.folder);
            command.args(["clone", "--quiet", "--bare", "--", url]).arg(&fresh);
            run(command, url)?;
            if std::fs::rename(&fresh, &path).is_err() && Repository::open(&path).is_err() {
                let _ = std::fs::remove_dir_all(&path);
                std::fs::rename(&fresh, &path)
                    .map_err(|source| Error::CacheFolder { path: path.clone(), source })?;
            }
        }
        Repository::open(&path)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn make_folder(&self) -> Result<(), Error> {
        let failed = |source| Error::CacheFolder { path: self.folder.clone(), source };
        std::fs::create_dir_all(&self.folder).map_err(failed)
    }

    pub(super) fn path(&self, url: &str) -> PathBuf {
        let hash = Sha256::digest(url.as_bytes());
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(format!("{hex}.git"))
    }
}

/// Follows the remote where it made another branch its main one. That a remote does not say so is no
/// reason to fail: the branch that was main before is there still.
fn follow_head(path: &Path, url: &str) {
    let mut ask = git(path);
    ask.args(["ls-remote", "--symref", "--", url, "HEAD"]);
    let Ok(said) = run(ask, url) else { return };
    let named = said.lines().find_map(|line| line.strip_prefix("ref: ")?.split_whitespace().next());
    if let Some(branch) = named.filter(|branch| branch.starts_with("refs/heads/")) {
        let mut set = git(path);
        set.args(["symbolic-ref", "HEAD", branch]);
        let _ = run(set, url);
    }
}

/// The `git` executable, with nothing that could make it wait for a person or run a program that a
/// URL names.
pub(super) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh")
        .env("LC_ALL", "C");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command.args(["-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=20"]);
    command
}

pub(super) fn run(mut command: Command, url: &str) -> Result<String, Error> {
    let done = command.output().map_err(Error::NoGit)?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(Error::Fetch { url: without_password(url), reason: last_words(&done.stderr) })
}

/// Why `git` ended, as it said itself.
pub(super) fn last_words(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let told = lines.clone().find_map(|line| line.strip_prefix("fatal: "));
    told.or_else(|| lines.next_back()).unwrap_or("git gave no reason").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("https://x.dev/a.git", "https://x.dev/a.git"),
            ("https://token@x.dev/a@b.git", "https://x.dev/a@b.git"),
            ("https://user:p@ss@x.dev/a.git", "https://x.dev/a.git"),
            ("ssh://git@x.dev/a.git", "ssh://git@x.dev/a.git"),
            ("ssh://git:secret@x.dev/a.git", "ssh://x.dev/a.git"),
            ("git@x.dev:a.git", "git@x.dev:a.git"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn urls_are_told_from_folders() {
        for url in ["https://x.dev/a.git", "ssh://git@x.dev/a", "git@x.dev:a/b.git", "file:///srv/p.git"] {
            assert!(is_url(url), "{url}");
        }
        for folder in
            ["policy", "../policy", "/srv/policy", "C:\\policy", "./a@b:c", "builtin:baseline", "-o@x:y"]
        {
            assert!(!is_url(folder), "{folder}");
        }
    }
}
