//! The settings of all scopes that hold for one folder, read from the disk.
//!
//! INVARIANT: a file that is there and cannot be read is an error, never an empty file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::access::{File, Place, Server, Setup};
use crate::files;
use crate::git;
use crate::json::Document;
use crate::path::RepoPath;
use crate::project::{LOCAL, MCP, SETTINGS};
use crate::settings::{McpFile, Scope, Settings};

/// Where the client looks for settings.
#[derive(Debug, Clone)]
pub struct Scopes {
    /// The folder of the project.
    pub project: PathBuf,
    /// The home folder.
    pub home: PathBuf,
    /// The folder of the user's own settings.
    pub config: PathBuf,
    /// The folder of managed settings; none where only the project counts.
    pub managed: Option<PathBuf>,
    /// Whether the user's own file counts.
    pub user: bool,
    /// A file given with `--settings`.
    pub flag: Option<PathBuf>,
}

/// What git makes of the personal settings of a folder. Where nobody has said that the folder is trusted, they grant what
/// they say only while git does not track them (observed, 2.1.330).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// Git does not track them, or there is no git.
    Untracked,
    /// Git tracks them.
    Tracked,
    /// It is not known.
    Unknown {
        /// Why not.
        why: &'static str,
    },
}

impl Personal {
    /// Looks at the files at the root of a work tree and in a folder below it.
    pub fn of(root: &Path, folder: &Path) -> Self {
        if [root, folder].iter().any(|folder| folder.join(".claude").is_symlink()) {
            return Self::Unknown { why: "`.claude` is a link" };
        }
        if fs::symlink_metadata(root.join(".git")).is_err() {
            return Self::Untracked;
        }
        let files = [root, folder].map(|folder| folder.join(LOCAL));
        let below = |file: &PathBuf| RepoPath::new(&text(file.strip_prefix(root).ok()?)).ok();
        let paths: Vec<RepoPath> = files.iter().filter(|file| file.exists()).filter_map(below).collect();
        match git::tracked(root, &paths) {
            Ok(tracked) if tracked.is_empty() => Self::Untracked,
            Ok(_) => Self::Tracked,
            Err(_) => Self::Unknown { why: "whether git tracks its personal settings is not known" },
        }
    }
}

/// The folder in which this system keeps managed settings (the client's documentation, 2.1.330).
pub fn managed_folder() -> &'static Path {
    Path::new(if cfg!(target_os = "macos") {
        "/Library/Application Support/ClaudeCode"
    } else if cfg!(windows) {
        "C:\\Program Files\\ClaudeCode"
    } else {
        "/etc/claude-code"
    })
}

impl Scopes {
    /// Reads every file that is there.
    pub fn read(&self) -> Result<Setup, files::Error> {
        let place =
            Place { project: text(&self.project), home: text(&self.home), config: text(&self.config) };
        let mut setup = Setup::new(place);
        let mut add = |path: &Path, scope, folder: &Path| -> Result<(), files::Error> {
            match files::read_text(path) {
                Ok(found) => {
                    let settings = Settings::read(Document::parse(found), scope);
                    setup.files.push(File { settings, path: text(path), folder: text(folder) });
                    Ok(())
                }
                Err(files::Error::Missing { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        };
        if let Some(managed) = &self.managed {
            add(&managed.join("managed-settings.json"), Scope::Managed, &self.project)?;
            for path in drop_ins(&managed.join("managed-settings.d"))? {
                add(&path, Scope::Managed, &self.project)?;
            }
        }
        if self.user {
            add(&self.config.join("settings.json"), Scope::User, &self.config)?;
        }
        add(&self.project.join(SETTINGS), Scope::Project, &self.project)?;
        add(&self.project.join(LOCAL), Scope::Local, &self.project)?;
        if let Some(flag) = &self.flag {
            if !flag.exists() {
                return Err(files::Error::Missing { path: flag.clone() });
            }
            add(flag, Scope::Flag, flag.parent().unwrap_or(&self.project))?;
        }
        setup.servers = self.servers()?;
        Ok(setup)
    }

    /// The servers of `.mcp.json`. Others may come from the user's own configuration, so without such a
    /// file nothing is known.
    fn servers(&self) -> Result<Option<Vec<Server>>, files::Error> {
        match files::read_text(&self.project.join(MCP)) {
            Ok(found) => {
                let file = McpFile::read(Document::parse(found));
                Ok(Some(file.servers().iter().map(Server::from).collect()))
            }
            Err(files::Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The drop-ins of managed settings in the order in which the client reads them.
pub fn drop_ins(folder: &Path) -> Result<Vec<PathBuf>, files::Error> {
    let failed = |source: io::Error| files::Error::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(".json") && !name.starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
