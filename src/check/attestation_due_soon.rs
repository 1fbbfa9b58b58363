//! An attestation of the policy is due soon. Found while a policy is checked (`check::policy`).

use super::Run;
use super::registry::check;

check!(
    "attestation-due-soon",
    Note,
    "an attestation of the policy is due soon",
    "what it attests has to be done again by that day",
    Run::Policy
);
