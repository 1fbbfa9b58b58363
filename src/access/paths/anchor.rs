//! Where the pattern of a path rule begins, and the pattern that is left of it.
//!
//! Leaves out what the pattern matches (`glob`).

use crate::access::Place;
use crate::rule::List;

/// The folder below which a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// This one.
    At(String),
    /// The working directories: the project folder and every additional one.
    Working,
}

/// Reads the content of a path rule; `settings` is the folder that `/` stands for in its file.
///
/// Observed, 2.1.330: repeated slashes count once; a last `/**` goes, for what covers a folder covers all
/// below it. So `src/**` is `src`, at any depth, except in allow rules, where it stays anchored.
pub(super) fn anchor(content: &str, list: List, place: &Place, settings: &str) -> (Root, String) {
    let (root, rest) = if let Some(rest) = content.strip_prefix('/') {
        if rest.starts_with('/') {
            (Root::At("/".to_owned()), rest)
        } else {
            (Root::At(settings.to_owned()), content)
        }
    } else if content.starts_with("~/") {
        (Root::At(place.home.clone()), content.get(1..).unwrap_or_default())
    } else {
        (Root::Working, content.strip_prefix("./").unwrap_or(content))
    };
    let mut pattern = single_slashes(rest);
    if let Some(folder) = pattern.strip_suffix("/**") {
        let single = !folder.is_empty() && !folder.contains('/');
        pattern = match folder {
            "" => "**".to_owned(),
            folder if single && list == List::Allow => format!("/{folder}"),
            folder => folder.to_owned(),
        };
    }
    (root, pattern)
}

fn single_slashes(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '/' || !found.ends_with('/') {
            found.push(c);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors() {
        let place = Place { project: "/p".into(), home: "/h".into(), config: "/h/.claude".into() };
        let at = |folder: &str, pattern: &str| (Root::At(folder.to_owned()), pattern.to_owned());
        let working = |pattern: &str| (Root::Working, pattern.to_owned());
        for (content, list, expected) in [
            ("//etc/**", List::Deny, at("/", "/etc")),
            ("///etc//x", List::Deny, at("/", "/etc/x")),
            ("~/.ssh/**", List::Deny, at("/h", "/.ssh")),
            ("/src/**", List::Deny, at("/s", "/src")),
            ("/**", List::Deny, at("/s", "**")),
            ("~/**", List::Deny, at("/h", "**")),
            ("./src/**", List::Deny, working("src")),
            ("src/**", List::Allow, working("/src")),
            ("a/b/**", List::Allow, working("a/b")),
            ("**", List::Allow, working("**")),
        ] {
            assert_eq!(anchor(content, list, &place, "/s"), expected, "{content}");
        }
    }
}
