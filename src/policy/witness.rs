//! What a proof about a policy says, in words: calls that show something, and why a question is open.

use super::Baseline;
use crate::access::{Access, RuleId, Verdict};
use crate::finding::Origin;
use crate::proof::{Flow, Open, Why};

/// A call and what becomes of it: "`Bash(a)` is allowed instead of asked for".
pub(super) fn told(flow: &Flow) -> String {
    format!(
        "`{}` is {} instead of {}",
        flow.witness.shown(),
        passive(flow.new.verdict),
        passive(flow.old.verdict)
    )
}

/// What is done with a call.
pub(super) fn passive(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allowed",
        Verdict::Ask => "asked for",
        Verdict::Deny => "denied",
        Verdict::Undecided => "left to what cannot be known here",
    }
}

/// Why a question has no answer.
pub(super) fn reason(open: &Open) -> String {
    match &open.why {
        Why::Unconfirmed(call) => format!(
            "rules say another thing of `{}`, and no call like it was found that is decided otherwise",
            call.shown()
        ),
        Why::Form => "lists with rules that take paths out again (`!x`) are not followed".to_owned(),
        Why::Budget => "the proof would take too long".to_owned(),
        Why::Client => "nothing is proved for clients older than the newest that is known".to_owned(),
    }
}

/// The lines of policy that ask for a rule.
pub(super) fn origins<'b>(baseline: &'b Baseline, access: &Access, rule: RuleId) -> &'b [Origin] {
    let loaded = access.rules().get(rule);
    let origins = loaded.and_then(|loaded| baseline.rule_origins(loaded.list, loaded.rule.text()));
    origins.unwrap_or_default()
}
