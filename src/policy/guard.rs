//! From a baseline to the file that the guard reads.

use super::baseline::Baseline;
use crate::finding::Origin;
use crate::guard::{CompiledAnswer, CompiledFile, CompiledList, CompiledRule, Kind};
use crate::rule::List;

/// The name of the hole in a template that the compiled policy fills.
pub(super) const HOLE_NAME: &str = "guard";

/// The hole itself.
pub(super) const HOLE: &str = "{{guard}}";

impl Baseline {
    /// What the guard reads: the rules of this baseline that refuse or ask, and what to answer where none can be
    /// applied. `policy` is the policy as it was named.
    pub fn compiled(&self, policy: &str) -> CompiledFile {
        let mut rules = Vec::new();
        for demand in &self.rules {
            let list = match demand.what.list {
                List::Deny => CompiledList::Deny,
                List::Ask => CompiledList::Ask,
                List::Allow => continue,
            };
            let (origin, layer) = source(&demand.origins);
            rules.push(CompiledRule { list, rule: demand.what.rule.text().to_owned(), origin, layer });
        }
        let mut unclear = Vec::new();
        for kind in Kind::ALL {
            let answers = self.guard.iter().filter(|demand| demand.what.kind == kind);
            // Of equal answers the first counts: the layer that asked for it before others did.
            let strictest = answers.reduce(|a, b| if b.what.answer > a.what.answer { b } else { a });
            if let Some(demand) = strictest {
                let (origin, layer) = source(&demand.origins);
                unclear.push(CompiledAnswer { kind, answer: demand.what.answer, origin, layer });
            }
        }
        CompiledFile::new(policy, unclear, rules)
    }

    /// Puts the compiled policy into the texts that ask for it.
    pub(super) fn fill_guards(&mut self, policy: &str) {
        if !self.texts.iter().any(|demand| demand.what.text.contains(HOLE)) {
            return;
        }
        let text = self.compiled(policy).text();
        for demand in &mut self.texts {
            demand.what.text = demand.what.text.replace(HOLE, text.trim_end());
        }
    }
}

fn source(origins: &[Origin]) -> (String, String) {
    let first = origins.first();
    first.map_or_else(Default::default, |origin| (origin.place.to_string(), origin.layer.to_string()))
}
