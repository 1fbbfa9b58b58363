//! A decision with its steps: what matched, what was judged on the way, and what would change it.
//!
//! INVARIANT: what is said to change a verdict was decided anew with the change made, never guessed.

use super::{Access, Call, Cause, Decision, Loaded, RuleId, Setup, Trace, Verdict, World};
use crate::json::Pointer;
use crate::text::Span;

/// Most changes that an explanation proposes.
const MOST_CHANGES: usize = 4;

/// Most rules that are tried one by one.
const MOST_RULES: usize = 1000;

/// A part of a command line, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// Where it stands in the command line.
    pub span: Span,
    /// What becomes of it, taken for itself.
    pub verdict: Verdict,
    /// Why.
    pub cause: Cause,
}

/// Something that leads to another verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A rule goes.
    Without(RuleId),
    /// An allow rule of this text comes.
    Allow(String),
}

/// A decision with its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// The parts of a command line in the order in which they were judged; none for other calls.
    pub parts: Vec<Part>,
    /// Every rule that matched, each once.
    pub matched: Vec<RuleId>,
    /// What would lead to another verdict, and to which.
    pub changes: Vec<(Change, Verdict)>,
}

/// Hears all steps.
#[derive(Debug, Default)]
struct Steps {
    parts: Vec<Part>,
    matched: Vec<RuleId>,
}

impl Trace for Steps {
    fn listens(&self) -> bool {
        true
    }

    fn matched(&mut self, _part: Option<Span>, rule: RuleId) {
        if !self.matched.contains(&rule) {
            self.matched.push(rule);
        }
    }

    fn part(&mut self, span: Span, text: &str, verdict: Verdict, cause: Cause) {
        let part = Part { text: text.to_owned(), span, verdict, cause };
        if !self.parts.contains(&part) {
            self.parts.push(part);
        }
    }
}

/// Decides a call and tells how.
pub fn explain(setup: &Setup, call: &Call, world: &dyn World) -> (Access, Explanation) {
    let access = Access::new(setup, world);
    let mut steps = Steps::default();
    let decision = access.decide(call, world, &mut steps);
    if let Cause::Rule(rule) = decision.cause {
        steps.matched(None, rule);
    }
    for rule in alone(setup, &access, call, world) {
        steps.matched(None, rule);
    }
    let mut explanation =
        Explanation { decision, parts: steps.parts, matched: steps.matched, changes: Vec::new() };
    explanation.changes = changes(setup, &access, call, world, &explanation);
    (access, explanation)
}

/// The rules that, each for itself, lead to another verdict than none does.
fn alone(setup: &Setup, access: &Access, call: &Call, world: &dyn World) -> Vec<RuleId> {
    let place = |rule: &Loaded| (rule.file, rule.pointer.clone(), rule.span);
    let all: Vec<(usize, Pointer, Span)> = access.rules().iter().map(|(_, rule)| place(rule)).collect();
    let with = |left_out: Vec<(usize, Pointer, Span)>| {
        let setup = Setup { left_out, ..setup.clone() };
        Access::new(&setup, world).decide(call, world, &mut super::Silent).verdict
    };
    let none = with(all.clone());
    let ids = access.rules().iter().enumerate().take(MOST_RULES);
    ids.filter(|(at, _)| {
        let others = all.iter().enumerate().filter(|(other, _)| other != at);
        with(others.map(|(_, place)| place.clone()).collect()) != none
    })
    .map(|(_, (id, _))| id)
    .collect()
}

fn changes(
    setup: &Setup,
    access: &Access,
    call: &Call,
    world: &dyn World,
    explanation: &Explanation,
) -> Vec<(Change, Verdict)> {
    let now = explanation.decision.verdict;
    let decide = |setup: &Setup| Access::new(setup, world).decide(call, world, &mut super::Silent).verdict;
    let mut found = Vec::new();
    let deciding = match explanation.decision.cause {
        Cause::Rule(rule) => Some(rule),
        _ => None,
    };
    let others = explanation.matched.iter().copied().filter(|rule| Some(*rule) != deciding);
    for rule in deciding.into_iter().chain(others) {
        let Some(loaded) = access.rules().get(rule) else { continue };
        let mut without = setup.clone();
        without.left_out.push((loaded.file, loaded.pointer.clone(), loaded.span));
        let then = decide(&without);
        if then != now {
            found.push((Change::Without(rule), then));
        }
    }
    if now == Verdict::Ask || (now == Verdict::Deny && deciding.is_none()) {
        for text in candidates(call, setup) {
            let mut with = setup.clone();
            with.allowed.push(text.clone());
            if decide(&with) == Verdict::Allow {
                found.push((Change::Allow(text), Verdict::Allow));
            }
        }
    }
    found.truncate(MOST_CHANGES);
    found
}

/// Allow rules that may cover the call, the narrowest first.
fn candidates(call: &Call, setup: &Setup) -> Vec<String> {
    let text = |field: &str| call.text(field).map(str::trim).unwrap_or_default();
    match call.tool.as_str() {
        "Bash" => {
            let command = text("command");
            let plain = command.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._/=:@,+-".contains(&b));
            let words: Vec<&str> = command.split_ascii_whitespace().collect();
            let mut found = vec![format!("Bash({})", escaped(command))];
            if plain && words.len() > 2 {
                found
                    .push(format!("Bash({} *)", words.iter().take(2).copied().collect::<Vec<_>>().join(" ")));
            }
            found
        }
        tool @ ("Read" | "Edit" | "Write" | "NotebookEdit") => {
            let path = [text("file_path"), text("notebook_path")].concat();
            let list = if tool == "Read" { "Read" } else { "Edit" };
            let place = &setup.place;
            let absolute = place.absolute(&path);
            let below = |folder: &str| absolute.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            let pattern = below(&place.project).map(|rest| format!("./{rest}"));
            let pattern = pattern.or_else(|| below(&place.home).map(|rest| format!("~/{rest}")));
            vec![format!("{list}({})", escaped(&pattern.unwrap_or_else(|| format!("/{absolute}"))))]
        }
        "WebFetch" => {
            let host = text("url").split("://").nth(1).unwrap_or_default();
            let host = host.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
            vec![format!("WebFetch(domain:{host})")]
        }
        tool => vec![tool.to_owned()],
    }
}

fn escaped(content: &str) -> String {
    content.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}
