//! Narrower rules for what a rule was used for: commands by program and sub-command, files by folder, addresses by host,
//! servers by tool.

use std::collections::BTreeMap;

use super::{Why, is_rule};
use crate::access::{Call, Place};
use crate::client::launchers;
use crate::glob::Address;
use crate::rule::Rule;

/// Most rules that take the place of one.
const MOST: usize = 12;

/// Words of a program behind which another word says what it does: `npm run build`, `docker compose up`.
const BEFORE_ANOTHER: &[&str] = &["compose", "run", "remote", "stash", "submodule", "worktree"];

/// Programs that run whatever they are told to in a container, with `exec` or `run` somewhere behind their options.
const CONTAINERS: &[&str] =
    &["docker", "docker-compose", "kubectl", "nerdctl", "oc", "podman", "podman-compose"];

/// What stands in patterns for more than itself.
const SPECIAL: &[char] = &['*', '?', '[', ']', '!', '\\', '(', ')', ':', '#'];

/// The texts that rules for the tool of a call speak of.
pub(super) fn text_of(call: &Call) -> Vec<String> {
    let field = match call.tool.as_str() {
        "Read" | "Edit" | "Write" | "MultiEdit" => "file_path",
        "NotebookEdit" => "notebook_path",
        "Glob" | "Grep" => "path",
        "WebFetch" => "url",
        tool => return vec![tool.to_owned()],
    };
    call.text(field).map(str::to_owned).into_iter().collect()
}

/// Rules that are for these texts and less than `rule`, each with the number of calls. `has_project` says that rules
/// of the file with `rule` can be meant from the folder of the project.
pub(super) fn rules_for(
    rule: &Rule,
    texts: &BTreeMap<String, u64>,
    place: &Place,
    has_project: bool,
) -> Result<Vec<(String, u64)>, Why> {
    let found = match rule.tool() {
        "Bash" => commands(rule, texts)?,
        "WebFetch" => grouped(texts, |url| Some(format!("WebFetch(domain:{})", host(url)?)))?,
        tool @ ("Read" | "Edit" | "Write") if is_wide(rule) => {
            // What rules for writing are for is told by `Edit` alone (observed, 2.1.330).
            let name = if tool == "Read" { "Read" } else { "Edit" };
            grouped(texts, |path| Some(format!("{name}({})", folder(path, place, has_project)?)))?
        }
        tool if tool.starts_with("mcp__") && (!names_a_tool(tool) || tool.contains('*')) => {
            grouped(texts, |name| name.starts_with("mcp__").then(|| name.to_owned()))?
        }
        _ => return Err(Why::Narrow),
    };
    if found.iter().any(|(text, _)| Rule::parse(text).canonical() == rule.canonical()) {
        return Err(Why::Narrow);
    }
    Ok(found)
}

fn grouped(
    texts: &BTreeMap<String, u64>,
    rule: impl Fn(&str) -> Option<String>,
) -> Result<Vec<(String, u64)>, Why> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for (text, calls) in texts {
        let rule = rule(text).filter(|rule| is_rule(rule)).ok_or(Why::Broad)?;
        *found.entry(rule).or_default() += calls;
    }
    match found.len() {
        0 => Err(Why::Narrow),
        1..=MOST => Ok(found.into_iter().collect()),
        _ => Err(Why::Broad),
    }
}

fn commands(rule: &Rule, texts: &BTreeMap<String, u64>) -> Result<Vec<(String, u64)>, Why> {
    let is_exact = rule.content().is_some_and(|content| !content.contains('*'));
    if is_exact {
        return Err(Why::Narrow);
    }
    // What each group begins with, its calls, and whether something follows in one of them.
    let mut groups: BTreeMap<String, (u64, bool)> = BTreeMap::new();
    let mut launched = false;
    for (text, calls) in texts {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        if launches(&words) {
            launched = true;
            continue;
        }
        let length = words.len().min(group_length(&words));
        let start = words.get(..length).unwrap_or_default().join(" ");
        if start.is_empty() {
            return Err(Why::Broad);
        }
        let follows = words.len() > length;
        let group = groups.entry(start).or_default();
        group.0 += calls;
        group.1 |= follows;
    }
    if groups.is_empty() {
        return Err(if launched { Why::Launcher } else { Why::Narrow });
    }
    if groups.len() > MOST {
        return Err(Why::Broad);
    }
    let rules = groups.into_iter().map(|(start, (calls, follows))| {
        let end = if follows { " *" } else { "" };
        (format!("Bash({start}{end})"), calls)
    });
    let found: Vec<(String, u64)> = rules.collect();
    if found.iter().all(|(text, _)| is_rule(text)) { Ok(found) } else { Err(Why::Broad) }
}

/// How many words say what a command does.
fn group_length(words: &[&str]) -> usize {
    let is_plain = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c))
            && !word.contains('.')
    };
    match words {
        [_, second, third, ..] if is_plain(second) && is_plain(third) && BEFORE_ANOTHER.contains(second) => 3,
        [_, second, ..] if is_plain(second) => 2,
        _ => 1,
    }
}

/// Whether a command runs whatever it is told to.
fn launches(words: &[&str]) -> bool {
    let Some(first) = words.first() else { return false };
    let name = first.rsplit('/').next().unwrap_or(first);
    // A program may have a version in its name: `python3.12`.
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let of = |name: &str| {
        launchers::of(name).iter().any(|launcher| {
            let rest = launcher.words.get(1..).unwrap_or_default();
            words.get(1..).is_some_and(|words| words.starts_with(rest))
        })
    };
    let in_container = CONTAINERS.contains(&name) && words.iter().any(|word| matches!(*word, "exec" | "run"));
    in_container
        || of(name)
        || of(plain)
        || name == "eval"
        || name == "exec"
        || first.contains(['$', '`', '"', '\'', '=', '*'])
}

fn names_a_tool(name: &str) -> bool {
    name.strip_prefix("mcp__").is_some_and(|rest| rest.contains("__"))
}

/// Whether a rule for files is for more than a folder or a file of a name.
fn is_wide(rule: &Rule) -> bool {
    rule.content().is_none_or(|content| {
        let fixed = content.trim_start_matches(['/', '.', '~']).split('*').next().unwrap_or_default();
        content.contains('*') && fixed.trim_matches('/').is_empty()
    })
}

fn host(url: &str) -> Option<String> {
    let address = Address::parse(url).ok()?;
    let host = address.full_host().to_owned();
    (!host.contains(SPECIAL)).then_some(host)
}

/// A pattern for the folder that a path lies in: the first one in the project or the home folder.
fn folder(path: &str, place: &Place, has_project: bool) -> Option<String> {
    let absolute = place.absolute(path);
    let below = |folder: &str| absolute.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    let (lead, rest) = match (below(&place.project), below(&place.home)) {
        (Some(_), _) if !has_project => return None,
        (Some(rest), _) => ("/", rest),
        (None, Some(rest)) => ("~/", rest),
        (None, None) => ("//", absolute.trim_start_matches('/')),
    };
    if rest.is_empty() || rest.contains(SPECIAL) {
        return None;
    }
    Some(match rest.split_once('/') {
        Some((first, _)) => format!("{lead}{first}/**"),
        None => format!("{lead}{rest}"),
    })
}
