//! The grammar of a rule, `Tool` or `Tool(content)`.
//!
//! The content runs from the first to the last parenthesis that no backslash escapes, and the last
//! one must end the text. Inside it `\(`, `\)` and `\\` stand for one character, in this order
//! (observed, 2.1.330). Nothing is trimmed.
//!
//! Leaves out what the content means; that depends on the tool.

use std::fmt;

use crate::client::tools;
use crate::json::Pointer;
use crate::text::Span;

/// The three lists of rules in a settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Done without asking.
    Allow,
    /// Asked for, even where another rule allows it.
    Ask,
    /// Refused.
    Deny,
}

impl List {
    /// All lists, in the order in which files usually name them.
    pub const ALL: [Self; 3] = [Self::Allow, Self::Ask, Self::Deny];

    /// The key below `permissions`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }

    /// The place of the list in a settings file.
    pub fn pointer(self) -> Pointer {
        Pointer::of(["permissions", self.key()])
    }

    /// The list that stands at this place of a settings file.
    pub fn of_pointer(at: &Pointer) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.pointer() == *at)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A permission rule as it was written. Two rules are equal when their texts are.
#[derive(Clone)]
pub struct Rule {
    text: Box<str>,
    name: Span,
    content: Option<Content>,
    malformed: bool,
}

#[derive(Clone)]
struct Content {
    span: Span,
    unescaped: Box<str>,
}

impl Rule {
    /// Reads a rule. Every text is one, see [`Rule::problem`](Self::problem) for those that the client skips.
    pub fn parse(text: &str) -> Self {
        let whole = Span::new(0, text.len());
        let bare = |malformed| Self { text: text.into(), name: whole, content: None, malformed };
        let open = parentheses(text).find(|(_, byte)| *byte == b'(').map(|(at, _)| at);
        let close = parentheses(text).filter(|(_, byte)| *byte == b')').last().map(|(at, _)| at);
        let (open, close) = match (open, close) {
            (None, None) => return bare(false),
            (Some(open), Some(close)) if open < close && close + 1 == text.len() => (open, close),
            (Some(open), _) => return Self { name: Span::new(0, open), ..bare(true) },
            (None, Some(_)) => return bare(true),
        };
        let name = text.get(..open).unwrap_or_default();
        if name.contains(['(', ')']) {
            return Self { name: Span::new(0, open), ..bare(true) };
        }
        let span = Span::new(open + 1, close);
        let unescaped = unescape(text.get(span.start..span.end).unwrap_or_default());
        // `(x)` has no tool to speak of: the client takes the whole text for an unknown tool.
        if name.is_empty() && !span.is_empty() {
            return bare(false);
        }
        let content = Some(Content { span, unescaped: unescaped.into() });
        Self { text: text.into(), name: Span::new(0, open), content, malformed: false }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tool under its present name: `Agent` for `Task(x)`. Of a malformed rule, what stands before
    /// the first parenthesis.
    pub fn tool(&self) -> &str {
        tools::canonical_name(self.name())
    }

    /// The tool as it was written.
    pub fn name(&self) -> &str {
        self.text.get(self.name.start..self.name.end).unwrap_or_default()
    }

    /// Where in the text the tool stands.
    pub fn name_span(&self) -> Span {
        self.name
    }

    /// What stands between the parentheses, without the escapes; none for a rule without parentheses.
    pub fn content(&self) -> Option<&str> {
        self.content.as_ref().map(|content| &*content.unescaped)
    }

    /// Where in the text the content stands, escapes included.
    pub fn content_span(&self) -> Option<Span> {
        self.content.as_ref().map(|content| content.span)
    }

    /// The content as it was written, with its escapes.
    pub fn raw_content(&self) -> Option<&str> {
        self.content_span().and_then(|span| self.text.get(span.start..span.end))
    }

    /// Whether the parentheses are not those of a rule.
    pub(super) fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Whether the rule speaks of the whole tool: `Bash` and `Bash(*)`.
    ///
    /// The client takes `Tool(*)` for `Tool` (observed, 2.1.330).
    pub fn is_whole_tool(&self) -> bool {
        !self.malformed && matches!(self.content(), None | Some("*"))
    }

    /// The shortest spelling with the same meaning: present tool name, no `(*)`.
    ///
    /// Two rules with one canonical form mean the same; the opposite need not hold.
    pub fn canonical(&self) -> String {
        match self.raw_content() {
            _ if self.malformed => self.text.to_string(),
            Some(content) if !self.is_whole_tool() => format!("{}({content})", self.tool()),
            _ => self.tool().to_owned(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({:?})", self.text)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Rule {}

impl std::hash::Hash for Rule {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// The parentheses that no backslash escapes.
pub(super) fn parentheses(text: &str) -> impl Iterator<Item = (usize, u8)> {
    marked_parentheses(text).filter(|(.., slashes)| slashes % 2 == 0).map(|(at, byte, _)| (at, byte))
}

/// All parentheses with the number of backslashes before them.
pub(super) fn marked_parentheses(text: &str) -> impl Iterator<Item = (usize, u8, usize)> {
    let mut slashes = 0;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let before = slashes;
        slashes = if byte == b'\\' { slashes + 1 } else { 0 };
        matches!(byte, b'(' | b')').then_some((at, byte, before))
    })
}

fn unescape(content: &str) -> String {
    if !content.contains('\\') {
        return content.to_owned();
    }
    content.replace("\\(", "(").replace("\\)", ")").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<String>) {
        let rule = Rule::parse(text);
        (rule.tool().to_owned(), rule.content().map(str::to_owned))
    }

    #[test]
    fn a_rule_is_a_tool_and_perhaps_a_content() {
        assert_eq!(parts("Bash"), ("Bash".into(), None));
        assert_eq!(parts("Bash(npm run *)"), ("Bash".into(), Some("npm run *".into())));
        assert_eq!(parts("Task(Explore)"), ("Agent".into(), Some("Explore".into())));
        assert_eq!(parts(" Bash( x)"), (" Bash".into(), Some(" x".into())));
        assert_eq!(parts("(x)"), ("(x)".into(), None));
    }

    #[test]
    fn the_content_ends_at_the_last_parenthesis() {
        assert_eq!(parts("Bash(a)b(c)"), ("Bash".into(), Some("a)b(c".into())));
        assert_eq!(parts("Bash(foo))"), ("Bash".into(), Some("foo)".into())));
        assert_eq!(parts(r"Bash(a\(b\))"), ("Bash".into(), Some("a(b)".into())));
        assert_eq!(parts(r"Bash(a\\)"), ("Bash".into(), Some(r"a\".into())));
    }

    #[test]
    fn spans_point_into_the_text() {
        let rule = Rule::parse(r"Read(a\(b)");
        let span = rule.content_span().unwrap();
        assert_eq!(rule.text().get(span.start..span.end), Some(r"a\(b"));
        assert_eq!(rule.content(), Some("a(b"));
        assert_eq!(rule.name_span(), Span::new(0, 4));
    }

    #[test]
    fn wrong_parentheses_make_a_rule_malformed() {
        for text in [
            "Bash(foo",
            "Bash(x) y",
            r"Bash(foo \)",
            "Bash(foo) ",
            "Bash)(",
            ")",
            "(",
            r"Bash\(foo)",
            "A)(b)",
        ] {
            assert!(Rule::parse(text).is_malformed(), "{text}");
        }
        for text in ["Bash(()", r"\(", "Bash())", "Bash (a)", "(a)(b)", r"Bash(\))"] {
            assert!(!Rule::parse(text).is_malformed(), "{text}");
        }
    }

    #[test]
    fn canonical_forms_are_short() {
        assert_eq!(Rule::parse("Task(*)").canonical(), "Agent");
        assert_eq!(Rule::parse("Task(x)").canonical(), "Agent(x)");
        assert_eq!(Rule::parse("Bash(a)").canonical(), "Bash(a)");
    }
}
