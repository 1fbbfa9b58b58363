//! Repositories of which a policy asks the same, so that each thing is proved once and not for each of them.
//!
//! Where no inventory says which repositories there are, stand-ins take their place: one that nothing is known of,
//! and one for each selector of the policy, and for each two that can hold together.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::file::{RepositoryEntry, SelectorFile};
use super::{Baseline, Day, Policy};

/// What is to be said where more selectors can hold together than stand-ins speak of.
const NO_INVENTORY: &str = "there is no inventory: selectors are taken alone and two at a time, and where three or more hold \
                            together was not looked at";

/// What is to be said where selectors speak of single projects, which no inventory lists.
const NO_PATHS: &str =
    "layers for single projects of a repository (`path`) are not looked at: an inventory names repositories";

/// A repository, or what stands in for some.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name; of a stand-in, what is taken to be known of it.
    pub name: String,
    /// What is known of it.
    pub facts: Facts,
}

impl From<&RepositoryEntry> for Member {
    fn from(repository: &RepositoryEntry) -> Self {
        let mut facts = Facts::none().with("name", repository.name.as_str());
        facts.extend(&repository.facts);
        Self { name: repository.name.clone(), facts }
    }
}

/// The layers and waivers that hold for a repository, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    layers: Vec<usize>,
    waivers: Vec<usize>,
}

/// Repositories for which the same layers and waivers hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The layers of the manifest that hold, by their number there.
    pub layers: Vec<usize>,
    /// The repositories, in the order of the inventory.
    pub members: Vec<Member>,
}

impl Group {
    /// What is known of one of them. Texts in files apart, the policy asks the same of the others.
    pub fn facts(&self) -> Facts {
        self.members.first().map_or_else(Facts::none, |member| member.facts.clone())
    }

    /// What the policy asks of them.
    pub fn baseline(&self, policy: &Policy, today: Day) -> Baseline {
        policy.resolve(&self.facts(), today).0
    }
}

impl Policy {
    /// The repositories of the inventory; without one, stand-ins.
    pub fn members(&self) -> Vec<Member> {
        if self.repositories.is_empty() {
            return self.stand_ins();
        }
        self.repositories.iter().map(Member::from).collect()
    }

    /// These repositories by what holds for them.
    pub fn groups(&self, members: impl IntoIterator<Item = Member>) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut known: BTreeMap<Holding, usize> = BTreeMap::new();
        for member in members {
            let holding = self.holding_for(&member.facts);
            let number = *known.entry(holding.clone()).or_insert(groups.len());
            match groups.get_mut(number) {
                Some(group) => group.members.push(member),
                None => groups.push(Group { layers: holding.layers, members: vec![member] }),
            }
        }
        groups
    }

    /// What holds for a repository with these facts. Texts in files apart, the policy asks the same of two
    /// repositories for which the same holds.
    pub fn holding_for(&self, facts: &Facts) -> Holding {
        let layers = self.layers.iter().enumerate().filter(|(_, placed)| placed.when.matches(facts));
        let waivers = self.waivers.iter().enumerate().filter(|(_, waiver)| waiver.concerns(facts));
        Holding {
            layers: layers.map(|(number, _)| number).collect(),
            waivers: waivers.map(|(number, _)| number).collect(),
        }
    }

    /// What [`Policy::members`] do not speak of, each in one sentence.
    pub fn unseen(&self) -> Vec<&'static str> {
        let mut unseen = Vec::new();
        if self.repositories.is_empty() && self.selectors().len() > 2 {
            unseen.push(NO_INVENTORY);
        }
        let of_path = self.layers.iter().any(|placed| placed.when.0.contains_key("path"));
        if !self.repositories.is_empty() && of_path {
            unseen.push(NO_PATHS);
        }
        unseen
    }

    /// What layers and waivers are meant for, each once.
    fn selectors(&self) -> Vec<SelectorFile> {
        let mut named: Vec<SelectorFile> = Vec::new();
        let waivers = self.waivers.iter().flat_map(|waiver| &waiver.content.repositories);
        let waivers = waivers.map(|name| SelectorFile::of_name(name));
        for selector in self.layers.iter().map(|placed| placed.when.clone()).chain(waivers) {
            if !selector.is_empty() && !named.contains(&selector) {
                named.push(selector);
            }
        }
        named
    }

    /// A repository that nothing is known of, and one for whatever selectors and waivers name.
    pub fn stand_ins(&self) -> Vec<Member> {
        let named = self.selectors();
        let mut found = vec![Member { name: "any other repository".to_owned(), facts: Facts::none() }];
        for (number, selector) in named.iter().enumerate() {
            found.push(Member { name: selector.in_words(), facts: selector.example() });
            for other in named.iter().skip(number + 1) {
                let mut facts = selector.example();
                for (fact, values) in other.example().iter() {
                    let mut all = facts.values(fact).to_vec();
                    all.extend(values.iter().cloned());
                    all.dedup();
                    facts.set(fact, all);
                }
                if !facts.is_ambiguous() {
                    let name = format!("{}, {}", selector.in_words(), other.in_words());
                    found.push(Member { name, facts });
                }
            }
        }
        found
    }
}
