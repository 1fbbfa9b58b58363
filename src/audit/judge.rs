//! What policy says of a thing that stands somewhere on this machine, beyond the settings of a project.
//!
//! A policy is written for the settings of projects. Whatever of it speaks of a value, a rule or a server is asked
//! the same of the files of a user and of plugins, which reach every project.
//!
//! INVARIANT: nothing is allowed because a form of a pattern is not followed here; that is not known.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::item::{Says, Verdict};
use crate::access::{Server, ServerPattern};
use crate::finding::Severity;
use crate::git;
use crate::json::Pointer;
use crate::policy::{
    AskedFacts, Baseline, Day, Demand, Entry, Facts, Limits, Policy, Recommendation, Violation, violations,
};
use crate::repository::name_of_url;
use crate::rule::{Cover, List, Rule};

/// What policy asks of the machine and of each of its projects.
#[derive(Debug)]
pub struct Judges<'a> {
    policy: Option<&'a Policy>,
    facts: &'a Facts,
    today: Day,
    asked: Option<AskedFacts>,
    known: RefCell<BTreeMap<Facts, Rc<Judge>>>,
}

impl<'a> Judges<'a> {
    /// Judges by a policy, where there is one. `facts` go before those of the inventory.
    pub fn new(policy: Option<&'a Policy>, facts: &'a Facts, today: Day) -> Self {
        let asked = policy.map(Policy::asked_facts);
        Self { policy, facts, today, asked, known: RefCell::default() }
    }

    /// What policy asks of the project in a folder, or of the machine itself.
    pub(super) fn of(&self, project: Option<&Path>) -> Rc<Judge> {
        let (Some(policy), Some(asked)) = (self.policy, &self.asked) else { return Rc::default() };
        let mut facts = self.facts.clone();
        if asked.need_repository()
            && facts.value("name").is_none()
            && let Some(name) = project.and_then(name_of)
        {
            facts.set("name", [name]);
        }
        let facts = asked.of(&policy.known_facts(&facts));
        let known = self.known.borrow().get(&facts).cloned();
        known.unwrap_or_else(|| {
            let (baseline, clashes) = policy.resolve(&facts, self.today);
            let clash = clashes.into_iter().find(|finding| finding.severity == Severity::Block);
            let judge = Rc::new(Judge::new(baseline, clash.map(|finding| finding.message)));
            self.known.borrow_mut().insert(facts, Rc::clone(&judge));
            judge
        })
    }
}

/// The name of the repository at `root` by its remote.
fn name_of(root: &Path) -> Option<String> {
    name_of_url(&git::origin(root)?)
}

/// What in some settings breaks the schemas of policy.
#[derive(Debug, Default)]
pub(super) struct Broken {
    /// The number of the schema and what breaks it.
    found: Vec<(usize, Violation)>,
    /// Whether a schema cannot be read.
    is_unknown: bool,
}

/// What policy asks of one place.
#[derive(Debug, Default)]
pub(super) struct Judge {
    baseline: Option<Baseline>,
    /// The limits on what may never be allowed, alone.
    never: Baseline,
    /// Why the policy says nothing that can be relied on.
    clash: Option<String>,
    rules: RefCell<HashMap<(String, String), Verdict>>,
}

impl Judge {
    fn new(baseline: Baseline, clash: Option<String>) -> Self {
        let mut never = Baseline::default();
        never.never.extend(baseline.never.iter().cloned());
        Self { baseline: Some(baseline), never, clash, rules: RefCell::default() }
    }

    /// The baseline, or what to say where there is none.
    fn baseline(&self) -> Result<&Baseline, Verdict> {
        match (&self.baseline, &self.clash) {
            (_, Some(clash)) => Err(Verdict::unknown(format!("the policy contradicts itself: {clash}"))),
            (Some(baseline), None) => Ok(baseline),
            (None, None) => Err(Verdict::not_spoken_of()),
        }
    }

    /// What policy says of an MCP server.
    pub(super) fn server(&self, server: &Server, has_variables: bool) -> Verdict {
        let baseline = match self.baseline() {
            Ok(baseline) => baseline,
            Err(verdict) => return verdict,
        };
        if let Some(waiver) = baseline.holding_waivers().find(|waiver| waiver.opens_server(server.name())) {
            return Verdict::by(Says::Allowed, &[], Severity::Note)
                .because(format!("waiver `{}` opens it", waiver.id));
        }
        let blocked = baseline.blocked.iter().find(|demand| server.is_denied_by(&demand.what.pattern()));
        if let Some(demand) = blocked {
            return said(Says::Denied, demand).because(format!("its {} is blocked", demand.what));
        }
        let by_more = |pattern: &ServerPattern| !matches!(pattern, ServerPattern::Name(_));
        let blocks_by_more = baseline.blocked.iter().any(|demand| by_more(&demand.what.pattern()));
        let approves_by_more =
            baseline.approved.iter().flat_map(|demand| &demand.what).any(|entry| by_more(&entry.pattern()));
        if has_variables && (blocks_by_more || approves_by_more) {
            return Verdict::unknown("it holds a variable whose value is not known here");
        }
        if let Some(demand) = baseline.missing_approval(server) {
            return said(Says::NotApproved, demand).because("it is not in the catalogue");
        }
        let provided = baseline.provided.iter().find(|demand| {
            demand.what.name == server.name() && Server::of(&demand.what.name, &demand.what.value) == *server
        });
        match (baseline.approved.first(), provided) {
            (Some(demand), _) => said(Says::Allowed, demand),
            (None, Some(demand)) => said(Says::Allowed, demand),
            (None, None) => Verdict::not_spoken_of(),
        }
    }

    /// What policy says of a permission rule, beside the deny and ask rules that hold with it.
    pub(super) fn rule(&self, list: List, rule: &Rule, beside: &[&Cover]) -> Verdict {
        let baseline = match self.baseline() {
            Ok(baseline) => baseline,
            Err(verdict) => return verdict,
        };
        if rule.fault(list).is_some() {
            return Verdict::not_spoken_of();
        }
        if list == List::Allow {
            let breach = self.breach(baseline, rule, beside);
            if breach.says != Says::NotSpokenOf {
                return breach;
            }
        }
        if let Some(origins) = baseline.rule_origins(list, rule.text()) {
            return Verdict::by(Says::Allowed, origins, Severity::Note);
        }
        match baseline.bounds.first() {
            Some(demand) if list == List::Allow => said(Says::Allowed, demand),
            _ => Verdict::not_spoken_of(),
        }
    }

    /// The limit that an allow rule breaks. Proofs take time and the same rules stand in many files.
    fn breach(&self, baseline: &Baseline, rule: &Rule, beside: &[&Cover]) -> Verdict {
        if baseline.never.is_empty() && baseline.bounds.is_empty() {
            return Verdict::not_spoken_of();
        }
        let rules = beside.iter().flat_map(|cover| cover.rules());
        let texts: Vec<String> =
            rules.map(|(list, rule)| format!("{} {}", list.key(), rule.text())).collect();
        let key = (rule.text().to_owned(), texts.join("\n"));
        if let Some(known) = self.rules.borrow().get(&key) {
            return known.clone();
        }
        let breached = |says, baseline: &Baseline| {
            let limits = Limits::new(baseline, beside);
            let breach = limits.breach(rule)?;
            Some(
                Verdict::by(says, breach.origins, breach.severity)
                    .because(format!("allowed, {}", super::words::plain(&breach.why))),
            )
        };
        let verdict = if baseline.waives_rule(rule) {
            Verdict::by(Says::Allowed, &[], Severity::Note).because("a waiver opens it")
        } else {
            breached(Says::Denied, &self.never)
                .or_else(|| breached(Says::NotApproved, baseline))
                .unwrap_or_else(Verdict::not_spoken_of)
        };
        self.rules.borrow_mut().insert(key, verdict.clone());
        verdict
    }

    /// What in settings breaks a schema of policy.
    pub(super) fn broken(&self, settings: &Value) -> Broken {
        let mut broken = Broken::default();
        for (index, demand) in self.baseline.iter().flat_map(|baseline| &baseline.schemas).enumerate() {
            match violations(&demand.what, settings) {
                Ok(found) => broken.found.extend(found.into_iter().map(|violation| (index, violation))),
                Err(_) => broken.is_unknown = true,
            }
        }
        broken
    }

    /// What policy says of a value at a place of settings. `broken` is what in those settings breaks a schema.
    pub(super) fn value(&self, at: &Pointer, value: &Value, broken: &Broken) -> Verdict {
        let baseline = match self.baseline() {
            Ok(baseline) => baseline,
            Err(verdict) => return verdict,
        };
        if let Some(waiver) = baseline.holding_waivers().find(|waiver| waiver.opens_pointer(at)) {
            return Verdict::by(Says::Allowed, &[], Severity::Note)
                .because(format!("waiver `{}` opens it", waiver.id));
        }
        let asked = baseline.values.iter().find(|demand| demand.what.at.contains(at));
        let mut found = match asked {
            Some(demand) if demand.what.value.is_null() => {
                return said(Says::Denied, demand)
                    .because(format!("`{}` may not be set", demand.what.at.dotted()));
            }
            Some(demand) if demand.what.at == *at && demand.what.value == *value => {
                Some(said(Says::Allowed, demand))
            }
            Some(demand) if demand.what.at == *at => {
                return said(Says::NotApproved, demand)
                    .because(format!("another value of `{}` is asked for", at.dotted()));
            }
            _ => None,
        };
        let concerns =
            |place: &Pointer| !place.tokens().is_empty() && (place.contains(at) || at.contains(place));
        if let Some((index, violation)) = broken.found.iter().find(|(_, violation)| concerns(&violation.at))
            && let Some(demand) = baseline.schemas.get(*index)
        {
            let why = format!("`{}` {}", violation.at.dotted(), violation.message);
            return said(Says::NotApproved, demand).because(super::words::plain(&why));
        }
        if broken.is_unknown {
            return Verdict::unknown("a schema of the policy cannot be read");
        }
        if found.is_none() {
            found = entry(baseline, at, value);
        }
        found.unwrap_or_else(Verdict::not_spoken_of)
    }

    /// What policy says of things that only managed files may bring, where it asks for `lock` to be `true`.
    pub(super) fn locked(&self, lock: &str) -> Option<Verdict> {
        let baseline = self.baseline().ok()?;
        let at = Pointer::of([lock]);
        let demand = baseline
            .values
            .iter()
            .find(|demand| demand.what.at == at && demand.what.value == Value::Bool(true))?;
        Some(said(Says::NotApproved, demand).because(format!("`{lock}` is asked for")))
    }

    /// What policy says of a mode, where it asks for the mode to be switched off.
    pub(super) fn mode_off(&self, mode: &str) -> Option<Verdict> {
        let baseline = self.baseline().ok()?;
        let keys: &[&[&str]] = match mode {
            "bypassPermissions" => &[&["permissions", "disableBypassPermissionsMode"]],
            "auto" => &[&["permissions", "disableAutoMode"], &["disableAutoMode"]],
            _ => return None,
        };
        let (demand, at) = keys.iter().find_map(|path| {
            let at = Pointer::of(path.iter().copied());
            let asked = baseline.values.iter().find(|demand| demand.what.at == at);
            Some((asked.filter(|demand| demand.what.value == "disable")?, at))
        })?;
        Some(said(Says::NotApproved, demand).because(format!("`{}` is asked for", at.dotted())))
    }

    /// What policy says of a marketplace by its source.
    pub(super) fn marketplace(&self, source: &Value) -> Option<Verdict> {
        let baseline = self.baseline().ok()?;
        let listed = |keys: [&str; 2]| -> Vec<&Demand<Entry>> {
            let entries = baseline.entries.iter();
            entries.filter(|demand| keys.iter().any(|key| demand.what.at == Pointer::of([*key]))).collect()
        };
        let blocked = listed(["blockedMarketplaces"; 2]);
        if let Some(demand) = blocked.iter().find(|demand| is_same_source(&demand.what.entry, source)) {
            return Some(said(Says::Denied, demand).because("its source is blocked"));
        }
        if blocked.iter().any(|demand| is_pattern(&demand.what.entry)) {
            return Some(Verdict::unknown("sources are blocked by a pattern that is not followed here"));
        }
        let keys = ["strictKnownMarketplaces", "allowedMarketplaces"];
        let allowed = listed(keys);
        if let Some(demand) = allowed.iter().find(|demand| demand.what.entry == *source) {
            return Some(said(Says::Allowed, demand));
        }
        if allowed.iter().any(|demand| is_pattern(&demand.what.entry)) {
            return Some(Verdict::unknown("sources are allowed by a pattern that is not followed here"));
        }
        let not_listed =
            |verdict: Verdict| Some(verdict.because("its source is not among those that are allowed"));
        if let Some(demand) = allowed.first() {
            return not_listed(said(Says::NotApproved, demand));
        }
        let none = baseline.values.iter().find(|demand| {
            keys.iter().any(|key| demand.what.at == Pointer::of([*key])) && demand.what.value.is_array()
        });
        none.and_then(|demand| not_listed(said(Says::NotApproved, demand)))
    }

    /// The longest time in days for which policy lets records of sessions be kept, and what says so.
    pub(super) fn kept_days(&self, days: u64) -> Verdict {
        let at = Pointer::of(["cleanupPeriodDays"]);
        self.value(&at, &days.into(), &self.broken(&serde_json::json!({"cleanupPeriodDays": days})))
    }
}

fn said<T>(says: Says, demand: &Demand<T>) -> Verdict {
    Verdict::by(says, &demand.origins, demand.severity)
}

/// An entry of a list that policy asks for, or a value or entry that it recommends.
fn entry(baseline: &Baseline, at: &Pointer, value: &Value) -> Option<Verdict> {
    let list = at.parent()?;
    let asked = baseline.entries.iter().find(|demand| demand.what.at == list && demand.what.entry == *value);
    if let Some(demand) = asked {
        return Some(said(Says::Allowed, demand));
    }
    let recommended = baseline.recommendations.iter().find(|demand| match &demand.what {
        Recommendation::Value(known) => known.at == *at && known.value == *value,
        Recommendation::Entry(known) => known.at == list && known.entry == *value,
    });
    recommended.map(|demand| said(Says::Allowed, demand).because("it is recommended"))
}

/// Whether a source is written as a pattern: for hosts and paths, or for all repositories of an owner.
fn is_pattern(source: &Value) -> bool {
    let kind = source.get("source").and_then(Value::as_str).unwrap_or_default();
    let repo = source.get("repo").and_then(Value::as_str).unwrap_or_default();
    kind.ends_with("Pattern") || repo.contains('*')
}

/// Whether a blocked source means this one: an entry blocks every spelling of it, and without a state of the
/// repository every state (the client's documentation, 2.1.223).
fn is_same_source(blocked: &Value, source: &Value) -> bool {
    let place = |value: &Value| -> Option<String> {
        let text = ["repo", "url", "path", "package"].iter().find_map(|key| value.get(key)?.as_str())?;
        let text = text.trim_end_matches('/');
        let text = text.strip_suffix(".git").unwrap_or(text);
        let text = text.strip_prefix("https://github.com/").unwrap_or(text);
        let text = text.strip_prefix("git@github.com:").unwrap_or(text);
        Some(text.to_lowercase())
    };
    let narrows = |key: &str| blocked.get(key).is_none() || blocked.get(key) == source.get(key);
    place(blocked).is_some() && place(blocked) == place(source) && narrows("ref")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::{ServerEntry, Value as ValueDemand};

    fn demand<T>(what: T) -> Demand<T> {
        Demand { what, severity: Severity::Block, blocks_from: None, origins: Vec::new() }
    }

    fn judge(change: impl FnOnce(&mut Baseline)) -> Judge {
        let mut baseline = Baseline::default();
        change(&mut baseline);
        Judge::new(baseline, None)
    }

    #[test]
    fn without_a_policy_nothing_is_allowed() {
        let judge = Judge::default();
        let server = Server::of("docs", &json!({"command": "docs"}));
        assert_eq!(judge.server(&server, false).says, Says::NotSpokenOf);
        assert_eq!(judge.rule(List::Allow, &Rule::parse("Bash"), &[]).says, Says::NotSpokenOf);
        let clash = Judge { clash: Some("x".into()), ..Judge::default() };
        assert_eq!(clash.server(&server, false).says, Says::Unknown);
    }

    #[test]
    fn servers_are_held_against_catalogue_and_block_list() {
        let judge = judge(|baseline| {
            baseline.approved.push(demand(vec![ServerEntry::Url("https://mcp.acme.dev/*".into())]));
            baseline.blocked.push(demand(ServerEntry::Name("files".into())));
        });
        let says = |name: &str, value: Value, has_variables| {
            judge.server(&Server::of(name, &value), has_variables).says
        };
        assert_eq!(says("docs", json!({"url": "https://mcp.acme.dev/docs"}), false), Says::Allowed);
        assert_eq!(says("docs", json!({"url": "https://mcp.acme.dev/docs"}), true), Says::Unknown);
        assert_eq!(says("docs", json!({"url": "https://evil.dev/docs"}), false), Says::NotApproved);
        assert_eq!(says("files", json!({"url": "https://mcp.acme.dev/docs"}), true), Says::Denied);
    }

    #[test]
    fn rules_are_held_against_both_limits() {
        let judge = judge(|baseline| {
            baseline.never.push(demand(Rule::parse("Bash(curl *)")));
            baseline.bounds.push(demand(vec![Rule::parse("Bash(npm *)"), Rule::parse("Bash(curl *)")]));
        });
        let says = |rule: &str| judge.rule(List::Allow, &Rule::parse(rule), &[]).says;
        assert_eq!(says("Bash(curl https://x.dev/*)"), Says::Denied);
        assert_eq!(says("Bash(make *)"), Says::NotApproved);
        assert_eq!(says("Bash(npm test)"), Says::Allowed);
        assert_eq!(judge.rule(List::Deny, &Rule::parse("Bash(x *)"), &[]).says, Says::NotSpokenOf);
    }

    #[test]
    fn values_are_held_against_what_is_enforced_and_schemas() {
        let judge = judge(|baseline| {
            let value = |at: &str, value: Value| demand(ValueDemand { at: at.parse().unwrap(), value });
            baseline.values.push(value("/apiKeyHelper", Value::Null));
            baseline.values.push(value("/enabledPlugins/a@b", json!(false)));
            baseline.values.push(value("/permissions/disableBypassPermissionsMode", json!("disable")));
            baseline.schemas.push(demand(json!({"properties": {"cleanupPeriodDays": {"maximum": 30}}})));
            baseline
                .entries
                .push(demand(Entry { at: "/hooks/Stop".parse().unwrap(), entry: json!({"hooks": []}) }));
        });
        let says =
            |at: &str, value: Value| judge.value(&at.parse().unwrap(), &value, &Broken::default()).says;
        assert_eq!(says("/apiKeyHelper", json!("x")), Says::Denied);
        assert_eq!(says("/enabledPlugins/a@b", json!(true)), Says::NotApproved);
        assert_eq!(says("/enabledPlugins/a@b", json!(false)), Says::Allowed);
        assert_eq!(says("/enabledPlugins/c@b", json!(true)), Says::NotSpokenOf);
        assert_eq!(says("/hooks/Stop/3", json!({"hooks": []})), Says::Allowed);
        assert_eq!(judge.mode_off("bypassPermissions").map(|verdict| verdict.says), Some(Says::NotApproved));
        assert_eq!(judge.mode_off("acceptEdits"), None);
        assert_eq!(judge.kept_days(31).says, Says::NotApproved);
        assert_eq!(judge.kept_days(30).says, Says::NotSpokenOf);
    }

    #[test]
    fn marketplaces_are_held_against_both_lists() {
        let list = |key: &str, entry: Value| demand(Entry { at: Pointer::of([key]), entry });
        let judge = judge(|baseline| {
            baseline
                .entries
                .push(list("strictKnownMarketplaces", json!({"source": "github", "repo": "acme/tools"})));
            baseline
                .entries
                .push(list("blockedMarketplaces", json!({"source": "github", "repo": "evil/tools"})));
        });
        let says = |source: Value| judge.marketplace(&source).map(|verdict| verdict.says);
        assert_eq!(says(json!({"source": "github", "repo": "acme/tools"})), Some(Says::Allowed));
        assert_eq!(
            says(json!({"source": "github", "repo": "acme/tools", "ref": "x"})),
            Some(Says::NotApproved)
        );
        assert_eq!(
            says(json!({"source": "git", "url": "https://github.com/Evil/tools.git"})),
            Some(Says::Denied)
        );
        assert_eq!(Judge::default().marketplace(&json!({})), None);
    }
}
