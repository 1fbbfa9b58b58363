//! Recorded sessions: from lines of text to calls of tools, what became of them, and modes.
//!
//! Three forms are read, told apart line by line: the client's own transcripts, its telemetry as OTLP in JSON (a whole
//! export or one log record a line), and the lines of a hook that logs. The client calls its transcripts internal, so
//! that everything in them is taken for a hint: a record of an unknown kind is passed over, one of an unknown form is
//! counted as broken, and nothing is taken for certain that is not there.
//!
//! INVARIANT: no text leads to a panic, and no line costs more than its length.
//! INVARIANT: an input that was cut or masked is told as such, never as the input of the call.
//!
//! Left out: what the calls mean, and where lines come from.

mod input;
mod lines;
mod logged;
mod telemetry;
mod transcript;

use memchr::memmem::Finder;
use serde_json::value::RawValue;

pub use input::{Field, Input};
pub use lines::{Lines, Taken};

/// One call of a tool, as it was recorded.
#[derive(Debug, Clone)]
pub struct Recorded<'a> {
    /// The tool as the client names it.
    pub tool: &'a str,
    /// What it was called with.
    pub input: &'a Input<'a>,
    /// How much of the input the record holds.
    pub kept: Kept,
    /// The number that its result has as well.
    pub id: Option<&'a str>,
    /// The session.
    pub session: Option<&'a str>,
    /// Who worked there, where the record says so.
    pub user: Option<&'a str>,
    /// The working folder.
    pub folder: Option<&'a str>,
    /// The folder of the project, where the record says so.
    pub root: Option<&'a str>,
    /// The mode in force.
    pub mode: Option<&'a str>,
    /// The repository, where the record says so.
    pub repository: Option<&'a str>,
    /// The day, `2026-11-28`.
    pub day: Option<&'a str>,
}

/// How much of an input a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it, or all that says on what the tool acts.
    Whole,
    /// Values were cut short.
    Cut,
    /// Credentials were taken out.
    Masked,
    /// None of it.
    Nothing,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It ran, whether or not it did what it was to do.
    Ran,
    /// A person, a rule or the client refused it.
    Refused,
    /// It was broken off.
    Stopped,
}

/// Hears what the records say, in their order.
pub trait Listener {
    /// A tool was called.
    fn call(&mut self, call: &Recorded<'_>);
    /// Something became of a call.
    fn became(&mut self, id: &str, became: Became);
    /// A session has this mode from here on.
    fn mode(&mut self, session: Option<&str>, mode: &str);
    /// Whether it matters what became of a call: where it does not, its result is not read.
    fn awaits(&self, id: &str) -> bool;
}

/// What a line was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// A record that says something about calls.
    Read,
    /// A record of another kind; it was not read any further.
    Other,
    /// Nothing that is known: no JSON object, or one of an unknown form.
    Broken,
}

/// Reads lines.
#[derive(Debug)]
pub struct Reader {
    call: Finder<'static>,
    result: Finder<'static>,
    result_id: Finder<'static>,
    mode: Finder<'static>,
    logged: Finder<'static>,
    target: Finder<'static>,
    attributes: Finder<'static>,
    event_name: Finder<'static>,
    event: Finder<'static>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            call: Finder::new(b"\"tool_use\""),
            result: Finder::new(b"\"tool_result\""),
            result_id: Finder::new(b"\"tool_use_id\""),
            mode: Finder::new(b"\"permissionMode\""),
            logged: Finder::new(b"\"tool_name\""),
            target: Finder::new(b"\"target\""),
            attributes: Finder::new(b"\"attributes\""),
            event_name: Finder::new(b"\"event.name\""),
            event: Finder::new(b"\"claude_code."),
        }
    }
}

impl Reader {
    /// Reads one line, without its end.
    ///
    /// Most lines of a transcript hold texts and nothing else. What marks the others is looked for in their bytes, so
    /// that only these are read as JSON. A quote within a text is written with a backslash: the marks cannot be met
    /// there.
    pub fn line(&self, line: &[u8], listener: &mut impl Listener) -> Line {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Line::Other;
        }
        if line.starts_with(b"[") {
            return self.list(line, listener);
        }
        let found = |finder: &Finder<'_>| finder.find(line).is_some();
        let is_telemetry = found(&self.attributes) && (found(&self.event_name) || found(&self.event));
        let read = if is_telemetry {
            telemetry::read(line, listener)
        } else if found(&self.call) {
            transcript::read(line, listener)
        } else if found(&self.result) {
            if !self.matters(line, listener) {
                return self.other(line);
            }
            transcript::read(line, listener)
        } else if found(&self.mode) {
            transcript::read(line, listener)
        } else if found(&self.logged) || found(&self.target) {
            logged::read(line, listener)
        } else {
            return self.other(line);
        };
        read.unwrap_or(Line::Broken)
    }

    /// Whether somebody waits for a result in this line.
    fn matters(&self, line: &[u8], listener: &impl Listener) -> bool {
        self.result_id.find_iter(line).any(|at| {
            let rest = line.get(at + self.result_id.needle().len()..).unwrap_or_default();
            // Whoever writes records anew may put blanks around the colon.
            let rest = rest.trim_ascii_start().strip_prefix(b":").unwrap_or_default().trim_ascii_start();
            let rest = rest.strip_prefix(b"\"").unwrap_or_default();
            let id = rest.split(|byte| *byte == b'"').next().and_then(|id| std::str::from_utf8(id).ok());
            id.is_some_and(|id| listener.awaits(id))
        })
    }

    /// Several records in one line, as some write what they collected; what is wrong with one of them is told of the
    /// line.
    fn list(&self, line: &[u8], listener: &mut impl Listener) -> Line {
        let records: Option<Vec<&RawValue>> =
            std::str::from_utf8(line).ok().and_then(|text| serde_json::from_str(text).ok());
        let Some(records) = records else { return Line::Broken };
        let mut read = Line::Other;
        for record in records {
            let record = record.get();
            // A list in a list is no form of any record.
            let one =
                if record.starts_with('{') { self.line(record.as_bytes(), listener) } else { Line::Broken };
            read = match (read, one) {
                (Line::Broken, _) | (_, Line::Broken) => Line::Broken,
                (Line::Read, _) | (_, Line::Read) => Line::Read,
                _ => Line::Other,
            };
        }
        read
    }

    fn other(&self, line: &[u8]) -> Line {
        if line.starts_with(b"{") && line.ends_with(b"}") { Line::Other } else { Line::Broken }
    }
}

impl Kept {
    /// What a record of a call holds of what decides on it: of tools of MCP servers, rules know the names alone.
    fn of(tool: &str, kept: Self) -> Self {
        if tool.starts_with("mcp__") { Self::Whole } else { kept }
    }
}

/// The day of a time in ISO 8601.
fn day(time: &str) -> Option<&str> {
    let day = time.get(..10)?;
    let fits = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    day.bytes().enumerate().all(fits).then_some(day)
}

#[cfg(test)]
mod tests;
