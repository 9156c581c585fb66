//! Whose turn it is.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

use super::hashing::weight;
use crate::dice::{STEP, mix};

/// How the routee for one message is chosen.
#[derive(Debug)]
pub(super) enum Choice {
    Turn(Arc<Turn>),
    /// The heaviest for the key of this hash.
    Key(u64),
}

/// What goes on from message to message.
#[derive(Debug)]
pub(super) enum Turn {
    RoundRobin(AtomicUsize),
    /// A [`Dice`](crate::dice::Dice) whose counter many share, so that it takes no lock.
    Random(AtomicU64),
}

impl Choice {
    /// One of the seats with these hashes that are open. If all are, it costs no more than it must.
    pub(super) fn pick(
        &self,
        seats: usize,
        hash: impl Fn(usize) -> u64,
        is_open: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        if seats == 0 {
            return None;
        }
        match self {
            Self::Turn(turn) => turn.pick(seats, is_open),
            Self::Key(key) => {
                (0..seats).filter(|seat| is_open(*seat)).max_by_key(|seat| weight(*key, hash(*seat)))
            }
        }
    }
}

impl Turn {
    pub(super) const fn round_robin() -> Self {
        Self::RoundRobin(AtomicUsize::new(0))
    }

    pub(super) const fn random(seed: u64) -> Self {
        Self::Random(AtomicU64::new(seed))
    }

    fn pick(&self, seats: usize, is_open: impl Fn(usize) -> bool) -> Option<usize> {
        match self {
            Self::RoundRobin(turn) => {
                let first = turn.fetch_add(1, Ordering::Relaxed) % seats;
                (first..seats).chain(0..first).find(|seat| is_open(*seat))
            }
            Self::Random(state) => {
                let first = random(state, seats);
                if is_open(first) {
                    return Some(first);
                }
                // Anew among those that are open: the one behind a closed seat is no likelier than others.
                let open: Vec<_> = (0..seats).filter(|seat| is_open(*seat)).collect();
                (!open.is_empty()).then(|| open[random(state, open.len())])
            }
        }
    }
}

/// A number below `bound`, which must not be 0. Source: the multiplication of Lemire, "Fast random integer
/// generation in an interval", ACM TOMACS 29(1), 2019; for so few seats its bias can't be seen.
fn random(state: &AtomicU64, bound: usize) -> usize {
    let drawn = mix(state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP));
    ((u128::from(drawn) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::{Choice, Turn};
    use std::sync::Arc;

    const DRAWS: usize = 9_000;

    fn shares(turn: Turn, seats: usize, is_open: impl Fn(usize) -> bool) -> Vec<usize> {
        let choice = Choice::Turn(Arc::new(turn));
        let mut shares = vec![0; seats];
        for _ in 0..DRAWS {
            shares[choice.pick(seats, |_| 0, &is_open).unwrap()] += 1;
        }
        shares
    }

    #[test]
    fn round_robin_takes_each_in_turn_and_passes_over_those_that_are_closed() {
        assert_eq!(shares(Turn::round_robin(), 4, |_| true), [DRAWS / 4; 4]);
        let choice = Choice::Turn(Arc::new(Turn::round_robin()));
        let picks = |is_open: fn(usize) -> bool| choice.pick(3, |_| 0, is_open);
        assert_eq!([(); 3].map(|()| picks(|seat| seat != 1)), [Some(0), Some(2), Some(2)]);
        assert_eq!(picks(|_| false), None);
    }

    #[test]
    fn chance_favours_none_of_those_that_are_open() {
        for share in shares(Turn::random(1), 3, |_| true) {
            assert!(share.abs_diff(DRAWS / 3) < DRAWS / 30, "{share}");
        }
        let shares = shares(Turn::random(1), 3, |seat| seat != 1);
        assert!(shares[1] == 0 && shares[0].abs_diff(shares[2]) < DRAWS / 30, "{shares:?}");
    }

    #[test]
    fn the_first_numbers_of_splitmix_are_as_published() {
        let state = 1_234_567.into();
        let drawn = [(); 3].map(|()| super::random(&state, 1 << 32) as u64);
        let published: [u64; 3] =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(drawn, published.map(|number| number >> 32));
    }

    #[test]
    fn nobody_is_chosen_of_none() {
        for choice in [Choice::Key(1), Choice::Turn(Arc::new(Turn::random(1)))] {
            assert_eq!(choice.pick(0, |_| 0, |_| true), None);
        }
    }
}
