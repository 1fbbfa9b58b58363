//! What of a baseline no managed settings can say, each part in a note.

use super::{Note, NoteKind, Options, counted, quoted};
use crate::finding::{Origin, Severity};
use crate::json::Pointer;
use crate::policy::{Baseline, Demand, Facts, Policy, Waiver};

/// The notes on a baseline that hold for every channel.
pub(super) fn notes(baseline: &Baseline, options: &Options<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    unset(baseline, &mut notes);
    limits(baseline, options, &mut notes);
    recommended(baseline, options, &mut notes);
    notes.extend(waivers(baseline));
    early(baseline, &mut notes);
    notes
}

fn unset(baseline: &Baseline, notes: &mut Vec<Note>) {
    let unset: Vec<_> = baseline.values.iter().filter(|demand| demand.what.value.is_null()).collect();
    if unset.is_empty() {
        return;
    }
    let keys = quoted(unset.iter().map(|demand| demand.what.at.dotted()));
    let origins: Vec<Origin> = unset.iter().flat_map(|demand| demand.origins.clone()).collect();
    let message = format!("that nobody sets {keys}: managed settings can set a key, not forbid it");
    notes.push(Note::of(NoteKind::NotEnforced, message, &origins));
}

fn limits(baseline: &Baseline, options: &Options<'_>, notes: &mut Vec<Note>) {
    // Where no other rules count, nobody is left to allow more.
    if !options.only_managed_rules {
        if !baseline.bounds.is_empty() {
            let message = "`limit.allow`: what projects and users allow has no bound in managed settings; \
                           with `--only-managed-rules` no rules of theirs count";
            notes.push(Note::of(NoteKind::NotEnforced, message, &all_origins(&baseline.bounds)));
        }
        if !baseline.never.is_empty() {
            let rules = quoted(baseline.never.iter().map(|demand| demand.what.to_string()));
            let message = format!(
                "`limit.neverAllow` ({rules}): projects and users may allow it; an `ask` or `deny` rule \
                 under `enforce` is stronger than what they allow"
            );
            notes.push(Note::of(NoteKind::NotEnforced, message, &all_origins(&baseline.never)));
        }
    }
    if !baseline.schemas.is_empty() {
        let message = "`limit.settings`: a schema is checked in projects, the client knows none";
        notes.push(Note::of(NoteKind::NotEnforced, message, &all_origins(&baseline.schemas)));
    }
}

fn recommended(baseline: &Baseline, options: &Options<'_>, notes: &mut Vec<Note>) {
    let count = baseline.recommendations.len();
    if count == 0 {
        return;
    }
    let what = counted(count, "recommendation", "recommendations");
    let origins = all_origins(&baseline.recommendations);
    notes.push(if options.with_recommended {
        let message = format!("{what} in force: in managed settings nothing is only recommended");
        Note::of(NoteKind::Differs, message, &origins)
    } else {
        let message = format!(
            "{what} left out: in managed settings everything is in force; `--with-recommended` exports them"
        );
        Note::of(NoteKind::NotEnforced, message, &origins)
    });
}

/// What is open today and not on other days: an export stays as it is until somebody exports again.
pub(super) fn waivers(baseline: &Baseline) -> Vec<Note> {
    let told = |waiver: &Waiver| {
        let message = format!(
            "waiver `{}` opens a part of this until {}: export again on the day after",
            waiver.id, waiver.content.expires
        );
        Note::new(NoteKind::Dated, message)
    };
    baseline.holding_waivers().map(told).collect()
}

/// What is in force before its day.
fn early(baseline: &Baseline, notes: &mut Vec<Note>) {
    let mut early: Vec<Origin> = Vec::new();
    let mut count = 0;
    let mut see = |severity: Severity, origins: &[Origin]| {
        if severity < Severity::Block {
            count += 1;
            early.extend(origins.iter().cloned());
        }
    };
    baseline.values.iter().for_each(|demand| see(demand.severity, &demand.origins));
    baseline.rules.iter().for_each(|demand| see(demand.severity, &demand.origins));
    baseline.entries.iter().for_each(|demand| see(demand.severity, &demand.origins));
    if count > 0 {
        let message = if count == 1 {
            "1 demand that blocks nothing in projects today is in force here at once".to_owned()
        } else {
            format!("{count} demands that block nothing in projects today are in force here at once")
        };
        notes.push(Note::of(NoteKind::Dated, message, &early));
    }
}

/// What is to be said of layers that hold for some repositories only: a machine has many.
pub fn selector_notes(policy: &Policy, facts: &Facts) -> Vec<Note> {
    let mut notes = Vec::new();
    for placed in policy.layers.iter().filter(|placed| !placed.when.is_empty()) {
        let Some(layer) = placed.layers.last() else { continue };
        let origin = layer.origin(&Pointer::root());
        let selector = placed.when.in_words();
        if placed.when.matches(facts) {
            let message = format!(
                "layer `{}` is for {selector}: here it is in force in every folder of the machine",
                layer.id
            );
            notes.push(Note::of(NoteKind::Differs, message, &[origin]));
            continue;
        }
        let unknown: Vec<&String> =
            placed.when.0.keys().filter(|fact| facts.values(fact).is_empty()).collect();
        if !unknown.is_empty() {
            let message = format!(
                "layer `{}` is for {selector} and not part of this: nothing was said of {}; `--fact FACT=VALUE` does",
                layer.id,
                quoted(unknown)
            );
            notes.push(Note::of(NoteKind::NotEnforced, message, &[origin]));
        }
    }
    notes
}

fn all_origins<T>(demands: &[Demand<T>]) -> Vec<Origin> {
    demands.iter().flat_map(|demand| demand.origins.clone()).collect()
}
