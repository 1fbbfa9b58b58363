//! The client's telemetry as OTLP in JSON: an export (`resourceLogs`), or one log record a line.
//!
//! `tool_result` is a call that ran, `tool_decision` with `reject` one that was refused; what was accepted has a result
//! as well. Inputs are there when `OTEL_LOG_TOOL_DETAILS` is set, each value cut at 512 characters and all of it at
//! about 4,000 (documentation of the client, 2.1.330). Without that, tools of MCP servers are all called `mcp_tool`.
//!
//! Names of fields stand there as OTLP has them in JSON (`resourceLogs`), or as its protocol buffers have them
//! (`resource_logs`).
//!
//! Left out: the folder of a call, which these events do not tell, unless a resource attribute says it.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::{Became, Input, Kept, Line, Listener, Recorded};

/// The characters at which a value is cut, and those at which all of it is.
const LONGEST_VALUE: usize = 512;
const LONGEST_INPUT: usize = 4_000;

/// What the names of events begin with.
const PREFIX: &str = "claude_code.";

/// Attributes by name; the last of a name counts.
type Attributes<'v> = HashMap<&'v str, Cow<'v, str>>;

/// Reads a line; none where it is of another form.
pub(super) fn read(line: &[u8], listener: &mut impl Listener) -> Option<Line> {
    let value: Value = serde_json::from_slice(line).ok()?;
    if let Some(resources) = member(&value, "resourceLogs", "resource_logs").and_then(Value::as_array) {
        let (mut read, mut is_broken) = (Line::Other, false);
        for resource in resources {
            let of_resource = attributes(resource.pointer("/resource/attributes"));
            let scopes = member(resource, "scopeLogs", "scope_logs").and_then(Value::as_array);
            let records = scopes.into_iter().flatten();
            let records = records.filter_map(|scope| member(scope, "logRecords", "log_records")?.as_array());
            for record in records.flatten() {
                match read_record(record, &of_resource, listener) {
                    Some(Line::Read) => read = Line::Read,
                    Some(_) => {}
                    None => is_broken = true,
                }
            }
        }
        return (!is_broken).then_some(read);
    }
    let of_resource = attributes(value.pointer("/resource/attributes"));
    read_record(&value, &of_resource, listener)
}

/// A member by either of its names.
fn member<'v>(value: &'v Value, name: &str, other: &str) -> Option<&'v Value> {
    value.get(name).or_else(|| value.get(other))
}

/// Reads a record; none where it should be one of a call and cannot be read.
fn read_record(record: &Value, of_resource: &Attributes<'_>, listener: &mut impl Listener) -> Option<Line> {
    let own = attributes(record.get("attributes"));
    let attribute = |name: &str| own.get(name).or_else(|| of_resource.get(name)).map(|text| &**text);
    let body = record.get("body");
    let body = body.and_then(|body| member(body, "stringValue", "string_value").unwrap_or(body).as_str());
    let named = member(record, "eventName", "event_name").and_then(Value::as_str);
    let Some(event) = attribute("event.name").or(named).or(body) else { return Some(Line::Other) };
    let session = attribute("session.id");
    let became = match event.strip_prefix(PREFIX).unwrap_or(event) {
        "tool_result" => Became::Ran,
        "tool_decision" if attribute("decision") == Some("reject") => match attribute("source") {
            Some("user_abort") => Became::Stopped,
            _ => Became::Refused,
        },
        "permission_mode_changed" => {
            listener.mode(session, attribute("to_mode")?);
            return Some(Line::Read);
        }
        _ => return Some(Line::Other),
    };
    let parameters = attribute("tool_parameters");
    let parsed: Option<Map<String, Value>> = parameters.and_then(|text| serde_json::from_str(text).ok());
    let parameter = |name: &str| parsed.as_ref().and_then(|map| map.get(name)).and_then(Value::as_str);
    let tool = attribute("tool_name")?;
    let tool = match (parameter("mcp_server_name"), parameter("mcp_tool_name")) {
        (Some(server), Some(name)) if !tool.starts_with("mcp__") => {
            Cow::Owned(format!("mcp__{server}__{name}"))
        }
        _ => Cow::Borrowed(tool),
    };
    // What stands beside it under `bash_command` may be the first word alone.
    let command = || Some(serde_json::json!({"command": parameter("full_command")?}).to_string());
    let given = attribute("tool_input").map(str::to_owned).or_else(command);
    let input: Option<Input<'_>> = given.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let is_cut = given.as_ref().is_some_and(|text| text.chars().count() >= LONGEST_INPUT)
        || parameters
            .is_some_and(|text| attribute("tool_input").is_none() && parsed.is_none() && !text.is_empty());
    let kept = match (&given, &input) {
        // Which tool it was is not told.
        _ if tool == "mcp_tool" => Kept::Nothing,
        _ if is_cut => Kept::Cut,
        (Some(_), None) => Kept::Cut,
        (Some(_), Some(input)) if input.any_text(|text| text.chars().count() >= LONGEST_VALUE) => Kept::Cut,
        (Some(_), Some(input)) if input.is_there() => Kept::Whole,
        _ => Kept::Nothing,
    };
    let input = input.unwrap_or_default();
    let id = attribute("tool_use_id");
    let day = day_of(record, attribute("event.timestamp"));
    listener.call(&Recorded {
        tool: &tool,
        input: &input,
        kept: Kept::of(&tool, kept),
        id,
        session,
        user: attribute("user.email")
            .or_else(|| attribute("user.account_uuid"))
            .or_else(|| attribute("user.id")),
        folder: attribute("cwd").or_else(|| attribute("process.working_directory")),
        root: None,
        mode: attribute("permission_mode"),
        repository: attribute("vcs.repository.name").or_else(|| attribute("repository")),
        day: day.as_deref(),
    });
    if let Some(id) = id {
        listener.became(id, became);
    }
    Some(Line::Read)
}

/// Attributes as a list of OTLP, or as an object.
fn attributes(value: Option<&Value>) -> Attributes<'_> {
    let mut found = Attributes::new();
    match value {
        Some(Value::Array(items)) => {
            for item in items {
                let Some(key) = item.get("key").and_then(Value::as_str) else { continue };
                let value = item.get("value").and_then(Value::as_object);
                if let Some(text) = value.and_then(|value| value.values().next()).and_then(text) {
                    found.insert(key, text);
                }
            }
        }
        Some(Value::Object(members)) => {
            found.extend(members.iter().filter_map(|(key, value)| Some((key.as_str(), text(value)?))));
        }
        _ => {}
    }
    found
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(_) | Value::Number(_) => Some(Cow::Owned(value.to_string())),
        _ => None,
    }
}

/// The day of a record: that of its own text, or of its nanoseconds.
fn day_of(record: &Value, time: Option<&str>) -> Option<String> {
    if let Some(day) = time.and_then(super::day) {
        return Some(day.to_owned());
    }
    let nanoseconds =
        [("timeUnixNano", "time_unix_nano"), ("observedTimeUnixNano", "observed_time_unix_nano")]
            .into_iter()
            .find_map(|(name, other)| member(record, name, other))?;
    let nanoseconds: i128 = match nanoseconds {
        Value::String(text) => text.parse().ok()?,
        number => number.as_u64()?.into(),
    };
    let time = Timestamp::from_nanosecond(nanoseconds).ok()?;
    Some(Offset::UTC.to_datetime(time).date().to_string())
}
