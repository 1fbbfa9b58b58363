//! A tool call, and the short way to write one: `Bash(git push origin main)`, `Read(.env)`.

use serde_json::{Map, Value};

use super::Place;
use crate::client::tools;

/// One call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The tool as the client names it: `Bash`, `mcp__srv__get`.
    pub tool: String,
    /// What it is called with.
    pub input: Map<String, Value>,
}

/// The input field that stands between the parentheses of a short call, for tools whose rules
/// do not speak of one.
const MAIN_FIELDS: &[(&str, &str)] =
    &[("Agent", "subagent_type"), ("Skill", "skill"), ("Task", "subagent_type"), ("WebSearch", "query")];

/// The input fields that hold a path.
const PATH_FIELDS: &[&str] = &["file_path", "notebook_path", "path"];

impl Call {
    /// Reads `Tool`, or `Tool(main input)`: the command of `Bash`, the file of `Read`, the address of
    /// `WebFetch`. Paths are meant from `place`. None where the text is of another form, or the tool has no
    /// main input.
    pub fn parse(text: &str, place: &Place) -> Option<Self> {
        let Some((tool, rest)) = text.split_once('(') else {
            let is_name = !text.is_empty() && !text.contains(|c: char| c == ')' || c.is_whitespace());
            return is_name.then(|| Self { tool: text.to_owned(), input: Map::new() });
        };
        let content = rest.strip_suffix(')')?;
        let field = main_field(tool)?;
        let value = if PATH_FIELDS.contains(&field) { absolute(content, place) } else { content.to_owned() };
        let input = Map::from_iter([(field.to_owned(), Value::String(value))]);
        Some(Self { tool: tool.to_owned(), input })
    }

    /// The text of an input field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.input.get(field).and_then(Value::as_str)
    }

    /// The call in its short form, which leaves out all but the main input.
    pub fn short(&self) -> String {
        match main_field(&self.tool).and_then(|field| self.text(field)) {
            Some(content) => format!("{}({content})", self.tool),
            None => self.tool.clone(),
        }
    }
}

fn main_field(tool: &str) -> Option<&'static str> {
    let subject = tools::find(tool).and_then(|tool| tool.subject);
    subject.or_else(|| MAIN_FIELDS.iter().find(|(name, _)| *name == tool).map(|(_, field)| *field))
}

fn absolute(path: &str, place: &Place) -> String {
    match path.strip_prefix("~/") {
        Some(rest) => format!("{}/{rest}", place.home),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("{}/{path}", place.project),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_call_names_the_tool_and_its_main_input() {
        let place = Place {
            project: "/home/u/proj".to_owned(),
            home: "/home/u".to_owned(),
            config: "/home/u/.claude".to_owned(),
        };
        let read = |text: &str| {
            Call::parse(text, &place).map(|call| (call.tool, Value::Object(call.input).to_string()))
        };
        let is = |tool: &str, input: &str| Some((tool.to_owned(), input.to_owned()));
        assert_eq!(read("Bash(echo (x))"), is("Bash", r#"{"command":"echo (x)"}"#));
        assert_eq!(read("Read(.env)"), is("Read", r#"{"file_path":"/home/u/proj/.env"}"#));
        assert_eq!(read("Edit(~/x)"), is("Edit", r#"{"file_path":"/home/u/x"}"#));
        assert_eq!(read("Task(Explore)"), is("Task", r#"{"subagent_type":"Explore"}"#));
        assert_eq!(read("mcp__srv__get"), is("mcp__srv__get", "{}"));
        assert_eq!(read("mcp__srv__get(x)"), None);
        assert_eq!(read("Bash(ls"), None);
        assert_eq!(read("git push"), None);
        assert_eq!(Call::parse("Read(a)", &place).unwrap().short(), "Read(/home/u/proj/a)");
    }
}
