//! Settings as clients before the newest read them.
//!
//! `settings` reads a file as the newest client does. What older ones take otherwise is taken away here, so that
//! nothing above has to know. Leaves out which keys and values they did not know beside those that decide.

use std::borrow::Cow;

use super::{Mode, Setup};
use crate::client::Profile;
use crate::json::{Document, Node, Pointer};
use crate::settings::{Effect, ProblemKind, Scope, Settings};

/// The same setup with what this client does not take from the files left out.
pub(super) fn as_read_by<'a>(profile: &Profile, setup: &'a Setup) -> Cow<'a, Setup> {
    let read: Vec<Option<Settings>> =
        setup.files.iter().map(|file| reread(profile, &file.settings)).collect();
    if read.iter().all(Option::is_none) {
        return Cow::Borrowed(setup);
    }
    let mut setup = setup.clone();
    for (file, read) in setup.files.iter_mut().zip(read) {
        if let Some(read) = read {
            file.settings = read;
        }
    }
    Cow::Owned(setup)
}

/// The file without what this client does not take; none where it takes the same.
fn reread(profile: &Profile, file: &Settings) -> Option<Settings> {
    let mode = file.document().at(&Pointer::of(["permissions", "defaultMode"]));
    let manual = !profile.knows_manual && mode.and_then(Node::as_str) == Some("manual");
    let managed = file.scope() == Scope::Managed;
    let faulty = managed && !profile.keeps_sound_permissions && has_faulty_permission(file);
    if !manual && !faulty {
        return None;
    }
    if !managed {
        return Some(Settings::read(Document::parse("{}"), file.scope()));
    }
    let mut taken = file.taken();
    if let Some(members) = taken.as_object_mut() {
        members.remove("permissions");
    }
    Some(Settings::read(Document::parse(taken.to_string()), file.scope()))
}

/// Whether a value right below `permissions` is not what belongs there.
fn has_faulty_permission(file: &Settings) -> bool {
    file.problems().iter().any(|problem| {
        let named = problem.pointer.tokens().iter().map(String::as_str).next();
        let lost = matches!(problem.effect, Effect::Drops(_) | Effect::Replaces(..));
        lost && matches!(problem.kind, ProblemKind::WrongValue { .. })
            && named == Some("permissions")
            && problem.pointer.tokens().len() == 2
    })
}

/// The mode without questions, where the highest file that sets a mode stands in the repository, sets this one
/// and is heeded.
pub(super) fn mode_of_repository(profile: &Profile, files: &[&Settings]) -> Option<Mode> {
    if !profile.heeds_bypass_of_repositories {
        return None;
    }
    let modes = files.iter().filter_map(|file| {
        let mode = file.taken().pointer("/permissions/defaultMode")?.as_str().and_then(Mode::parse)?;
        Some((file.scope(), mode))
    });
    let (scope, mode) = modes.max_by_key(|(scope, _)| scope.precedence())?;
    (scope.is_in_repository() && mode == Mode::BypassPermissions).then_some(mode)
}
