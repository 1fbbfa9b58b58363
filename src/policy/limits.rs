//! The limits on what may be allowed, made ready to be asked of many rules.

use super::baseline::{Baseline, Bound, Demand};
use super::file::Day;
use crate::client::tools::{self, ContentKind};
use crate::finding::{Origin, Severity};
use crate::rule::{Cover, List, Rule, may_let_through};

/// The limits of a baseline beside the deny and ask rules of a project.
#[derive(Debug)]
pub struct Limits<'a> {
    /// What may never be allowed and is not taken away by a rule of the project.
    never: Vec<&'a Demand<Rule>>,
    bounds: Vec<(Cover, &'a Demand<Bound>)>,
}

/// Why an allow rule is beyond a limit.
#[derive(Debug, Clone)]
pub struct Breach<'a> {
    /// The reason, to stand behind "`RULE` is allowed,".
    pub why: String,
    /// Who set the limit.
    pub origins: &'a [Origin],
    /// How much it weighs.
    pub severity: Severity,
    /// The day, still to come, from which it blocks.
    pub blocks_from: Option<Day>,
}

impl<'a> Limits<'a> {
    /// The limits of `baseline`. What the deny or ask rules beside an allow rule take away is not granted.
    pub fn new(baseline: &'a Baseline, beside: &[&Cover]) -> Self {
        let open = |demand: &&Demand<Rule>| !beside.iter().any(|cover| cover.covers(&demand.what));
        let bounds = baseline.bounds.iter().map(|demand| (Cover::new(List::Allow, &demand.what), demand));
        Self { never: baseline.never.iter().filter(open).collect(), bounds: bounds.collect() }
    }

    /// The first limit that an allow rule breaches.
    pub fn breach(&self, rule: &Rule) -> Option<Breach<'a>> {
        let lets =
            |never: &&&Demand<Rule>| can_grant(rule, &never.what) && may_let_through(rule, &never.what);
        if let Some(never) = self.never.iter().find(lets) {
            return Some(Breach::of(never, format!("though `{}` may never be allowed", never.what)));
        }
        let (_, bound) = self.bounds.iter().find(|(cover, _)| !cover.covers(rule))?;
        Some(Breach::of(bound, "which no rule under `limit.allow` covers".to_owned()))
    }
}

impl<'a> Breach<'a> {
    fn of<T>(demand: &'a Demand<T>, why: String) -> Self {
        let Demand { severity, blocks_from, origins, .. } = demand;
        Self { why, origins, severity: *severity, blocks_from: *blocks_from }
    }
}

/// Whether an allow rule can grant what a limit speaks of at all: a rule for commands grants commands,
/// and every other rule something else. What a command may do with files is the matter of deny rules.
fn can_grant(allow: &Rule, never: &Rule) -> bool {
    let [allow, never] = [allow, never].map(|rule| tools::find(rule.tool()).map(|tool| tool.content));
    match (allow, never) {
        (Some(allow), Some(never)) => (allow == ContentKind::Command) == (never == ContentKind::Command),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand<T>(what: T) -> Demand<T> {
        Demand { what, severity: Severity::Block, blocks_from: None, origins: Vec::new() }
    }

    fn never(rule: &str) -> Baseline {
        let mut baseline = Baseline::default();
        baseline.never.push(demand(Rule::parse(rule)));
        baseline
    }

    fn breached(rule: &str, allow: &str) -> bool {
        let baseline = never(rule);
        Limits::new(&baseline, &[]).breach(&Rule::parse(allow)).is_some()
    }

    #[test]
    fn a_limit_on_commands_says_nothing_about_files() {
        assert!(breached("Bash(curl *)", "Bash"));
        assert!(breached("Bash(curl *)", "Bash(curl https://x.dev/*)"));
        assert!(!breached("Bash(curl *)", "Edit(src/**)"));
        assert!(!breached("Bash(curl *)", "Read"));
        assert!(breached("Edit(.github/**)", "Edit(.github/workflows/ci.yml)"));
        assert!(!breached("Edit(.github/**)", "Bash(npm test)"));
    }

    #[test]
    fn what_a_deny_rule_takes_away_is_not_granted() {
        let baseline = never("Bash(npm publish *)");
        let denied = Cover::new(List::Deny, &[Rule::parse("Bash(npm publish:*)")]);
        let allow = Rule::parse("Bash(npm *)");
        assert!(Limits::new(&baseline, &[]).breach(&allow).is_some());
        assert!(Limits::new(&baseline, &[&denied]).breach(&allow).is_none());
    }

    #[test]
    fn everything_allowed_lies_within_every_bound() {
        let rules = |texts: &[&str]| demand(texts.iter().map(|text| Rule::parse(text)).collect::<Vec<_>>());
        let mut baseline = Baseline::default();
        baseline.bounds.extend([rules(&["Bash(npm *)", "Read"]), rules(&["Bash(npm run *)"])]);
        let limits = Limits::new(&baseline, &[]);
        assert!(limits.breach(&Rule::parse("Bash(npm run test)")).is_none());
        assert!(limits.breach(&Rule::parse("Bash(npm install)")).is_some());
    }
}
