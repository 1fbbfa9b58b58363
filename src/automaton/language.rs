//! Languages: sets of texts, described by patterns and by union, intersection and complement.

use std::sync::Arc;

use super::pattern::Pattern;
use super::search::{Meter, Spent};

/// A set of texts. Cheap to clone; nothing is computed until a question is asked.
#[derive(Debug, Clone)]
pub struct Language(Arc<Form>);

#[derive(Debug)]
enum Form {
    Union(Vec<Pattern>),
    Not(Language),
    All(Vec<Language>),
    Any(Vec<Language>),
}

/// The texts that are of one pattern in each list of `within`, and of none in `outside`.
#[derive(Debug, Clone, Default)]
pub(super) struct Case<'a> {
    pub(super) within: Vec<&'a [Pattern]>,
    pub(super) outside: Vec<&'a [Pattern]>,
}

impl Language {
    /// No text at all.
    pub fn nothing() -> Self {
        Self::from_iter([])
    }

    /// All texts.
    pub fn everything() -> Self {
        Self::from(Pattern::anything())
    }

    /// All texts but those of this language.
    pub fn complement(&self) -> Self {
        match &*self.0 {
            Form::Not(inner) => inner.clone(),
            _ => Self(Form::Not(self.clone()).into()),
        }
    }

    /// The texts of either.
    pub fn or(&self, other: &Self) -> Self {
        match (&*self.0, &*other.0) {
            (Form::Union(a), Form::Union(b)) => a.iter().chain(b).cloned().collect(),
            _ => Self(Form::Any(vec![self.clone(), other.clone()]).into()),
        }
    }

    /// The texts of both.
    pub fn and(&self, other: &Self) -> Self {
        Self(Form::All(vec![self.clone(), other.clone()]).into())
    }

    /// The texts of this one that are not of the other.
    pub fn minus(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }

    /// Whether a text belongs to it.
    pub fn contains(&self, text: &str) -> bool {
        match &*self.0 {
            Form::Union(patterns) => patterns.iter().any(|pattern| pattern.matches(text)),
            Form::Not(inner) => !inner.contains(text),
            Form::All(parts) => parts.iter().all(|part| part.contains(text)),
            Form::Any(parts) => parts.iter().any(|part| part.contains(text)),
        }
    }

    /// The language, or its complement, as a union of cases.
    pub(super) fn cases(&self, wanted: bool, meter: &mut Meter) -> Result<Vec<Case<'_>>, Spent> {
        match (&*self.0, wanted) {
            (Form::Union(patterns), true) => {
                Ok(vec![Case { within: vec![patterns.as_slice()], outside: Vec::new() }])
            }
            (Form::Union(patterns), false) => {
                Ok(vec![Case { within: Vec::new(), outside: vec![patterns.as_slice()] }])
            }
            (Form::Not(inner), _) => inner.cases(!wanted, meter),
            (Form::Any(parts), true) | (Form::All(parts), false) => {
                let mut cases = Vec::new();
                for part in parts {
                    cases.extend(part.cases(wanted, meter)?);
                }
                Ok(cases)
            }
            (Form::All(parts), true) | (Form::Any(parts), false) => {
                let mut cases = vec![Case::default()];
                for part in parts {
                    let more = part.cases(wanted, meter)?;
                    let mut joined = Vec::new();
                    for (a, b) in cases.iter().flat_map(|a| more.iter().map(move |b| (a, b))) {
                        let case = a.joined(b);
                        meter.spend(case.within.len() + case.outside.len())?;
                        joined.push(case);
                    }
                    cases = joined;
                }
                Ok(cases)
            }
        }
    }
}

impl Case<'_> {
    fn joined(&self, other: &Self) -> Self {
        let mut case = self.clone();
        case.within.extend(&other.within);
        case.outside.extend(&other.outside);
        case
    }
}

impl From<Pattern> for Language {
    fn from(pattern: Pattern) -> Self {
        Self::from_iter([pattern])
    }
}

/// The union of patterns.
impl FromIterator<Pattern> for Language {
    fn from_iter<I: IntoIterator<Item = Pattern>>(patterns: I) -> Self {
        Self(Form::Union(patterns.into_iter().collect()).into())
    }
}
