//! Host names of `WebFetch(domain:…)`.

use super::wildcard::Wildcard;
use crate::automaton::{Class, Pattern};

/// A pattern for host names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain {
    pattern: Box<str>,
}

impl Domain {
    /// The pattern in the content of a rule, `domain:host`; none for other contents.
    pub fn of_rule(content: &str) -> Option<Self> {
        let host = content.strip_prefix("domain:")?;
        let bare = host.trim_end_matches('.');
        // `*.` is not `*`.
        let host = if bare == "*" { host } else { bare };
        Some(Self { pattern: host.to_ascii_lowercase().into() })
    }

    /// Whether a host is meant, given in small letters and without a dot at its end.
    ///
    /// `*.` at the beginning stands for any number of labels, every other `*` for a part of one label
    /// (observed, 2.1.330).
    pub fn matches(&self, host: &str) -> bool {
        let pattern = &*self.pattern;
        if pattern == host || pattern == "*" {
            return true;
        }
        if !pattern.contains('*') {
            return false;
        }
        let alike = |pattern: &str, host: &str| {
            let mut labels = host.split(['.', ':']);
            let all = pattern
                .split(['.', ':'])
                .all(|form| labels.next().is_some_and(|label| Wildcard::new(form).matches(label)));
            all && labels.next().is_none()
        };
        match pattern.strip_prefix("*.") {
            Some(rest) => {
                let mut below = host.match_indices('.').filter_map(|(at, _)| {
                    let named = host.get(..at)?.split('.').all(|label| !label.is_empty());
                    host.get(at + 1..).filter(|_| named)
                });
                below.any(|host| alike(rest, host))
            }
            None => alike(pattern, host),
        }
    }

    /// The same as a pattern for proofs, of hosts in small letters and without a dot at their end.
    pub fn pattern(&self) -> Pattern {
        let itself = Pattern::text(&self.pattern);
        if &*self.pattern == "*" {
            return Pattern::anything();
        }
        if !self.pattern.contains('*') {
            return itself;
        }
        let within = |stops: &str| Class::of(stops).complement();
        let alike = |pattern: &str| {
            let mut parts = Vec::new();
            for (at, label) in pattern.split(['.', ':']).enumerate() {
                if at > 0 {
                    parts.push(Pattern::one(Class::of(".:")));
                }
                for (at, piece) in label.split('*').enumerate() {
                    if at > 0 {
                        parts.push(Pattern::many(within(".:")));
                    }
                    parts.push(Pattern::text(piece));
                }
            }
            Pattern::chain(parts)
        };
        let form = match self.pattern.strip_prefix("*.") {
            Some(rest) => {
                let label = || {
                    Pattern::chain([
                        Pattern::one(within(".")),
                        Pattern::many(within(".")),
                        Pattern::text("."),
                    ])
                };
                Pattern::chain([label(), label().repeated(), alike(rest)])
            }
            None => alike(&self.pattern),
        };
        Pattern::either([itself, form])
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
