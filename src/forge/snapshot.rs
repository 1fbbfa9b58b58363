//! The agent files of a repository at one commit, as a forge gave them.
//!
//! A forge shows some folders and not the whole tree. What was not shown is not said to be missing: see
//! [`Snapshot::is_whole`].

use std::collections::BTreeMap;

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
    /// Whether the whole tree was shown, so that what is not in `blobs` is not there.
    pub is_whole: bool,
}

impl Snapshot {
    /// The projects and files that checks look at, among what was shown.
    pub fn found(&self) -> Found {
        let mut found = Found::default();
        for (path, blob) in &self.blobs {
            let folder = path.parent().unwrap_or_default();
            match blob.kind {
                Kind::Folder => {
                    found.add_folder(&folder, path.name());
                }
                Kind::Link => found.add_link(&folder, path.name()),
                Kind::File { .. } => found.add_file(&folder, path.name()),
                Kind::Submodule => {}
            }
        }
        found
    }

    /// What stands at `path`; links are followed within what was shown.
    pub fn read(&self, path: &RepoPath) -> Content {
        match self.follow(path) {
            Ok(path) => self.content(&path),
            Err(refusal) => Content::Refused(refusal),
        }
    }

    /// The path that writing to `path` changes, and its mode: a link is followed within what was shown.
    pub fn place(&self, path: &RepoPath) -> Result<(RepoPath, Kind), Refusal> {
        let path = self.follow(path)?;
        match self.blobs.get(&path).map(|blob| blob.kind) {
            None => Ok((path, Kind::File { is_executable: false })),
            Some(kind @ Kind::File { .. }) => Ok((path, kind)),
            Some(_) => Err(Refusal::Folder),
        }
    }

    fn content(&self, path: &RepoPath) -> Content {
        let not_shown = || Content::Refused(Refusal::Unreadable("the forge was not asked for it".to_owned()));
        match self.blobs.get(path) {
            None => Content::Missing,
            Some(blob) => match blob.kind {
                Kind::Folder => Content::Refused(Refusal::Folder),
                Kind::Submodule => Content::Refused(Refusal::Special("a submodule")),
                Kind::File { .. } | Kind::Link => blob.content.clone().unwrap_or_else(not_shown),
            },
        }
    }

    /// Where the links on the way to `path` lead. A link into what was not shown is refused: what stands there is
    /// not known.
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
            if !self.blobs.contains_key(&path) && self.first_link(&path).is_none() && !self.is_whole {
                let why = format!("it is a link to `{target}`, which the forge was not asked for");
                return Err(Refusal::Unreadable(why));
            }
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
        Snapshot { blobs: blobs.iter().map(blob).collect(), ..Snapshot::default() }
    }

    #[test]
    fn links_are_followed_within_what_was_shown() {
        let shown = snapshot(&[
            (".claude", 0o120_000, "agents/claude"),
            ("agents", 0o040_000, ""),
            ("agents/claude", 0o040_000, ""),
            ("agents/claude/settings.json", 0o100_755, "{}"),
            ("out", 0o120_000, "../../etc"),
            ("far", 0o120_000, "deep/in/the/tree.json"),
            ("loop", 0o120_000, "loop"),
        ]);
        let settings = path(".claude/settings.json");
        assert_eq!(shown.read(&settings), Content::Text("{}".into()));
        let place = shown.place(&settings);
        assert_eq!(place, Ok((path("agents/claude/settings.json"), Kind::File { is_executable: true })));
        assert!(matches!(shown.read(&path("out")), Content::Refused(Refusal::LeadsOutside(_))));
        assert!(matches!(shown.read(&path("far")), Content::Refused(Refusal::Unreadable(_))));
        assert!(matches!(shown.read(&path("loop")), Content::Refused(Refusal::Dangling(_))));
        assert_eq!(shown.read(&path("missing")), Content::Missing);
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
        ]);
        let found = shown.found();
        assert_eq!(found.projects(), [RepoPath::root(), path("web")]);
        assert_eq!(found.local_settings(), [path(".claude/settings.local.json")]);
    }
}
