//! The content of a path rule: where it is anchored and which path pattern it is.
//!
//! Leaves out the matching of paths.

use super::parse::List;

/// Where a pattern begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Anchor {
    /// `//x`: the root of the file system.
    Root,
    /// `~/x`: the home folder.
    Home,
    /// `/x`: the folder of the settings file's scope.
    Settings,
    /// Anything else: the working directory.
    Working,
}

/// A path pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    anchor: Anchor,
    /// The pattern behind the anchor, without `./` and a first `/`, in lower case: no pattern of
    /// the client looks at case.
    pattern: Box<str>,
    /// Nothing in the pattern has a meaning beyond `*` and `**`.
    tame: bool,
}

impl Path {
    /// Reads the content of a rule.
    pub(super) fn new(content: &str) -> Self {
        let (anchor, rest) = if let Some(rest) = content.strip_prefix("//") {
            (Anchor::Root, rest)
        } else if let Some(rest) = content.strip_prefix("~/") {
            (Anchor::Home, rest)
        } else if let Some(rest) = content.strip_prefix('/') {
            (Anchor::Settings, rest)
        } else {
            (Anchor::Working, content.strip_prefix("./").unwrap_or(content))
        };
        let pattern: Box<str> = rest.to_lowercase().into();
        let tame = is_tame(&pattern);
        Self { anchor, pattern, tame }
    }

    /// A path that the pattern covers: the plainest name for each of its stars.
    pub(super) fn example(content: &str) -> String {
        let path = content.strip_prefix("./").unwrap_or(content);
        let path = match path.strip_prefix('/') {
            // `//x` is an absolute path, `/x` one of the project.
            Some(rest) => rest,
            None => path,
        };
        let path = path.replace("**/", "");
        let path = path.strip_suffix("**").map_or_else(|| path.clone(), |folder| format!("{folder}x"));
        let path = match path.strip_suffix(".*") {
            Some(name) => format!("{name}.local"),
            None => path
                .strip_suffix('*')
                .filter(|name| name.ends_with(|c: char| c.is_ascii_alphanumeric()))
                .map_or_else(|| path.clone(), str::to_owned),
        };
        path.replace(['*', '?'], "x")
    }

    /// Whether every path that `narrow` covers is covered by this pattern.
    pub(super) fn covers(&self, list: List, narrow: &Self) -> bool {
        if self == narrow {
            return true;
        }
        if !self.tame || !narrow.tame {
            return false;
        }
        if &*self.pattern == "**" {
            // INVARIANT: every path lies below the root, and relative patterns match only below the
            // working directories, which is what `**` alone covers.
            return self.anchor == Anchor::Root || self.anchor == narrow.anchor;
        }
        if self.anchor != narrow.anchor {
            return false;
        }
        let Some(wide) = self.folder(list) else { return self.name_covers(narrow) };
        narrow
            .segments(list)
            .is_some_and(|inner| inner.len() >= wide.len() && wide.iter().zip(&inner).all(|(a, b)| a == b))
    }

    /// Whether no path fits both, as far as their literal beginnings tell.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        if !self.tame || !other.tame || self.anchor != other.anchor {
            return false;
        }
        match (self.segments(List::Deny), other.segments(List::Deny)) {
            (Some(a), Some(b)) => {
                a.iter().zip(&b).take_while(|(a, b)| is_literal(a) && is_literal(b)).any(|(a, b)| a != b)
            }
            _ => false,
        }
    }

    /// The segments from the anchor on, none where the pattern matches at any depth.
    fn segments(&self, list: List) -> Option<Vec<&str>> {
        let body = self.pattern.strip_suffix("/**");
        let pattern = body.unwrap_or(&self.pattern);
        // `src/**` is `src` at any depth in deny and ask rules, and anchored in allow rules.
        let anchored = pattern.contains('/') || (body.is_some() && list == List::Allow);
        anchored.then(|| pattern.split('/').collect())
    }

    /// The segments, where all are literal: the pattern is one file or folder.
    fn folder(&self, list: List) -> Option<Vec<&str>> {
        self.segments(list).filter(|segments| segments.iter().all(|segment| is_literal(segment)))
    }

    /// A single literal name covers every pattern that passes through it.
    fn name_covers(&self, narrow: &Self) -> bool {
        self.anchor == Anchor::Working
            && is_literal(&self.pattern)
            && !self.pattern.contains('/')
            && narrow.pattern.split('/').any(|part| part == &*self.pattern)
    }
}

fn is_literal(segment: &str) -> bool {
    !segment.contains('*')
}

/// Nothing in the pattern has a meaning beyond `*` and `**`.
fn is_tame(pattern: &str) -> bool {
    !pattern.is_empty()
        && !pattern.bytes().any(|b| !b.is_ascii() || b"!\\[]?# {}".contains(&b))
        && !pattern.ends_with('/')
        && !pattern.split('/').any(|part| matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: List, wide: &str, narrow: &str) -> bool {
        Path::new(wide).covers(list, &Path::new(narrow))
    }

    #[test]
    fn folders_cover_what_is_below() {
        for list in List::ALL {
            assert!(covers(list, "//**", "~/x"));
            assert!(covers(list, "//**", ".env"));
            assert!(covers(list, "**", "src/a.js"));
            assert!(covers(list, "~/a/b", "~/a/b/c*"));
            assert!(covers(list, "a/b/**", "a/b/c/*.js"));
            assert!(covers(list, "node_modules", "x/Node_Modules/y"));
            assert!(covers(list, "./.env", ".ENV"));
            assert!(!covers(list, "src/*", "src/a"));
            assert!(!covers(list, "/src/**", "src/a"));
            assert!(!covers(list, "/src", "/a/src"));
            assert!(!covers(list, "a/b", "a/bc"));
            assert!(!covers(list, "src", "!src"));
        }
    }

    #[test]
    fn apart_are_only_fixed_places() {
        let apart = |a, b| Path::new(a).is_apart_from(&Path::new(b));
        assert!(apart("a/b", "a/c/**"));
        assert!(!apart("src/**", "lib/**"));
        assert!(!apart("a/*", "a/c"));
        assert!(!apart("~/a/b", "/a/c"));
    }

    #[test]
    fn a_folder_at_any_depth_depends_on_the_list() {
        assert!(!covers(List::Allow, "src/**", "src"));
        assert!(covers(List::Allow, "src/**", "src/a"));
        assert!(!covers(List::Deny, "src/**", "src"));
    }
}
