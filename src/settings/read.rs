//! The analysis of one file: every problem it has in its scope, and what is lost by them.

use std::collections::HashSet;

use serde_json::Value;

use super::problem::{Effect, Problem, ProblemKind};
use super::taken::Losses;
use super::{Scope, managed, placing, strays};
use crate::client::keys::{self, Loss, Mismatch, Report, describe, effective};
use crate::json::{Document, Node, Pointer};

/// Levels of nesting that the client reads.
const DEEPEST: usize = 64;

pub(super) fn read(document: &Document, scope: Scope) -> (Vec<Problem>, Losses) {
    let managed = scope == Scope::Managed;
    let mut losses = Losses::new(managed);
    let mut problems = syntax(document, scope);
    if let Some(root) = document.root().filter(|root| root.is_object()) {
        let Report { mismatches, unnamed, readings } = keys::report(root, managed);
        for reading in readings {
            losses.read(reading.pointer, reading.value);
        }
        problems.extend(repeated(root));
        if is_deeper(root, DEEPEST) {
            too_deep(root, &Pointer::root(), &mut problems);
        }
        let read = mismatches
            .into_iter()
            .filter(|mismatch| !placing::is_passed_over(root, &mismatch.pointer, scope));
        problems.extend(read.map(|mismatch| wrong_value(mismatch, root, managed)));
        problems.extend(misnamed_markets(root));
        if managed {
            problems.extend(managed::emptied(root, &problems));
            problems.extend(managed::withheld(root, &problems));
        }
        let strays = strays::problems(root, managed);
        let said: HashSet<&Pointer> = strays.iter().map(|stray| &stray.pointer).collect();
        let placed = placing::problems(root, unnamed, scope).into_iter();
        problems.extend(placed.filter(|one| !said.contains(&one.pointer)));
        problems.extend(strays);
    }
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    for problem in &problems {
        match &problem.effect {
            Effect::Drops(at) => losses.add(at.clone(), None),
            Effect::Replaces(at, value) => losses.add(at.clone(), Some(value.clone())),
            Effect::DropsFile | Effect::Halts | Effect::Nothing => {}
        }
    }
    (problems, losses)
}

/// What costs the whole file before any key is looked at.
fn syntax(document: &Document, scope: Scope) -> Vec<Problem> {
    let effect = || if scope == Scope::Managed { Effect::Halts } else { Effect::DropsFile };
    let problem = |span, kind| Problem { pointer: Pointer::root(), span, kind, effect: effect() };
    let faults = document.faults().iter().map(|fault| problem(fault.span, ProblemKind::NotJson(fault.kind)));
    let mut found: Vec<Problem> = faults.collect();
    if found.is_empty()
        && let Some(root) = document.root().filter(|root| !root.is_object())
    {
        found.push(problem(root.span, ProblemKind::NotAnObject { found: describe(root) }));
    }
    found
}

fn repeated(root: &Node) -> Vec<Problem> {
    let lost = root.repeated_keys().into_iter();
    let problem = lost.map(|(pointer, member)| Problem {
        pointer,
        span: member.key_span,
        kind: ProblemKind::RepeatedKey,
        effect: Effect::Nothing,
    });
    problem.collect()
}

/// Marketplaces that stand in the settings themselves under another name than their own.
fn misnamed_markets(root: &Node) -> Vec<Problem> {
    let mut found = Vec::new();
    for list in ["extraKnownMarketplaces", "additionalMarketplaces"] {
        for member in root.get(list).map(Node::members).unwrap_or_default() {
            let source = member.value.get("source");
            let text = |key: &str| source.and_then(|source| source.get(key)).and_then(Node::as_str);
            let (Some("settings"), Some(name)) = (text("source"), text("name")) else { continue };
            if name != member.key {
                let at = Pointer::of([list, member.key.as_str()]);
                found.push(Problem {
                    pointer: at.clone(),
                    span: member.key_span,
                    kind: ProblemKind::WrongValue {
                        expected: format!("its own name, `{name}`"),
                        found: "another name".to_owned(),
                    },
                    effect: Effect::Drops(at),
                });
            }
        }
    }
    found
}

/// Whether objects or arrays stand more than `levels` below `node`.
fn is_deeper(node: &Node, levels: usize) -> bool {
    let mut below = node.items().iter().chain(node.members().iter().map(|member| &member.value));
    let nested = |node: &&Node| node.is_object() || node.is_array();
    match levels.checked_sub(1) {
        None => nested(&node),
        Some(levels) => below.any(|node| is_deeper(node, levels)),
    }
}

/// Objects and arrays below the depth that the client reads: it puts `null` in their place.
fn too_deep(node: &Node, at: &Pointer, found: &mut Vec<Problem>) {
    if at.tokens().len() >= DEEPEST {
        if node.is_object() || node.is_array() {
            let effect = Effect::Replaces(at.clone(), Value::Null);
            found.push(Problem { pointer: at.clone(), span: node.span, kind: ProblemKind::TooDeep, effect });
        }
        return;
    }
    for (index, item) in node.items().iter().enumerate() {
        too_deep(item, &at.join(index.to_string()), found);
    }
    for member in effective(node) {
        too_deep(&member.value, &at.join(member.key.as_str()), found);
    }
}

/// A value that the client would not take as it stands.
fn wrong_value(mismatch: Mismatch, root: &Node, managed: bool) -> Problem {
    let effect = if managed { managed::effect(&mismatch, root) } else { plain(&mismatch) };
    let Mismatch { pointer, span, expected, found, .. } = mismatch;
    Problem { pointer, span, kind: ProblemKind::WrongValue { expected, found }, effect }
}

fn plain(mismatch: &Mismatch) -> Effect {
    match &mismatch.loss {
        Loss::All | Loss::Guarded => Effect::DropsFile,
        Loss::At(at) => Effect::Drops(at.clone()),
        Loss::Reads(at, value) => Effect::Replaces(at.clone(), value.clone()),
        Loss::Effect => Effect::Nothing,
    }
}
