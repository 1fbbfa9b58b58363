//! Programs that read or change whole folders, and what lies below those folders.

use std::collections::BTreeSet;

use super::command::Argument;
use super::kind::Kind;
use super::line::State;
use super::pattern;
use super::words::{self, Word};
use super::{Listed, Look, Straight, shown};
use crate::access::RuleId;

/// A folder that is looked at as a whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk {
    /// Where it begins, absolute, each with the way it is written in the command.
    pub(super) roots: Vec<(String, String)>,
    pub(super) filter: Filter,
}

/// Which files count.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    /// Names of files, one of which must fit; empty for all.
    pub(super) include: Vec<Word>,
    /// Names of files that are left out.
    pub(super) exclude: Vec<Word>,
    /// Names of folders that are left out.
    pub(super) exclude_folders: Vec<Word>,
    /// Paths that are left out, as they begin with the root that is written in the command; `*` crosses slashes.
    pub(super) exclude_paths: Vec<Word>,
    /// Names with a dot in front are left out.
    pub(super) skips_hidden: bool,
    /// Whether case does not count.
    pub(super) any_case: bool,
    /// What links lead to counts as well.
    pub(super) links: bool,
    /// Folders that links lead to are looked into.
    pub(super) follows: bool,
}

impl Filter {
    fn any(&self, patterns: &[Word], text: &str) -> bool {
        if self.any_case {
            let text = text.to_lowercase();
            return patterns.iter().any(|one| pattern::matches(&words::plain(&lower(one)), &text));
        }
        patterns.iter().any(|one| pattern::matches(one, text))
    }
}

fn lower(word: &Word) -> String {
    words::value(word).unwrap_or_default().to_lowercase()
}

/// What is done with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

impl Look<'_> {
    /// Says that a file below the roots would be read or written, where a rule speaks against it.
    pub(super) fn walk(&mut self, walk: &Walk, used: Use, how: &str) {
        let wanted = match used {
            Use::Read => self.guard.has.reads,
            Use::Write => self.guard.has.edits,
        };
        if !wanted {
            return;
        }
        for (root, written) in &walk.roots {
            match self.first_below(root, written, &walk.filter, used) {
                Ok(None) => {}
                Ok(Some((path, rule))) => {
                    let word = if used == Use::Read { "read" } else { "change" };
                    let told = shown(self.told(&path));
                    self.by_rule(rule, format!("{how} would {word} `{told}`, which falls under"));
                    return;
                }
                Err(TooMany) => {
                    self.unclear(
                        Kind::LargeFolder,
                        format!(
                            "{how} takes in `{}`, with more entries than the guard looks at",
                            shown(written)
                        ),
                    );
                    return;
                }
            }
        }
    }

    /// The first file below a folder that a rule speaks against.
    fn first_below(
        &self,
        root: &str,
        written: &str,
        filter: &Filter,
        used: Use,
    ) -> Result<Option<(String, RuleId)>, TooMany> {
        let world = self.files.world();
        let rule = |world: &dyn crate::access::World, path: &str| match used {
            Use::Read => self.read_rule(world, path),
            Use::Write => self.edit_rule(world, path),
        };
        if !self.is_folder(root) {
            let name = root.rsplit('/').next().unwrap_or_default();
            let counts = filter.include.is_empty() || filter.any(&filter.include, name);
            let found = if counts && self.exists(root) { rule(world, root) } else { None };
            return Ok(found.map(|rule| (root.to_owned(), rule)));
        }
        // A root may be a link: what lies below it is held against rules at both places.
        let real = crate::access::folder_at(world, root).unwrap_or_else(|| root.to_owned());
        let (root, real) = (root.trim_end_matches('/'), real.trim_end_matches('/'));
        let mut followed = BTreeSet::from([real.to_owned()]);
        let mut open = vec![String::new()];
        while let Some(below) = open.pop() {
            let folder = format!("{real}{below}");
            let folder = if folder.is_empty() { "/".to_owned() } else { folder };
            let Some(names) = self.listed(&folder) else {
                if self.entries.get() == 0 {
                    return Err(TooMany);
                }
                continue;
            };
            for (name, listed) in names {
                if filter.skips_hidden && name.starts_with('.') {
                    continue;
                }
                let below = format!("{below}/{name}");
                let as_written = format!("{}{below}", written.trim_end_matches('/'));
                if filter.any(&filter.exclude_paths, &as_written) {
                    continue;
                }
                if listed == Listed::Link {
                    let end = crate::access::folder_at(world, &format!("{real}{below}"));
                    match end.filter(|_| filter.follows) {
                        Some(end) if followed.insert(end.clone()) => open.push(below.clone()),
                        Some(_) => continue,
                        None if !filter.links => continue,
                        None => {}
                    }
                }
                if listed == Listed::Folder {
                    if filter.any(&filter.exclude_folders, &name) {
                        continue;
                    }
                    // The history of a repository is no text that one searches, and large.
                    if name != ".git" {
                        open.push(below);
                        continue;
                    }
                } else if filter.any(&filter.exclude, &name)
                    || (!filter.include.is_empty() && !filter.any(&filter.include, &name))
                {
                    continue;
                }
                let (named, real) = (format!("{root}{below}"), format!("{real}{below}"));
                let seen: &dyn crate::access::World = if listed == Listed::Link { world } else { &Straight };
                if let Some(found) = rule(seen, &named).or_else(|| rule(seen, &real)) {
                    return Ok(Some((named, found)));
                }
            }
        }
        Ok(None)
    }

    /// The roots that operands name; the folder itself where there are none.
    pub(super) fn roots(&self, operands: &[&Argument], state: &State) -> Vec<(String, String)> {
        let Some(folder) = &state.folder else { return Vec::new() };
        if operands.is_empty() {
            return vec![(folder.clone(), ".".to_owned())];
        }
        let mut found = Vec::new();
        for operand in operands {
            for word in &operand.words {
                if words::is_pattern(word) {
                    if let pattern::Expanded::Paths(paths) = self.expand(word, folder, state.hidden) {
                        found.extend(paths.into_iter().map(|path| (path.clone(), path)));
                    }
                } else if let Some(text) = words::value(word) {
                    found.push((self.absolute(&text, folder), text));
                }
            }
        }
        found
    }
}

struct TooMany;
