//! Facts about a repository, and the selectors that ask for them.

use std::collections::BTreeMap;

use super::file::{OneOrMany, SelectorFile};

/// What is known of a repository: each fact with one value or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Facts(BTreeMap<String, Vec<String>>);

impl Facts {
    /// No facts.
    pub fn none() -> Self {
        Self::default()
    }

    /// Gives a fact its values, instead of those that it had.
    pub fn set(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) {
        self.0.insert(name.into(), values.into_iter().map(Into::into).collect());
    }

    /// These facts with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.set(name, [value]);
        self
    }

    /// Takes over all facts of a file.
    pub fn extend(&mut self, facts: &BTreeMap<String, OneOrMany>) {
        for (name, values) in facts {
            self.set(name.as_str(), values.texts().iter().cloned());
        }
    }

    /// The values of a fact, none where it is unknown.
    pub fn values(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The only value of a fact, or its first.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }

    /// Whether a fact of which a repository has one value has several.
    pub(super) fn is_ambiguous(&self) -> bool {
        SINGLE.iter().any(|name| self.values(name).len() > 1)
    }

    /// All facts by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

impl SelectorFile {
    /// The repositories whose name fits a pattern.
    pub(super) fn of_name(pattern: &str) -> Self {
        Self(BTreeMap::from([("name".to_owned(), OneOrMany::One(pattern.to_owned()))]))
    }

    /// Facts that match: of each the first value, without its `*`.
    pub fn example(&self) -> Facts {
        let mut facts = Facts::none();
        for (name, patterns) in &self.0 {
            facts.set(name.as_str(), patterns.texts().iter().take(1).map(|pattern| pattern.replace('*', "")));
        }
        facts
    }

    /// The facts asked for: `environment=production, topics=a|b`.
    pub fn in_words(&self) -> String {
        let facts = self.0.iter().map(|(name, patterns)| format!("{name}={}", patterns.texts().join("|")));
        facts.collect::<Vec<_>>().join(", ")
    }

    /// Whether every fact asked for has a value that matches. A fact that is unknown does not.
    pub fn matches(&self, facts: &Facts) -> bool {
        self.0.iter().all(|(name, patterns)| {
            let matching = |value: &String| patterns.texts().iter().any(|pattern| matches(pattern, value));
            facts.values(name).iter().any(matching)
        })
    }

    /// Whether no repository can match both: they ask for different words of a fact that has one value.
    pub fn excludes(&self, other: &Self) -> bool {
        self.0.iter().filter(|(name, _)| SINGLE.contains(&name.as_str())).any(|(name, patterns)| {
            other.0.get(name).is_some_and(|others| {
                let plain = |pattern: &String| !pattern.contains('*');
                patterns.texts().iter().all(plain)
                    && others.texts().iter().all(plain)
                    && !patterns.texts().iter().any(|pattern| others.texts().contains(pattern))
            })
        })
    }
}

/// Facts of which a repository has one value only.
const SINGLE: [&str; 4] = ["name", "environment", "visibility", "team"];

/// Whether `text` matches `pattern`, in which `*` stands for any text. Time is linear in the product
/// of the lengths at worst.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.split_once(middle) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
    }
    match last {
        Some(end) => rest.ends_with(end),
        None => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(json: &str) -> SelectorFile {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("acme/*", "acme/x", true),
            ("acme/*", "acme/", true),
            ("acme/*", "other/acme/x", false),
            ("*-api", "payments-api", true),
            ("*-api", "payments-api2", false),
            ("a*b*a", "aba", true),
            ("a*b*a", "ab", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("", "x", false),
            ("x", "x", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn every_fact_asked_for_must_match() {
        let mut facts = Facts::none().with("name", "acme/payments-api").with("environment", "production");
        facts.set("topics", ["pci", "go"]);
        assert!(selector("{}").matches(&facts));
        assert!(selector(r#"{"name": ["acme/payments-*"], "topics": "pci"}"#).matches(&facts));
        assert!(!selector(r#"{"name": ["acme/payments-*"], "topics": ["rust"]}"#).matches(&facts));
        assert!(!selector(r#"{"team": "*"}"#).matches(&facts));
    }

    #[test]
    fn selectors_that_cannot_both_hold_exclude_each_other() {
        let production = selector(r#"{"environment": "production"}"#);
        assert!(production.excludes(&selector(r#"{"environment": ["staging", "development"]}"#)));
        assert!(!production.excludes(&selector(r#"{"environment": "prod*"}"#)));
        assert!(!production.excludes(&selector(r#"{"topics": "pci"}"#)));
        assert!(!selector(r#"{"topics": "a"}"#).excludes(&selector(r#"{"topics": "b"}"#)));
    }
}
