//! Reading a project: its newest commit, and where the caller does not know that, its tree and the files
//! that checks look at.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{GitLab, project};
use crate::forge::{Blob, Error, Kind, Reading, RepositoryName, Snapshot};
use crate::path::RepoPath;
use crate::project::{Content, MAX_BYTES, Refusal, Role};

/// Most pages of a tree that are read, a hundred entries each. Of a larger one the folders are named that
/// were not read.
const MOST_PAGES: usize = 100;

#[derive(Deserialize)]
struct Project {
    default_branch: Option<String>,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    path: String,
    mode: String,
}

pub(super) fn read(
    gitlab: &GitLab,
    name: &RepositoryName,
    also: &[RepoPath],
    known: Option<String>,
) -> Result<Reading, Error> {
    let root = project(name);
    let found: Project = gitlab.get(&root, format!("looking at {name}"))?;
    let Some(branch) = found.default_branch else { return Ok(Reading::Empty) };
    let what = format!("reading the newest commit of {name}");
    let Some(Commit { id }) = gitlab.find(&format!("{root}/repository/commits/HEAD"), what)? else {
        return Ok(Reading::Empty);
    };
    if known.as_ref() == Some(&id) {
        return Ok(Reading::Unchanged);
    }
    let what = format!("reading the tree of {name}");
    let tree = format!("{root}/repository/tree?ref={id}&recursive=true&pagination=keyset");
    let (entries, is_all) = gitlab.list::<Entry>(&tree, MOST_PAGES, &what)?;
    let mut snapshot = Snapshot { branch, commit: id, ..Snapshot::default() };
    for entry in entries {
        let mode = u32::from_str_radix(&entry.mode, 8).unwrap_or_default();
        // A name that is no path of ours is not one that the client reads either.
        let path = RepoPath::new(&entry.path).ok().filter(|path| path.as_str() == entry.path);
        if let Some(path) = path {
            snapshot.blobs.insert(path, Blob { kind: Kind::of_mode(mode), id: entry.id, content: None });
        }
    }
    if is_all {
        let folders = snapshot.blobs.iter().filter(|(_, blob)| blob.kind == Kind::Folder);
        snapshot.listed = folders.map(|(path, _)| path.clone()).chain([RepoPath::root()]).collect();
    }
    for path in looked_at(&snapshot, also) {
        let is_content = |blob: &&mut Blob| matches!(blob.kind, Kind::File { .. } | Kind::Link);
        let Some(blob) = snapshot.blobs.get_mut(&path).filter(is_content) else { continue };
        blob.content = Some(content(gitlab, &root, &blob.id)?);
    }
    Ok(Reading::Read(Box::new(snapshot)))
}

/// The files of a tree that are read: those that checks look at, in the folders that a walk enters, links,
/// what says which files git leaves alone, and `also`.
fn looked_at(snapshot: &Snapshot, also: &[RepoPath]) -> BTreeSet<RepoPath> {
    let mut wanted = BTreeSet::new();
    snapshot.walk(|path, kind| {
        let folder = path.parent().unwrap_or_default();
        let has_role = || Role::of(folder.as_str(), path.name()).is_some();
        if kind == Kind::Link || path.name() == ".gitignore" || has_role() {
            wanted.insert(path.clone());
        }
    });
    wanted.extend(also.iter().cloned());
    wanted
}

/// The content of a file.
fn content(gitlab: &GitLab, root: &str, id: &str) -> Result<Content, Error> {
    let bytes = gitlab.bytes(&format!("{root}/repository/blobs/{id}/raw"))?;
    let too_large = || Refusal::Unreadable(format!("it has more than the {MAX_BYTES} bytes that are read"));
    Ok(bytes.map_or_else(|| Content::Refused(too_large()), Content::of_bytes))
}
