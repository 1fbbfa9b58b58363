//! Agent settings in one state, to be compared with another: a settings file, a project, a commit, or what a
//! policy asks for.
//!
//! INVARIANT: what is there and cannot be read is an error, never an empty file.
//!
//! Left out: settings of this machine. Whatever state is read, nothing but its own files counts.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use crate::access::{Loaded, Setup};
use crate::files;
use crate::finding::{FileName, Finding, Origin, Place, Severity};
use crate::git::{self, Commit, Repository};
use crate::json::{Document, Pointer};
use crate::path::RepoPath;
use crate::policy::{self, Baseline, Day, Facts, MANIFEST, PolicyFiles};
use crate::project::{Content, File, LOCAL, MCP, Project, Refusal, SETTINGS};
use crate::proof::{Home, Written};
use crate::settings::{Acceptance, McpFile, Problem, Scope, Settings};
use crate::source::{self, PolicySource};
use crate::text::Span;

/// How states are read.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The folder that names are meant from.
    pub base: &'a Path,
    /// The scope of a file that is named itself; otherwise its name says.
    pub scope: Option<Scope>,
    /// What is known of the repository that a policy is asked about.
    pub facts: &'a Facts,
    /// The day.
    pub day: Day,
    /// How policies are brought here.
    pub access: &'a source::Access,
}

/// What keeps a state from being read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk.
    #[error(transparent)]
    Files(#[from] files::Error),
    /// Git.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// The policy cannot be brought here.
    #[error("cannot open the policy: {0}")]
    Source(#[from] source::Error),
    /// The policy has errors.
    #[error("the policy `{name}` has errors")]
    Policy {
        /// The policy.
        name: String,
        /// The errors.
        findings: Vec<Finding>,
    },
    /// Nothing has this name.
    #[error("`{0}` is neither a file or folder nor a revision of the repository here")]
    Nothing(String),
    /// There is no such file or folder in the commit.
    #[error("there is no `{path}` in `{revision}`")]
    NotInCommit {
        /// The path.
        path: String,
        /// The commit, as it was named.
        revision: String,
    },
    /// Something is there that is not read.
    #[error("`{file}` is not read: {refusal}")]
    Refused {
        /// The file.
        file: String,
        /// Why.
        refusal: Refusal,
    },
}

/// The settings of a state.
#[derive(Debug)]
pub struct State {
    /// How people named it.
    pub name: String,
    /// What the user should know about how it was read.
    pub notes: Vec<String>,
    files: Vec<(Arc<FileName>, Settings)>,
    servers: Option<(Arc<FileName>, McpFile)>,
    /// The policy's demands, where its settings stand in no file.
    baseline: Option<Box<Baseline>>,
    /// The repositories that the policy lists.
    listed: Vec<String>,
}

impl State {
    /// Reads the state of this name: a built-in policy or a URL, what is there as a file or folder, or a revision
    /// of the repository that holds the base, with or without a path behind a `:`.
    pub fn read(name: &str, reading: &Reading<'_>) -> Result<Self, Error> {
        let source = PolicySource::parse(name, reading.base);
        if !matches!(source, PolicySource::Folder { .. }) {
            return Self::of_policy(name, &source.open(None, reading.access)?, reading);
        }
        let path = reading.base.join(name);
        if path.is_dir() {
            return Self::of_folder(name, &path, reading);
        }
        if path.exists() {
            return Ok(Self::of_file(name, files::read_text(&path)?, name, reading));
        }
        Self::of_revision(name, reading)
    }

    /// The state of the repository that holds the base at the commit in which two revisions parted.
    pub fn read_parting(names: (&str, &str), reading: &Reading<'_>) -> Result<Self, Error> {
        let located = files::locate(reading.base)?;
        let repository = Repository::open(&located.root)?;
        let parted = repository.parting(repository.find(Some(names.0))?, repository.find(Some(names.1))?)?;
        Self::of_revision(&parted.to_string(), reading)
    }

    /// The state of a project that was read.
    pub fn of_read(name: &str, project: &Project) -> Result<Self, Error> {
        let files: [&File; 3] = [&project.shared.file, &project.local.file, &project.mcp_file];
        Self::of_project(name, &project.path, RepoPath::to_string, |path| {
            let file = files.into_iter().find(|file| file.path == *path);
            file.map_or(Content::Missing, |file| file.content.clone())
        })
    }

    fn of_folder(name: &str, path: &Path, reading: &Reading<'_>) -> Result<Self, Error> {
        if path.join(MANIFEST).exists() {
            let opened = PolicySource::parse(name, reading.base).open(None, reading.access)?;
            return Self::of_policy(name, &opened, reading);
        }
        let bare = Repository::open(path).ok().filter(Repository::is_bare);
        if let Some(repository) = bare {
            let commit = repository.find(None)?;
            return Self::of_tree(name, &repository, commit, &RepoPath::root(), reading);
        }
        let root =
            path.canonicalize().map_err(|source| files::Error::Read { path: path.to_owned(), source })?;
        let shown = |path: &RepoPath| match name.trim_end_matches('/') {
            "." => path.to_string(),
            folder => format!("{folder}/{path}"),
        };
        Self::of_project(name, &RepoPath::root(), shown, |path| files::read(&root, path))
    }

    fn of_revision(name: &str, reading: &Reading<'_>) -> Result<Self, Error> {
        let found = Revision::find(name, reading.base)?;
        let Revision { repository, commit, place, .. } = &found;
        match repository.read(*commit, place) {
            Content::Text(text) => Ok(Self::of_file(name, text, place.as_str(), reading)),
            Content::Refused(Refusal::Folder) => Self::of_tree(name, repository, *commit, place, reading),
            Content::Refused(refusal) => Err(Error::Refused { file: name.to_owned(), refusal }),
            // A project that was not there yet has no settings.
            Content::Missing if !found.has_path => Self::of_tree(name, repository, *commit, place, reading),
            Content::Missing => Err(found.missing(place)),
        }
    }

    fn of_tree(
        name: &str,
        repository: &Repository,
        commit: Commit,
        folder: &RepoPath,
        reading: &Reading<'_>,
    ) -> Result<Self, Error> {
        if repository.read(commit, &folder.join(MANIFEST)) != Content::Missing {
            let files =
                PolicyFiles { source: name.to_owned(), files: repository.policy_files(commit, folder)? };
            let opened = source::Opened { files, revision: Some(commit.to_string()), note: None };
            return Self::of_policy(name, &opened, reading);
        }
        Self::of_project(name, folder, RepoPath::to_string, |path| repository.read(commit, path))
    }

    /// The settings of the project in `folder` and its servers.
    fn of_project(
        name: &str,
        folder: &RepoPath,
        shown: impl Fn(&RepoPath) -> String,
        read: impl Fn(&RepoPath) -> Content,
    ) -> Result<Self, Error> {
        let text = |below: &str| {
            let path = folder.join(below);
            let file = shown(&path);
            match read(&path) {
                Content::Text(text) => Ok(Some((file_name(&file), Document::parse(text)))),
                Content::Missing => Ok(None),
                Content::Refused(refusal) => Err(Error::Refused { file, refusal }),
            }
        };
        let mut files = Vec::new();
        for (below, scope) in [(SETTINGS, Scope::Project), (LOCAL, Scope::Local)] {
            files.extend(text(below)?.map(|(file, document)| (file, Settings::read(document, scope))));
        }
        let servers = text(MCP)?.map(|(file, document)| (file, McpFile::read(document)));
        let (notes, listed) = (Vec::new(), Vec::new());
        let mut state = Self { name: name.to_owned(), notes, files, servers, baseline: None, listed };
        if state.files.is_empty() && state.servers.is_none() {
            state
                .notes
                .push(format!("`{name}` has no settings: it is taken for a project that says nothing"));
        }
        state.note_losses();
        Ok(state)
    }

    /// A file that was named itself.
    fn of_file(name: &str, text: String, path: &str, reading: &Reading<'_>) -> Self {
        let mut state = Self {
            name: name.to_owned(),
            notes: Vec::new(),
            files: Vec::new(),
            servers: None,
            baseline: None,
            listed: Vec::new(),
        };
        let (file, document) = (file_name(path), Document::parse(text));
        let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
        if last == MCP && reading.scope.is_none() {
            state.servers = Some((file, McpFile::read(document)));
        } else {
            let scope = reading.scope.unwrap_or(match last {
                "managed-settings.json" => Scope::Managed,
                "settings.local.json" => Scope::Local,
                _ => Scope::Project,
            });
            state.files.push((file, Settings::read(document, scope)));
        }
        state.note_losses();
        state
    }

    /// What the policy asks of the repository that the facts speak of, as if its project had nothing of its own.
    fn of_policy(name: &str, opened: &source::Opened, reading: &Reading<'_>) -> Result<Self, Error> {
        let failed = |findings| Error::Policy { name: name.to_owned(), findings };
        let (policy, findings) = policy::load(&opened.files);
        let policy = policy.ok_or_else(|| failed(findings))?;
        let (baseline, findings) = policy.resolve(&policy.known_facts(reading.facts), reading.day);
        if findings.iter().any(|finding| finding.severity == Severity::Block) {
            return Err(failed(findings));
        }
        let mut state = Self::of_baseline(name, baseline, opened.note.iter().cloned().collect());
        state.listed = policy.repositories.iter().map(|repository| repository.name.clone()).collect();
        Ok(state)
    }

    /// What a policy asks of a project, as if that had nothing of its own.
    pub fn of_baseline(name: &str, baseline: Baseline, notes: Vec<String>) -> Self {
        let read = |value: Value| Document::parse(value.to_string());
        let mut state = Self {
            name: name.to_owned(),
            notes,
            files: vec![(file_name(SETTINGS), Settings::read(read(baseline.settings()), Scope::Project))],
            servers: Some((file_name(MCP), McpFile::read(read(baseline.servers())))),
            baseline: Some(Box::new(baseline)),
            listed: Vec::new(),
        };
        state.note_losses();
        state
    }

    /// Says which files the client does not take as they stand.
    fn note_losses(&mut self) {
        let mut losses = Vec::new();
        for (file, settings) in &self.files {
            let tell = |problem: &Problem| {
                format!("{}: {problem}", place_in(file, settings.document(), problem.span))
            };
            match settings.acceptance() {
                Acceptance::Nothing { because } | Acceptance::Halt { because } => {
                    losses.extend(because.first().map(|problem| tell(problem)));
                }
                Acceptance::Whole | Acceptance::Partly => {}
            }
        }
        if let Some((file, servers)) = self.servers.as_ref().filter(|(_, servers)| !servers.is_read()) {
            losses.extend(
                servers.problems().first().map(|problem| {
                    format!("{}: {problem}", place_in(file, servers.document(), problem.span))
                }),
            );
        }
        self.notes.append(&mut losses);
    }

    /// The settings files.
    pub fn settings(&self) -> Vec<&Settings> {
        self.files.iter().map(|(_, settings)| settings).collect()
    }

    /// Whether there are settings that are not shared.
    pub fn has_personal_settings(&self) -> bool {
        self.files.iter().any(|(_, settings)| settings.scope() == Scope::Local)
    }

    /// The repositories that the policy lists, where this is what a policy asks for.
    pub fn listed(&self) -> &[String] {
        &self.listed
    }

    /// The servers.
    pub fn servers(&self) -> Option<&McpFile> {
        self.servers.as_ref().map(|(_, servers)| servers)
    }

    /// The files in the place that all states are set in.
    pub fn setup(&self) -> Setup {
        Setup::made_up(self.files.iter().map(|(_, settings)| settings.clone()))
    }

    /// The file that stands for all of them: that of the settings, where there is one.
    pub fn main_file(&self) -> Place {
        let settings = self.files.first().map(|(file, _)| file);
        let file = settings.or(self.servers.as_ref().map(|(file, _)| file));
        Place::whole(file.map_or_else(|| file_name(SETTINGS), Arc::clone))
    }

    /// Where a rule of [`State::setup`] stands; of a policy, the line that asks for it.
    pub fn place_of_rule(&self, rule: &Loaded) -> Option<Place> {
        if let Some(baseline) = &self.baseline {
            return baseline.rule_origins(rule.list, rule.rule.text()).and_then(place_of);
        }
        let (file, settings) = self.files.get(rule.file)?;
        Some(place_in(file, settings.document(), rule.span))
    }

    /// Where the value of a key stands; of a policy, the line that asks for it.
    pub fn place_of_key(&self, at: &Pointer, written: &Written) -> Option<Place> {
        if let Some(baseline) = &self.baseline {
            let origins = baseline
                .values
                .iter()
                .find(|demand| demand.what.at == *at)
                .map(|demand| &demand.origins)
                .or_else(|| entry_origins(baseline, at, &written.value))
                .or_else(|| server_origins(baseline, at));
            return origins.and_then(|origins| place_of(origins));
        }
        match written.place? {
            (Home::Settings(number), span) => {
                let (file, settings) = self.files.get(number)?;
                Some(place_in(file, settings.document(), span))
            }
            (Home::Servers, span) => {
                let (file, servers) = self.servers.as_ref()?;
                Some(place_in(file, servers.document(), span))
            }
        }
    }
}

/// The policy of this name: a built-in one or a URL, a folder, or a revision of the repository that holds `base`,
/// with or without a folder behind a `:`.
pub fn open_policy(name: &str, base: &Path, access: &source::Access) -> Result<source::Opened, Error> {
    let source = PolicySource::parse(name, base);
    if !matches!(source, PolicySource::Folder { .. }) || base.join(name).is_dir() {
        return Ok(source.open(None, access)?);
    }
    let found = Revision::find(name, base)?;
    let manifest = found.place.join(MANIFEST);
    if found.repository.read(found.commit, &manifest) == Content::Missing {
        return Err(found.missing(&manifest));
    }
    let files = found.repository.policy_files(found.commit, &found.place)?;
    let files = PolicyFiles { source: name.to_owned(), files };
    Ok(source::Opened { files, revision: Some(found.commit.to_string()), note: None })
}

/// A commit of the repository that holds a folder, and a place in it.
struct Revision {
    repository: Repository,
    commit: Commit,
    place: RepoPath,
    /// How the commit was named.
    name: String,
    /// Whether the place was named.
    has_path: bool,
}

impl Revision {
    fn find(name: &str, base: &Path) -> Result<Self, Error> {
        let nothing = || Error::Nothing(name.to_owned());
        let located = files::locate(base)?;
        let repository = Repository::open(&located.root).map_err(|_| nothing())?;
        let (revision, path) = match name.split_once(':') {
            Some((revision, path)) => (revision, Some(path)),
            None => (name, None),
        };
        let commit = match repository.find(Some(revision)) {
            Err(git::Error::NoRevision { .. }) => return Err(nothing()),
            found => found?,
        };
        let here =
            RepoPath::new(&located.below.to_string_lossy().replace('\\', "/")).map_err(|_| nothing())?;
        let place = match path {
            None => here,
            Some(path) => {
                let below = RepoPath::new(path).map_err(|_| Error::NotInCommit {
                    path: path.to_owned(),
                    revision: revision.to_owned(),
                })?;
                // As git has it: `./` begins in the folder, everything else at the root.
                if path == "." || path.starts_with("./") { here.join(below.as_str()) } else { below }
            }
        };
        Ok(Self { repository, commit, place, name: revision.to_owned(), has_path: path.is_some() })
    }

    fn missing(&self, path: &RepoPath) -> Error {
        Error::NotInCommit { path: path.to_string(), revision: self.name.clone() }
    }
}

fn place_in(file: &Arc<FileName>, document: &Document, span: Span) -> Place {
    Place::new(Arc::clone(file), document.source(), span)
}

fn place_of(origins: &[Origin]) -> Option<Place> {
    Some(origins.first()?.place.clone())
}

/// A file as it is named from the folder of the program: in a repository that stands there, the path in it.
fn file_name(name: &str) -> Arc<FileName> {
    let within = RepoPath::new(name).map(FileName::Repository);
    Arc::new(within.unwrap_or_else(|_| FileName::Elsewhere(name.to_owned())))
}

/// Who asks for an entry of a list, or recommends it or the key.
fn entry_origins<'a>(baseline: &'a Baseline, at: &Pointer, entry: &Value) -> Option<&'a Vec<Origin>> {
    let asked = baseline.entries.iter().find(|demand| demand.what.at == *at && demand.what.entry == *entry);
    asked.map(|demand| &demand.origins).or_else(|| {
        let recommended = baseline.recommendations.iter();
        recommended
            .filter(|demand| demand.what.at() == at)
            .min_by_key(|demand| demand.what.value() != entry)
            .map(|demand| &demand.origins)
    })
}

fn server_origins<'a>(baseline: &'a Baseline, at: &Pointer) -> Option<&'a Vec<Origin>> {
    let [_, name] = at.tokens() else { return None };
    baseline.provided.iter().find(|demand| demand.what.name == *name).map(|demand| &demand.origins)
}
