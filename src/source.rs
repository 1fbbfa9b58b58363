//! Where a policy comes from: built in, a folder, or a repository elsewhere; and bringing it here.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::bundle::{self, Record};
use crate::files;
use crate::git::{self, Cache, Commit, Repository, is_url};
use crate::path::RepoPath;
use crate::policy::{Day, MANIFEST, PolicyFiles, builtin};
use crate::signature::{self, AllowedSigners};

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
    /// A policy as one signed file.
    Bundle {
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
    /// A bundle.
    #[error("cannot use `{name}`: {source}")]
    Bundle {
        /// The bundle.
        name: String,
        /// Why not.
        source: bundle::Error,
    },
    /// Nobody said whose signatures count.
    #[error("the bundle `{0}` is used only with a list of those who may have signed it")]
    NoSigners(String),
    /// A policy that carries no signature, where one is asked for.
    #[error("a folder carries no signature, and one is asked for: `{0}` is not used")]
    UnsignedFolder(String),
    /// A commit without a signature that counts, where one is asked for.
    #[error("the commit {commit} of `{name}` is not used: {reason}")]
    UnsignedCommit {
        /// The policy.
        name: String,
        /// The commit.
        commit: String,
        /// Why no signature of it counts.
        reason: String,
    },
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
    /// Whose policies are used; none where no signature is asked for.
    pub trust: Option<Trust>,
}

/// Whose policies are used. It comes from outside of what is brought here.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Who may have signed.
    pub signers: Arc<AllowedSigners>,
    /// Most days since a bundle was made.
    pub max_age: Option<u32>,
    /// Whether a bundle may be older than one that was seen.
    pub allows_rollback: bool,
    /// What was seen of bundles.
    pub record: Record,
    /// Today.
    pub today: Day,
    /// Now, in seconds since 1970.
    pub now: i64,
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
        let path = tidy(&base.join(text));
        let text = text.to_owned();
        if text.ends_with(bundle::ENDING) && !path.is_dir() {
            return Self::Bundle { path, text };
        }
        Self::Folder { path, text }
    }

    /// The name to write into a lock of the repository at `root`: folders relative to it, so that the
    /// lock means the same on every machine that has the two side by side.
    pub fn name(&self, root: &Path) -> String {
        match self {
            Self::Builtin(name) => format!("{}{name}", builtin::PREFIX),
            Self::Folder { path, .. } | Self::Bundle { path, .. } => relative(root, path),
            Self::Git { url, revision: Some(revision) } => format!("{url}#{revision}"),
            Self::Git { url, revision: None } => url.clone(),
        }
    }

    /// The name for people: a folder as it was written, so that places in it can be followed.
    pub fn display(&self) -> String {
        match self {
            Self::Folder { text, .. } | Self::Bundle { text, .. } => text.clone(),
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
            Self::Folder { path, .. } => open_folder(name, path, access),
            Self::Bundle { path, .. } => open_bundle(name, path, access),
            Self::Git { url, .. } if git::without_password(url) != *url => {
                Err(Error::Credential(git::without_password(url)))
            }
            Self::Git { url, revision } => open_git(name, url, revision.as_deref(), pinned, access),
        }
    }
}

fn open_bundle(name: &str, path: &Path, access: &Access) -> Result<Opened, Error> {
    let trust = access.trust.as_ref().ok_or_else(|| Error::NoSigners(name.to_owned()))?;
    let failed = |source| Error::Bundle { name: name.to_owned(), source };
    let signed = bundle::read(path).map_err(failed)?;
    let (seen, forgotten) = match trust.record.seen(path) {
        Ok(seen) => (seen, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let demands = bundle::Demands {
        signers: &trust.signers,
        today: trust.today,
        now: trust.now,
        max_age: trust.max_age,
        allows_rollback: trust.allows_rollback,
        seen: seen.as_ref(),
    };
    let mut bundle = bundle::verify(&signed, name, &demands).map_err(failed)?;
    bundle.notes.extend(forgotten);
    if let Err(error) = trust.record.keep(path, &bundle, None, trust.today, trust.now) {
        bundle.notes.push(format!("{error}; an older bundle would not be noticed"));
    }
    let note = (!bundle.notes.is_empty()).then(|| std::mem::take(&mut bundle.notes).join("; "));
    Ok(Opened { files: bundle.files, revision: None, note })
}

fn open_folder(name: &str, path: &Path, access: &Access) -> Result<Opened, Error> {
    if !path.join(MANIFEST).exists()
        && let Some(bare) = Repository::open(path).ok().filter(Repository::is_bare)
    {
        return at_commit(name, &bare, &Wanted::default(), access, None);
    }
    if access.trust.is_some() {
        return Err(Error::UnsignedFolder(name.to_owned()));
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
            return at_commit(name, copy, &Wanted { revision, pinned: Some(pinned) }, access, None);
        }
        if access.offline {
            return Err(Error::Offline(url.to_owned()));
        }
        let copy = access.cache.fetch(url)?;
        if copy.find(Some(pinned)).is_err() {
            return Err(Error::NoPinned { url: url.to_owned(), revision: pinned.to_owned() });
        }
        return at_commit(name, &copy, &Wanted { revision, pinned: Some(pinned) }, access, None);
    }
    let wanted = &Wanted { revision, pinned: None };
    if access.offline {
        let copy = copy.ok_or_else(|| Error::Offline(url.to_owned()))?;
        let note = format!("the network is not used: this is `{url}` as it was last fetched");
        return at_commit(name, &copy, wanted, access, Some(note));
    }
    match (access.cache.fetch(url), copy) {
        (Ok(fresh), _) => at_commit(name, &fresh, wanted, access, None),
        (Err(error), Some(copy)) => {
            let note = format!("{error}; this is the policy as it was last fetched");
            at_commit(name, &copy, wanted, access, Some(note))
        }
        (Err(error), None) => Err(error.into()),
    }
}

/// Which commit.
#[derive(Debug, Default)]
struct Wanted<'a> {
    /// A branch, tag or commit; none for the main branch.
    revision: Option<&'a str>,
    /// The commit that a lock pins, which goes before it.
    pinned: Option<&'a str>,
}

fn at_commit(
    name: &str,
    repository: &Repository,
    wanted: &Wanted<'_>,
    access: &Access,
    note: Option<String>,
) -> Result<Opened, Error> {
    let commit = repository.find(wanted.pinned.or(wanted.revision))?;
    if let Some(trust) = &access.trust {
        check_signature(name, repository, wanted.revision, commit, trust)?;
    }
    let files =
        PolicyFiles { source: name.to_owned(), files: repository.policy_files(commit, &RepoPath::root())? };
    Ok(Opened { files, revision: Some(commit.to_string()), note })
}

/// The commit, or the tag that names it, carries a signature that counts.
fn check_signature(
    name: &str,
    repository: &Repository,
    revision: Option<&str>,
    commit: Commit,
    trust: &Trust,
) -> Result<(), Error> {
    let mut reason = None;
    for signed in repository.signatures(commit, revision)? {
        let found = signature::verify(&signed.content, &signed.signature, GIT, &trust.signers, signed.at);
        match found {
            Ok(_) => return Ok(()),
            Err(error) => reason = Some(error.to_string()),
        }
    }
    let reason = reason.unwrap_or_else(|| "it carries no SSH signature, and one is asked for".to_owned());
    Err(Error::UnsignedCommit { name: name.to_owned(), commit: commit.to_string(), reason })
}

/// What signatures of commits and tags are for.
const GIT: &str = "git";

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
