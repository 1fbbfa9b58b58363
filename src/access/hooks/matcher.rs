//! Which tools a hook is for.

use crate::client::tools;

/// The matcher of a hook.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    All,
    Names(Box<[Box<str>]>),
    Form(regex::Regex),
    /// Nothing: the client cannot read it either.
    None,
    Unknown,
}

impl Matcher {
    /// Reads a matcher: nothing or `*` for all tools, names with `|` or `,` between them, and a regular
    /// expression where other characters stand in it.
    pub(super) fn new(text: Option<&str>) -> Self {
        let Some(text) = text.filter(|text| !text.is_empty() && *text != "*") else { return Self::All };
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_|, -".contains(&byte)) {
            let names = text.split(['|', ',']).map(str::trim).filter(|name| !name.is_empty());
            return Self::Names(names.map(|name| tools::canonical_name(name).into()).collect());
        }
        if !is_common(text) {
            return if is_broken(text) { Self::None } else { Self::Unknown };
        }
        match regex::RegexBuilder::new(text).unicode(true).size_limit(1 << 20).build() {
            Ok(form) => Self::Form(form),
            Err(_) => Self::Unknown,
        }
    }

    /// Whether the hook runs for a tool under its present name; none where that is not known.
    pub(super) fn matches(&self, tool: &str) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::Names(names) => Some(names.iter().any(|name| **name == *tool)),
            Self::Form(form) => Some(form.is_match(tool)),
            Self::None => Some(false),
            Self::Unknown => None,
        }
    }
}

/// Whether an expression means the same in the client's language and here.
fn is_common(text: &str) -> bool {
    let mut class = false;
    let mut depth = 0_i32;
    let mut last = '\0';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let repeats = matches!(c, '*' | '+' | '?');
        match c {
            '\\' if !chars.next().is_some_and(|c| "dwsDWSbB.*+?()[]{}|^$/-".contains(c)) => return false,
            '\\' => {}
            '[' if class => return false,
            '[' => class = true,
            ']' if class && last == '[' => return false,
            ']' => {
                if !class {
                    return false;
                }
                class = false;
            }
            '&' | '~' | '-' if class && last == c => return false,
            _ if class => {}
            '(' if chars.peek() == Some(&'?') => return false,
            '(' => depth += 1,
            ')' => depth -= 1,
            '{' | '}' => return false,
            _ if repeats && matches!(last, '\0' | '(' | '|' | '^') => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
        last = if c == '\\' { 'x' } else { c };
    }
    !class && depth == 0
}

/// Whether an expression is certainly one that the client cannot read: a class without an end, a wrong
/// number of parentheses, something repeated that is not there.
fn is_broken(text: &str) -> bool {
    let simple = !text.contains(['\\', '{', '?']);
    let open = text.matches('(').count();
    let close = text.matches(')').count();
    let class = text.matches('[').count();
    let unclosed = class > 0 && !text.contains(']');
    let leading = text.starts_with(['*', '+', '?']);
    leading || (simple && (unclosed || (class == 0 && open != close)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_expressions() {
        for (matcher, tool, expected) in [
            (None, "Bash", Some(true)),
            (Some("*"), "Bash", Some(true)),
            (Some("Bash, Read"), "Read", Some(true)),
            (Some("B"), "Bash", Some(false)),
            (Some("Ba.*"), "Bash", Some(true)),
            (Some("^Bash$"), "BashX", Some(false)),
            (Some("Task"), "Agent", Some(true)),
            (Some("[invalid"), "Bash", Some(false)),
            (Some("Bash(foo *)"), "Bash", Some(false)),
            (Some("Bash(foo:*)"), "Bash", Some(false)),
            (Some("*x"), "x", Some(false)),
            (Some("(?!Bash).*"), "Bash", None),
        ] {
            assert_eq!(Matcher::new(matcher).matches(tool), expected, "{matcher:?} {tool}");
        }
    }
}
