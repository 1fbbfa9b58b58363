//! Where a call was made: the folder of its session, the folder of its shell, the mode; and what both sides say there.

use std::sync::Arc;

use serde_json::Map;

use super::{Because, BothRules, Governed, Options, Sides, Undecided};
use crate::access::{Access, Call, Cause, Entry, MapWorld, Mode, Place, Setup, Silent, Verdict};
use crate::settings::Settings;

/// A place in which calls are decided.
#[derive(Debug)]
pub(super) struct Ground {
    /// The folder in which the session began; none where no record says.
    pub(super) root: Option<Box<str>>,
    /// The folder in which the shell stood.
    pub(super) folder: Option<Box<str>>,
    /// The mode of the session; none where no record says.
    pub(super) mode: Option<Mode>,
    /// The repository.
    pub(super) repository: u32,
    /// Who works there.
    pub(super) user: Option<u32>,
    /// What holds there.
    pub(super) sides: Option<Arc<Sides>>,
    built: Option<Vec<Reading>>,
}

/// Both sides, with one folder taken for the one that paths are meant from.
#[derive(Debug)]
struct Reading {
    old: Access,
    new: Access,
    world: MapWorld,
}

/// What both sides say of a call.
pub(super) enum Answer {
    Same(Verdict),
    Changed(Because, Because),
    Undecided(Undecided),
}

impl Ground {
    pub(super) fn new(
        root: Option<&str>,
        folder: Option<&str>,
        mode: Option<Mode>,
        (governed, repository): (Governed, u32),
        user: Option<u32>,
    ) -> Self {
        let boxed = |text: Option<&str>| text.map(Box::from);
        let (root, folder) = (boxed(root), boxed(folder));
        Self { root, folder, mode, repository, user, sides: governed.sides, built: None }
    }

    /// The place of its session.
    pub(super) fn place(&self, options: &Options) -> Place {
        let Some(root) = &self.root else { return Place::made_up() };
        let home = options.home.clone().or_else(|| home_of(root).map(str::to_owned));
        let home = home.unwrap_or_else(|| Place::made_up().home);
        Place { project: root.to_string(), config: format!("{home}/.claude"), home }
    }

    /// Whether both sides are at hand.
    pub(super) fn is_built(&self) -> bool {
        self.built.is_some()
    }

    /// Forgets both sides until they are asked for again.
    pub(super) fn forget(&mut self) {
        self.built = None;
    }

    /// Makes both sides ready.
    pub(super) fn build(&mut self, options: &Options) {
        let Some(sides) = self.sides.clone() else { return };
        let place = self.place(options);
        let mut readings = vec![self.reading(&sides, place.clone(), None, options)];
        // What the client takes a relative path from, where its shell has moved, was not observed: both are tried.
        if let Some(folder) = self.folder.as_deref().filter(|folder| *folder != place.project) {
            let standing = Place { project: folder.to_owned(), ..place.clone() };
            readings.push(self.reading(&sides, standing, Some(&place), options));
        }
        self.built = Some(readings);
    }

    /// Both sides in a place; `root` is the place of the session where that is another.
    fn reading(&self, sides: &Sides, place: Place, root: Option<&Place>, options: &Options) -> Reading {
        let setup = |files: &[Settings]| {
            let mut setup = Setup::placed(root.unwrap_or(&place).clone(), files.iter().cloned());
            setup.version = options.version;
            setup.place = place.clone();
            setup.directories.extend(root.map(|root| root.project.clone()));
            setup
        };
        let [mut old, mut new] = [setup(&sides.old), setup(&sides.new)];
        let mut world = MapWorld::bare(&place);
        for folder in old.named_directories().into_iter().chain(new.named_directories()) {
            world.add(&folder, Entry::Folder);
        }
        // A mode that the old settings begin with was chosen by nobody: the new ones may begin with another.
        let begins_with = Access::new(&old, &world).mode();
        let chosen = self.mode.filter(|mode| *mode != begins_with);
        old.mode = chosen;
        new.mode = chosen;
        let access = |setup: &Setup| {
            let mut access = Access::new(setup, &world).without_hooks();
            access.went_through(&Call { tool: "Bash".to_owned(), input: Map::new() });
            access
        };
        let (old, new) = (access(&old), access(&new));
        Reading { old, new, world }
    }

    /// The fields of an input that either side looks at.
    pub(super) fn heeded(&self, tool: &str) -> Vec<Box<str>> {
        let sides = self.built.iter().flatten().flat_map(|reading| [&reading.old, &reading.new]);
        let fields = sides.filter_map(|side| side.heeded_fields(tool)).flatten();
        let mut fields: Vec<Box<str>> = fields.map(Box::from).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The rules of both sides.
    pub(super) fn rules(&self) -> Option<BothRules> {
        let reading = self.built.as_ref()?.first()?;
        Some(BothRules { old: reading.old.rules().clone(), new: reading.new.rules().clone() })
    }

    /// Decides a call on both sides.
    pub(super) fn decide(&self, call: &Call) -> Answer {
        if self.root.is_none() && depends_on_folder(call) {
            return Answer::Undecided(Undecided::NoFolder);
        }
        let mut found: Option<(Because, Because)> = None;
        for Reading { old, new, world } in self.built.iter().flatten() {
            let because = |access: &Access| {
                let decision = access.decide(call, world, &mut Silent);
                Because { verdict: decision.verdict, cause: decision.cause, mode: access.mode() }
            };
            let sides = (because(old), because(new));
            for side in [sides.0, sides.1] {
                if let Some(why) = undecided(side) {
                    return Answer::Undecided(why);
                }
            }
            let same = |one: &(Because, Because)| {
                one.0.verdict == sides.0.verdict && one.1.verdict == sides.1.verdict
            };
            match &found {
                None => found = Some(sides),
                Some(first) if !same(first) => return Answer::Undecided(Undecided::Standing),
                Some(_) => {}
            }
        }
        match found {
            None => Answer::Undecided(Undecided::NoSettings),
            Some((old, new)) if old.verdict == new.verdict => Answer::Same(old.verdict),
            Some((old, new)) => Answer::Changed(old, new),
        }
    }
}

/// Why one side is not known.
fn undecided(side: Because) -> Option<Undecided> {
    if side.cause == Cause::Input {
        return Some(Undecided::Input);
    }
    if side.verdict != Verdict::Undecided {
        return None;
    }
    Some(match (side.cause, side.mode) {
        (Cause::Version { .. }, _) => Undecided::Version,
        (Cause::Server, _) => Undecided::Servers,
        (_, Mode::Plan | Mode::Auto) => Undecided::Mode,
        _ => Undecided::Judgement,
    })
}

/// Whether what becomes of a call may depend on the folder, which no record names.
fn depends_on_folder(call: &Call) -> bool {
    match call.tool.as_str() {
        // A plain line of words that name no place elsewhere is meant from the folder, wherever that is.
        "Bash" => call.text("command").is_none_or(|command| {
            command.split(|c: char| c.is_whitespace() || "'\"=<>|&;()`".contains(c)).any(|word| {
                word.starts_with(['/', '~', '$'])
                    || word.contains("..")
                    || word == "cd"
                    || word.contains(":/")
            })
        }),
        "Read" | "Edit" | "Write" | "MultiEdit" | "NotebookEdit" | "Glob" | "Grep" => true,
        _ => false,
    }
}

/// The home folder that a folder lies in, by how systems name them.
pub fn home_of(folder: &str) -> Option<&str> {
    if folder == "/root" || folder.starts_with("/root/") {
        return Some("/root");
    }
    ["/home/", "/Users/"].into_iter().find_map(|above| {
        let name = folder.strip_prefix(above)?.split('/').next().filter(|name| !name.is_empty())?;
        folder.get(..above.len() + name.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_told_by_the_folder() {
        for (folder, home) in [
            ("/home/ann/web", Some("/home/ann")),
            ("/home/ann", Some("/home/ann")),
            ("/Users/ann/x/y", Some("/Users/ann")),
            ("/root/x", Some("/root")),
            ("/rooted", None),
            ("/srv/web", None),
            ("/home/", None),
        ] {
            assert_eq!(home_of(folder), home, "{folder}");
        }
    }

    #[test]
    fn without_a_folder_a_command_that_names_places_is_not_decided() {
        let depends = |line: &str| {
            let input = Map::from_iter([("command".to_owned(), line.into())]);
            depends_on_folder(&Call { tool: "Bash".to_owned(), input })
        };
        for line in
            ["cat /etc/passwd", "ls ~", "cat ../x", "cd src", "x --file=/y", "cat $HOME/x", "cat 'a' \"/b\""]
        {
            assert!(depends(line), "{line}");
        }
        for line in ["npm test", "git push origin main", "cat src/a.rs"] {
            assert!(!depends(line), "{line}");
        }
    }
}
