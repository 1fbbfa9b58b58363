//! The commit of the current branch, read without opening the repository.
//!
//! Opening takes longer than all the rest of a look at a repository that did not change, so the usual forms of
//! references are read as they stand. Anything less usual is left to libgit2.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use git2::Oid;

use super::Commit;
use crate::path::RepoPath;

/// Longest reference that is read, in bytes.
const MAX_BYTES: u64 = 4096;

/// The commit that the current branch of a bare repository points to, none where that is not plain.
pub fn plain_head(folder: &Path) -> Option<Commit> {
    let head = read(&folder.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else { return commit(&head) };
    // A repository is somebody's: a reference may not lead out of it.
    let name = RepoPath::new(name).ok().filter(|name| name.as_str().starts_with("refs/"))?;
    match read(&folder.join(name.as_str())) {
        Some(text) => commit(&text),
        None => packed(folder, name.as_str()),
    }
}

fn packed(folder: &Path, name: &str) -> Option<Commit> {
    let refs = File::open(folder.join("packed-refs")).ok()?;
    let line = BufReader::new(refs).lines().map_while(Result::ok).find(|line| {
        line.strip_suffix(name).is_some_and(|rest| rest.ends_with(' ') && !rest.starts_with(['#', '^']))
    })?;
    commit(line.strip_suffix(name)?.trim_end())
}

fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text.trim_end().to_owned())
}

fn commit(hex: &str) -> Option<Commit> {
    if hex.len() != 40 {
        return None;
    }
    Oid::from_str(hex).ok().filter(|id| !id.is_zero()).map(Commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    fn head(files: &[(&str, &str)]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        plain_head(folder.path()).map(|commit| commit.to_string())
    }

    #[test]
    fn plain_references_are_followed() {
        let branch = ("HEAD", "ref: refs/heads/main\n");
        assert_eq!(head(&[("HEAD", &format!("{ID}\n"))]).as_deref(), Some(ID));
        assert_eq!(head(&[branch, ("refs/heads/main", ID)]).as_deref(), Some(ID));
        let packed =
            format!("# pack-refs\n{} refs/heads/not/refs/heads/main\n{ID} refs/heads/main\n", "1".repeat(40));
        assert_eq!(head(&[branch, ("packed-refs", &packed)]).as_deref(), Some(ID));
    }

    #[test]
    fn what_is_not_plain_is_left_alone() {
        for files in [
            vec![],
            vec![("HEAD", "")],
            vec![("HEAD", "ref: refs/heads/main")],
            vec![("HEAD", "ref: ../elsewhere"), ("elsewhere", ID)],
            vec![
                ("HEAD", "ref: refs/heads/main"),
                ("refs/heads/main", "ref: refs/heads/other"),
                ("refs/heads/other", ID),
            ],
            vec![("HEAD", "0000000000000000000000000000000000000000")],
            vec![
                ("HEAD", "ref: refs/heads/main"),
                ("packed-refs", "^0123456789012345678901234567890123456789 refs/heads/main"),
            ],
        ] {
            assert_eq!(head(&files), None, "{files:?}");
        }
    }
}
