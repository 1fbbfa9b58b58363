//! What a walk through a repository comes upon: its projects, and the files that checks look at.
//!
//! The same for a work tree and for a commit: who walks tells of folders, files and links, and asks
//! which folders to enter.

use super::role::{Role, is_entered};
use crate::path::RepoPath;

/// Most files that are noted.
const MAX_SPOTTED: usize = 10_000;

/// The projects of a repository and the files that checks look at.
#[derive(Debug, Clone, Default)]
pub struct Found {
    projects: Vec<RepoPath>,
    pub(super) spotted: Vec<(Role, RepoPath)>,
    is_cut: bool,
}

impl Found {
    /// Takes note of a folder, and says whether to walk into it.
    pub fn add_folder(&mut self, folder: &RepoPath, name: &str) -> bool {
        self.add_project(folder, name);
        is_entered(folder.as_str(), name)
    }

    /// Takes note of a file.
    pub fn add_file(&mut self, folder: &RepoPath, name: &str) {
        if let Some(role) = Role::of(folder.as_str(), name) {
            self.spot(role, folder.join(name));
        }
    }

    /// Takes note of a link. Where it leads is found out when it is read: a link `.claude` may leave the
    /// repository. A secret that a link leads to is found by its own name.
    pub fn add_link(&mut self, folder: &RepoPath, name: &str) {
        self.add_project(folder, name);
        match Role::of(folder.as_str(), name) {
            Some(Role::Secret) => {}
            Some(role) => self.spot(role, folder.join(name)),
            None => {
                let below = folder.join(name);
                if Role::of(below.as_str(), "SKILL.md") == Some(Role::Skill) {
                    self.spot(Role::Skill, below.join("SKILL.md"));
                }
            }
        }
    }

    /// A folder with a `.claude` folder in it is a project, unless it is a part of one itself.
    fn add_project(&mut self, folder: &RepoPath, name: &str) {
        if name == ".claude" && !folder.as_str().split('/').any(|part| part == ".claude") {
            self.projects.push(folder.clone());
        }
    }

    fn spot(&mut self, role: Role, path: RepoPath) {
        if self.spotted.len() < MAX_SPOTTED {
            self.spotted.push((role, path));
        } else {
            self.is_cut = true;
        }
    }

    /// Takes note that not everything was walked through.
    pub fn cut(&mut self) {
        self.is_cut = true;
    }

    /// The projects, sorted, the root always among them.
    pub fn projects(&self) -> Vec<RepoPath> {
        let mut projects = self.projects.clone();
        projects.push(RepoPath::root());
        projects.sort();
        projects.dedup();
        projects
    }

    /// The files that checks look at.
    pub fn files(&self) -> impl Iterator<Item = &RepoPath> {
        self.spotted.iter().map(|(_, path)| path)
    }

    /// The personal settings that there are.
    pub fn local_settings(&self) -> Vec<RepoPath> {
        let local = self.spotted.iter().filter(|(role, _)| *role == Role::LocalSettings);
        local.map(|(_, path)| path.clone()).collect()
    }

    /// Whether there are more files than are noted.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }
}
