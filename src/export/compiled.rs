//! From a baseline to managed settings, and what that leaves unsaid.

use serde_json::{Map, Value, json};

use super::{Note, NoteKind, Options, everywhere, quoted, servers, spoken};
use crate::client::keys::{self, Reach};
use crate::finding::Origin;
use crate::json::{Document, Pointer};
use crate::policy::{Baseline, FileMode};
use crate::settings::{Effect, ProblemKind, Scope, Settings};

/// A baseline as managed settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The organisation that it speaks for.
    pub organization: String,
    /// The settings.
    pub settings: Map<String, Value>,
    /// The MCP servers that the policy provides, by name.
    pub servers: Map<String, Value>,
    /// What to know about the settings.
    pub notes: Vec<Note>,
    /// Where values come from.
    origins: Vec<(Pointer, Vec<Origin>)>,
}

/// The text that policy owns there can go into managed instructions.
const INSTRUCTIONS: &str = "CLAUDE.md";

/// Makes managed settings of a baseline.
pub fn compile(baseline: &Baseline, options: &Options<'_>) -> Compiled {
    let settings = if options.with_recommended { baseline.settings() } else { baseline.enforced_settings() };
    let settings = match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    };
    let provided =
        baseline.provided.iter().map(|demand| (demand.what.name.clone(), demand.what.value.clone()));
    let mut compiled = Compiled {
        organization: options.organization.to_owned(),
        settings,
        servers: provided.collect(),
        notes: spoken::notes(baseline, options),
        origins: origins(baseline),
    };
    compiled.keep_modes_strict();
    compiled.leave_out_unheeded();
    servers::add(baseline, &mut compiled);
    compiled.add_instructions(baseline);
    compiled.lock(baseline, options);
    everywhere::tell(&mut compiled);
    compiled.tell_what_is_not_read();
    compiled
}

impl Compiled {
    /// The settings.
    pub fn value(&self) -> Value {
        Value::Object(self.settings.clone())
    }

    /// What a program that `policyHelper` names prints. A bare object would be taken for no settings at all,
    /// without a word (documentation, August 2026).
    pub fn envelope(&self) -> Value {
        json!({"managedSettings": self.settings})
    }

    /// The settings as the client reads them.
    pub fn read(&self) -> Settings {
        Settings::read(Document::parse(self.value().to_string()), Scope::Managed)
    }

    /// The lines that ask for what stands at `place`, above or below it.
    pub(super) fn origins_of(&self, place: &Pointer) -> Vec<Origin> {
        let mut found: Vec<Origin> = Vec::new();
        let about = self.origins.iter().filter(|(at, _)| at.contains(place) || place.contains(at));
        for origin in about.flat_map(|(_, origins)| origins) {
            if !found.contains(origin) {
                found.push(origin.clone());
            }
        }
        found
    }

    /// Says something about what stands at a place.
    pub(super) fn tell(&mut self, kind: NoteKind, message: impl Into<String>, place: &Pointer) {
        let origins = self.origins_of(place);
        self.notes.push(Note { kind, message: message.into(), origins });
    }

    /// Takes a value out, and the objects that are empty then.
    pub(super) fn remove(&mut self, place: &Pointer) {
        remove(&mut self.settings, place.tokens());
    }

    /// In a project's file these modes count as `default`; in managed settings they would be in force.
    fn keep_modes_strict(&mut self) {
        let place = Pointer::of(["permissions", "defaultMode"]);
        let Some(Value::Object(permissions)) = self.settings.get_mut("permissions") else { return };
        let Some(mode) = permissions.get_mut("defaultMode") else { return };
        let Some(name @ ("auto" | "bypassPermissions")) = mode.as_str() else { return };
        let message = format!(
            "`permissions.defaultMode` is `default` instead of `{name}`, as the client reads it in a project's file; \
             in managed settings `{name}` would be in force"
        );
        *mode = "default".into();
        self.tell(NoteKind::Differs, message, &place);
    }

    /// Takes out what the client heeds in no managed settings, and says what it heeds only there.
    fn leave_out_unheeded(&mut self) {
        let mut unheeded = Vec::new();
        let mut gained = Vec::new();
        walk(&self.settings, &Pointer::root(), &mut |place| match keys::at(place).map(|key| key.reach) {
            Some(Reach::Host) => unheeded.push((place.clone(), "only from the program around the client")),
            Some(Reach::GlobalConfig) => unheeded.push((place.clone(), "only in `~/.claude.json`")),
            Some(Reach::UserOrManaged | Reach::NotShared | Reach::Managed | Reach::ManagedRemoved) => {
                gained.push(place.clone());
            }
            Some(Reach::Any) | None => {}
        });
        for (place, why) in unheeded {
            let message = format!("`{}` is left out: the client heeds it {why}", place.dotted());
            self.tell(NoteKind::NotEnforced, message, &place);
            self.remove(&place);
        }
        if !gained.is_empty() {
            let names = quoted(gained.iter().map(Pointer::dotted));
            let origins = gained.iter().flat_map(|place| self.origins_of(place)).collect();
            let message = format!("{names}: in force here; in a project's file the client does not heed it");
            self.notes.push(Note { kind: NoteKind::Differs, message, origins });
        }
    }

    /// Text for every session goes into managed instructions; other files do not reach a machine this way.
    fn add_instructions(&mut self, baseline: &Baseline) {
        for demand in &baseline.texts {
            let text = &demand.what;
            if text.path == INSTRUCTIONS && text.mode == FileMode::Block {
                let own = self.settings.get("claudeMd").and_then(Value::as_str).filter(|own| !own.is_empty());
                let joined = match own {
                    Some(own) => format!("{}\n\n{}", own.trim_end(), text.text),
                    None => text.text.clone(),
                };
                self.settings.insert("claudeMd".to_owned(), joined.into());
                let message = format!(
                    "the block `{}` of `{}` becomes `claudeMd`, instructions for every session and not only in \
                     projects that have the file",
                    text.name, text.path
                );
                self.notes.push(Note::of(NoteKind::Differs, message, &demand.origins));
            } else {
                let message =
                    format!("the file `{}` is for projects and not part of managed settings", text.path);
                self.notes.push(Note::of(NoteKind::NotEnforced, message, &demand.origins));
            }
        }
    }

    /// Keeps rules of everybody else out.
    fn lock(&mut self, baseline: &Baseline, options: &Options<'_>) {
        if !options.only_managed_rules {
            return;
        }
        self.settings.insert("allowManagedPermissionRulesOnly".to_owned(), Value::Bool(true));
        let bounded = !baseline.bounds.is_empty() || !baseline.never.is_empty();
        let held = if bounded { "; so the limits on allow rules hold" } else { "" };
        let message = format!(
            "no permission rules count but these, not even deny rules that projects and users have of their own{held}"
        );
        self.notes.push(Note::new(NoteKind::Differs, message));
    }

    /// What the client would not take from managed settings as it stands.
    fn tell_what_is_not_read(&mut self) {
        let settings = self.read();
        for problem in settings.problems() {
            // What is in force elsewhere as well was said by those who made it so.
            if problem.effect == Effect::Nothing && matches!(problem.kind, ProblemKind::ManagedOnly) {
                continue;
            }
            self.tell(NoteKind::NotRead, problem.to_string(), &problem.pointer);
        }
    }
}

/// Calls `seen` with the place of every member that the client knows.
fn walk(members: &Map<String, Value>, at: &Pointer, seen: &mut impl FnMut(&Pointer)) {
    for (name, value) in members {
        let place = at.join(name.as_str());
        if keys::at(&place).is_none() {
            continue;
        }
        seen(&place);
        if let Value::Object(members) = value {
            walk(members, &place, seen);
        }
    }
}

fn remove(members: &mut Map<String, Value>, tokens: &[String]) {
    let Some((first, rest)) = tokens.split_first() else { return };
    if rest.is_empty() {
        members.remove(first);
        return;
    }
    let Some(Value::Object(below)) = members.get_mut(first) else { return };
    remove(below, rest);
    if below.is_empty() {
        members.remove(first);
    }
}

fn origins(baseline: &Baseline) -> Vec<(Pointer, Vec<Origin>)> {
    let values = baseline.values.iter().map(|demand| (demand.what.at.clone(), demand.origins.clone()));
    let entries = baseline.entries.iter().map(|demand| (demand.what.at.clone(), demand.origins.clone()));
    let rules = baseline.rules.iter().map(|demand| (demand.what.at(), demand.origins.clone()));
    let other = baseline.recommendations.iter();
    let other = other.map(|demand| (demand.what.at().clone(), demand.origins.clone()));
    values.chain(entries).chain(rules).chain(other).collect()
}
