//! A file of the policy cannot be used as it is. Found while the policy is read (`policy::load`).

use super::Run;
use super::registry::check;

check!(
    "invalid-policy",
    Block,
    "a file of the policy cannot be used as it is",
    "a policy is taken as a whole or not at all",
    Run::Policy
);
