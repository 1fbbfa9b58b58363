//! Addresses, by their host.
//!
//! Leaves out addresses of which the host is a number with colons.

use super::Freedom;
use super::question::{Kind, Question, Search, all_of, alone, call, union};
use crate::access::{Access, Call};
use crate::automaton::{Class, Language, Pattern};
use crate::client::hosts;
use crate::rule::List;

const TOOL: &str = "WebFetch";

/// The hosts that become less strictly decided.
pub(super) fn gains(search: &mut Search<'_, '_>) {
    let sides = search.sides;
    if sides.new.whole_tool(List::Deny, TOOL).is_some() {
        return;
    }
    let of = |access: &Access, list| access.host_texts(list);
    let [deny, ask, allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.new, list));
    let [old_deny, old_ask, old_allow] = [List::Deny, List::Ask, List::Allow].map(|list| of(sides.old, list));
    let refused = union(deny.iter().chain(&ask));
    let freedom = Freedom::of(sides.new);
    let allowed = if sides.new.whole_tool(List::Allow, TOOL).is_some() || freedom.lifts {
        Language::everything()
    } else {
        let free = hosts::documentation().map(|(host, _)| Pattern::text(host));
        union(&allow).or(&free.filter(|_| search.counts_free()).collect())
    };
    let kind = Kind { within: vec![names()], is_all: false, calls: &calls };
    for rule in alone(&old_deny, &[&deny]) {
        let left = || {
            if freedom.asks {
                all_of(rule).minus(&union(&deny))
            } else {
                all_of(rule).minus(&refused).and(&allowed)
            }
        };
        search.ask(&Question::gone(rule, &left), &kind);
    }
    for rule in alone(&old_ask, &[&ask, &deny]) {
        search.ask(&Question::gone(rule, &|| all_of(rule).minus(&refused).and(&allowed)), &kind);
    }
    let [whole_ask, was_allowed] = [
        sides.new.whole_tool(List::Ask, TOOL).is_some(),
        sides.old.whole_tool(List::Allow, TOOL).is_some() || Freedom::of(sides.old).lifts,
    ];
    if whole_ask || was_allowed {
        return;
    }
    for rule in alone(&allow, &[&old_allow]) {
        search.ask(&Question::come(rule, &|| all_of(rule).minus(&refused.or(&union(&old_allow)))), &kind);
    }
}

/// Fetching from a host: its first page, the pages that need no rule, and the same with a dot at its end.
pub(super) fn calls(host: &str) -> Vec<Call> {
    let mut paths: Vec<&str> =
        hosts::documentation().filter(|(known, _)| *known == host).map(|(_, path)| path).collect();
    paths.push("/");
    let mut addresses: Vec<String> = paths.iter().map(|path| format!("https://{host}{path}")).collect();
    addresses.push(format!("https://{host}./"));
    addresses.into_iter().map(|url| call(TOOL, [("url", url)])).collect()
}

/// Names of hosts. Addresses in brackets are not among them: a rule for one of these alone is looked at by itself.
pub(super) fn names() -> Language {
    let letters = || Class::ranges([('a', 'z'), ('0', '9')]).or(&Class::of("-_"));
    let label = || Pattern::chain([Pattern::one(letters()), Pattern::many(letters())]);
    Pattern::chain([label(), Pattern::chain([Pattern::text("."), label()]).repeated()]).into()
}
