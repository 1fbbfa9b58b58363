//! A project: one folder with agent settings, as far as policy looks at it, and what stands around it.
//!
//! A repository holds one project for each `.claude` folder, and [`Surroundings`] that they share. Reading goes
//! through a function that the caller gives, so that a work tree, a bare repository and a test are the same to
//! everything above.

mod content;
mod found;
mod lock;
mod role;
mod sensitive;
mod surroundings;

pub use content::{Content, MAX_BYTES, Refusal};
pub use found::Found;
pub use lock::{Lock, LockFault, Owned, OwnedWhat, Pin, digest, short};
pub use role::Role;
pub use surroundings::Surroundings;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::finding::{FileName, Place};
use crate::json::{Document, Pointer};
use crate::path::RepoPath;
use crate::policy::Baseline;
use crate::rule::{List, Rule};
use crate::settings::{McpFile, Problem, Scope, Settings, merge};
use crate::text::{Source, Span};

/// The shared settings, from the folder of the project.
pub const SETTINGS: &str = ".claude/settings.json";
/// The personal settings.
pub const LOCAL: &str = ".claude/settings.local.json";
/// The MCP servers.
pub const MCP: &str = ".mcp.json";
/// The lock.
pub const LOCK: &str = ".claude/bylaws.lock";

/// A file of a project: where it is and what was found there.
#[derive(Debug, Clone)]
pub struct File {
    /// The path from the root of the repository.
    pub path: RepoPath,
    /// What was found.
    pub content: Content,
    name: Arc<FileName>,
    source: Option<Source>,
}

impl File {
    /// What was found at a path.
    pub fn new(path: RepoPath, content: Content) -> Self {
        let name = Arc::new(FileName::Repository(path.clone()));
        let source = content.text().map(Source::new);
        Self { path, content, name, source }
    }

    /// A range of the file, or the file as a whole where it has no text.
    pub fn place(&self, span: Span) -> Place {
        match &self.source {
            Some(source) => Place::new(Arc::clone(&self.name), source, span),
            None => Place::whole(Arc::clone(&self.name)),
        }
    }

    /// The text, empty where there is none.
    pub fn text(&self) -> &str {
        self.content.text().unwrap_or_default()
    }
}

/// A permission rule as it stands in a file, whether or not the client takes it.
#[derive(Debug, Clone)]
pub struct WrittenRule {
    /// The list that it stands in.
    pub list: List,
    /// The rule.
    pub rule: Rule,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Its place in the document.
    pub pointer: Pointer,
}

/// Settings of one scope.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    /// The file.
    pub file: File,
    /// What it says; a missing or refused file says nothing.
    pub settings: Settings,
    /// Its permission rules, parsed once for all checks.
    pub rules: Vec<WrittenRule>,
}

impl SettingsFile {
    fn new(file: File, scope: Scope) -> Self {
        let document = Document::parse(file.text());
        let settings = Settings::read(document, scope);
        let rules = List::ALL.into_iter().flat_map(|list| {
            settings.written_rules(list).map(move |entry| WrittenRule {
                list,
                rule: Rule::parse(entry.text),
                span: entry.span,
                pointer: entry.pointer,
            })
        });
        Self { rules: rules.collect(), settings, file }
    }

    /// The document.
    pub fn document(&self) -> &Document {
        self.settings.document()
    }

    /// The place of `pointer`, or of what would hold it.
    pub fn place(&self, pointer: &Pointer) -> Place {
        self.file.place(self.document().nearest(pointer))
    }
}

/// One folder with agent settings.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder, from the root of the repository.
    pub path: RepoPath,
    /// `.claude/settings.json`.
    pub shared: SettingsFile,
    /// `.claude/settings.local.json`.
    pub local: SettingsFile,
    /// `.mcp.json`.
    pub mcp_file: File,
    /// What `.mcp.json` says.
    pub mcp: McpFile,
    /// `.claude/bylaws.lock`.
    pub lock_file: File,
    /// What the lock says, none where there is none.
    pub lock: Option<Result<Lock, LockFault>>,
    texts: BTreeMap<String, File>,
}

impl Project {
    /// Reads the project in the folder `path`: its settings, its lock, and the files in which policy
    /// owns text. `read` gives the content of a file by its path from the root of the repository.
    pub fn read(path: &RepoPath, baseline: &Baseline, mut read: impl FnMut(&RepoPath) -> Content) -> Self {
        let mut file = |below: &str| {
            let path = path.join(below);
            let content = read(&path);
            File::new(path, content)
        };
        let shared = SettingsFile::new(file(SETTINGS), Scope::Project);
        let local = SettingsFile::new(file(LOCAL), Scope::Local);
        let mcp_file = file(MCP);
        let mcp = McpFile::read(Document::parse(mcp_file.text()));
        let lock_file = file(LOCK);
        let lock = match &lock_file.content {
            Content::Missing => None,
            Content::Text(text) => Some(Lock::read(&Document::parse(text.as_str()))),
            Content::Refused(refusal) => Some(Err(refusal.as_lock_fault())),
        };
        let mut texts = BTreeMap::new();
        let owned = lock.iter().flatten().flat_map(|lock| &lock.owned);
        let owned = owned.filter(|owned| owned.at.is_none()).map(|owned| owned.file.as_str());
        for name in baseline.texts.iter().map(|demand| demand.what.path.as_str()).chain(owned) {
            // A lock is a file of the project: a path in it may be anything.
            if let Ok(below) = RepoPath::new(name) {
                texts.entry(name.to_owned()).or_insert_with(|| file(below.as_str()));
            }
        }
        Self { path: path.clone(), shared, local, mcp_file, mcp, lock_file, lock, texts }
    }

    /// A file in which policy owns text, by its path from the folder of the project.
    pub fn text_file(&self, name: &str) -> Option<&File> {
        self.texts.get(name)
    }

    /// The lock, where it could be read.
    pub fn readable_lock(&self) -> Option<&Lock> {
        self.lock.as_ref().and_then(|lock| lock.as_ref().ok())
    }

    /// The shared and the personal settings.
    pub fn settings_files(&self) -> [&SettingsFile; 2] {
        [&self.shared, &self.local]
    }

    /// The shared settings with the personal ones over them, as far as the client takes them.
    pub fn merged_settings(&self) -> Value {
        merge(&self.settings_files().map(|file| &file.settings)).value
    }

    /// What the client would not take or not act on, by file.
    pub fn problems(&self) -> [(&File, &[Problem]); 3] {
        [
            (&self.shared.file, self.shared.settings.problems()),
            (&self.local.file, self.local.settings.problems()),
            (&self.mcp_file, self.mcp.problems()),
        ]
    }

    /// All files that were read.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let fixed = [&self.shared.file, &self.local.file, &self.mcp_file, &self.lock_file];
        fixed.into_iter().chain(self.texts.values())
    }
}
