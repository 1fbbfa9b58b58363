//! Invariants: what holds for every call of a kind in every repository of the inventory.
//!
//! To say of rules that no call of theirs is allowed is to say that a deny rule of the same text would take nothing
//! away from what is allowed. So each baseline is compared with itself and these rules on top: where nothing comes
//! to be let through without them, the invariant is proved for every call.
//!
//! Each baseline is proved once, for however many repositories it holds. What `proof::LIMITS` leaves out is left
//! out here as well.

use serde_json::{Value, json};

use super::file::{Day, Holds, InvariantEntry};
use super::witness::{origins, passive, reason};
use super::{Baseline, Member, Policy};
use crate::access::{Access, Setup};
use crate::automaton::Budget;
use crate::client::Version;
use crate::finding::{self, Origin};
use crate::json::Document;
use crate::proof::{self, Flow, Outcome, Pair};
use crate::settings::{Scope, Settings};

/// An invariant and the line that it stands in.
#[derive(Debug, Clone)]
pub struct Invariant {
    /// What it says.
    pub entry: InvariantEntry,
    /// Where it stands.
    pub place: finding::Place,
}

/// What is known of an invariant.
#[derive(Debug, Clone)]
pub struct Proven {
    /// How many repositories it was asked about.
    pub repositories: usize,
    /// Where it does not hold, or is not known to; each with repositories that the policy asks the same of.
    pub breaches: Vec<Breach>,
}

/// Repositories for which an invariant does not hold, or is not known to.
#[derive(Debug, Clone)]
pub struct Breach {
    /// The repositories.
    pub repositories: Vec<String>,
    /// Whether a call shows it; otherwise it is not decided.
    pub is_shown: bool,
    /// Which call shows it and what becomes of it, or why it is not decided.
    pub what: String,
    /// The rule that decides and the lines of policy that ask for it; a rule of the invariant itself has none.
    pub rule: Option<(String, Vec<Origin>)>,
}

impl Invariant {
    /// What it claims, in few words.
    pub fn claim(&self) -> String {
        let are = match self.entry.are {
            Holds::NeverAllowed => "never allowed",
            Holds::AlwaysDenied => "always denied",
        };
        format!("{} {are}", self.entry.calls.join(", "))
    }
}

impl Policy {
    /// Proves an invariant for each repository that it is meant for, as on this day and for this client.
    pub fn prove(&self, invariant: &Invariant, today: Day, client: Version) -> Proven {
        let entry = &invariant.entry;
        let meant = |member: &Member| entry.when.matches(&member.facts);
        let mut members: Vec<Member> = self.members().into_iter().filter(meant).collect();
        if members.is_empty() && self.repositories.is_empty() {
            members.push(Member { name: entry.when.in_words(), facts: entry.when.example() });
        }
        let repositories = members.len();
        let mut asked: Vec<(Value, Baseline, Vec<String>)> = Vec::new();
        for group in self.groups(members) {
            let baseline = group.baseline(self, today);
            let settings = baseline.settings();
            let names = group.members.into_iter().map(|member| member.name);
            match asked.iter_mut().find(|(known, _, _)| *known == settings) {
                Some((_, _, all)) => all.extend(names),
                None => asked.push((settings, baseline, names.collect())),
            }
        }
        let mut breaches: Vec<Breach> = Vec::new();
        for (settings, baseline, names) in asked {
            let Some(breach) = breach(entry, &settings, &baseline, client) else { continue };
            match breaches.iter_mut().find(|known| known.tells_the_same_as(&breach)) {
                Some(known) => known.repositories.extend(names),
                None => breaches.push(Breach { repositories: names, ..breach }),
            }
        }
        Proven { repositories, breaches }
    }
}

impl Breach {
    fn tells_the_same_as(&self, other: &Self) -> bool {
        self.is_shown == other.is_shown && self.what == other.what && self.rule == other.rule
    }
}

/// A claim on calls, as an invariant makes it.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The calls, as permission rules.
    pub calls: &'a [String],
    /// Allow rules that stand beside the settings.
    pub allow: &'a [String],
    /// What becomes of each call.
    pub are: Holds,
}

/// What keeps an invariant from holding for one baseline.
fn breach(entry: &InvariantEntry, settings: &Value, baseline: &Baseline, client: Version) -> Option<Breach> {
    let claim = Claim { calls: &entry.calls, allow: &entry.allow, are: entry.are };
    let files = [Settings::read(Document::parse(settings.to_string()), Scope::Project)];
    breach_of(claim, &files, baseline, client)
}

/// What keeps a claim from holding in a project with these settings files; none where it is proved for every call.
pub fn breach_of(
    claim: Claim<'_>,
    files: &[Settings],
    baseline: &Baseline,
    client: Version,
) -> Option<Breach> {
    let setup = |deny: &[String]| {
        let own = json!({"permissions": {"allow": claim.allow, "deny": deny}});
        let own = Settings::read(Document::parse(own.to_string()), Scope::Local);
        Setup { version: client, ..Setup::made_up(files.iter().cloned().chain([own])) }
    };
    let pair = Pair::new(&setup(claim.calls), &setup(&[]));
    let pair = match claim.are {
        Holds::NeverAllowed => pair.refusing_prompts(),
        Holds::AlwaysDenied => pair,
    };
    let Outcome { flows, open } = proof::gains(pair.sides(), &mut Budget::default());
    let shortest = flows.iter().min_by_key(|flow| flow.witness.shown().chars().count());
    let unknown = || {
        let what = open.first().map(reason)?;
        Some(Breach { repositories: Vec::new(), is_shown: false, what, rule: None })
    };
    match shortest {
        Some(flow) => Some(shown(flow, baseline, pair.sides().new)),
        None => unknown(),
    }
}

fn shown(flow: &Flow, baseline: &Baseline, access: &Access) -> Breach {
    let rule = flow.new.cause.rule().and_then(|rule| {
        let text = access.rules().get(rule)?.rule.text().to_owned();
        Some((text, origins(baseline, access, rule).to_vec()))
    });
    let what = format!("`{}` is {}", flow.witness.shown(), passive(flow.new.verdict));
    Breach { repositories: Vec::new(), is_shown: true, what, rule }
}
