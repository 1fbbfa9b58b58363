//! Claude Code as versioned data: what the client knows by heart, in tables, each in one place.
//!
//! Nothing here decides; the layers above read these tables. Every fact names where it comes from:
//! `observed` facts were seen in recorded decisions of the client, the others stand in its
//! documentation. Left out: how rules match (`rule`) and how whole files are taken (`settings`).

pub mod blank;
pub mod builtins;
pub mod hook_variables;
pub mod hosts;
pub mod keys;
pub mod launchers;
pub mod limits;
pub mod own_files;
pub mod paths;
pub mod protected;
pub mod read_only;
pub mod runners;
pub mod tools;
pub mod variables;
pub mod wrappers;

mod profile;
mod version;

pub use profile::Profile;
pub use version::{Standing, Version, VersionError};
