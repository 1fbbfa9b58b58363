//! Copies of one commit of a remote repository: its trees, and of its files those that were read.
//!
//! What a fleet is asked about is a few small files of each repository, so a copy is shallow and, where the server can
//! do it, without the contents of files; those that are wanted are fetched together, what else is read one by one.
//!
//! INVARIANT: the URL is neither in the arguments of a process nor on the disk: credentials may stand in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use git2::{ObjectType, Oid};

use super::cache::{Cache, git, run};
use super::{Commit, Error, Repository};
use crate::path::RepoPath;

/// The reference that a copy keeps.
const REFERENCE: &str = "refs/heads/tip";

/// What `git` says of a remote that has no commit.
const NO_HEAD: &str = "remote ref HEAD";

/// A remote repository, to be asked for objects.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    url: String,
    copy: PathBuf,
}

impl Cache {
    /// The commit of the main branch of `url`, as the remote says now.
    pub fn tip(&self, url: &str) -> Result<Commit, Error> {
        self.make_folder()?;
        let mut command = git(self.folder());
        name_remote(&mut command, url);
        command.args(["ls-remote", "--quiet", "origin", "HEAD"]);
        let said = run(command, url)?;
        let id = said.split_whitespace().next().and_then(|id| Oid::from_str(id).ok());
        id.map(Commit).ok_or_else(|| Error::Unborn { place: super::without_password(url) })
    }

    /// The copy of the main branch of `url` as it was last fetched, none where it never was. The remote is not
    /// asked for what is not in it.
    pub fn tip_copy(&self, url: &str) -> Option<Repository> {
        // A remote that could never be reached left a copy without a commit.
        Repository::open_bare(&self.tip_path(url)).ok().filter(|copy| copy.find(None).is_ok())
    }

    /// Brings the copy of the main branch of `url` up to date, making it where there is none.
    pub fn fetch_tip(&self, url: &str) -> Result<Repository, Error> {
        self.make_folder()?;
        let copy = self.tip_path(url);
        if Repository::open_bare(&copy).is_err() {
            let mut command = git(self.folder());
            command.args(["init", "--quiet", "--bare", "--initial-branch=tip", "--"]).arg(&copy);
            run(command, url)?;
        }
        let mut command = git(&copy);
        name_remote(&mut command, url);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"]);
        command.args(["--filter=blob:none", "--update-shallow", "origin", &format!("+HEAD:{REFERENCE}")]);
        run(command, url).map_err(|error| match error {
            Error::Fetch { url, reason } if reason.contains(NO_HEAD) => Error::Unborn { place: url },
            error => error,
        })?;
        let repository = Repository::open_bare(&copy)?;
        Ok(repository.with_remote(Remote { url: url.to_owned(), copy }))
    }

    fn tip_path(&self, url: &str) -> PathBuf {
        self.path(url).with_extension("tip")
    }
}

impl Repository {
    /// Whether some of its files may be elsewhere.
    pub fn is_partial(&self) -> bool {
        self.remote.is_some()
    }

    /// Fetches those of these files of a commit together that are not here yet.
    pub fn fetch_files<'p>(
        &self,
        commit: Commit,
        paths: impl Iterator<Item = &'p RepoPath>,
    ) -> Result<(), Error> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let tree = self.tree(commit)?;
        let absent = paths.filter_map(|path| {
            let entry = tree.get_path(Path::new(path.as_str())).ok()?;
            (entry.kind() == Some(ObjectType::Blob) && !self.has(entry.id())).then(|| entry.id())
        });
        let absent: Vec<Oid> = absent.collect();
        if absent.is_empty() {
            return Ok(());
        }
        remote.fetch(&absent)?;
        self.refresh();
        Ok(())
    }
}

impl Remote {
    pub(super) fn fetch(&self, ids: &[Oid]) -> Result<(), Error> {
        let mut command = git(&self.copy);
        name_remote(&mut command, &self.url);
        // There is nothing to agree on: what is asked for is named.
        command.args(["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags"]);
        command.args(["--no-write-fetch-head", "--filter=blob:none", "--stdin", "origin"]);
        let failed = |reason: String| Error::Fetch { url: super::without_password(&self.url), reason };
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Error::NoGit)?;
        let wanted: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let sent = child.stdin.take().map(|mut input| input.write_all(wanted.as_bytes()));
        let done = child.wait_with_output().map_err(Error::NoGit)?;
        match sent {
            Some(Err(error)) if done.status.success() => Err(failed(error.to_string())),
            _ if done.status.success() => Ok(()),
            _ => Err(failed(super::cache::last_words(&done.stderr))),
        }
    }
}

/// Tells `git` the URL of `origin` through its environment, behind what its user tells it that way.
fn name_remote(command: &mut Command, url: &str) {
    let told = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse::<usize>().ok());
    let place = told.unwrap_or_default();
    command.env("GIT_CONFIG_COUNT", (place + 1).to_string());
    command.env(format!("GIT_CONFIG_KEY_{place}"), "remote.origin.url");
    command.env(format!("GIT_CONFIG_VALUE_{place}"), url);
}
