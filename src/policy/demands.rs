//! What two baselines ask of a project beside the settings that it gets: limits, catalogues, waivers, what is
//! enforced and what is only recommended, and how much a breach weighs.
//!
//! Settings themselves are left out: rules are a matter of proofs, keys of their order (`proof`).

use serde_json::Value as Json;

use super::baseline::{Baseline, Demand, Recommendation};
use super::file::ServerEntry;
use crate::finding::{Origin, Place, Severity};
use crate::guard::{Answer, Kind};
use crate::json::Pointer;
use crate::proof::Direction;
use crate::rule::{Cover, List, implies};

/// Something that a policy asks of a project and another does not.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandChange {
    /// What changes, in one sentence.
    pub what: String,
    /// What that means for what agents may do.
    pub direction: Direction,
    /// The line that asked for it.
    pub old: Option<Place>,
    /// The line that asks for it.
    pub new: Option<Place>,
}

/// What is not asked for alike.
pub fn changed_demands(old: &Baseline, new: &Baseline) -> Vec<DemandChange> {
    let mut found = Vec::new();
    limits(old, new, &mut found);
    catalogues(old, new, &mut found);
    enforcement(old, new, &mut found);
    weights(old, new, &mut found);
    waivers(old, new, &mut found);
    texts(old, new, &mut found);
    guards(old, new, &mut found);
    found
}

fn place(origins: &[Origin]) -> Option<Place> {
    origins.first().map(|origin| origin.place.clone())
}

fn gone<T>(demand: &Demand<T>, direction: Direction, what: String) -> DemandChange {
    DemandChange { what, direction, old: place(&demand.origins), new: None }
}

fn come<T>(demand: &Demand<T>, direction: Direction, what: String) -> DemandChange {
    DemandChange { what, direction, old: None, new: place(&demand.origins) }
}

/// The demands of one side that the other does not have.
fn alone<'a, T: PartialEq>(demands: &'a [Demand<T>], others: &[Demand<T>]) -> Vec<&'a Demand<T>> {
    demands.iter().filter(|demand| !others.iter().any(|other| other.what == demand.what)).collect()
}

fn limits(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    let holds_never = |baseline: &Baseline, rule: &_| {
        baseline.never.iter().any(|never| implies(List::Deny, &never.what, rule))
    };
    for demand in alone(&old.never, &new.never) {
        if !holds_never(new, &demand.what) {
            let what = format!("`{}` is no longer under `limit.neverAllow`", demand.what);
            found.push(gone(demand, Direction::Looser, what));
        }
    }
    for demand in alone(&new.never, &old.never) {
        if !holds_never(old, &demand.what) {
            let what = format!("`{}` may never be allowed", demand.what);
            found.push(come(demand, Direction::Stricter, what));
        }
    }
    // A bound is kept where another one lies within it.
    let is_kept = |bound: &Demand<Vec<_>>, by: &Baseline| {
        let cover = Cover::new(List::Allow, &bound.what);
        by.bounds.iter().any(|other| other.what.iter().all(|rule| cover.covers(rule)))
    };
    for demand in old.bounds.iter().filter(|bound| !is_kept(bound, new)) {
        let what = "more may be allowed than this `limit.allow` had".to_owned();
        found.push(gone(demand, Direction::Looser, what));
    }
    for demand in new.bounds.iter().filter(|bound| !is_kept(bound, old)) {
        let what = "less may be allowed: `limit.allow` bounds it here".to_owned();
        found.push(come(demand, Direction::Stricter, what));
    }
    let (lost, added) = (alone(&old.schemas, &new.schemas), alone(&new.schemas, &old.schemas));
    let [when_lost, when_added] = directions(lost.is_empty(), added.is_empty());
    found.extend(lost.iter().map(|demand| {
        gone(demand, when_lost, "the settings need not satisfy this `limit.settings` any more".to_owned())
    }));
    found.extend(added.iter().map(|demand| {
        come(demand, when_added, "the settings must satisfy this `limit.settings`".to_owned())
    }));
}

/// What it means that a bound goes and that one comes, where both may be the same one changed.
fn directions(none_lost: bool, none_added: bool) -> [Direction; 2] {
    if none_lost || none_added {
        [Direction::Looser, Direction::Stricter]
    } else {
        [Direction::Unordered, Direction::Unordered]
    }
}

fn catalogues(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    let is_kept = |catalogue: &[ServerEntry], by: &Baseline| {
        by.approved.iter().any(|other| other.what.iter().all(|entry| catalogue.contains(entry)))
    };
    for demand in old.approved.iter().filter(|demand| !is_kept(&demand.what, new)) {
        let what = "this catalogue of MCP servers does not hold any more".to_owned();
        found.push(gone(demand, Direction::Looser, what));
    }
    for demand in new.approved.iter().filter(|demand| !is_kept(&demand.what, old)) {
        let what = "MCP servers must be in this catalogue".to_owned();
        found.push(come(demand, Direction::Stricter, what));
    }
    for demand in alone(&old.blocked, &new.blocked) {
        let what = format!("MCP servers of {} are no longer blocked", demand.what);
        found.push(gone(demand, Direction::Looser, what));
    }
    for demand in alone(&new.blocked, &old.blocked) {
        let what = format!("MCP servers of {} are blocked", demand.what);
        found.push(come(demand, Direction::Stricter, what));
    }
}

/// A key and its value, or a list and its entry, and who asks for it.
type Asked<'a> = (Pointer, Json, &'a [Origin]);

fn enforced(baseline: &Baseline) -> Vec<Asked<'_>> {
    let rules = baseline.rules.iter();
    let rules = rules.map(|demand| (demand.what.at(), demand.what.rule.text().into(), &*demand.origins));
    let values = baseline.values.iter();
    let values = values.map(|demand| (demand.what.at.clone(), demand.what.value.clone(), &*demand.origins));
    let entries = baseline.entries.iter();
    let entries = entries.map(|demand| (demand.what.at.clone(), demand.what.entry.clone(), &*demand.origins));
    rules.chain(values).chain(entries).collect()
}

/// What one side enforces and the other leaves to the project, though a project with nothing of its own gets it
/// from both; and keys that may not be set.
fn enforcement(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    let recommends = |baseline: &Baseline, (at, value, _): &Asked<'_>| {
        baseline.recommendations.iter().any(|demand| match &demand.what {
            Recommendation::Value(known) => known.at == *at && known.value == *value,
            Recommendation::Entry(known) => known.at == *at && known.entry == *value,
        })
    };
    let (before, after) = (enforced(old), enforced(new));
    let is_in = |asked: &[Asked<'_>], (at, value, _): &Asked<'_>| {
        asked.iter().any(|(known, other, _)| known == at && other == value)
    };
    let is_grant = |(at, _, _): &Asked<'_>| *at == List::Allow.pointer();
    let named = |(at, value, _): &Asked<'_>| format!("`{value}` of `{}`", at.dotted());
    for asked in before.iter().filter(|asked| !is_in(&after, asked)) {
        let (what, direction) = if asked.1.is_null() {
            (format!("`{}` may be set again", asked.0.dotted()), Direction::Looser)
        } else if recommends(new, asked) {
            let direction = if is_grant(asked) { Direction::Neutral } else { Direction::Looser };
            (format!("{} is recommended only", named(asked)), direction)
        } else {
            continue;
        };
        found.push(DemandChange { what, direction, old: place(asked.2), new: None });
    }
    for asked in after.iter().filter(|asked| !is_in(&before, asked)) {
        let (what, direction) = if asked.1.is_null() {
            (format!("`{}` may not be set", asked.0.dotted()), Direction::Stricter)
        } else if recommends(old, asked) {
            let direction = if is_grant(asked) { Direction::Neutral } else { Direction::Stricter };
            (format!("{} is enforced, no longer recommended only", named(asked)), direction)
        } else {
            continue;
        };
        found.push(DemandChange { what, direction, old: None, new: place(asked.2) });
    }
}

/// A demand of one side: how much a breach weighs, and who asks for it.
type Weighed<'a> = (Severity, &'a [Origin]);

/// What both sides ask for.
fn shared<'a, T: PartialEq>(old: &'a [Demand<T>], new: &'a [Demand<T>]) -> Vec<(Weighed<'a>, Weighed<'a>)> {
    let weighed = |demand: &'a Demand<T>| (demand.severity, &*demand.origins);
    let pairs = old.iter().filter_map(|demand| {
        let other = new.iter().find(|other| other.what == demand.what)?;
        Some((weighed(demand), weighed(other)))
    });
    pairs.collect()
}

/// How much a breach weighs, of what both sides ask for; one entry for each layer.
fn weights(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    let pairs = [
        shared(&old.rules, &new.rules),
        shared(&old.values, &new.values),
        shared(&old.entries, &new.entries),
        shared(&old.bounds, &new.bounds),
        shared(&old.never, &new.never),
        shared(&old.schemas, &new.schemas),
        shared(&old.approved, &new.approved),
        shared(&old.blocked, &new.blocked),
        shared(&old.provided, &new.provided),
    ];
    let layer = |weighed: &Weighed<'_>| weighed.1.last().map(|origin| origin.layer.clone());
    let mut changes: Vec<(Weighed<'_>, Weighed<'_>)> = Vec::new();
    for (before, after) in pairs.into_iter().flatten().filter(|(before, after)| before.0 != after.0) {
        let is_known = |(old, new): &(Weighed<'_>, Weighed<'_>)| {
            (old.0, new.0, layer(new)) == (before.0, after.0, layer(&after))
        };
        if !changes.iter().any(is_known) {
            changes.push((before, after));
        }
    }
    for (before, after) in changes {
        let layer = layer(&after).unwrap_or_default();
        found.push(DemandChange {
            what: format!("what layer `{layer}` asks for weighs `{}` instead of `{}`", after.0, before.0),
            direction: if after.0 < before.0 { Direction::Looser } else { Direction::Stricter },
            old: place(before.1),
            new: place(after.1),
        });
    }
}

fn waivers(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    let is_held = |baseline: &Baseline, waiver: &super::Waiver| {
        baseline
            .holding_waivers()
            .any(|other| (&other.id, &other.content.opens) == (&waiver.id, &waiver.content.opens))
    };
    let opens = Pointer::of(["opens"]);
    for waiver in old.holding_waivers().filter(|waiver| !is_held(new, waiver)) {
        let what = format!("waiver `{}` does not hold any more as it was", waiver.id);
        let (old, new) = (Some(waiver.place(&opens)), None);
        found.push(DemandChange { what, direction: Direction::Stricter, old, new });
    }
    for waiver in new.holding_waivers().filter(|waiver| !is_held(old, waiver)) {
        let what = format!("waiver `{}` holds", waiver.id);
        let (old, new) = (None, Some(waiver.place(&opens)));
        found.push(DemandChange { what, direction: Direction::Looser, old, new });
    }
}

fn guards(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    for kind in Kind::ALL {
        let strictest = |baseline: &'_ Baseline| {
            let answers = baseline.guard.iter().filter(|demand| demand.what.kind == kind);
            answers
                .max_by_key(|demand| demand.what.answer)
                .map(|demand| (demand.what.answer, place(&demand.origins)))
        };
        let (before, after) = (strictest(old), strictest(new));
        let answer = |side: &Option<(Answer, Option<Place>)>| side.as_ref().map(|(answer, _)| *answer);
        let told = |answer: Option<Answer>| answer.map_or("nothing", Answer::name);
        let (was, is) = (answer(&before), answer(&after));
        if was != is {
            found.push(DemandChange {
                what: format!("the guard answers {} to `{}` instead of {}", told(is), kind.key(), told(was)),
                direction: if is < was { Direction::Looser } else { Direction::Stricter },
                old: before.and_then(|(_, place)| place),
                new: after.and_then(|(_, place)| place),
            });
        }
    }
}

fn texts(old: &Baseline, new: &Baseline, found: &mut Vec<DemandChange>) {
    for demand in alone(&old.texts, &new.texts) {
        let what = format!("another text, or none, in `{}`", demand.what.path);
        found.push(gone(demand, Direction::Neutral, what));
    }
    for demand in alone(&new.texts, &old.texts) {
        found.push(come(demand, Direction::Neutral, format!("a text in `{}`", demand.what.path)));
    }
}
