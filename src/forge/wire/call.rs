//! One call to a forge, and what comes back.

use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use crate::http::Broken;

/// Most bytes of an answer, where the call does not say.
const MOST_BYTES: u64 = 128 * 1024 * 1024;

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Patch,
    Put,
    Delete,
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// One call.
///
/// INVARIANT: made a second time it does no harm. The answer to the first may be lost, or a gateway may
/// deliver it twice.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// From the root of the host, with the query.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// What it is for, as people are told: "reading 64 repositories".
    pub(crate) purpose: String,
    /// Most attempts while the forge fails.
    pub(crate) attempts: u32,
    /// Most bytes of the answer.
    pub(crate) most_bytes: u64,
}

impl Call {
    /// A call that reads.
    pub(crate) fn get(path: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            purpose: purpose.into(),
            attempts: 6,
            most_bytes: MOST_BYTES,
        }
    }

    /// A call that sends something.
    pub(crate) fn send(
        method: Method,
        path: impl Into<String>,
        body: Value,
        purpose: impl Into<String>,
    ) -> Self {
        Self { method, body: Some(body), ..Self::get(path, purpose) }
    }

    #[must_use]
    pub(crate) fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }
}

/// What comes back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// What the forge says of its refusal, cut to what fits a line. Forges write `message`, with `errors`
    /// beside it where fields are meant, or `error`.
    pub(crate) fn message(&self) -> String {
        let body: Value = self.json().unwrap_or_default();
        let mut parts = Vec::new();
        for key in ["message", "error", "error_description"] {
            collect(body.get(key), &mut parts);
        }
        collect(body.get("errors"), &mut parts);
        let text = if parts.is_empty() { format!("status {}", self.status) } else { parts.join("; ") };
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|c| !c.is_control()).take(300).collect()
    }
}

/// The texts of a value: a text, a list of them, or objects with a `message`.
fn collect(value: Option<&Value>, parts: &mut Vec<String>) {
    match value {
        Some(Value::String(text)) => parts.push(text.clone()),
        Some(Value::Array(values)) => values.iter().for_each(|value| collect(Some(value), parts)),
        Some(Value::Object(fields)) => match fields.get("message") {
            Some(message) => collect(Some(message), parts),
            None => fields.values().for_each(|value| collect(Some(value), parts)),
        },
        _ => {}
    }
}

/// A text as it stands in one part of a URL.
pub(crate) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if plain(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_one_line() {
        let answer = |body: &str| Answer { status: 422, body: body.into(), ..Answer::default() };
        let github =
            r#"{"message": "Validation Failed", "errors": [{"message": "no commits\nbetween"}, "x"]}"#;
        assert_eq!(answer(github).message(), "Validation Failed; no commits between; x");
        let gitlab = r#"{"message": {"base": ["is archived"]}}"#;
        assert_eq!(answer(gitlab).message(), "is archived");
        assert_eq!(answer("<html>").message(), "status 422");
    }

    #[test]
    fn a_part_of_a_url_is_escaped_byte_by_byte() {
        assert_eq!(escape("acme:bylaws/policy"), "acme%3Abylaws%2Fpolicy");
        assert_eq!(escape("ü&x=1"), "%C3%BC%26x%3D1");
    }
}
