//! JSON Pointer (RFC 6901): the name of one place in a document.

use std::fmt;
use std::str::FromStr;

/// A list of keys and array indexes from the root of a document; the empty list is the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pointer {
    tokens: Vec<String>,
}

/// A text that is no JSON Pointer: it is not empty and does not begin with `/`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a JSON pointer is empty or begins with `/`, not `{0}`")]
pub struct PointerError(String);

impl Pointer {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The place with these keys, outermost first.
    pub fn of<T: Into<String>>(tokens: impl IntoIterator<Item = T>) -> Self {
        Self { tokens: tokens.into_iter().map(Into::into).collect() }
    }

    /// The place `token` below this one.
    #[must_use]
    pub fn join(&self, token: impl Into<String>) -> Self {
        let mut tokens = self.tokens.clone();
        tokens.push(token.into());
        Self { tokens }
    }

    /// The place that holds this one, none for the root.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.tokens.split_last()?;
        Some(Self { tokens: rest.to_vec() })
    }

    /// The last key or index, none for the root.
    pub fn last(&self) -> Option<&str> {
        self.tokens.last().map(String::as_str)
    }

    /// The keys from the root on.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Whether `other` is this place or lies below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.tokens.starts_with(&self.tokens)
    }

    /// The form people read: `permissions.deny`, with `(root)` for the root.
    pub fn dotted(&self) -> String {
        if self.tokens.is_empty() { "(root)".to_owned() } else { self.tokens.join(".") }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        let rest = text.strip_prefix('/').ok_or_else(|| PointerError(text.to_owned()))?;
        Ok(Self::of(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_both_ways() {
        let pointer = Pointer::of(["env", "a/b", "c~d"]);
        assert_eq!(pointer.to_string(), "/env/a~1b/c~0d");
        assert_eq!("/env/a~1b/c~0d".parse(), Ok(pointer));
        assert_eq!("".parse(), Ok(Pointer::root()));
        assert!("env".parse::<Pointer>().is_err());
    }
}
