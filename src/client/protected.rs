//! Files and folders that the client asks for before it writes them, whatever is allowed.
//!
//! Names count at any depth and without regard to case. Observed with client 2.1.330.

use std::borrow::Cow;

use crate::automaton::{Class, Pattern};
use crate::glob::PathText;

/// Folders; everything below them is protected.
const FOLDERS: &[&str] = &[".cargo", ".devcontainer", ".git", ".husky", ".idea", ".mvn", ".vscode", ".yarn"];

/// Files.
const FILES: &[&str] = &[
    ".bash_aliases",
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".bashrc",
    ".bazeliskrc",
    ".bazelrc",
    ".bazelversion",
    ".bunfig.toml",
    ".claude.json",
    ".devcontainer.json",
    ".envrc",
    ".gitconfig",
    ".gitmodules",
    ".lefthook.yaml",
    ".lefthook.yml",
    ".mcp.json",
    ".npmrc",
    ".pnp.cjs",
    ".pnp.data.json",
    ".pnp.js",
    ".pnp.loader.mjs",
    ".pnpmfile.cjs",
    ".pre-commit-config.yaml",
    ".profile",
    ".ripgreprc",
    ".yarnrc",
    ".yarnrc.yml",
    ".zlogin",
    ".zlogout",
    ".zprofile",
    ".zshenv",
    ".zshrc",
    "bunfig.toml",
    "gradle-wrapper.properties",
    "lefthook.yaml",
    "lefthook.yml",
    "maven-wrapper.properties",
    "pyrightconfig.json",
];

/// What is free in the client's own folder.
const WORKTREES: &str = "worktrees";

/// The files of an organisation.
const MANAGED: [&str; 2] = ["/etc/claude-code/managed-settings.json", "/etc/claude-code/managed-settings.d/"];

/// Whether the client asks before it writes this absolute, normal path.
pub fn is_protected(path: &str) -> bool {
    if MANAGED.iter().any(|managed| path.starts_with(managed)) {
        return true;
    }
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let next = parts.peek().copied();
        // Only the last name may be one without a dot.
        if next.is_some() && part.bytes().all(|byte| byte.is_ascii() && byte != b'.') {
            continue;
        }
        let (part, next) = (plain(part), next.map(plain));
        let protected = match (&*part, next.as_deref()) {
            (".config", Some("git")) => true,
            (".claude", Some(WORKTREES)) => false,
            (".claude", _) => true,
            (folder, _) if FOLDERS.binary_search(&folder).is_ok() => true,
            (file, None) => FILES.binary_search(&file).is_ok(),
            _ => false,
        };
        if protected {
            return true;
        }
    }
    false
}

/// Paths that are protected for certain, as a pattern for proofs; those that only some file system takes for
/// such a path are left out.
pub fn certain() -> Pattern {
    let name = |name: &str| PathText::new(name).pattern();
    let below = || Pattern::chain([Pattern::text("/"), Pattern::anything()]).optional();
    let folders = FOLDERS.iter().map(|folder| Pattern::chain([name(folder), below()]));
    let files = FILES.iter().map(|file| name(file));
    let inside = Pattern::one(Class::of("/wW").complement());
    let own = Pattern::chain([name(".claude"), Pattern::text("/"), inside, Pattern::anything()]);
    Pattern::chain([Pattern::anything(), Pattern::either(folders.chain(files).chain([own]))])
}

/// A name as other file systems may see it: without case, without characters that some of them pass over,
/// without the stream behind a `:`.
fn plain(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)) {
        return Cow::Borrowed(name);
    }
    let name = name.split("::").next().unwrap_or_default();
    let seen = name.chars().filter(|c| {
        !matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
    });
    Cow::Owned(seen.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect())
}

/// Devices of Windows, which it finds behind the last dot of any name.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Whether a path is written in a way that Windows reads as another one. The client asks for such paths
/// on every system.
pub fn is_suspicious(path: &str) -> bool {
    let short = path
        .match_indices('~')
        .any(|(at, _)| path.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    let ends_badly = |part: &str| part.ends_with(|c: char| c == '.' || c.is_whitespace());
    short || path.split('/').any(ends_badly) || ends_in_device(path)
}

fn ends_in_device(path: &str) -> bool {
    let Some((_, end)) = path.rsplit_once('.') else { return false };
    let end = end.to_ascii_lowercase();
    let numbered =
        |name: &str| end.strip_prefix(name).is_some_and(|digit| matches!(digit.as_bytes(), [b'1'..=b'9']));
    DEVICES.contains(&&*end) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(FOLDERS.is_sorted() && FILES.is_sorted());
    }

    #[test]
    fn what_windows_reads_otherwise_is_suspicious() {
        for path in ["/p/x~1", "/p/x.", "/p/d /x", "/p/.../x", "/p/a.CON", "/p/a.lpt1"] {
            assert!(is_suspicious(path), "{path}");
        }
        for path in ["/p/x~", "/p/con", "/p/con.txt", "/p/a b", "/p/.git/x"] {
            assert!(!is_suspicious(path), "{path}");
        }
        assert!(is_protected("/p/.g\u{200c}it/x") && is_protected("/p/.git::$DATA/x"));
        assert!(is_protected("/p/.v\u{17f}code/x") && !is_protected("/p/.g\u{130}t/x"));
    }

    #[test]
    fn names_count_at_any_depth_in_any_case() {
        for path in ["/p/.git/x", "/p/a/.GIT", "/p/.config/git", "/p/.bashrc", "/p/.claude/x", "/p/.mcp.json"]
        {
            assert!(is_protected(path), "{path}");
        }
        for path in ["/p/.gitignore", "/p/.claude/worktrees/a", "/p/.env", "/p/CLAUDE.md"] {
            assert!(!is_protected(path), "{path}");
        }
        assert!(is_protected("/p/.claude/worktrees/a/.git/x"));
    }
}
