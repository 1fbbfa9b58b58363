//! Reading files of a repository that nobody vouches for: links, pipes, folders and giants are
//! refused, never followed, waited for or swallowed.

use std::collections::BTreeMap;
use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::Error;
use crate::path::RepoPath;
use crate::policy::PolicyFiles;
use crate::project::{Content, MAX_BYTES, Refusal};

/// Deepest folder that is looked into below a policy.
const MAX_DEPTH: usize = 8;

/// Most files that a policy may have.
const MAX_FILES: usize = 10_000;

/// What stands at `path` of the repository at `root`. `root` has no links in it.
pub fn read(root: &Path, path: &RepoPath) -> Content {
    let full = root.join(path.as_str());
    match open(root, path, &full) {
        Ok(content) => content,
        Err(error) if is_absent(&error) => Content::Missing,
        Err(error) => Content::Refused(Refusal::Unreadable(plain(&error))),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// An error of the system without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn open(root: &Path, path: &RepoPath, full: &Path) -> io::Result<Content> {
    match plain_file(root, path)? {
        Some(found) => open_plain(full, &found),
        None => open_link(root, full),
    }
}

/// What stands at the path, none where a part of it below the root is a link.
fn plain_file(root: &Path, path: &RepoPath) -> io::Result<Option<Metadata>> {
    let mut place = root.to_owned();
    let mut found = None;
    for part in path.as_str().split('/') {
        place.push(part);
        let here = fs::symlink_metadata(&place)?;
        if here.is_symlink() {
            return Ok(None);
        }
        found = Some(here);
    }
    Ok(found)
}

fn open_link(root: &Path, full: &Path) -> io::Result<Content> {
    let target = match full.canonicalize() {
        Ok(target) => target,
        Err(error)
            if is_absent(&error) && fs::symlink_metadata(full).is_ok_and(|found| found.is_symlink()) =>
        {
            let target = fs::read_link(full)?.display().to_string();
            return Ok(Content::Refused(Refusal::Dangling(target)));
        }
        Err(error) => return Err(error),
    };
    if !target.starts_with(root) {
        return Ok(Content::Refused(Refusal::LeadsOutside(target.display().to_string())));
    }
    let found = fs::metadata(&target)?;
    open_plain(&target, &found)
}

fn open_plain(target: &Path, found: &Metadata) -> io::Result<Content> {
    if found.is_dir() {
        return Ok(Content::Refused(Refusal::Folder));
    }
    if !found.is_file() {
        return Ok(Content::Refused(Refusal::Special(special(found.file_type()))));
    }
    if found.len() > MAX_BYTES {
        return Ok(Content::Refused(Refusal::TooLarge(found.len())));
    }
    let mut bytes = Vec::with_capacity(found.len() as usize + 1);
    // A file can grow while it is read.
    File::open(target)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(Content::of_bytes(bytes))
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "a device"
}

/// A text file that the user named: what the system says is an error.
pub fn read_text(path: &Path) -> Result<String, Error> {
    read_text_up_to(path, MAX_BYTES)
}

/// The same for a file of at most `most` bytes.
pub fn read_text_up_to(path: &Path, most: u64) -> Result<String, Error> {
    let failed = |error| Error::read(path, error);
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(most + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        let large = format!("it has {} bytes, more than the {most} that are read", found.len());
        return Err(failed(io::Error::other(large)));
    }
    String::from_utf8(bytes).map_err(|error| {
        failed(io::Error::other(Refusal::NotUtf8(error.utf8_error().valid_up_to()).to_string()))
    })
}

/// The beginning of a text file, at most `most` bytes and only whole lines.
pub fn read_head(path: &Path, most: u64) -> Result<String, Error> {
    let failed = |error| Error::read(path, error);
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::NotAFile { path: path.to_owned() });
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The text files of a policy folder by path: `bylaws.json`, everything that ends in `.json`, and the
/// templates. Files that cannot be read as text are an error: a policy is never taken in part.
pub fn read_folder(root: &Path) -> Result<BTreeMap<RepoPath, String>, Error> {
    let mut files = BTreeMap::new();
    let root = root.canonicalize().map_err(|error| Error::read(root, error))?;
    let mut folders = vec![(RepoPath::root(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let full = root.join(folder.as_str());
        for entry in fs::read_dir(&full).map_err(|error| Error::read(&full, error))? {
            let entry = entry.map_err(|error| Error::read(&full, error))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let path = folder.join(&name);
            let kind = entry.file_type().map_err(|error| Error::read(&full, error))?;
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            } else if PolicyFiles::is_part(&path) {
                match read(&root, &path) {
                    Content::Text(text) => files.insert(path, text),
                    Content::Missing => None,
                    Content::Refused(refusal) => {
                        let source = io::Error::other(refusal.to_string());
                        return Err(Error::Read { path: root.join(path.as_str()), source });
                    }
                };
                if files.len() > MAX_FILES {
                    let source = io::Error::other(format!("a policy has at most {MAX_FILES} files"));
                    return Err(Error::Read { path: root.clone(), source });
                }
            }
        }
    }
    Ok(files)
}
