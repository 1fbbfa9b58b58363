//! Rules for sub-agents and skills, which are known by name: `Agent(Explore)`, `Skill(deploy:*)`.

use super::{RuleId, RuleTexts, Rules};
use crate::automaton::Pattern;
use crate::client::tools;
use crate::rule::List;

/// The rules for sub-agents.
#[derive(Debug, Clone, Default)]
pub(super) struct Agents {
    denied: Vec<(Box<str>, RuleId)>,
}

impl Agents {
    pub(super) fn new(rules: &Rules) -> Self {
        let of_agents =
            rules.iter().filter(|(_, loaded)| loaded.rule.tool() == "Agent" && loaded.list == List::Deny);
        let named = of_agents.filter(|(_, loaded)| !loaded.rule.is_whole_tool());
        let named = named.filter_map(|(rule, loaded)| Some((Box::from(loaded.rule.content()?), rule)));
        Self { denied: named.collect() }
    }

    /// The names that each rule denies, as rules write them.
    pub(super) fn texts(&self) -> Vec<RuleTexts> {
        self.denied.iter().map(|(name, rule)| RuleTexts::one(*rule, name)).collect()
    }

    /// The rule that denies this sub-agent. Ask and allow rules by name have no effect, and the client takes
    /// the name of a call in any case, that of a rule as it stands (observed, 2.1.330).
    pub(super) fn denied(&self, name: &str) -> Option<RuleId> {
        let found = self.denied.iter().find(|(rule, _)| match tools::built_in_agent(name) {
            Some(agent) => **rule == *agent,
            None => rule.eq_ignore_ascii_case(name),
        });
        found.map(|(_, rule)| *rule)
    }
}

/// The deny rules for skills. Ask and allow rules by name have no effect (observed, 2.1.330).
#[derive(Debug, Clone, Default)]
pub(super) struct Skills {
    denied: Vec<(SkillRule, RuleId)>,
}

#[derive(Debug, Clone)]
enum SkillRule {
    Exact(Box<str>),
    /// A plain beginning, without regard to where a word ends (observed, 2.1.330).
    Prefix(Box<str>),
}

impl Skills {
    pub(super) fn new(rules: &Rules) -> Self {
        let of_skills =
            rules.iter().filter(|(_, loaded)| loaded.rule.tool() == "Skill" && loaded.list == List::Deny);
        let of_skills = of_skills.filter(|(_, loaded)| !loaded.rule.is_whole_tool());
        let found = of_skills.filter_map(|(rule, loaded)| {
            let content = without_slash(loaded.rule.content()?);
            let prefix = content.strip_suffix(":*").or_else(|| content.strip_suffix(" *"));
            let skill = match prefix {
                Some(prefix) => SkillRule::Prefix(prefix.into()),
                None => SkillRule::Exact(content.into()),
            };
            Some((skill, rule))
        });
        Self { denied: found.collect() }
    }

    /// The names that each rule denies.
    pub(super) fn texts(&self) -> Vec<RuleTexts> {
        let texts = |(skill, rule): &(SkillRule, RuleId)| match skill {
            SkillRule::Exact(name) => RuleTexts::one(*rule, name),
            SkillRule::Prefix(prefix) => {
                RuleTexts::of(*rule, Pattern::chain([Pattern::text(prefix), Pattern::anything()]))
            }
        };
        self.denied.iter().map(texts).collect()
    }

    /// The rule that denies this skill.
    pub(super) fn denied(&self, skill: &str) -> Option<RuleId> {
        let skill = without_slash(skill);
        let found = self.denied.iter().find(|(rule, _)| match rule {
            SkillRule::Exact(name) => **name == *skill,
            SkillRule::Prefix(prefix) => skill.starts_with(&**prefix),
        });
        found.map(|(_, rule)| *rule)
    }
}

fn without_slash(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}
