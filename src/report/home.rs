//! Where a finding stands for a reader who sees one repository only.

use crate::finding::{FileName, Finding};
use crate::project::SETTINGS;
use crate::text::Position;

/// Which repository a report is read beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The one that was checked.
    Repository,
    /// That of the policy.
    Policy,
}

/// A place in that repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HomePlace<'a> {
    /// The file, from the root of the repository.
    pub(super) path: &'a str,
    /// The first character.
    pub(super) start: Position,
    /// Behind the last character.
    pub(super) end: Position,
    /// Whether the finding is really in another repository: in a file of the policy.
    pub(super) is_elsewhere: bool,
}

/// The path of a file in that repository, none for a file of another one.
pub(super) fn path_of(file: &FileName, home: Home) -> Option<&str> {
    match file {
        FileName::Repository(path) => Some(path.as_str()),
        FileName::Policy { path, .. } if home == Home::Policy => Some(path.as_str()),
        FileName::Policy { .. } | FileName::Elsewhere(_) => None,
    }
}

/// The place of a finding; for one in a file of the policy, which is not in the repository that was
/// checked, the settings file.
pub(super) fn place_of(finding: &Finding, home: Home) -> HomePlace<'_> {
    match path_of(finding.place.file(), home) {
        Some(path) => {
            HomePlace { path, start: finding.place.start(), end: finding.place.end(), is_elsewhere: false }
        }
        None => {
            HomePlace { path: SETTINGS, start: Position::START, end: Position::START, is_elsewhere: true }
        }
    }
}

/// The message with the help behind it and, for a finding that is elsewhere, the place before it.
pub(super) fn sentence(finding: &Finding, home: Home) -> String {
    let mut text = finding.message.clone();
    if place_of(finding, home).is_elsewhere {
        text = format!("{}: {text}", finding.place);
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("; {help}"));
    }
    for origin in &finding.origins {
        text.push_str(&format!(" [{}]", origin.place));
    }
    text
}
