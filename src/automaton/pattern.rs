//! Patterns: regular expressions, put together by functions and not from text.

use std::sync::Arc;

use super::class::Class;

/// A pattern for whole texts. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(pub(super) Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Text(Arc<str>),
    One(Class),
    Many(Class),
    Chain(Arc<[Pattern]>),
    Either(Arc<[Pattern]>),
    Repeat(Arc<Pattern>),
}

impl Pattern {
    /// This text and no other.
    pub fn text(text: &str) -> Self {
        Self(Form::Text(text.into()))
    }

    /// One character of a set.
    pub fn one(class: Class) -> Self {
        Self(Form::One(class))
    }

    /// Any number of characters of a set, none as well.
    pub fn many(class: Class) -> Self {
        Self(Form::Many(class))
    }

    /// Any text.
    pub fn anything() -> Self {
        Self::many(Class::any())
    }

    /// One behind the other.
    pub fn chain(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(Form::Chain(parts.into_iter().collect()))
    }

    /// One of them.
    pub fn either(forms: impl IntoIterator<Item = Self>) -> Self {
        Self(Form::Either(forms.into_iter().collect()))
    }

    /// The pattern or nothing.
    pub fn optional(self) -> Self {
        Self::either([Self::text(""), self])
    }

    /// The pattern any number of times, none as well.
    pub fn repeated(self) -> Self {
        Self(Form::Repeat(self.into()))
    }

    /// Whether the whole text is of this form. Knows nothing of the search, so that each is a test of the
    /// other; in time of the length of the pattern times that of the text, squared where `repeated` is used.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut starts = vec![false; text.len() + 1];
        if let Some(first) = starts.first_mut() {
            *first = true;
        }
        self.ends(&text, starts).last().copied().unwrap_or_default()
    }

    /// Where in the text the pattern may end when it may begin at `starts`.
    fn ends(&self, text: &[char], starts: Vec<bool>) -> Vec<bool> {
        match &self.0 {
            Form::Text(literal) => {
                literal.chars().fold(starts, |at, wanted| stepped(text, &at, |c| c == wanted))
            }
            Form::One(class) => stepped(text, &starts, |c| class.contains(c)),
            Form::Many(class) => {
                let mut ends = starts;
                let mut open = false;
                for (at, end) in ends.iter_mut().enumerate() {
                    let goes_on =
                        at.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|c| class.contains(*c));
                    *end |= open && goes_on;
                    open = *end;
                }
                ends
            }
            Form::Chain(parts) => parts.iter().fold(starts, |at, part| part.ends(text, at)),
            Form::Either(forms) => forms.iter().fold(vec![false; starts.len()], |mut ends, form| {
                join(&mut ends, &form.ends(text, starts.clone()));
                ends
            }),
            Form::Repeat(body) => {
                let mut ends = starts;
                loop {
                    let further = body.ends(text, ends.clone());
                    if !join(&mut ends, &further) {
                        break ends;
                    }
                }
            }
        }
    }
}

/// The places one character behind `at`, where that character fits.
fn stepped(text: &[char], at: &[bool], fits: impl Fn(char) -> bool) -> Vec<bool> {
    let steps = at.iter().zip(text).map(|(here, c)| *here && fits(*c));
    std::iter::once(false).chain(steps).collect()
}

/// Adds `more` to `places`; whether there was something to add.
fn join(places: &mut [bool], more: &[bool]) -> bool {
    let mut grown = false;
    for (place, more) in places.iter_mut().zip(more) {
        grown |= *more && !*place;
        *place |= *more;
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let name = || Pattern::many(Class::single('/').complement());
        let deep = Pattern::chain([
            Pattern::text("a/"),
            Pattern::chain([name(), Pattern::text("/")]).repeated(),
            Pattern::text("b"),
        ]);
        for (text, is) in [("a/b", true), ("a/c/b", true), ("a/c/d/b", true), ("a/cb", false), ("a/", false)]
        {
            assert_eq!(deep.matches(text), is, "{text}");
        }
        let bare = Pattern::chain([
            Pattern::text("npm"),
            Pattern::chain([Pattern::text(" "), Pattern::anything()]).optional(),
        ]);
        for (text, is) in
            [("npm", true), ("npm ", true), ("npm run\nx", true), ("npmx", false), ("np", false)]
        {
            assert_eq!(bare.matches(text), is, "{text}");
        }
        assert!(Pattern::anything().optional().repeated().matches("é"));
        assert!(!Pattern::either([]).matches(""));
        assert!(Pattern::either([]).repeated().matches(""));
    }
}
