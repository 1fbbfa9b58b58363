//! The agent files of a repository at one commit, as a forge gave them.
//!
//! A forge may show some folders and not the whole tree.
//!
//! INVARIANT: what was not shown is not said to be missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RepoPath;
use crate::project::{Content, Found, Refusal};

/// Most links that are followed for one file.
const MAX_HOPS: usize = 8;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What it is.
    pub kind: Kind,
    /// Its object id.
    pub id: String,
    /// Its content, none where it was not asked for. Of a link it is where it leads.
    pub content: Option<Content>,
}

/// What stands at a path, as git tells by its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file, one that may be run among them.
    File {
        /// Whether it may be run.
        is_executable: bool,
    },
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
    /// Another repository.
    Submodule,
}

impl Kind {
    /// From the mode of a tree's entry.
    pub fn of_mode(mode: u32) -> Self {
        match mode {
            0o120_000 => Self::Link,
            0o040_000 => Self::Folder,
            0o160_000 => Self::Submodule,
            mode => Self::File { is_executable: mode & 0o111 != 0 },
        }
    }

    /// The mode as trees and forges write it.
    pub fn mode(self) -> &'static str {
        match self {
            Self::File { is_executable: false } => "100644",
            Self::File { is_executable: true } => "100755",
            Self::Link => "120000",
            Self::Folder => "040000",
            Self::Submodule => "160000",
        }
    }
}

/// The agent files of a repository at one commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The commit.
    pub commit: String,
    /// Its tree.
    pub tree: String,
    /// The name of its main branch.
    pub branch: String,
    /// What was shown, by path.
    pub blobs: BTreeMap<RepoPath, Blob>,
    /// The folders of which all entries are in `blobs`.
    pub listed: BTreeSet<RepoPath>,
    /// What was asked for and is not there.
    pub absent: BTreeSet<RepoPath>,
}

impl Snapshot {
    /// The projects and files that checks look at, among what was shown.
    pub fn found(&self) -> Found {
        self.walk(|_, _| {})
    }

    /// Walks through what was shown as through a tree. `each` is told of the files and links in the folders
    /// that are entered.
    pub(super) fn walk<'a>(&'a self, mut each: impl FnMut(&'a RepoPath, Kind)) -> Found {
        let mut found = Found::default();
        let mut entered = BTreeSet::from([RepoPath::root()]);
        // In the order of their paths, a folder comes before what is in it.
        for (path, blob) in &self.blobs {
            let folder = path.parent().unwrap_or_default();
            if !entered.contains(&folder) {
                continue;
            }
            match blob.kind {
                Kind::Folder if found.add_folder(&folder, path.name()) => {
                    entered.insert(path.clone());
                }
                Kind::Folder | Kind::Submodule => {}
                Kind::Link => {
                    found.add_link(&folder, path.name());
                    each(path, blob.kind);
                }
                Kind::File { .. } => {
                    found.add_file(&folder, path.name());
                    each(path, blob.kind);
                }
            }
        }
        found
    }

    /// Whether the whole tree was shown.
    pub fn is_whole(&self) -> bool {
        let mut folders = self.blobs.iter().filter(|(_, blob)| blob.kind == Kind::Folder);
        self.listed.contains(&RepoPath::root()) && folders.all(|(path, _)| self.listed.contains(path))
    }

    /// What stands at `path`; links are followed within what was shown.
    pub fn read(&self, path: &RepoPath) -> Content {
        match self.follow(path) {
            Ok(path) => self.content(&path),
            Err(refusal) => Content::Refused(refusal),
        }
    }

    /// What has to be asked for, so that it is known what stands at `path`; none where it is known.
    pub fn unseen(&self, path: &RepoPath) -> Option<RepoPath> {
        let (path, content) = match self.follow(path) {
            Ok(path) => (path.clone(), self.content(&path)),
            Err(refusal) => (path.clone(), Content::Refused(refusal)),
        };
        (content == Content::Refused(not_shown())).then_some(path)
    }

    /// The path that writing to `path` changes, and its mode: a link is followed within what was shown.
    pub fn place(&self, path: &RepoPath) -> Result<(RepoPath, Kind), Refusal> {
        let path = self.follow(path)?;
        match self.blobs.get(&path).map(|blob| blob.kind) {
            None if self.is_known(&path) => Ok((path, Kind::File { is_executable: false })),
            None => Err(not_shown()),
            Some(kind @ Kind::File { .. }) => Ok((path, kind)),
            Some(_) => Err(Refusal::Folder),
        }
    }

    /// Whether it is known what stands at `path`, nothing included.
    fn is_known(&self, path: &RepoPath) -> bool {
        // The nearest folder that is there decides: it was listed, or what is in it was not shown.
        let mut folders = std::iter::successors(path.parent(), RepoPath::parent);
        let nearest = folders.find(|folder| folder.is_root() || self.blobs.contains_key(folder));
        self.blobs.contains_key(path)
            || self.absent.contains(path)
            || nearest.is_some_and(|folder| self.listed.contains(&folder))
    }

    fn content(&self, path: &RepoPath) -> Content {
        match self.blobs.get(path) {
            None if self.is_known(path) => Content::Missing,
            None => Content::Refused(not_shown()),
            Some(blob) => match blob.kind {
                Kind::Folder => Content::Refused(Refusal::Folder),
                Kind::Submodule => Content::Refused(Refusal::Special("a submodule")),
                Kind::File { .. } | Kind::Link => {
                    blob.content.clone().unwrap_or_else(|| Content::Refused(not_shown()))
                }
            },
        }
    }

    /// Where the links on the way to `path` lead.
    fn follow(&self, path: &RepoPath) -> Result<RepoPath, Refusal> {
        let mut path = path.clone();
        for _ in 0..MAX_HOPS {
            let Some((link, below)) = self.first_link(&path) else { return Ok(path) };
            let target = match self.content(&link) {
                Content::Text(target) => target,
                Content::Refused(refusal) => return Err(refusal),
                Content::Missing => String::new(),
            };
            let folder = link.parent().unwrap_or_default();
            let Some(next) = folder.follow(&target) else { return Err(Refusal::LeadsOutside(target)) };
            path = next.join(&below);
        }
        Err(Refusal::Dangling("a link that leads back to itself".to_owned()))
    }

    /// The first link on the way to `path`, itself included, and what comes behind it.
    fn first_link(&self, path: &RepoPath) -> Option<(RepoPath, String)> {
        let mut folders: Vec<RepoPath> =
            std::iter::successors(Some(path.clone()), RepoPath::parent).collect();
        folders.reverse();
        let link = folders
            .into_iter()
            .find(|folder| self.blobs.get(folder).is_some_and(|blob| blob.kind == Kind::Link))?;
        let below = path.below(&link).unwrap_or_default().to_owned();
        Some((link, below))
    }
}

fn not_shown() -> Refusal {
    Refusal::Unreadable("the forge was not asked for it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    fn snapshot(blobs: &[(&str, u32, &str)]) -> Snapshot {
        let blob = |(at, mode, text): &(&str, u32, &str)| {
            let content = (*mode != 0o040_000).then(|| Content::Text((*text).into()));
            (path(at), Blob { kind: Kind::of_mode(*mode), id: String::new(), content })
        };
        let listed = ["", ".claude"].map(path).into();
        Snapshot { blobs: blobs.iter().map(blob).collect(), listed, ..Snapshot::default() }
    }

    #[test]
    fn links_are_followed_within_what_was_shown() {
        let shown = snapshot(&[
            (".claude", 0o120_000, "agents/claude"),
            ("agents", 0o040_000, ""),
            ("agents/claude", 0o040_000, ""),
            ("agents/claude/settings.json", 0o100_755, "{}"),
            ("out", 0o120_000, "../../etc"),
            ("deep", 0o040_000, ""),
            ("far", 0o120_000, "deep/in/the/tree.json"),
            ("loop", 0o120_000, "loop"),
        ]);
        let settings = path(".claude/settings.json");
        assert_eq!(shown.read(&settings), Content::Text("{}".into()));
        let place = shown.place(&settings);
        assert_eq!(place, Ok((path("agents/claude/settings.json"), Kind::File { is_executable: true })));
        assert!(matches!(shown.read(&path("out")), Content::Refused(Refusal::LeadsOutside(_))));
        assert!(matches!(shown.read(&path("far")), Content::Refused(Refusal::Unreadable(_))));
        assert_eq!(shown.unseen(&path("far")), Some(path("deep/in/the/tree.json")), "where it leads");
        assert!(matches!(shown.read(&path("loop")), Content::Refused(Refusal::Dangling(_))));
        assert_eq!(shown.read(&path("missing")), Content::Missing);
    }

    #[test]
    fn what_is_in_a_folder_that_was_not_listed_is_not_known() {
        let shown = snapshot(&[(".claude", 0o040_000, ""), ("docs", 0o040_000, "")]);
        for (at, is_known) in [
            ("x.md", true),
            ("no/folder/x.md", true),
            (".claude/x.json", true),
            (".claude/no/x.md", true),
            ("docs/x.md", false),
            ("docs/no/x.md", false),
        ] {
            assert_eq!(shown.read(&path(at)) == Content::Missing, is_known, "{at}");
            assert_eq!(shown.place(&path(at)).is_ok(), is_known, "{at}");
        }
        assert!(!shown.is_whole());
        assert_eq!(shown.unseen(&path("docs/x.md")), Some(path("docs/x.md")));
        let asked = Snapshot { absent: [path("docs/x.md")].into(), ..shown.clone() };
        assert_eq!(asked.read(&path("docs/x.md")), Content::Missing);
        assert_eq!(asked.unseen(&path("docs/x.md")), None);
        let listed = ["", ".claude", "docs"].map(path).into();
        assert!(Snapshot { listed, ..shown }.is_whole());
    }

    #[test]
    fn what_was_listed_and_not_read_is_not_said_to_be_empty() {
        let mut shown = snapshot(&[(".env", 0o100_644, "")]);
        shown.blobs.get_mut(&path(".env")).unwrap().content = None;
        assert!(matches!(shown.read(&path(".env")), Content::Refused(Refusal::Unreadable(_))));
        assert!(shown.place(&path(".env")).is_ok());
    }

    #[test]
    fn what_was_shown_is_walked_like_a_tree() {
        let shown = snapshot(&[
            (".claude", 0o040_000, ""),
            (".claude/settings.local.json", 0o100_644, "{}"),
            ("web", 0o040_000, ""),
            ("web/.claude", 0o040_000, ""),
            ("node_modules", 0o040_000, ""),
            ("node_modules/x", 0o040_000, ""),
            ("node_modules/x/.claude", 0o040_000, ""),
        ]);
        let found = shown.found();
        assert_eq!(found.projects(), [RepoPath::root(), path("web")]);
        assert_eq!(found.local_settings(), [path(".claude/settings.local.json")]);
    }
}
