//! What of settings from the server a person has to approve before the client takes them.

use serde_json::Value;

use super::compiled::Compiled;

/// Keys that run programs, and others that the client asks about. The documentation (August 2026) names them with
/// the words "such as": there may be more.
const KEYS: &[&[&str]] = &[
    &["hooks"],
    &["claudeMd"],
    &["apiKeyHelper"],
    &["awsAuthRefresh"],
    &["awsCredentialExport"],
    &["gcpAuthRefresh"],
    &["otelHeadersHelper"],
    &["statusLine"],
    &["subagentStatusLine"],
    &["fileSuggestion"],
    &["policyHelpers"],
    &["sandbox", "bwrapPath"],
    &["sandbox", "socatPath"],
    &["sandbox", "ripgrep"],
];

/// Variables that need no approval where their value only switches something off.
const PRIVACY: [&str; 4] = [
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "DISABLE_ERROR_REPORTING",
    "DISABLE_TELEMETRY",
    "DO_NOT_TRACK",
];

/// The keys that raise the question.
pub(super) fn keys(compiled: &Compiled) -> Vec<String> {
    let is_set = |path: &&&[&str]| {
        let mut members = Some(&compiled.settings);
        let mut found = None;
        for name in **path {
            found = members.and_then(|members| members.get(*name));
            members = found.and_then(Value::as_object);
        }
        found.is_some()
    };
    KEYS.iter().filter(is_set).map(|path| path.join(".")).collect()
}

/// The variables that may raise it: which do not is known of some only.
pub(super) fn variables(compiled: &Compiled) -> Vec<String> {
    let Some(Value::Object(variables)) = compiled.settings.get("env") else { return Vec::new() };
    let plain = |name: &str, value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.is_empty() || (PRIVACY.contains(&name) && matches!(text, "1" | "true"))
    };
    variables.iter().filter(|(name, value)| !plain(name, value)).map(|(name, _)| name.clone()).collect()
}
