//! What one machine has: servers, plugins, marketplaces, hooks, helpers, rules, trust, records of sessions and
//! telemetry, from every scope, with where each comes from, whether it is in force, and what policy says of it.
//!
//! Nothing that is found is run, and nothing is written. Reading is bounded; what cannot be read is a row of its own.
//!
//! INVARIANT: what was not read never counts as fine.
//!
//! Left out: what a client is given on its command line, settings that it fetched from a server but for the fact that
//! there are some, and the preferences of macOS and the registry of Windows, which is told.

mod context;
mod definitions;
mod item;
mod judge;
mod keys;
mod plugins;
mod read;
mod records;
mod servers;
mod state;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use context::{Context, Machine};
use definitions::Folder;
pub use item::{Audit, Client, Force, InForce, Item, Kind, Looked, Says, Scope, Taken, Transcripts, Verdict};
pub use judge::Judges;
use read::{At, Held, Reader, ServerFile};
use servers::Decided;
use state::{Known, State};

use crate::files;
use crate::finding::Place;
use crate::path::RepoPath;
use crate::policy::Day;
use crate::project::{LOCAL, MCP, SETTINGS};
use crate::scopes::{self, Personal};
use crate::text::Span;

/// Most projects that are looked at.
const MAX_PROJECTS: usize = 5_000;

/// Where to look, and when.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The home folder.
    pub home: PathBuf,
    /// The folder of the client's own files.
    pub config: PathBuf,
    /// The state of the client.
    pub state: PathBuf,
    /// The folder of managed settings.
    pub managed: PathBuf,
    /// Folders of projects beside those that the client knows.
    pub projects: Vec<PathBuf>,
    /// Variables of the environment; empty where those of another machine or user count.
    pub variables: BTreeMap<String, String>,
    /// The day.
    pub day: Day,
}

/// Looks at a machine.
pub fn audit(asked: &Asked, judges: &Judges<'_>) -> Audit {
    let mut look = Look {
        asked,
        judges,
        reader: Reader::new(&asked.home),
        items: Vec::new(),
        notes: Vec::new(),
        managed: Vec::new(),
        user: None,
        machine: Machine::default(),
        missing: 0,
    };
    look.run()
}

struct Look<'a> {
    asked: &'a Asked,
    judges: &'a Judges<'a>,
    reader: Reader,
    items: Vec<Item>,
    notes: Vec<String>,
    managed: Vec<Held>,
    user: Option<Held>,
    machine: Machine,
    /// How many folders that the client knows are not there.
    missing: usize,
}

/// One project and what the client knows of it.
struct Project {
    /// The folder, links resolved.
    folder: PathBuf,
    /// The root of its repository, or the folder itself.
    root: PathBuf,
}

impl Look<'_> {
    fn run(&mut self) -> Audit {
        self.read_managed();
        let managed_servers = self
            .reader
            .servers(At::Own(&self.asked.managed.join("managed-mcp.json")), (Scope::Managed, None));
        self.machine.has_managed_servers = managed_servers.is_some();
        let is_there = std::fs::symlink_metadata(self.asked.managed.join("managed-mcp.json")).is_ok();
        self.machine.has_unread_servers = is_there && managed_servers.is_none();
        self.user =
            self.reader.settings(At::Own(&self.asked.config.join("settings.json")), (Scope::User, None));
        let server = self.server_settings();
        let state = self.state();
        let held = self.managed.iter().chain(&self.user).cloned().collect();
        let mut contexts = vec![self.context(held, None, true, None)];
        if let Some(context) = contexts.first() {
            for held in context.held().iter().chain(&server) {
                keys::add(held, context, &mut self.items);
            }
            for file in managed_servers.iter().chain(&state.servers) {
                servers::add(file, Decided::default(), context, &mut self.items);
            }
            for held in &self.managed {
                if let Some(file) = managed_servers_of(held) {
                    servers::add(&file, Decided::default(), context, &mut self.items);
                }
            }
            for (path, scope) in [
                (self.asked.managed.join(".claude"), Scope::Managed),
                (self.asked.config.clone(), Scope::User),
            ] {
                let folder = Folder { path: &path, root: None, scope, bringer: None };
                definitions::add(folder, context, &mut self.reader, &mut self.items);
            }
            self.trusts(&state, context);
        }
        for project in self.projects(&state) {
            let context = self.project(&project, &state);
            contexts.push(context);
        }
        plugins::add(&self.asked.config.join("plugins"), &contexts, &mut self.reader, &mut self.items);
        let machine = contexts.remove(0);
        let environment = records::environment(&self.asked.variables);
        self.items.extend(environment);
        let (transcripts, newest) = records::transcripts(self.asked, (&machine, &contexts), &mut self.reader);
        self.notes.extend(records::kept_elsewhere(&machine, &contexts));
        self.note_unread_sources();
        self.audit(transcripts, records::client(newest.as_deref()))
    }

    fn audit(&mut self, transcripts: Transcripts, client: Client) -> Audit {
        let mut items = std::mem::take(&mut self.items);
        items.sort_by(|a, b| {
            let key = |item: &Item| {
                (
                    item.kind,
                    std::cmp::Reverse(item.weight()),
                    std::cmp::Reverse(item.verdict.says),
                    item.force.is,
                )
            };
            let rest =
                |item: &Item| (item.project.clone(), item.scope, item.name.clone(), item.place.to_string());
            key(a).cmp(&key(b)).then_with(|| rest(a).cmp(&rest(b)))
        });
        Audit {
            day: self.asked.day,
            home: read::slashes(&self.asked.home),
            config: self.reader.shown(&self.asked.config),
            looked: std::mem::take(&mut self.reader.looked),
            items,
            transcripts,
            client,
            notes: std::mem::take(&mut self.notes),
        }
    }

    fn read_managed(&mut self) {
        let about = (Scope::Managed, None);
        let file = self.asked.managed.join("managed-settings.json");
        self.managed.extend(self.reader.settings(At::Own(&file), about));
        let folder = self.asked.managed.join("managed-settings.d");
        match scopes::drop_ins(&folder) {
            Ok(paths) => {
                for path in paths {
                    self.managed.extend(self.reader.settings(At::Own(&path), about));
                }
            }
            Err(error) => self.reader.tell(&folder, about, Taken::Unread, Some(error.to_string())),
        }
    }

    /// The copy of settings that the client fetched from its server. Whether it still holds them is not known.
    fn server_settings(&mut self) -> Option<Held> {
        let path = self.asked.config.join("remote-settings.json");
        let held = self.reader.settings(At::Own(&path), (Scope::Server, None));
        if std::fs::symlink_metadata(&path).is_ok() {
            self.machine.has_server_settings = true;
            self.notes.push(format!(
                "{} holds settings of a server: they go before managed files, and whether they still hold is not known",
                self.reader.shown(&path)
            ));
        }
        held
    }

    fn state(&mut self) -> State {
        let read = self.reader.object(At::Own(&self.asked.state), (Scope::User, None));
        let is_there = std::fs::symlink_metadata(&self.asked.state).is_ok();
        match read {
            Some((text, document)) => State::read(text, &document),
            None => {
                // The client does not start with a state that it cannot read (observed, 2.1.330).
                let broken =
                    self.reader.looked.last_mut().filter(|last| is_there && last.taken == Taken::Nothing);
                if let Some(last) = broken {
                    last.taken = Taken::Halts;
                }
                State { is_unread: is_there, ..State::default() }
            }
        }
    }

    fn context(
        &self,
        held: Vec<Held>,
        project: Option<String>,
        trusted: bool,
        folder: Option<&Path>,
    ) -> Context {
        Context::new(held, project, trusted, self.judges.of(folder), self.machine)
    }

    /// The rows of what the state of the client says of folders and of the user.
    fn trusts(&mut self, state: &State, context: &Context) {
        let Some(text) = &state.text else { return };
        let row = |kind, name: String, what: &str, span: Span, project: Option<String>, force| Item {
            kind,
            name,
            what: what.to_owned(),
            scope: Scope::User,
            project,
            place: text.place(span),
            force,
            verdict: Verdict::not_spoken_of(),
        };
        if let Some(span) = state.bypass_accepted {
            let what = "the warning of the mode in which nothing is asked was answered";
            let name = "bypassPermissionsModeAccepted".to_owned();
            self.items.push(row(Kind::Approval, name, what, span, None, Force::yes()));
        }
        for known in &state.known {
            let folder = Path::new(&known.folder);
            let shown = self.reader.shown(folder);
            let project = Some(shown.clone());
            if let Some(span) = known.trusted {
                let what = if context::is_wide(folder, &self.asked.home) {
                    "trusted; hooks of every folder below run as well"
                } else if folder.is_dir() {
                    "trusted"
                } else {
                    "trusted, though it is not there: whoever makes it is trusted"
                };
                self.items.push(row(Kind::Trust, shown.clone(), what, span, None, Force::yes()));
            }
            for (name, span) in &known.approved {
                let what = "approves of this server of `.mcp.json`";
                self.items.push(row(
                    Kind::Approval,
                    words::plain(name),
                    what,
                    *span,
                    project.clone(),
                    Force::yes(),
                ));
            }
            for (name, span) in &known.refused {
                let what = "refuses this server of `.mcp.json`";
                self.items.push(row(
                    Kind::Approval,
                    words::plain(name),
                    what,
                    *span,
                    project.clone(),
                    Force::yes(),
                ));
            }
            if let Some(span) = known.imports {
                let what = "lets instructions be taken from outside of the folder";
                let name = "hasClaudeMdExternalIncludesApproved".to_owned();
                self.items.push(row(Kind::Approval, name, what, span, project.clone(), Force::yes()));
            }
            for (rule, span) in &known.old_rules {
                let force = Force::no("`allowedTools` of the state grants nothing (observed, 2.1.330)");
                let mut item = row(Kind::Rule, words::plain(rule), "allow", *span, project.clone(), force);
                let parsed = crate::rule::Rule::parse(rule);
                item.verdict = context.judge.rule(crate::rule::List::Allow, &parsed, &context.beside());
                self.items.push(item);
            }
        }
    }

    /// The projects that the client knows and those that were asked for; what is not there any more is left out.
    fn projects(&mut self, state: &State) -> Vec<Project> {
        let known = state.known.iter().map(|known| (PathBuf::from(&known.folder), false));
        let asked = self.asked.projects.iter().map(|folder| (folder.clone(), true));
        let mut found: BTreeMap<PathBuf, Project> = BTreeMap::new();
        for (folder, was_asked) in asked.chain(known) {
            let why = match files::locate(&folder) {
                Ok(located) => {
                    let folder = match located.below.as_os_str().is_empty() {
                        true => located.root.clone(),
                        false => located.root.join(&located.below),
                    };
                    if folder.to_str().is_some() {
                        found.insert(folder.clone(), Project { folder, root: located.root });
                        continue;
                    }
                    "its name is no text".to_owned()
                }
                Err(files::Error::Missing { .. }) if !was_asked => {
                    self.missing += 1;
                    continue;
                }
                // What is no folder any more is no project either.
                Err(_)
                    if !was_asked
                        && std::fs::symlink_metadata(&folder).is_ok_and(|found| found.is_file()) =>
                {
                    continue;
                }
                Err(error) => read::reason(&error),
            };
            self.reader.tell(&folder, (Scope::Project, None), Taken::Unread, Some(why));
        }
        if found.len() > MAX_PROJECTS {
            let why = format!("there are {} projects, and {MAX_PROJECTS} were looked at", found.len());
            self.reader.tell(&self.asked.state, (Scope::User, None), Taken::Unread, Some(why));
        }
        found.into_values().take(MAX_PROJECTS).collect()
    }

    /// Adds the rows of a project, and gives what holds there.
    fn project(&mut self, project: &Project, state: &State) -> Context {
        let Project { folder, root } = project;
        let shown = self.reader.shown(folder);
        let name = Some(shown.as_str());
        let mut known: Vec<&Known> = state.of(folder).collect();
        if folder != root {
            known.extend(state.of(root));
        }
        // Where nobody knows, what a folder grants is taken to be in force.
        let trusted = state.is_unread || known.iter().any(|known| known.trusted.is_some());
        let mut own = Vec::new();
        let settings = |reader: &mut Reader, folder: &Path, below: &str, scope| {
            let path = repo_path(root, &folder.join(below))?;
            reader.settings(At::Below(root, &path), (scope, name))
        };
        // In the home folder, the shared file of the project is the user's own.
        if !self.is_own(&folder.join(".claude")) {
            own.extend(settings(&mut self.reader, folder, SETTINGS, Scope::Project));
        }
        // The client reads the local file at the root of the repository, and below it that of the folder (its
        // documentation, 2.1.211).
        own.extend(settings(&mut self.reader, folder, LOCAL, Scope::Local));
        if folder != root {
            own.extend(settings(&mut self.reader, root, LOCAL, Scope::Local));
        }
        let held = self.managed.iter().chain(&self.user).chain(&own).cloned().collect();
        let mut context = self.context(held, Some(shown.clone()), trusted, Some(root));
        if !trusted && own.iter().any(|held| held.scope == Scope::Local) {
            context.local = local_of_untrusted(root, folder);
        }
        for held in &own {
            keys::add(held, &context, &mut self.items);
        }
        let decided = Decided { known: known.first().copied(), ..Decided::default() };
        if let Some(file) = repo_path(root, &folder.join(MCP))
            .and_then(|path| self.reader.servers(At::Below(root, &path), (Scope::Project, name)))
        {
            servers::add(&file, decided, &context, &mut self.items);
        }
        for known in &known {
            if let Some(file) = &known.servers {
                let decided = Decided { known: Some(known), ..Decided::default() };
                servers::add(file, decided, &context, &mut self.items);
            }
        }
        let path = folder.join(".claude");
        if !self.is_own(&path) {
            let folder = Folder { path: &path, root: Some(root), scope: Scope::Project, bringer: None };
            definitions::add(folder, &context, &mut self.reader, &mut self.items);
        }
        context
    }

    /// Whether a folder is the one of the client's own files: in the home folder, that of a project is.
    fn is_own(&self, folder: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        real(folder) == real(&self.asked.config)
    }

    /// Says which sources of managed settings are not read, where there may be some.
    fn note_unread_sources(&mut self) {
        if self.asked.variables.is_empty() {
            self.notes.push("variables of the environment were not looked at".to_owned());
        }
        match self.missing {
            0 => {}
            1 => self
                .notes
                .push("1 folder that the client knows is not there: what it holds is not known".to_owned()),
            count => self.notes.push(format!(
                "{count} folders that the client knows are not there: what they hold is not known"
            )),
        }
        if cfg!(windows) {
            self.notes.push(
                "the registry is not read: managed settings in HKLM and HKCU\\SOFTWARE\\Policies\\ClaudeCode are not known"
                    .to_owned(),
            );
        }
        if cfg!(target_os = "macos") {
            let user = self.asked.home.file_name().unwrap_or_default();
            let folder = Path::new("/Library/Managed Preferences");
            for path in [folder.to_owned(), folder.join(user)] {
                let path = path.join("com.anthropic.claudecode.plist");
                if std::fs::symlink_metadata(&path).is_ok() {
                    let why = "managed preferences go before managed files, and are not read here".to_owned();
                    self.reader.tell(&path, (Scope::Managed, None), Taken::Unread, Some(why));
                }
            }
        }
    }
}

/// Servers that managed settings bring themselves.
fn managed_servers_of(held: &Held) -> Option<ServerFile> {
    let node = held.settings.at(&crate::json::Pointer::of(["managedMcpServers"]))?;
    Some(read::servers_in(&held.text, node, Scope::Managed))
}

/// A path from the root of its repository.
fn repo_path(root: &Path, path: &Path) -> Option<RepoPath> {
    RepoPath::new(&read::slashes(path.strip_prefix(root).ok()?)).ok()
}

/// What holds of what a local file grants in a folder that is not trusted.
fn local_of_untrusted(root: &Path, folder: &Path) -> Force {
    match Personal::of(root, folder) {
        Personal::Untracked => Force::yes(),
        Personal::Tracked => Force::no("the folder is not trusted, and git tracks its local settings"),
        Personal::Unknown { why } => Force::unknown(format!("the folder is not trusted, and {why}")),
    }
}

/// A place that is no file.
fn no_file(name: &str) -> Place {
    Place::whole(std::sync::Arc::new(crate::finding::FileName::Elsewhere(name.to_owned())))
}
