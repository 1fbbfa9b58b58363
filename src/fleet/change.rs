//! What would change in a repository, by a digest: equal where the change is the same.
//!
//! A fleet holds each change once, whatever number of repositories it is for.
//!
//! INVARIANT: the text is a function of the digest: it does not depend on which repository was looked at first.

use std::collections::BTreeMap;

use crate::project::digest;

/// Longest text that is kept of a change, in bytes: a repository may hold files of any length.
const LONGEST: usize = 64 * 1024;

/// The texts of changes by their digests.
pub type Changes = BTreeMap<String, String>;

/// A change to a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of the whole diff without the lines at which its hunks stand.
    pub digest: String,
    /// That diff, cut where it is very long: its last line says so then.
    pub text: String,
}

impl Change {
    /// The change that a diff shows; none where the diff is empty.
    pub fn of(diff: &str) -> Option<Self> {
        if diff.is_empty() {
            return None;
        }
        let text = without_lines(diff);
        Some(Self { digest: digest(&text), text: shortened(text) })
    }
}

/// A diff without the lines at which its hunks stand.
fn without_lines(diff: &str) -> String {
    let mut text = String::with_capacity(diff.len());
    for line in diff.lines() {
        text.push_str(if line.starts_with("@@ ") { "@@" } else { line });
        text.push('\n');
    }
    text
}

fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let mut kept = String::new();
    let mut lines = text.lines();
    for line in lines.by_ref() {
        if kept.len() + line.len() >= LONGEST {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept.push_str(&format!("# and {} more lines\n", lines.count() + 1));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_change_at_other_lines_is_the_same() {
        let at = |line: u32, text: &str| {
            Change::of(&format!("--- a/x\n+++ b/x\n@@ -{line},1 +{line},1 @@\n-{text}\n+b\n")).unwrap()
        };
        assert_eq!(at(1, "a"), at(7, "a"));
        assert_ne!(at(1, "a").digest, at(1, "c").digest);
        assert_eq!(at(7, "a").text, "--- a/x\n+++ b/x\n@@\n-a\n+b\n");
        assert_eq!(Change::of(""), None);
    }

    #[test]
    fn of_a_very_long_change_the_start_is_kept_and_the_digest_is_of_all() {
        let long = |end: &str| Change::of(&format!("{}+{end}\n", "+ünïcode\n".repeat(20_000))).unwrap();
        let (one, other) = (long("a"), long("b"));
        assert_ne!(one.digest, other.digest);
        assert!(one.text.len() <= LONGEST + 40, "{}", one.text.len());
        let told = one.text.lines().last().unwrap();
        let kept = one.text.lines().count() - 1;
        assert_eq!(told, format!("# and {} more lines", 20_001 - kept));
    }
}
