//! One question: does a rule that came or went leave a text that is treated less strictly, and which call
//! shows it?

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Changed, Counted, Open, Outcome, Side, Sides, Why};
use crate::access::{Call, RuleTexts};
use crate::automaton::{Budget, Language, Pattern, Proof, never_matches};

/// How many texts are put to decisions before a question is left undecided.
const MOST_CANDIDATES: usize = 6;

/// The questions of one comparison, and what came of them.
pub(super) struct Search<'a, 'b> {
    pub(super) sides: Sides<'a>,
    counted: Counted,
    budget: &'b mut Budget,
    pub(super) outcome: Outcome,
    /// The rules for which there is a call.
    shown: HashSet<Changed>,
}

/// What is asked: are there calls with a text that is left?
pub(super) struct Question<'q> {
    /// The rule that came or went.
    pub(super) changed: Option<Changed>,
    /// All its texts; none where it is for every text.
    pub(super) own: Option<&'q RuleTexts>,
    /// Its texts that are treated less strictly.
    pub(super) left: &'q dyn Fn() -> Language,
}

/// Texts of one kind, and the calls that are made of them.
pub(super) struct Kind<'a> {
    /// Where texts are looked for, those that are read best first; the last holds all that are looked at.
    pub(super) within: Vec<Language>,
    /// Whether these are all that there are.
    pub(super) is_all: bool,
    /// The calls in which rules are asked about a text, the plainest first.
    pub(super) calls: &'a dyn Fn(&str) -> Vec<Call>,
}

impl<'a, 'b> Search<'a, 'b> {
    pub(super) fn new(sides: Sides<'a>, counted: Counted, budget: &'b mut Budget) -> Self {
        Self { sides, counted, budget, outcome: Outcome::default(), shown: HashSet::new() }
    }

    /// Whether what the client allows without a rule counts.
    pub(super) fn counts_free(&self) -> bool {
        self.counted == Counted::All
    }

    /// Looks for a call that is less strictly decided. That there is none is proved where no text is left. One
    /// call is enough for each rule.
    pub(super) fn ask(&mut self, question: &Question<'_>, kind: &Kind<'_>) -> Answer {
        let changed = question.changed;
        if changed.is_some_and(|changed| self.shown.contains(&changed)) {
            return Answer::Found;
        }
        // Most rules that come or go are the only ones for their first text, and no other has to be looked at.
        if let Some(text) = self.first_text(question, kind)
            && let Some(call) = (kind.calls)(&text).into_iter().next()
            && self.try_call(call, changed).is_ok()
        {
            return Answer::Found;
        }
        let mut texts = (question.left)();
        let all = kind.within.last();
        match all.map_or(Proof::Proved, |all| never_matches(&texts.and(all), self.budget)) {
            Proof::Proved => return self.look_beyond(question, kind),
            Proof::Undecided => return self.leave(changed, Why::Budget),
            Proof::Refuted(_) => {}
        }
        let mut unconfirmed: Option<Call> = None;
        for within in &kind.within {
            for _ in 0..MOST_CANDIDATES {
                let text = match never_matches(&texts.and(within), self.budget) {
                    Proof::Proved => break,
                    Proof::Undecided => return self.leave(changed, Why::Budget),
                    Proof::Refuted(text) => text,
                };
                for call in (kind.calls)(&text) {
                    match self.try_call(call, changed) {
                        Ok(()) => return Answer::Found,
                        Err(call) => unconfirmed = unconfirmed.or(Some(call)),
                    }
                }
                texts = texts.minus(&Pattern::text(&text).into());
            }
        }
        match unconfirmed {
            Some(call) => self.leave(changed, Why::Unconfirmed(call)),
            None => Answer::Proved,
        }
    }

    /// A rule of which no text is looked at: it is not known to make no difference.
    fn look_beyond(&mut self, question: &Question<'_>, kind: &Kind<'_>) -> Answer {
        let (Some(own), Some(all)) = (question.own, kind.within.last()) else { return Answer::Proved };
        if kind.is_all {
            return Answer::Proved;
        }
        let own = all_of(own);
        match never_matches(&own.and(all), self.budget) {
            Proof::Proved => {}
            Proof::Refuted(_) => return Answer::Proved,
            Proof::Undecided => return self.leave(question.changed, Why::Budget),
        }
        let left = own.and(&(question.left)());
        match never_matches(&left, self.budget) {
            Proof::Proved => Answer::Proved,
            Proof::Undecided => self.leave(question.changed, Why::Budget),
            Proof::Refuted(text) => {
                let mut unconfirmed = None;
                for call in (kind.calls)(&text) {
                    match self.try_call(call, question.changed) {
                        Ok(()) => return Answer::Found,
                        Err(call) => unconfirmed = unconfirmed.or(Some(call)),
                    }
                }
                unconfirmed
                    .map_or(Answer::Proved, |call| self.leave(question.changed, Why::Unconfirmed(call)))
            }
        }
    }

    /// The shortest text of the rule, among those that are read best.
    fn first_text(&mut self, question: &Question<'_>, kind: &Kind<'_>) -> Option<String> {
        let own = question.own?;
        // A prefix, or the one text of a rule.
        let is_first = own.words == own.start && !own.start.is_empty();
        if is_first && kind.within.iter().any(|within| within.contains(&own.start)) {
            return Some(own.start.to_string());
        }
        let within = Language::from(own.texts.clone()).and(kind.within.first()?);
        match never_matches(&within, self.budget) {
            Proof::Refuted(text) => Some(text),
            Proof::Proved | Proof::Undecided => None,
        }
    }

    /// Keeps a call that is less strictly decided; gives back one that is not.
    pub(super) fn try_call(&mut self, call: Call, changed: Option<Changed>) -> Result<(), Call> {
        let flow = self.sides.confirm(call, changed)?;
        if !self.counted.counts(&flow) {
            return Err(flow.witness);
        }
        let is_known = match changed {
            Some(changed) => !self.shown.insert(changed),
            None => self.outcome.flows.iter().any(|known| known.witness == flow.witness),
        };
        if !is_known {
            self.outcome.flows.push(flow);
        }
        Ok(())
    }

    pub(super) fn leave(&mut self, changed: Option<Changed>, why: Why) -> Answer {
        self.outcome.open.push(Open { why, changed });
        Answer::Open
    }

    /// Calls of every kind that no rule is likely to speak of, for a mode that lets more happen.
    pub(super) fn ask_of_modes(&mut self) {
        let file = |name: &str| format!("{}/{name}", self.sides.new.place().project);
        let calls = [
            ("Bash", vec![("command", "a".to_owned())]),
            ("Bash", vec![("command", "mkdir a".to_owned())]),
            ("Edit", vec![("file_path", file("a"))]),
            ("Read", vec![("file_path", "/a".to_owned())]),
            ("WebFetch", vec![("url", "https://a.example/".to_owned())]),
            ("mcp__a__a", Vec::new()),
        ];
        let mut unconfirmed = None;
        for (tool, input) in calls {
            match self.try_call(call(tool, input), None) {
                Ok(()) => return,
                Err(call) => unconfirmed = unconfirmed.or(Some(call)),
            }
        }
        if let Some(call) = unconfirmed {
            self.leave(None, Why::Unconfirmed(call));
        }
    }
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// No text is treated less strictly.
    Proved,
    /// A call is less strictly decided.
    Found,
    /// It is not known.
    Open,
}

/// A call with texts as its input.
pub(super) fn call<'t>(tool: &str, input: impl IntoIterator<Item = (&'t str, String)>) -> Call {
    let input = input.into_iter().map(|(field, text)| (field.to_owned(), Value::String(text)));
    Call { tool: tool.to_owned(), input: Map::from_iter(input) }
}

/// All that rules are for.
pub(super) fn union<'t>(rules: impl IntoIterator<Item = &'t RuleTexts>) -> Language {
    rules.into_iter().map(|rule| rule.texts.clone()).collect()
}

/// The rules of one side that stand in none of the lists of the other.
pub(super) fn alone<'t>(rules: &'t [RuleTexts], others: &[&[RuleTexts]]) -> Vec<&'t RuleTexts> {
    let known: HashSet<&Pattern> =
        others.iter().flat_map(|rules| rules.iter()).map(|rule| &rule.texts).collect();
    rules.iter().filter(|rule| !known.contains(&rule.texts)).collect()
}

impl<'q> Question<'q> {
    /// On a rule of the side before the change.
    pub(super) fn gone(rule: &'q RuleTexts, left: &'q dyn Fn() -> Language) -> Self {
        Self { changed: gone(rule), own: Some(rule), left }
    }

    /// On a rule of the side after the change.
    pub(super) fn come(rule: &'q RuleTexts, left: &'q dyn Fn() -> Language) -> Self {
        Self { changed: come(rule), own: Some(rule), left }
    }
}

/// The texts of a rule.
pub(super) fn all_of(rule: &RuleTexts) -> Language {
    rule.texts.clone().into()
}

/// A rule of the side before the change.
pub(super) fn gone(rule: &RuleTexts) -> Option<Changed> {
    Some(Changed { side: Side::Old, rule: rule.rule })
}

/// A rule of the side after the change.
pub(super) fn come(rule: &RuleTexts) -> Option<Changed> {
    Some(Changed { side: Side::New, rule: rule.rule })
}
