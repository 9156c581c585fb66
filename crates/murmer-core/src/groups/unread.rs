//! What one reader of a group has yet to hear.
//!
//! Not a queue of all that happened: a member that came and went between two looks was never there as far
//! as the reader knows. So it holds one arrival at most for each member there is, and one departure for
//! each that the reader knows of, however many have come and gone.
//!
//! Doesn't know what a member is, nor who waits for news.

use std::collections::BTreeMap;

/// Changes that a reader has not taken yet, in the order in which they happened.
#[derive(Debug)]
pub(super) struct Unread<T, K> {
    changes: BTreeMap<u64, News<T, K>>,
}

/// One change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News<T, K> {
    Joined(T),
    Left(K),
}

impl<T, K> Unread<T, K> {
    pub(super) const fn new() -> Self {
        Self { changes: BTreeMap::new() }
    }

    /// `member` joined. `at` is above that of all earlier changes.
    pub(super) fn joined(&mut self, at: u64, member: T) {
        self.changes.insert(at, News::Joined(member));
    }

    /// The member that had joined at `since` left; to a reader that has heard of it, it is `gone`.
    pub(super) fn left(&mut self, since: u64, at: u64, gone: K) {
        // Only arrivals are kept under the time of one, so this is that very arrival, still unread.
        if self.changes.remove(&since).is_none() {
            self.changes.insert(at, News::Left(gone));
        }
    }

    pub(super) fn take(&mut self) -> Option<News<T, K>> {
        self.changes.pop_first().map(|(_, news)| news)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{News, Unread};

    #[test]
    fn changes_come_in_the_order_in_which_they_happened() {
        let mut unread = Unread::new();
        unread.joined(1, 'a');
        assert_eq!(unread.take(), Some(News::Joined('a')));
        unread.joined(2, 'b');
        unread.left(1, 3, 'a');
        unread.joined(4, 'c');
        let all: Vec<_> = core::iter::from_fn(|| unread.take()).collect();
        assert_eq!(all, [News::Joined('b'), News::Left('a'), News::Joined('c')]);
    }

    #[test]
    fn who_came_and_went_between_two_looks_was_never_there() {
        let mut unread = Unread::new();
        unread.joined(1, 'a');
        unread.left(1, 2, 'a');
        assert_eq!(unread.take(), None::<News<char, char>>);
    }

    #[test]
    fn who_left_and_came_back_unheard_is_first_gone_and_then_there() {
        let mut unread = Unread::new();
        unread.joined(1, 'a');
        unread.take();
        for round in 1..100 {
            unread.left(2 * round - 1, 2 * round, 'a');
            unread.joined(2 * round + 1, 'a');
        }
        assert_eq!(unread.changes.len(), 2, "however often");
        assert_eq!(unread.take(), Some(News::Left('a')));
        assert_eq!(unread.take(), Some(News::Joined('a')));
    }

    /// Compares with the truth: the members there are, and those that the reader has been told of.
    #[test]
    fn what_a_reader_knows_is_the_truth_once_it_has_read_all_whatever_came_between() {
        for seed in 0..500 {
            let mut dice: u64 = seed;
            let mut roll = move |sides: u64| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (dice >> 33) % sides
            };
            let (mut unread, mut truth, mut known) = (Unread::new(), Vec::new(), BTreeSet::new());
            for at in 0..200 {
                match roll(3) {
                    0 => {
                        truth.push(at);
                        unread.joined(at, at);
                    }
                    1 if !truth.is_empty() => {
                        let since = truth.remove(roll(truth.len() as u64) as usize);
                        unread.left(since, at, since);
                    }
                    _ => hear(&mut unread, &mut known, seed),
                }
                assert!(unread.changes.len() <= truth.len() + known.len(), "seed {seed}");
            }
            while !unread.changes.is_empty() {
                hear(&mut unread, &mut known, seed);
            }
            assert_eq!(known.into_iter().collect::<Vec<_>>(), truth, "seed {seed}");
        }
    }

    fn hear(unread: &mut Unread<u64, u64>, known: &mut BTreeSet<u64>, seed: u64) {
        match unread.take() {
            Some(News::Joined(member)) => assert!(known.insert(member), "told twice: seed {seed}"),
            Some(News::Left(member)) => assert!(known.remove(&member), "never told of: seed {seed}"),
            None => {}
        }
    }
}
