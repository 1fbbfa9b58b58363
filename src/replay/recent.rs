//! Values that can be made again, of which the latest are kept.

use std::collections::{HashMap, VecDeque};

/// At most `most` values by number. The one made first goes first.
#[derive(Debug)]
pub(super) struct Recent<T> {
    most: usize,
    values: HashMap<usize, T>,
    order: VecDeque<usize>,
}

impl<T> Recent<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, values: HashMap::new(), order: VecDeque::new() }
    }

    /// The value of this number, made where it is not at hand.
    pub(super) fn get(&mut self, number: usize, make: impl FnOnce() -> T) -> &mut T {
        let (values, order, most) = (&mut self.values, &mut self.order, self.most);
        if !values.contains_key(&number) {
            if order.len() >= most
                && let Some(first) = order.pop_front()
            {
                values.remove(&first);
            }
            order.push_back(number);
        }
        values.entry(number).or_insert_with(make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_is_made_again() {
        let (mut recent, mut made) = (Recent::new(2), Vec::new());
        for number in [1, 2, 1, 3, 2, 1] {
            recent.get(number, || made.push(number));
            assert!(recent.values.len() <= 2);
        }
        assert_eq!(made, [1, 2, 3, 1]);
    }
}
