//! An attestation of the policy is overdue. Found while a policy is checked (`check::policy`).

use super::Run;
use super::registry::check;

check!(
    "attestation-overdue",
    Warn,
    "an attestation of the policy is overdue",
    "what was promised to be looked at again was not, and reports say so",
    Run::Policy
);
