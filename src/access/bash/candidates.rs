//! The texts of one command that rules are held against: the command as it stands, and what is left when
//! assignments, quotes and wrappers are taken away.

use std::borrow::Cow;

use super::Around;
use super::patterns::Patterns;
use super::words::UNKNOWN;
use crate::access::RuleId;
use crate::client::wrappers::{self, Operand, Options};
use crate::client::{Profile, Version, variables};
use crate::shell::Word;

/// How many wrappers may stand in each other.
const MAX_WRAPPERS: usize = 24;

/// A command with what its words are cut from.
#[derive(Clone, Copy)]
pub(super) struct Command<'c> {
    /// The text that rules are held against.
    pub(super) text: &'c str,
    /// Where `text` begins in `line`, none when it was put together anew.
    pub(super) start: Option<usize>,
    /// The command line that the spans of the words speak of.
    pub(super) line: &'c str,
    pub(super) words: &'c [Word<'c>],
    pub(super) assignments: &'c [(&'c str, crate::text::Span)],
}

/// The word that a shell runs as a text of its own, behind `-c`; `words` begin with the shell.
pub(super) fn script<'w, 'a>(words: &'w [Word<'a>]) -> Option<&'w Word<'a>> {
    let (shell, rest) = words.split_first()?;
    let name = shell.value.as_deref()?;
    wrappers::SHELLS.contains(&name.rsplit('/').next()?).then_some(())?;
    let is_flag = |word: &Word<'_>| {
        word.value.as_deref().is_some_and(|flag| flag.starts_with('-') && flag.ends_with('c'))
    };
    let at = rest.iter().position(is_flag)?;
    rest.get(at + 1..)?.iter().find(|word| word.value.as_deref() != Some("--"))
}

impl<'c> Command<'c> {
    /// The text from this word on.
    fn from(&self, at: usize) -> Option<Cow<'c, str>> {
        let word = self.words.get(at)?;
        match self.start {
            Some(start) => self.text.get(word.span.start.checked_sub(start)?..).map(Cow::Borrowed),
            None if at == 0 => Some(Cow::Borrowed(self.text)),
            None => Some(Cow::Owned(joined(self.line, self.words.get(at..)?, true))),
        }
    }

    /// The text behind this word.
    fn behind(&self, at: usize) -> Option<Cow<'c, str>> {
        let word = self.words.get(at)?;
        match self.start {
            Some(start) => self.text.get(word.span.end.checked_sub(start)?..).map(Cow::Borrowed),
            None => {
                let rest = joined(self.line, self.words.get(at + 1..)?, true);
                Some(Cow::Owned(if rest.is_empty() { rest } else { format!(" {rest}") }))
            }
        }
    }

    fn raw(&self, word: &Word<'_>) -> &'c str {
        self.line.get(word.span.start..word.span.end).unwrap_or_default()
    }

    /// Where the command begins for an allow rule; none where an assignment in front stops the search.
    fn allowed_start(&self) -> bool {
        self.assignments.iter().all(|(name, span)| {
            let text = self.line.get(span.start..span.end).unwrap_or_default();
            let value = text.strip_prefix(name).and_then(|text| text.strip_prefix('='));
            variables::is_harmless(name) && value.is_some_and(variables::is_plain_value)
        })
    }

    /// The first rule of an allow list for the command, or for what its wrappers run.
    pub(super) fn allowed_by(&self, rules: &Patterns) -> Option<RuleId> {
        let find = |text: &str| rules.find(text, true);
        if let Some(rule) = find(self.text) {
            return Some(rule);
        }
        if rules.is_empty() || !self.allowed_start() {
            return None;
        }
        let mut at = 0;
        for depth in 0..MAX_WRAPPERS {
            let word = self.words.get(at)?;
            if (depth > 0 || !self.assignments.is_empty())
                && let Some(rule) = find(&self.from(at)?)
            {
                return Some(rule);
            }
            if word.quoted
                && let Some(name) = word.value.as_deref().filter(|name| is_name(name))
                && rules.may_begin(name)
                && let Some(rule) = find(&format!("{name}{}", self.behind(at)?))
            {
                return Some(rule);
            }
            at = self.through(at, None)?;
        }
        None
    }

    /// The first rule of a deny or ask list for the command in any of its readings.
    pub(super) fn refused_by(&self, rules: &Patterns, around: Around<'_>) -> Option<RuleId> {
        let profile = around.profile;
        if rules.is_empty() {
            return None;
        }
        let find = |text: &str| rules.find(text, false);
        if let Some(rule) = find(self.text) {
            return Some(rule);
        }
        let open = |word: &Word<'_>| self.raw(word).contains(['$', '`', '<', '>']);
        let opens = profile.holds_bare_words && self.words.iter().any(open);
        if !profile.holds_behind_redirections && self.is_obscured() {
            return None;
        }
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            let word = self.words.get(at)?;
            if (at > 0 || self.start != Some(word.span.start))
                && let Some(rule) = find(&self.from(at)?)
            {
                return Some(rule);
            }
            if opens && let Some(rule) = self.loose(at).iter().find_map(|text| find(text)) {
                return Some(rule);
            }
            if let Some(name) = word.value.as_deref()
                && let Some(rule) = self.refused_name(at, name, rules, around)
            {
                return Some(rule);
            }
            if let Some(text) = self.command_text(at)
                && let Some(rule) = find(text.trim())
            {
                return Some(rule);
            }
            at = self.inner(at, profile)?;
        }
        None
    }

    /// The same for the command at one word, with its name unquoted and without its folder, and with what
    /// follows unquoted.
    fn refused_name(&self, at: usize, name: &str, rules: &Patterns, around: Around<'_>) -> Option<RuleId> {
        let profile = around.profile;
        let quoted = self.words.get(at)?.quoted;
        let find = |text: &str| rules.find(text, false);
        let base = Some(last_name(name)).filter(|base| *base != name && profile.holds_program_names);
        let name = Some(name).filter(|name| rules.may_begin(name));
        let base = base.filter(|base| rules.may_begin(base));
        let as_written = [name.filter(|_| quoted), base.filter(|base| !base.is_empty())];
        for name in as_written.into_iter().flatten() {
            if let Some(rule) = find(&format!("{name}{}", self.behind(at)?)) {
                return Some(rule);
            }
        }
        if !profile.holds_bare_words {
            return None;
        }
        let rest = self.words.get(at + 1..).filter(|rest| !rest.is_empty())?;
        for name in [name, base].into_iter().flatten() {
            let text = format!("{name} {}", joined(self.line, rest, false));
            if text != self.text
                && let Some(rule) = find(&text)
            {
                return Some(rule);
            }
            if text.contains("$PWD/")
                && let Some(rule) = find(&text.replace("$PWD", &around.place.project))
            {
                return Some(rule);
            }
        }
        None
    }

    /// The word that a shell runs as a text of its own, behind all wrappers in front of the shell.
    pub(super) fn script(&self, profile: &Profile) -> Option<&'c Word<'c>> {
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            let words = self.words.get(at..)?;
            if let Some(word) = script(words) {
                return Some(word);
            }
            let is_box = words.first()?.value.as_deref() == Some("busybox");
            at = if is_box { at + 1 } else { self.inner(at, profile)? };
        }
        None
    }

    /// What is left behind all that rules look through when they refuse.
    pub(super) fn innermost(&self, profile: &Profile) -> &'c [Word<'c>] {
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            match self.inner(at, profile) {
                Some(next) => at = next,
                None => break,
            }
        }
        self.words.get(at..).unwrap_or_default()
    }

    /// The command that stands behind a wrapper and the variables of its own, for rules that refuse.
    fn inner(&self, at: usize, profile: &Profile) -> Option<usize> {
        let mut at = self.through(at, Some(profile))?;
        while self.words.get(at).and_then(|word| word.value.as_deref()).is_some_and(is_assignment) {
            at += 1;
        }
        Some(at)
    }

    /// Whether it removes files, behind whatever stands in front.
    pub(super) fn removes(&self) -> bool {
        let is_removal = |name: &str| matches!(name.rsplit('/').next(), Some("rm" | "rmdir"));
        self.words.iter().any(|word| word.value.as_deref().is_some_and(is_removal))
    }

    /// Whether a redirection or an assignment with a substitution stands in front of the words.
    fn is_obscured(&self) -> bool {
        let (Some(first), Some(mut at)) = (self.words.first(), self.start) else { return false };
        let raw = |start, end| self.line.get(start..end).unwrap_or_default();
        for (_, span) in self.assignments {
            if raw(at, span.start).contains(['<', '>']) || raw(span.start, span.end).contains(['$', '`']) {
                return true;
            }
            at = span.end;
        }
        raw(at, first.span.start).contains(['<', '>'])
    }

    /// The words from this one on without what expands, up to the first substitution: with and without sums,
    /// under the name as it is written and without its folder.
    fn loose(&self, at: usize) -> Vec<String> {
        let words = self.words.get(at..).unwrap_or_default();
        let sums = words.iter().any(|word| self.raw(word).starts_with("$(("));
        let mut texts: Vec<String> = self.without_expansions(words, true).into_iter().collect();
        texts.extend(sums.then(|| self.without_expansions(words, false)).flatten());
        let name = words.first().and_then(|word| word.value.as_deref()).unwrap_or_default();
        let base = last_name(name);
        if base.len() < name.len() {
            let rest: Vec<&str> = texts.iter().filter_map(|text| text.strip_prefix(name)).collect();
            let rest: Vec<String> = rest.into_iter().map(|rest| format!("{base}{rest}")).collect();
            texts.extend(rest);
        }
        texts
    }

    fn without_expansions(&self, words: &[Word<'_>], sums: bool) -> Option<String> {
        let mut text = String::new();
        for word in words {
            let raw = self.raw(word);
            if text.is_empty() && word.expansion && !raw.starts_with(['$', '"', '\'']) {
                return None;
            }
            let is_sum = raw.starts_with("$((");
            if is_sum && !sums {
                continue;
            }
            let hidden = is_sum || raw.starts_with(['"', '\'']);
            let glued = raw.contains('$') && !raw.starts_with('$') && word.expansion;
            if !hidden && (glued || raw.contains("$(") || raw.contains("$'") || raw.contains(['`', '<', '>']))
            {
                break;
            }
            if self.start.is_none() && word.expansion && !hidden && !raw.starts_with('$') {
                return None;
            }
            let kept = match raw.find('$').filter(|_| !hidden && word.expansion) {
                Some(at) => raw.get(..at).unwrap_or_default(),
                None => word.value.as_deref().unwrap_or(raw),
            };
            if !kept.is_empty() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(kept);
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// The command that stands behind a wrapper; `refusing` is the client for deny and ask rules, which look
    /// through more.
    pub(super) fn through(&self, at: usize, refusing: Option<&Profile>) -> Option<usize> {
        let name = self.words.get(at)?.value.as_deref()?;
        let base = match refusing {
            Some(profile) if profile.holds_program_names => last_name(name),
            _ => name,
        };
        let wrapper = wrappers::find(base)?;
        let next = self.skip(at + 1, wrapper.open, refusing);
        match wrapper.closed {
            Some(options) if refusing.is_some() && next.is_none() => self.skip(at + 1, options, refusing),
            _ => next,
        }
        .filter(|next| *next < self.words.len())
    }

    fn skip(&self, mut at: usize, options: Options, refusing: Option<&Profile>) -> Option<usize> {
        if !options.seen {
            return None;
        }
        let closed = refusing.is_some();
        let mut operand = options.operand;
        loop {
            let word = self.words.get(at)?;
            let text = if closed { word.value.as_deref().unwrap_or_default() } else { self.raw(word) };
            if text == "--" && options.operand != operand {
                return None;
            }
            if options.dashes && text == "--" {
                at += 1;
                if operand != Operand::None && closed {
                    at += 1;
                }
                break;
            }
            if !text.starts_with('-') || text.len() < 2 {
                match operand {
                    Operand::None => break,
                    Operand::Duration if !wrappers::is_duration(text) => return None,
                    Operand::Duration | Operand::Word => {
                        operand = Operand::None;
                        at += 1;
                        continue;
                    }
                }
            }
            if operand == Operand::None && options.operand == Operand::Duration {
                return None;
            }
            let glued = options.any || options.operand == Operand::Duration;
            let later = |(flag, since): &(&str, Version)| {
                *flag == text && refusing.is_some_and(|profile| *since <= profile.version)
            };
            let known = options.any
                || options.flags.contains(&text)
                || options.later_flags.iter().any(later)
                || options.glued.iter().any(|flag| is_glued(text, flag))
                || options.values.iter().any(|name| has_value(text, name, glued));
            if options.values.contains(&text) {
                at += 2;
            } else if known {
                at += 1;
            } else {
                return None;
            }
        }
        while options.assignments
            && self.words.get(at).and_then(|word| word.value.as_deref()).is_some_and(is_assignment)
        {
            at += 1;
        }
        Some(at)
    }

    /// The command line that a wrapper takes as one word: `env -S "…"`.
    fn command_text(&self, at: usize) -> Option<&'c str> {
        let name = self.words.get(at)?.value.as_deref()?;
        let options = wrappers::find(last_name(name))?.closed?;
        let mut words = self.words.get(at + 1..)?.iter();
        while let Some(word) = words.next() {
            let text = word.value.as_deref().unwrap_or_default();
            if options.commands.contains(&text) {
                return words.next()?.value.as_deref();
            }
            let glued = options
                .commands
                .iter()
                .find_map(|flag| text.strip_prefix(*flag))
                .filter(|text| !text.is_empty());
            if let Some(text) = glued {
                return Some(text.trim_start_matches('='));
            }
        }
        None
    }

    /// Where the command begins whose words name files: behind wrappers and `env`.
    pub(super) fn files_start(&self, profile: &Profile) -> usize {
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            let name = self.words.get(at).and_then(|word| word.value.as_deref()).unwrap_or_default();
            let next = self.through(at, (name == "env").then_some(profile));
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Where the command begins that may be one that only reads: behind these wrappers no rule is needed.
    pub(super) fn reading_start(&self, profile: &Profile) -> usize {
        let mut at = 0;
        for _ in 0..MAX_WRAPPERS {
            let name = self.words.get(at).and_then(|word| word.value.as_deref()).unwrap_or_default();
            let known = match name {
                "builtin" | "command" | "noglob" => true,
                "timeout" => profile.reads_behind_timeout,
                _ => false,
            };
            if !known {
                break;
            }
            let skipped = if name == "timeout" { 2 } else { 1 };
            match self.through(at, None) {
                Some(next) if next == at + skipped => at = next,
                _ => break,
            }
        }
        at
    }
}

/// The name of a program without the folders in front.
pub(super) fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '\t', '\n', '/', '$', '`', ';', '&', '|', '<', '>', '(', ')'])
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// `-oL` for `-o`, `-5` for `-`.
fn is_glued(text: &str, flag: &str) -> bool {
    match text.strip_prefix(flag) {
        Some(rest) if flag == "-" => !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()),
        Some(rest) => !rest.is_empty(),
        None => false,
    }
}

/// `--name=value`, and `-nvalue` where that is known.
fn has_value(text: &str, name: &str, glued: bool) -> bool {
    match text.strip_prefix(name) {
        Some(rest) if name.starts_with("--") => rest.starts_with('='),
        Some(rest) => glued && !rest.is_empty(),
        None => false,
    }
}

/// The words with single blanks between them, without their quotes unless `quoted`; variables stay by name.
fn joined(line: &str, words: &[Word<'_>], quoted: bool) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        let raw = line.get(word.span.start..word.span.end).unwrap_or_default();
        match word.value.as_deref().filter(|_| !quoted) {
            Some(value) if !value.contains(UNKNOWN) => text.push_str(value),
            _ if quoted => text.push_str(raw),
            _ => text.extend(raw.chars().filter(|c| *c != '"')),
        }
    }
    text
}
