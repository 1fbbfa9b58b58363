//! What an organisation asks of its repositories: layers with their selectors, waivers, inventory,
//! cases; and what all of that comes to for one repository on one day.
//!
//! [`load`] reads the files of a policy and reports everything that is wrong with them, not only the
//! first thing. [`Policy::resolve`] is pure: facts and a day go in, a [`Baseline`] comes out.

mod attestation;
mod baseline;
pub mod builtin;
mod case;
mod demands;
mod facts;
mod file;
mod framework;
mod groups;
mod guard;
mod invariant;
mod layer;
mod limits;
mod load;
mod merge;
mod schema;
mod server;
mod tighten;
mod waiver;
mod waiver_effect;
mod witness;

pub use attestation::{Attestation, AttestationFile, AttestationStanding};
pub use baseline::{
    Baseline, Bound, Demand, Entry, GuardDemand, OwnedText, Recommendation, RuleDemand, ServerDemand, Value,
};
pub use case::{Case, Tried};
pub use demands::{DemandChange, changed_demands};
pub use facts::{Facts, matches};
pub use file::{
    CallFile, CaseEntry, CasesFile, Day, FileMode, GuardWord, Holds, InvariantEntry, InventoryFile,
    LayerEntry, LayerFile, LimitFile, ManifestFile, McpFile, OneOrMany, OpensFile, Outcome, OwnedFile,
    RepositoryEntry, SelectorFile, ServerEntry, WaiverFile, WayAround, Weight,
};
pub use framework::{
    AttestationNeed, CallsNeed, ControlEntry, Framework, FrameworkFile, Need, RequirementEntry, SettingNeed,
};
pub use groups::{Group, Holding, Member};
pub use invariant::{Breach as InvariantBreach, Claim, Invariant, Proven, breach_of};
pub use layer::{Layer, PlacedLayer, PolicyDocument};
pub use limits::{Breach, Limits};
pub use load::{PolicyFiles, load, load_for, read_inventory};
pub use schema::{Violation, violations};
pub use server::Server;
pub use waiver::{HeldWaiver, Standing, Waiver};
pub use waiver_effect::{Excess, Opening};

use std::collections::{BTreeMap, BTreeSet};

/// Name of the manifest within a policy.
pub const MANIFEST: &str = "bylaws.json";

/// Most templates' holes that are filled in one text, so that a fact cannot make it grow without end.
const HOLE_LIMIT: usize = 1000;

/// A policy that was read without an error.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How it was named: `builtin:baseline`, a folder, a URL.
    pub source: String,
    /// The manifest.
    pub manifest: PolicyDocument,
    /// The organisation that it speaks for.
    pub organization: String,
    /// The layers in order, each with its selector.
    pub layers: Vec<PlacedLayer>,
    /// All waivers, whatever day it is.
    pub waivers: Vec<Waiver>,
    /// The repositories of the inventory.
    pub repositories: Vec<RepositoryEntry>,
    /// The cases, each with the file that it stands in.
    pub cases: Vec<Case>,
    /// What holds for every call of a kind.
    pub invariants: Vec<Invariant>,
    /// Templates by file name.
    pub templates: BTreeMap<String, String>,
    /// Severities of single checks.
    pub checks: BTreeMap<String, Weight>,
    /// Its own frameworks.
    pub frameworks: Vec<Framework>,
    /// What it attests, whatever day it is.
    pub attestations: Vec<Attestation>,
}

/// The facts that matter to a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedFacts {
    /// Every fact.
    All,
    /// These and no others.
    Some(BTreeSet<String>),
}

impl AskedFacts {
    /// Whether what is known of a repository matters, beside the folder of the project.
    pub fn need_repository(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.iter().any(|name| name != "path"),
        }
    }

    /// The part of `facts` that matters.
    pub fn of(&self, facts: &Facts) -> Facts {
        let Self::Some(names) = self else { return facts.clone() };
        let mut asked = Facts::none();
        for (name, values) in facts.iter().filter(|(name, _)| names.contains(*name)) {
            asked.set(name, values.iter().cloned());
        }
        asked
    }
}

impl Policy {
    /// The template of this name, with or without its ending, among those of the policy or those that
    /// come with the program.
    pub fn template(&self, name: &str) -> Option<&str> {
        let named = |file: &str| file == name || file.rsplit_once('.').is_some_and(|(stem, _)| stem == name);
        let own = self.templates.iter().find(|(file, _)| named(file)).map(|(_, text)| text.as_str());
        own.or_else(|| builtin::TEMPLATES.iter().find(|(file, _)| named(file)).map(|(_, text)| *text))
    }

    /// Fills `{{organization}}` and `{{FACT}}`; a hole for an unknown fact stays as it is.
    pub fn fill(&self, text: &str, facts: &Facts) -> String {
        let mut out = String::new();
        let mut rest = text;
        for _ in 0..HOLE_LIMIT {
            let Some((before, behind)) = rest.split_once("{{") else { break };
            let Some((name, after)) = behind.split_once("}}") else { break };
            out.push_str(before);
            match name.trim() {
                "organization" => out.push_str(&self.organization),
                // Filled in when everything else is known.
                guard::HOLE_NAME => out.push_str(guard::HOLE),
                fact if !facts.values(fact).is_empty() => out.push_str(&facts.values(fact).join(", ")),
                _ => {
                    out.push_str("{{");
                    out.push_str(name);
                    out.push_str("}}");
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The names of the facts that change what the policy asks: those of selectors, the name where there
    /// are waivers, and all of them where a text is filled in.
    pub fn asked_facts(&self) -> AskedFacts {
        let fills = |layer: &Layer| {
            layer.content.files.iter().any(|file| {
                let text =
                    file.template.as_deref().and_then(|name| self.template(name)).or(file.text.as_deref());
                text.is_some_and(|text| text.replace(guard::HOLE, "").contains("{{"))
            })
        };
        if self.layers.iter().flat_map(|placed| &placed.layers).any(|layer| fills(layer)) {
            return AskedFacts::All;
        }
        let selectors = self.layers.iter().flat_map(|placed| placed.when.0.keys().cloned());
        let waivers = (!self.waivers.is_empty()).then(|| "name".to_owned());
        AskedFacts::Some(selectors.chain(waivers).collect())
    }

    /// What a day makes of the policy: the same for two days on which it asks the same of every repository, and says
    /// the same of its waivers but for the days that they have left.
    pub fn day_class(&self, day: Day) -> String {
        let waivers = self.waivers.iter().map(|waiver| {
            let standing = match waiver.standing(day) {
                Standing::Expired(_) => 'x',
                Standing::Expiring(_) => 'e',
                Standing::Holds => 'h',
            };
            format!("{standing}{}", waiver.over_broad(day).len())
        });
        let layers = self.layers.iter().flat_map(|placed| &placed.layers);
        let layers = layers.map(|layer| merge::weigh(layer, day).0.name().to_owned());
        waivers.chain(layers).collect::<Vec<_>>().join(" ")
    }

    /// The facts that the inventory holds about a repository, its name among them.
    pub fn facts_of(&self, name: &str) -> Facts {
        let mut facts = Facts::none().with("name", name);
        if let Some(repository) = self.repositories.iter().find(|repository| repository.name == name) {
            facts.extend(&repository.facts);
        }
        facts
    }

    /// These facts, and what the inventory knows of the repository that they name.
    pub fn known_facts(&self, given: &Facts) -> Facts {
        let mut facts = given.value("name").map(|name| self.facts_of(name)).unwrap_or_default();
        for (name, values) in given.iter() {
            facts.set(name, values.iter().cloned());
        }
        facts
    }
}
