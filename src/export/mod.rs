//! What a policy asks, in the forms in which an organisation gives it to machines: managed settings as a
//! file, a profile, a registry value, a program's output, and what else the client reads above all other
//! settings.
//!
//! A project's file is an honest default that its users can change; managed settings they cannot. The two come
//! from one baseline, so that they cannot drift apart. [`export`] is pure: a baseline goes in, files and notes
//! come out, and what a channel cannot say or hold is a note, never dropped in silence.
//!
//! INVARIANT: what is exported never lets happen what the baseline, as a project's file, would not; where the
//! client takes a value more loosely from managed settings, a stricter one is written and a note says so.
//! What a project's file says only where somebody trusts the folder is looser by nature, and is told: managed allow
//! rules and folders, approvals of a project's MCP servers, and marketplaces.
//!
//! Path rules need no other anchor: `/x` in managed settings means the folder that the client was started in,
//! as it does in a project's file, and relative rules mean the working directories in both (observed, 2.1.330,
//! of files and drop-ins).
//!
//! Leaves out writing the files (`cli`), and which sources a machine really has.

mod approval;
mod channel;
mod compiled;
mod devcontainer;
mod everywhere;
mod plist;
mod servers;
mod spoken;
mod target;
mod windows;

pub use channel::{Channel, ENVELOPE_LIMIT};
pub use compiled::{Compiled, compile};
pub use spoken::selector_notes;
pub use target::{ALL, Place, Target, find};

use crate::finding::Origin;
use crate::policy::Baseline;

/// How a baseline is exported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The organisation that the policy speaks for.
    pub organization: &'a str,
    /// Recommendations become part of what holds.
    pub with_recommended: bool,
    /// No permission rules count but those that are exported.
    pub only_managed_rules: bool,
}

/// One file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name, without folders.
    pub name: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Whether it is a program.
    pub is_program: bool,
}

impl ExportedFile {
    fn text(name: &'static str, text: String) -> Self {
        Self { name, bytes: text.into_bytes(), is_program: false }
    }
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// The channel does not hold this part of the policy.
    NotEnforced,
    /// It holds here otherwise than in a project's file.
    Differs,
    /// It holds until a day, or before its day.
    Dated,
    /// The client does not take it as it stands.
    NotRead,
    /// Another source may take the place of this one.
    Shadowed,
    /// A person has to approve it.
    Approval,
    /// It may be too large for the channel.
    Limit,
}

impl NoteKind {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotEnforced => "not enforced",
            Self::Differs => "differs",
            Self::Dated => "dated",
            Self::NotRead => "not read",
            Self::Shadowed => "shadowed",
            Self::Approval => "approval",
            Self::Limit => "limit",
        }
    }
}

/// Something that whoever rolls an export out should know.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// It in one sentence, without its full stop.
    pub message: String,
    /// The lines of policy that ask for what it speaks of.
    pub origins: Vec<Origin>,
}

impl Note {
    fn new(kind: NoteKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), origins: Vec::new() }
    }

    fn of(kind: NoteKind, message: impl Into<String>, origins: &[Origin]) -> Self {
        Self { origins: origins.to_vec(), ..Self::new(kind, message) }
    }
}

/// What an export comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The files.
    pub files: Vec<ExportedFile>,
    /// What to know about them, in order of their kinds.
    pub notes: Vec<Note>,
}

/// Why there is no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file of no servers would switch off all of them.
    #[error(
        "the policy provides no MCP servers, and a `managed-mcp.json` without servers switches off all of them"
    )]
    NoServers,
    /// A property list cannot hold this.
    #[error("`{key}` holds {what}, which a property list cannot hold")]
    NotInPlist {
        /// The key.
        key: String,
        /// What it holds.
        what: &'static str,
    },
}

/// Writes a baseline for a target.
pub fn export(target: &Target, baseline: &Baseline, options: &Options<'_>) -> Result<Exported, Error> {
    let compiled = compile_for(target.channel, baseline, options);
    let files = (target.write)(&compiled)?;
    let mut notes = compiled.notes.clone();
    notes.extend(channel::notes(target.channel, &compiled, &files));
    notes.sort_by_key(|note| note.kind);
    Ok(Exported { files, notes })
}

/// Makes managed settings of a baseline that go a certain way to the client.
pub fn compile_for(channel: Channel, baseline: &Baseline, options: &Options<'_>) -> Compiled {
    let mut compiled = compile(baseline, options);
    channel::adapt(channel, baseline, &mut compiled);
    compiled
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// Names in back quotes, with commas.
fn quoted<T: std::fmt::Display>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
