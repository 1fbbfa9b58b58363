//! Command lines: every part held against the rules for commands, its files against those for paths.
//!
//! INVARIANT: a line is allowed only when each command in it is, and a line that the client does not follow
//! only by a rule for the whole tool or for this very text.
//!
//! Leaves out parameter rules, hooks and what the mode makes of a question.

mod candidates;
mod fallback;
mod files;
mod patterns;
mod reading;
mod words;

use candidates::Command;
use patterns::Patterns;
pub(super) use patterns::collapse;
use reading::{Line, Piece, Unread};

use super::operands;
use super::paths::Paths;
use super::texts::RuleTexts;
use super::{Cause, Decision, Loaded, Mode, Place, RuleId, Silent, Trace, Verdict, World};
use crate::client::blank;
use crate::client::limits::MAX_COMMAND;
use crate::client::{Profile, variables};
use crate::rule::List;
use crate::shell;
use crate::text::Span;

/// The rules for commands, made ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Commands {
    /// The rule that allows every command (`Bash`, `Bash(*)`).
    whole: Option<RuleId>,
    allow: Patterns,
    ask: Patterns,
    deny: Patterns,
    /// Whether there are deny rules for reading paths.
    denies_reading: bool,
}

/// What a command line is judged against beside its own rules.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// What is known of the client.
    pub profile: &'static Profile,
    /// Path rules and working directories.
    pub paths: &'a Paths,
    /// Links and folders.
    pub world: &'a dyn World,
    /// Project and home folder.
    pub place: &'a Place,
    /// The mode.
    pub mode: Mode,
    /// Whether a command has run in the session: before, the client does not know which variables its shell
    /// has, and asks for every assignment (observed, 2.1.330).
    pub ran: bool,
    /// Variables that settings put into the shell.
    pub inherited: &'a [String],
}

/// How many texts for a shell may stand in each other.
const MAX_SCRIPTS: usize = 4;

/// Commands that the client knows as reading only where the line begins with their bare name.
const READ_AS_WRITTEN: &[&str] = &["[", "hostname", "jq", "uniq"];

fn said(verdict: Verdict, cause: Cause) -> Decision {
    Decision { verdict, cause }
}

/// The first rule for a whole line, and for what is left of it without the wrappers in front.
fn in_whole(list: &Patterns, whole: &str, text: &str, line: &Line<'_>, around: Around<'_>) -> Option<RuleId> {
    if list.is_empty() {
        return None;
    }
    let first = line.pieces.iter().min_by_key(|piece| piece.span.start).map(|piece| piece.command(text));
    match first.filter(|first| whole.starts_with(first.text)) {
        Some(first) => Command { text: whole, ..first }.refused_by(list, around),
        None => list.find(whole, false),
    }
}

fn ask(cause: Cause) -> Decision {
    said(Verdict::Ask, cause)
}

impl Commands {
    /// Makes the rules for `Bash` ready.
    pub(super) fn new<'r>(rules: impl IntoIterator<Item = (RuleId, &'r Loaded)>) -> Self {
        let mut commands = Self::default();
        for (id, loaded) in rules {
            let rule = &loaded.rule;
            if rule.tool() == "Read" && loaded.list == List::Deny && !rule.is_whole_tool() {
                commands.denies_reading = true;
            }
            if rule.tool() != "Bash" {
                continue;
            }
            match rule.content() {
                _ if rule.is_whole_tool() && loaded.list == List::Allow => {
                    commands.whole = commands.whole.or(Some(id));
                }
                _ if rule.is_whole_tool() => {}
                Some(content) => commands.list(loaded.list).add(content, id),
                None => {}
            }
        }
        commands
    }

    /// Whether there are deny rules for reading paths.
    pub(super) fn denies_reading(&self) -> bool {
        self.denies_reading
    }

    /// Whether one of these rules of a list is for the text of a command.
    pub(super) fn any_for(&self, list: List, text: &str, which: impl Fn(RuleId) -> bool) -> bool {
        match list {
            List::Allow => self.allow.any_for(text, which),
            List::Ask => self.ask.any_for(text, which),
            List::Deny => self.deny.any_for(text, which),
        }
    }

    /// The texts of one command that each rule of a list is for.
    pub(super) fn texts(&self, list: List) -> Vec<RuleTexts> {
        match list {
            List::Allow => self.allow.texts(true),
            List::Ask => self.ask.texts(false),
            List::Deny => self.deny.texts(false),
        }
    }

    fn list(&mut self, list: List) -> &mut Patterns {
        match list {
            List::Allow => &mut self.allow,
            List::Ask => &mut self.ask,
            List::Deny => &mut self.deny,
        }
    }

    /// Judges one command line, the tool's own check of `claude-code.md` 3.5 (whole-tool deny and ask,
    /// parameter rules, hooks and what the mode makes of an ask come from the caller).
    pub(super) fn judge(&self, around: Around<'_>, command: &str, trace: &mut impl Trace) -> Decision {
        let decision = self.check(around, blank::trim(command), trace);
        let lifted = decision.verdict == Verdict::Ask
            && !matches!(
                decision.cause,
                Cause::Rule(_) | Cause::Protected | Cause::Background | Cause::Critical
            );
        match self.whole {
            Some(rule) if lifted => {
                trace.matched(None, rule);
                said(Verdict::Allow, Cause::Rule(rule))
            }
            _ => decision,
        }
    }

    fn check(&self, around: Around<'_>, text: &str, trace: &mut impl Trace) -> Decision {
        if text.len() > MAX_COMMAND && text.encode_utf16().count() > MAX_COMMAND {
            return self.long(text);
        }
        if let Some(rule) = self.deny.exact(text) {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        let profile = around.profile;
        if let Some(words) = shell::plain_words(text) {
            return self.followed(around, text, &Line::plain(text, words, profile), trace);
        }
        let Ok(statements) = shell::parse(text) else {
            if let Some(mended) = fallback::mended(text).filter(|_| profile.mends_lines) {
                return self.check(around, &mended, trace);
            }
            let denied = self.refusing(around, List::Deny, |take| fallback::each_fragment(text, take));
            let asked = || self.refusing(around, List::Ask, |take| fallback::each_fragment(text, take));
            let critical = fallback::removes_critical(around, text) || shell::is_ambiguous(text);
            return self.unclear(text, denied, asked, critical);
        };
        let line = if files::is_suspicious(text) {
            None
        } else {
            match reading::read(text, &statements, around.place, profile) {
                Ok(line) => Some(line),
                // What stands in front has been looked at by then (observed, 2.1.330).
                Err(Unread { before }) => {
                    let files = files::check(around, text, &before, self.denies_reading);
                    if let Some(rule) = files.denied {
                        return said(Verdict::Deny, Cause::Rule(rule));
                    }
                    None
                }
            }
        };
        let critical = || {
            let removal = &mut |command: Command<'_>| {
                let hides = || self.removes_denied(around, command, MAX_SCRIPTS).then_some(());
                fallback::removal(around, command).or_else(hides)
            };
            shell::is_ambiguous(text) || fallback::each(text, &statements, removal).is_some()
        };
        if !profile.holds_nested && line.as_ref().is_some_and(|line| line.groups) {
            return ask(if critical() { Cause::Critical } else { Cause::Unclear });
        }
        let Some(line) = line else {
            let look = if profile.holds_nested { fallback::each } else { fallback::each_at_top };
            let denied = self.refusing(around, List::Deny, |take| look(text, &statements, take));
            let asked = || {
                let looks = profile.holds_nested;
                looks
                    .then(|| self.refusing(around, List::Ask, |take| look(text, &statements, take)))
                    .flatten()
            };
            return self.unclear(text, denied, asked, critical());
        };
        self.followed(around, text, &line, trace)
    }

    /// Whether a shell is given a text that removes what a deny rule would not let be removed: the client asks
    /// for that in every mode (observed, 2.1.330). What else is denied runs within such a text.
    fn removes_denied(&self, around: Around<'_>, command: Command<'_>, depth: usize) -> bool {
        let Some(word) = command.script(around.profile) else { return false };
        let script = word.value.as_deref().unwrap_or_default();
        // A blank behind a backslash is asked for whatever the rules are.
        let raw = command.line.get(word.span.start..word.span.end).unwrap_or_default();
        let escaped = raw.contains("\\ ") && !raw.starts_with(['"', '\'']);
        depth > 0
            && script.contains("rm")
            && fallback::each_fragment(script, &mut |inner| {
                let denied = || self.check(around, inner.text, &mut Silent).verdict == Verdict::Deny;
                let found = inner.removes() && (escaped || denied());
                (found || self.removes_denied(around, inner, depth - 1)).then_some(())
            })
            .is_some()
    }

    /// A line that is too long for the client's parser: only its head is held against deny and ask rules.
    fn long(&self, text: &str) -> Decision {
        let head = |list: &Patterns| list.find(text, false);
        if let Some(rule) = head(&self.deny) {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        match head(&self.ask) {
            Some(rule) => ask(Cause::Rule(rule)),
            None => ask(Cause::Unclear),
        }
    }

    /// The first rule of a list that refuses one of the commands.
    fn refusing(
        &self,
        around: Around<'_>,
        list: List,
        each: impl FnOnce(&mut dyn FnMut(Command<'_>) -> Option<RuleId>) -> Option<RuleId>,
    ) -> Option<RuleId> {
        let patterns = if list == List::Deny { &self.deny } else { &self.ask };
        if patterns.is_empty() {
            return None;
        }
        each(&mut |command| command.refused_by(patterns, around))
    }

    fn unclear(
        &self,
        text: &str,
        denied: Option<RuleId>,
        asked: impl FnOnce() -> Option<RuleId>,
        critical: bool,
    ) -> Decision {
        if let Some(rule) = denied.or_else(|| self.deny.find(&files::piped(text), false)) {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        if let Some(rule) = self.ask.find(&files::piped(text), false).or_else(asked) {
            return ask(Cause::Rule(rule));
        }
        if critical {
            return ask(Cause::Critical);
        }
        match self.allow.exact(text) {
            Some(rule) => said(Verdict::Allow, Cause::Rule(rule)),
            None => ask(Cause::Unclear),
        }
    }

    /// A line whose commands are known.
    fn followed(&self, around: Around<'_>, text: &str, line: &Line<'_>, trace: &mut impl Trace) -> Decision {
        let normal = if self.deny.has_exact() || self.ask.has_exact() || self.allow.has_exact() {
            files::spaced(text, line)
        } else {
            text.into()
        };
        if trace.listens() {
            self.tell_parts(around, text, line, trace);
        }
        for piece in &line.pieces {
            // In a pipeline a command also counts as it is written.
            let written =
                || text.get(piece.span.start..piece.span.end).filter(|_| line.pipeline && piece.rebuilt);
            let refused = piece.command(text).refused_by(&self.deny, around);
            if let Some(rule) = refused.or_else(|| self.deny.exact(written()?)) {
                trace.matched(Some(piece.span), rule);
                return said(Verdict::Deny, Cause::Rule(rule));
            }
        }
        if let Some(rule) = self.deny.exact(&normal) {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        let leading = line.background && line.pieces.iter().any(|piece| piece.redirected_first);
        let whole = if line.groups || leading {
            Some(text.into())
        } else {
            line.pipeline.then(|| files::piped(text))
        };
        if let Some(rule) = whole.as_deref().and_then(|whole| in_whole(&self.deny, whole, text, line, around))
        {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        let files = files::check(around, text, line, self.denies_reading);
        if let Some(rule) = files.denied {
            return said(Verdict::Deny, Cause::Rule(rule));
        }
        for piece in &line.pieces {
            if let Some(rule) = piece.command(text).refused_by(&self.ask, around) {
                trace.matched(Some(piece.span), rule);
                return ask(Cause::Rule(rule));
            }
        }
        if let Some(rule) = self.ask.exact(text).or_else(|| self.ask.exact(&normal)) {
            return ask(Cause::Rule(rule));
        }
        if let Some(rule) = whole.as_deref().and_then(|whole| in_whole(&self.ask, whole, text, line, around))
        {
            return ask(Cause::Rule(rule));
        }
        let hidden = |piece: &Piece<'_>| self.removes_denied(around, piece.command(text), MAX_SCRIPTS);
        let hides = text.contains("rm") && line.pieces.iter().any(hidden);
        let removed_in_group = || {
            let mut commands = line.pieces.iter().map(|piece| piece.command(text));
            line.groups && commands.any(|command| fallback::removal(around, command).is_some())
        };
        if files.critical || shell::is_ambiguous(text) || hides || removed_in_group() {
            return ask(Cause::Critical);
        }
        if files.protected {
            return ask(Cause::Protected);
        }
        let local = |piece: &Piece<'_>| piece.name() == "local" && line.pieces.len() > 1;
        let refused = line.pieces.iter().any(|piece| piece.refused || local(piece));
        let exact = || self.allow.exact(text).or_else(|| self.allow.exact(&normal));
        if !line.groups
            && !line.background
            && !line.pipeline
            && !files.asked
            && !files.asks.contains(&true)
            && let Some(rule) = exact()
        {
            return said(Verdict::Allow, Cause::Rule(rule));
        }
        let given = |name: &str| around.inherited.iter().any(|given| given == name);
        let known = |name: &&str| {
            variables::is_harmless(name) || (around.ran && !variables::is_inherited(name) && !given(name))
        };
        if refused || line.groups || line.inner_pipeline || line.inner_sets {
            let minds =
                line.background && line.pieces.iter().any(|piece| piece.refused && piece.name() == "jq");
            return ask(if minds { Cause::Background } else { Cause::Unclear });
        }
        if !line.sets.iter().all(known) {
            let ends = self.ends_reading(around, text, line, &files);
            return ask(if ends { Cause::Background } else { Cause::Unclear });
        }
        let mut cause = Cause::ReadOnly;
        for (at, piece) in line.pieces.iter().enumerate() {
            let fits = files.asks.get(at) != Some(&true);
            let allowed = if fits { self.allowed(around, text, piece) } else { None };
            match allowed {
                Some(found) => {
                    if let Cause::Rule(_) = found {
                        cause = found;
                    }
                }
                // What runs in the background asks in any case.
                None if piece.tracked && line.background && fits => {}
                None if self.ends_reading(around, text, line, &files) => return ask(Cause::Background),
                None => return ask(if fits { Cause::NoRule } else { Cause::Outside }),
            }
        }
        if files.asked {
            return ask(Cause::Unclear);
        }
        if line.background {
            return ask(Cause::Background);
        }
        said(Verdict::Allow, cause)
    }

    /// Tells what becomes of each part, taken for itself.
    fn tell_parts(&self, around: Around<'_>, text: &str, line: &Line<'_>, trace: &mut impl Trace) {
        for piece in &line.pieces {
            let files = files::check_piece(around, text, piece, self.denies_reading);
            let refused = |list: &Patterns| piece.command(text).refused_by(list, around);
            let (verdict, cause) = if let Some(rule) = refused(&self.deny).or(files.denied) {
                (Verdict::Deny, Cause::Rule(rule))
            } else if let Some(rule) = refused(&self.ask) {
                (Verdict::Ask, Cause::Rule(rule))
            } else if files.critical {
                (Verdict::Ask, Cause::Critical)
            } else if files.protected {
                (Verdict::Ask, Cause::Protected)
            } else {
                let fits = !files.asked && !files.asks.contains(&true);
                match (fits, self.allowed(around, text, piece), self.whole) {
                    (true, Some(cause), _) => (Verdict::Allow, cause),
                    (_, _, Some(rule)) => (Verdict::Allow, Cause::Rule(rule)),
                    (true, None, None) => (Verdict::Ask, Cause::NoRule),
                    (false, _, None) => (Verdict::Ask, Cause::Outside),
                }
            };
            trace.part(piece.span, &piece.text, verdict, cause);
        }
    }

    /// Whether a line in the background ends, in each of its pipelines, with a command that only reads: then
    /// the client asks even where a rule allows every command (observed, 2.1.330).
    fn ends_reading(&self, around: Around<'_>, text: &str, line: &Line<'_>, files: &files::Files) -> bool {
        let mut ends = line.pieces.iter().enumerate().filter(|(_, piece)| !piece.piped);
        line.background
            && ends.all(|(at, piece)| {
                files.asks.get(at) != Some(&true)
                    && ((around.profile.reads_by_any_jq && piece.name() == "jq")
                        || self.allowed(around, text, piece) == Some(Cause::ReadOnly))
            })
    }

    /// Why one command runs without a question; none where it does not.
    fn allowed(&self, around: Around<'_>, text: &str, piece: &Piece<'_>) -> Option<Cause> {
        if piece.words.is_empty() {
            // A redirection without a command.
            return piece.files.is_empty().then_some(Cause::ReadOnly);
        }
        if piece.tracked {
            return None;
        }
        let command = piece.command(text);
        if piece.redirected_first {
            if let Some(rule) = self.allow.find(command.text, true) {
                return Some(Cause::Rule(rule));
            }
            if piece.files.iter().any(|file| file.writes) {
                return None;
            }
        } else if let Some(rule) = command.allowed_by(&self.allow) {
            return Some(Cause::Rule(rule));
        }
        if piece.only_harmless(text) && (!piece.special || piece.rebuilt) && !piece.dresses_up(text) {
            let start = command.reading_start(around.profile);
            let words = piece.words.get(start..).unwrap_or_default();
            // Behind a quoted value and a wrapper the client knows bare commands only.
            if start > 0 && words.len() > 1 && !piece.only_plain(text) {
                return None;
            }
            if files::only_reads(text, words) {
                return Some(Cause::ReadOnly);
            }
        }
        let edits = !piece.redirected_first
            && around.mode == Mode::AcceptEdits
            && piece.only_plain(text)
            && operands::edits(&piece.words);
        edits.then_some(Cause::Inside)
    }
}

impl<'a> Piece<'a> {
    fn name(&self) -> &str {
        self.words.first().and_then(|word| word.value.as_deref()).unwrap_or_default()
    }

    fn command<'c>(&'c self, line: &'c str) -> Command<'c> {
        Command {
            text: &self.text,
            start: if self.rebuilt { None } else { Some(self.span.start) },
            line,
            words: &self.words,
            assignments: &self.assignments,
        }
    }

    /// Whether something stands in front of or around the name of a command that only reads as it is.
    fn dresses_up(&self, line: &str) -> bool {
        let Some(first) = self.words.first() else { return false };
        let written = line.get(first.span.start..first.span.end).unwrap_or_default();
        let name = self.name();
        READ_AS_WRITTEN.contains(&name) && (!self.assignments.is_empty() || written != name)
    }

    /// Whether all variables in front are harmless, with values that no quotes are needed for.
    fn only_plain(&self, line: &str) -> bool {
        self.assignments.iter().all(|(name, span)| {
            let text = line.get(span.start..span.end).unwrap_or_default();
            let value = text.strip_prefix(name).and_then(|text| text.strip_prefix('='));
            variables::is_harmless(name) && value.is_some_and(variables::is_plain_value)
        })
    }

    /// Whether all variables in front are harmless, with values that the client does not mind.
    fn only_harmless(&self, line: &str) -> bool {
        self.assignments.iter().all(|(name, span): &(&str, Span)| {
            let text = line.get(span.start..span.end).unwrap_or_default();
            let value = text.strip_prefix(name).and_then(|text| text.strip_prefix('='));
            value.is_some_and(|value| {
                variables::is_harmless_to_reading(name, value)
                    && !value.starts_with(['/', '.', '~', '='])
                    && !value.contains(['$', '`'])
            })
        })
    }
}

#[cfg(test)]
mod tests;
