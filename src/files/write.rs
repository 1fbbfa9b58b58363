//! Writing a file as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::Error;
use crate::path::RepoPath;

/// Puts `after` in the place of `before` at `path` of the repository at `root`; none is a file that is
/// not there. The text is written beside the file and moved over it once it is safely on the disk, so
/// that a reader and a crash see one or the other. The file's mode stays; a link is followed within the
/// repository and never out of it.
pub fn write(root: &Path, path: &RepoPath, before: Option<&str>, after: Option<&str>) -> Result<(), Error> {
    let asked = root.join(path.as_str());
    let full = resolve(root, &asked)?;
    let folder = full.parent().unwrap_or(root);
    match after {
        Some(text) => {
            fs::create_dir_all(folder).map_err(|error| Error::write(&asked, error))?;
            let temporary = prepare(folder, &full, text.as_bytes(), false)
                .map_err(|error| Error::write(&asked, error))?;
            // The last look before the move: whatever came in between is not overwritten.
            check_unchanged(&full, before)?;
            temporary.persist(&full).map_err(|error| Error::write(&asked, error.error))?;
        }
        None => {
            check_unchanged(&full, before)?;
            fs::remove_file(&full).map_err(|error| Error::write(&asked, error))?;
        }
    }
    sync_folder(folder).map_err(|error| Error::write(&asked, error))
}

/// Whether [`write`] would begin, as far as one can tell beforehand: so that of several files none is
/// written where one cannot be.
pub fn check_writable(root: &Path, path: &RepoPath, before: Option<&str>) -> Result<(), Error> {
    let asked = root.join(path.as_str());
    let full = resolve(root, &asked)?;
    check_unchanged(&full, before)?;
    let folder = full.ancestors().skip(1).find(|folder| folder.exists()).unwrap_or(root);
    if !folder.is_dir() {
        return Err(Error::NotAFolder { path: folder.to_owned() });
    }
    for place in [&full, folder] {
        if fs::metadata(place).is_ok_and(|found| found.permissions().readonly()) {
            return Err(Error::write(&asked, read_only(place)));
        }
    }
    Ok(())
}

/// Puts a file that the user asked for where they said, whatever was there: whole or not at all, and beneath no other
/// name. Folders above it are made.
pub fn place(path: &Path, bytes: &[u8], is_program: bool) -> Result<(), Error> {
    place_together(&[Placed { path, bytes, is_program }])
}

/// A file that the user asked for.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Where it goes.
    pub path: &'a Path,
    /// What it holds.
    pub bytes: &'a [u8],
    /// Whether it is a program.
    pub is_program: bool,
}

/// [`place`] for files that belong together: none is moved into place before all of them are safely on the disk.
pub fn place_together(files: &[Placed<'_>]) -> Result<(), Error> {
    let mut ready = Vec::new();
    for Placed { path, bytes, is_program } in files.iter().copied() {
        let failed = |error| Error::write(path, error);
        if path.is_dir() {
            return Err(Error::NotAFile { path: path.to_owned() });
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(failed)?;
        ready.push((path, folder, prepare(folder, path, bytes, is_program).map_err(failed)?));
    }
    for (path, folder, temporary) in ready {
        temporary.persist(path).map_err(|error| Error::write(path, error.error))?;
        sync_folder(folder).map_err(|error| Error::write(path, error))?;
    }
    Ok(())
}

fn read_only(place: &Path) -> io::Error {
    let what = if place.is_dir() { "the folder is read-only" } else { "the file is read-only" };
    io::Error::new(io::ErrorKind::PermissionDenied, what)
}

/// Where writing to `asked` would end up: through links, within the repository.
fn resolve(root: &Path, asked: &Path) -> Result<PathBuf, Error> {
    let outside = |target: PathBuf| Error::LeadsOutside { path: asked.to_owned(), target };
    match fs::symlink_metadata(asked) {
        Ok(found) if found.is_symlink() => {
            let target = asked.canonicalize().map_err(|error| Error::write(asked, error))?;
            if !target.starts_with(root) {
                return Err(outside(target));
            }
            if !target.is_file() {
                return Err(Error::NotAFile { path: asked.to_owned() });
            }
            return Ok(target);
        }
        Ok(found) if !found.is_file() => return Err(Error::NotAFile { path: asked.to_owned() }),
        Ok(_) | Err(_) => {}
    }
    // The nearest folder that exists decides where the file will be.
    let mut missing = Vec::new();
    let mut folder = asked.parent().unwrap_or(root);
    while !folder.exists() {
        missing.extend(folder.file_name());
        folder = folder.parent().unwrap_or(root);
    }
    let mut target = folder.canonicalize().map_err(|error| Error::write(asked, error))?;
    target.extend(missing.iter().rev());
    if !target.starts_with(root) {
        return Err(outside(target));
    }
    target.extend(asked.file_name());
    Ok(target)
}

fn prepare(folder: &Path, full: &Path, bytes: &[u8], is_program: bool) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".bylaws-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A new file gets what the user's mask leaves of this.
        builder.permissions(fs::Permissions::from_mode(if is_program { 0o777 } else { 0o666 }));
    }
    #[cfg(not(unix))]
    let _ = is_program;
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    if let Ok(found) = fs::metadata(full) {
        if found.permissions().readonly() {
            return Err(read_only(full));
        }
        temporary.as_file().set_permissions(found.permissions())?;
    }
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

fn check_unchanged(full: &Path, before: Option<&str>) -> Result<(), Error> {
    let now = match fs::read(full) {
        Ok(bytes) => Some(bytes),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => return Err(Error::read(full, error)),
    };
    if now.as_deref() == before.map(str::as_bytes) {
        return Ok(());
    }
    Err(Error::Changed { path: full.to_owned() })
}

/// Makes a move in the folder last through a crash.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    let _ = File::open;
    Ok(())
}
