//! Reading the agent files of many repositories: first which commit is the newest, then the files of those
//! that the caller does not know.
//!
//! What is shown of a repository: the names at its root and its well-known files there, `.claude` with its
//! skills, commands and agents two folders deep, `.github` with its workflows, and the files that the
//! caller names. The rest of the tree is not, so a project in a folder below the root is not seen this way.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::GitHub;
use super::query::{Question, ask};
use crate::forge::{Blob, Error, Kind, Reading, RepositoryName, Snapshot, Unread};
use crate::path::RepoPath;
use crate::project::{Content, MAX_BYTES, Refusal};

/// Most repositories whose newest commit is asked for at once.
const HEADS: usize = 250;
/// Most repositories whose files are asked for at once.
const FILES: usize = 64;

/// Files that are read by their paths.
const SINGLE: [(&str, &str); 13] = [
    ("f0", ".mcp.json"),
    ("f1", "CLAUDE.md"),
    ("f2", "CLAUDE.local.md"),
    ("f3", "AGENTS.md"),
    ("f4", "CODEOWNERS"),
    ("f5", "docs/CODEOWNERS"),
    ("f6", ".gitlab/CODEOWNERS"),
    ("f7", ".gitlab-ci.yml"),
    ("f8", ".gitignore"),
    ("f9", ".env"),
    ("f10", ".npmrc"),
    ("f11", ".circleci/config.yml"),
    ("f12", "azure-pipelines.yml"),
];

/// Folders whose files are read, and how many folders deep.
const FOLDERS: [(&str, &str, &str); 6] = [
    ("d0", ".claude", "flat"),
    ("d1", ".claude/skills", "deep"),
    ("d2", ".claude/commands", "deep"),
    ("d3", ".claude/agents", "deep"),
    ("d4", ".github", "flat"),
    ("d5", ".github/workflows", "flat"),
];

const HEAD: &str = "fragment head on Repository {
  isEmpty
  defaultBranchRef { name target { oid } }
}
";

const FRAGMENTS: &str = "fragment item on TreeEntry { name mode oid }
fragment blob on GitObject { ... on Blob { byteSize isBinary text } }
fragment file on TreeEntry { ...item object { ...blob } }
fragment flat on TreeEntry {
  ...item
  object { ...blob ... on Tree { entries { ...file } } }
}
fragment deep on TreeEntry {
  ...item
  object {
    ...blob
    ... on Tree { entries { ...item object { ...blob ... on Tree { entries { ...file } } } } }
  }
}
";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    is_empty: bool,
    default_branch_ref: Option<Branch>,
}

#[derive(Deserialize)]
struct Branch {
    name: String,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    oid: String,
}

#[derive(Deserialize)]
struct Files {
    object: Option<Commit>,
}

/// A commit: its tree, and what stands at the paths of `SINGLE` and `FOLDERS` under their aliases.
#[derive(Deserialize)]
struct Commit {
    tree: Tree,
    #[serde(flatten)]
    shown: BTreeMap<String, Option<Entry>>,
}

#[derive(Deserialize)]
struct Tree {
    oid: String,
    #[serde(default)]
    entries: Option<Vec<Entry>>,
}

/// An entry of a tree, with its object where that was asked for.
#[derive(Deserialize)]
struct Entry {
    name: String,
    mode: u32,
    oid: String,
    object: Option<Object>,
}

/// A file or a folder; of each the other's fields are not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    byte_size: Option<u64>,
    is_binary: Option<bool>,
    text: Option<String>,
    entries: Option<Vec<Entry>>,
}

pub(super) fn read(
    github: &GitHub,
    names: &[RepositoryName],
    also: &[RepoPath],
    known: &dyn Fn(&RepositoryName) -> Option<String>,
    each: &mut dyn FnMut(&RepositoryName, Reading),
) -> Result<(), Error> {
    let mut changed = BTreeMap::new();
    let heads = Question {
        variables: ("", json!({})),
        selection: &|_| "...head".to_owned(),
        fragments: HEAD,
        purpose: "reading the newest commit of",
    };
    ask::<Head>(github, names, HEADS, &heads, &mut |name, head| match head.map(newest) {
        Err(unread) => each(name, Reading::Unread(unread)),
        Ok(None) => each(name, Reading::Empty),
        Ok(Some((_, commit))) if known(name).as_ref() == Some(&commit) => each(name, Reading::Unchanged),
        Ok(Some(head)) => {
            changed.insert(name.clone(), head);
        }
    })?;
    let names: Vec<RepositoryName> = changed.keys().cloned().collect();
    let selection = |name: &RepositoryName| {
        // Object ids are hexadecimal: `newest` lets nothing else pass.
        let commit = changed.get(name).map_or("", |(_, commit)| commit.as_str());
        format!("object(oid: \"{commit}\") {{ ...files }}")
    };
    let files = Question {
        variables: ("", json!({})),
        selection: &selection,
        fragments: &fragments(also),
        purpose: "reading the agent files of",
    };
    ask::<Files>(github, &names, FILES, &files, &mut |name, files| {
        let Some((branch, commit)) = changed.get(name) else { return };
        let reading = match files {
            Ok(Files { object: Some(files) }) => {
                Reading::Read(Box::new(snapshot(branch.clone(), commit.clone(), files, also)))
            }
            Ok(Files { object: None }) => {
                Reading::Unread(Unread::Refused(format!("there is no commit {commit} any more")))
            }
            Err(unread) => Reading::Unread(unread),
        };
        each(name, reading);
    })
}

/// The main branch and its newest commit.
fn newest(head: Head) -> Option<(String, String)> {
    let branch = head.default_branch_ref.filter(|_| !head.is_empty)?;
    let commit = branch.target?.oid;
    commit.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some((branch.name, commit))
}

fn fragments(also: &[RepoPath]) -> String {
    let mut text = "fragment files on Commit {\n  tree { oid entries { ...item } }\n".to_owned();
    for (alias, path) in SINGLE {
        text.push_str(&format!("  {alias}: file(path: \"{path}\") {{ ...file }}\n"));
    }
    for (alias, path, depth) in FOLDERS {
        text.push_str(&format!("  {alias}: file(path: \"{path}\") {{ ...{depth} }}\n"));
    }
    for (number, path) in also.iter().enumerate() {
        // A text of JSON is one of GraphQL, too.
        let path = Value::from(path.as_str());
        text.push_str(&format!("  {}: file(path: {path}) {{ ...file }}\n", alias(number)));
    }
    text.push_str("}\n");
    text.push_str(FRAGMENTS);
    text
}

/// The name of a file that the caller asks for.
fn alias(number: usize) -> String {
    format!("a{number}")
}

fn snapshot(branch: String, commit: String, files: Commit, also: &[RepoPath]) -> Snapshot {
    let mut snapshot = Snapshot { commit, tree: files.tree.oid, branch, ..Snapshot::default() };
    take_entries(&RepoPath::root(), files.tree.entries, &mut snapshot);
    let mut shown = files.shown;
    let singles = SINGLE.iter().map(|(alias, path)| ((*alias).to_owned(), RepoPath::new(path)));
    let folders = FOLDERS.iter().map(|(alias, path, _)| ((*alias).to_owned(), RepoPath::new(path)));
    let named = also.iter().enumerate().map(|(number, path)| (alias(number), Ok(path.clone())));
    // Folders come from the root down, so that what says more is taken last.
    for (alias, path) in singles.chain(folders).chain(named) {
        let entry = shown.remove(&alias).flatten();
        match (entry, path) {
            (Some(entry), Ok(path)) => take(&path.parent().unwrap_or_default(), entry, &mut snapshot),
            (None, Ok(path)) => {
                snapshot.absent.insert(path);
            }
            (_, Err(_)) => {}
        }
    }
    snapshot
}

/// Takes over what stands in `folder`, where that was shown.
fn take_entries(folder: &RepoPath, entries: Option<Vec<Entry>>, snapshot: &mut Snapshot) {
    let Some(entries) = entries else { return };
    snapshot.listed.insert(folder.clone());
    for entry in entries {
        take(folder, entry, snapshot);
    }
}

/// Takes an entry of `folder` over, and what stands below it.
fn take(folder: &RepoPath, entry: Entry, snapshot: &mut Snapshot) {
    // A name that is no path of ours is not one that the client reads either.
    let path = RepoPath::new(&format!("{folder}/{}", entry.name)).ok();
    let Some(path) = path.filter(|path| path.name() == entry.name) else { return };
    let kind = Kind::of_mode(entry.mode);
    let (content, below) = match entry.object {
        None => (None, None),
        Some(object) => (content(kind, &object), object.entries),
    };
    let blob = Blob { kind, id: entry.oid, content };
    match snapshot.blobs.get_mut(&path) {
        // A folder that is named for its own entries is not asked for content again.
        Some(known) if blob.content.is_none() => known.kind = kind,
        _ => {
            snapshot.blobs.insert(path.clone(), blob);
        }
    }
    take_entries(&path, below, snapshot);
}

/// What a file holds. Where GitHub shows other bytes than are stored, cut short or in another encoding,
/// that is said and not taken for the content.
fn content(kind: Kind, object: &Object) -> Option<Content> {
    if !matches!(kind, Kind::File { .. } | Kind::Link) {
        return None;
    }
    let size = object.byte_size?;
    Some(match &object.text {
        _ if size > MAX_BYTES => Content::Refused(Refusal::TooLarge(size)),
        Some(text) if text.len() as u64 == size => Content::Text(text.clone()),
        None if object.is_binary == Some(true) => {
            Content::Refused(Refusal::Unreadable("it is not text".into()))
        }
        _ => {
            let why = "the forge shows other bytes of it than are stored: it is cut short, or not UTF-8";
            Content::Refused(Refusal::Unreadable(why.into()))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_shown_as_they_are_stored_are_not_taken() {
        let content = |size, is_binary, text: Option<&str>| {
            let object =
                Object { byte_size: Some(size), is_binary, text: text.map(str::to_owned), entries: None };
            super::content(Kind::of_mode(0o100_644), &object).unwrap()
        };
        assert_eq!(content(2, Some(false), Some("{}")), Content::Text("{}".into()));
        assert_eq!(content(0, Some(false), Some("")), Content::Text(String::new()));
        for (size, is_binary, text) in [
            (5, Some(false), Some("{}")),
            (9, Some(true), None),
            (9, None, None),
            (MAX_BYTES + 1, None, None),
        ] {
            assert!(matches!(content(size, is_binary, text), Content::Refused(_)), "{size}");
        }
    }
}
