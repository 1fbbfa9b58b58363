//! Terms: what is left of a pattern behind a place in it.
//!
//! A pattern is a chain of cells, from its last part to its first; a term is one cell with all behind it.
//! Equal ends of different patterns are one term, so that "both have `*.json` ahead" is seen by comparing
//! numbers.

use std::collections::HashMap;
use std::ops::Range;

use super::alphabet::{ClassId, Classes};
use super::pattern::{Form, Pattern};
use super::search::{Meter, Spent};

/// What it costs to make a cell, beside comparing or moving a term.
const CELL: usize = 4;

/// A term by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Term(u32);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Cell {
    /// Nothing more.
    End,
    One(ClassId, Term),
    Many(ClassId, Term),
    Either(Box<[Term]>),
    /// The body, which comes back here, or what is behind.
    Repeat {
        body: Term,
        next: Term,
    },
}

/// Terms while patterns are read.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    cells: Vec<Cell>,
    inner: Vec<Inner>,
    ids: HashMap<Cell, Term>,
    repeats: HashMap<(&'a Pattern, Term), Term>,
    pub(super) classes: Classes,
}

/// All terms, and how one leads to others.
#[derive(Debug)]
pub(super) struct Terms {
    steps: Vec<(ClassId, Term)>,
    spans: Vec<Range<usize>>,
    accepting: Vec<bool>,
    inner: Vec<Inner>,
}

/// The next term within another that begins with a `*` for any character, and how many there are.
#[derive(Debug, Clone, Copy, Default)]
struct Inner {
    first: Option<Term>,
    count: usize,
}

impl Term {
    /// The end of every pattern.
    const END: Self = Self(0);
    /// Anything may follow.
    pub(super) const ANYTHING: Self = Self(1);

    fn index(self) -> usize {
        self.0 as usize
    }
}

impl<'a> Builder<'a> {
    pub(super) fn new() -> Self {
        let mut builder = Self {
            cells: Vec::new(),
            inner: Vec::new(),
            ids: HashMap::new(),
            repeats: HashMap::new(),
            classes: Classes::new(),
        };
        // INVARIANT: in the order of their numbers.
        let end = builder.cell(Cell::End, None);
        builder.cell(Cell::Many(ClassId::ANY, end), Some(end));
        builder
    }

    /// The terms with which a pattern begins.
    pub(super) fn start(&mut self, pattern: &'a Pattern, meter: &mut Meter) -> Result<Vec<Term>, Spent> {
        let term = self.read(pattern, Term::END, meter)?;
        let mut starts = Vec::new();
        flatten(&self.cells, term, &mut starts);
        Ok(starts)
    }

    fn read(&mut self, pattern: &'a Pattern, next: Term, meter: &mut Meter) -> Result<Term, Spent> {
        Ok(match &pattern.0 {
            Form::Text(text) => {
                meter.spend(CELL * text.len())?;
                text.chars().rev().fold(next, |next, c| {
                    let class = self.classes.single(c);
                    self.cell(Cell::One(class, next), Some(next))
                })
            }
            Form::One(class) => {
                meter.spend(CELL)?;
                let class = self.classes.class(class);
                self.cell(Cell::One(class, next), Some(next))
            }
            Form::Many(class) => {
                meter.spend(CELL)?;
                let class = self.classes.class(class);
                match self.cells.get(next.index()) {
                    Some(Cell::Many(same, _)) if *same == class => next,
                    _ => self.cell(Cell::Many(class, next), Some(next)),
                }
            }
            Form::Chain(parts) => {
                parts.iter().rev().try_fold(next, |next, part| self.read(part, next, meter))?
            }
            Form::Either(forms) => {
                let mut terms = Vec::with_capacity(forms.len());
                for form in forms.iter() {
                    let term = self.read(form, next, meter)?;
                    flatten(&self.cells, term, &mut terms);
                }
                meter.spend(CELL + terms.len())?;
                terms.sort_unstable();
                terms.dedup();
                match *terms {
                    [only] => only,
                    _ => self.cell(Cell::Either(terms.into()), Some(next)),
                }
            }
            Form::Repeat(body) => {
                meter.spend(CELL)?;
                if let Some(known) = self.repeats.get(&(&**body, next)) {
                    return Ok(*known);
                }
                let repeat = self.added(Cell::End, Some(next));
                let body_term = self.read(body, repeat, meter)?;
                if let Some(cell) = self.cells.get_mut(repeat.index()) {
                    *cell = Cell::Repeat { body: body_term, next };
                }
                self.repeats.insert((&**body, next), repeat);
                repeat
            }
        })
    }

    /// A cell; `next` is what stands behind it on every way.
    fn cell(&mut self, cell: Cell, next: Option<Term>) -> Term {
        if let Some(known) = self.ids.get(&cell) {
            return *known;
        }
        let term = self.added(cell.clone(), next);
        self.ids.insert(cell, term);
        term
    }

    fn added(&mut self, cell: Cell, next: Option<Term>) -> Term {
        let term = Term(u32::try_from(self.cells.len()).unwrap_or(u32::MAX));
        let behind = next.and_then(|next| self.inner.get(next.index()).copied()).unwrap_or_default();
        let inner = match next.map(|next| (next, self.cells.get(next.index()))) {
            Some((next, Some(Cell::Many(ClassId::ANY, _)))) => {
                Inner { first: Some(next), count: behind.count + 1 }
            }
            _ => behind,
        };
        self.cells.push(cell);
        self.inner.push(inner);
        term
    }

    /// Finds out how each term leads to others.
    pub(super) fn finish(self, meter: &mut Meter) -> Result<(Terms, Classes), Spent> {
        let mut steps = Vec::with_capacity(self.cells.len());
        let mut spans = Vec::with_capacity(self.cells.len());
        let mut accepting = Vec::with_capacity(self.cells.len());
        let mut open = Vec::new();
        let mut seen = Vec::new();
        let mut targets = Vec::new();
        for start in 0..self.cells.len() {
            let (before, mut accepts) = (steps.len(), false);
            open.push(Term(u32::try_from(start).unwrap_or(u32::MAX)));
            seen.clear();
            while let Some(term) = open.pop() {
                meter.spend(1 + seen.len() / 8)?;
                if seen.contains(&term) {
                    continue;
                }
                seen.push(term);
                match self.cells.get(term.index()) {
                    Some(Cell::End) => accepts = true,
                    Some(Cell::One(class, next)) => {
                        flatten(&self.cells, *next, &mut targets);
                        meter.spend(targets.len())?;
                        steps.extend(targets.drain(..).map(|target| (*class, target)));
                    }
                    Some(Cell::Many(class, next)) => {
                        steps.push((*class, term));
                        open.push(*next);
                    }
                    Some(Cell::Either(terms)) => open.extend(terms),
                    Some(Cell::Repeat { body, next }) => open.extend([*body, *next]),
                    None => {}
                }
            }
            spans.push(before..steps.len());
            accepting.push(accepts);
        }
        Ok((Terms { steps, spans, accepting, inner: self.inner }, self.classes))
    }
}

/// The terms of which a term is the union.
fn flatten(cells: &[Cell], term: Term, terms: &mut Vec<Term>) {
    match cells.get(term.index()) {
        // INVARIANT: `Either` holds no `Either`.
        Some(Cell::Either(forms)) => terms.extend(forms),
        _ => terms.push(term),
    }
}

impl Terms {
    /// What a character of a class leaves of the term.
    pub(super) fn steps(&self, term: Term) -> &[(ClassId, Term)] {
        self.spans.get(term.index()).and_then(|span| self.steps.get(span.clone())).unwrap_or_default()
    }

    /// Whether the text may end here.
    pub(super) fn accepts(&self, term: Term) -> bool {
        self.accepting.get(term.index()).copied().unwrap_or_default()
    }

    /// The terms within this one that begin with a `*` for any character, from the first on. Each has all
    /// texts of this term: whatever stands before it, its `*` stands for that too.
    pub(super) fn wider(&self, term: Term) -> impl Iterator<Item = Term> {
        let inner = |term: Term| self.inner.get(term.index())?.first;
        std::iter::successors(inner(term), move |term| inner(*term))
    }

    /// What it costs to look at a term and all that [`Terms::wider`] tells of it.
    pub(super) fn cost(&self, term: Term) -> usize {
        1 + self.inner.get(term.index()).map_or(0, |inner| inner.count / 4)
    }
}
