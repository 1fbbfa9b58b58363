//! Dead rules for paths.

use super::{Dead, DeadKind, alternatives, rule_of};
use crate::rule::path::Path;

/// Folders of a Unix system that hardly any project has at its root. `/lib`, `/bin`, `/tmp` and others are left
/// out: projects have them.
const SYSTEM_FOLDERS: &[&str] = &["Users", "Volumes", "etc", "home", "private", "proc", "root", "usr"];

/// Programs whose path rules the client looks at, for those whose it does not.
const CONSULTED: &[(&str, &str)] =
    &[("Glob", "Read"), ("Grep", "Read"), ("NotebookEdit", "Edit"), ("Write", "Edit")];

/// A path rule of a tool whose path rules are not looked at.
pub(super) fn inert(tool: &str, content: &str) -> Option<Dead> {
    let (_, consulted) = CONSULTED.iter().find(|(inert, _)| *inert == tool)?;
    let content = ["file_path:", "path:", "notebook_path:"]
        .iter()
        .find_map(|field| content.strip_prefix(field))
        .unwrap_or(content);
    // The rule that was meant may have a fault of its own.
    let inner = dead(consulted, content);
    let meant = match &inner {
        Some(inner) => inner.meant.clone(),
        None => vec![rule_of(consulted, content)],
    };
    let calls = inner.map_or_else(
        || vec![Path::example(content)],
        |inner| inner.calls.iter().map(|call| path_of(call)).collect(),
    );
    // A notebook is written whole, the others are edited, made and searched by their path.
    let calls = calls.iter().map(|path| format!("{tool}({path})")).collect();
    Dead::new(DeadKind::InertTool(consulted), calls, meant)
}

/// A rule for `Read` or `Edit`.
pub(super) fn dead(tool: &str, content: &str) -> Option<Dead> {
    let (kind, meant) = suspicion(content)?;
    let calls = match kind {
        DeadKind::Negated => vec![Path::example(content.trim_start_matches('!'))],
        DeadKind::NotAbsolute => vec![Path::example(&format!("/{content}"))],
        DeadKind::Dots if meant.is_empty() => vec![Path::example(content)],
        DeadKind::Drive => {
            vec![Path::example(&format!("//{}", content.replacen(':', "", 1).replace('\\', "/")))]
        }
        _ => meant.iter().map(|content| Path::example(content)).collect(),
    };
    let calls = calls.iter().map(|path| format!("{tool}({path})")).collect();
    Dead::new(kind, calls, meant.iter().map(|content| rule_of(tool, content)).collect())
}

/// What is the matter, and the contents that were probably meant.
fn suspicion(content: &str) -> Option<(DeadKind, Vec<String>)> {
    let bytes = content.as_bytes();
    if let [quote @ (b'"' | b'\'' | b'`'), inner @ .., last] = bytes
        && quote == last
        && !inner.is_empty()
    {
        return Some((DeadKind::Quoted, vec![content.get(1..content.len() - 1)?.to_owned()]));
    }
    if let [drive, b':', b'/' | b'\\', ..] = bytes
        && drive.is_ascii_alphabetic()
    {
        return Some((DeadKind::Drive, Vec::new()));
    }
    if let Some(path) = content.strip_prefix("file_path:").or_else(|| content.strip_prefix("path:")) {
        return Some((DeadKind::MainField, vec![path.to_owned()]));
    }
    if content.starts_with(' ') || content.contains("/ ") || content.contains(" /") || content.contains(" .*")
    {
        let tight = content.trim().replace(" /", "/").replace("/ ", "/").replace(" .*", ".*");
        return Some((DeadKind::Blanks, vec![tight]));
    }
    if content.starts_with('!') {
        return Some((DeadKind::Negated, Vec::new()));
    }
    if let Some(found) = variable(content) {
        return Some((DeadKind::Variable, found));
    }
    if let Some(found) = alternatives(content) {
        return Some((DeadKind::Braces, found));
    }
    if let Some(found) = several(content) {
        return Some((DeadKind::Several, found));
    }
    if is_with_backslash(content) {
        return Some((DeadKind::Backslash, vec![content.replace('\\', "/")]));
    }
    if content.strip_prefix("./").unwrap_or(content).split('/').any(|part| matches!(part, "." | ".."))
        || matches!(content, "~" | "~/" | "./" | "/" | "//")
    {
        let meant = match content {
            "~" | "~/" => vec!["~/**".to_owned()],
            "." | "./" | "/" => vec!["./**".to_owned()],
            "//" => vec!["//**".to_owned()],
            _ => Vec::new(),
        };
        return Some((DeadKind::Dots, meant));
    }
    let first = content.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
    let (folder, below) = first.split_once('/')?;
    if !SYSTEM_FOLDERS.contains(&folder) || below.is_empty() {
        return None;
    }
    // A home folder is that of everybody: the correction would be one of two.
    let meant = if matches!(folder, "Users" | "home") { Vec::new() } else { vec![format!("/{content}")] };
    Some((DeadKind::NotAbsolute, meant))
}

/// `$HOME/x` is `~/x`, and the folder of the project needs no name.
fn variable(content: &str) -> Option<Vec<String>> {
    let rest = content.strip_prefix('$').or_else(|| content.strip_prefix('%'))?;
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, behind) = (rest.get(..end)?, rest.get(end..)?);
    let path = behind.trim_start_matches(['}', '%']).strip_prefix('/')?;
    match name {
        "HOME" | "USERPROFILE" => Some(vec![format!("~/{path}")]),
        "CLAUDE_PROJECT_DIR" | "PWD" | "workspaceFolder" => Some(vec![format!("./{path}")]),
        "" => None,
        _ => Some(Vec::new()),
    }
}

/// Several patterns in one rule, each of which looks like a path.
fn several(content: &str) -> Option<Vec<String>> {
    let separator = [", ", ",", "|"].into_iter().find(|separator| content.contains(separator))?;
    let parts: Vec<&str> = content.split(separator).map(str::trim).collect();
    let looks_like_path = |part: &&str| part.starts_with(['.', '/', '~', '*']);
    (parts.len() > 1 && parts.iter().all(looks_like_path))
        .then(|| parts.into_iter().map(str::to_owned).collect())
}

/// A backslash before a name, as Windows writes folders; before `*`, `[` and others it is an escape.
fn is_with_backslash(content: &str) -> bool {
    let mut pairs = content.as_bytes().windows(2);
    // Some escapes of regular expressions match by accident.
    let plain = |next: u8| next == b'.' || (next.is_ascii_alphanumeric() && !b"bBDSW".contains(&next));
    pairs.any(|pair| matches!(pair, [b'\\', next] if plain(*next))) || content.contains("\\**")
}

/// The path in a call.
fn path_of(call: &str) -> String {
    let inside = call.split_once('(').map_or(call, |(_, rest)| rest);
    inside.strip_suffix(')').unwrap_or(inside).to_owned()
}
