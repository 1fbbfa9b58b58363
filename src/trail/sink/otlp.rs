//! OTLP over HTTP with JSON: lines as log records (OpenTelemetry protocol 1.x, `/v1/logs`).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::line::AuditLine;
use super::super::spool::Spooled;
use super::SinkError;
use super::web::Web;
use super::webhook::key;

/// The path that the protocol has for logs.
const PATH: &str = "/v1/logs";

/// The address with that path, where it names none.
pub(super) fn endpoint(url: &str) -> String {
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    match host.split_once('/') {
        None if !host.is_empty() => format!("{url}{PATH}"),
        Some((_, "")) => format!("{}{PATH}", url.trim_end_matches('/')),
        _ => url.to_owned(),
    }
}

pub(super) fn send(web: &Web, batch: &[Spooled]) -> Result<(), SinkError> {
    let records: Vec<Value> = batch.iter().map(record).collect();
    let body = json!({"resourceLogs": [{
        "resource": {"attributes": [attribute("service.name", "bylaws"), attribute("service.version", env!("CARGO_PKG_VERSION"))]},
        "scopeLogs": [{"scope": {"name": "bylaws.trail"}, "logRecords": records}],
    }]});
    let response = web.post("application/json", body.to_string().into_bytes(), &key(batch))?;
    // What was rejected in part is not to be sent again, says the protocol; but it is to be known.
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let rejected = answer.pointer("/partialSuccess/rejectedLogRecords").map(|count| match count {
        Value::String(text) => text.parse().unwrap_or(0),
        count => count.as_u64().unwrap_or(0),
    });
    match rejected {
        Some(count) if count > 0 => {
            let said = answer.pointer("/partialSuccess/errorMessage").and_then(Value::as_str);
            Err(SinkError::Partly(format!(
                "it rejected {count} records: {}",
                said.unwrap_or("no reason given")
            )))
        }
        _ => Ok(()),
    }
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn record(spooled: &Spooled) -> Value {
    let AuditLine { id, event, decision, session, user, host, tool, time, sequence, .. } = &spooled.line;
    let nanoseconds = time.parse::<Timestamp>().map_or(0, Timestamp::as_nanosecond).max(0).to_string();
    let mut attributes = vec![
        attribute("log.record.uid", id),
        attribute("bylaws.sequence", &sequence.to_string()),
        attribute("bylaws.event", event),
        attribute("bylaws.decision", decision),
    ];
    let named = [("session.id", session), ("user.name", user), ("host.name", host), ("bylaws.tool", tool)];
    attributes.extend(named.iter().filter_map(|(key, value)| Some(attribute(key, value.as_deref()?))));
    json!({
        "timeUnixNano": nanoseconds, "observedTimeUnixNano": nanoseconds,
        "severityNumber": 9, "severityText": "INFO",
        "body": {"stringValue": spooled.text}, "attributes": attributes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_protocol_is_added_where_there_is_none() {
        assert_eq!(endpoint("https://x.dev"), "https://x.dev/v1/logs");
        assert_eq!(endpoint("https://x.dev:4318/"), "https://x.dev:4318/v1/logs");
        assert_eq!(endpoint("https://x.dev/own"), "https://x.dev/own");
    }
}
