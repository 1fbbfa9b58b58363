//! Sets of terms: the states of a deterministic automaton, made as they are met.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::alphabet::{Alphabet, ClassId, Letter, Letters};
use super::search::{Meter, Spent};
use super::term::{Term, Terms};

/// A set of terms by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SubsetId(u32);

#[derive(Debug)]
struct Subset {
    /// INVARIANT: in order, none covered by another.
    terms: Box<[Term]>,
    accepts: bool,
    ahead: Option<Ahead>,
}

/// What may follow a set.
#[derive(Debug)]
struct Ahead {
    /// INVARIANT: in order.
    steps: Vec<(ClassId, Term)>,
    /// The letters that may lead elsewhere than all the others do.
    told_apart: Letters,
    rest: Option<SubsetId>,
    by_letter: HashMap<Letter, SubsetId>,
}

/// All sets met so far.
#[derive(Debug)]
pub(super) struct Subsets<'a> {
    pub(super) terms: &'a Terms,
    pub(super) alphabet: &'a Alphabet,
    sets: Vec<Subset>,
    ids: HashMap<Box<[Term]>, SubsetId>,
    covered: HashMap<(SubsetId, SubsetId), bool>,
}

impl<'a> Subsets<'a> {
    pub(super) fn new(terms: &'a Terms, alphabet: &'a Alphabet) -> Self {
        Self { terms, alphabet, sets: Vec::new(), ids: HashMap::new(), covered: HashMap::new() }
    }

    /// The set of some terms.
    pub(super) fn of(&mut self, mut terms: Vec<Term>, meter: &mut Meter) -> Result<SubsetId, Spent> {
        meter.spend(1 + self.cost(&terms))?;
        terms.sort_unstable();
        terms.dedup();
        if terms.binary_search(&Term::ANYTHING).is_ok() {
            terms = vec![Term::ANYTHING];
        }
        let within = |term: Term| self.terms.wider(term).any(|wider| terms.binary_search(&wider).is_ok());
        let kept: Box<[Term]> = terms.iter().copied().filter(|term| !within(*term)).collect();
        Ok(match self.ids.entry(kept) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let id = SubsetId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
                let terms = free.key().clone();
                let accepts = terms.iter().any(|term| self.terms.accepts(*term));
                self.sets.push(Subset { terms, accepts, ahead: None });
                *free.insert(id)
            }
        })
    }

    fn set(&self, id: SubsetId) -> Option<&Subset> {
        self.sets.get(id.0 as usize)
    }

    fn terms_of(&self, id: SubsetId) -> &[Term] {
        self.set(id).map_or(&[], |set| &set.terms)
    }

    fn cost(&self, terms: &[Term]) -> usize {
        terms.iter().map(|term| self.terms.cost(*term)).sum()
    }

    /// Whether the text may end here.
    pub(super) fn accepts(&self, id: SubsetId) -> bool {
        self.set(id).is_some_and(|set| set.accepts)
    }

    /// Whether nothing that follows is accepted.
    pub(super) fn is_empty(&self, id: SubsetId) -> bool {
        self.terms_of(id).is_empty()
    }

    /// Whether the set surely has all texts of the term.
    pub(super) fn covers_term(&self, id: SubsetId, term: Term) -> bool {
        let terms = self.terms_of(id);
        terms == [Term::ANYTHING]
            || std::iter::once(term)
                .chain(self.terms.wider(term))
                .any(|wider| terms.binary_search(&wider).is_ok())
    }

    /// Whether `wide` surely has all texts of `narrow`.
    pub(super) fn covers(
        &mut self,
        wide: SubsetId,
        narrow: SubsetId,
        meter: &mut Meter,
    ) -> Result<bool, Spent> {
        if wide == narrow {
            return Ok(true);
        }
        if let Some(known) = self.covered.get(&(wide, narrow)) {
            return Ok(*known);
        }
        meter.spend(1 + self.cost(self.terms_of(narrow)))?;
        let covers = self.terms_of(narrow).iter().all(|term| self.covers_term(wide, *term));
        self.covered.insert((wide, narrow), covers);
        Ok(covers)
    }

    /// The letters that may lead elsewhere than all the others do.
    pub(super) fn told_apart(&mut self, id: SubsetId, meter: &mut Meter) -> Result<&Letters, Spent> {
        Ok(&self.ahead(id, meter)?.told_apart)
    }

    /// Where a letter leads.
    pub(super) fn step(
        &mut self,
        id: SubsetId,
        letter: Letter,
        meter: &mut Meter,
    ) -> Result<SubsetId, Spent> {
        let alphabet = self.alphabet;
        let ahead = self.ahead(id, meter)?;
        let special = ahead.told_apart.contains(letter);
        let known = if special { ahead.by_letter.get(&letter).copied() } else { ahead.rest };
        if let Some(known) = known {
            return Ok(known);
        }
        meter.spend(ahead.steps.len() / 8)?;
        let same_class = ahead.steps.chunk_by(|a, b| a.0 == b.0);
        let holds = |class: ClassId| alphabet.letters(class).contains(letter);
        let taken = same_class.filter(|steps| steps.first().is_some_and(|(class, _)| holds(*class)));
        let targets: Vec<Term> = taken.flatten().map(|(_, target)| *target).collect();
        let target = self.of(targets, meter)?;
        let ahead = self.ahead(id, meter)?;
        if special {
            ahead.by_letter.insert(letter, target);
        } else {
            ahead.rest = Some(target);
        }
        Ok(target)
    }

    fn ahead(&mut self, id: SubsetId, meter: &mut Meter) -> Result<&mut Ahead, Spent> {
        // A number that no set has leaves the question undecided.
        let set = self.sets.get_mut(id.0 as usize).ok_or(Spent)?;
        match &mut set.ahead {
            Some(ahead) => Ok(ahead),
            none => {
                let mut steps: Vec<(ClassId, Term)> = Vec::with_capacity(set.terms.len());
                steps.extend(set.terms.iter().flat_map(|term| self.terms.steps(*term)));
                meter.spend(steps.len() + self.alphabet.len())?;
                steps.sort_unstable();
                steps.dedup();
                Ok(none.insert(Ahead::new(steps, self.alphabet)))
            }
        }
    }
}

impl Ahead {
    fn new(steps: Vec<(ClassId, Term)>, alphabet: &Alphabet) -> Self {
        let all = alphabet.letters(ClassId::ANY);
        let mut told_apart = Letters::none(alphabet.len());
        for (class, _) in steps.chunk_by(|a, b| a.0 == b.0).filter_map(<[_]>::first) {
            let letters = alphabet.letters(*class);
            if letters.len() * 2 <= alphabet.len() {
                told_apart.add(letters);
            } else {
                told_apart.add(&all.without(letters));
            }
        }
        Self { steps, told_apart, rest: None, by_letter: HashMap::new() }
    }
}
