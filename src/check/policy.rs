//! What is wrong with a policy that can be read: layers that contradict each other, settings that do
//! nothing, waivers that are over or too wide.

use std::collections::BTreeSet;

use crate::client::keys;
use crate::finding::{Finding, Place, Severity};
use crate::json::{Document, Pointer};
use crate::policy::{
    AttestationStanding, Day, Excess, Facts, Framework, Layer, Need, Opening, Policy, Standing, Waiver,
};
use crate::rule::{List, Rule};
use crate::settings::{ProblemKind, Scope, Settings};
use crate::text::Span;

/// Everything that is wrong with a policy on a day, apart from what kept it from being read.
pub fn policy_findings(policy: &Policy, today: Day) -> Vec<Finding> {
    let mut findings = unusable(policy, today);
    findings.extend(policy.loosenings(today));
    check_waivers(policy, today, &mut findings);
    check_attestations(policy, today, &mut findings);
    for (place, key) in policy.frameworks.iter().flat_map(unknown_keys) {
        let message = format!("the client knows no key `{key}`, so no settings can say it");
        let check = super::unknown_key::CHECK;
        findings.push(Finding::new(check.name, Severity::Warn, place, message));
    }
    findings
}

/// The part of it that is found without a proof: layers that contradict each other, and values that the client does not
/// take. With these a machine would have to do without the policy.
pub fn unusable(policy: &Policy, today: Day) -> Vec<Finding> {
    let mut findings = policy.contradictions(today);
    let mut seen = BTreeSet::new();
    for layer in policy.layers.iter().flat_map(|placed| &placed.layers) {
        if seen.insert(layer.id.as_str()) {
            check_settings(layer, &mut findings);
        }
    }
    findings
}

/// The keys that requirements of a framework are about and that the client does not know.
pub fn unknown_keys(framework: &Framework) -> Vec<(Place, String)> {
    let mut unknown = Vec::new();
    for (at, control) in framework.content.controls.iter().enumerate() {
        for (number, requirement) in control.requirements.iter().enumerate() {
            let Need::Setting(need) = &requirement.needs else { continue };
            let Ok(pointer) = need.at.parse::<Pointer>() else { continue };
            if !is_known(&pointer) {
                unknown.push((framework.place_of_need(at, number), pointer.dotted()));
            }
        }
    }
    unknown
}

/// Whether a key is one that the client knows, or lies in one whose keys are anybody's.
fn is_known(at: &Pointer) -> bool {
    let mut place = Pointer::root();
    for token in at.tokens() {
        let holder = keys::at(&place);
        if holder.is_some_and(|holder| !holder.kind().holds_keys()) {
            return true;
        }
        place = place.join(token.as_str());
        if keys::at(&place).is_none() {
            return false;
        }
    }
    true
}

/// What is said by somebody is said for a time.
fn check_attestations(policy: &Policy, today: Day, findings: &mut Vec<Finding>) {
    for attestation in policy.newest_attestations(today) {
        let content = &attestation.content;
        let named = format!("attestation `{}` of {}", attestation.id, content.owner);
        let (check, key, message, help) = match attestation.standing(None, today) {
            AttestationStanding::Counts => continue,
            AttestationStanding::ToCome(_) => (
                super::attestation_to_come::CHECK,
                "date",
                format!("{named} speaks of {}, which is still to come", content.date),
                "correct the day, or bring it in when it is true",
            ),
            AttestationStanding::Overdue(days) => (
                super::attestation_overdue::CHECK,
                "due",
                format!(
                    "{named} was due on {}, {days} {} ago",
                    attestation.ends(None),
                    if days == 1 { "day" } else { "days" }
                ),
                "do again what it says, and add a file with the new day and the new evidence",
            ),
            AttestationStanding::DueSoon(_) => (
                super::attestation_due_soon::CHECK,
                "due",
                format!("{named} is due on {}", attestation.ends(None)),
                "do again what it says, and add a file with the new day and the new evidence",
            ),
        };
        let finding = Finding::new(check.name, check.severity, attestation.place(key), message);
        findings.push(finding.key(attestation.id.as_str()).help(help));
    }
}

/// What a layer writes into settings is looked at as the client would: in the file of a project.
fn check_settings(layer: &Layer, findings: &mut Vec<Finding>) {
    for section in ["enforce", "recommend"] {
        let Some(node) = layer.document().at(&Pointer::of([section])) else { continue };
        let text = layer.document().source().slice(node.span);
        let settings = Settings::read(Document::parse(text), Scope::Project);
        for list in List::ALL {
            for entry in settings.written_rules(list) {
                let rule = Rule::parse(entry.text);
                let Some(dead) = super::dead_rule::dead(&rule, list) else { continue };
                let start = node.span.start;
                let span = Span::new(start + entry.span.start, start + entry.span.end);
                let place = Place::new(layer.file_name().clone(), layer.document().source(), span);
                let finding = super::dead_rule::report(&rule, list, &dead, place);
                findings.push(finding.key(format!("{section} {} {rule}", list.key())));
            }
        }
        for problem in settings.problems() {
            // `null` is our own word: the key may not be set.
            let is_null = settings
                .document()
                .at(&problem.pointer)
                .is_some_and(|node| node.kind == crate::json::Kind::Null);
            let (check, severity, message) = match &problem.kind {
                ProblemKind::WrongValue { .. } if is_null && section == "enforce" => continue,
                ProblemKind::WrongValue { .. } | ProblemKind::BadHook { .. } | ProblemKind::TooDeep => {
                    (super::invalid_value::CHECK, Severity::Block, problem.to_string())
                }
                ProblemKind::UnknownKey { .. } => {
                    (super::unknown_key::CHECK, Severity::Warn, problem.to_string())
                }
                ProblemKind::MisplacedKey { .. } => {
                    (super::misplaced_key::CHECK, Severity::Block, problem.to_string())
                }
                ProblemKind::ManagedOnly => {
                    (super::managed_only_key::CHECK, Severity::Warn, problem.to_string())
                }
                ProblemKind::NotHeeded { .. } | ProblemKind::UnheededMode { .. } => {
                    (super::ineffective_in_project::CHECK, Severity::Warn, problem.to_string())
                }
                // A policy file that is no JSON was reported when it was read; the last two are of managed files.
                ProblemKind::NotJson(_)
                | ProblemKind::NotAnObject { .. }
                | ProblemKind::RepeatedKey
                | ProblemKind::NothingLeft
                | ProblemKind::Withheld { .. } => continue,
            };
            let span = Span::new(node.span.start + problem.span.start, node.span.start + problem.span.end);
            let place = Place::new(layer.file_name().clone(), layer.document().source(), span);
            findings.push(
                Finding::new(check.name, severity, place, message)
                    .key(format!("{section}{}", problem.pointer)),
            );
        }
    }
}

fn check_waivers(policy: &Policy, today: Day, findings: &mut Vec<Finding>) {
    for waiver in &policy.waivers {
        let expires = waiver.place(&Pointer::of(["expires"]));
        let concerned = policy
            .repositories
            .iter()
            .any(|repository| waiver.concerns(&Facts::none().with("name", repository.name.as_str())));
        if !policy.repositories.is_empty() && !concerned {
            let place = waiver.place(&Pointer::of(["repositories"]));
            let message = format!("waiver `{}` names no repository of the inventory", waiver.id);
            let check = super::waiver_unused::CHECK;
            findings.push(Finding::new(check.name, check.severity, place, message).key(waiver.id.as_str()));
        }
        match waiver.standing(today) {
            Standing::Expired(_) => {
                let message = format!("waiver `{}` ended on {}", waiver.id, waiver.content.expires);
                let check = super::waiver_expired::CHECK;
                let finding =
                    Finding::new(check.name, check.severity, expires, message).key(waiver.id.as_str());
                findings
                    .push(finding.help("delete the waiver, or have it renewed with a new day and a reason"));
                continue;
            }
            Standing::Expiring(_) => {
                let message = format!("waiver `{}` ends on {}", waiver.id, waiver.content.expires);
                let check = super::waiver_expiring::CHECK;
                findings
                    .push(Finding::new(check.name, check.severity, expires, message).key(waiver.id.as_str()));
            }
            Standing::Holds => {}
        }
        for (place, what) in waiver.over_broad(today) {
            let message = format!("waiver `{}` is too broad: {what}", waiver.id);
            let check = super::waiver_over_broad::CHECK;
            let finding = Finding::new(check.name, check.severity, place, message);
            findings.push(
                finding.help("name the repositories, rules, keys and servers that need it, and a near day"),
            );
        }
        check_effect(policy, waiver, today, findings);
    }
}

/// A waiver opens what it names, no more and no less.
fn check_effect(policy: &Policy, waiver: &Waiver, today: Day, findings: &mut Vec<Finding>) {
    let opens = waiver.place(&Pointer::of(["opens"]));
    let check = super::waiver_over_broad::CHECK;
    match policy.excess(waiver, today) {
        None => {}
        Some(Excess::Shown(call)) => {
            let message = format!("waiver `{}` opens more than it names: {call}", waiver.id);
            let finding = Finding::new(check.name, check.severity, opens, message).key(waiver.id.as_str());
            findings.push(finding.help("open the rules that are enforced, each as it stands in its layer"));
        }
        Some(Excess::NotDecided(why)) => {
            let message =
                format!("whether waiver `{}` opens more than it names is not decided: {why}", waiver.id);
            findings.push(Finding::new(check.name, Severity::Note, opens, message).key(waiver.id.as_str()));
        }
    }
    let check = super::waiver_unused::CHECK;
    for Opening { place, what, opens_part_of } in policy.unused_openings(waiver, today) {
        let (message, help) = match opens_part_of {
            Some((rule, there)) => (
                format!(
                    "waiver `{}` opens `{what}`, which is only a part of `{rule}` at {there}: nothing is opened",
                    waiver.id
                ),
                "a rule is opened whole or not at all: name it as it stands, or narrow it in its layer",
            ),
            None => (
                format!(
                    "waiver `{}` opens `{what}`, and no layer asks for or limits anything within it",
                    waiver.id
                ),
                "take it out of the waiver",
            ),
        };
        let finding = Finding::new(check.name, check.severity, place, message);
        findings.push(finding.key(format!("{} {what}", waiver.id)).help(help));
    }
}
