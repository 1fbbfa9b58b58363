//! Paths within a repository: `/` between the parts, no `.` and `..`, never absolute.

use std::fmt;

/// A path relative to the root of a repository; the empty path is the root itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(String);

/// A text that names no place within a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path within a repository")]
pub struct RepoPathError(String);

impl RepoPath {
    /// The root of the repository.
    pub fn root() -> Self {
        Self::default()
    }

    /// Takes `a/b`, `./a/b` and `a//b/`; refuses what leads out of the repository.
    pub fn new(text: &str) -> Result<Self, RepoPathError> {
        let refused = || RepoPathError(text.to_owned());
        if text.starts_with('/') || text.contains(['\\', '\0']) {
            return Err(refused());
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => return Err(refused()),
                drive if parts.is_empty() && drive.len() == 2 && drive.ends_with(':') => {
                    return Err(refused());
                }
                part => parts.push(part),
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The path `below` of this folder. `below` is a literal of the program or was checked before.
    #[must_use]
    pub fn join(&self, below: &str) -> Self {
        match (self.0.as_str(), below) {
            (_, "") => self.clone(),
            ("", below) => Self(below.to_owned()),
            (folder, below) => Self(format!("{folder}/{below}")),
        }
    }

    /// Where a link in this folder leads, none where that is out of the repository.
    pub fn follow(&self, target: &str) -> Option<Self> {
        if target.starts_with('/') {
            return None;
        }
        let mut folder = self.clone();
        for part in target.split('/') {
            folder = match part {
                "" | "." => folder,
                ".." => folder.parent()?,
                name => folder.join(name),
            };
        }
        Some(folder)
    }

    /// The folder that holds this path, none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())))
    }

    /// The last part, empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path from `folder` on, none where it does not lie below it.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.is_root() {
            return (!self.is_root()).then_some(&self.0);
        }
        self.0.strip_prefix(folder.as_str())?.strip_prefix('/')
    }

    /// Whether this is the root of the repository.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_repository() {
        assert_eq!(RepoPath::new("./a//b/").unwrap().as_str(), "a/b");
        assert_eq!(RepoPath::new("").unwrap(), RepoPath::root());
        for text in ["/etc", "../x", "a/../../x", "C:/x", "a\\b", "a\0"] {
            assert!(RepoPath::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn join_and_parent_are_opposites() {
        let path = RepoPath::root().join("a").join("b.json");
        assert_eq!(path.as_str(), "a/b.json");
        assert_eq!(path.parent(), Some(RepoPath::root().join("a")));
        assert_eq!(path.parent().unwrap().parent(), Some(RepoPath::root()));
        assert_eq!(RepoPath::root().parent(), None);
    }

    #[test]
    fn links_stay_within_the_repository() {
        let folder = RepoPath::new("a/.claude").unwrap();
        assert_eq!(folder.follow("../../x.json"), RepoPath::new("x.json").ok());
        assert_eq!(folder.follow("./y.json"), RepoPath::new("a/.claude/y.json").ok());
        assert_eq!(folder.follow("../../../x"), None);
        assert_eq!(folder.follow("/etc/passwd"), None);
    }

    #[test]
    fn a_path_lies_below_the_folders_above_it() {
        let path = RepoPath::new("a/b/c").unwrap();
        assert_eq!(path.name(), "c");
        assert_eq!(path.below(&RepoPath::root()), Some("a/b/c"));
        assert_eq!(path.below(&RepoPath::root().join("a")), Some("b/c"));
        assert_eq!(path.below(&RepoPath::root().join("a/b/c")), None);
        assert_eq!(RepoPath::root().join("ab").below(&RepoPath::root().join("a")), None);
        assert_eq!(RepoPath::root().below(&RepoPath::root()), None);
    }
}
