//! Repositories in memory, as a forge keeps them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Path to mode and text.
pub(super) type Files = BTreeMap<String, (u32, String)>;

#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) tree: String,
    pub(super) message: String,
    pub(super) parents: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) branch: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) state: &'static str,
    pub(super) is_draft: bool,
    pub(super) is_foreign: bool,
    pub(super) checks: Option<&'static str>,
    pub(super) labels: Vec<String>,
    pub(super) reviewers: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Repository {
    pub(super) topics: Vec<String>,
    pub(super) properties: Vec<(String, Value)>,
    pub(super) is_archived: bool,
    pub(super) branches: BTreeMap<String, String>,
    pub(super) commits: BTreeMap<String, Commit>,
    pub(super) trees: BTreeMap<String, Files>,
    pub(super) pulls: Vec<Pull>,
    /// Files that GraphQL shows otherwise than they are stored.
    pub(super) recoded: Vec<String>,
    /// How many requests were ever opened.
    pub(super) opened: usize,
}

impl Repository {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let mut repository = Self::default();
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (0o100_644, (*text).to_owned())));
        repository.commit("main", files.collect(), "Start");
        repository
    }

    /// A commit on a branch that somebody made by hand.
    pub(super) fn commit(&mut self, branch: &str, files: Files, message: &str) -> String {
        let tree = self.keep_tree(files);
        let parents = self.branches.get(branch).cloned().into_iter().collect();
        let commit = self.keep_commit(Commit { tree, message: message.into(), parents });
        self.branches.insert(branch.into(), commit.clone());
        commit
    }

    pub(super) fn files(&self, branch: &str) -> Files {
        let commit = self.branches.get(branch).map(|commit| &self.commits[commit]);
        commit.map(|commit| self.trees[&commit.tree].clone()).unwrap_or_default()
    }

    /// Merges the open request, as a person would.
    pub(super) fn merge(&mut self) {
        let pull = self.pulls.iter_mut().rfind(|pull| pull.state == "OPEN").unwrap();
        pull.state = "MERGED";
        let commit = self.branches[&pull.branch].clone();
        self.branches.insert("main".into(), commit);
    }

    pub(super) fn keep_tree(&mut self, files: Files) -> String {
        let id = digest(&format!("{files:?}"));
        self.trees.insert(id.clone(), files);
        id
    }

    pub(super) fn keep_commit(&mut self, commit: Commit) -> String {
        let id = digest(&format!("{commit:?}"));
        self.commits.insert(id.clone(), commit);
        id
    }
}

pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// The repositories by name.
pub(super) type State = Arc<Mutex<BTreeMap<String, Arc<Repository>>>>;
