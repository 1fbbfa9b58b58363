//! Values of input fields: `Bash(run_in_background:true)`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names;
use super::question::{Kind, Question, Search, all_of, alone, union};
use crate::access::{Access, Call, Place, RuleTexts};
use crate::automaton::{Class, Language, Pattern};
use crate::rule::List;

/// The values for which something becomes less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    let fields: BTreeSet<(Box<str>, Box<str>)> = [List::Deny, List::Ask]
        .iter()
        .flat_map(|list| sides.old.parameter_texts(*list))
        .map(|texts| (texts.tool, texts.field))
        .collect();
    for (tool, field) in
        fields.into_iter().filter(|(tool, _)| sides.new.whole_tool(List::Deny, tool).is_none())
    {
        let of = |access: &Access, list| -> Vec<RuleTexts> {
            let mut texts = access.parameter_texts(list);
            texts.retain(|texts| texts.tool == tool && texts.field == field);
            texts.into_iter().map(|texts| texts.values).collect()
        };
        let [deny, ask] = [List::Deny, List::Ask].map(|list| of(sides.new, list));
        let [old_deny, old_ask] = [List::Deny, List::Ask].map(|list| of(sides.old, list));
        let calls = |value: &str| calls(&tool, &field, value, sides.new.place());
        let letters = Class::ranges([('a', 'z'), ('A', 'Z'), ('0', '9')]).or(&Class::of("-_./"));
        let within = vec![Pattern::many(letters).into(), Language::everything()];
        let kind = Kind { within, is_all: true, calls: &calls };
        for rule in alone(&old_deny, &[&deny]) {
            search.ask(&Question::gone(rule, &|| all_of(rule).minus(&union(&deny))), &kind);
        }
        let refused = union(deny.iter().chain(&ask));
        for rule in alone(&old_ask, &[&ask, &deny]) {
            search.ask(&Question::gone(rule, &|| all_of(rule).minus(&refused)), &kind);
        }
    }
}

/// Calls of the tool with this value.
fn calls(tool: &str, field: &str, value: &str, place: &Place) -> Vec<Call> {
    let value = match value {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => Value::String(text.to_owned()),
    };
    let mut calls = names::calls(tool, place);
    for call in &mut calls {
        call.input.insert(field.to_owned(), value.clone());
    }
    calls
}
