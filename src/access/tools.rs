//! What the client's tools say of a call themselves: files, commands, hosts, sub-agents, skills.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::paths::{FileVerdict, is_link};
use super::{Access, Cause, Mode, Trace, Verdict, World};
use crate::client::{blank, hosts, own_files};
use crate::glob::{Address, AddressError};
use crate::rule::List;

/// The sub-agent of a call that names none.
const DEFAULT_AGENT: &str = "general-purpose";

/// What a tool says of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Deny(Cause),
    /// It is refused when it runs, after all questions.
    Refuse(Cause),
    Ask(Cause, Hold),
    Allow(Cause),
    Unknown(Cause),
}

/// What lifts a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// A rule for the whole tool, and the mode that asks for nothing.
    Open,
    /// That mode alone.
    Guarded,
    /// Nothing.
    Firm,
}

/// The folder in which an absolute glob begins to search: what stands before the segment with the first
/// special character.
fn glob_folder(pattern: &str) -> &str {
    let special = pattern.find(['*', '?', '[', '{']).unwrap_or(pattern.len());
    let head = pattern.get(..special).unwrap_or_default();
    match head.rfind('/') {
        Some(0) => "/",
        Some(at) => head.get(..at).unwrap_or_default(),
        None => "",
    }
}

impl Access {
    /// The tool's own check; rules for whole tools and parameters are left out.
    pub(super) fn check_tool(
        &self,
        tool: &str,
        input: &Map<String, Value>,
        world: &dyn World,
        trace: &mut impl Trace,
    ) -> Check {
        let text = |field: &str| input.get(field).and_then(Value::as_str);
        match tool {
            "Bash" => match text("command") {
                Some(command) => self.check_command(command, world, trace),
                None => Check::Deny(Cause::Input),
            },
            "Read" => self.with_path(text("file_path"), |path| self.check_read(path, world)),
            "Glob" => {
                let pattern = text("pattern").map(glob_folder).unwrap_or_default();
                let folder =
                    if pattern.starts_with('/') { pattern } else { text("path").unwrap_or_default() };
                self.check_read(&self.path(folder), world)
            }
            "Grep" => self.check_read(&self.path(text("path").unwrap_or_default()), world),
            "Edit" | "Write" | "MultiEdit" => {
                self.with_path(text("file_path"), |path| self.check_write(path, true, world))
            }
            "NotebookEdit" => {
                self.with_path(text("notebook_path"), |path| self.check_write(path, false, world))
            }
            "WebFetch" => self.check_host(text("url").unwrap_or_default()),
            "WebSearch" => Check::Ask(Cause::NoRule, Hold::Open),
            "Agent" => match self.set.agents.denied(text("subagent_type").unwrap_or(DEFAULT_AGENT)) {
                Some(rule) => Check::Refuse(Cause::Rule(rule)),
                None => Check::Allow(Cause::BuiltIn),
            },
            "Skill" => self.check_skill(text("skill").unwrap_or_default()),
            tool if tool.starts_with("mcp__") => Check::Ask(Cause::NoRule, Hold::Open),
            _ => Check::Unknown(Cause::NoRule),
        }
    }

    fn check_command(&self, command: &str, world: &dyn World, trace: &mut impl Trace) -> Check {
        let decision = self.set.commands.judge(self.around(world), command, trace);
        match decision.verdict {
            Verdict::Allow => Check::Allow(decision.cause),
            Verdict::Deny => Check::Deny(decision.cause),
            Verdict::Undecided => Check::Unknown(decision.cause),
            Verdict::Ask => {
                let hold = match decision.cause {
                    Cause::Rule(_) | Cause::Critical => Hold::Firm,
                    Cause::Protected | Cause::Background => Hold::Guarded,
                    _ => Hold::Open,
                };
                Check::Ask(decision.cause, hold)
            }
        }
    }

    /// The absolute path that a file tool takes an argument for.
    fn path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.place.absolute(blank::trim(path))
    }

    fn with_path(&self, path: Option<&str>, check: impl Fn(&str) -> Check) -> Check {
        match path {
            Some(path) => check(&self.path(path)),
            None => Check::Deny(Cause::Input),
        }
    }

    fn check_read(&self, path: &str, world: &dyn World) -> Check {
        let verdict = self.paths.read(world, path);
        if let FileVerdict::Denied(rule) = verdict {
            return Check::Deny(Cause::Rule(rule));
        }
        if self.paths.is_lost(world, path) {
            return Check::Deny(Cause::Input);
        }
        let free = || own_files::is_read_freely(path, &self.place.config, &self.place.project);
        if self.blocks_reads && !self.paths.grants(world, path) && !free() {
            return Check::Deny(Cause::Outside);
        }
        match verdict {
            FileVerdict::Denied(rule) => Check::Deny(Cause::Rule(rule)),
            FileVerdict::Asked(rule) => Check::Ask(Cause::Rule(rule), Hold::Firm),
            FileVerdict::Protected => Check::Ask(Cause::Protected, Hold::Open),
            FileVerdict::Inside => Check::Allow(Cause::Inside),
            FileVerdict::Outside if free() => Check::Allow(Cause::BuiltIn),
            FileVerdict::Allowed(rule) => Check::Allow(Cause::Rule(rule)),
            FileVerdict::Outside => Check::Ask(Cause::Outside, Hold::Open),
        }
    }

    /// `reads` says that what may not be read may not be written either (observed, 2.1.330).
    fn check_write(&self, path: &str, reads: bool, world: &dyn World) -> Check {
        let unread =
            || self.paths.read_denial(world, path).or_else(|| self.set.whole.find(List::Deny, "Read"));
        if let Some(rule) = reads.then(unread).flatten() {
            return Check::Deny(Cause::Rule(rule));
        }
        let verdict = self.paths.write(world, path);
        if let FileVerdict::Denied(rule) = verdict {
            return Check::Deny(Cause::Rule(rule));
        }
        // The client does not write through a link, nor where it cannot tell where it would write.
        if is_link(world, path) || self.paths.is_lost(world, path) {
            return Check::Deny(Cause::Input);
        }
        let outside = || !self.paths.grants(world, path) || own_files::is_settings(path);
        if self.blocks_writes && outside() {
            return Check::Deny(Cause::Outside);
        }
        if own_files::is_closed(path, &self.place.config) {
            return Check::Deny(Cause::Protected);
        }
        let free = || own_files::is_written_freely(path, &self.place.config, &self.place.project);
        match verdict {
            FileVerdict::Denied(rule) => Check::Deny(Cause::Rule(rule)),
            FileVerdict::Asked(rule) => Check::Ask(Cause::Rule(rule), Hold::Firm),
            FileVerdict::Protected | FileVerdict::Outside | FileVerdict::Inside if free() => {
                Check::Allow(Cause::BuiltIn)
            }
            FileVerdict::Protected => Check::Ask(Cause::Protected, Hold::Guarded),
            FileVerdict::Allowed(rule) => Check::Allow(Cause::Rule(rule)),
            FileVerdict::Inside if self.mode == Mode::AcceptEdits => Check::Allow(Cause::Inside),
            FileVerdict::Inside => Check::Ask(Cause::NoRule, Hold::Open),
            // A rule for the whole tool does not follow links out of the working directories.
            FileVerdict::Outside if self.paths.leads_out(world, path) => {
                Check::Ask(Cause::Outside, Hold::Guarded)
            }
            FileVerdict::Outside => Check::Ask(Cause::Outside, Hold::Open),
        }
    }

    fn check_host(&self, url: &str) -> Check {
        let address = match Address::parse(url) {
            Ok(address) => address,
            Err(_) if self.set.hosts.is_empty() => return Check::Ask(Cause::Input, Hold::Open),
            Err(AddressError::None) => return Check::Ask(Cause::Input, Hold::Open),
            Err(AddressError::Uncertain) => return Check::Unknown(Cause::Input),
        };
        if let Some(rule) = self.set.hosts.find(List::Deny, &address) {
            return Check::Deny(Cause::Rule(rule));
        }
        if let Some(rule) = self.set.hosts.find(List::Ask, &address) {
            return Check::Ask(Cause::Rule(rule), Hold::Firm);
        }
        if hosts::is_documentation(address.full_host(), address.path()) {
            return Check::Allow(Cause::BuiltIn);
        }
        match self.set.hosts.find(List::Allow, &address) {
            Some(rule) => Check::Allow(Cause::Rule(rule)),
            None => Check::Ask(Cause::NoRule, Hold::Open),
        }
    }

    fn check_skill(&self, skill: &str) -> Check {
        let skill = blank::trim(skill);
        if let Some(rule) = self.set.skills.denied(skill) {
            return Check::Deny(Cause::Rule(rule));
        }
        Check::Allow(Cause::BuiltIn)
    }
}
