//! The rules of one list, made ready to be asked many times which others they cover.
//!
//! INVARIANT: says what [`implies`] says of the same rules, only sooner.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::command::Command;
use super::parse::{List, Rule};
use super::path::Path;
use super::relate::implies;
use crate::client::tools::{self, ContentKind};

/// The rules of one list.
#[derive(Debug, Default)]
pub struct Cover {
    list: Option<List>,
    rules: HashMap<String, Rule>,
    /// Made when a rule is asked for that does not stand there by its own text.
    wide: OnceLock<Wide>,
}

/// Rules by what they may cover.
#[derive(Debug, Default)]
struct Wide {
    spellings: HashSet<String>,
    whole: Vec<Rule>,
    by_tool: HashMap<String, Vec<Prepared>>,
}

#[derive(Debug)]
struct Prepared {
    rule: Rule,
    pattern: Pattern,
}

#[derive(Debug)]
enum Pattern {
    Command(Command),
    Path(Path),
    /// Compared as [`implies`] does.
    Other,
}

impl Cover {
    /// Takes the rules of a list; those that the client skips there cover nothing.
    pub fn new<'a>(list: List, rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let taken = rules.into_iter().filter(|rule| rule.fault(list).is_none());
        let rules = taken.map(|rule| (rule.text().to_owned(), rule.clone())).collect();
        Self { list: Some(list), rules, wide: OnceLock::new() }
    }

    /// The list, and its rules in the order of their texts.
    pub fn rules(&self) -> Vec<(List, &Rule)> {
        let Some(list) = self.list else { return Vec::new() };
        let mut rules: Vec<&Rule> = self.rules.values().collect();
        rules.sort_unstable_by_key(|rule| rule.text());
        rules.into_iter().map(|rule| (list, rule)).collect()
    }

    /// Whether one of the rules covers everything that `narrow` covers.
    pub fn covers(&self, narrow: &Rule) -> bool {
        let Some(list) = self.list else { return false };
        if self.rules.contains_key(narrow.text()) {
            return true;
        }
        if narrow.fault(list).is_some() {
            return false;
        }
        self.wide.get_or_init(|| Wide::new(list, self.rules.values())).covers(list, narrow)
    }
}

impl Wide {
    fn new<'a>(list: List, rules: impl Iterator<Item = &'a Rule>) -> Self {
        let mut wide = Self::default();
        for rule in rules {
            if !wide.spellings.insert(rule.canonical()) {
                continue;
            }
            if rule.is_whole_tool() {
                wide.whole.push(rule.clone());
            } else {
                let prepared = Prepared { pattern: Pattern::of(list, rule), rule: rule.clone() };
                wide.by_tool.entry(rule.tool().to_owned()).or_default().push(prepared);
            }
        }
        wide
    }

    fn covers(&self, list: List, narrow: &Rule) -> bool {
        if self.spellings.contains(&narrow.canonical())
            || self.whole.iter().any(|rule| implies(list, rule, narrow))
        {
            return true;
        }
        if narrow.is_whole_tool() {
            return false;
        }
        let Some(candidates) = self.by_tool.get(narrow.tool()) else { return false };
        let pattern = Pattern::of(list, narrow);
        candidates.iter().any(|wide| match (&wide.pattern, &pattern) {
            (Pattern::Command(wide), Pattern::Command(narrow)) => wide.covers(list, narrow),
            (Pattern::Path(wide), Pattern::Path(narrow)) => wide.covers(list, narrow),
            _ => implies(list, &wide.rule, narrow),
        })
    }
}

impl Pattern {
    fn of(list: List, rule: &Rule) -> Self {
        let Some(content) = rule.content() else { return Self::Other };
        if list != List::Allow && tools::parameter(rule.tool(), content).is_some() {
            return Self::Other;
        }
        match tools::find(rule.tool()).map(|tool| tool.content) {
            Some(ContentKind::Command) => Self::Command(Command::new(content)),
            Some(ContentKind::Path) => Self::Path(Path::new(content)),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_implies_says() {
        let texts = [
            "Bash",
            "Bash(*)",
            "Bash(npm *)",
            "Bash(npm:*)",
            "Bash(npm run *)",
            "Bash(npm run test)",
            "Bash(git * main)",
            "Bash(sudo *)",
            "Bash(timeout:1000)",
            "Bash(x)",
            "Read",
            "Read(**)",
            "Read(src/**)",
            "Read(src/a.js)",
            "Read(.env)",
            "Read(*.env)",
            "Read(~/.ssh/**)",
            "Read(//etc/**)",
            "Edit",
            "Edit(src/**)",
            "Write",
            "WebFetch",
            "WebFetch(domain:*.x.dev)",
            "WebFetch(domain:a.x.dev)",
            "mcp__a",
            "mcp__a__*",
            "mcp__a__b",
            "mcp__*",
            "*",
            "Skill(a:*)",
            "Skill(ab)",
            "Agent(Explore)",
            "Agent(model:opus)",
            "bash(x)",
            "Read(:*)",
            "",
            "Foo(x)",
        ];
        let rules: Vec<Rule> = texts.iter().map(|text| Rule::parse(text)).collect();
        for list in List::ALL {
            for wide in &rules {
                let cover = Cover::new(list, [wide]);
                for narrow in &rules {
                    assert_eq!(cover.covers(narrow), implies(list, wide, narrow), "{list} {wide} {narrow}");
                }
            }
        }
    }
}
