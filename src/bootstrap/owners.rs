//! Who must agree to a change of the agent settings: lines in CODEOWNERS, where the forge looks for it.
//!
//! GitHub takes the first of `.github`, the root and `docs`, GitLab the first of the root, `docs` and
//! `.gitlab`. In both the last pattern that matches a file decides, in GitLab for each section.

use std::fmt;
use std::str::FromStr;

use super::ci::Ci;
use super::draft::Draft;
use crate::project::{Content, MCP};

/// A team, a person or an address, as CODEOWNERS names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(String);

/// A text that names no owner.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no owner: CODEOWNERS takes `@name`, `@organisation/team` or an address")]
pub struct OwnerError(String);

impl FromStr for Owner {
    type Err = OwnerError;

    fn from_str(text: &str) -> Result<Self, OwnerError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "@/._+-".contains(c);
        let is_owner = match text.split_once('@') {
            Some(("", name)) => !name.trim_start_matches('@').is_empty(),
            Some((name, host)) => !name.is_empty() && !host.is_empty(),
            None => false,
        };
        if is_owner && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(OwnerError(text.to_owned()))
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where CODEOWNERS can be, first the place that goes before the others.
fn places(ci: Option<Ci>) -> &'static [&'static str] {
    match ci {
        Some(Ci::Github) => &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"],
        Some(Ci::Gitlab) => &["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
        None => &["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"],
    }
}

/// Adds a line for each place of agent settings that no line names yet.
pub(super) fn name_owners(draft: &mut Draft<'_>, owners: &[Owner], ci: Option<Ci>) {
    let places = places(ci);
    let Some(first) = places.first().filter(|_| !owners.is_empty()) else { return };
    let file = places.iter().find(|place| draft.content(place) != Content::Missing).unwrap_or(first);
    let content = draft.content(file);
    let text = content.text().unwrap_or_default();
    let owners = owners.iter().map(Owner::to_string).collect::<Vec<_>>().join(" ");
    // Without a slash in front a pattern holds for every project of the repository.
    let governed = [".claude/".to_owned(), MCP.to_owned()].into_iter();
    let governed = governed.chain(ci.map(|ci| format!("/{}", ci.file())));
    let missing = governed.filter(|path| !names(text, path));
    let mut lines: Vec<String> = missing.map(|path| format!("{path} {owners}")).collect();
    if lines.is_empty() {
        return;
    }
    // Behind the heading of a section the lines would be part of it, which need not be enforced.
    if text.lines().any(is_heading) && ci != Some(Ci::Github) {
        lines.splice(0..0, [String::new(), "[Agent settings]".to_owned()]);
    }
    draft.append(file, &lines);
}

/// Whether a line starts a section of GitLab's.
fn is_heading(line: &str) -> bool {
    line.starts_with('[') || line.starts_with("^[")
}

/// Whether a line of CODEOWNERS is about exactly this path: then its owner was chosen.
fn names(text: &str, path: &str) -> bool {
    let plain = |pattern: &str| {
        let pattern = pattern.trim_start_matches('/');
        pattern.trim_end_matches("**").trim_end_matches('*').trim_end_matches('/').to_owned()
    };
    let patterns =
        text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next());
    patterns.map(plain).any(|pattern| pattern == plain(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_written_as_codeowners_takes_them() {
        for text in ["@acme/platform", "@octocat", "@@maintainer", "ops@acme.dev", "@group/sub.group/team"] {
            assert_eq!(text.parse::<Owner>().unwrap().to_string(), text);
        }
        for text in ["", "@", "acme", "acme/platform", "@a b", "@a\n* @b", "@a #", "ops@"] {
            assert!(text.parse::<Owner>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_path_that_has_an_owner_is_left_to_it() {
        for line in ["/.claude/ @a", ".claude @a", "/.claude/** @a", ".claude/*  @a @b", "/.claude/"] {
            assert!(names(&format!("* @all\r\n{line}\r\n"), "/.claude/"), "{line}");
        }
        for line in ["* @all", "# /.claude/ @a", "/.claude/hooks/ @a", "*.json @a", "docs/.claude/ @a"] {
            assert!(!names(line, "/.claude/"), "{line}");
        }
    }
}
