//! The patterns of all path rules, found by the names that stand in a path.
//!
//! INVARIANT: a lookup costs what the patterns cost that share a name with the path, and all those that
//! begin with a wildcard; the number of other rules does not count.

use std::collections::HashMap;

use super::anchor::{Root, anchor};
use crate::access::{PathTexts, Place, RuleId, RuleTexts, Rules};
use crate::automaton::Pattern;
use crate::glob::{Below, PathPattern, PathText};
use crate::rule::List;

/// For each of the two tools and three lists the first rule that covers a path.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Covering {
    read: [Option<RuleId>; 3],
    edit: [Option<RuleId>; 3],
}

impl Covering {
    pub(super) fn read(&self, list: List) -> Option<RuleId> {
        self.read.get(list as usize).copied().flatten()
    }

    pub(super) fn edit(&self, list: List) -> Option<RuleId> {
        self.edit.get(list as usize).copied().flatten()
    }

    fn add(&mut self, set: Set, rule: RuleId) {
        let lists = if set.edit { &mut self.edit } else { &mut self.read };
        if let Some(place) = lists.get_mut(set.list as usize)
            && place.is_none_or(|known| rule < known)
        {
            *place = Some(rule);
        }
    }
}

/// The rules that are looked at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Set {
    edit: bool,
    list: List,
}

#[derive(Debug, Clone)]
struct Entry {
    set: Set,
    rule: RuleId,
    root: usize,
    pattern: PathPattern,
}

/// Entries of which some take paths out again: they are read in order.
#[derive(Debug, Clone)]
struct Ordered {
    set: Set,
    /// The file whose rules these are; those of all files together for allow rules.
    file: Option<usize>,
    /// Whether the patterns are relative ones; a `!` speaks of its own kind only.
    relative: bool,
    root: usize,
    entries: Vec<(RuleId, PathPattern)>,
}

/// The patterns of all path rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    roots: Vec<PathText>,
    /// By a name that every match passes through: the first below the root, or the only one.
    named: HashMap<Box<str>, Vec<Entry>>,
    /// By what follows the last dot of a name that every match passes through.
    endings: HashMap<Box<str>, Vec<Entry>>,
    others: Vec<Entry>,
    ordered: Vec<Ordered>,
}

impl Index {
    /// Makes the path rules ready. `folders` are those that `/` stands for, file by file, `working` the
    /// working directories.
    pub(super) fn new(rules: &Rules, place: &Place, folders: &[String], working: &[String]) -> Self {
        let mut index = Self::default();
        let mut lists: Vec<Ordered> = Vec::new();
        for (id, loaded) in rules.iter() {
            let edit = match loaded.rule.tool() {
                "Edit" => true,
                "Read" => false,
                _ => continue,
            };
            let Some(content) = loaded.rule.content().filter(|_| !loaded.rule.is_whole_tool()) else {
                continue;
            };
            let settings = folders.get(loaded.file).unwrap_or(&place.project);
            let (root, pattern) = anchor(content, loaded.list, place, settings);
            // An allow rule that ends in a backslash allows nothing, though a deny rule refuses (observed, 2.1.330).
            if loaded.list == List::Allow && pattern.ends_with('\\') {
                continue;
            }
            let Some(pattern) = PathPattern::new(&pattern) else { continue };
            let set = Set { edit, list: loaded.list };
            let file = (loaded.list != List::Allow).then_some(loaded.file);
            let roots: Vec<&String> = match &root {
                Root::At(folder) => vec![folder],
                // What allows speaks of the project alone, what refuses of every working directory (observed,
                // 2.1.330).
                Root::Working if loaded.list == List::Allow => vec![&place.project],
                Root::Working => working.iter().collect(),
            };
            let relative = matches!(root, Root::Working);
            for root in roots {
                let root = index.root(root);
                let key = (set, file, relative, root);
                let known =
                    lists.iter_mut().find(|known| (known.set, known.file, known.relative, known.root) == key);
                let entry = (id, pattern.clone());
                match known {
                    Some(known) => known.entries.push(entry),
                    None => lists.push(Ordered { set, file, relative, root, entries: vec![entry] }),
                }
            }
        }
        for list in lists {
            if list.entries.iter().any(|(_, pattern)| pattern.is_negated()) {
                index.ordered.push(list);
                continue;
            }
            let Ordered { set, root, entries, .. } = list;
            for (rule, pattern) in entries {
                let name = pattern.lone_name().or_else(|| pattern.first_name()).map(Box::from);
                let ending = pattern.lone_ending();
                let entry = Entry { set, rule, root, pattern };
                match (name, ending) {
                    (Some(name), _) => index.named.entry(name).or_default().push(entry),
                    (None, Some(ending)) => index.endings.entry(ending.into()).or_default().push(entry),
                    (None, None) => index.others.push(entry),
                }
            }
        }
        index
    }

    fn root(&mut self, folder: &str) -> usize {
        let text = PathText::new(if folder == "/" { "" } else { folder });
        match self.roots.iter().position(|known| known.as_str() == text.as_str()) {
            Some(at) => at,
            None => {
                self.roots.push(text);
                self.roots.len() - 1
            }
        }
    }

    /// The paths that the rules of one list cover, in the order of the rules.
    pub(super) fn texts(&self, edit: bool, list: List) -> PathTexts {
        let set = Set { edit, list };
        let mut texts = PathTexts::default();
        let entries = self.named.values().chain(self.endings.values()).flatten().chain(&self.others);
        for entry in entries.filter(|entry| entry.set == set) {
            let root = self.roots.get(entry.root);
            match root.and_then(|root| Some((root.pattern(), entry.pattern.pattern()?))) {
                Some((root, below)) => {
                    let path = Pattern::chain([root, Pattern::text("/"), below]);
                    texts.told.push(RuleTexts::of(entry.rule, path));
                }
                None => texts.untold.push(entry.rule),
            }
        }
        let takes = |ordered: &&Ordered| ordered.entries.iter().any(|(_, pattern)| !pattern.is_negated());
        for ordered in self.ordered.iter().filter(|ordered| ordered.set == set).filter(takes) {
            texts.untold.extend(ordered.entries.iter().map(|(rule, _)| *rule));
        }
        texts.told.sort_by_key(|texts| texts.rule);
        texts.untold.sort_unstable();
        texts
    }

    /// The rules that cover a path.
    pub(super) fn covering(&self, path: &PathText) -> Covering {
        self.covering_of(path, |_| true)
    }

    /// Those of these rules that cover a path.
    pub(super) fn covering_of(&self, path: &PathText, which: impl Fn(RuleId) -> bool) -> Covering {
        let mut found = Covering::default();
        let below = |root: usize| {
            let root = self.roots.get(root)?;
            path.starts_with(root).then_some(Below { path, skip: root.len() })
        };
        if !self.named.is_empty() {
            for at in 0..path.len() {
                let Some(entries) = self.named.get(path.segment(at)) else { continue };
                for entry in entries.iter().filter(|entry| which(entry.rule)) {
                    let Some(below) = below(entry.root).filter(|below| below.skip <= at) else { continue };
                    let covered = match entry.pattern.lone_name() {
                        Some(_) => true,
                        None => below.skip == at && entry.pattern.covers(below),
                    };
                    if covered {
                        found.add(entry.set, entry.rule);
                    }
                }
            }
        }
        if !self.endings.is_empty() {
            for at in 0..path.len() {
                let Some((_, ending)) = path.segment(at).rsplit_once('.') else { continue };
                let entries = self.endings.get(ending).into_iter().flatten();
                for entry in entries.filter(|entry| which(entry.rule)) {
                    if below(entry.root).is_some_and(|below| entry.pattern.covers(below)) {
                        found.add(entry.set, entry.rule);
                    }
                }
            }
        }
        for entry in self.others.iter().filter(|entry| which(entry.rule)) {
            if below(entry.root).is_some_and(|below| entry.pattern.covers(below)) {
                found.add(entry.set, entry.rule);
            }
        }
        for list in &self.ordered {
            let rule = below(list.root).and_then(|below| list.covering(below));
            if let Some(rule) = rule.filter(|rule| which(*rule)) {
                found.add(list.set, rule);
            }
        }
        found
    }
}

impl Ordered {
    /// The rule that covers the path, the last that speaks of the highest folder which is covered.
    fn covering(&self, path: Below<'_>) -> Option<RuleId> {
        (1..=path.len()).find_map(|length| {
            let last = self.entries.iter().rev().find(|(_, pattern)| pattern.matches(path, length));
            last.filter(|(_, pattern)| !pattern.is_negated()).map(|(rule, _)| *rule)
        })
    }
}
