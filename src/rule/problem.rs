//! The client's own reasons for skipping a rule.
//!
//! The order of the tests is the client's: a rule with several faults is reported with the first
//! (observed in `claude doctor`, 2.1.330). The sentences are ours.
//!
//! Leaves out rules that are valid and useless; those are findings of checks.

use std::fmt;

use super::parse::{List, Rule, marked_parentheses, parentheses};
use crate::client::{blank, tools};

/// Why the client skips a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// Nothing but blanks.
    Empty,
    /// The parentheses are not those of `Tool(content)`.
    Malformed,
    /// `Tool()`.
    EmptyContent,
    /// `()`.
    NoTool,
    /// Escaped and unescaped parentheses that do not pair up.
    AmbiguousEscape,
    /// `mcp__server(x)`.
    McpContent,
    /// A `*` in the tool name of an allow rule, other than behind `mcp__server__`.
    ToolWildcard,
    /// A tool name that starts with a small letter and is not that of an MCP tool.
    LowerCaseTool,
    /// `Bash(:*)`.
    EmptyPrefix,
    /// `:*` in the content of a file tool.
    PrefixOfPath,
    /// `WebFetch(https://host)`.
    FetchUrl,
    /// `WebFetch(x)` without `domain:`.
    FetchWithoutDomain,
    /// `WebSearch(x*)`.
    SearchWildcard,
}

/// What is wrong with a rule, and the rule that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which of the client's reasons it is.
    pub kind: ProblemKind,
    /// The corrected rule, where it is evident.
    pub correction: Option<String>,
    rule: String,
    tool: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, tool, .. } = self;
        match self.kind {
            ProblemKind::Empty => write!(f, "the rule is empty"),
            ProblemKind::Malformed => {
                write!(f, "`{rule}` is neither `Tool` nor `Tool(content)` with the `)` at its end")
            }
            ProblemKind::EmptyContent => write!(f, "`{rule}` has nothing between its parentheses"),
            ProblemKind::NoTool => write!(f, "`{rule}` names no tool"),
            ProblemKind::AmbiguousEscape => write!(
                f,
                "`{rule}` mixes escaped and plain parentheses that do not pair up, so its content is ambiguous"
            ),
            ProblemKind::McpContent => {
                write!(f, "`{rule}` gives a content to an MCP tool, whose rules are a name alone")
            }
            ProblemKind::ToolWildcard => write!(
                f,
                "`{tool}` is a wildcard for tools, which an allow rule may use only behind `mcp__server__`"
            ),
            ProblemKind::LowerCaseTool => {
                write!(f, "`{tool}` is no tool: their names start with a capital letter")
            }
            ProblemKind::EmptyPrefix => write!(f, "`{rule}` has no command before `:*`"),
            ProblemKind::PrefixOfPath => {
                write!(f, "`{rule}` uses `:*`, which is for commands: paths take `*` and `**`")
            }
            ProblemKind::FetchUrl => write!(f, "`{rule}` holds a URL where `domain:host` is expected"),
            ProblemKind::FetchWithoutDomain => write!(f, "`{rule}` lacks the `domain:` before its host"),
            ProblemKind::SearchWildcard => {
                write!(f, "`{rule}` has a wildcard, and a web search is matched by its exact words only")
            }
        }
    }
}

impl Rule {
    /// Why the client skips this rule in this list, none where it takes the rule.
    pub fn problem(&self, list: List) -> Option<Problem> {
        let kind = self.fault(list)?;
        let correction =
            self.correct(kind).filter(|text| *text != self.text() && Self::parse(text).fault(list).is_none());
        Some(Problem { kind, correction, rule: self.text().to_owned(), tool: self.name().to_owned() })
    }

    /// The kind of [`Rule::problem`] alone.
    pub fn fault(&self, list: List) -> Option<ProblemKind> {
        let name = self.name();
        if blank::trim(self.text()).is_empty() {
            return Some(ProblemKind::Empty);
        }
        if self.is_malformed() {
            return Some(ProblemKind::Malformed);
        }
        if self.raw_content() == Some("") {
            return Some(if name.is_empty() { ProblemKind::NoTool } else { ProblemKind::EmptyContent });
        }
        if self.raw_content().is_some_and(is_ambiguous) {
            return Some(ProblemKind::AmbiguousEscape);
        }
        if self.content().is_some() && mcp_server(name).is_some() {
            return Some(ProblemKind::McpContent);
        }
        if list == List::Allow && name.contains('*') && !is_scoped_wildcard(name) {
            return Some(ProblemKind::ToolWildcard);
        }
        if name.chars().next().is_some_and(is_small) && !name.contains('_') {
            return Some(ProblemKind::LowerCaseTool);
        }
        self.content().and_then(|content| content_fault(name, content))
    }

    /// The rule that was probably meant.
    fn correct(&self, kind: ProblemKind) -> Option<String> {
        let (name, content) = (self.name(), self.raw_content().unwrap_or_default());
        match kind {
            ProblemKind::Malformed => {
                let text = blank::trim(self.text());
                let closed = parentheses(text).any(|(_, byte)| byte == b')');
                Some(if closed { text.to_owned() } else { format!("{text})") })
            }
            ProblemKind::EmptyContent => Some(name.to_owned()),
            ProblemKind::AmbiguousEscape => {
                let escaped = self.content()?.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
                Some(format!("{name}({escaped})"))
            }
            ProblemKind::McpContent => {
                let (_, tool) = mcp_server(name)?;
                let plain = content.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
                match (tool, content) {
                    (_, "*") => Some(name.to_owned()),
                    (None, content) if plain => Some(format!("{name}__{content}")),
                    _ => None,
                }
            }
            ProblemKind::LowerCaseTool => {
                let known = tools::spelling_of(name)?;
                Some(format!("{known}{}", self.text().get(name.len()..)?))
            }
            ProblemKind::EmptyPrefix => Some(name.to_owned()),
            ProblemKind::PrefixOfPath => match content.strip_suffix(":*")?.trim_end_matches('/') {
                "" => Some(name.to_owned()),
                folder => Some(format!("{name}({folder}/**)")),
            },
            ProblemKind::FetchUrl => {
                let host = content.strip_prefix("domain:").unwrap_or(content).split_once("://")?.1;
                let host = host.split(['/', ':', '?', '#']).next()?;
                is_host(host).then(|| format!("{name}(domain:{host})"))
            }
            ProblemKind::FetchWithoutDomain => {
                let host = content.trim();
                let host = match host.split_once(':') {
                    Some((key, host)) if key.eq_ignore_ascii_case("domain") => host.trim(),
                    _ => host,
                };
                is_host(host).then(|| format!("{name}(domain:{host})"))
            }
            ProblemKind::Empty
            | ProblemKind::NoTool
            | ProblemKind::ToolWildcard
            | ProblemKind::SearchWildcard => None,
        }
    }
}

/// The server and the tool part of `mcp__server__tool`.
pub(super) fn mcp_server(name: &str) -> Option<(&str, Option<&str>)> {
    let rest = name.strip_prefix("mcp__")?;
    let (server, tool) = rest.split_once("__").map_or((rest, None), |(server, tool)| (server, Some(tool)));
    (!server.is_empty()).then_some((server, tool))
}

fn is_scoped_wildcard(name: &str) -> bool {
    mcp_server(name).is_some_and(|(server, tool)| !server.contains('*') && tool.is_some())
}

/// Whether upper-casing changes the letter, which is how the client tests it.
fn is_small(c: char) -> bool {
    !c.to_uppercase().eq([c]) && c.to_lowercase().eq([c])
}

/// One backslash before a parenthesis, and the others do not pair up in number.
fn is_ambiguous(content: &str) -> bool {
    let mut escaped = false;
    let (mut open, mut closed) = (0, 0);
    for (_, byte, slashes) in marked_parentheses(content) {
        match (slashes, byte) {
            (1, _) => escaped = true,
            (slashes, b'(') if slashes % 2 == 0 => open += 1,
            (slashes, _) if slashes % 2 == 0 => closed += 1,
            _ => {}
        }
    }
    escaped && open != closed
}

fn content_fault(name: &str, content: &str) -> Option<ProblemKind> {
    if name == "Bash" && content == ":*" {
        return Some(ProblemKind::EmptyPrefix);
    }
    if tools::FILE_TOOLS.contains(&name) && content.contains(":*") {
        return Some(ProblemKind::PrefixOfPath);
    }
    if name == "WebSearch" && content != "*" && content.contains(['*', '?']) {
        return Some(ProblemKind::SearchWildcard);
    }
    if name == "WebFetch" && content != "*" {
        if content.contains("://") || content.starts_with("http") {
            return Some(ProblemKind::FetchUrl);
        }
        if !content.starts_with("domain:") {
            return Some(ProblemKind::FetchWithoutDomain);
        }
    }
    None
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && !text.starts_with('.')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-*_".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProblemKind::*;

    fn fault(list: List, text: &str) -> Option<ProblemKind> {
        Rule::parse(text).fault(list)
    }

    /// Each line was put to `claude doctor` of 2.1.330 in all three lists.
    #[test]
    fn reasons_are_those_of_the_client() {
        let seen: &[(&str, ProblemKind)] = &[
            ("", Empty),
            ("\u{feff}\t\u{3000}", Empty),
            ("Bash()", EmptyContent),
            ("bash()", EmptyContent),
            ("B*()", EmptyContent),
            ("mcp__x()", EmptyContent),
            ("()", NoTool),
            ("Bash(foo", Malformed),
            ("Bash(foo)\n", Malformed),
            ("*(", Malformed),
            ("bash", LowerCaseTool),
            ("read(a:*)", LowerCaseTool),
            ("éa(x)", LowerCaseTool),
            ("ß", LowerCaseTool),
            ("mcp(x)", LowerCaseTool),
            ("Bash(:*)", EmptyPrefix),
            ("Read(a:*b)", PrefixOfPath),
            ("Cd(:*)", PrefixOfPath),
            ("NotebookRead(a:*)", PrefixOfPath),
            ("WebFetch(x)", FetchWithoutDomain),
            ("WebFetch(**)", FetchWithoutDomain),
            ("WebFetch(HTTPS)", FetchWithoutDomain),
            ("WebFetch( domain:x)", FetchWithoutDomain),
            ("WebFetch(httpx)", FetchUrl),
            ("WebFetch(domain:https://x)", FetchUrl),
            ("WebSearch(**)", SearchWildcard),
            ("WebSearch(a?)", SearchWildcard),
            ("mcp__x(y)", McpContent),
            ("mcp__*(y)", McpContent),
            ("mcp___(x)", McpContent),
            (r"Bash(a\(b))", AmbiguousEscape),
            (r"Bash(a\))b())c)", AmbiguousEscape),
            (r"Foo(a\(b))", AmbiguousEscape),
        ];
        for (text, kind) in seen {
            for list in List::ALL {
                assert_eq!(fault(list, text), Some(*kind), "{list} {text:?}");
            }
        }
    }

    #[test]
    fn wildcards_for_tools_are_a_fault_in_allow_only() {
        for text in
            ["*", "B*", "*(x)", "Ba*h(x)", "mcp__*", "mcp__s*__x", "mcp____*", "Mcp__a__*", r"B\*", "a_b*"]
        {
            assert_eq!(fault(List::Allow, text), Some(ToolWildcard), "{text}");
            assert_eq!(fault(List::Deny, text), None, "{text}");
            assert_eq!(fault(List::Ask, text), None, "{text}");
        }
        assert_eq!(fault(List::Allow, "b*"), Some(ToolWildcard));
        assert_eq!(fault(List::Deny, "b*"), Some(LowerCaseTool));
        for text in ["mcp__srv__*", "mcp__a__b*__*", "mcp__ __*"] {
            assert_eq!(fault(List::Allow, text), None, "{text}");
        }
    }

    #[test]
    fn the_client_takes_useless_rules() {
        for text in [
            "Bash foo",
            "Bash(foo))",
            " Bash(foo)",
            "BASH(x)",
            "(x)",
            "foo_bar(x)",
            "Bash( )",
            "Bash(::*)",
            "Bash( :*)",
            "Grep(a:*)",
            "LSP(:*)",
            "PowerShell(:*)",
            "WebFetch(domain:)",
            "WebFetch(domain:http)",
            "WebFetch(*)",
            "WebSearch(*)",
            "WebSearch(a b)",
            "_x",
            "1x",
            "\u{200b}",
            "mcp____(x)",
            "mcp_x(y)",
            r"Bash(a\\\(b))",
            r"Bash(a)(b\()",
            r"Bash(a\((b))",
            r"Bash(a\(b)",
            "B?",
        ] {
            for list in List::ALL {
                assert_eq!(fault(list, text), None, "{list} {text:?}");
            }
        }
    }

    #[test]
    fn corrections_are_offered_where_they_are_evident() {
        let correct =
            |text: &str| Rule::parse(text).problem(List::Allow).and_then(|problem| problem.correction);
        assert_eq!(correct("Bash(foo").as_deref(), Some("Bash(foo)"));
        assert_eq!(correct("Bash(foo) ").as_deref(), Some("Bash(foo)"));
        assert_eq!(correct("Bash()").as_deref(), Some("Bash"));
        assert_eq!(correct("webfetch(domain:a.b)").as_deref(), Some("WebFetch(domain:a.b)"));
        assert_eq!(correct("WebFetch(https://a.b:80/c)").as_deref(), Some("WebFetch(domain:a.b)"));
        assert_eq!(correct("WebFetch(a.b)").as_deref(), Some("WebFetch(domain:a.b)"));
        assert_eq!(correct("Read(src:*)").as_deref(), Some("Read(src/**)"));
        assert_eq!(correct("mcp__srv(get)").as_deref(), Some("mcp__srv__get"));
        assert_eq!(correct("mcp__srv(*)").as_deref(), Some("mcp__srv"));
        assert_eq!(correct(r"Bash(a\(b))").as_deref(), Some(r"Bash(a\(b\))"));
        assert_eq!(correct("Bash(x) y"), None);
        assert_eq!(correct("WebSearch(a*)"), None);
        assert_eq!(correct("*"), None);
    }

    #[test]
    fn sentences_name_the_rule() {
        let problem = Rule::parse("read(x)").problem(List::Deny).unwrap();
        assert_eq!(problem.to_string(), "`read` is no tool: their names start with a capital letter");
        assert_eq!(problem.correction.as_deref(), Some("Read(x)"));
    }
}
