//! Skills, commands and sub-agents whose head grants or brings something.
//!
//! The client reads `skills/NAME/SKILL.md`, and `commands` and `agents` to any depth, below the folder of the user,
//! of a project and of a plugin (observed, 2.1.330). What it does not tell of: `tools` of sub-agents, which only take
//! tools away.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::item::{Force, InForce, Item, Kind, Says, Scope, Verdict};
use super::read::{At, Reader, Text};
use super::words;
use crate::access::{Entry, World};
use crate::client::blank;
use crate::files::{self, Disk};
use crate::frontmatter::{self, Field, Value};
use crate::path::RepoPath;
use crate::rule::{List, Rule, rules_in};
use crate::text::Span;

/// Most files that are read in one place.
const MAX_FILES: usize = 2_000;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 6;

/// Where definitions lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder<'a> {
    /// The folder that holds `skills`, `commands` and `agents`.
    pub(super) path: &'a Path,
    /// The root that links may not lead out of, where nobody vouches for the files.
    pub(super) root: Option<&'a Path>,
    pub(super) scope: Scope,
    /// What holds of whatever brings them.
    pub(super) bringer: Option<&'a Force>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Skill,
    Command,
    Agent,
}

impl Sort {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Skill, "skills", "skill"),
        (Self::Command, "commands", "command"),
        (Self::Agent, "agents", "sub-agent"),
    ];
}

/// Adds the rows of a folder.
pub(super) fn add(folder: Folder<'_>, context: &Context, reader: &mut Reader, items: &mut Vec<Item>) {
    for (sort, name, word) in Sort::ALL {
        let mut found = Vec::new();
        let is_whole = walk(&folder.path.join(name), sort, 0, &mut found);
        if !is_whole {
            let why = "not all of it was read".to_owned();
            let about = (folder.scope, context.project.as_deref());
            reader.tell(&folder.path.join(name), about, super::item::Taken::Unread, Some(why));
        }
        found.sort();
        for path in found {
            let about = (folder.scope, context.project.as_deref());
            let below = folder.root.and_then(|root| {
                let path = path.strip_prefix(root).ok()?;
                Some((root, RepoPath::new(&super::read::slashes(path)).ok()?))
            });
            let text = match (&below, folder.root) {
                (Some((root, below)), _) => reader.text(At::Below(root, below), about),
                (None, None) => reader.text(At::Own(&path), about),
                (None, Some(_)) => None,
            };
            let Some(text) = text else { continue };
            items.extend(row(&text, &path, (sort, word), folder, context));
        }
    }
}

/// The files of a kind below a folder; false where there may be more.
fn walk(folder: &Path, sort: Sort, depth: usize, found: &mut Vec<PathBuf>) -> bool {
    let names = match files::names(folder) {
        Ok(names) => names,
        Err(files::Error::Missing { .. }) => return true,
        // Something other than a folder holds nothing that the client reads.
        Err(files::Error::Read { source, .. }) => return source.kind() == std::io::ErrorKind::NotADirectory,
        Err(_) => return false,
    };
    let mut is_whole = true;
    for name in names {
        if found.len() >= MAX_FILES {
            return false;
        }
        let path = folder.join(&name);
        let entry = Disk.entry(&path.to_string_lossy());
        let is_folder = match entry {
            Some(Entry::Folder) => true,
            Some(Entry::Link(_)) => path.is_dir(),
            _ => false,
        };
        match sort {
            Sort::Skill if is_folder => {
                let skill = path.join("SKILL.md");
                if skill.symlink_metadata().is_ok() {
                    found.push(skill);
                }
            }
            Sort::Skill => {}
            // Links between folders may go in circles.
            _ if is_folder && matches!(entry, Some(Entry::Link(_))) => is_whole = false,
            _ if is_folder => {
                is_whole &= depth < MAX_DEPTH && walk(&path, sort, depth + 1, found);
            }
            _ if name.ends_with(".md") => found.push(path),
            _ => {}
        }
    }
    is_whole
}

fn row(
    text: &Text,
    path: &Path,
    (sort, word): (Sort, &str),
    folder: Folder<'_>,
    context: &Context,
) -> Option<Item> {
    let field = |name: &str| frontmatter::field(text.source.text(), name);
    let mut says = Vec::new();
    let mut verdict = Verdict::not_spoken_of();
    let mut place = None;
    let mut note = |field: &Field| place.get_or_insert(field.key).to_owned();
    if let Some(found) = field("allowed-tools").filter(|_| sort != Sort::Agent) {
        note(&found);
        let (granted, judged) = granted(&found, context);
        says.push(granted);
        verdict = judged;
    }
    if let Some(found) = field("permissionMode").filter(|_| sort == Sort::Agent) {
        note(&found);
        match &found.value {
            Value::Texts(texts) => {
                let mode: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
                let mode = mode.join(" ");
                verdict = context.judge.mode_off(&mode).unwrap_or(verdict);
                says.push(format!("works in the mode `{}`", words::plain(&mode)));
            }
            Value::Unclear => {
                says.push("sets its own mode".to_owned());
                verdict = Verdict::unknown("its mode is written with an anchor, an alias or a tag");
            }
        }
    }
    for (key, brings) in [("hooks", "brings hooks"), ("mcpServers", "brings MCP servers")] {
        if let Some(found) = field(key) {
            note(&found);
            says.push(brings.to_owned());
            if verdict.says == Says::NotSpokenOf {
                verdict = match key {
                    "hooks" => context.judge.locked("allowManagedHooksOnly"),
                    _ => context.judge.locked("allowManagedMcpServersOnly"),
                }
                .unwrap_or(verdict);
            }
        }
    }
    if says.is_empty() {
        return None;
    }
    let stem = if sort == Sort::Skill { path.parent().and_then(Path::file_name) } else { path.file_stem() };
    let name = stem.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Some(Item {
        kind: Kind::Definition,
        name: words::plain(&name),
        what: format!("{word} that {}", says.join(", and ")),
        scope: folder.scope,
        project: context.project.clone(),
        place: text.place(place.unwrap_or(Span::at(0))),
        force: force(sort, folder, context),
        verdict,
    })
}

/// What a head grants, and the worst that policy says of it.
fn granted(field: &Field, context: &Context) -> (String, Verdict) {
    let texts = match &field.value {
        Value::Texts(texts) => texts,
        Value::Unclear => {
            let why = "what it grants is written with an anchor, an alias or a tag";
            return ("grants itself something".to_owned(), Verdict::unknown(why));
        }
    };
    let beside = context.beside();
    let mut rules = Vec::new();
    let mut worst = Verdict::not_spoken_of();
    for text in texts {
        for part in rules_in(&text.text) {
            let rule = Rule::parse(blank::trim(text.text.get(part.start..part.end).unwrap_or_default()));
            let verdict = context.judge.rule(List::Allow, &rule, &beside);
            if rules.is_empty() || verdict.says > worst.says {
                worst = verdict;
            }
            rules.push(format!("`{}`", words::plain(rule.text())));
        }
    }
    (
        format!("grants itself {}", if rules.is_empty() { "nothing".to_owned() } else { rules.join(", ") }),
        worst,
    )
}

fn force(sort: Sort, folder: Folder<'_>, context: &Context) -> Force {
    if let Some(force) = folder.bringer.filter(|force| force.is != InForce::Yes) {
        return force.clone();
    }
    if folder.scope == Scope::Plugin {
        return Force::yes();
    }
    let locked = context.unlocked(if sort == Sort::Agent { "agents" } else { "skills" });
    if locked.is != InForce::Yes {
        return locked;
    }
    if folder.scope == Scope::Project && !context.trusted {
        return Force::unknown(
            "the folder is not trusted, and clients differ in what they take from it then",
        );
    }
    Force::yes()
}
