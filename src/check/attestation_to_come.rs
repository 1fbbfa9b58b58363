//! An attestation speaks of a day that is still to come. Found while a policy is checked (`check::policy`).

use super::Run;
use super::registry::check;

check!(
    "attestation-to-come",
    Warn,
    "an attestation speaks of a day that is still to come",
    "nobody can attest today what will be done tomorrow",
    Run::Policy
);
