//! Command lines.
//!
//! A rule without a wildcard is for a whole line as well, operators and all, and there the text of the line is
//! no text of one command: each such rule is put to a decision.
//!
//! Leaves out the files that commands name, which are held against path rules, and variables that settings set.

mod lines;
mod reach;

pub(super) use lines::{all as all_lines, call, is_compound};

use self::reach::{Free, Reach};
use super::question::{Answer, Kind, Question, Search, all_of, alone, come, gone, union};
use super::{Changed, Freedom, Side, Why};
use crate::access::{Access, Call, RuleId, RuleTexts};
use crate::automaton::Language;
use crate::rule::List;

const TOOL: &str = "Bash";

/// The rules of one side.
struct Lists {
    deny: Vec<RuleTexts>,
    ask: Vec<RuleTexts>,
    allow: Vec<RuleTexts>,
    deny_all: Option<RuleId>,
    ask_all: Option<RuleId>,
    allow_all: Option<RuleId>,
    freedom: Freedom,
}

/// A deny or ask rule that is not there any more.
struct Gone<'l> {
    rule: RuleId,
    /// Its texts; none where it was for every command.
    texts: Option<&'l RuleTexts>,
    was_denied: bool,
}

impl Lists {
    fn of(access: &Access) -> Self {
        Self {
            deny: access.command_texts(List::Deny),
            ask: access.command_texts(List::Ask),
            allow: access.command_texts(List::Allow),
            deny_all: access.whole_tool(List::Deny, TOOL),
            ask_all: access.whole_tool(List::Ask, TOOL),
            allow_all: access.whole_tool(List::Allow, TOOL),
            freedom: Freedom::of(access),
        }
    }

    /// What is denied, as far as it may meet texts that begin so.
    fn denied(&self, start: &str) -> Language {
        of_all(self.deny_all, &self.deny, start)
    }

    /// What is denied or asked for.
    fn refused(&self, start: &str) -> Language {
        of_all(self.ask_all, &self.ask, start).or(&self.denied(start))
    }

    fn allowed(&self, start: &str) -> Language {
        of_all(self.allow_all, &self.allow, start)
    }

    /// What rules allow that are not for every command.
    fn allowed_by_name(&self, start: &str) -> Language {
        of_all(None, &self.allow, start)
    }

    /// What this side refuses and the other does not name.
    fn gone(&self, new: &Self) -> Vec<Gone<'_>> {
        let asks_all = new.ask_all.is_some();
        let gone = |rule, texts, was_denied| Gone { rule, texts, was_denied };
        if let Some(rule) = self.deny_all {
            let matters = new.freedom.asks || !asks_all;
            return matters.then_some(gone(rule, None, true)).into_iter().collect();
        }
        let denied = alone(&self.deny, &[&new.deny]).into_iter().filter(is_of_commands);
        let mut found: Vec<Gone<'_>> = denied.map(|texts| gone(texts.rule, Some(texts), true)).collect();
        if asks_all {
            return found;
        }
        if let Some(rule) = self.ask_all {
            found.push(gone(rule, None, false));
            return found;
        }
        let asked = alone(&self.ask, &[&new.ask, &new.deny]).into_iter().filter(is_of_commands);
        found.extend(asked.map(|texts| gone(texts.rule, Some(texts), false)));
        found
    }
}

impl Gone<'_> {
    /// What the other side lets through of it.
    fn left(&self, new: &Lists) -> Language {
        let start = self.texts.map_or("", |texts| &texts.start);
        let held = if self.was_denied && new.freedom.asks { new.denied(start) } else { new.refused(start) };
        self.texts.map_or_else(Language::everything, all_of).minus(&held)
    }

    fn words(&self) -> &str {
        self.texts.map_or("", |texts| &texts.words)
    }
}

fn of_all(whole: Option<RuleId>, rules: &[RuleTexts], start: &str) -> Language {
    match whole {
        Some(_) => Language::everything(),
        None => union(rules.iter().filter(|rule| meets(&rule.start, start))),
    }
}

/// Whether commands may have the texts of a rule, not only whole lines.
fn is_of_commands(rule: &&RuleTexts) -> bool {
    rule.exact.as_deref().is_none_or(|line| !is_compound(line))
}

/// Whether two rules whose texts begin so may be for the same text, also behind `xargs`.
pub(super) fn meets(a: &str, b: &str) -> bool {
    const XARGS: &str = "xargs ";
    let alike = |a: &str, b: &str| a.starts_with(b) || b.starts_with(a);
    let behind = |a: &str, b: &str| match b.strip_prefix(XARGS) {
        Some(rest) => alike(a, rest),
        None => XARGS.starts_with(b),
    };
    alike(a, b) || behind(a, b) || behind(b, a)
}

/// Rules without a wildcard, each as a line of its own.
fn ask_of_whole_lines(search: &mut Search<'_, '_>, old: &Lists, new: &Lists) {
    let before = [(&old.deny, &new.deny), (&old.ask, &new.ask)];
    let before = before.into_iter().flat_map(|(rules, others)| alone(rules, &[others]));
    let came = alone(&new.allow, &[&old.allow]).into_iter().map(|rule| (come(rule), rule));
    // A line that is allowed as it stands is looked at in any case: what refuses a part of it may have gone.
    let stayed = new.allow.iter().map(|rule| (None, rule));
    let rules = before.map(|rule| (gone(rule), rule)).chain(came).chain(stayed);
    for (changed, line) in rules.filter_map(|(changed, rule)| Some((changed, rule.exact.as_deref()?))) {
        // What is not decided otherwise here has no line of its own; its texts are asked for below.
        let _ = search.try_call(call(line), changed);
    }
}

/// The command lines that become less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    let (old, new) = (Lists::of(search.sides.old), Lists::of(search.sides.new));
    if new.deny_all.is_some() {
        return;
    }
    ask_of_whole_lines(search, &old, &new);
    let wrappers = reach::wrappers(&new.allow);
    let free = Free { reads: search.counts_free(), mode: new.freedom };
    let calls = |text: &str| lines::calls(text, &wrappers);
    for lost in old.gone(&new) {
        let changed = Some(Changed { side: Side::Old, rule: lost.rule });
        let mut reach = Reach::Everything;
        let mut within = Vec::new();
        // What was denied and is asked for now is less strictly decided, whatever is allowed.
        if !(lost.was_denied && new.freedom.asks) {
            reach = reach::of(&new.allow, new.allow_all.is_some(), free, lost.words());
            if matches!(reach, Reach::Nothing) {
                continue;
            }
            if new.allow_all.is_none() && !new.freedom.lifts {
                within.extend(free.reads.then(lines::reading));
                within.push(new.allowed(lost.words()).and(&lines::plain()));
                within.push(lines::behind(lost.words(), &new.allow));
            }
        }
        within.extend([lines::plain(), lines::all()]);
        let left = || match &reach {
            Reach::Within(reach) => lost.left(&new).and(reach),
            Reach::Everything | Reach::Nothing => lost.left(&new),
        };
        let question = Question { changed, own: lost.texts, left: &left };
        let answer = search.ask(&question, &Kind { within, is_all: true, calls: &calls });
        if lost.texts.is_none() {
            ask_without_text(search, changed, answer);
        }
    }
    if old.freedom.lifts || new.ask_all.is_some() {
        return;
    }
    let kind = Kind { within: vec![lines::plain(), lines::all()], is_all: true, calls: &calls };
    if old.allow_all.is_some() {
        // What is allowed by a rule of its own is asked for in the background, and the rest is not; so are commands
        // that edit, in the mode that accepts edits.
        if old.freedom.accepts_edits && !new.freedom.accepts_edits {
            ask_of_each(search, None, lines::editing());
        }
        for rule in alone(&old.allow, &[&new.allow]).into_iter().filter(|_| !new.freedom.lifts) {
            let kept = || new.refused(&rule.start).or(&new.allowed_by_name(&rule.start));
            search.ask(&Question::gone(rule, &|| all_of(rule).minus(&kept())), &kind);
        }
        return;
    }
    for rule in alone(&new.allow, &[&old.allow]).into_iter().filter(is_of_commands) {
        let known = || new.refused(&rule.start).or(&old.allowed(&rule.start));
        search.ask(&Question::come(rule, &|| all_of(rule).minus(&known())), &kind);
    }
    if let Some(rule) = new.allow_all {
        let changed = Some(Changed { side: Side::New, rule });
        let left = || new.refused("").or(&old.allowed("")).complement();
        let answer = search.ask(&Question { changed, own: None, left: &left }, &kind);
        ask_without_text(search, changed, answer);
    }
}

/// What a rule for every command is for beyond those for texts.
fn ask_without_text(search: &mut Search<'_, '_>, changed: Option<Changed>, answer: Answer) {
    if answer != Answer::Proved {
        return;
    }
    ask_of_each(search, changed, lines::without_text());
}

/// Whether one of these calls is less strictly decided; not known where none of them is.
fn ask_of_each(search: &mut Search<'_, '_>, changed: Option<Changed>, calls: impl IntoIterator<Item = Call>) {
    let mut unconfirmed = None;
    for call in calls {
        match search.try_call(call, changed) {
            Ok(()) => return,
            Err(call) => unconfirmed = unconfirmed.or(Some(call)),
        }
    }
    if let Some(call) = unconfirmed {
        search.leave(changed, Why::Unconfirmed(call));
    }
}
