//! Rules for whole tools: `Read`, `B*`, `mcp__server`, `mcp__server__get_*`.
//!
//! Leaves out rules with a content.

use std::collections::HashMap;

use super::{RuleId, RuleTexts, Rules};
use crate::automaton::Pattern;
use crate::glob::Wildcard;
use crate::rule::List;

/// What comes before server and tool in the name of an MCP tool.
const MCP: &str = "mcp__";

/// The rules for whole tools, made ready.
#[derive(Debug, Clone, Default)]
pub(super) struct WholeTools {
    named: HashMap<Box<str>, Vec<(List, RuleId)>>,
    globs: Vec<(List, Wildcard, RuleId)>,
    servers: Vec<Server>,
}

/// A rule for the tools of an MCP server.
#[derive(Debug, Clone)]
struct Server {
    list: List,
    /// Every way to read the rule: server and tool.
    readings: Vec<(Box<str>, Wildcard)>,
    rule: RuleId,
}

impl WholeTools {
    pub(super) fn new(rules: &Rules) -> Self {
        let mut found = Self::default();
        for (id, loaded) in rules.iter().filter(|(_, loaded)| loaded.rule.is_whole_tool()) {
            let (list, name) = (loaded.list, loaded.rule.tool());
            found.named.entry(name.into()).or_default().push((list, id));
            if list != List::Allow && name.contains('*') {
                found.globs.push((list, Wildcard::new(name), id));
            }
            if let Some(rest) = name.strip_prefix(MCP) {
                let readings = cuts(rest).chain([(rest, "*")]);
                let readings = readings.map(|(server, tool)| (server.into(), Wildcard::new(tool))).collect();
                found.servers.push(Server { list, readings, rule: id });
            }
        }
        found
    }

    /// The first rule of `list` for this tool, under its present name.
    pub(super) fn find(&self, list: List, tool: &str) -> Option<RuleId> {
        let named = self.named.get(tool).into_iter().flatten().find(|(known, _)| *known == list);
        let named = named.map(|(_, rule)| *rule);
        let globs = self.globs.iter().find(|(known, glob, _)| *known == list && glob.matches(tool));
        let globs = globs.map(|(.., rule)| *rule);
        let servers = tool.strip_prefix(MCP).and_then(|rest| {
            self.servers
                .iter()
                .find(|server| server.list == list && server.matches(rest))
                .map(|server| server.rule)
        });
        [named, globs, servers].into_iter().flatten().min()
    }

    /// Whether one of these rules of `list` is for a tool.
    pub(super) fn any_for(&self, list: List, tool: &str, which: impl Fn(RuleId) -> bool) -> bool {
        let named = self.named.get(tool).into_iter().flatten();
        let mut named = named.filter(|(known, _)| *known == list).map(|(_, rule)| *rule);
        let mut globs = self.globs.iter().filter(|(known, glob, _)| *known == list && glob.matches(tool));
        let rest = tool.strip_prefix(MCP).unwrap_or_default();
        let mut servers = self.servers.iter().filter(|server| server.list == list && server.matches(rest));
        named.any(&which) || globs.any(|(.., rule)| which(*rule)) || servers.any(|server| which(server.rule))
    }

    /// The names of tools that each rule of `list` is for, in the order of the rules.
    pub(super) fn texts(&self, list: List) -> Vec<RuleTexts> {
        let named = self.named.iter().flat_map(|(name, rules)| {
            let of_list = rules.iter().filter(|(known, _)| *known == list);
            of_list.map(|(_, rule)| RuleTexts::one(*rule, name))
        });
        let globs = self.globs.iter().filter(|(known, ..)| *known == list);
        let globs = globs.map(|(_, glob, rule)| RuleTexts::of(*rule, glob.pattern()));
        let servers = self.servers.iter().filter(|server| server.list == list);
        let servers = servers.map(|server| RuleTexts::of(server.rule, server.pattern()));
        let mut texts: Vec<RuleTexts> = named.chain(globs).chain(servers).collect();
        texts.sort_by_key(|texts| texts.rule);
        texts
    }
}

impl Server {
    /// The names that can be read so in some way.
    fn pattern(&self) -> Pattern {
        let readings = self.readings.iter().map(|(server, tool)| {
            Pattern::chain([Pattern::text(MCP), Pattern::text(server), Pattern::text("__"), tool.pattern()])
        });
        Pattern::either(readings)
    }

    /// Whether the rule speaks of `server__tool`. Where a name can be cut in several ways, an allow rule
    /// must match all of them and the others one.
    fn matches(&self, rest: &str) -> bool {
        let mut cuts = cuts(rest).map(|(server, tool)| {
            self.readings.iter().any(|(name, form)| **name == *server && form.matches(tool))
        });
        if self.list == List::Allow {
            cuts.next().is_some_and(|first| first && cuts.all(|one| one))
        } else {
            cuts.any(|one| one)
        }
    }
}

/// Every way to read `server__tool`.
pub(super) fn cuts(rest: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = rest.as_bytes();
    (1..bytes.len().saturating_sub(2)).filter_map(move |at| {
        let (server, tool) = rest.split_at_checked(at)?;
        Some((server, tool.strip_prefix("__")?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_cut_in_several_ways() {
        assert_eq!(cuts("a__b").collect::<Vec<_>>(), [("a", "b")]);
        assert_eq!(cuts("a__b__c").collect::<Vec<_>>(), [("a", "b__c"), ("a__b", "c")]);
        assert_eq!(cuts("a_b").count(), 0);
    }
}
