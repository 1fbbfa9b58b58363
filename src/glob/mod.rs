//! Patterns and what they match: command wildcards, gitignore-style paths, host names, URLs.
//!
//! INVARIANT: every matcher takes time linear in the text for a given pattern, and memory bounded by the pattern.
//!
//! Leaves out where a pattern is anchored and which rule it belongs to.

mod address;
mod domain;
mod path;
mod url;
mod wildcard;

pub use address::{Address, AddressError};
pub use domain::Domain;
pub use path::{Below, PathPattern, PathText};
pub use url::UrlPattern;
pub use wildcard::Wildcard;
