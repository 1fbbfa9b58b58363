//! The rules for commands of one list, found by their first word.
//!
//! Leaves out which texts of a command line are held against them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::access::RuleId;
use crate::access::texts::RuleTexts;
use crate::automaton::{self, Class};
use crate::glob::Wildcard;

/// The rules of one list.
#[derive(Debug, Clone, Default)]
pub(super) struct Patterns {
    exact: HashMap<Box<str>, RuleId>,
    /// Patterns that begin with one literal word, by that word.
    heads: HashMap<Box<str>, Vec<Pattern>>,
    /// The others.
    rest: Vec<Pattern>,
    /// How the rules of `exact` and `heads` begin, up to what ends a word.
    beginnings: HashSet<Box<str>>,
}

#[derive(Debug, Clone)]
struct Pattern {
    shape: Shape,
    rule: RuleId,
    /// Whether it ends with a `*` that no backslash escapes.
    open: bool,
}

#[derive(Debug, Clone)]
enum Shape {
    /// The text alone, or the text and a blank and anything.
    Prefix(Box<str>),
    /// Any of these.
    Wildcards(Vec<Wildcard>),
}

impl Patterns {
    pub(super) fn add(&mut self, content: &str, rule: RuleId) {
        if let Some(prefix) = content.strip_suffix(":*").filter(|prefix| !prefix.is_empty()) {
            let prefix = collapse(prefix);
            self.put(Shape::Prefix(prefix.as_ref().into()), &prefix, true, rule);
            return;
        }
        let pattern = Wildcard::with_escapes(content);
        if pattern.is_literal() {
            self.beginnings.insert(beginning(content).into());
            self.exact.entry(content.into()).or_insert(rule);
            return;
        }
        let trimmed = collapse(content.trim());
        let pattern = Wildcard::with_escapes(&trimmed);
        let open = trimmed.ends_with('*');
        if let Some(prefix) = trimmed.strip_suffix(" *")
            && pattern.stars() == 1
            && !prefix.is_empty()
        {
            let prefix = pattern.prefix().trim_end_matches(' ');
            self.put(Shape::Prefix(prefix.into()), prefix, open, rule);
            return;
        }
        let mut forms = vec![pattern.clone()];
        if trimmed.contains("/**/") {
            forms.push(Wildcard::with_escapes(&trimmed.replace("/**/", "/")));
        }
        self.put(Shape::Wildcards(forms), pattern.prefix(), open, rule);
    }

    /// `head` is what every match begins with.
    fn put(&mut self, shape: Shape, head: &str, open: bool, rule: RuleId) {
        let word = match (&shape, head.split_once(' ')) {
            (_, Some((word, _))) => Some(word),
            (Shape::Prefix(_), None) => Some(head),
            _ => None,
        };
        let pattern = Pattern { shape, rule, open };
        match word.filter(|word| !word.is_empty()) {
            Some(word) => {
                self.beginnings.insert(beginning(word).into());
                self.heads.entry(word.into()).or_default().push(pattern);
            }
            None => self.rest.push(pattern),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.heads.is_empty() && self.rest.is_empty()
    }

    /// Whether one of the rules may be for a text of this name and, behind it, nothing or what ends a word:
    /// saves putting together texts that no rule is for.
    pub(super) fn may_begin(&self, name: &str) -> bool {
        !self.rest.is_empty()
            || self.beginnings.contains(name)
            || matches!(name, "" | "xargs")
            || beginning(name).len() < name.len()
    }

    pub(super) fn has_exact(&self) -> bool {
        !self.exact.is_empty()
    }

    /// The rule that is this text.
    pub(super) fn exact(&self, text: &str) -> Option<RuleId> {
        if self.exact.is_empty() { None } else { self.exact.get(text).copied() }
    }

    /// The first rule for the text of one command. With `xargs`, a pattern counts also for what `xargs` runs.
    pub(super) fn find(&self, text: &str, only_open_behind_xargs: bool) -> Option<RuleId> {
        if let Some(rule) = self.exact(text) {
            return Some(rule);
        }
        if self.heads.is_empty() && self.rest.is_empty() {
            return None;
        }
        let text = &*collapse(text);
        let behind = text.strip_prefix("xargs ");
        self.find_pattern(text, false)
            .or_else(|| behind.and_then(|behind| self.find_pattern(behind, only_open_behind_xargs)))
    }

    /// The texts for which each rule is found, for proofs; rules in their order.
    pub(super) fn texts(&self, only_open_behind_xargs: bool) -> Vec<RuleTexts> {
        let exact = self.exact.iter().map(|(text, rule)| RuleTexts {
            rule: *rule,
            start: collapse(text).into(),
            words: collapse(text).into(),
            exact: Some(text.clone()),
            texts: automaton::Pattern::text(text),
        });
        let patterns = self.heads.values().flatten().chain(&self.rest);
        let patterns = patterns.map(|pattern| {
            let behind_xargs = !only_open_behind_xargs || pattern.open;
            RuleTexts {
                rule: pattern.rule,
                start: pattern.start().into(),
                words: pattern.whole_words().into(),
                exact: None,
                texts: pattern.texts(behind_xargs),
            }
        });
        let mut texts: Vec<RuleTexts> = exact.chain(patterns).collect();
        // Tables have no order, and a proof is to take the same steps each time.
        texts.sort_by_key(|texts| texts.rule);
        texts
    }

    /// Whether one of these rules is for a text without uneven blanks.
    pub(super) fn any_for(&self, text: &str, which: impl Fn(RuleId) -> bool) -> bool {
        let exact = self.exact(text).is_some_and(&which);
        let behind = text.strip_prefix("xargs ");
        let texts = [Some(text), behind];
        exact
            || texts.into_iter().flatten().any(|text| {
                let word = text.split(' ').next().unwrap_or_default();
                let mut rules = self.heads.get(word).into_iter().flatten().chain(&self.rest);
                rules.any(|pattern| which(pattern.rule) && pattern.matches(text))
            })
    }

    fn find_pattern(&self, text: &str, only_open: bool) -> Option<RuleId> {
        let word = text.split(' ').next().unwrap_or_default();
        let headed = if self.heads.is_empty() { None } else { self.heads.get(word) };
        let candidates = headed.into_iter().flatten().chain(&self.rest);
        candidates
            .filter(|pattern| !only_open || pattern.open)
            .find(|pattern| pattern.matches(text))
            .map(|pattern| pattern.rule)
    }
}

/// The text up to what ends a word of a command line.
fn beginning(text: &str) -> &str {
    text.split([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']).next().unwrap_or_default()
}

impl Pattern {
    fn matches(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Prefix(prefix) => {
                text.strip_prefix(&**prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            }
            Shape::Wildcards(forms) => forms.iter().any(|form| form.matches(text)),
        }
    }

    /// What all its texts begin with, once they are collapsed.
    fn start(&self) -> &str {
        match &self.shape {
            Shape::Prefix(prefix) => prefix,
            Shape::Wildcards(forms) => forms.first().map_or("", Wildcard::prefix),
        }
    }

    /// The words of that which do not go on in any text.
    fn whole_words(&self) -> &str {
        match &self.shape {
            Shape::Prefix(prefix) => prefix,
            Shape::Wildcards(_) => self.start().rsplit_once(' ').map_or("", |(words, _)| words),
        }
    }

    /// The texts that match once they are collapsed, as a pattern for proofs.
    fn texts(&self, behind_xargs: bool) -> automaton::Pattern {
        let texts = self.own_texts(false);
        if !behind_xargs {
            return texts;
        }
        let xargs = automaton::Pattern::chain([automaton::Pattern::text("xargs"), blanks()]);
        automaton::Pattern::either([texts, automaton::Pattern::chain([xargs, self.own_texts(true)])])
    }

    /// The same without those behind `xargs`; the texts of a rule that stands there follow a blank.
    fn own_texts(&self, behind_blank: bool) -> automaton::Pattern {
        match &self.shape {
            // No text that is collapsed begins so.
            Shape::Prefix(prefix)
                if prefix.contains("  ")
                    || prefix.contains('\t')
                    || (behind_blank && prefix.starts_with(' ')) =>
            {
                automaton::Pattern::either([])
            }
            Shape::Prefix(prefix) if prefix.ends_with(' ') => spread(prefix),
            Shape::Prefix(prefix) => {
                let more = automaton::Pattern::chain([blanks(), automaton::Pattern::anything()]);
                automaton::Pattern::chain([spread(prefix), more.optional()])
            }
            Shape::Wildcards(forms) => {
                automaton::Pattern::either(forms.iter().map(|form| spread_wildcard(form, behind_blank)))
            }
        }
    }
}

/// One blank or several, which count as one.
fn blanks() -> automaton::Pattern {
    let blank = || Class::of(" \t");
    automaton::Pattern::chain([automaton::Pattern::one(blank()), automaton::Pattern::many(blank())])
}

/// The text with any blanks in the place of one.
fn spread(text: &str) -> automaton::Pattern {
    let mut parts = Vec::new();
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            parts.push(blanks());
        }
        parts.push(automaton::Pattern::text(word));
    }
    automaton::Pattern::chain(parts)
}

/// The same for a pattern. Between two blanks a `*` stands for something: where it stood for nothing, the two
/// would be one.
fn spread_wildcard(form: &Wildcard, behind_blank: bool) -> automaton::Pattern {
    let something = || {
        let other = automaton::Pattern::one(Class::of(" \t").complement());
        automaton::Pattern::chain([automaton::Pattern::anything(), other, automaton::Pattern::anything()])
    };
    let pieces = form.pieces();
    let last = pieces.len().saturating_sub(1);
    let pieces = pieces.enumerate().filter(|(at, piece)| *at == 0 || *at == last || !piece.is_empty());
    let mut parts = Vec::new();
    let mut blank_before = behind_blank;
    for (at, piece) in pieces {
        if at == 0 && blank_before && piece.starts_with(' ') {
            return automaton::Pattern::either([]);
        }
        if at > 0 && blank_before && piece.starts_with(' ') {
            parts.push(something());
        } else if at > 0 {
            parts.push(automaton::Pattern::anything());
        }
        parts.push(spread(piece));
        blank_before = piece.ends_with(' ') || (at == 0 && blank_before && piece.is_empty());
    }
    automaton::Pattern::chain(parts)
}

/// The text with one blank for each run of blanks and tabs.
pub(in crate::access) fn collapse(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let uneven = bytes.contains(&b'\t') || bytes.windows(2).any(|pair| pair == b"  ");
    if !uneven {
        return Cow::Borrowed(text);
    }
    let mut even = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c == '\t' { ' ' } else { c };
        if c != ' ' || !even.ends_with(' ') {
            even.push(c);
        }
    }
    Cow::Owned(even)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(rule: &str, text: &str) -> bool {
        let mut patterns = Patterns::default();
        patterns.add(rule, RuleId(0));
        patterns.find(text, false).is_some()
    }

    #[test]
    fn a_trailing_star_stands_for_nothing_only_alone() {
        for (rule, text, is) in [
            ("foo:*", "foo", true),
            ("foo *", "foo", true),
            ("foo *", "foo\ta", true),
            ("foo *", "foox", false),
            ("foo*", "foox", true),
            ("git * main", "git main", false),
            ("foo * *", "foo a", false),
            ("foo  *", "foo a", true),
            ("foo  a:*", "foo a b", true),
            ("foo a", "foo  a", false),
            (" foo", "foo", false),
            ("foo \\*", "foo \\*", true),
            ("foo \\* *", "foo * a", true),
            ("foo \\*", "foo a", false),
            ("foo :*", "foo :x", false),
            ("foo /**/x", "foo /x", true),
            ("foo *", "xargs foo a", true),
            ("foo a", "xargs foo a", false),
            ("**", "a b", true),
        ] {
            assert_eq!(matches(rule, text), is, "{rule}: {text}");
        }
    }

    proptest! {
        #[test]
        fn sets_of_texts_hold_what_is_found(
            rules in prop::collection::vec("(xargs )?[ab]{0,2}[ab \\t*]{0,5}(:\\*)?|a/\\*\\*/b *", 1..4),
            texts in prop::collection::vec("(xargs[ \\t]{1,2})?[ab][ab \\t/]{0,6}", 40),
            only_open: bool,
        ) {
            let mut patterns = Patterns::default();
            for (at, rule) in rules.iter().enumerate() {
                patterns.add(rule, RuleId(u32::try_from(at).unwrap()));
            }
            let all = patterns.texts(only_open);
            for text in texts.iter().map(|text| text.trim()) {
                let holding = all.iter().filter(|one| one.texts.matches(text)).map(|one| one.rule);
                let found = patterns.find(text, only_open);
                prop_assert_eq!(holding.clone().next().is_some(), found.is_some(), "{:?} {:?}", rules, text);
                prop_assert!(found.is_none_or(|found| holding.clone().any(|one| one == found)), "{:?} {:?}", rules, text);
            }
        }
    }
}
