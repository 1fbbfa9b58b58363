//! The search for the least text of a language.

use std::collections::HashMap;
use std::ops::Range;

use super::alphabet::{Alphabet, Letter, Letters};
use super::language::Case;
use super::pattern::Pattern;
use super::subset::{SubsetId, Subsets};
use super::term::{Builder, Term};

/// What it costs to make a state, beside comparing or moving a term.
const STATE: usize = 4;

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent;

/// What is left of the budget.
#[derive(Debug)]
pub(super) struct Meter {
    left: usize,
}

impl Meter {
    pub(super) fn new(steps: usize) -> Self {
        Self { left: steps }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Spent> {
        let left = self.left.checked_sub(steps);
        self.left = left.unwrap_or_default();
        left.map(|_| ()).ok_or(Spent)
    }

    /// What is left of it.
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// The least text of any of the cases: the shortest, and among these the first in the order of letters.
pub(super) fn least(cases: &[Case<'_>], meter: &mut Meter) -> Result<Option<String>, Spent> {
    let mut builder = Builder::new();
    let mut starts = Vec::with_capacity(cases.len());
    for case in cases {
        starts.push(Start::new(case, &mut builder, meter)?);
    }
    let (terms, classes) = builder.finish(meter)?;
    meter.spend(classes.cost())?;
    let alphabet = Alphabet::new(&classes);
    let mut search =
        Search { subsets: Subsets::new(&terms, &alphabet), nodes: Vec::new(), seen: HashMap::new() };
    let mut found = Vec::new();
    for start in starts {
        for state in start.states(&mut search.subsets, meter)? {
            found.push(Found { order: 0, letter: 0, from: None, state });
        }
    }
    while !found.is_empty() {
        let level = match search.keep(found, meter)? {
            Kept::Accepted(text) => return Ok(Some(text)),
            Kept::Level(level) => level,
        };
        found = Vec::new();
        for node in level {
            search.follow(node, &mut found, meter)?;
        }
        found.sort_by_key(|found| (found.order, found.letter));
    }
    Ok(None)
}

/// The terms with which a case begins.
struct Start {
    walkers: Vec<Term>,
    within: Vec<Vec<Term>>,
    outside: Vec<Term>,
}

impl Start {
    fn new<'a>(case: &Case<'a>, builder: &mut Builder<'a>, meter: &mut Meter) -> Result<Self, Spent> {
        let mut read = |patterns: &mut dyn Iterator<Item = &'a Pattern>, meter: &mut Meter| {
            let mut terms = Vec::new();
            for pattern in patterns {
                terms.extend(builder.start(pattern, meter)?);
            }
            Ok(terms)
        };
        let outside = read(&mut case.outside.iter().copied().flatten(), meter)?;
        let mut within = Vec::with_capacity(case.within.len());
        for patterns in &case.within {
            within.push(read(&mut patterns.iter(), meter)?);
        }
        let largest = (0..within.len()).max_by_key(|at| within.get(*at).map_or(0, Vec::len));
        let mut walkers = largest.map_or_else(|| vec![Term::ANYTHING], |at| within.swap_remove(at));
        walkers.sort_unstable();
        walkers.dedup();
        Ok(Self { walkers, within, outside })
    }

    fn states(self, subsets: &mut Subsets<'_>, meter: &mut Meter) -> Result<Vec<State>, Spent> {
        let outside = subsets.of(self.outside, meter)?;
        let mut within = Vec::with_capacity(self.within.len());
        for terms in self.within {
            within.push(subsets.of(terms, meter)?);
        }
        let within: Box<[SubsetId]> = within.into();
        let walkers = self.walkers.into_iter();
        Ok(walkers.map(|walker| State { walker, within: within.clone(), outside }).collect())
    }
}

/// How far along a text is in one case.
#[derive(Debug, Clone)]
struct State {
    /// One way through the largest list of patterns that the text must fit.
    walker: Term,
    /// All ways through the other lists that it must fit.
    within: Box<[SubsetId]>,
    /// All ways through the patterns that it must not fit.
    outside: SubsetId,
}

/// A state that has not been looked at, and how it was reached.
struct Found {
    /// That of the node before.
    order: usize,
    letter: Letter,
    from: Option<usize>,
    state: State,
}

/// A state with the text that leads there.
struct Node {
    state: State,
    /// Texts of one length are in this order.
    order: usize,
    last: Option<(usize, Letter)>,
}

enum Kept {
    Accepted(String),
    /// The nodes of the next level.
    Level(Range<usize>),
}

struct Search<'a> {
    subsets: Subsets<'a>,
    nodes: Vec<Node>,
    /// What was met at each place: the patterns that the text must not fit.
    seen: HashMap<(Term, Box<[SubsetId]>), Vec<SubsetId>>,
}

impl Search<'_> {
    /// Makes nodes of states, unless an earlier one has all the texts of theirs.
    ///
    /// INVARIANT: states come in the order of their texts, so that the first accepted one is the least, and
    /// an earlier state with all the texts of a later one has the lesser text for each.
    fn keep(&mut self, found: Vec<Found>, meter: &mut Meter) -> Result<Kept, Spent> {
        let start = self.nodes.len();
        let (mut order, mut before) = (0, None);
        for Found { order: above, letter, from, state } in found {
            if before.replace((above, letter)).is_some_and(|before| before != (above, letter)) {
                order += 1;
            }
            if self.is_new(&state, meter)? {
                let accepts = self.accepts(&state);
                self.nodes.push(Node { state, order, last: from.map(|from| (from, letter)) });
                if accepts {
                    return Ok(Kept::Accepted(self.text(self.nodes.len() - 1)));
                }
            }
        }
        Ok(Kept::Level(start..self.nodes.len()))
    }

    /// Whether the state may have a text, and no earlier one surely has the same.
    fn is_new(&mut self, state: &State, meter: &mut Meter) -> Result<bool, Spent> {
        meter.spend(self.subsets.terms.cost(state.walker))?;
        let dead = self.subsets.covers_term(state.outside, state.walker)
            || state.within.iter().any(|set| self.subsets.is_empty(*set));
        if dead {
            return Ok(false);
        }
        let seen = self.seen.entry((state.walker, state.within.clone())).or_default();
        for outside in &*seen {
            meter.spend(1)?;
            if self.subsets.covers(state.outside, *outside, meter)? {
                return Ok(false);
            }
        }
        seen.push(state.outside);
        Ok(true)
    }

    fn accepts(&self, state: &State) -> bool {
        self.subsets.terms.accepts(state.walker)
            && state.within.iter().all(|set| self.subsets.accepts(*set))
            && !self.subsets.accepts(state.outside)
    }

    /// Adds the states behind a node.
    fn follow(&mut self, node: usize, found: &mut Vec<Found>, meter: &mut Meter) -> Result<(), Spent> {
        let Some(Node { state, order, .. }) = self.nodes.get(node) else { return Ok(()) };
        let (terms, alphabet) = (self.subsets.terms, self.subsets.alphabet);
        let mut told_apart = Letters::none(alphabet.len());
        for set in state.within.iter().chain([&state.outside]) {
            told_apart.add(self.subsets.told_apart(*set, meter)?);
        }
        for (class, walker) in terms.steps(state.walker) {
            let letters = alphabet.letters(*class);
            // All letters that nothing tells apart lead to one state; the least of them will do.
            let others = letters.without(&told_apart);
            for letter in letters.common(&told_apart).iter().chain(others.iter().take(1)) {
                meter.spend(STATE)?;
                let mut within = Vec::with_capacity(state.within.len());
                for set in &state.within {
                    within.push(self.subsets.step(*set, letter, meter)?);
                }
                let outside = self.subsets.step(state.outside, letter, meter)?;
                let state = State { walker: *walker, within: within.into(), outside };
                found.push(Found { order: *order, letter, from: Some(node), state });
            }
        }
        Ok(())
    }

    /// The text that leads to a node.
    fn text(&self, node: usize) -> String {
        let before = |node: &usize| self.nodes.get(*node)?.last.map(|(from, _)| from);
        let way = std::iter::successors(Some(node), before);
        let letters = way.filter_map(|node| self.nodes.get(node)?.last.map(|(_, letter)| letter));
        let mut text: Vec<char> = letters.map(|letter| self.subsets.alphabet.shown(letter)).collect();
        text.reverse();
        text.into_iter().collect()
    }
}
