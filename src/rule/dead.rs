//! Rules that the client takes and that cannot match what they look like they are for.
//!
//! INVARIANT: a reason is a suspicion. It names the calls that the rule looks like it is for, so that whoever can
//! decide calls holds them against the rule before anybody is told that it is dead.
//!
//! All forms were put to client 2.1.330. Left out: rules that it skips ([`Rule::fault`]) and tools that it does not
//! have.

use super::parse::{List, Rule};
use crate::client::tools::{self, ContentKind};

mod command;
mod host;
mod path;

/// Why a rule cannot match what it looks like it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadKind {
    /// `Write(x)`: the client looks at the path rules of the tool named here, and at no others.
    InertTool(&'static str),
    /// `Read(/etc/passwd)`: one slash is the folder of the settings, not the root of the file system.
    NotAbsolute,
    /// `Read(C:/x)`: a drive of Windows, which means nothing elsewhere.
    Drive,
    /// `Read(src\x)`: a backslash takes the next character literally.
    Backslash,
    /// Blanks around the content or around a slash.
    Blanks,
    /// `Read(!x)`.
    Negated,
    /// `.` or `..` as a part of a path, and a folder without anything behind it.
    Dots,
    /// `Read($HOME/x)`: variables stand for nothing.
    Variable,
    /// `{a,b}`: braces are literal.
    Braces,
    /// `a, b` or `a|b`: one rule is one pattern.
    Several,
    /// The whole content stands in quotes.
    Quoted,
    /// `:*` before the end, or behind a blank.
    MisplacedPrefix,
    /// `git * push:*`: before `:*` a star is literal.
    StarBeforePrefix,
    /// `curl http://localhost:*`: behind the prefix comes a blank, not a port.
    Port,
    /// `a *|b`: a pipeline is compared with a blank on each side of `|`.
    Pipe,
    /// A pattern with `&&`, `;` or the like: it is held against each command alone.
    Operators,
    /// A pattern with `>` or `<`: redirections are no part of what is matched.
    Redirection,
    /// `^rm`: not a regular expression.
    Anchored,
    /// `allow Bash(source *)`: no pattern allows this command.
    AlwaysAsked,
    /// `WebFetch(domain:host/x)`: a port, a path or another thing that is no part of a host.
    NotAHost,
    /// `WebSearch(words)`: the client never looks at them.
    Query,
    /// `ask Agent(x)`: rules with a name count in deny lists only.
    ByName,
    /// `Skill(x*)`: names take no wildcard here.
    NameWildcard,
    /// `allow Bash(timeout:10)`: rules on parameters count in deny and ask lists only.
    AllowedParameter,
    /// `Bash(command:x)`: the main input is matched without its name.
    MainField,
    /// A character that no name of an MCP tool has.
    McpName,
}

/// A rule that seems to be dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// Why.
    pub kind: DeadKind,
    /// Calls that the rule looks like it is for, in their short form.
    pub calls: Vec<String>,
    /// What was probably meant: one rule, or several that together say it. Empty where that is not evident.
    pub meant: Vec<String>,
}

impl Dead {
    fn new(kind: DeadKind, calls: Vec<String>, meant: Vec<String>) -> Option<Self> {
        Some(Self { kind, calls, meant })
    }
}

impl Rule {
    /// Why this rule seems to be dead in this list.
    pub fn dead(&self, list: List) -> Option<Dead> {
        let Some(content) = self.content().filter(|_| !self.is_whole_tool()) else {
            return self.dead_mcp_name();
        };
        if self.fault(list).is_some() || (list != List::Allow && is_parameter(self.tool(), content)) {
            return None;
        }
        let tool = tools::find(self.tool())?;
        let found = match tool.content {
            ContentKind::Command => command::dead(tool.name, list, content),
            ContentKind::Path => path::dead(tool.name, content),
            ContentKind::InertPath => path::inert(tool.name, content),
            ContentKind::Domain => host::dead(content),
            ContentKind::Query => query(list, content),
            ContentKind::Agent => named(tool.name, "subagent_type", list, content),
            ContentKind::Skill => named(tool.name, "skill", list, content),
            ContentKind::Unknown => None,
        };
        let parameter = || {
            (list == List::Allow && is_parameter(tool.name, content)).then(|| allowed_parameter(tool.name))
        };
        let mut found = found.or_else(|| parameter().flatten())?;
        found.meant.retain(|text| text != self.text());
        Some(found)
    }

    /// Names of MCP tools are made of letters, digits, `_` and `-`; the client puts `_` for everything else.
    fn dead_mcp_name(&self) -> Option<Dead> {
        let rest = self.name().strip_prefix("mcp__")?;
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-*".contains(c);
        if rest.chars().all(fits) || self.content().is_some() {
            return None;
        }
        let named: String = rest.chars().map(|c| if fits(c) { c } else { '_' }).collect();
        let tool = if named.contains("__") { String::new() } else { "__x".to_owned() };
        let call = format!("mcp__{}{tool}", named.replace('*', "x"));
        Dead::new(DeadKind::McpName, vec![call], vec![format!("mcp__{named}")])
    }
}

/// Whether the content names a field of the tool and a value; `Bash(timeout:*)` is the command `timeout`.
fn is_parameter(tool: &str, content: &str) -> bool {
    let command = tools::find(tool).is_some_and(|tool| tool.content == ContentKind::Command);
    tools::parameter(tool, content).is_some() && !(command && content.ends_with(":*"))
}

fn allowed_parameter(tool: &str) -> Option<Dead> {
    // No call of the short form has the field: that it changes nothing was observed, 2.1.330.
    Dead::new(DeadKind::AllowedParameter, Vec::new(), vec![tool.to_owned()])
}

fn query(list: List, content: &str) -> Option<Dead> {
    let meant =
        if list == List::Allow { "WebSearch".to_owned() } else { format!("WebSearch(query:{content})") };
    Dead::new(DeadKind::Query, vec![format!("WebSearch({content})")], vec![meant])
}

/// Rules for agents and skills by name.
fn named(tool: &str, field: &str, list: List, content: &str) -> Option<Dead> {
    let name = content.strip_prefix('/').unwrap_or(content);
    let prefix = tool == "Skill" && (content.ends_with(":*") || content.ends_with(" *"));
    let parameter = format!("{tool}({field}:{name})");
    match list {
        // The client writes such rules itself, when somebody answers "don't ask again".
        List::Allow => None,
        List::Ask => {
            let name = if prefix { name.get(..name.len() - 2)? } else { name };
            let meant = if prefix { format!("{tool}({field}:{name}*)") } else { parameter };
            Dead::new(DeadKind::ByName, vec![format!("{tool}({})", name.replace('*', "x"))], vec![meant])
        }
        List::Deny if prefix => None,
        List::Deny if name.contains('*') => {
            let calls = vec![format!("{tool}({})", name.replace('*', "x"))];
            Dead::new(DeadKind::NameWildcard, calls, vec![parameter])
        }
        List::Deny if content.trim() != content => {
            let name = content.trim();
            Dead::new(DeadKind::Blanks, vec![format!("{tool}({name})")], vec![format!("{tool}({name})")])
        }
        List::Deny => None,
    }
}

/// A content as it stands between the parentheses of a rule.
fn escaped(content: &str) -> String {
    content.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}

fn rule_of(tool: &str, content: &str) -> String {
    if content == "*" || content.is_empty() {
        tool.to_owned()
    } else {
        format!("{tool}({})", escaped(content))
    }
}

/// What the first `{a,b}` of a text stands for, each alternative in its place.
fn alternatives(text: &str) -> Option<Vec<String>> {
    let (head, rest) = text.split_once('{')?;
    let (inside, tail) = rest.split_once('}')?;
    let found: Vec<String> = inside.split(',').map(|part| format!("{head}{}{tail}", part.trim())).collect();
    (found.len() > 1 && !head.ends_with('$') && !tail.contains('{')).then_some(found)
}

#[cfg(test)]
mod tests;
