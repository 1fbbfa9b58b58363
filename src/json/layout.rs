//! How a document is laid out, and how a new value is written so that it looks as if it had always
//! been there.

use serde_json::Value;

use super::Document;
use super::node::Node;

/// The habits of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// One step of indentation.
    pub indent: String,
    /// The line end.
    pub newline: &'static str,
    /// What stands between a key and its value.
    pub colon: String,
    /// What stands between two entries on one line.
    pub comma: String,
    /// What stands within the braces of an object on one line.
    pub padding: &'static str,
}

impl Default for Layout {
    fn default() -> Self {
        Self { indent: "  ".into(), newline: "\n", colon: ": ".into(), comma: ", ".into(), padding: "" }
    }
}

impl Layout {
    /// Reads the habits off a document; what it does not show keeps the default.
    pub fn of(document: &Document) -> Self {
        let mut layout = Self::default();
        let text = document.text();
        if let Some(at) = text.find('\n') {
            let crlf = text.get(..at).is_some_and(|before| before.ends_with('\r'));
            layout.newline = if crlf { "\r\n" } else { "\n" };
        }
        let Some(root) = document.root() else { return layout };
        if let Some(step) = first_step(document, root) {
            layout.indent = step;
        }
        if let Some(colon) = first_colon(document, root) {
            layout.colon = colon;
        }
        if let Some(padding) = first_padding(document, root) {
            layout.padding = padding;
        }
        if let Some(comma) = first_comma(document, root) {
            layout.comma = comma;
        } else if layout.colon == ":" {
            layout.comma = ",".into();
        }
        layout
    }

    /// Writes `value` over several lines, the lines after the first indented from `base`; or on one
    /// line, where `base` is none.
    pub fn render(&self, value: &Value, base: Option<&str>) -> String {
        let mut out = String::new();
        self.write(value, base, &mut out);
        out
    }

    /// Writes `"key": value` likewise.
    pub fn render_member(&self, key: &str, value: &Value, base: Option<&str>) -> String {
        let mut out = quote(key);
        out.push_str(&self.colon);
        self.write(value, base, &mut out);
        out
    }

    fn write(&self, value: &Value, base: Option<&str>, out: &mut String) {
        match value {
            Value::Array(items) if !items.is_empty() => {
                self.write_entries(['[', ']'], items.iter().map(|item| (None, item)), base, out);
            }
            Value::Object(members) if !members.is_empty() => {
                let entries = members.iter().map(|(key, value)| (Some(key.as_str()), value));
                self.write_entries(['{', '}'], entries, base, out);
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }

    fn write_entries<'a>(
        &self,
        [open, close]: [char; 2],
        entries: impl Iterator<Item = (Option<&'a str>, &'a Value)>,
        base: Option<&str>,
        out: &mut String,
    ) {
        let inner = base.map(|base| format!("{base}{}", self.indent));
        let padding = if open == '{' && base.is_none() { self.padding } else { "" };
        out.push(open);
        out.push_str(padding);
        for (index, (key, value)) in entries.enumerate() {
            match &inner {
                Some(inner) => {
                    out.push_str(if index > 0 { "," } else { "" });
                    out.push_str(self.newline);
                    out.push_str(inner);
                }
                None => out.push_str(if index > 0 { &self.comma } else { "" }),
            }
            if let Some(key) = key {
                out.push_str(&quote(key));
                out.push_str(&self.colon);
            }
            self.write(value, inner.as_deref(), out);
        }
        if let Some(base) = base {
            out.push_str(self.newline);
            out.push_str(base);
        }
        out.push_str(padding);
        out.push(close);
    }
}

/// A JSON string.
fn quote(text: &str) -> String {
    Value::from(text).to_string()
}

/// The blanks at the beginning of the line that holds `offset`.
pub(super) fn indentation(document: &Document, offset: usize) -> &str {
    let line = document.source().line_at(offset);
    let line = line.strip_prefix(super::BOM).unwrap_or(line);
    let width = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..width).unwrap_or_default()
}

/// Whether `node` begins its line.
pub(super) fn begins_line(document: &Document, offset: usize) -> bool {
    let start = document.source().line_span(offset).start;
    document.text().get(start..offset).is_some_and(|before| before.chars().all(|c| c == ' ' || c == '\t'))
}

/// The places where the entries of a container begin.
pub(super) fn entry_starts(node: &Node) -> Vec<usize> {
    let members = node.members().iter().map(|member| member.key_span.start);
    members.chain(node.items().iter().map(|item| item.span.start)).collect()
}

/// The first container, outermost first, for which `read` gives something.
fn first<T>(node: &Node, read: &impl Fn(&Node) -> Option<T>) -> Option<T> {
    read(node).or_else(|| {
        let values = node.members().iter().map(|member| &member.value).chain(node.items());
        values.filter_map(|value| first(value, read)).next()
    })
}

fn first_step(document: &Document, root: &Node) -> Option<String> {
    first(root, &|node| {
        let start = *entry_starts(node).first()?;
        let outer = indentation(document, node.span.start);
        let inner = indentation(document, start);
        let step = inner.strip_prefix(outer).filter(|step| !step.is_empty())?;
        begins_line(document, start).then(|| step.to_owned())
    })
}

fn first_colon(document: &Document, root: &Node) -> Option<String> {
    first(root, &|node| {
        let member = node.members().first()?;
        let between = document.text().get(member.key_span.end..member.value.span.start)?;
        let plain = between.chars().all(|c| c == ':' || c == ' ');
        plain.then(|| between.to_owned())
    })
}

fn first_padding(document: &Document, root: &Node) -> Option<&'static str> {
    first(root, &|node| {
        let member = node.members().first()?;
        let within = document.text().get(node.span.start + 1..member.key_span.start)?;
        match within {
            "" => Some(""),
            " " => Some(" "),
            _ => None,
        }
    })
}

fn first_comma(document: &Document, root: &Node) -> Option<String> {
    first(root, &|node| {
        let ends = node.members().iter().map(|member| member.value.span.end);
        let end = ends.chain(node.items().iter().map(|item| item.span.end)).next()?;
        let start = *entry_starts(node).get(1)?;
        let between = document.text().get(end..start)?;
        let plain = between.chars().all(|c| c == ',' || c == ' ');
        plain.then(|| between.to_owned())
    })
}
