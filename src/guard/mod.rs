//! What the client's own rules cannot express: a call is held against the rules of a policy once more, by what its
//! command would do to files. Patterns are filled in, folders are walked, programs in the command line are searched
//! for names, wrappers are taken off, links are followed.
//!
//! INVARIANT: the guard never allows. It refuses, asks, or has no opinion; then the client's rules decide.
//!
//! INVARIANT: work is bounded for any call. What goes beyond a bound is said as [`Kind`], and policy answers it.
//!
//! Leaves out what a program does that is not written in its command line: `npm test`, a script in a file.

mod archive;
mod code;
mod command;
mod compiled;
mod files;
mod git;
mod kind;
mod launch;
mod line;
mod pattern;
mod programs;
mod recursion;
mod said;
mod strings;
#[cfg(test)]
mod tests;
mod words;
mod written;

pub use compiled::{CompiledAnswer, CompiledFault, CompiledFile, CompiledList, CompiledRule};
pub use files::{Files, Listed, MapFiles};
pub use kind::{Answer, Kind, Unclear};
pub use said::{Said, Source};

use std::cell::Cell;

use self::said::Verdicts;
use crate::access::{Access, Call, Cause, FileVerdict, Paths, Place, RuleId, Silent, World};
use crate::client::tools;
use crate::rule::{List, Rule};

/// Most entries of folders that are looked at for one call.
const MOST_ENTRIES: usize = 50_000;

/// A compiled policy, made ready for calls in one project.
#[derive(Debug)]
pub struct Guard {
    policy: CompiledFile,
    access: Access,
    paths: Paths,
    place: Place,
    /// Which kinds of rules there are, so that nothing is searched for that no rule speaks of.
    has: Has,
}

#[derive(Debug, Clone, Copy, Default)]
struct Has {
    reads: bool,
    edits: bool,
    commands: bool,
    hosts: bool,
}

/// One call, while it is looked at.
struct Look<'a> {
    guard: &'a Guard,
    files: &'a dyn Files,
    said: Verdicts,
    /// How many entries of folders may still be looked at.
    entries: Cell<usize>,
    /// How many commands may still be looked at.
    commands: usize,
    /// How many words of commands may still be looked at.
    words: usize,
    /// How many commands run the one that is looked at: `sudo sudo …`.
    within: usize,
}

/// A path that no link leads away from.
struct Straight;

impl World for Straight {
    fn entry(&self, _: &str) -> Option<crate::access::Entry> {
        None
    }

    fn has_links(&self) -> bool {
        false
    }
}

impl Guard {
    /// Makes a compiled policy ready for a project.
    pub fn new(policy: CompiledFile, place: Place) -> Self {
        let mut has = Has::default();
        let rules = policy.rules.iter().map(|rule| (List::from(rule.list), Rule::parse(&rule.rule)));
        let rules: Vec<(List, Rule)> = rules.collect();
        for (_, rule) in &rules {
            match rule.tool() {
                "Read" => has.reads = true,
                "Edit" | "Write" => has.edits = true,
                "Bash" => has.commands = true,
                "WebFetch" => has.hosts = true,
                _ => {}
            }
        }
        let access = Access::of_rules(rules, &place);
        let paths = Paths::new(access.rules(), &place, std::slice::from_ref(&place.project), &[]);
        Self { policy, access, paths, place, has }
    }

    /// The policy it speaks for.
    pub fn policy(&self) -> &CompiledFile {
        &self.policy
    }

    /// What is to be said of a call that is made in the folder `cwd`; none where the client's rules are to decide.
    pub fn judge(&self, call: &Call, cwd: &str, files: &dyn Files) -> Option<Said> {
        let mut look = Look {
            guard: self,
            files,
            said: Verdicts::default(),
            entries: Cell::new(MOST_ENTRIES),
            commands: 4_000,
            words: 200_000,
            within: 0,
        };
        let tool = tools::canonical_name(&call.tool);
        look.rules(call, tool == "Bash" && cwd != self.place.project);
        match tool {
            "Bash" => {
                if let Some(command) = call.text("command") {
                    look.secrets("the command", command);
                    look.command_line(command, cwd);
                }
            }
            "WebFetch" | "WebSearch" => look.strings(&call.input, cwd, false),
            _ if tool.starts_with("mcp__") => look.strings(&call.input, cwd, true),
            _ => {}
        }
        look.said.strictest()
    }

    fn source(&self, rule: RuleId) -> Option<Source> {
        let rule = self.policy.rules.get(rule.index())?;
        Some(Source { rule: Some(rule.rule.clone()), origin: rule.origin.clone(), layer: rule.layer.clone() })
    }
}

impl Look<'_> {
    /// The rules as the client reads them: a project that lost one of them is held to it all the same.
    fn rules(&mut self, call: &Call, only_commands: bool) {
        let decision = self.guard.access.decide(call, self.files.world(), &mut Silent);
        let Cause::Rule(id) = decision.cause else { return };
        let Some(loaded) = self.guard.access.rules().get(id) else { return };
        if !only_commands || loaded.rule.tool() == "Bash" {
            let what = format!("`{}`", shown(&call.short()));
            self.by_rule(id, format!("{what} falls under"));
        }
    }

    /// Whether rules for commands speak of a command that is written plainly.
    fn plain_command(&mut self, line: &str, because: &str) {
        if !self.guard.has.commands {
            return;
        }
        let input = serde_json::Map::from_iter([("command".to_owned(), line.into())]);
        let call = Call { tool: "Bash".to_owned(), input };
        let Cause::Rule(id) = self.guard.access.decide(&call, &Straight, &mut Silent).cause else { return };
        if self.guard.access.rules().get(id).is_some_and(|loaded| loaded.rule.tool() == "Bash") {
            self.by_rule(id, format!("{because}`{}` falls under", shown(line)));
        }
    }

    /// Whether rules for hosts speak of an address.
    fn address(&mut self, url: &str) {
        if !self.guard.has.hosts {
            return;
        }
        let input = serde_json::Map::from_iter([("url".to_owned(), url.into())]);
        let call = Call { tool: "WebFetch".to_owned(), input };
        if let Cause::Rule(id) = self.guard.access.decide(&call, &Straight, &mut Silent).cause {
            self.by_rule(id, format!("the command would ask `{}`, which falls under", shown(url)));
        }
    }

    /// What a rule says, deny or ask; `what` ends in front of the rule.
    fn by_rule(&mut self, id: RuleId, what: String) {
        let Some(loaded) = self.guard.access.rules().get(id) else { return };
        let answer = match loaded.list {
            List::Deny => Answer::Deny,
            List::Ask => Answer::Ask,
            List::Allow => return,
        };
        let Some(source) = self.guard.source(id) else { return };
        let rule = source.rule.as_deref().unwrap_or_default();
        let reason = format!("{what} the {} rule `{rule}`", loaded.list.key());
        self.said.add(Said { answer, reason, source, kind: None });
    }

    /// What policy says of something that is not known.
    fn unclear(&mut self, kind: Kind, why: impl Into<String>) {
        let Some(entry) = self.guard.policy.unclear.iter().find(|entry| entry.kind == kind) else { return };
        let source = Source { rule: None, origin: entry.origin.clone(), layer: entry.layer.clone() };
        self.said.add(Said { answer: entry.answer, reason: why.into(), source, kind: Some(kind) });
    }

    /// The rule that speaks against reading a path.
    fn read_rule(&self, world: &dyn World, path: &str) -> Option<RuleId> {
        if !self.guard.has.reads {
            return None;
        }
        match self.guard.paths.read(world, path) {
            FileVerdict::Denied(rule) | FileVerdict::Asked(rule) => Some(rule),
            _ => None,
        }
    }

    /// The rule that speaks against writing it.
    fn edit_rule(&self, world: &dyn World, path: &str) -> Option<RuleId> {
        if !self.guard.has.edits {
            return None;
        }
        match self.guard.paths.write(world, path) {
            FileVerdict::Denied(rule) | FileVerdict::Asked(rule) => Some(rule),
            _ => None,
        }
    }

    /// How a path is told: from the project, where it lies there.
    fn told<'p>(&self, path: &'p str) -> &'p str {
        let below = path.strip_prefix(&*self.guard.place.project).and_then(|rest| rest.strip_prefix('/'));
        below.filter(|rest| !rest.is_empty()).unwrap_or(path)
    }

    /// Says that something would read a path, where a rule speaks against it.
    fn reads(&mut self, path: &str, how: &str) -> bool {
        let Some(rule) = self.read_rule(self.files.world(), path) else { return false };
        self.by_rule(rule, format!("{how} would read `{}`, which falls under", shown(self.told(path))));
        true
    }

    /// Says that something would write a path, where a rule speaks against it.
    fn writes(&mut self, path: &str, how: &str) -> bool {
        let Some(rule) = self.edit_rule(self.files.world(), path) else { return false };
        self.by_rule(rule, format!("{how} would change `{}`, which falls under", shown(self.told(path))));
        true
    }
}

/// A text as it fits a line for people, without credentials and without what could move a terminal.
fn shown(text: &str) -> String {
    const MOST: usize = 160;
    let masked = crate::secret::mask(text);
    let line: String = masked.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST + 1).collect();
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}
