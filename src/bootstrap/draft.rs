//! The files of a repository as they will be, and what is changed about them.

use crate::block;
use crate::check::Plan;
use crate::path::RepoPath;
use crate::policy::{Facts, FileMode};
use crate::project::Content;
use crate::repository::Held;

/// A plan that grows, over the files that it does not touch.
pub(super) struct Draft<'a> {
    plan: &'a mut Plan,
    held: &'a Held,
    name: Option<&'a str>,
    read: &'a dyn Fn(&RepoPath) -> Content,
    notes: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        plan: &'a mut Plan,
        held: &'a Held,
        name: Option<&'a str>,
        read: &'a dyn Fn(&RepoPath) -> Content,
    ) -> Self {
        Self { plan, held, name, read, notes: Vec::new() }
    }

    /// The policy as the lock names it.
    pub(super) fn policy(&self) -> &'a str {
        &self.held.pin.source
    }

    /// What the user should know.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(super) fn into_notes(self) -> Vec<String> {
        self.notes
    }

    /// Says where the policy asks for facts that nobody gave yet.
    pub(super) fn warn_of_unlisted(&mut self) {
        let policy = self.held.policy();
        let Some(name) = self.name.filter(|_| policy.asked_facts().need_repository()) else { return };
        let listed = &policy.repositories;
        if !listed.is_empty() && listed.iter().all(|repository| repository.name != name) {
            self.note(format!(
                "`{name}` is not in the inventory of the policy: layers that ask for its facts do not hold here"
            ));
        }
    }

    /// The files that the plan writes.
    pub(super) fn written(&self) -> Vec<RepoPath> {
        let written = self.plan.changes.iter().filter(|change| change.after.is_some());
        written.map(|change| change.path.clone()).collect()
    }

    /// What will stand at a path.
    pub(super) fn content(&self, path: &str) -> Content {
        let path = RepoPath::root().join(path);
        match self.plan.change(&path) {
            Some(change) => change.after.clone().map_or(Content::Missing, Content::Text),
            None => (self.read)(&path),
        }
    }

    /// Makes a file where there is none. Otherwise the text that is there and stays; none for what is
    /// no text, after saying so.
    pub(super) fn create(&mut self, path: &str, text: impl FnOnce(&Self) -> String) -> Option<String> {
        match self.content(path) {
            Content::Missing => {
                let text = text(self);
                self.plan.put(RepoPath::root().join(path), None, text);
                None
            }
            Content::Text(text) => Some(text),
            Content::Refused(refusal) => {
                self.note(format!("`{path}` is left alone: {refusal}"));
                None
            }
        }
    }

    /// Adds lines at the end of a file, which is made where there is none.
    pub(super) fn append(&mut self, path: &str, lines: &[String]) {
        let texts = &self.held.baseline.texts;
        if texts.iter().any(|text| text.what.path == path && text.what.mode == FileMode::Whole) {
            let lines = lines.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ");
            self.note(format!("policy owns all of `{path}`: have it put there {lines}"));
            return;
        }
        let text = match self.content(path) {
            Content::Missing => String::new(),
            Content::Text(text) => text,
            Content::Refused(refusal) => {
                self.note(format!("`{path}` is left alone: {refusal}"));
                return;
            }
        };
        let at = RepoPath::root().join(path);
        let before = (self.read)(&at).text().map(str::to_owned);
        let after = lines.iter().fold(text, |text, line| block::with_line(&text, line));
        self.plan.put(at, before, after);
    }

    /// The template of this name, that of the policy before that of the program, with its holes filled:
    /// the facts of the repository, `version` of the program, and `policy` as it stands between double
    /// quotes in JSON and YAML.
    pub(super) fn template(&self, name: &str, built_in: &str) -> String {
        let policy = self.held.policy();
        let text = policy.templates.get(name).map_or(built_in, String::as_str);
        let mut facts = self.name.map(|name| policy.facts_of(name)).unwrap_or_else(Facts::none);
        facts.set("version", [env!("CARGO_PKG_VERSION")]);
        let quoted = serde_json::Value::from(self.policy()).to_string();
        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        facts.set("policy", inside);
        policy.fill(text, &facts)
    }
}
