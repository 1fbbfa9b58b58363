//! A later layer loosens or contradicts an earlier one. Found while layers are merged
//! (`policy::Policy::resolve`).

use super::Run;
use super::registry::check;

check!(
    "loosening-layer",
    Block,
    "a later layer loosens or contradicts an earlier one",
    "later layers only tighten; the one way to loosen is a waiver with an end",
    Run::Policy
);
