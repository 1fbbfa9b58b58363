//! What rows say of commands, addresses and variables, without what may be a credential.
//!
//! An audit is handed around, so more is cut than `secret` knows: of an address its user, its query and every part
//! that nobody made up, and in other texts each long mixture of letters and digits.

use crate::secret;

/// The longest text of a row, in characters.
const LONGEST: usize = 240;

/// A text that may be shown.
pub(super) fn plain(text: &str) -> String {
    let masked = secret::mask(text);
    let mut shown = String::with_capacity(masked.len());
    let mut word = String::new();
    for c in masked.chars().chain(['\0']) {
        if c.is_alphanumeric() || matches!(c, '-' | '_' | '+') {
            word.push(c);
            continue;
        }
        shown.push_str(if secret::is_opaque(&word) { "…" } else { &word });
        word.clear();
        if c != '\0' {
            shown.push(if c == '\n' { ' ' } else { c });
        }
    }
    shortened(&addresses(&shown))
}

/// A command line that may be shown.
pub(super) fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words
        .into_iter()
        .map(
            |word| {
                if word.is_empty() || word.contains(' ') { format!("\"{word}\"") } else { word.to_owned() }
            },
        )
        .collect();
    plain(&words.join(" "))
}

/// An address that may be shown: without user and query.
pub(super) fn address(url: &str) -> String {
    plain(&bare(url))
}

/// An address without user and query.
fn bare(url: &str) -> String {
    let (path, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let query = if query.is_empty() { "" } else { "?…" };
    match path.split_once("://") {
        Some((scheme, place)) => {
            let (host, below) = place.split_at(place.find('/').unwrap_or(place.len()));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{below}{query}")
        }
        None => format!("{path}{query}"),
    }
}

/// Names of a few things with what leads to them: ` with A, B`; empty where there are none.
pub(super) fn naming<'a>(lead: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { String::new() } else { format!("; {lead} {}", plain(&names.join(", "))) }
}

/// What the value of a variable is, as far as that may be shown: an address, a short word, or that there is one.
pub(super) fn value(name: &str, value: &str) -> String {
    if value.contains("://") {
        return address(value);
    }
    let telling = ["TOKEN", "KEY", "SECRET", "PASS", "HEADERS", "CREDENTIAL", "AUTH", "COOKIE"];
    let small = value.len() <= 24
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.' | ',' | ':'));
    if !small || telling.iter().any(|word| name.to_ascii_uppercase().contains(word)) {
        return "set, not shown".to_owned();
    }
    plain(value)
}

/// Addresses within a text, without users and queries.
fn addresses(text: &str) -> String {
    if !text.contains("://") {
        return text.to_owned();
    }
    let is_end = |c: char| c.is_whitespace() || "\"'`<>|;()".contains(c);
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_end) {
        let word = piece.trim_end_matches(is_end);
        match word.find("://").and_then(|at| word.get(..at)) {
            Some(before) => {
                let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
                let (lead, url) = word.split_at(start);
                shown.push_str(lead);
                shown.push_str(&bare(url));
            }
            None => shown.push_str(word),
        }
        shown.push_str(piece.get(word.len()..).unwrap_or_default());
    }
    shown
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_may_be_secret() {
        for (url, shown) in [
            ("https://mcp.acme.dev/docs", "https://mcp.acme.dev/docs"),
            ("https://ada:hunter22@mcp.acme.dev/docs?key=abc#x", "https://mcp.acme.dev/docs?…"),
            ("https://hooks.example.com/s/a81bd02f9c3e77d1/mcp", "https://hooks.example.com/s/…/mcp"),
            ("https://x.dev/@acme/docs", "https://x.dev/@acme/docs"),
            ("https://x.dev?token=1", "https://x.dev?…"),
            ("${URL}", "${URL}"),
        ] {
            assert_eq!(address(url), shown);
        }
    }

    #[test]
    fn commands_keep_what_they_run() {
        for (words, shown) in [
            (&["npx", "-y", "@acme/docs@1.2.3"][..], "npx -y @acme/docs@1.2.3"),
            (&["docs", "--token", "f83kd02mcnqpz71x"], "docs --token …"),
            (&["docs", "a8s9d8f7a6s5d4f3"], "docs …"),
            (&["curl", "https://u:pass12@x.dev/a?k=1"], "curl https://x.dev/a?…"),
            (&["sh", "-c", "echo 1"], "sh -c \"echo 1\""),
        ] {
            assert_eq!(command(words.iter().copied()), shown);
        }
        assert!(plain(&"word ".repeat(200)).chars().count() <= LONGEST + 1);
    }

    #[test]
    fn values_are_shown_where_they_cannot_be_secret() {
        for (name, text, shown) in [
            ("CLAUDE_CODE_ENABLE_TELEMETRY", "1", "1"),
            ("OTEL_METRICS_EXPORTER", "otlp", "otlp"),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "https://u:p4ssword@otel.acme.dev:4317",
                "https://otel.acme.dev:4317",
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=b", "set, not shown"),
            ("GITHUB_TOKEN", "short", "set, not shown"),
            ("NOTE", "two words", "set, not shown"),
        ] {
            assert_eq!(value(name, text), shown);
        }
    }
}
