//! Repositories in memory, as a forge keeps them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Path to mode and text.
pub(crate) type Files = BTreeMap<String, (u32, String)>;

#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) tree: String,
    pub(crate) message: String,
    pub(crate) parents: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    pub(crate) branch: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) state: &'static str,
    pub(crate) is_draft: bool,
    pub(crate) is_foreign: bool,
    pub(crate) checks: Option<&'static str>,
    pub(crate) labels: Vec<String>,
    pub(crate) reviewers: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Repository {
    pub(crate) topics: Vec<String>,
    pub(crate) properties: Vec<(String, Value)>,
    pub(crate) is_archived: bool,
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) commits: BTreeMap<String, Commit>,
    pub(crate) trees: BTreeMap<String, Files>,
    pub(crate) pulls: Vec<Pull>,
    /// Files that GraphQL shows otherwise than they are stored.
    pub(crate) recoded: Vec<String>,
    /// How many requests were ever opened.
    pub(crate) opened: usize,
}

impl Repository {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let mut repository = Self::default();
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (0o100_644, (*text).to_owned())));
        repository.commit("main", files.collect(), "Start");
        repository
    }

    /// A commit on a branch that somebody made by hand.
    pub(crate) fn commit(&mut self, branch: &str, files: Files, message: &str) -> String {
        let tree = self.keep_tree(files);
        let parents = self.branches.get(branch).cloned().into_iter().collect();
        let commit = self.keep_commit(Commit { tree, message: message.into(), parents });
        self.branches.insert(branch.into(), commit.clone());
        commit
    }

    pub(crate) fn files(&self, branch: &str) -> Files {
        let commit = self.branches.get(branch).map(|commit| &self.commits[commit]);
        commit.map(|commit| self.trees[&commit.tree].clone()).unwrap_or_default()
    }

    /// Merges the open request, as a person would.
    pub(crate) fn merge(&mut self) {
        let pull = self.pulls.iter_mut().rfind(|pull| pull.state == "OPEN").unwrap();
        pull.state = "MERGED";
        let commit = self.branches[&pull.branch].clone();
        self.branches.insert("main".into(), commit);
    }

    pub(crate) fn keep_tree(&mut self, files: Files) -> String {
        let id = digest(&format!("{files:?}"));
        self.trees.insert(id.clone(), files);
        id
    }

    pub(crate) fn keep_commit(&mut self, commit: Commit) -> String {
        let id = digest(&format!("{commit:?}"));
        self.commits.insert(id.clone(), commit);
        id
    }
}

pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// The repositories by name.
pub(crate) type State = Arc<Mutex<BTreeMap<String, Arc<Repository>>>>;
