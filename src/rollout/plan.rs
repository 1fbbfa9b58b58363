//! How a rollout goes: rings, pace and the rule that stops it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::forge::RepositoryName;
use crate::policy::{Facts, SelectorFile};

/// Before the name of a rollout, the branch that carries its changes.
const BRANCH_PREFIX: &str = "bylaws/";

/// A rollout: which repositories come when, how many at a time, and when it stops by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RolloutFile {
    /// Where the schema of this file is published; for editors only.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its name: letters, digits and `-`. The branch in each repository is `bylaws/` and this name.
    pub name: String,
    /// The rings, in order. A repository belongs to the first that takes it; one that none takes is left
    /// alone.
    pub rings: Vec<RingFile>,
    /// Most requests that are opened or renewed in an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<u32>,
    /// Most requests that are open at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_open: Option<u32>,
    /// The share of a ring, in percent, that may fail its checks or be closed unmerged; above it the
    /// rollout halts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halt_above: Option<u8>,
    /// What the requests look like.
    #[serde(default)]
    pub request: RequestFile,
}

/// A ring: repositories that get their requests at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RingFile {
    /// Its name, for people.
    pub name: String,
    /// The facts that its repositories have.
    #[serde(default, skip_serializing_if = "SelectorFile::is_empty")]
    pub when: SelectorFile,
    /// The share of all repositories, in percent, that it reaches up to, rings before it included. Which
    /// they are depends on their names alone, so it is the same ones every time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// The share of the ring, in percent, whose requests must be merged or closed before the next ring
    /// begins; all of it where this is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<u8>,
}

/// What the requests of a rollout look like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct RequestFile {
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Who is asked to review.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviewers: Vec<String>,
    /// Teams that are asked to review, by their short names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub team_reviewers: Vec<String>,
    /// Whether they are opened as drafts.
    pub draft: bool,
    /// `Name <address>` of whoever signs the commits off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_off: Option<String>,
}

/// A rollout without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    file: RolloutFile,
    branch: String,
    rings: Vec<Ring>,
}

/// A ring without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// Its name.
    pub name: String,
    when: SelectorFile,
    percent: u8,
    /// The share in percent that must be settled before the next.
    pub settled: u8,
}

/// What is wrong with a rollout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The name cannot be that of a branch.
    #[error("`{0}` cannot be the name of a rollout: letters, digits and `-`, at most 60")]
    Name(String),
    /// There is no ring.
    #[error("a rollout has at least one ring")]
    NoRing,
    /// Two rings have one name.
    #[error("two rings are named `{0}`")]
    TwoRings(String),
    /// A share is more than the whole.
    #[error("{0} is no share: it is given in percent, from 0 to 100")]
    Share(u8),
    /// A number lets nothing happen.
    #[error("`{0}` is 0: nothing would ever be opened; leave it out, or pause the rollout")]
    Never(&'static str),
    /// The line would not be one line.
    #[error("`{0}` signs nothing off: it is written `Name <address>`")]
    SignedOff(String),
}

impl Plan {
    /// Takes a rollout that has no faults.
    pub fn new(file: RolloutFile) -> Result<Self, PlanError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if file.name.is_empty() || file.name.len() > 60 || !file.name.chars().all(is_plain) {
            return Err(PlanError::Name(file.name));
        }
        if file.rings.is_empty() {
            return Err(PlanError::NoRing);
        }
        let shares = file.rings.iter().flat_map(|ring| [ring.percent, ring.settled]);
        if let Some(share) = shares.chain([file.halt_above]).flatten().find(|share| *share > 100) {
            return Err(PlanError::Share(share));
        }
        for (name, number) in [("perHour", file.per_hour), ("maxOpen", file.max_open)] {
            if number == Some(0) {
                return Err(PlanError::Never(name));
            }
        }
        if let Some(name) = &file.request.signed_off
            && (name.chars().any(char::is_control) || !name.ends_with('>') || !name.contains(" <"))
        {
            return Err(PlanError::SignedOff(name.clone()));
        }
        let ring = |ring: &RingFile| Ring {
            name: ring.name.clone(),
            when: ring.when.clone(),
            percent: ring.percent.unwrap_or(100),
            settled: ring.settled.unwrap_or(100),
        };
        let rings: Vec<Ring> = file.rings.iter().map(ring).collect();
        for (number, ring) in rings.iter().enumerate() {
            if rings.iter().take(number).any(|earlier| earlier.name == ring.name) {
                return Err(PlanError::TwoRings(ring.name.clone()));
            }
        }
        Ok(Self { branch: format!("{BRANCH_PREFIX}{}", file.name), file, rings })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The branch that carries its changes.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Its rings, in order.
    pub fn rings(&self) -> &[Ring] {
        &self.rings
    }

    /// Most requests in an hour.
    pub fn per_hour(&self) -> Option<u32> {
        self.file.per_hour
    }

    /// Most open requests.
    pub fn max_open(&self) -> Option<u32> {
        self.file.max_open
    }

    /// The share in percent of a ring above which it halts.
    pub fn halt_above(&self) -> Option<u8> {
        self.file.halt_above
    }

    /// What its requests look like.
    pub fn request(&self) -> &RequestFile {
        &self.file.request
    }

    /// The ring of a repository, by number; none where none takes it.
    pub fn ring_of(&self, name: &RepositoryName, facts: &Facts) -> Option<usize> {
        let place = place(name);
        self.rings.iter().position(|ring| place < u64::from(ring.percent) && ring.when.matches(facts))
    }
}

/// A number below 100 that depends on the name alone, so that the repositories of a ring stay the same and
/// spread over all names.
fn place(name: &RepositoryName) -> u64 {
    let hash = Sha256::digest(name.as_str().as_bytes());
    hash.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte)) % 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Result<Plan, PlanError> {
        Plan::new(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn a_repository_belongs_to_the_first_ring_that_takes_it() {
        let plan = plan(
            r#"{"name": "x", "rings": [
                {"name": "canary", "when": {"team": "platform"}},
                {"name": "tenth", "percent": 10},
                {"name": "half", "percent": 50},
                {"name": "rest", "when": {"archived": "false"}}]}"#,
        )
        .unwrap();
        let facts = Facts::none().with("archived", "false");
        let mut sizes = [0; 4];
        for number in 0..1000 {
            let name = RepositoryName::new(&format!("acme/r{number}")).unwrap();
            let ring = plan.ring_of(&name, &facts).unwrap();
            assert_eq!(plan.ring_of(&name, &facts), Some(ring));
            sizes[ring] += 1;
            assert_eq!(plan.ring_of(&name, &facts.clone().with("team", "platform")), Some(0));
        }
        assert_eq!(sizes[0], 0);
        assert!((70..130).contains(&sizes[1]), "{sizes:?}");
        assert!((340..460).contains(&sizes[2]), "{sizes:?}");
        let late = (0..1000).map(|number| RepositoryName::new(&format!("acme/r{number}")).unwrap());
        assert!(late.into_iter().any(|name| plan.ring_of(&name, &Facts::none()).is_none()));
    }

    #[test]
    fn a_rollout_that_could_not_go_is_refused() {
        for (json, message) in [
            (r#"{"name": "a/b", "rings": [{"name": "x"}]}"#, "`a/b` cannot be the name of a rollout"),
            (r#"{"name": "x", "rings": []}"#, "at least one ring"),
            (r#"{"name": "x", "rings": [{"name": "a"}, {"name": "a"}]}"#, "two rings are named `a`"),
            (r#"{"name": "x", "rings": [{"name": "a", "percent": 101}]}"#, "101 is no share"),
            (r#"{"name": "x", "rings": [{"name": "a"}], "perHour": 0}"#, "`perHour` is 0"),
            (
                r#"{"name": "x", "rings": [{"name": "a"}], "request": {"signedOff": "Ada"}}"#,
                "`Ada` signs nothing off",
            ),
        ] {
            let error = plan(json).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
