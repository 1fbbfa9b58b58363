//! Rules for `WebFetch`: the host of an address against `domain:` patterns.

use super::{RuleId, RuleTexts, Rules};
use crate::glob::{Address, Domain};
use crate::rule::List;

/// The rules for hosts.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts {
    rules: Vec<(List, Domain, RuleId)>,
}

impl Hosts {
    pub(super) fn new(rules: &Rules) -> Self {
        let found = rules.iter().filter(|(_, loaded)| loaded.rule.tool() == "WebFetch");
        let found = found
            .filter_map(|(rule, loaded)| Some((loaded.list, Domain::of_rule(loaded.rule.content()?)?, rule)));
        Self { rules: found.collect() }
    }

    /// Whether one of these rules of `list` is for a host.
    pub(super) fn any_for(&self, list: List, host: &str, which: impl Fn(RuleId) -> bool) -> bool {
        self.rules.iter().any(|(known, domain, rule)| *known == list && which(*rule) && domain.matches(host))
    }

    /// The hosts that each rule of `list` is for.
    pub(super) fn texts(&self, list: List) -> Vec<RuleTexts> {
        let of_list = self.rules.iter().filter(|(known, ..)| *known == list);
        of_list.map(|(_, domain, rule)| RuleTexts::of(*rule, domain.pattern())).collect()
    }

    /// Whether there are no rules.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The first rule of `list` for the host of this address.
    pub(super) fn find(&self, list: List, address: &Address) -> Option<RuleId> {
        let found =
            self.rules.iter().find(|(known, domain, _)| *known == list && domain.matches(address.host()));
        found.map(|(.., rule)| *rule)
    }
}
