//! Patterns of a shell and the files that they stand for.

use super::Look;
use super::words::{Glyph, LONGEST_PATTERN, Word, is_pattern, value};
use crate::access::{Entry, World};

/// Whether a name is of a pattern; `*` and `?` stand for slashes as well, for a name has none.
///
/// INVARIANT: time is linear in the name for a given pattern.
pub(super) fn matches(pattern: &[Glyph], name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    let (mut at, mut from) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        if from == letters.len() && at == pattern.len() {
            return true;
        }
        if pattern.get(at) == Some(&Glyph::Plain('*')) {
            back = Some((at + 1, from));
            at += 1;
            continue;
        }
        if let (Some(next), Some(letter)) = (one(pattern, at, letters.get(from).copied()), letters.get(from))
        {
            let _ = letter;
            (at, from) = (next, from + 1);
            continue;
        }
        match back {
            Some((star, start)) if start < letters.len() => {
                back = Some((star, start + 1));
                (at, from) = (star, start + 1);
            }
            _ => return false,
        }
    }
}

/// Where the pattern goes on behind one letter, if it takes the letter.
fn one(pattern: &[Glyph], at: usize, letter: Option<char>) -> Option<usize> {
    let letter = letter?;
    match *pattern.get(at)? {
        Glyph::Plain('?') => Some(at + 1),
        Glyph::Plain('[') => match class(pattern, at, letter) {
            Some((true, next)) => Some(next),
            Some((false, _)) => None,
            None => (letter == '[').then_some(at + 1),
        },
        Glyph::Plain(c) | Glyph::Quoted(c) => (c == letter).then_some(at + 1),
        Glyph::Unknown => None,
    }
}

/// Whether the class that opens at `at` holds a letter, and what follows it; none where it has no end. A class by
/// name (`[[:alpha:]]`) is taken to hold every letter: never too little.
fn class(pattern: &[Glyph], at: usize, letter: char) -> Option<(bool, usize)> {
    let of = |glyph: &Glyph| match glyph {
        Glyph::Plain(c) | Glyph::Quoted(c) => *c,
        Glyph::Unknown => '\0',
    };
    let inside: Vec<char> = pattern.get(at + 1..)?.iter().map(of).collect();
    let negated = matches!(inside.first(), Some('!' | '^'));
    let start = usize::from(negated);
    let named = inside.get(start..)?.starts_with(&['[', ':']);
    let end = if named {
        inside.windows(3).position(|end| end == [':', ']', ']'])? + 2
    } else {
        inside.iter().enumerate().skip(start + 1).find(|(_, c)| **c == ']')?.0
    };
    let members = inside.get(start..end)?;
    let mut held = named;
    let mut rest = members;
    while let Some((first, more)) = rest.split_first() {
        match more {
            ['-', last, behind @ ..] => {
                held |= (*first..=*last).contains(&letter);
                rest = behind;
            }
            _ => {
                held |= *first == letter;
                rest = more;
            }
        }
    }
    Some((named || held != negated, at + 1 + end + 1))
}

/// What a pattern stands for.
pub(super) enum Expanded {
    /// These paths, absolute.
    Paths(Vec<String>),
    /// More than is looked at, or a folder that cannot be listed.
    Unknown,
}

impl Look<'_> {
    /// The paths that a pattern stands for, as a shell in `folder` would find them. `hidden` says that `*` stands for
    /// names with a dot in front as well.
    pub(super) fn expand(&self, word: &[Glyph], folder: &str, hidden: bool) -> Expanded {
        if word.len() > LONGEST_PATTERN {
            return Expanded::Unknown;
        }
        let slash = |glyph: &Glyph| matches!(glyph, Glyph::Plain('/') | Glyph::Quoted('/'));
        let absolute = word.first().is_some_and(slash);
        let mut found = vec![if absolute { String::new() } else { folder.trim_end_matches('/').to_owned() }];
        let parts: Vec<Word> =
            word.split(slash).filter(|part| !part.is_empty()).map(<[Glyph]>::to_vec).collect();
        for part in &parts {
            let mut next = Vec::new();
            if !is_pattern(part) {
                let Some(name) = value(part) else { return Expanded::Unknown };
                if name == "." {
                    continue;
                }
                if name == ".." {
                    for folder in &mut found {
                        *folder = self.absolute("..", folder).trim_end_matches('/').to_owned();
                    }
                    continue;
                }
                next.extend(found.iter().map(|folder| format!("{folder}/{name}")));
            } else {
                let deep = part.len() == 2 && part.iter().all(|glyph| *glyph == Glyph::Plain('*'));
                for folder in &found {
                    if deep {
                        // Without `globstar` it is `*`; with it, every folder below: both are looked at.
                        next.push(folder.clone());
                        if !self.folders_below(folder, hidden, &mut next) {
                            return Expanded::Unknown;
                        }
                    }
                    let at = if folder.is_empty() { "/" } else { folder };
                    let Some(names) = self.listed(at) else {
                        if self.entries.get() == 0 {
                            return Expanded::Unknown;
                        }
                        continue;
                    };
                    let shows =
                        hidden || matches!(part.first(), Some(Glyph::Plain('.') | Glyph::Quoted('.')));
                    let taken = names
                        .into_iter()
                        .filter(|(name, _)| (shows || !name.starts_with('.')) && matches(part, name));
                    next.extend(taken.map(|(name, _)| format!("{folder}/{name}")));
                }
            }
            found = next;
        }
        let normal = found.into_iter().map(|path| self.guard.place.absolute(&path).into_owned());
        Expanded::Paths(normal.collect())
    }

    /// All folders below one; whether all of them were seen.
    fn folders_below(&self, folder: &str, hidden: bool, found: &mut Vec<String>) -> bool {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let at = if folder.is_empty() { "/" } else { &*folder };
            let Some(names) = self.listed(at) else {
                if self.entries.get() == 0 {
                    return false;
                }
                continue;
            };
            for (name, listed) in names {
                if listed == super::Listed::Folder && (hidden || !name.starts_with('.')) {
                    let path = format!("{folder}/{name}");
                    open.push(path.clone());
                    found.push(path);
                }
            }
        }
        true
    }

    /// The entries of a folder, within what may still be looked at; none where there are none to be had, and where
    /// the bound is met.
    pub(super) fn listed(&self, folder: &str) -> Option<Vec<(String, super::Listed)>> {
        let left = self.entries.get();
        if left == 0 {
            return None;
        }
        let names = self.files.list(folder, left)?;
        if names.len() > left {
            self.entries.set(0);
            return None;
        }
        self.entries.set(left - names.len());
        Some(names)
    }

    /// Whether there is something at a path.
    pub(super) fn exists(&self, path: &str) -> bool {
        let world = self.files.world();
        world.entry(path).is_some()
            || (world.has_links()
                && crate::access::resolve(world, path).is_some_and(|end| world.entry(&end).is_some()))
    }

    /// Whether a folder stands there, links followed.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        match World::entry(self.files, path) {
            Some(Entry::Folder) => true,
            Some(Entry::Link(_)) => crate::access::folder_at(self.files.world(), path).is_some(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::plain;
    use super::*;

    #[test]
    fn names_are_held_against_patterns() {
        let is = |pattern: &str, name: &str| matches(&plain(pattern), name);
        for (pattern, name) in [
            (".e*", ".env"),
            (".en?", ".env"),
            (".[a-f]nv", ".env"),
            (".[!x]nv", ".env"),
            ("*", ""),
            ("*a*b", "xaybxab"),
            ("[[:alpha:]]b", "ab"),
            ("[a", "[a"),
        ] {
            assert!(is(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [(".e?", ".env"), ("[!.]env", ".env"), ("a*b", "ac"), ("", "a"), ("?", "")] {
            assert!(!is(pattern, name), "{pattern} {name}");
        }
        assert!(!is(&"a*".repeat(40), &"a".repeat(39)));
    }
}
