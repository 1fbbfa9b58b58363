//! Where a policy comes from: built in, a folder, or a repository elsewhere; and bringing it here.

use std::path::{Component, Path, PathBuf};

use crate::files;
use crate::git::{self, Cache, Repository, is_url};
use crate::path::RepoPath;
use crate::policy::{MANIFEST, PolicyFiles, builtin};

/// A policy by its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PolicySource {
    /// One that comes with the program.
    Builtin(String),
    /// A folder on this machine, as it stands there.
    Folder {
        /// Where it is.
        path: PathBuf,
        /// How it was written.
        text: String,
    },
    /// A repository elsewhere.
    Git {
        /// Its URL.
        url: String,
        /// A branch, tag or commit, none for the main branch.
        revision: Option<String>,
    },
}

/// What keeps a policy from being opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no built-in policy of that name.
    #[error("there is no built-in policy `{0}`")]
    NoBuiltin(String),
    /// The disk.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// Git.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// What stands in the name of a policy stands in locks and reports.
    #[error(
        "the URL of the policy holds a user or a password, which would stand in locks and reports: `{0}` is without"
    )]
    Credential(String),
    /// The policy is not here, and the network is not to be used.
    #[error("there is no copy of `{0}` here, and the network is not used")]
    Offline(String),
    /// The lock pins a commit that the repository does not have.
    #[error("`{url}` has no commit `{revision}`, which the lock pins")]
    NoPinned {
        /// The repository.
        url: String,
        /// The commit.
        revision: String,
    },
}

/// A policy that is here.
#[derive(Debug, Clone)]
pub struct Opened {
    /// Its files.
    pub files: PolicyFiles,
    /// The commit, or the version of the program for a built-in policy.
    pub revision: Option<String>,
    /// What the user should know about how it came here.
    pub note: Option<String>,
}

/// How policies are brought here.
#[derive(Debug, Clone)]
pub struct Access {
    /// Copies of remote policies.
    pub cache: Cache,
    /// Whether the network is left alone.
    pub offline: bool,
}

impl PolicySource {
    /// Reads a name; a relative folder is meant from `base`.
    pub fn parse(text: &str, base: &Path) -> Self {
        if let Some(name) = text.strip_prefix(builtin::PREFIX) {
            return Self::Builtin(name.to_owned());
        }
        let (place, revision) = match text.rsplit_once('#') {
            Some((place, revision)) if !revision.is_empty() => (place, Some(revision.to_owned())),
            _ => (text, None),
        };
        if is_url(place) {
            return Self::Git { url: place.to_owned(), revision };
        }
        Self::Folder { path: tidy(&base.join(text)), text: text.to_owned() }
    }

    /// The name to write into a lock of the repository at `root`: folders relative to it, so that the
    /// lock means the same on every machine that has the two side by side.
    pub fn name(&self, root: &Path) -> String {
        match self {
            Self::Builtin(name) => format!("{}{name}", builtin::PREFIX),
            Self::Folder { path, .. } => relative(root, path),
            Self::Git { url, revision: Some(revision) } => format!("{url}#{revision}"),
            Self::Git { url, revision: None } => url.clone(),
        }
    }

    /// The name for people: a folder as it was written, so that places in it can be followed.
    pub fn display(&self) -> String {
        match self {
            Self::Folder { text, .. } => text.clone(),
            other => other.name(Path::new("/")),
        }
    }

    /// Brings the policy here: at the commit `pinned` where there is one, at its newest otherwise.
    pub fn open(&self, pinned: Option<&str>, access: &Access) -> Result<Opened, Error> {
        let name = &self.display();
        match self {
            Self::Builtin(builtin) => {
                let files = PolicyFiles::builtin(builtin).ok_or_else(|| Error::NoBuiltin(builtin.clone()))?;
                Ok(Opened { files, revision: Some(env!("CARGO_PKG_VERSION").to_owned()), note: None })
            }
            Self::Folder { path, .. } => open_folder(name, path),
            Self::Git { url, .. } if git::without_password(url) != *url => {
                Err(Error::Credential(git::without_password(url)))
            }
            Self::Git { url, revision } => open_git(name, url, revision.as_deref(), pinned, access),
        }
    }
}

fn open_folder(name: &str, path: &Path) -> Result<Opened, Error> {
    if !path.join(MANIFEST).exists()
        && let Some(bare) = Repository::open(path).ok().filter(Repository::is_bare)
    {
        return at_commit(name, &bare, None, None);
    }
    let files = PolicyFiles { source: name.to_owned(), files: files::read_folder(path)? };
    Ok(Opened { files, revision: None, note: None })
}

fn open_git(
    name: &str,
    url: &str,
    revision: Option<&str>,
    pinned: Option<&str>,
    access: &Access,
) -> Result<Opened, Error> {
    let copy = access.cache.copy(url);
    if let Some(pinned) = pinned {
        // A commit never changes: what is here need not be asked for again.
        if let Some(copy) = copy.as_ref().filter(|copy| copy.find(Some(pinned)).is_ok()) {
            return at_commit(name, copy, Some(pinned), None);
        }
        if access.offline {
            return Err(Error::Offline(url.to_owned()));
        }
        let copy = access.cache.fetch(url)?;
        if copy.find(Some(pinned)).is_err() {
            return Err(Error::NoPinned { url: url.to_owned(), revision: pinned.to_owned() });
        }
        return at_commit(name, &copy, Some(pinned), None);
    }
    if access.offline {
        let copy = copy.ok_or_else(|| Error::Offline(url.to_owned()))?;
        let note = format!("the network is not used: this is `{url}` as it was last fetched");
        return at_commit(name, &copy, revision, Some(note));
    }
    match (access.cache.fetch(url), copy) {
        (Ok(fresh), _) => at_commit(name, &fresh, revision, None),
        (Err(error), Some(copy)) => {
            let note = format!("{error}; this is the policy as it was last fetched");
            at_commit(name, &copy, revision, Some(note))
        }
        (Err(error), None) => Err(error.into()),
    }
}

fn at_commit(
    name: &str,
    repository: &Repository,
    revision: Option<&str>,
    note: Option<String>,
) -> Result<Opened, Error> {
    let commit = repository.find(revision)?;
    let files =
        PolicyFiles { source: name.to_owned(), files: repository.policy_files(commit, &RepoPath::root())? };
    Ok(Opened { files, revision: Some(commit.to_string()), note })
}

/// A path without `.` and, where the text alone decides, without `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if tidy.file_name().is_some() => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

/// `path` as one walks there from `root`, with `/` between the parts.
fn relative(root: &Path, path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let common = root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path.display().to_string();
    }
    let up = root.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_where_a_policy_is() {
        let base = Path::new("/home/a/repo");
        let parse = |text: &str| PolicySource::parse(text, base);
        assert_eq!(parse("builtin:baseline"), PolicySource::Builtin("baseline".into()));
        let folder = |path: &str, text: &str| PolicySource::Folder { path: path.into(), text: text.into() };
        assert_eq!(parse("../policy"), folder("/home/a/policy", "../policy"));
        assert_eq!(parse("/srv/./policy"), folder("/srv/policy", "/srv/./policy"));
        let git = PolicySource::Git { url: "https://x.dev/p.git".into(), revision: Some("v1".into()) };
        assert_eq!(parse("https://x.dev/p.git#v1"), git);
        assert_eq!(git.name(base), "https://x.dev/p.git#v1");
        assert_eq!(parse("../policy").name(base), "../policy");
        assert_eq!(parse(".").name(base), ".");
        assert_eq!(parse("/srv/policy").name(base), "../../../srv/policy");
    }
}
