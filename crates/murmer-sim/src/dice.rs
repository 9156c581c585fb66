//! Randomness in streams: each purpose has its own, so that what one draws changes no other.
//!
//! Doesn't know what is decided with it.

use std::time::Duration;

/// One stream of numbers: the same for the same seed and purpose.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self { state: hash(&[seed, purpose]) }
    }

    /// SplitMix64: fast, and good enough for deciding what goes wrong.
    pub(crate) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mixed(self.state)
    }

    /// One of `0..count`; 0 if that is empty.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.roll()) * count as u128) >> 64) as usize
    }

    /// True in `probability` of all cases.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        is_below(self.roll(), probability)
    }

    /// Milliseconds, `from..=to`.
    pub(crate) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below((to - from + 1) as usize) as u64)
    }
}

/// A number that stands for all of `parts`, in order.
pub(crate) fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(GOLDEN, |hash, part| mixed(hash ^ part).wrapping_add(GOLDEN))
}

/// Spreads every bit over all others (the finalizer of SplitMix64).
pub(crate) const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// True for `probability` of all numbers.
pub(crate) fn is_below(number: u64, probability: f64) -> bool {
    ((number >> 11) as f64) < probability * (1u64 << 53) as f64
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
