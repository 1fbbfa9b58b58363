//! The alphabet of one question: characters that no pattern of the question tells apart are one letter.
//!
//! INVARIANT: letters are numbered by how well they read, so that the least of some letters is the one to
//! show to people.

use std::collections::HashMap;

use super::class::{Class, after, before};

/// A set of characters by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ClassId(u32);

impl ClassId {
    /// All characters.
    pub(super) const ANY: Self = Self(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The sets of characters that patterns use.
#[derive(Debug)]
pub(super) struct Classes {
    classes: Vec<Class>,
    singles: HashMap<char, ClassId>,
    ids: HashMap<Class, ClassId>,
}

/// A letter by number.
pub(super) type Letter = usize;

/// A set of letters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Letters {
    words: Box<[u64]>,
}

/// Which letters there are, and which of them belong to each set of characters.
#[derive(Debug)]
pub(super) struct Alphabet {
    shown: Vec<char>,
    classes: Vec<Letters>,
    none: Letters,
}

impl Classes {
    pub(super) fn new() -> Self {
        let any = Class::any();
        Self {
            classes: vec![any.clone()],
            singles: HashMap::new(),
            ids: HashMap::from([(any, ClassId::ANY)]),
        }
    }

    pub(super) fn single(&mut self, c: char) -> ClassId {
        *self.singles.entry(c).or_insert_with(|| added(&mut self.classes, Class::single(c)))
    }

    pub(super) fn class(&mut self, class: &Class) -> ClassId {
        match class.as_ranges() {
            [(from, to)] if from == to => self.single(*from),
            _ => *self.ids.entry(class.clone()).or_insert_with(|| added(&mut self.classes, class.clone())),
        }
    }

    /// An upper bound of the steps that [`Alphabet::new`] takes.
    pub(super) fn cost(&self) -> usize {
        let ranges: usize = self.classes.iter().map(|class| class.as_ranges().len()).sum();
        ranges * self.classes.len() / 16 + ranges
    }
}

fn added(classes: &mut Vec<Class>, class: Class) -> ClassId {
    let id = ClassId(u32::try_from(classes.len()).unwrap_or(u32::MAX));
    classes.push(class);
    id
}

impl Alphabet {
    pub(super) fn new(classes: &Classes) -> Self {
        let classes = &classes.classes;
        let ranges = || classes.iter().flat_map(Class::as_ranges);
        let mut cuts: Vec<char> = ranges().map(|(from, _)| *from).collect();
        cuts.extend(ranges().filter_map(|(_, to)| after(*to)));
        cuts.sort_unstable();
        cuts.dedup();
        // Which classes hold the characters from each cut to the next.
        let mut holders = vec![Letters::none(classes.len()); cuts.len()];
        for (id, class) in classes.iter().enumerate() {
            for (from, to) in class.as_ranges() {
                let first = cuts.partition_point(|cut| cut < from);
                let behind = cuts.partition_point(|cut| cut <= to);
                for holders in holders.get_mut(first..behind).into_iter().flatten() {
                    holders.insert(id);
                }
            }
        }
        let ends = cuts.iter().skip(1).map(|next| before(*next).unwrap_or(*next)).chain([char::MAX]);
        let mut letters: HashMap<Letters, char> = HashMap::new();
        for ((from, to), holders) in cuts.iter().zip(ends).zip(holders) {
            let best = best(*from, to);
            letters.entry(holders).and_modify(|shown| *shown = best_of(*shown, best)).or_insert(best);
        }
        let mut letters: Vec<(Letters, char)> = letters.into_iter().collect();
        letters.sort_unstable_by_key(|(_, shown)| rank(*shown));
        let mut members = vec![Letters::none(letters.len()); classes.len()];
        for (letter, (holders, _)) in letters.iter().enumerate() {
            for id in holders.iter() {
                if let Some(members) = members.get_mut(id) {
                    members.insert(letter);
                }
            }
        }
        let none = Letters::none(letters.len());
        Self { shown: letters.into_iter().map(|(_, shown)| shown).collect(), classes: members, none }
    }

    /// How many letters there are.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The letters of a set of characters.
    pub(super) fn letters(&self, class: ClassId) -> &Letters {
        self.classes.get(class.index()).unwrap_or(&self.none)
    }

    /// The character that stands for a letter.
    pub(super) fn shown(&self, letter: Letter) -> char {
        self.shown.get(letter).copied().unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

impl Letters {
    const BITS: usize = u64::BITS as usize;

    pub(super) fn none(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(Self::BITS)].into() }
    }

    pub(super) fn insert(&mut self, letter: Letter) {
        if let Some(word) = self.words.get_mut(letter / Self::BITS) {
            *word |= 1 << (letter % Self::BITS);
        }
    }

    pub(super) fn contains(&self, letter: Letter) -> bool {
        self.words.get(letter / Self::BITS).is_some_and(|word| word & (1 << (letter % Self::BITS)) != 0)
    }

    pub(super) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn add(&mut self, others: &Self) {
        for (word, other) in self.words.iter_mut().zip(&others.words) {
            *word |= other;
        }
    }

    pub(super) fn common(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & b).collect() }
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self { words: self.words.iter().zip(&other.words).map(|(a, b)| a & !b).collect() }
    }

    /// From the least on.
    pub(super) fn iter(&self) -> impl Iterator<Item = Letter> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let start = at * Self::BITS;
            let some = |word: u64| (word != 0).then_some(word);
            std::iter::successors(some(*word), move |rest| some(rest & (rest - 1)))
                .map(move |rest| start + rest.trailing_zeros() as usize)
        })
    }
}

/// How many characters of a range are looked at for one that reads well.
const LOOKED_AT: usize = 256;

fn best(from: char, to: char) -> char {
    (from..=to).take(LOOKED_AT).min_by_key(|c| rank(*c)).unwrap_or(from)
}

fn best_of(a: char, b: char) -> char {
    if rank(b) < rank(a) { b } else { a }
}

/// The lower, the better a character reads in an example.
fn rank(c: char) -> (u8, char) {
    let tier = match c {
        'a'..='z' => 0,
        'A'..='Z' => 1,
        '0'..='9' => 2,
        '/' | '-' | '_' | '.' => 3,
        ' ' => 4,
        c if c.is_ascii_graphic() => 5,
        c if c.is_alphanumeric() => 6,
        c if !c.is_control() => 7,
        _ => 8,
    };
    (tier, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_what_no_class_tells_apart() {
        let mut classes = Classes::new();
        let small = classes.class(&Class::ranges([('a', 'z')]));
        let slash = classes.single('/');
        let no_slash = classes.class(&Class::single('/').complement());
        assert_eq!(classes.class(&Class::single('/')), slash);
        let alphabet = Alphabet::new(&classes);
        let shown =
            |class| alphabet.letters(class).iter().map(|letter| alphabet.shown(letter)).collect::<String>();
        assert_eq!(shown(ClassId::ANY), "aA/");
        assert_eq!(shown(small), "a");
        assert_eq!(shown(slash), "/");
        assert_eq!(shown(no_slash), "aA");
    }

    #[test]
    fn what_stands_for_a_letter_can_be_read_where_one_can() {
        let mut classes = Classes::new();
        let controls = classes.class(&Class::ranges([('\0', '\u{1f}'), ('\u{7f}', '\u{9f}')]));
        let rest = classes.class(&Class::ranges([('\0', '\u{a0}')]).complement());
        let alphabet = Alphabet::new(&classes);
        let shown = |class| alphabet.shown(alphabet.letters(class).iter().next().unwrap());
        assert_eq!(shown(controls), '\0');
        assert_eq!(shown(rest), '\u{aa}');
        assert_eq!(shown(ClassId::ANY), 'a');
    }

    #[test]
    fn many_letters_fit_into_a_set() {
        let mut letters = Letters::none(200);
        for letter in [0, 63, 64, 199] {
            letters.insert(letter);
        }
        assert_eq!(letters.iter().collect::<Vec<_>>(), [0, 63, 64, 199]);
        assert_eq!(letters.len(), 4);
        assert!(letters.contains(64) && !letters.contains(65));
        let mut one = Letters::none(200);
        one.insert(64);
        assert_eq!(letters.without(&one).iter().collect::<Vec<_>>(), [0, 63, 199]);
        assert_eq!(letters.common(&one), one);
    }
}
