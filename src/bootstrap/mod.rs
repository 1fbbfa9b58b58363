//! The start of a repository: what stands around the agent settings from the first commit on. The
//! commands that its languages usually run are allowed once, personal settings stay out of git, the
//! settings have owners, and CI and commits are checked.
//!
//! What policy asks for is not written here: that is the work of fixes, and these files join their plan.
//! What is there is kept: a file is made where it is missing, or gets lines at its end.
//!
//! INVARIANT: nothing here writes, and what is there already is not asked for again.
//!
//! Leaves out the editing of YAML: what belongs into such a file of the repository is said.

mod ci;
mod commits;
mod draft;
mod ignore;
mod owners;
pub mod profile;

pub use ci::{Ci, unreachable_from};
pub use owners::{Owner, OwnerError};

use crate::check::Plan;
use crate::path::RepoPath;
use crate::project::Content;
use crate::repository::Held;

use draft::Draft;

/// What a repository is started with.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Where CI checks it.
    pub ci: Option<Ci>,
    /// Who owns its agent settings.
    pub owners: Vec<Owner>,
    /// Whether commits are checked.
    pub pre_commit: bool,
}

/// Adds the files around the settings to `plan`, which is that of the project at the root. `name` is
/// the repository's, `read` gives what stands at a path of it. What comes back is for the user to know:
/// files that are left alone, and what to do by hand.
pub fn surround(
    plan: &mut Plan,
    held: &Held,
    wishes: &Wishes,
    name: Option<&str>,
    read: &dyn Fn(&RepoPath) -> Content,
) -> Vec<String> {
    let mut draft = Draft::new(plan, held, name, read);
    ignore::keep_out_personal_settings(&mut draft);
    owners::name_owners(&mut draft, &wishes.owners, wishes.ci);
    if let Some(ci) = wishes.ci {
        ci::add(&mut draft, ci);
    }
    if wishes.pre_commit {
        commits::add(&mut draft);
    }
    ignore::warn_of_ignored(&mut draft);
    draft.warn_of_unlisted();
    draft.into_notes()
}
