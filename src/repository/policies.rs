//! Policies in use: each is opened once, and resolved once for all repositories that it asks the same of.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::{Error, Question};
use crate::check;
use crate::finding::{Finding, Severity};
use crate::policy::{self, AskedFacts, Baseline, Day, Facts, Policy, PolicyFiles, Weight};
use crate::source::PolicySource;

/// Most baselines of a policy that are kept. A policy that fills facts into texts may ask something else of every
/// repository.
const MAX_BASELINES: usize = 1000;

/// A policy, and the commit where a lock pins one.
type Key = (PolicySource, Option<String>);

/// The policies that were opened so far.
#[derive(Debug, Default)]
pub(super) struct Policies(Mutex<HashMap<Key, Arc<OpenPolicy>>>);

/// A policy that is in use.
#[derive(Debug)]
pub(super) struct OpenPolicy {
    pub(super) policy: Policy,
    pub(super) revision: Option<String>,
    /// What findings weigh: by the policy, and before it by the question.
    pub(super) weights: BTreeMap<String, Weight>,
    pub(super) asked: AskedFacts,
    /// Of its files and of the weights.
    pub(super) digest: String,
    resolved: Mutex<BTreeMap<Facts, Arc<Resolved>>>,
}

/// What a policy asks of a group of repositories.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) baseline: Arc<Baseline>,
    pub(super) digest: String,
    pub(super) clashes: Vec<Finding>,
}

impl Policies {
    /// The policy of this name. Whoever asks second waits for the first, so that nothing is fetched twice.
    pub(super) fn open(
        &self,
        key: Key,
        question: &Question,
        note: impl FnOnce(String),
    ) -> Result<Arc<OpenPolicy>, Error> {
        let mut opened = locked(&self.0);
        if let Some(known) = opened.get(&key) {
            return Ok(Arc::clone(known));
        }
        let policy = Arc::new(OpenPolicy::new(&key, question, note)?);
        opened.insert(key, Arc::clone(&policy));
        Ok(policy)
    }
}

impl OpenPolicy {
    fn new((source, pinned): &Key, question: &Question, note: impl FnOnce(String)) -> Result<Self, Error> {
        let opened = source.open(pinned.as_deref(), &question.access)?;
        if let Some(text) = opened.note {
            note(text);
        }
        let (policy, mut findings) = policy::load(&opened.files);
        if let Some(policy) = &policy {
            findings.extend(check::unknown_weights(policy));
        }
        match policy {
            Some(policy) if !findings.iter().any(|finding| finding.severity == Severity::Block) => {
                let mut weights = policy.checks.clone();
                weights.extend(question.weights.clone());
                let asked = policy.asked_facts();
                let digest = digest(&opened.files, &weights);
                let revision = opened.revision;
                Ok(Self { policy, revision, weights, asked, digest, resolved: Mutex::default() })
            }
            _ => Err(Error::Policy { name: source.display(), findings }),
        }
    }

    /// What the policy asks of a repository with these facts.
    pub(super) fn resolve(&self, facts: &Facts, today: Day) -> Arc<Resolved> {
        let asked = self.asked.of(facts);
        if let Some(known) = locked(&self.resolved).get(&asked) {
            return Arc::clone(known);
        }
        let (baseline, clashes) = self.policy.resolve(facts, today);
        let fresh = Arc::new(Resolved { digest: baseline.digest(), baseline: Arc::new(baseline), clashes });
        let mut resolved = locked(&self.resolved);
        if resolved.len() >= MAX_BASELINES {
            resolved.clear();
        }
        resolved.insert(asked, Arc::clone(&fresh));
        fresh
    }
}

/// A digest of everything that decides what a policy asks for and how much findings weigh.
fn digest(files: &PolicyFiles, weights: &BTreeMap<String, Weight>) -> String {
    let files: Vec<(&str, &str)> =
        files.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    crate::project::digest(&json!([files, weights]).to_string())
}

/// What a lock guards. A thread that died while it held the lock left whole values behind: they are only ever added.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
