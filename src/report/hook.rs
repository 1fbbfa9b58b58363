//! What hooks would say of a call, for people and as JSON.

use std::io::{self, Write};

use anstyle::AnsiColor;
use schemars::JsonSchema;
use serde::Serialize;

use super::style::{BOLD, DIM, painted};
use crate::access::Call;
use crate::guard::{Answer, CompiledFile, Said};
use crate::secret;
use crate::trail::AuditLine;

/// What `bylaws hook test --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HookTestReport {
    /// The version of this format: 1.
    version: u32,
    /// The call in its short form, without credentials.
    call: String,
    /// The policy that the guard was compiled from.
    policy: String,
    /// The digest of the compiled policy.
    digest: String,
    /// What the guard answers; left out where it has no opinion and the client's own rules decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<GuardReport>,
    /// The line that the log would keep; `id`, `time`, `sequence`, `user` and `host` are those of no call.
    log: AuditLine,
}

/// An answer of the guard.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct GuardReport {
    /// `ask` or `deny`.
    answer: String,
    /// The sentence that the client shows.
    reason: String,
    /// The rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    /// What could not be judged, where no rule decided: a key of `guard` in a layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    unclear: Option<String>,
    /// The line of policy.
    origin: String,
    /// Title of its layer.
    layer: String,
}

/// The report on one call.
pub fn hook_test_report(
    call: &Call,
    policy: &CompiledFile,
    said: Option<&Said>,
    line: &AuditLine,
) -> HookTestReport {
    let guard = said.map(|said| GuardReport {
        answer: said.answer.name().to_owned(),
        reason: said.sentence(),
        rule: said.source.rule.clone(),
        unclear: said.kind.map(|kind| kind.key().to_owned()),
        origin: said.source.origin.clone(),
        layer: said.source.layer.clone(),
    });
    HookTestReport {
        version: 1,
        call: secret::mask(&call.short()).into_owned(),
        policy: policy.policy.clone(),
        digest: policy.digest.clone(),
        guard,
        log: line.clone(),
    }
}

/// The same for people.
pub fn write_hook_test(
    out: &mut dyn Write,
    call: &Call,
    said: Option<&Said>,
    line: &AuditLine,
) -> io::Result<()> {
    let short = call.short();
    writeln!(out, "{}", painted(BOLD, secret::mask(&short)))?;
    match said {
        Some(said) => {
            let style = match said.answer {
                Answer::Deny => AnsiColor::Red.on_default().bold(),
                Answer::Ask => AnsiColor::Yellow.on_default().bold(),
            };
            writeln!(out, "guard  {}: {}", painted(style, said.answer.name()), said.sentence())?;
        }
        None => writeln!(out, "guard  no opinion: the client's own rules decide")?,
    }
    writeln!(out, "log    {}", painted(DIM, line.text().trim_end()))
}
