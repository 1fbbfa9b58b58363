//! Path rules and the working directories: may a file be read or written?
//!
//! A deny or ask rule counts when it covers any spelling of the path, an allow rule and the working
//! directories only when every spelling is covered (observed, 2.1.330). Rules for the whole tool are no
//! path rules and are left out, as is what the mode makes of an answer.

mod anchor;
mod index;
mod spelling;

use std::borrow::Cow;

use self::index::{Covering, Index};
use super::{Entry, PathTexts, Place, RuleId, Rules, World};
use crate::client::protected;
use crate::glob::PathText;
use crate::rule::List;

pub(crate) use self::spelling::{is_link, joined, normal, resolve};

/// What a rule or the client's own care says of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileVerdict {
    /// A deny rule covers it.
    Denied(RuleId),
    /// An ask rule covers it.
    Asked(RuleId),
    /// The client asks for it whatever the rules say.
    Protected,
    /// An allow rule covers it.
    Allowed(RuleId),
    /// No rule covers it, and it lies within the working directories.
    Inside,
    /// No rule covers it, and it lies elsewhere.
    Outside,
}

/// The path rules of all scopes, made ready, with the working directories.
#[derive(Debug, Clone)]
pub struct Paths {
    index: Index,
    /// The folders that a relative rule which refuses is meant from.
    rooted: Vec<String>,
    working: Vec<String>,
    /// The working directories that the repository did not add itself.
    granted: Vec<String>,
    /// The settings files themselves.
    settings: Vec<String>,
}

/// One spelling of a path with the rules that cover it.
struct Seen<'a> {
    path: Cow<'a, str>,
    covering: Covering,
}

impl Paths {
    /// Makes the path rules ready. `folders` are those that a first `/` stands for, file by file as
    /// [`Loaded::file`](super::Loaded::file) counts them; `additional` are the additional directories,
    /// absolute or relative to the project, each with the place where its links end.
    pub fn new(rules: &Rules, place: &Place, folders: &[String], additional: &[String]) -> Self {
        let mut working = vec![normal(&place.project).into_owned()];
        for folder in additional {
            let folder = place.absolute(folder).into_owned();
            if !working.contains(&folder) {
                working.push(folder);
            }
        }
        let (granted, rooted) = (working.clone(), working.clone());
        let index = Index::new(rules, place, folders, &rooted);
        Self { index, rooted, working, granted, settings: Vec::new() }
    }

    /// With relative rules that speak of the project alone.
    pub(super) fn rooted_in_project(mut self, rules: &Rules, place: &Place, folders: &[String]) -> Self {
        self.rooted.truncate(1);
        self.index = Index::new(rules, place, folders, &self.rooted);
        self
    }

    /// With these of the working directories as the ones that the repository did not add itself.
    pub(super) fn with_granted(mut self, folders: Vec<String>) -> Self {
        self.granted = folders;
        self
    }

    /// With these settings files, which are protected wherever they stand.
    pub(super) fn with_settings(mut self, files: Vec<String>) -> Self {
        self.settings = files;
        self
    }

    /// The same working directories with other rules, which all stand in one file of the project.
    pub(super) fn with_rules(&self, rules: &Rules, place: &Place) -> Self {
        let folders = [place.project.clone()];
        Self { index: Index::new(rules, place, &folders, &self.rooted), ..self.clone() }
    }

    /// Whether one of these rules of a list covers a normal path as it is spelled.
    pub(super) fn any_for(&self, edit: bool, list: List, path: &str, which: impl Fn(RuleId) -> bool) -> bool {
        let covering = self.index.covering_of(&PathText::new(path), which);
        if edit { covering.edit(list).is_some() } else { covering.read(list).is_some() }
    }

    /// The paths that the rules of one list cover.
    pub(super) fn texts(&self, edit: bool, list: List) -> PathTexts {
        self.index.texts(edit, list)
    }

    /// The working directories.
    pub(super) fn working(&self) -> &[String] {
        &self.working
    }

    /// What is said of reading `path`, an absolute path that may hold `..`.
    pub fn read(&self, world: &dyn World, path: &str) -> FileVerdict {
        let path = normal(path);
        let seen = self.seen(world, &path);
        if let Some(rule) = any(&seen, |one| one.read(List::Deny)) {
            return FileVerdict::Denied(rule);
        }
        if let Some(rule) = any(&seen, |one| one.read(List::Ask)) {
            return FileVerdict::Asked(rule);
        }
        if seen.iter().any(|one| protected::is_suspicious(&one.path)) {
            return FileVerdict::Protected;
        }
        if self.is_inside(&seen) {
            return FileVerdict::Inside;
        }
        // What may be written may be read, except where writing is asked for in any case.
        let edits = !self.is_protected(&seen)
            && every(&seen, |one| one.edit(List::Deny).or(one.edit(List::Ask))).is_none();
        match every(&seen, |one| one.read(List::Allow).or(one.edit(List::Allow).filter(|_| edits))) {
            Some(rule) => FileVerdict::Allowed(rule),
            None => FileVerdict::Outside,
        }
    }

    /// The rule that forbids to read a path.
    pub fn read_denial(&self, world: &dyn World, path: &str) -> Option<RuleId> {
        let path = normal(path);
        any(&self.seen(world, &path), |one| one.read(List::Deny))
    }

    /// What is said of reading `path` by a command: ask rules do not count (observed, 2.1.330).
    pub(super) fn read_by_command(&self, world: &dyn World, path: &str) -> FileVerdict {
        let path = normal(path);
        let seen = self.seen(world, &path);
        if let Some(rule) = any(&seen, |one| one.read(List::Deny)) {
            return FileVerdict::Denied(rule);
        }
        if self.is_inside(&seen) {
            return FileVerdict::Inside;
        }
        match every(&seen, |one| one.read(List::Allow)) {
            Some(rule) => FileVerdict::Allowed(rule),
            None => FileVerdict::Outside,
        }
    }

    /// What is said of writing it by a command: ask rules do not count (observed, 2.1.330).
    pub(super) fn write_by_command(&self, world: &dyn World, path: &str) -> FileVerdict {
        let path = normal(path);
        let seen = self.seen(world, &path);
        if let Some(rule) = any(&seen, |one| one.edit(List::Deny)) {
            return FileVerdict::Denied(rule);
        }
        self.write_allowed(&seen)
    }

    /// What is said of writing it.
    pub fn write(&self, world: &dyn World, path: &str) -> FileVerdict {
        let path = normal(path);
        let seen = self.seen(world, &path);
        if let Some(rule) = any(&seen, |one| one.edit(List::Deny)) {
            return FileVerdict::Denied(rule);
        }
        if let Some(rule) = any(&seen, |one| one.edit(List::Ask)) {
            return FileVerdict::Asked(rule);
        }
        self.write_allowed(&seen)
    }

    fn write_allowed(&self, seen: &[Seen<'_>]) -> FileVerdict {
        if self.is_protected(seen) {
            return FileVerdict::Protected;
        }
        if let Some(rule) = every(seen, |one| one.edit(List::Allow)) {
            return FileVerdict::Allowed(rule);
        }
        if self.is_inside(seen) { FileVerdict::Inside } else { FileVerdict::Outside }
    }

    /// Whether a path lies within the working directories, in every spelling.
    pub fn contains(&self, world: &dyn World, path: &str) -> bool {
        let path = normal(path);
        spelling::spellings(world, &path).is_some_and(|seen| seen.iter().all(|path| self.holds(path)))
    }

    /// Whether a path lies within those working directories that the repository did not add itself.
    pub(super) fn grants(&self, world: &dyn World, path: &str) -> bool {
        let path = normal(path);
        let held = |path: &str| self.granted.iter().any(|folder| is_below(path, folder));
        spelling::spellings(world, &path).is_some_and(|seen| seen.iter().all(|path| held(path)))
    }

    /// Whether it cannot be said where a path leads.
    pub(super) fn is_lost(&self, world: &dyn World, path: &str) -> bool {
        spelling::resolve(world, path).is_none()
    }

    /// Whether links lead a path out of the working directories.
    pub(super) fn leads_out(&self, world: &dyn World, path: &str) -> bool {
        let path = normal(path);
        self.holds(&path) && !self.contains(world, &path)
    }

    fn seen<'a>(&self, world: &dyn World, path: &'a str) -> Vec<Seen<'a>> {
        let spellings = spelling::spellings(world, path).unwrap_or_else(|| vec![Cow::Borrowed(path)]);
        let found = spellings.into_iter().map(|path| {
            let covering = self.index.covering(&PathText::new(&path));
            Seen { path, covering }
        });
        found.collect()
    }

    fn is_protected(&self, seen: &[Seen<'_>]) -> bool {
        seen.iter().any(|one| {
            protected::is_protected(&one.path)
                || protected::is_suspicious(&one.path)
                || self.settings.iter().any(|file| *file == *one.path)
        })
    }

    fn is_inside(&self, seen: &[Seen<'_>]) -> bool {
        seen.iter().all(|one| self.holds(&one.path))
    }

    /// Whether a normal path lies within the working directories, links apart.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.working.iter().any(|folder| is_below(path, folder))
    }
}

/// Where all links of a folder end, where a folder stands there.
pub(crate) fn folder_at(world: &dyn World, path: &str) -> Option<String> {
    let end = spelling::resolve(world, path)?;
    (end == "/" || world.entry(&end) == Some(Entry::Folder)).then_some(end)
}

/// Whether `path` is `folder` or lies below it.
fn is_below(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn any(seen: &[Seen<'_>], rule: impl Fn(&Covering) -> Option<RuleId>) -> Option<RuleId> {
    seen.iter().find_map(|one| rule(&one.covering))
}

/// The rule for the path as it was given, where every spelling has one.
fn every(seen: &[Seen<'_>], rule: impl Fn(&Covering) -> Option<RuleId>) -> Option<RuleId> {
    let mut first = None;
    for one in seen {
        let found = rule(&one.covering)?;
        first = first.or(Some(found));
    }
    first
}

#[cfg(test)]
mod tests;
