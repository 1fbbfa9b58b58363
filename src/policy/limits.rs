//! The limits on what may be allowed, made ready to be asked of many rules.
//!
//! INVARIANT: a rule is within a limit only where that is proved for every call. Rules are compared one with one
//! first, which is quick and settles most; what is left is put to [`proof`], which also finds the call that
//! breaks the limit.

use super::baseline::{Baseline, Bound, Demand};
use super::file::Day;
use crate::access::{Access, MapWorld, Place, Verdict};
use crate::automaton::Budget;
use crate::client::tools::{self, ContentKind};
use crate::finding::{Origin, Said, Severity, Witness};
use crate::proof::{self, Outcome, Sides};
use crate::rule::{Cover, List, Rule, may_let_through};

/// How much work each question to a limit may take, about 10 milliseconds.
const BUDGET: usize = 1_000_000;

/// The limits of a baseline beside the deny and ask rules of a project.
#[derive(Debug)]
pub struct Limits<'a> {
    /// What may never be allowed and is not taken away by a rule of the project.
    never: Vec<&'a Demand<Rule>>,
    bounds: Vec<(Cover, &'a Demand<Bound>)>,
    /// The deny and ask rules beside an allow rule.
    beside: Vec<(List, Rule)>,
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
    /// A call that breaks the limit, where one was found.
    pub witness: Option<Witness>,
}

impl<'a> Limits<'a> {
    /// The limits of `baseline`. What the deny or ask rules beside an allow rule take away is not granted.
    pub fn new(baseline: &'a Baseline, beside: &[&Cover]) -> Self {
        let open = |demand: &&Demand<Rule>| !beside.iter().any(|cover| cover.covers(&demand.what));
        let bounds = baseline.bounds.iter().map(|demand| (Cover::new(List::Allow, &demand.what), demand));
        let beside = beside.iter().flat_map(|cover| cover.rules());
        Self {
            never: baseline.never.iter().filter(open).collect(),
            bounds: bounds.collect(),
            beside: beside.map(|(list, rule)| (list, rule.clone())).collect(),
        }
    }

    /// The first limit that an allow rule breaches.
    pub fn breach(&self, rule: &Rule) -> Option<Breach<'a>> {
        let lets =
            |never: &&&Demand<Rule>| can_grant(rule, &never.what) && may_let_through(rule, &never.what);
        for never in self.never.iter().filter(lets) {
            if let Some(Shown { told, witness }) = self.lets_through(rule, &never.what) {
                let why = format!("though `{}` may never be allowed{told}", never.what);
                return Some(Breach::of(never, why, witness));
            }
        }
        for (_, bound) in self.bounds.iter().filter(|(cover, _)| !cover.covers(rule)) {
            match self.goes_beyond(rule, &bound.what) {
                Some(Shown { told, witness: Some(witness) }) => {
                    let why = format!("which no rule under `limit.allow` covers{told}");
                    return Some(Breach::of(bound, why, Some(witness)));
                }
                Some(Shown { witness: None, .. }) => {
                    let why = "which is not proved to lie within the rules under `limit.allow`".to_owned();
                    return Some(Breach::of(bound, why, None));
                }
                None => {}
            }
        }
        None
    }

    /// A call that the rule allows and that may never be allowed; none where it is proved that there is none.
    fn lets_through(&self, rule: &Rule, never: &Rule) -> Option<Shown> {
        // Only what is allowed counts: so questions are refused on both sides.
        let new = self.access([(List::Allow, rule.clone())]).refusing_prompts();
        let denying = [(List::Allow, rule.clone()), (List::Deny, never.clone())];
        let old = self.access(denying).refusing_prompts();
        let world = MapWorld::default();
        let outcome = if rule.tool() == "Bash" {
            // What only reads runs without a rule, and is no matter of this one.
            proof::grants(Sides { old: &old, new: &new, world: &world }, &mut Budget(BUDGET))
        } else {
            proof::gains(Sides { old: &old, new: &new, world: &world }, &mut Budget(BUDGET))
        };
        shown(&outcome, rule)
    }

    /// A call that the rule allows and the rules of a bound do not; none where it is proved that there is none.
    fn goes_beyond(&self, rule: &Rule, bound: &Bound) -> Option<Shown> {
        let old = self.access(bound.iter().map(|rule| (List::Allow, rule.clone())));
        let new = self.access([(List::Allow, rule.clone())]);
        let world = MapWorld::default();
        shown(&proof::gains(Sides { old: &old, new: &new, world: &world }, &mut Budget(BUDGET)), rule)
    }

    /// These rules beside the deny and ask rules of the project.
    fn access(&self, rules: impl IntoIterator<Item = (List, Rule)>) -> Access {
        let rules = rules.into_iter().chain(self.beside.iter().cloned());
        let taken = rules.filter(|(list, rule)| rule.fault(*list).is_none());
        Access::of_rules(taken, &Place::made_up())
    }
}

/// What is known of a call beyond a limit.
struct Shown {
    /// The call, to stand behind a sentence; empty where the rule says it already, and where none was found.
    told: String,
    /// The call; none where there may be one and none was found.
    witness: Option<Witness>,
}

fn shown(outcome: &Outcome, rule: &Rule) -> Option<Shown> {
    if outcome.is_proved_empty() {
        return None;
    }
    let allowed = outcome.flows.iter().find(|flow| flow.new.verdict == Verdict::Allow);
    let witness = allowed.map(|flow| flow.witness.as_witness(flow.new.verdict, Said::NotAllowed));
    let told = witness.as_ref().filter(|witness| witness.call != rule.text());
    let told = told.map(|witness| format!(": `{}` for instance", witness.call)).unwrap_or_default();
    Some(Shown { told, witness })
}

impl<'a> Breach<'a> {
    fn of<T>(demand: &'a Demand<T>, why: String, witness: Option<Witness>) -> Self {
        let Demand { severity, blocks_from, origins, .. } = demand;
        Self { why, origins, severity: *severity, blocks_from: *blocks_from, witness }
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

    #[test]
    fn rules_of_a_bound_count_together_and_with_what_is_denied() {
        let rules = |texts: &[&str]| texts.iter().map(|text| Rule::parse(text)).collect::<Vec<_>>();
        let mut baseline = Baseline::default();
        baseline.bounds.push(demand(rules(&["Bash(npm run *)", "Bash(npm r* test)", "mcp__docs"])));
        let why = |beside: &[&Cover], rule: &str| {
            Limits::new(&baseline, beside).breach(&Rule::parse(rule)).map(|breach| breach.why)
        };
        let is =
            |call: &str| Some(format!("which no rule under `limit.allow` covers: `{call}` for instance"));
        assert_eq!(why(&[], "Bash(npm r*)"), is("Bash(npm r)"));
        assert_eq!(why(&[], "Bash(npm r* * test)"), None);
        assert_eq!(why(&[], "mcp__docs__*"), None);
        assert_eq!(why(&[], "Edit(src/**)"), is("Edit(src)"));
        let denied = Cover::new(List::Deny, &rules(&["Bash(npm r*)"]));
        assert_eq!(why(&[&denied], "Bash(npm r*)"), None);
        assert_eq!(why(&[&denied], "Bash(npm *)"), is("Bash(npm)"));
    }

    #[test]
    fn what_may_never_be_allowed_is_shown() {
        let why = |never_: &str, rule: &str| {
            let baseline = never(never_);
            Limits::new(&baseline, &[]).breach(&Rule::parse(rule)).map(|breach| breach.why)
        };
        let is = |never: &str, call: &str| {
            Some(format!("though `{never}` may never be allowed: `{call}` for instance"))
        };
        assert_eq!(why("Bash(curl *)", "Bash"), is("Bash(curl *)", "Bash(curl)"));
        assert_eq!(why("Bash(curl *)", "Bash(sudo *)"), is("Bash(curl *)", "Bash(sudo curl)"));
        assert_eq!(why("Bash(* --force)", "Bash(git push origin)"), None);
    }
}
