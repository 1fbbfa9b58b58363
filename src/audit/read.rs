//! Reading the files of a machine: what cannot be read, or is dropped by the client, is told and never taken for
//! empty.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::item::{Looked, Scope, Taken};
use super::words;
use crate::files;
use crate::finding::{FileName, Place};
use crate::json::{Document, Node};
use crate::path::RepoPath;
use crate::project::Content;
use crate::settings::{self, Acceptance, McpFile, Problem, Settings};
use crate::text::{Source, Span};

/// What the user and the client write themselves may be larger than a settings file; the client keeps histories in
/// its state.
const MOST: u64 = 64 * 1024 * 1024;

/// A text and the name of its file.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) name: Arc<FileName>,
    pub(super) source: Source,
}

impl Text {
    pub(super) fn place(&self, span: Span) -> Place {
        Place::new(Arc::clone(&self.name), &self.source, span)
    }
}

/// A settings file that was read, and where it belongs.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) settings: Settings,
    pub(super) scope: Scope,
    pub(super) text: Text,
    /// How far what `settings` was read from begins before the text.
    shift: Shift,
}

impl Held {
    pub(super) fn place(&self, span: Span) -> Place {
        self.text.place(self.shift.back(span))
    }
}

/// MCP servers that were read, and where they stand.
#[derive(Debug, Clone)]
pub(super) struct ServerFile {
    pub(super) file: McpFile,
    pub(super) scope: Scope,
    pub(super) text: Text,
    shift: Shift,
}

impl ServerFile {
    pub(super) fn place(&self, span: Span) -> Place {
        self.text.place(self.shift.back(span))
    }
}

/// Where a part of a text was read as a file of its own, with something written before it.
#[derive(Debug, Clone, Copy, Default)]
struct Shift {
    /// Where the part begins.
    from: usize,
    /// How much was written before it.
    prefix: usize,
}

impl Shift {
    fn back(self, span: Span) -> Span {
        let back = |at: usize| self.from + at.saturating_sub(self.prefix);
        Span::new(back(span.start), back(span.end))
    }
}

/// Where files are read from.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// A file that the user, the organisation or the client wrote: links are followed.
    Own(&'a Path),
    /// A file of a repository or a plugin, below a root without links: links do not lead out.
    Below(&'a Path, &'a RepoPath),
}

impl At<'_> {
    fn path(self) -> PathBuf {
        match self {
            At::Own(path) => path.to_owned(),
            At::Below(root, path) => root.join(path.as_str()),
        }
    }
}

/// Reads files and keeps account of them.
#[derive(Debug)]
pub(super) struct Reader {
    home: String,
    pub(super) looked: Vec<Looked>,
}

impl Reader {
    /// Paths below `home` are shown with `~`.
    pub(super) fn new(home: &Path) -> Self {
        Self { home: slashes(home), looked: Vec::new() }
    }

    /// A path as it is shown.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = slashes(path);
        match path.strip_prefix(&self.home) {
            Some("") => "~".to_owned(),
            Some(rest) if rest.starts_with('/') && self.home.len() > 1 => format!("~{rest}"),
            _ => path,
        }
    }

    pub(super) fn name(&self, path: &Path) -> Arc<FileName> {
        Arc::new(FileName::Elsewhere(self.shown(path)))
    }

    /// Tells of a file or folder as a whole.
    pub(super) fn tell(
        &mut self,
        path: &Path,
        about: (Scope, Option<&str>),
        taken: Taken,
        why: Option<String>,
    ) {
        let place = Place::whole(self.name(path));
        self.looked.push(Looked {
            scope: about.0,
            project: about.1.map(str::to_owned),
            place,
            taken,
            may_guard: false,
            why,
        });
    }

    /// The text of a file; none where it is not there, or cannot be read, which is told.
    pub(super) fn text(&mut self, from: At<'_>, about: (Scope, Option<&str>)) -> Option<Text> {
        let path = from.path();
        let read = match from {
            At::Own(path) => match files::read_text_up_to(path, MOST) {
                Ok(text) => Ok(text),
                Err(files::Error::Missing { .. }) if !is_link(path) => return None,
                Err(files::Error::Read { source, .. })
                    if source.kind() == std::io::ErrorKind::NotADirectory =>
                {
                    return None;
                }
                Err(error) => Err(reason(&error)),
            },
            At::Below(root, path) => match files::read(root, path) {
                Content::Text(text) => Ok(text),
                Content::Missing => return None,
                Content::Refused(refusal) => Err(refusal.to_string()),
            },
        };
        match read {
            Ok(text) => Some(Text { name: self.name(&path), source: Source::new(text) }),
            Err(why) => {
                self.tell(&path, about, Taken::Unread, Some(why));
                None
            }
        }
    }

    /// The settings in a file.
    pub(super) fn settings(&mut self, from: At<'_>, about: (Scope, Option<&str>)) -> Option<Held> {
        let text = self.text(from, about)?;
        let settings = Settings::read(Document::parse(text.source.text()), kind(about.0));
        let (taken, why) = match settings.acceptance() {
            Acceptance::Whole => (Taken::Whole, None),
            Acceptance::Partly => {
                (Taken::Partly, settings.problems().iter().find(|one| one.dropped().is_some()))
            }
            Acceptance::Nothing { because } => (Taken::Nothing, because.first().copied()),
            Acceptance::Halt { because } => (Taken::Halts, because.first().copied()),
        };
        self.told(&text, about, taken, (true, why));
        Some(Held { settings, scope: about.0, text, shift: Shift::default() })
    }

    fn told(
        &mut self,
        text: &Text,
        about: (Scope, Option<&str>),
        taken: Taken,
        (may_guard, why): (bool, Option<&Problem>),
    ) {
        self.looked.push(Looked {
            scope: about.0,
            project: about.1.map(str::to_owned),
            place: text.place(why.map_or(Span::at(0), |problem| problem.span)),
            taken,
            may_guard,
            why: why.map(|problem| words::plain(&problem.to_string())),
        });
    }

    /// The MCP servers in a file of the form of `.mcp.json`.
    pub(super) fn servers(&mut self, from: At<'_>, about: (Scope, Option<&str>)) -> Option<ServerFile> {
        let text = self.text(from, about)?;
        let file = McpFile::read(Document::parse(text.source.text()));
        let taken = if file.is_read() { Taken::Whole } else { Taken::Nothing };
        let why = file.problems().first().filter(|_| taken == Taken::Nothing).cloned();
        self.told(&text, about, taken, (false, why.as_ref()));
        Some(ServerFile { file, scope: about.0, text, shift: Shift::default() })
    }

    /// A JSON object that is neither settings nor servers.
    pub(super) fn object(&mut self, from: At<'_>, about: (Scope, Option<&str>)) -> Option<(Text, Document)> {
        let text = self.text(from, about)?;
        let document = Document::parse(text.source.text());
        let whole = document.is_strict() && document.root().is_none_or(Node::is_object);
        let why = match document.faults().first() {
            Some(fault) => Some(format!("not valid JSON: {}", fault.kind.describe())),
            None => (!whole).then(|| "it holds no object".to_owned()),
        };
        self.looked.push(Looked {
            scope: about.0,
            project: about.1.map(str::to_owned),
            place: text.place(document.faults().first().map_or(Span::at(0), |fault| fault.span)),
            taken: if whole { Taken::Whole } else { Taken::Nothing },
            may_guard: false,
            why,
        });
        whole.then_some((text, document))
    }
}

/// Hooks that stand in another file than settings: `node` is what would stand under `hooks` there.
pub(super) fn hooks_in(text: &Text, node: &Node, scope: Scope) -> Held {
    let (document, shift) = part(text, node, "hooks");
    let settings = Settings::read(document, settings::Scope::User);
    Held { settings, scope, text: text.clone(), shift }
}

/// Servers that stand in another file than `.mcp.json`: `node` is what would stand under `mcpServers` there.
pub(super) fn servers_in(text: &Text, node: &Node, scope: Scope) -> ServerFile {
    let (document, shift) = part(text, node, "mcpServers");
    ServerFile { file: McpFile::read(document), scope, text: text.clone(), shift }
}

/// A part of a text as a document of its own, under a key.
fn part(text: &Text, node: &Node, key: &str) -> (Document, Shift) {
    let lead = format!("{{\"{key}\": ");
    let shift = Shift { from: node.span.start, prefix: lead.len() };
    (Document::parse(format!("{lead}{}}}", text.source.slice(node.span))), shift)
}

/// How the client reads the settings of a scope.
fn kind(scope: Scope) -> settings::Scope {
    match scope {
        Scope::Managed | Scope::Server => settings::Scope::Managed,
        Scope::Project => settings::Scope::Project,
        Scope::Local => settings::Scope::Local,
        Scope::User | Scope::Plugin | Scope::Environment => settings::Scope::User,
    }
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Why a file cannot be read, without its name.
pub(super) fn reason(error: &files::Error) -> String {
    match error {
        files::Error::Read { source, .. } => {
            let text = source.to_string();
            format!(
                "it cannot be read: {}",
                text.split(" (os error").next().unwrap_or_default().to_lowercase()
            )
        }
        files::Error::NotAFile { .. } => "it is no file".to_owned(),
        files::Error::Missing { .. } => "it is a link to nothing".to_owned(),
        other => other.to_string(),
    }
}

pub(super) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
