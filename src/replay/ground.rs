//! Where a call was made: the folder of its session, the folder of its shell, the mode; and what both sides say there.
//!
//! Settings are made ready once for all places; a place costs what their path rules cost.

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
}

/// Both sides, made ready in a made-up place.
#[derive(Debug)]
pub(super) struct Ready {
    old: Side,
    new: Side,
}

#[derive(Debug)]
struct Side {
    setup: Setup,
    access: Access,
}

/// Both sides in the place of a ground.
#[derive(Debug)]
pub(super) struct Standing {
    is_placed: bool,
    readings: Vec<Reading>,
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
        Self { root, folder, mode, repository, user, sides: governed.sides }
    }

    /// The place of its session.
    pub(super) fn place(&self, options: &Options) -> Place {
        let Some(root) = &self.root else { return Place::made_up() };
        let home = options.home.clone().or_else(|| home_of(root).map(str::to_owned));
        let home = home.unwrap_or_else(|| Place::made_up().home);
        Place { project: root.to_string(), config: format!("{home}/.claude"), home }
    }
}

impl Ready {
    pub(super) fn new(sides: &Sides, options: &Options) -> Self {
        let side = |files: &[Settings]| {
            let mut setup = Setup::made_up(files.iter().cloned());
            setup.version = options.version;
            let mut access = Access::new(&setup, &MapWorld::bare(&setup.place)).without_hooks();
            access.went_through(&Call { tool: "Bash".to_owned(), input: Map::new() });
            Side { setup, access }
        };
        Self { old: side(&sides.old), new: side(&sides.new) }
    }

    /// The fields of an input that either side looks at.
    pub(super) fn heeded(&self, tool: &str) -> Vec<Box<str>> {
        let sides = [&self.old.access, &self.new.access];
        let fields = sides.into_iter().filter_map(|side| side.heeded_fields(tool)).flatten();
        let mut fields: Vec<Box<str>> = fields.map(Box::from).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The rules of both sides.
    pub(super) fn rules(&self) -> BothRules {
        BothRules { old: self.old.access.rules().clone(), new: self.new.access.rules().clone() }
    }

    /// Both sides where a ground is.
    pub(super) fn standing(&mut self, ground: &Ground, options: &Options) -> Standing {
        let place = ground.place(options);
        let mut readings = vec![self.reading(ground, place.clone(), None)];
        // What the client takes a relative path from, where its shell has moved, was not observed: both are tried.
        if let Some(folder) = ground.folder.as_deref().filter(|folder| *folder != place.project) {
            let moved = Place { project: folder.to_owned(), ..place.clone() };
            readings.push(self.reading(ground, moved, Some(place)));
        }
        Standing { is_placed: ground.root.is_some(), readings }
    }

    /// Both sides in a place; `root` is the place of the session where that is another.
    fn reading(&mut self, ground: &Ground, place: Place, root: Option<Place>) -> Reading {
        // A mode that the old settings begin with was chosen by nobody: the new ones may begin with another.
        let chosen = ground.mode.filter(|mode| *mode != self.old.access.mode());
        let mut world = MapWorld::bare(&place);
        for Side { setup, .. } in [&mut self.old, &mut self.new] {
            setup.move_to(root.as_ref().unwrap_or(&place).clone());
            setup.place = place.clone();
            setup.directories = root.iter().map(|root| root.project.clone()).collect();
            setup.mode = chosen;
            for folder in setup.named_directories() {
                world.add(&folder, Entry::Folder);
            }
        }
        let moved = |side: &Side| side.access.moved(&side.setup, &world);
        let (old, new) = (moved(&self.old), moved(&self.new));
        Reading { old, new, world }
    }
}

impl Standing {
    /// Decides a call on both sides.
    pub(super) fn decide(&self, call: &Call) -> Answer {
        if !self.is_placed && depends_on_folder(call) {
            return Answer::Undecided(Undecided::NoFolder);
        }
        let mut found: Option<(Because, Because)> = None;
        for Reading { old, new, world } in &self.readings {
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
