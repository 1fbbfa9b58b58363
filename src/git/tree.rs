//! Reading commits: files by path, as they would stand in a checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{Blob, ErrorCode, ObjectType, Oid, Tree, TreeWalkMode, TreeWalkResult};

use super::Error;
use super::tip::Remote;
use crate::path::RepoPath;
use crate::policy::PolicyFiles;
use crate::project::{Content, Found, MAX_BYTES, Refusal};

/// Mode of a link in a tree.
const LINK: i32 = 0o120_000;

/// Most links that are followed for one file.
const MAX_HOPS: usize = 8;

/// Deepest folder that is looked into for projects.
const MAX_DEPTH: usize = 24;

/// Most folders that are looked into: a few objects can make a tree that is larger than any disk.
const MAX_FOLDERS: usize = 200_000;

/// Most files that a policy may have.
const MAX_FILES: usize = 10_000;

/// A repository, with or without a work tree.
pub struct Repository {
    pub(super) inner: git2::Repository,
    place: String,
    /// Where objects come from that are not here.
    pub(super) remote: Option<Remote>,
}

/// One commit of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit(pub(super) Oid);

/// The id of what a file holds: equal ids are equal contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentId(Oid);

impl ContentId {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Display for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Repository {
    /// Opens the repository in a folder, not in one above it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |reason: String| Error::Open { path: path.to_owned(), reason };
        if let Some(obstacle) = obstacle(path) {
            return Err(failed(format!("`{}` is not a plain file", obstacle.display())));
        }
        let inner = git2::Repository::open(path).map_err(|error| failed(error.message().to_owned()))?;
        Ok(Self { inner, place: path.display().to_string(), remote: None })
    }

    /// Opens the bare repository in a folder, whoever owns it: only its objects are read.
    pub fn open_bare(path: &Path) -> Result<Self, Error> {
        let failed =
            |error: git2::Error| Error::Open { path: path.to_owned(), reason: error.message().to_owned() };
        let inner = git2::Repository::open_bare(path).map_err(failed)?;
        Ok(Self { inner, place: path.display().to_string(), remote: None })
    }

    pub(super) fn with_remote(mut self, remote: Remote) -> Self {
        self.remote = Some(remote);
        self
    }

    pub(super) fn has(&self, id: Oid) -> bool {
        self.inner.odb().is_ok_and(|objects| objects.exists(id))
    }

    /// Looks for objects that came since the repository was opened.
    pub(super) fn refresh(&self) {
        if let Ok(objects) = self.inner.odb() {
            let _ = objects.refresh();
        }
    }

    /// Reads a file's content, bringing it here where only a remote has it.
    fn blob(&self, id: Oid) -> Result<Blob<'_>, String> {
        if let Some(remote) = self.remote.as_ref().filter(|_| !self.has(id)) {
            remote.fetch(&[id]).map_err(|error| error.to_string())?;
            self.refresh();
        }
        self.inner.find_blob(id).map_err(|error| error.message().to_owned())
    }

    /// Whether there is no work tree.
    pub fn is_bare(&self) -> bool {
        self.inner.is_bare()
    }

    /// The folder of the work tree.
    pub fn work_tree(&self) -> Option<PathBuf> {
        self.inner.workdir().map(Path::to_owned)
    }

    /// The commit that a branch, tag or commit name means; none is the current branch.
    pub fn find(&self, revision: Option<&str>) -> Result<Commit, Error> {
        let place = || self.place.clone();
        let object = match revision {
            Some(revision) => {
                let missing = |_| Error::NoRevision { revision: revision.to_owned(), place: place() };
                self.inner.revparse_single(revision).map_err(missing)?
            }
            None => {
                let head = self.inner.head().map_err(|error| match error.code() {
                    ErrorCode::UnbornBranch | ErrorCode::NotFound => Error::Unborn { place: place() },
                    _ => self.unreadable("HEAD", &error),
                })?;
                head.peel(ObjectType::Commit).map_err(|error| self.unreadable("HEAD", &error))?
            }
        };
        let commit = object.peel_to_commit().map_err(|error| self.unreadable("the commit", &error))?;
        Ok(Commit(commit.id()))
    }

    fn origin(&self) -> Option<String> {
        let remote = self.inner.find_remote("origin").ok()?;
        remote.url().ok().map(str::to_owned)
    }

    /// What stands at `path` in a commit; links are followed within it.
    pub fn read(&self, commit: Commit, path: &RepoPath) -> Content {
        match self.tree(commit) {
            Ok(tree) => self.read_in(&tree, path),
            Err(error) => Content::Refused(Refusal::Unreadable(error.to_string())),
        }
    }

    fn read_in(&self, tree: &Tree<'_>, path: &RepoPath) -> Content {
        let mut path = path.clone();
        for _ in 0..MAX_HOPS {
            if path.is_root() {
                return Content::Refused(Refusal::Folder);
            }
            let entry = match tree.get_path(Path::new(path.as_str())) {
                Ok(entry) => entry,
                Err(error) if error.code() == ErrorCode::NotFound => return Content::Missing,
                Err(error) => return Content::Refused(Refusal::Unreadable(error.message().to_owned())),
            };
            match entry.kind() {
                Some(ObjectType::Tree) => return Content::Refused(Refusal::Folder),
                Some(ObjectType::Blob) => {}
                _ => return Content::Refused(Refusal::Special("a submodule")),
            }
            let blob = match self.blob(entry.id()) {
                Ok(blob) => blob,
                Err(reason) => return Content::Refused(Refusal::Unreadable(reason)),
            };
            if entry.filemode() != LINK {
                if blob.size() as u64 > MAX_BYTES {
                    return Content::Refused(Refusal::TooLarge(blob.size() as u64));
                }
                return Content::of_bytes(blob.content().to_vec());
            }
            let target = String::from_utf8_lossy(blob.content()).into_owned();
            match path.parent().and_then(|folder| folder.follow(&target)) {
                Some(next) => path = next,
                None => return Content::Refused(Refusal::LeadsOutside(target)),
            }
        }
        Content::Refused(Refusal::Dangling("a link that leads back to itself".to_owned()))
    }

    /// The contents of files of a commit by their ids, none for a file that is not there; nothing where one of them is
    /// no plain file, for then its content is more than its id.
    pub fn ids<'p>(
        &self,
        commit: Commit,
        paths: impl IntoIterator<Item = &'p RepoPath>,
    ) -> Option<Vec<(&'p RepoPath, Option<ContentId>)>> {
        let tree = self.tree(commit).ok()?;
        let id = |path: &'p RepoPath| match tree.get_path(Path::new(path.as_str())) {
            Ok(entry) if entry.kind() == Some(ObjectType::Blob) && entry.filemode() != LINK => {
                Some((path, Some(ContentId(entry.id()))))
            }
            Err(error) if error.code() == ErrorCode::NotFound => Some((path, None)),
            _ => None,
        };
        paths.into_iter().map(id).collect()
    }

    /// The commit in which the histories of two commits parted.
    pub fn parting(&self, one: Commit, other: Commit) -> Result<Commit, Error> {
        let found = self.inner.merge_base(one.0, other.0);
        found.map(Commit).map_err(|error| self.unreadable(&format!("what {one} and {other} share"), &error))
    }

    /// The files of the policy in a folder of a commit, by their paths from that folder.
    pub fn policy_files(
        &self,
        commit: Commit,
        folder: &RepoPath,
    ) -> Result<BTreeMap<RepoPath, String>, Error> {
        let tree = self.folder(commit, folder)?;
        let paths = self.paths(&tree, PolicyFiles::is_part)?;
        let mut files = BTreeMap::new();
        for path in paths {
            match self.read_in(&tree, &path) {
                Content::Text(text) => {
                    files.insert(path, text);
                }
                Content::Missing => {}
                Content::Refused(refusal) => {
                    let reason = refusal.to_string();
                    return Err(Error::Read { what: path.to_string(), place: self.place.clone(), reason });
                }
            }
        }
        Ok(files)
    }

    /// The projects of a commit and the files that checks look at.
    pub fn discover(&self, commit: Commit) -> Result<Found, Error> {
        let mut found = Found::default();
        // A tree may be nested deeper than a stack is high: what is to be entered stands in a list.
        let mut folders = vec![(RepoPath::root(), self.tree(commit)?, 0)];
        let mut entered = 0;
        while let Some((folder, tree, depth)) = folders.pop() {
            entered += 1;
            if entered > MAX_FOLDERS {
                found.cut();
                break;
            }
            for entry in &tree {
                let Some(name) = entry.name().ok().filter(|name| is_name(name)) else { continue };
                match entry.kind() {
                    Some(ObjectType::Tree) if !found.add_folder(&folder, name) || depth == MAX_DEPTH => {}
                    Some(ObjectType::Tree) => {
                        let below = self.inner.find_tree(entry.id());
                        let below = below.map_err(|error| self.unreadable("the tree", &error))?;
                        folders.push((folder.join(name), below, depth + 1));
                    }
                    Some(ObjectType::Blob) if entry.filemode() == LINK => found.add_link(&folder, name),
                    Some(ObjectType::Blob) => found.add_file(&folder, name),
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    /// Those of these paths that git tracks.
    fn tracked(&self, paths: &[RepoPath]) -> Result<Vec<RepoPath>, git2::Error> {
        let index = self.inner.index()?;
        let is_tracked = |path: &&RepoPath| index.get_path(Path::new(path.as_str()), 0).is_some();
        Ok(paths.iter().filter(is_tracked).cloned().collect())
    }

    fn folder(&self, commit: Commit, folder: &RepoPath) -> Result<Tree<'_>, Error> {
        let tree = self.tree(commit)?;
        if folder.is_root() {
            return Ok(tree);
        }
        let entry = tree.get_path(Path::new(folder.as_str())).and_then(|entry| entry.to_object(&self.inner));
        entry
            .and_then(|object| object.peel_to_tree())
            .map_err(|error| self.unreadable(folder.as_str(), &error))
    }

    pub(super) fn tree(&self, commit: Commit) -> Result<Tree<'_>, Error> {
        let found = self.inner.find_commit(commit.0).and_then(|commit| commit.tree());
        found.map_err(|error| self.unreadable("the tree", &error))
    }

    /// The paths of all files of a tree that `wanted` takes.
    fn paths(&self, tree: &Tree<'_>, wanted: impl Fn(&RepoPath) -> bool) -> Result<Vec<RepoPath>, Error> {
        let mut paths = Vec::new();
        let walked = tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
            let path = entry.name().ok().and_then(|name| RepoPath::new(&format!("{folder}{name}")).ok());
            match (entry.kind(), path) {
                (Some(ObjectType::Blob), Some(path)) if wanted(&path) => paths.push(path),
                _ => {}
            }
            if paths.len() > MAX_FILES { TreeWalkResult::Abort } else { TreeWalkResult::Ok }
        });
        if paths.len() > MAX_FILES {
            let reason = format!("it has more than {MAX_FILES} files");
            return Err(Error::Read { what: "the tree".into(), place: self.place.clone(), reason });
        }
        walked.map_err(|error| self.unreadable("the tree", &error))?;
        Ok(paths)
    }

    pub(super) fn unreadable(&self, what: &str, error: &git2::Error) -> Error {
        Error::Read { what: what.to_owned(), place: self.place.clone(), reason: error.message().to_owned() }
    }
}

/// Those of these files of a work tree that git tracks. Without any file nothing is opened.
pub fn tracked(root: &Path, paths: &[RepoPath]) -> Result<Vec<RepoPath>, Error> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let repository = Repository::open(root)?;
    repository.tracked(paths).map_err(|error| repository.unreadable("the index", &error))
}

/// The files of its own that git reads when it opens a repository.
const OWN_FILES: [&str; 4] = ["config", "HEAD", "index", "packed-refs"];

/// What lies where git expects a plain file of its own. A pipe there would be waited for without end.
fn obstacle(root: &Path) -> Option<PathBuf> {
    let own = root.join(".git");
    let folder = match std::fs::metadata(&own) {
        // The work tree of a submodule, or one of several: a line there says where git's own folder is.
        Ok(found) if found.is_file() => {
            let line = (found.len() <= MAX_BYTES).then(|| std::fs::read_to_string(&own).ok()).flatten()?;
            root.join(line.strip_prefix("gitdir:")?.trim())
        }
        Ok(found) if found.is_dir() => own,
        Ok(_) => return Some(own),
        Err(_) => root.to_owned(),
    };
    let mut own = OWN_FILES.iter().map(|name| folder.join(name));
    own.find(|path| std::fs::metadata(path).is_ok_and(|found| !found.is_file()))
}

/// Where the remote `origin` of the repository in a folder is.
///
/// Opening a repository takes longer than all the rest of a check, so the usual form of its
/// configuration is read as it stands; anything less usual is left to libgit2.
pub fn origin(root: &Path) -> Option<String> {
    let is_bare = root.join("HEAD").is_file();
    let config = root.join(if is_bare { "config" } else { ".git/config" });
    let is_plain = std::fs::metadata(&config).is_ok_and(|found| found.is_file() && found.len() <= MAX_BYTES);
    let config = is_plain.then(|| std::fs::read_to_string(&config).ok()).flatten();
    config.and_then(|text| plain_origin(&text)).unwrap_or_else(|| Repository::open(root).ok()?.origin())
}

/// The URL of `[remote "origin"]`, none where the text holds anything that could change it.
fn plain_origin(config: &str) -> Option<Option<String>> {
    let mut url = None;
    let mut inside = false;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.to_ascii_lowercase();
            if section.starts_with("include") || section.starts_with("url ") {
                return None;
            }
            inside = section.starts_with("remote \"origin\"]");
        } else if inside && let Some((key, value)) = line.split_once('=') {
            let value = value.trim();
            if key.trim().eq_ignore_ascii_case("url") {
                if url.is_some() || value.contains(['"', '\\', ';', '#']) {
                    return None;
                }
                url = Some(value.to_owned());
            }
        }
    }
    Some(url)
}

/// Whether a name in a tree is one that a checkout could have.
fn is_name(name: &str) -> bool {
    !name.contains('/') && RepoPath::new(name).is_ok_and(|path| path.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_configuration_is_read_without_libgit2() {
        let plain = "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@x.dev:a/b.git\n\tfetch = +x\n";
        assert_eq!(plain_origin(plain), Some(Some("git@x.dev:a/b.git".into())));
        assert_eq!(plain_origin("[core]\n"), Some(None));
        assert_eq!(plain_origin("[include]\n\tpath = x\n"), None);
        assert_eq!(plain_origin("[url \"https://y/\"]\n\tinsteadOf = x:\n"), None);
    }
}
