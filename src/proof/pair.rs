//! The settings of both sides of a question, ready to decide in the same place.

use super::Sides;
use crate::access::{Access, Entry, MapWorld, Setup};

/// Both sides, with the folders that they see.
pub struct Pair {
    old: Access,
    new: Access,
    world: MapWorld,
}

impl Pair {
    /// Two setups of the same place. The folders that settings name are taken to be there.
    pub fn new(old: &Setup, new: &Setup) -> Self {
        let mut world = MapWorld::bare(&new.place);
        for folder in old.named_directories().into_iter().chain(new.named_directories()) {
            world.add(&folder, Entry::Folder);
        }
        let access = |setup: &Setup| Access::new(setup, &world).by_rules_alone();
        let (old, new) = (access(old), access(new));
        Self { old, new, world }
    }

    /// The same where every question is refused: what is left to tell apart is what is allowed.
    #[must_use]
    pub fn refusing_prompts(self) -> Self {
        Self { old: self.old.refusing_prompts(), new: self.new.refusing_prompts(), ..self }
    }

    /// Both sides, to be asked about.
    pub fn sides(&self) -> Sides<'_> {
        Sides { old: &self.old, new: &self.new, world: &self.world }
    }
}
