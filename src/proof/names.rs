//! Tools as a whole, MCP tools, sub-agents and skills, which rules know by name.

use super::question::{Kind, Question, Search, all_of, alone, call, union};
use super::{Changed, Freedom, Side};
use crate::access::{Access, Call, Loaded, Place, RuleId, RuleTexts};
use crate::automaton::{Class, Language, Pattern};
use crate::client::{hosts, tools};
use crate::rule::List;

/// Tools that read files.
const READING: &[&str] = &["Glob", "Grep", "Read"];

/// The names for which something becomes less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    tools_gain(search);
    let sides = search.sides;
    let agents = |name: &str| vec![call("Agent", [("subagent_type", name.to_owned())])];
    let denied = sides.new.agent_texts();
    denied_gain(search, "Agent", [&sides.old.agent_texts(), &denied], &agents);
    // A sub-agent that is denied by name is asked for where a rule asks for all of them, before it is refused.
    if let (None, Some(rule)) = (asks_for_agents(sides.old), asks_for_agents(sides.new)) {
        for call in denied.iter().flat_map(|denied| agents(&denied.start)) {
            let _ = search.try_call(call, Some(Changed { side: Side::New, rule }));
        }
    }
    let skills = |name: &str| vec![call("Skill", [("skill", name.to_owned())])];
    denied_gain(search, "Skill", [&sides.old.skill_texts(), &sides.new.skill_texts()], &skills);
}

/// Whether a name is that of an MCP server alone, of which no tool has it.
fn is_server(name: &str) -> bool {
    name.strip_prefix("mcp__").is_some_and(|rest| !rest.contains("__"))
}

fn only_reads_inside(access: &Access, rule: RuleId) -> bool {
    let starred = |loaded: &Loaded| loaded.rule.content().is_some() && READING.contains(&loaded.rule.tool());
    access.keeps_starred_rules_inside() && access.rules().get(rule).is_some_and(starred)
}

fn asks_for_agents(access: &Access) -> Option<RuleId> {
    access.whole_tool(List::Ask, "Agent")
}

/// Names that deny rules alone speak of, before and after.
fn denied_gain(
    search: &mut Search<'_, '_>,
    tool: &str,
    [old, new]: [&[RuleTexts]; 2],
    calls: &dyn Fn(&str) -> Vec<Call>,
) {
    if search.sides.new.whole_tool(List::Deny, tool).is_some() {
        return;
    }
    let letters = Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::of("-_:"));
    let within = vec![Pattern::many(letters).into(), Language::everything()];
    let kind = Kind { within, is_all: true, calls };
    for rule in alone(old, &[new]) {
        search.ask(&Question::gone(rule, &|| all_of(rule).minus(&union(new))), &kind);
    }
}

fn tools_gain(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    // Rules for every command are looked at with those for some, and that these may be called is no matter of
    // allow rules.
    let of = |access: &Access, list| -> Vec<RuleTexts> {
        let passed: &[&str] = if list == List::Allow { &["Agent", "Bash", "Skill"] } else { &["Bash"] };
        let mut rules = access.tool_texts(list);
        // `Read(*)` ends at the working directories, and what lies in these is read without a rule.
        if list == List::Allow {
            rules.retain(|rule| !only_reads_inside(access, rule.rule));
        }
        rules.retain(|rule| rule.exact.as_deref().is_none_or(|name| !is_server(name)));
        rules.retain(|rule| rule.exact.as_deref().is_none_or(|name| !passed.contains(&name)));
        rules
    };
    let [deny, ask, allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.new, list));
    let [old_deny, old_ask, old_allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.old, list));
    let refused = union(deny.iter().chain(&ask));
    let freedom = Freedom::of(sides.new);
    let place = sides.new.place();
    let calls = |name: &str| calls(name, place);
    let known: Language = tools::names().filter(|name| *name != "Bash").map(Pattern::text).collect();
    let all = known.or(&mcp_names()).or(&other_names());
    let kind = Kind { within: vec![known.clone(), mcp_names(), all], is_all: false, calls: &calls };
    // Of an MCP tool that no rule speaks of it is known that it is asked for.
    let may_be_allowed = if freedom.lifts {
        Language::everything()
    } else if search.counts_free() {
        union(&allow).or(&known).or(&other_names())
    } else {
        union(&allow)
    };
    for rule in alone(&old_deny, &[&deny]) {
        let left = || {
            if freedom.asks {
                all_of(rule).minus(&union(&deny))
            } else {
                all_of(rule).minus(&refused).and(&may_be_allowed)
            }
        };
        search.ask(&Question::gone(rule, &left), &kind);
    }
    for rule in alone(&old_ask, &[&ask, &deny]) {
        search.ask(&Question::gone(rule, &|| all_of(rule).minus(&refused).and(&may_be_allowed)), &kind);
    }
    // In the mode that asks for nothing, calls of tools that are known were allowed before.
    let lifts = Freedom::of(sides.old).lifts;
    let was_allowed = |rule: &&RuleTexts| {
        let name = rule.exact.as_deref().unwrap_or("mcp__");
        lifts && (name.starts_with("mcp__") || tools::find(name).is_some())
    };
    for rule in alone(&allow, &[&old_allow]).into_iter().filter(|rule| !was_allowed(rule)) {
        search.ask(&Question::come(rule, &|| all_of(rule).minus(&refused.or(&union(&old_allow)))), &kind);
    }
}

/// The names that a rule for whole tools is compared with others on, and the calls of one. None where not
/// all names are known that it is for, or where rules of the same name are not the same.
pub(super) fn beside(list: List, name: &str) -> Option<Language> {
    if name.starts_with("mcp__") {
        return Some(mcp_names());
    }
    let free: &[&str] = if list == List::Allow { &["Agent", "Skill"] } else { &[] };
    let comparable = tools::names().any(|known| known == name)
        && !tools::STARRED_STAY_INSIDE.contains(&name)
        && !free.contains(&name);
    comparable.then(|| Pattern::text(name).into())
}

/// Calls of a tool, inside of the project first; last with a file that needs no rule.
pub(super) fn calls(name: &str, place: &Place) -> Vec<Call> {
    let project = &place.project;
    let files = [format!("{project}/a"), "/a".to_owned(), format!("{project}/.claude/launch.json")];
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
        // A server without a tool.
        _ if name.ends_with("__") => vec![call(&format!("{name}a"), [])],
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
