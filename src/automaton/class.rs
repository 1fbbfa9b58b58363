//! Sets of characters.

use std::sync::Arc;

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Class {
    /// INVARIANT: in order, and a character stands between each two neighbours, so that equal sets are equal
    /// values.
    ranges: Arc<[(char, char)]>,
}

impl Class {
    /// All characters.
    pub fn any() -> Self {
        Self { ranges: [(char::MIN, char::MAX)].into() }
    }

    /// One character.
    pub fn single(c: char) -> Self {
        Self { ranges: [(c, c)].into() }
    }

    /// The characters of some ranges, both ends included; a range that ends before it begins has none.
    pub fn ranges(ranges: impl IntoIterator<Item = (char, char)>) -> Self {
        let mut sorted: Vec<(char, char)> = ranges.into_iter().filter(|(from, to)| from <= to).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(char, char)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match merged.last_mut() {
                Some(last) if after(last.1).is_none_or(|next| from <= next) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self { ranges: merged.into() }
    }

    /// The characters of a text.
    pub fn of(chars: &str) -> Self {
        Self::ranges(chars.chars().map(|c| (c, c)))
    }

    /// All other characters.
    pub fn complement(&self) -> Self {
        let mut others = Vec::new();
        let mut free = Some(char::MIN);
        for (from, to) in self.ranges.iter() {
            if let (Some(start), Some(end)) = (free, before(*from))
                && start <= end
            {
                others.push((start, end));
            }
            free = after(*to);
        }
        others.extend(free.map(|start| (start, char::MAX)));
        Self { ranges: others.into() }
    }

    /// The characters of both sets.
    pub fn or(&self, other: &Self) -> Self {
        Self::ranges(self.ranges.iter().chain(other.ranges.iter()).copied())
    }

    /// The characters that the other set has not.
    pub fn minus(&self, other: &Self) -> Self {
        self.complement().or(other).complement()
    }

    /// Whether a character is one of them.
    pub fn contains(&self, c: char) -> bool {
        let at = self.ranges.partition_point(|(_, to)| *to < c);
        self.ranges.get(at).is_some_and(|(from, _)| *from <= c)
    }

    /// The ranges in order.
    pub(super) fn as_ranges(&self) -> &[(char, char)] {
        &self.ranges
    }
}

/// The next character.
pub(super) fn after(c: char) -> Option<char> {
    (c..=char::MAX).nth(1)
}

/// The character before.
pub(super) fn before(c: char) -> Option<char> {
    (char::MIN..=c).nth_back(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_equal_values() {
        let letters = Class::ranges([('m', 'z'), ('a', 'c'), ('d', 'l'), ('z', 'a')]);
        assert_eq!(letters, Class::ranges([('a', 'z')]));
        assert_eq!(Class::of("cab"), Class::ranges([('a', 'c')]));
        assert_eq!(Class::ranges([(char::MIN, '\u{d7ff}'), ('\u{e000}', char::MAX)]), Class::any());
    }

    #[test]
    fn sets_are_added_and_taken_away() {
        let class = Class::ranges([('a', 'f')]).minus(&Class::of("bc"));
        assert_eq!(class, Class::of("adef"));
        assert_eq!(class.or(&Class::of("b")), Class::of("abdef"));
    }

    #[test]
    fn the_complement_has_all_others() {
        for class in [Class::any(), Class::of(""), Class::of("\0b\u{10ffff}"), Class::of("\u{d7ff}\u{e000}/")]
        {
            let others = class.complement();
            assert_eq!(others.complement(), class);
            for c in ['\0', '\u{1}', 'a', 'b', '/', '\u{d7fe}', '\u{d7ff}', '\u{e000}', '\u{e001}', char::MAX]
            {
                assert_ne!(class.contains(c), others.contains(c), "{c:?} {class:?}");
            }
        }
    }
}
