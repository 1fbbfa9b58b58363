//! The folders that rules and commands are read against. All paths are absolute, with `/`.

use std::borrow::Cow;

use super::paths::{joined, normal};

/// Where the client runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The project folder, which is the working directory of a call.
    pub project: String,
    /// The home folder.
    pub home: String,
    /// The folder of the user's own settings.
    pub config: String,
}

impl Place {
    /// The absolute, normal form of a path as tools and settings take it: `~` is the home folder,
    /// everything else is relative to the project.
    pub fn absolute<'a>(&self, path: &'a str) -> Cow<'a, str> {
        if path == "~" {
            return Cow::Owned(normal(&self.home).into_owned());
        }
        match path.strip_prefix("~/") {
            Some(rest) => Cow::Owned(normal(&format!("{}/{rest}", self.home)).into_owned()),
            None => joined(&self.project, path),
        }
    }
}
