//! Rules for the input of a tool: `Bash(run_in_background:true)`, in deny and ask lists.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{ParameterTexts, RuleId, RuleTexts, Rules};
use crate::client::{blank, tools};
use crate::glob::Wildcard;
use crate::rule::List;

/// The parameter rules of all tools.
#[derive(Debug, Clone, Default)]
pub(super) struct Parameters {
    tools: HashMap<Box<str>, Vec<Parameter>>,
}

#[derive(Debug, Clone)]
struct Parameter {
    list: List,
    field: Box<str>,
    value: Wildcard,
    rule: RuleId,
}

impl Parameters {
    pub(super) fn new(rules: &Rules) -> Self {
        let mut found = Self::default();
        for (rule, loaded) in rules.iter().filter(|(_, loaded)| loaded.list != List::Allow) {
            let tool = loaded.rule.tool();
            let Some((field, value)) =
                loaded.rule.content().and_then(|content| tools::parameter(tool, content))
            else {
                continue;
            };
            let value = Wildcard::new(value);
            let parameter = Parameter { list: loaded.list, field: field.into(), value, rule };
            found.tools.entry(tool.into()).or_default().push(parameter);
        }
        found
    }

    /// The values that each rule of `list` is for, in the order of the rules.
    pub(super) fn texts(&self, list: List) -> Vec<ParameterTexts> {
        let mut texts = Vec::new();
        for (tool, rules) in &self.tools {
            let rules = rules.iter().filter(|rule| rule.list == list);
            texts.extend(rules.map(|rule| ParameterTexts {
                tool: tool.clone(),
                field: rule.field.clone(),
                values: RuleTexts::of(rule.rule, rule.value.pattern()),
            }));
        }
        texts.sort_by_key(|texts| texts.values.rule);
        texts
    }

    /// The fields that rules for a tool speak of.
    pub(super) fn fields(&self, tool: &str) -> impl Iterator<Item = &str> {
        self.tools.get(tool).into_iter().flatten().map(|rule| &*rule.field)
    }

    /// The first rule of `list` that this input falls under.
    pub(super) fn find(&self, list: List, tool: &str, input: &Map<String, Value>) -> Option<RuleId> {
        let rules = self.tools.get(tool)?.iter().filter(|rule| rule.list == list);
        let mut rules = rules.filter(|rule| {
            input.get(&*rule.field).and_then(text).is_some_and(|text| {
                let value = blank::trim(&text);
                // A skill that is denied is so with its slash as well.
                let skill = list == List::Deny && tool == "Skill" && &*rule.field == "skill";
                rule.value.matches(value)
                    || (skill && value.strip_prefix('/').is_some_and(|name| rule.value.matches(name)))
            })
        });
        rules.next().map(|rule| rule.rule)
    }
}

/// What a value is compared as; none for one that no rule matches.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Number(_) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
