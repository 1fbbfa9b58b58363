//! One call to a forge, and what comes back.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Patch,
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
        }
    }
}

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// From the root of the host, with the query.
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// What it is for, as people are told: "reading 64 repositories".
    pub(crate) purpose: String,
    /// Whether a second one does no harm where it is not known what became of the first.
    pub(crate) is_repeatable: bool,
    /// Most attempts while the forge fails.
    pub(crate) attempts: u32,
}

impl Call {
    /// A call that reads.
    pub(crate) fn get(path: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: None,
            purpose: purpose.into(),
            is_repeatable: true,
            attempts: 6,
        }
    }

    /// A call that sends something, and may be sent twice.
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

    /// What the forge says of its refusal, cut to what fits a line. Forges write `message`, with `errors` beside
    /// it where fields are meant, or `error`.
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

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nothing was sent.
    Unreachable(String),
    /// It was sent, at least in part, and what became of it is not known.
    Lost(String),
    /// It can never work: a bad address, a certificate that nobody vouches for.
    Hopeless(String),
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
}
