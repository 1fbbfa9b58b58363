//! Tools as a whole, MCP tools, sub-agents and skills, which rules know by name.

use super::Freedom;
use super::question::{Kind, Search, alone, call, come, gone, union};
use crate::access::{Access, Call, RuleTexts};
use crate::automaton::{Class, Language, Pattern};
use crate::client::{hosts, tools};
use crate::rule::List;

/// The names for which something becomes less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    tools_gain(search);
    let sides = search.sides;
    let agents = |name: &str| vec![call("Agent", [("subagent_type", name.to_owned())])];
    denied_gain(search, &sides.old.agent_texts(), &sides.new.agent_texts(), &agents);
    let skills = |name: &str| vec![call("Skill", [("skill", name.to_owned())])];
    denied_gain(search, &sides.old.skill_texts(), &sides.new.skill_texts(), &skills);
}

/// Names that deny rules alone speak of.
fn denied_gain(
    search: &mut Search<'_, '_>,
    old: &[RuleTexts],
    new: &[RuleTexts],
    calls: &dyn Fn(&str) -> Vec<Call>,
) {
    let letters = Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::of("-_:"));
    let within = vec![Pattern::many(letters).into(), Language::everything()];
    let kind = Kind { within, calls };
    for rule in alone(old, &[new]) {
        search.ask(gone(rule), &Language::from(rule.texts.clone()).minus(&union(new)), &kind);
    }
}

fn tools_gain(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    // Rules for every command are looked at with those for some.
    let of = |access: &Access, list| -> Vec<RuleTexts> {
        let mut rules = access.tool_texts(list);
        rules.retain(|rule| !(rule.exact && &*rule.start == "Bash"));
        rules
    };
    let [deny, ask, allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.new, list));
    let [old_deny, old_ask, old_allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.old, list));
    let refused = union(deny.iter().chain(&ask));
    let freedom = Freedom::of(sides.new);
    let project = &sides.new.place().project;
    let calls = |name: &str| calls(name, project);
    let known: Language = tools::names().filter(|name| *name != "Bash").map(Pattern::text).collect();
    let kind = Kind { within: vec![known.clone(), mcp_names(), other_names()], calls: &calls };
    // Of an MCP tool that no rule speaks of it is known that it is asked for.
    let may_be_allowed =
        if freedom.lifts { Language::everything() } else { union(&allow).or(&known).or(&other_names()) };
    let texts = |rule: &RuleTexts| Language::from(rule.texts.clone());
    for rule in alone(&old_deny, &[&deny]) {
        let left = if freedom.asks {
            texts(rule).minus(&union(&deny))
        } else {
            texts(rule).minus(&refused).and(&may_be_allowed)
        };
        search.ask(gone(rule), &left, &kind);
    }
    for rule in alone(&old_ask, &[&ask, &deny]) {
        search.ask(gone(rule), &texts(rule).minus(&refused).and(&may_be_allowed), &kind);
    }
    if Freedom::of(sides.old).lifts {
        return;
    }
    for rule in alone(&allow, &[&old_allow]) {
        search.ask(come(rule), &texts(rule).minus(&refused.or(&union(&old_allow))), &kind);
    }
}

/// Calls of a tool, inside of the project first.
pub(super) fn calls(name: &str, project: &str) -> Vec<Call> {
    let files = [format!("{project}/a"), "/a".to_owned()];
    let with = |field: &'static str| files.iter().map(|file| call(name, [(field, file.clone())])).collect();
    match name {
        "Read" | "Edit" | "Write" | "MultiEdit" => with("file_path"),
        "NotebookEdit" => with("notebook_path"),
        "Glob" | "Grep" => {
            let within = |file: &String| call(name, [("pattern", "a".to_owned()), ("path", file.clone())]);
            files.iter().map(within).collect()
        }
        "WebFetch" => {
            let free = hosts::documentation().next().map(|(host, _)| host);
            let hosts = ["a.example"].into_iter().chain(free);
            hosts.map(|host| call(name, [("url", format!("https://{host}/"))])).collect()
        }
        "Agent" => vec![call(name, [("subagent_type", "general-purpose".to_owned())])],
        "Skill" => vec![call(name, [("skill", "a".to_owned())])],
        "Bash" => vec![call(name, [("command", "echo a".to_owned())])],
        _ => vec![call(name, [])],
    }
}

fn letters() -> Class {
    Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::single('-'))
}

/// Names without two `_` in a row, and without one at their ends.
fn plain_name() -> Pattern {
    let part = || Pattern::chain([Pattern::one(letters()), Pattern::many(letters())]);
    Pattern::chain([part(), Pattern::chain([Pattern::text("_"), part()]).repeated()])
}

fn mcp_names() -> Language {
    Pattern::chain([Pattern::text("mcp__"), plain_name(), Pattern::text("__"), plain_name()]).into()
}

/// Names of tools that this version of the client need not have.
fn other_names() -> Language {
    Language::from(plain_name()).minus(&Pattern::text("Bash").into())
}
