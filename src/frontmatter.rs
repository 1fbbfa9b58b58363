//! The head of a Markdown file, between two lines of `---`: flat keys with a text or a list of texts.
//!
//! Reads the forms that skills, commands and sub-agents have, as the client takes them (observed, 2.1.330):
//! plain and quoted texts, also over several lines, and lists in brackets or with a `-` each. Of a key that
//! is there twice the last counts. The client takes all of YAML, and what else the head holds may make it drop
//! the whole; both are left out: what has an anchor, an alias or a tag is [`Value::Unclear`], and a head with
//! faults elsewhere is read all the same.

use crate::text::Span;

/// A key of the head and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where the key stands.
    pub key: Span,
    /// What it says.
    pub value: Value,
}

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text, or each text of a list.
    Texts(Vec<Text>),
    /// Something that is not followed here.
    Unclear,
}

/// A text and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it says, without quotes, escapes and comments.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it stands there exactly as it says.
    pub is_verbatim: bool,
}

impl Text {
    /// The place of a range of the text; the whole where it does not stand there as it says.
    pub fn place(&self, part: Span) -> Span {
        if self.is_verbatim {
            Span::new(self.span.start + part.start, self.span.start + part.end)
        } else {
            self.span
        }
    }
}

/// The key `name` of the head of a file, none where there is no head or no such key.
pub fn field(text: &str, name: &str) -> Option<Field> {
    let head = head(text)?;
    let mut found = None;
    let mut lines = Lines { text, at: head.start, end: head.end };
    while let Some(line) = lines.next_line() {
        let Some((key, behind)) = key_of(text, line) else { continue };
        let first = Span::new(behind, line.end);
        let mut rest = Vec::new();
        while let Some(next) = lines.peek().filter(|next| continues(slice(text, *next))) {
            rest.push(next);
            lines.next_line();
        }
        if slice(text, key).trim_matches(['"', '\'']) == name {
            found = Some(Field { key, value: value(text, first, &rest) });
        }
    }
    found
}

/// Where the head stands, without its fences.
fn head(text: &str) -> Option<Span> {
    let is_fence = |line: &str| line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = Lines { text, at: start, end: text.len() };
    let first = lines.next_line().filter(|line| is_fence(slice(text, *line)))?;
    let body = lines.at;
    while let Some(line) = lines.next_line() {
        if is_fence(slice(text, line)) {
            return Some(Span::new(body.max(first.end), line.start));
        }
    }
    None
}

/// The lines of a range, without their ends.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    end: usize,
}

impl Lines<'_> {
    fn peek(&self) -> Option<Span> {
        let rest = self.text.get(self.at..self.end).filter(|rest| !rest.is_empty())?;
        let line = rest.split('\n').next().unwrap_or_default();
        Some(Span::new(self.at, self.at + line.trim_end_matches('\r').len()))
    }

    fn next_line(&mut self) -> Option<Span> {
        let line = self.peek()?;
        let rest = self.text.get(self.at..self.end).unwrap_or_default();
        self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
        Some(line)
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

/// The key at the beginning of a line, and where its value begins.
fn key_of(text: &str, line: Span) -> Option<(Span, usize)> {
    let content = slice(text, line);
    if content.starts_with([' ', '\t', '-', '#']) {
        return None;
    }
    let colon = content.match_indices(':').map(|(at, _)| at).find(|at| {
        let behind = content.get(at + 1..).unwrap_or_default();
        behind.is_empty() || behind.starts_with([' ', '\t'])
    })?;
    let key = content.get(..colon).unwrap_or_default().trim_end();
    Some((Span::new(line.start, line.start + key.len()), line.start + colon + 1))
}

/// Whether a line belongs to the value of the key above it.
fn continues(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with([' ', '\t', '#']) || line == "-" || line.starts_with("- ")
}

fn value(text: &str, first: Span, rest: &[Span]) -> Value {
    let start = content_of(text, first);
    let head = slice(text, start);
    match head.chars().next() {
        None => below(text, rest),
        Some('|' | '>') => {
            let lines: Vec<&str> = rest.iter().map(|line| slice(text, *line).trim()).collect();
            let joint = if head.starts_with('|') { "\n" } else { " " };
            one(Text { text: lines.join(joint), span: whole(start, rest), is_verbatim: false })
        }
        Some('[') => {
            let span = whole(start, rest);
            flow(text, span).unwrap_or_else(|| one(plain(text, start, rest)))
        }
        Some('{') => Value::Texts(Vec::new()),
        Some('&' | '!') => Value::Unclear,
        Some('*') if head != "*" => Value::Unclear,
        Some(_) => one(scalar(text, start, rest)),
    }
}

fn one(text: Text) -> Value {
    Value::Texts(vec![text])
}

/// From the first line of a value to the end of its last.
fn whole(first: Span, rest: &[Span]) -> Span {
    Span::new(first.start, rest.last().map_or(first.end, |line| line.end))
}

/// What a line says, without blanks and without the comment at its end.
fn content_of(text: &str, line: Span) -> Span {
    let content = slice(text, line);
    let quoted = content.trim_start().starts_with(['"', '\'']);
    let comment = content.match_indices('#').map(|(at, _)| at).find(|at| {
        let before = content.get(..*at).unwrap_or_default();
        !quoted && (before.is_empty() || before.ends_with([' ', '\t']))
    });
    let kept = content.get(..comment.unwrap_or(content.len())).unwrap_or_default();
    let start = line.start + (kept.len() - kept.trim_start().len());
    Span::new(start, start + kept.trim().len())
}

/// A value that begins on the line behind its key.
fn below(text: &str, rest: &[Span]) -> Value {
    let contents: Vec<Span> = rest.iter().map(|line| content_of(text, *line)).collect();
    let contents: Vec<Span> = contents.into_iter().filter(|line| !line.is_empty()).collect();
    let Some((first, more)) = contents.split_first() else { return Value::Texts(Vec::new()) };
    if !slice(text, *first).starts_with('-') {
        return if key_of(text, *first).is_some() {
            Value::Texts(Vec::new())
        } else {
            value(text, *first, more)
        };
    }
    let mut items: Vec<(Span, Vec<Span>)> = Vec::new();
    for line in contents {
        match (slice(text, line).strip_prefix('-'), items.last_mut()) {
            (Some(item), _) if item.is_empty() || item.starts_with([' ', '\t']) => {
                items.push((content_of(text, Span::new(line.start + 1, line.end)), Vec::new()));
            }
            (_, Some((_, more))) => more.push(line),
            (_, None) => {}
        }
    }
    let unclear = |(item, _): &(Span, Vec<Span>)| slice(text, *item).starts_with(['&', '!']);
    if items.iter().any(unclear) {
        return Value::Unclear;
    }
    Value::Texts(items.iter().map(|(item, more)| scalar(text, *item, more)).collect())
}

/// A quoted or plain text.
fn scalar(text: &str, first: Span, rest: &[Span]) -> Text {
    let head = slice(text, first);
    let Some(quote) = head.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return plain(text, first, rest);
    };
    let span = whole(first, rest);
    let inner = Span::new(first.start + 1, span.end);
    let (read, length) = unquote(slice(text, inner), quote);
    let span = Span::new(first.start, inner.start + length);
    let inner = Span::new(inner.start, span.end.saturating_sub(1));
    if slice(text, inner) == read {
        return Text { text: read, span: inner, is_verbatim: true };
    }
    Text { text: read, span, is_verbatim: false }
}

fn plain(text: &str, first: Span, rest: &[Span]) -> Text {
    let mut read = slice(text, first).to_owned();
    let mut span = first;
    for line in rest.iter().map(|line| content_of(text, *line)).filter(|line| !line.is_empty()) {
        read.push(' ');
        read.push_str(slice(text, line));
        span.end = line.end;
    }
    let is_verbatim = slice(text, span) == read;
    Text { text: read, span, is_verbatim }
}

/// What stands before the closing quote, and how many bytes that takes with the quote.
fn unquote(text: &str, quote: char) -> (String, usize) {
    let mut read = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                read.push('\'');
            }
            c if c == quote => return (read, at + c.len_utf8()),
            '\\' if quote == '"' => match chars.next() {
                Some((_, 'n')) => read.push('\n'),
                Some((_, 't')) => read.push('\t'),
                Some((_, letter @ ('x' | 'u' | 'U'))) => {
                    let digits = match letter {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let code: String = chars.by_ref().take(digits).map(|(_, c)| c).collect();
                    let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                    read.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some((_, '\n' | '\r')) | None => {}
                Some((_, other)) => read.push(other),
            },
            '\n' => read.push(' '),
            '\r' => {}
            c => read.push(c),
        }
    }
    (read, text.len())
}

/// The texts of a list in brackets, none where the bracket is never closed. Lists within it say nothing.
fn flow(text: &str, span: Span) -> Option<Value> {
    let mut items = Vec::new();
    let mut depth = 0_usize;
    let mut start = span.start;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, c) in slice(text, span).char_indices().map(|(at, c)| (span.start + at, c)) {
        if let Some(open) = quote {
            let ends = c == open && !escaped;
            escaped = open == '"' && c == '\\' && !escaped;
            quote = (!ends).then_some(open);
            continue;
        }
        match c {
            '"' | '\'' if slice(text, Span::new(start, at)).trim().is_empty() => quote = Some(c),
            '[' | '{' => {
                depth += 1;
                start = at + 1;
            }
            ',' | ']' | '}' => {
                let item = content_of(text, Span::new(start, at));
                if depth == 1 && c != '}' && !item.is_empty() {
                    items.push(scalar(text, item, &[]));
                }
                depth = depth.saturating_sub(usize::from(c != ','));
                start = at + 1;
                if depth == 0 {
                    return Some(Value::Texts(items));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Option<Vec<String>> {
        let text = format!("---\nname: x\n{head}\n---\nbody\nk: no\n");
        match field(&text, "k")?.value {
            Value::Texts(texts) => Some(texts.into_iter().map(|text| text.text).collect()),
            Value::Unclear => Some(vec!["unclear".to_owned()]),
        }
    }

    #[track_caller]
    fn same(head: &str, texts: &[&str]) {
        assert_eq!(read(head).unwrap(), texts, "{head}");
    }

    /// Each was put to the client as the `allowed-tools` of a skill.
    #[test]
    fn texts_and_lists_of_every_form() {
        same("k: Bash(a:*), Read", &["Bash(a:*), Read"]);
        same("k: Bash(a:*), #Read", &["Bash(a:*),"]);
        same("k : a # c", &["a"]);
        same("k:\ta", &["a"]);
        same("\"k\": a", &["a"]);
        same("k: 'a, b'", &["a, b"]);
        same("k: \"a\\\"b, \\x42\"", &["a\"b, B"]);
        same("k: [a, \"b, c\", 'd']", &["a", "b, c", "d"]);
        same("k: [a,\n  b]", &["a", "b"]);
        same("k: [[a], b]", &["b"]);
        same("k: [a, b", &["[a, b"]);
        same("k:\n  - a\n  - 'b' # c\n  # d\n  - \"e\"", &["a", "b", "e"]);
        same("k:\n- a\n- b", &["a", "b"]);
        same("k:\n\t- a", &["a"]);
        same("k: a,\n  b", &["a, b"]);
        same("k: >\n  a,\n  b", &["a, b"]);
        same("k: |\n  a\n  b", &["a\nb"]);
        same("k: a\nk: b", &["b"]);
        same("k:", &[]);
        same("k:\n  a: b", &[]);
        same("k: {a: b}", &[]);
        same("k: *", &["*"]);
        same("k: *a", &["unclear"]);
        same("k: !!str a", &["unclear"]);
        same("foo: {x\nk: a", &["a"]);
        assert_eq!(read("  k: a"), None);
        assert_eq!(read("K: a"), None);
    }

    #[test]
    fn a_head_stands_between_two_fences_at_the_very_beginning() {
        let has = |text: &str| field(text, "k").is_some();
        assert!(has("---\nk: a\n---"));
        assert!(has("\u{feff}---\r\nk: a\r\n---\r\n"));
        assert!(has("---  \nk: a\n---  \n"));
        for text in [
            "\n---\nk: a\n---\n",
            " ---\nk: a\n---\n",
            "----\nk: a\n----\n",
            "---\nk: a\n",
            "---\nk: a\n...\n",
            "",
        ] {
            assert!(!has(text), "{text:?}");
        }
    }

    #[test]
    fn places_are_those_of_the_texts() {
        let text = "---\nk: [a, \"bü\", 'it''s']\n---\n";
        let Value::Texts(texts) = field(text, "k").unwrap().value else { panic!() };
        let slices: Vec<&str> = texts.iter().map(|one| slice(text, one.span)).collect();
        assert_eq!(slices, ["a", "bü", "'it''s'"]);
        assert_eq!(texts[2].text, "it's");
        assert_eq!(slice(text, texts[1].place(Span::new(1, 3))), "ü");
        assert_eq!(slice(text, texts[2].place(Span::new(0, 1))), "'it''s'");
    }
}
