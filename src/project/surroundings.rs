//! The files of a repository that checks look at beside the settings of its projects.
//!
//! INVARIANT: of a file that may hold a secret only its path is kept, never its text.

use std::collections::BTreeMap;

use super::sensitive;
use super::{Content, File, Found, Role};
use crate::path::RepoPath;

/// Most bytes of text that are kept of one repository.
const MAX_KEPT: usize = 64 * 1024 * 1024;

/// The files of a repository that checks look at beside the settings of its projects.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    files: BTreeMap<(Role, RepoPath), File>,
    secrets: Vec<RepoPath>,
    configuration: Vec<RepoPath>,
    tracked_settings: Vec<RepoPath>,
    ignore_files: BTreeMap<RepoPath, File>,
    is_cut: bool,
}

impl Surroundings {
    /// Reads what a walk through a repository came upon. `tracked` are the personal settings that git
    /// tracks. `read` gives the content of a file by its path from the root of the repository.
    pub fn read(found: &Found, tracked: Vec<RepoPath>, mut read: impl FnMut(&RepoPath) -> Content) -> Self {
        let projects = found.projects();
        let in_project = |path: &RepoPath| {
            let folder = path.parent().unwrap_or_default();
            let folder =
                if folder.name() == ".claude" { folder.parent().unwrap_or_default() } else { folder };
            projects.binary_search(&folder).is_ok()
        };
        let mut around = Self { is_cut: found.is_cut(), ..Self::default() };
        let mut kept = 0;
        for (role, path) in &found.spotted {
            match role {
                Role::LocalSettings => {}
                Role::Instructions | Role::Configuration if !in_project(path) => {}
                Role::Configuration => around.configuration.push(path.clone()),
                Role::Secret => {
                    if sensitive::holds(path.name(), &read(path)) {
                        around.secrets.push(path.clone());
                    }
                }
                _ => {
                    let content = read(path);
                    kept += content.text().map_or(0, str::len);
                    if kept > MAX_KEPT {
                        around.is_cut = true;
                        break;
                    }
                    if content != Content::Missing {
                        around.files.insert((*role, path.clone()), File::new(path.clone(), content));
                    }
                }
            }
        }
        for path in &tracked {
            let mut folder = path.parent();
            while let Some(current) = folder {
                let path = current.join(".gitignore");
                let file = || File::new(path.clone(), read(&path));
                around.ignore_files.entry(path.clone()).or_insert_with(file);
                folder = current.parent();
            }
        }
        around.secrets.sort();
        around.configuration.sort();
        around.tracked_settings = tracked;
        around
    }

    /// The files of a role, sorted by path.
    pub fn files(&self, role: Role) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |((own, _), _)| *own == role).map(|(_, file)| file)
    }

    /// The files that hold secrets, sorted.
    pub fn secrets(&self) -> &[RepoPath] {
        &self.secrets
    }

    /// Whether git tracks these personal settings.
    pub fn tracks(&self, path: &RepoPath) -> bool {
        self.tracked_settings.contains(path)
    }

    /// The files that say what git leaves alone, as far as they speak of tracked personal settings, there
    /// or not.
    pub fn ignore_files(&self) -> impl Iterator<Item = &File> {
        self.ignore_files.values()
    }

    /// The settings, servers and locks of all projects, sorted.
    pub fn configuration(&self) -> &[RepoPath] {
        &self.configuration
    }

    /// Whether there is more than was read.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }
}
