//! Host names of `WebFetch(domain:…)`.

use super::wildcard::Wildcard;

/// A pattern for host names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain {
    pattern: Box<str>,
}

impl Domain {
    /// The pattern in the content of a rule, `domain:host`; none for other contents.
    pub fn of_rule(content: &str) -> Option<Self> {
        let host = content.strip_prefix("domain:")?;
        Some(Self { pattern: host.to_ascii_lowercase().into() })
    }

    /// Whether every host that `narrow` matches is matched by this pattern too.
    pub fn covers(&self, narrow: &Self) -> bool {
        if self == narrow {
            return true;
        }
        if !narrow.is_tame() {
            return false;
        }
        match &*self.pattern {
            "*" => true,
            pattern => match pattern.strip_prefix('*') {
                Some(rest) if rest.starts_with('.') && !rest.contains('*') => {
                    narrow.pattern.strip_suffix(rest).is_some_and(|label| !label.is_empty())
                }
                _ => false,
            },
        }
    }

    /// Whether no host fits both.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        self.is_tame()
            && other.is_tame()
            && Wildcard::new(&self.pattern).is_apart_from(&Wildcard::new(&other.pattern))
    }

    fn is_tame(&self) -> bool {
        let host = self.pattern.strip_prefix("*.").unwrap_or(&self.pattern);
        !host.is_empty()
            && !host.starts_with('.')
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
    }
}
