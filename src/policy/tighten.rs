//! That later layers only tighten, proved: what layers enforce, with one more among them, lets no call through that
//! was not let through before, and sets no key to a value that lets more happen.
//!
//! Counted is what layers enforce. What they recommend is up to the project, and what they limit only intersects.
//! An allow rule is no loosening where an earlier layer bounds what may be allowed at all: it lies within the bound,
//! or `merge` reports it. Nor is a key that an earlier layer gives free. Values that contradict each other are
//! reported by `merge` as well.

use std::collections::BTreeSet;

use super::merge::LOOSENING;
use super::witness::{origins, reason, told};
use super::{Baseline, Day, Demand, Policy, Value};
use crate::access::Setup;
use crate::automaton::Budget;
use crate::finding::{Finding, Origin, Place, Severity};
use crate::json::{Document, Pointer};
use crate::proof::{
    self, Changed, Direction, Flow, KeyChange, Outcome, Pair, Said, Side, changed_keys, is_ordered,
};
use crate::rule::List;
use crate::settings::{Scope, Settings};

impl Policy {
    /// Every layer that lets more happen than those before it, for each order in which layers hold together.
    pub fn loosenings(&self, today: Day) -> Vec<Finding> {
        let mut found: Vec<Finding> = Vec::new();
        let mut seen = BTreeSet::new();
        for group in self.groups(self.members()) {
            let mut earlier: Vec<usize> = Vec::new();
            for layer in group.layers {
                if !earlier.is_empty() && seen.insert((earlier.clone(), layer)) {
                    for finding in self.loosenings_by(&earlier, layer, today) {
                        let is_known = |known: &Finding| {
                            (known.check, &known.place, &known.key)
                                == (finding.check, &finding.place, &finding.key)
                        };
                        if !found.iter().any(is_known) {
                            found.push(finding);
                        }
                    }
                }
                earlier.push(layer);
            }
        }
        found
    }

    /// What one more layer lets happen.
    fn loosenings_by(&self, earlier: &[usize], layer: usize, today: Day) -> Vec<Finding> {
        let Some(last) = self.layers.get(layer).and_then(|placed| placed.layers.last()) else {
            return Vec::new();
        };
        let mut old = self.merge_layers(earlier, today);
        let new = self.merge_layers(&[earlier, &[layer]].concat(), today);
        let free: Vec<Pointer> = earlier
            .iter()
            .filter_map(|number| self.layers.get(*number))
            .flat_map(|placed| &placed.layers)
            .flat_map(|layer| layer.content.overridable.iter().filter_map(|text| text.parse().ok()))
            .collect();
        let is_free = |at: &Pointer| free.iter().any(|pointer| pointer.contains(at));
        permit(&mut old, &new, &is_free);
        let [before, after] = [&old, &new].map(Baseline::enforced_settings);
        if before == after {
            return Vec::new();
        }
        let [before, after] =
            [before, after].map(|value| Settings::read(Document::parse(value.to_string()), Scope::Project));
        let said = |settings| Said { files: settings, servers: None };
        let mut keys = changed_keys(said(&[&before]), said(&[&after]));
        keys.retain(|key| {
            key.direction == Direction::Looser && is_ordered(&key.pointer) && !is_free(&key.pointer)
        });
        let pair = Pair::new(&Setup::made_up([before]), &Setup::made_up([after]));
        let Outcome { flows, open } = proof::gains(pair.sides(), &mut Budget::default());
        let step = Step {
            title: &last.content.title,
            whole: last.place(&Pointer::of(["enforce"])),
            old: &old,
            new: &new,
            pair: &pair,
        };
        let (by_rules, by_keys): (Vec<Flow>, Vec<Flow>) =
            flows.into_iter().partition(|flow| flow.changed.is_some());
        let mut found: Vec<Finding> = by_rules.iter().map(|flow| step.by_rule(flow)).collect();
        found.extend(keys.iter().map(|key| step.by_key(key, by_keys.first())));
        if keys.is_empty() {
            found.extend(by_keys.first().map(|flow| step.by_something(flow)));
        }
        found.extend(step.unknown(&open));
        found
    }
}

/// Takes over what a later layer may do: set the keys that were given free, and allow what lies within a bound.
fn permit(old: &mut Baseline, new: &Baseline, is_free: &impl Fn(&Pointer) -> bool) {
    let is_free_value = |demand: &&Demand<Value>| is_free(&demand.what.at);
    old.values.retain(|demand| !is_free(&demand.what.at));
    old.values.extend(new.values.iter().filter(is_free_value).cloned());
    old.entries.extend(new.entries.iter().filter(|demand| is_free(&demand.what.at)).cloned());
    if !old.bounds.is_empty() {
        old.rules.extend(new.rules.iter().filter(|demand| demand.what.list == List::Allow).cloned());
    }
}

/// One layer behind others.
struct Step<'a> {
    title: &'a str,
    /// Where the layer says what it enforces.
    whole: Place,
    old: &'a Baseline,
    new: &'a Baseline,
    pair: &'a Pair,
}

impl Step<'_> {
    /// A rule and the lines that ask for it.
    fn rule(&self, changed: Changed) -> Option<(String, &[Origin])> {
        let sides = self.pair.sides();
        let (access, baseline) = match changed.side {
            Side::Old => (sides.old, self.old),
            Side::New => (sides.new, self.new),
        };
        let text = access.rules().get(changed.rule)?.rule.text().to_owned();
        Some((text, origins(baseline, access, changed.rule)))
    }

    fn report(&self, severity: Severity, origins: &[Origin], key: &str, message: String) -> Finding {
        let place = origins.last().map_or_else(|| self.whole.clone(), |origin| origin.place.clone());
        Finding::new(LOOSENING, severity, place, message).key(format!("{} {key}", self.title))
    }

    fn by_rule(&self, flow: &Flow) -> Finding {
        let Some((text, origins)) = flow.changed.and_then(|changed| self.rule(changed)) else {
            return self.by_something(flow);
        };
        let message = format!(
            "layer `{}` lets more happen than the layers before it: by `{text}`, {}",
            self.title,
            told(flow)
        );
        let help =
            "recommend the rule instead, or let an earlier layer say under `limit.allow` what may be allowed";
        self.with_earlier(flow, self.report(Severity::Block, origins, &text, message).help(help))
    }

    fn by_key(&self, change: &KeyChange, flow: Option<&Flow>) -> Finding {
        let key = change.pointer.dotted();
        let says =
            |written: &Option<proof::Written>| written.as_ref().map(|written| written.value.to_string());
        let what = match (says(&change.old), says(&change.new)) {
            (None, Some(new)) if change.part == proof::Part::Entry => format!("adds `{new}` to `{key}`"),
            (None, Some(new)) => format!("sets `{key}` to `{new}`, which they do not set"),
            (Some(old), Some(new)) => format!("sets `{key}` to `{new}` instead of `{old}`"),
            (old, None) => format!("takes `{}` from `{key}`", old.unwrap_or_default()),
        };
        let shown = flow.map(|flow| format!("; with all that it sets, {}", told(flow))).unwrap_or_default();
        let message =
            format!("layer `{}` lets more happen than the layers before it: it {what}{shown}", self.title);
        let help =
            format!("take it away, or list `{}` under `overridable` in an earlier layer", change.pointer);
        let origins = self.origins_of_key(change);
        let finding = self.report(Severity::Block, origins, &change.pointer.to_string(), message).help(help);
        match flow {
            Some(flow) => self.with_earlier(flow, finding),
            None => finding,
        }
    }

    fn origins_of_key(&self, change: &KeyChange) -> &[Origin] {
        let value = change.new.as_ref().map(|written| &written.value);
        let values = self.new.values.iter().filter(|demand| demand.what.at == change.pointer);
        let entries = self.new.entries.iter().filter(|demand| {
            demand.what.at == change.pointer && value.is_none_or(|value| *value == demand.what.entry)
        });
        let asked = values.map(|demand| &demand.origins).chain(entries.map(|demand| &demand.origins));
        asked.map(Vec::as_slice).next().unwrap_or_default()
    }

    fn by_something(&self, flow: &Flow) -> Finding {
        let message =
            format!("layer `{}` lets more happen than the layers before it: {}", self.title, told(flow));
        self.with_earlier(flow, self.report(Severity::Block, &[], "", message))
    }

    /// Shows the rule that held the call before.
    fn with_earlier(&self, flow: &Flow, finding: Finding) -> Finding {
        let Some(rule) = flow.old.cause.rule() else { return finding };
        match origins(self.old, self.pair.sides().old, rule).first() {
            Some(origin) => {
                finding.related(origin.place.clone(), format!("layer `{}` holds it here", origin.layer))
            }
            None => finding,
        }
    }

    /// One note, however many questions are open: they mostly are for one reason.
    fn unknown(&self, open: &[proof::Open]) -> Option<Finding> {
        let own = |open: &&proof::Open| open.changed.is_some_and(|changed| changed.side == Side::New);
        let example = open.iter().find(own).or(open.first())?;
        let (by, origins) = match example.changed.and_then(|changed| self.rule(changed)) {
            Some((text, origins)) => (format!(" for `{text}`"), origins),
            None => (String::new(), &[][..]),
        };
        let others = match open.len() {
            1 => String::new(),
            count => format!(", and for {} more", count - 1),
        };
        let message = format!(
            "whether layer `{}` lets more happen than the layers before it is not decided{by}{others}: {}",
            self.title,
            reason(example)
        );
        let origins =
            if example.changed.is_some_and(|changed| changed.side == Side::New) { origins } else { &[] };
        Some(self.report(Severity::Note, origins, "not decided", message))
    }
}
