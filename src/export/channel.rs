//! The ways by which managed settings reach the client: what each does not carry, which source goes before it,
//! what a person has to approve, and how much fits.
//!
//! Sources: documentation of the client (managed settings, server-managed settings, reference of settings; August
//! 2026), and observation of 2.1.330 where it says so. Limits of Windows: documentation of `maxLength` of an
//! administrative template, and of script sizes in Intune.

use super::compiled::Compiled;
use super::{ExportedFile, Note, NoteKind, approval, quoted, spoken};
use crate::json::Pointer;
use crate::policy::Baseline;

/// A way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// `managed-settings.json`.
    File,
    /// A file in `managed-settings.d`.
    DropIn,
    /// `managed-mcp.json`.
    Servers,
    /// Managed preferences of macOS.
    Preferences,
    /// The registry of Windows, by a file.
    Registry,
    /// The same, by group policy.
    GroupPolicy,
    /// The same, by scripts of Intune.
    Intune,
    /// The console of the organisation.
    Server,
    /// A container.
    Container,
    /// The output of a program.
    Envelope,
}

/// Most bytes of a program's output that the client reads (documentation: 1 MB).
pub const ENVELOPE_LIMIT: usize = 1_000_000;

/// Most bytes of a script that Intune is documented to take (200 KB).
const SCRIPT_LIMIT: usize = 200_000;

/// Most characters of a text in an administrative template that says nothing of `maxLength`.
const TEMPLATE_LIMIT: usize = 1023;

/// Keys that the client reads from files and policies of the system only.
const OF_SYSTEM: [&str; 2] = ["policyHelper", "wslInheritsWindowsSettings"];

/// Takes out what the channel does not carry.
pub(super) fn adapt(channel: Channel, baseline: &Baseline, compiled: &mut Compiled) {
    let (names, why): (&[&str], _) = match channel {
        Channel::Server => (&OF_SYSTEM, "the client reads it from the system only, not from the server"),
        Channel::Envelope => {
            (&["policyHelper", "policyHelpers"], "a program that prints settings names no other program")
        }
        Channel::Preferences | Channel::Container => {
            (&["wslInheritsWindowsSettings"], "the client reads it on Windows only")
        }
        Channel::Servers => {
            // The file speaks of servers only, so what was said of settings does not concern it.
            compiled.notes = spoken::waivers(baseline);
            if compiled.settings.keys().any(|key| key != "managedMcpServers") {
                let message = "rules, values and the lists of approved and blocked MCP servers are not in this file: \
                               `managed-settings` or another target beside it holds them";
                compiled.notes.push(Note::new(NoteKind::NotEnforced, message));
            }
            compiled.settings.clear();
            return;
        }
        _ => return,
    };
    for name in names {
        if compiled.settings.contains_key(*name) {
            let place = Pointer::of([*name]);
            compiled.tell(NoteKind::NotEnforced, format!("`{name}` is left out: {why}"), &place);
            compiled.remove(&place);
        }
    }
}

/// What to know about the way.
pub(super) fn notes(channel: Channel, compiled: &Compiled, files: &[ExportedFile]) -> Vec<Note> {
    let mut notes = Vec::new();
    if channel != Channel::Servers && compiled.settings.is_empty() {
        let message = "the policy enforces nothing here: settings without a key do not count as a source";
        notes.push(Note::new(NoteKind::NotEnforced, message));
    }
    notes.extend(reach(channel).map(|message| Note::new(NoteKind::NotEnforced, message)));
    notes.extend(precedence(channel).map(|message| Note::new(NoteKind::Shadowed, message)));
    notes.extend(own_shadows(compiled).map(|message| Note::new(NoteKind::Shadowed, message)));
    if channel == Channel::DropIn {
        let message = "drop-ins whose names come later set single values otherwise and add to lists, to \
                       `allowedMcpServers` as well";
        notes.push(Note::new(NoteKind::Shadowed, message));
    }
    if channel == Channel::Servers {
        servers(compiled, &mut notes);
    }
    if channel == Channel::Server {
        approvals(compiled, &mut notes);
    }
    limits(channel, compiled, files, &mut notes);
    notes
}

/// Whom the channel does not reach.
fn reach(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::Server => Some(
            "server-managed settings do not reach sessions on Bedrock, Vertex, Foundry or another `ANTHROPIC_BASE_URL`, nor \
             a first start before they have arrived (`forceRemoteSettingsRefresh` waits for them)",
        ),
        Channel::Container => {
            Some("whoever can edit the repository can take the feature out of `devcontainer.json`")
        }
        Channel::File
        | Channel::DropIn
        | Channel::Preferences
        | Channel::Registry
        | Channel::GroupPolicy
        | Channel::Intune
        | Channel::Envelope => Some(
            "cloud sessions do not read settings of a machine: server-managed settings reach them, and the project's file",
        ),
        Channel::Servers => None,
    }
}

/// Which sources go before the channel. The client takes one source and leaves the others out, unless the highest says
/// `"managedSourcesBehavior": "merge"`.
fn precedence(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::File | Channel::DropIn | Channel::Container => Some(
            "server-managed settings, a profile on macOS and a value in HKLM each take the place of these files whole; \
             `/status` says which source counts",
        ),
        Channel::Preferences => Some(
            "server-managed settings take the place of these preferences whole; these take the place of \
             `managed-settings.json`",
        ),
        Channel::Registry | Channel::GroupPolicy | Channel::Intune => Some(
            "server-managed settings take the place of this value whole; it takes the place of `managed-settings.json`",
        ),
        Channel::Server => Some(
            "server-managed settings take the place of profiles, registry and files whole: what only those say no longer \
             holds",
        ),
        Channel::Envelope => Some(
            "the output is the only managed source: files and profiles no longer count; server-managed settings keep the \
             program from being run at all",
        ),
        Channel::Servers => None,
    }
}

/// What the settings themselves say of other sources.
fn own_shadows(compiled: &Compiled) -> impl Iterator<Item = &'static str> {
    let settings = &compiled.settings;
    let helper = settings.contains_key("policyHelper").then_some(
        "`policyHelper`: what its program prints takes the place of everything else that is said here",
    );
    let helpers = settings.contains_key("policyHelpers").then_some(
        "`policyHelpers`: what a program prints takes the place of everything else that is said here, unless its \
         `outputBehavior` is `merge`",
    );
    let merges = settings.get("managedSourcesBehavior").is_some_and(|value| value == "merge").then_some(
        "`managedSourcesBehavior` is `merge`: where this source is the highest, clients that know the key take the \
         lower ones as well, as 2.1.330 does",
    );
    [helper, helpers, merges].into_iter().flatten()
}

fn servers(compiled: &Compiled, notes: &mut Vec<Note>) {
    let message =
        "no other MCP server runs where this file stands, and `--mcp-config` keeps the client from starting";
    notes.push(Note::new(NoteKind::Differs, message));
    let by_user = compiled.servers.iter().filter(|(_, server)| server.to_string().contains("${"));
    let by_user: Vec<&String> = by_user.map(|(name, _)| name).collect();
    if !by_user.is_empty() {
        let message = format!(
            "{} with `${{…}}`: the variable is each user's own, and `allowedMcpServers` has to admit the server",
            quoted(by_user)
        );
        notes.push(Note::new(NoteKind::Differs, message));
    }
}

fn approvals(compiled: &Compiled, notes: &mut Vec<Note>) {
    let keys = approval::keys(compiled);
    if !keys.is_empty() {
        let message = format!(
            "{}: each user is asked to approve of it, and the client ends where they refuse",
            quoted(keys)
        );
        notes.push(Note::new(NoteKind::Approval, message));
    }
    let variables = approval::variables(compiled);
    if !variables.is_empty() {
        let message = format!("{} of `env`: each user may be asked to approve of it", quoted(variables));
        notes.push(Note::new(NoteKind::Approval, message));
    }
}

fn limits(channel: Channel, compiled: &Compiled, files: &[ExportedFile], notes: &mut Vec<Note>) {
    let largest = files.iter().map(|file| file.bytes.len()).max().unwrap_or_default();
    let mut tell = |message: String| notes.push(Note::new(NoteKind::Limit, message));
    match channel {
        Channel::Envelope if largest > ENVELOPE_LIMIT => tell(format!(
            "{largest} bytes: the client reads {ENVELOPE_LIMIT} bytes of a program's output and does not start with more"
        )),
        Channel::Intune if largest > SCRIPT_LIMIT => {
            tell(format!("a script of {largest} bytes: Intune is documented to take {SCRIPT_LIMIT}"))
        }
        Channel::GroupPolicy => {
            let length = super::windows::line(&compiled.value()).chars().count();
            if length > TEMPLATE_LIMIT {
                tell(format!(
                    "{length} characters: an administrative template takes {TEMPLATE_LIMIT} unless its `maxLength` says more"
                ));
            }
        }
        Channel::Server => tell("how large server-managed settings may be is not known".to_owned()),
        _ => {}
    }
}
