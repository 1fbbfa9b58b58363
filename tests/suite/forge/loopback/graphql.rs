//! Carries a GraphQL query out on objects that a test gives: aliases, arguments, variables and fragments.

use std::collections::BTreeMap;

use graphql_parser::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet, TypeCondition,
    Value as Literal, parse_query,
};
use serde_json::{Map, Value, json};

/// What a field holds.
pub(crate) enum Field<O> {
    Value(Value),
    Object(O),
    List(Vec<O>),
    /// Nothing, and a fault with this type and message.
    Fault(&'static str, String),
}

impl<O> From<Option<O>> for Field<O> {
    fn from(object: Option<O>) -> Self {
        object.map_or(Self::Value(Value::Null), Self::Object)
    }
}

pub(crate) trait Object: Sized {
    /// Its type, as the schema names it.
    fn kind(&self) -> &'static str;
    /// The interfaces that it has, as far as queries name them.
    fn interfaces(&self) -> &'static [&'static str] {
        &[]
    }
    fn field(&self, name: &str, arguments: &Map<String, Value>) -> Field<Self>;
}

struct Run<'a> {
    fragments: BTreeMap<String, FragmentDefinition<'a, String>>,
    variables: Map<String, Value>,
    errors: Vec<Value>,
}

/// The answer to a query, as GraphQL forms it.
pub(crate) fn answer<O: Object>(body: &Value, query: O, mutation: O) -> Value {
    let text = body["query"].as_str().unwrap();
    let document: Document<'_, String> = parse_query(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut fragments = BTreeMap::new();
    let mut operation = None;
    for definition in document.definitions {
        match definition {
            Definition::Fragment(fragment) => {
                fragments.insert(fragment.name.clone(), fragment);
            }
            Definition::Operation(OperationDefinition::Query(found)) => {
                operation = Some((found.selection_set, &query));
            }
            Definition::Operation(OperationDefinition::Mutation(found)) => {
                operation = Some((found.selection_set, &mutation));
            }
            Definition::Operation(other) => panic!("not expected: {other:?}"),
        }
    }
    let variables = body["variables"].as_object().cloned().unwrap_or_default();
    let mut run = Run { fragments, variables, errors: Vec::new() };
    let (selection, root) = operation.unwrap();
    let data = run.select(root, &selection, &mut Vec::new());
    if run.errors.is_empty() {
        json!({ "data": data })
    } else {
        json!({ "data": data, "errors": run.errors })
    }
}

impl Run<'_> {
    fn select<O: Object>(
        &mut self,
        object: &O,
        selection: &SelectionSet<'_, String>,
        path: &mut Vec<Value>,
    ) -> Value {
        let mut found = Value::Object(Map::new());
        for item in &selection.items {
            match item {
                Selection::Field(field) => {
                    let name = field.alias.clone().unwrap_or_else(|| field.name.clone());
                    path.push(json!(name));
                    let arguments = field.arguments.iter();
                    let arguments =
                        arguments.map(|(name, value)| (name.clone(), self.value(value))).collect();
                    let value = match object.field(&field.name, &arguments) {
                        Field::Value(value) => value,
                        Field::Object(object) => self.select(&object, &field.selection_set, path),
                        Field::List(objects) => {
                            let one = |object: &O| self.select(object, &field.selection_set, path);
                            Value::Array(objects.iter().map(one).collect())
                        }
                        Field::Fault(kind, message) => {
                            self.errors.push(json!({ "type": kind, "message": message, "path": path }));
                            Value::Null
                        }
                    };
                    path.pop();
                    merge(&mut found, json!({ name: value }));
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments[&spread.fragment_name].clone();
                    if applies(object, Some(&fragment.type_condition)) {
                        let below = self.select(object, &fragment.selection_set, path);
                        merge(&mut found, below);
                    }
                }
                Selection::InlineFragment(inline) => {
                    if applies(object, inline.type_condition.as_ref()) {
                        let below = self.select(object, &inline.selection_set, path);
                        merge(&mut found, below);
                    }
                }
            }
        }
        found
    }

    fn value(&self, literal: &Literal<'_, String>) -> Value {
        match literal {
            Literal::Variable(name) => self.variables.get(name).cloned().unwrap_or_default(),
            Literal::Int(number) => json!(number.as_i64()),
            Literal::Float(number) => json!(number),
            Literal::String(text) | Literal::Enum(text) => json!(text),
            Literal::Boolean(value) => json!(value),
            Literal::Null => Value::Null,
            Literal::List(values) => Value::Array(values.iter().map(|value| self.value(value)).collect()),
            Literal::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), self.value(value))).collect())
            }
        }
    }
}

fn applies<O: Object>(object: &O, condition: Option<&TypeCondition<'_, String>>) -> bool {
    let Some(TypeCondition::On(kind)) = condition else { return true };
    object.kind() == kind || object.interfaces().contains(&kind.as_str())
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) if into.len() == from.len() => {
            into.iter_mut().zip(from).for_each(|(into, from)| merge(into, from));
        }
        (into, from) => *into = from,
    }
}
