//! Several settings files together: the value that counts for each key, and the file it comes from.
//!
//! Objects are merged key by key, lists are joined without repeating a plain entry, and otherwise
//! the file that stands higher wins. Keys that the client does not heed in the scope of their file
//! are left out.
//!
//! Left out as well: a few keys of which the client lets a stricter value of a lower file stand
//! (their order stands in the key table), and whether the folder is trusted.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{ProblemKind, Scope, Settings};
use crate::json::Pointer;

/// Keys whose value is never merged: the higher file has it whole.
const WHOLE: [&str; 2] = ["fallbackModel", "modelPicker"];

/// Keys whose entries are never merged: of each name the higher file has it whole.
const WHOLE_ENTRIES: [&str; 2] = ["extraKnownMarketplaces", "managedMcpServers"];

/// Keys that a managed file sets for good.
const MANAGED: [&str; 3] = ["availableModels", "enforceAvailableModels", "modelPicker"];

/// What several files say together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// The settings that count.
    pub value: Value,
    origins: HashMap<Pointer, Scope>,
}

impl Merged {
    /// The file that the value at `pointer` comes from; none for an object that several files share,
    /// and where there is nothing.
    pub fn origin(&self, pointer: &Pointer) -> Option<Scope> {
        self.origins.get(pointer).copied()
    }
}

/// Merges files, in whatever order they are given.
pub fn merge(files: &[&Settings]) -> Merged {
    let mut files: Vec<&Settings> = files.to_vec();
    files.sort_by_key(|file| file.scope().precedence());
    let mut merged = Traced::Object(Vec::new());
    for file in &files {
        merged = join(merged, Traced::new(heeded(file), file.scope()), "");
    }
    if let Some(managed) = files.iter().find(|file| file.scope() == Scope::Managed) {
        let value = heeded(managed);
        for name in MANAGED {
            if let (Some(value), Traced::Object(members)) = (value.get(name), &mut merged) {
                members.retain(|(key, _)| key != name);
                members.push((name.to_owned(), Traced::new(value.clone(), Scope::Managed)));
            }
        }
    }
    let mut origins = HashMap::new();
    let value = merged.settle(&Pointer::root(), &mut origins);
    Merged { value, origins }
}

/// What the client takes from a file and acts on in its scope.
fn heeded(file: &Settings) -> Value {
    let mut value = file.taken();
    for problem in file.problems() {
        match problem.kind {
            ProblemKind::ManagedOnly | ProblemKind::NotHeeded { .. } => {
                remove(&mut value, problem.pointer.tokens());
            }
            ProblemKind::UnheededMode { .. } => {
                if let Some(mode) = value.pointer_mut(&problem.pointer.to_string()) {
                    *mode = "default".into();
                }
            }
            _ => {}
        }
    }
    value
}

fn remove(value: &mut Value, tokens: &[String]) {
    let Some((first, rest)) = tokens.split_first() else { return };
    let Some(members) = value.as_object_mut() else { return };
    if rest.is_empty() {
        members.remove(first);
    } else if let Some(below) = members.get_mut(first) {
        remove(below, rest);
    }
}

/// A value of which every part knows its file.
#[derive(Debug, Clone, PartialEq)]
enum Traced {
    Plain(Value, Scope),
    Array(Vec<Traced>),
    Object(Vec<(String, Traced)>),
}

impl Traced {
    fn new(value: Value, scope: Scope) -> Self {
        match value {
            Value::Object(members) if !members.is_empty() => {
                Self::Object(members.into_iter().map(|(key, value)| (key, Self::new(value, scope))).collect())
            }
            Value::Array(items) if !items.is_empty() => {
                Self::Array(items.into_iter().map(|item| Self::new(item, scope)).collect())
            }
            plain => Self::Plain(plain, scope),
        }
    }

    fn settle(self, at: &Pointer, origins: &mut HashMap<Pointer, Scope>) -> Value {
        match self {
            Self::Plain(value, scope) => {
                origins.insert(at.clone(), scope);
                value
            }
            Self::Array(items) => {
                let items = items.into_iter().enumerate();
                items.map(|(index, item)| item.settle(&at.join(index.to_string()), origins)).collect()
            }
            Self::Object(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    let value = value.settle(&at.join(key.as_str()), origins);
                    (key, value)
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// `high` over `low`, both of the key `name`.
fn join(low: Traced, high: Traced, name: &str) -> Traced {
    match (low, high) {
        (low @ (Traced::Object(_) | Traced::Array(_)), Traced::Plain(value, scope)) if is_empty(&value) => {
            // An empty object or list adds nothing to one of its own kind.
            if matches!(low, Traced::Object(_)) == value.is_object() && !WHOLE.contains(&name) {
                low
            } else {
                Traced::Plain(value, scope)
            }
        }
        (Traced::Object(mut low), Traced::Object(high)) if !WHOLE.contains(&name) => {
            let known: HashMap<String, usize> =
                low.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
            for (key, value) in high {
                match known.get(&key).and_then(|at| low.get_mut(*at)) {
                    Some((_, place)) if WHOLE_ENTRIES.contains(&name) => *place = value,
                    Some((key, place)) => {
                        let below = std::mem::replace(place, Traced::Array(Vec::new()));
                        *place = join(below, value, key);
                    }
                    None => low.push((key, value)),
                }
            }
            Traced::Object(low)
        }
        (Traced::Array(mut low), Traced::Array(high)) if !WHOLE.contains(&name) => {
            low.extend(high);
            Traced::Array(without_repeats(low))
        }
        (_, high) => high,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Of equal strings, numbers and booleans the first stays; objects and lists are all their own.
fn without_repeats(items: Vec<Traced>) -> Vec<Traced> {
    let mut seen = std::collections::HashSet::new();
    let fresh = |item: &Traced| match item {
        Traced::Plain(value, _) if !is_empty(value) => seen.insert(value.to_string()),
        _ => true,
    };
    let mut fresh = fresh;
    items.into_iter().filter(|item| fresh(item)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::json::Document;

    fn file(scope: Scope, value: &Value) -> Settings {
        Settings::read(Document::parse(value.to_string()), scope)
    }

    #[test]
    fn lists_join_objects_merge_and_the_higher_file_wins() {
        let user = file(
            Scope::User,
            &json!({"model": "a", "permissions": {"deny": ["Bash(a *)", "Bash(b *)"]}, "env": {"A": "1"}}),
        );
        let project = file(
            Scope::Project,
            &json!({"model": "b", "permissions": {"deny": ["Bash(b *)", "Bash(c *)"]}, "env": {"B": "2"}}),
        );
        let merged = merge(&[&project, &user]);
        assert_eq!(
            merged.value,
            json!({"model": "b", "permissions": {"deny": ["Bash(a *)", "Bash(b *)", "Bash(c *)"]}, "env": {"A": "1", "B": "2"}})
        );
        assert_eq!(merged.origin(&"/permissions/deny/1".parse().unwrap()), Some(Scope::User));
        assert_eq!(merged.origin(&"/permissions/deny/2".parse().unwrap()), Some(Scope::Project));
        assert_eq!(merged.origin(&"/model".parse().unwrap()), Some(Scope::Project));
        assert_eq!(merged.origin(&"/permissions".parse().unwrap()), None);
    }

    #[test]
    fn what_a_file_may_not_set_does_not_count() {
        let user = file(Scope::User, &json!({"permissions": {"defaultMode": "plan"}}));
        let project = file(
            Scope::Project,
            &json!({"allowManagedHooksOnly": true, "permissions": {"defaultMode": "bypassPermissions"}}),
        );
        assert_eq!(merge(&[&user, &project]).value, json!({"permissions": {"defaultMode": "default"}}));
    }

    #[test]
    fn a_file_that_is_dropped_adds_nothing() {
        let user = file(Scope::User, &json!({"model": "a"}));
        let project = file(Scope::Project, &json!({"model": 5, "permissions": {"deny": ["Bash(a *)"]}}));
        assert_eq!(merge(&[&user, &project]).value, json!({"model": "a"}));
    }
}
