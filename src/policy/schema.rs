//! JSON Schema (2020-12): what of a value breaks a schema, in our words and with its place.
//!
//! References to other documents are refused: deciding must not depend on a network or a disk.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use crate::json::Pointer;

/// One breach of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The value that breaks it.
    pub at: Pointer,
    /// How: `is not one of ...`.
    pub message: String,
}

/// Everything in `instance` that breaks `schema`; where `schema` itself is none, what is wrong with it.
pub fn violations(schema: &Value, instance: &Value) -> Result<Vec<Violation>, Violation> {
    let options =
        jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
    let validator = options.build(schema).map_err(|error| violation(&error))?;
    let mut found = Vec::new();
    for error in validator.iter_errors(instance) {
        collect(&error, &mut found);
    }
    found.sort_by(|a, b| (&a.at, &a.message).cmp(&(&b.at, &b.message)));
    Ok(found)
}

fn place(error: &ValidationError<'_>) -> Pointer {
    error.instance_path().as_str().parse().unwrap_or_default()
}

fn violation(error: &ValidationError<'_>) -> Violation {
    Violation { at: place(error), message: describe(error.kind(), &error.to_string()) }
}

/// What is said of a key names the key, so that it needs no other.
fn collect(error: &ValidationError<'_>, found: &mut Vec<Violation>) {
    let of_key = |key: &str, message: String| Violation { at: place(error).join(key), message };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            found.extend(unexpected.iter().map(|key| of_key(key, "is no key of this place".to_owned())));
        }
        ValidationErrorKind::Required { property: Value::String(key) } => {
            found.push(of_key(key, "is missing".to_owned()));
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let name = inner.instance().as_str().unwrap_or_default();
            found.push(of_key(name, format!("has a name that {}", violation(inner).message)));
        }
        _ => found.push(violation(error)),
    }
}

/// The breach in our words where it is of the common kinds, otherwise in those of the library.
fn describe(kind: &ValidationErrorKind, text: &str) -> String {
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => format!("is no {kind}"),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(kinds) } => {
            let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("is none of {}", names.join(", "))
        }
        ValidationErrorKind::Enum { options } => {
            let names: Vec<String> = options.as_array().into_iter().flatten().map(quoted).collect();
            format!("is none of {}", names.join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => format!("is not {}", quoted(expected_value)),
        ValidationErrorKind::Maximum { limit } => format!("is more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("is not less than {limit}"),
        ValidationErrorKind::Minimum { limit } => format!("is less than {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("is not more than {limit}"),
        ValidationErrorKind::MaxItems { limit } => format!("has more than {limit} entries"),
        ValidationErrorKind::MinItems { limit } => format!("has fewer than {limit} entries"),
        ValidationErrorKind::MaxLength { limit } => format!("is longer than {limit} characters"),
        ValidationErrorKind::MinLength { limit } => format!("is shorter than {limit} characters"),
        ValidationErrorKind::Pattern { pattern } => format!("does not match `{pattern}`"),
        ValidationErrorKind::Format { format } if format == "date" => {
            "is no day of the form 2027-01-31".to_owned()
        }
        ValidationErrorKind::Format { format } => format!("is no {format}"),
        ValidationErrorKind::Not { schema } => match (schema.get("const"), schema.get("enum")) {
            (Some(value), _) => format!("may not be {}", quoted(value)),
            (None, Some(Value::Array(values))) => {
                let values: Vec<String> = values.iter().map(quoted).collect();
                format!("may not be one of {}", values.join(", "))
            }
            _ => format!("is one of those that `{schema}` describes, which may not be"),
        },
        // The library would tell the whole list.
        ValidationErrorKind::Contains => "has no entry of the form that is asked for".to_owned(),
        ValidationErrorKind::UniqueItems => "has an entry twice".to_owned(),
        ValidationErrorKind::FalseSchema => "may not be set".to_owned(),
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let words: Vec<String> =
                context.iter().flatten().filter_map(|error| constant(error.kind())).collect();
            if words.is_empty() || words.len() < context.len() {
                return "has none of the forms that are known here".to_owned();
            }
            format!("is none of {}", words.join(", "))
        }
        _ => text.to_owned(),
    }
}

/// The one value that would have been right.
fn constant(kind: &ValidationErrorKind) -> Option<String> {
    match kind {
        ValidationErrorKind::Constant { expected_value } => Some(quoted(expected_value)),
        _ => None,
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(schema: Value, instance: Value) -> Vec<String> {
        let found = violations(&schema, &instance).unwrap();
        found.into_iter().map(|violation| format!("{} {}", violation.at, violation.message)).collect()
    }

    #[test]
    fn breaches_come_with_their_place() {
        let schema = json!({
            "properties": {"days": {"type": "integer", "maximum": 30}, "mode": {"enum": ["a", "b"]}, "gone": false},
            "required": ["days"],
        });
        assert_eq!(messages(schema.clone(), json!({"days": 31})), ["/days is more than 30"]);
        assert_eq!(messages(schema.clone(), json!({"days": "x"})), ["/days is no integer"]);
        assert_eq!(
            messages(schema.clone(), json!({"mode": "c", "gone": 1})),
            ["/days is missing", "/gone may not be set", "/mode is none of `a`, `b`"]
        );
        assert_eq!(messages(schema, json!({"days": 1})), Vec::<String>::new());
    }

    #[test]
    fn what_is_said_of_a_key_stands_at_the_key() {
        let schema = json!({
            "properties": {"mode": {"not": {"const": "a"}}, "day": {"format": "date"}},
            "propertyNames": {"maxLength": 4},
            "additionalProperties": false,
        });
        assert_eq!(
            messages(schema, json!({"mode": "a", "day": "1.2.2027", "colour": 1})),
            [
                "/colour has a name that is longer than 4 characters",
                "/colour is no key of this place",
                "/day is no day of the form 2027-01-31",
                "/mode may not be `a`",
            ]
        );
    }

    #[test]
    fn a_list_without_the_entry_is_not_told_as_a_whole() {
        let schema = json!({"properties": {"names": {"contains": {"const": "a"}}}});
        assert_eq!(
            messages(schema.clone(), json!({"names": ["token=x"]})),
            ["/names has no entry of the form that is asked for"]
        );
        assert_eq!(messages(schema, json!({"names": ["token=x", "a"]})), Vec::<String>::new());
    }

    #[test]
    fn a_schema_that_is_none_or_leads_outside_is_refused() {
        let fault = violations(&json!({"properties": {"a": {"maximum": "3"}}}), &json!(1)).unwrap_err();
        assert_eq!(fault.at.to_string(), "/properties/a/maximum");
        assert!(violations(&json!({"type": 5}), &json!(1)).is_err());
        assert!(violations(&json!({"$ref": "https://example.com/x.json"}), &json!(1)).is_err());
        assert!(violations(&json!({"$ref": "file:///etc/passwd"}), &json!(1)).is_err());
    }
}
