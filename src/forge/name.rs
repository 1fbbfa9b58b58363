//! The name of a repository on a forge.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Owner and name: `acme/web`; groups of GitLab nest: `acme/platform/web`.
///
/// INVARIANT: at least two parts, each of letters, digits, `.`, `_` and `-` and neither `.` nor `..`, so that
/// it can stand in a URL or a query as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName(String);

/// A text is no name of a repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name of a repository: owner and name with `/` between, of letters, digits, `.`, `_`, `-`"
)]
pub struct NameError(String);

impl RepositoryName {
    /// Reads a name.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let is_plain = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        };
        if text.contains('/') && text.split('/').all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError(text.to_owned()))
        }
    }

    /// Everything before the last part: an organisation, a user, or a group with its subgroups.
    pub fn owner(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(owner, _)| owner)
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The whole.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_an_owner_and_nothing_that_a_url_or_a_query_would_read() {
        let name = RepositoryName::new("acme/platform/web.site").unwrap();
        assert_eq!((name.owner(), name.name()), ("acme/platform", "web.site"));
        for text in ["", "web", "/web", "acme/", "acme/../x", "acme/a b", "acme/a?x", "acme/a\"b", "a/%2e"] {
            assert!(RepositoryName::new(text).is_err(), "{text}");
        }
    }
}
