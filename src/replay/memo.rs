//! Answers that were given before, by the bytes on which they depend.
//!
//! INVARIANT: at most two generations of [`MOST`] answers are kept. What is asked for again stays.

use std::collections::HashMap;

use super::Undecided;
use crate::access::Verdict;

/// Most answers of one generation.
const MOST: usize = 1 << 17;

/// What becomes of a call on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// The same on both.
    Same(Verdict),
    /// It is not known.
    Undecided(Undecided),
    /// Something else: the number of the change.
    Changed(u32),
}

#[derive(Debug, Default)]
pub(super) struct Memo {
    young: HashMap<Box<[u8]>, Told>,
    old: HashMap<Box<[u8]>, Told>,
}

impl Memo {
    pub(super) fn find(&mut self, key: &[u8]) -> Option<Told> {
        if let Some(told) = self.young.get(key) {
            return Some(*told);
        }
        let (key, told) = self.old.remove_entry(key)?;
        self.put(key, told);
        Some(told)
    }

    pub(super) fn keep(&mut self, key: &[u8], told: Told) {
        self.put(key.into(), told);
    }

    fn put(&mut self, key: Box<[u8]>, told: Told) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_again_stays_and_the_rest_goes() {
        let mut memo = Memo::default();
        let key = |number: usize| number.to_be_bytes();
        for number in 0..=3 * MOST {
            memo.keep(&key(number), Told::Same(Verdict::Ask));
            assert!(memo.find(&key(0)).is_some());
        }
        assert!(memo.find(&key(1)).is_none());
        assert!(memo.young.len() + memo.old.len() <= 2 * MOST);
    }
}
