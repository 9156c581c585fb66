//! Sums that many have a part in, and that somebody looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A sum. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Sum(Arc<AtomicUsize>);

/// One's part of a [`Sum`]; gone with this value.
#[derive(Debug)]
pub struct Portion {
    sum: Sum,
    part: usize,
}

impl Sum {
    /// A part in it, of nothing yet.
    pub fn portion(&self) -> Portion {
        Portion { sum: self.clone(), part: 0 }
    }

    /// What all parts are together, or have been a moment ago.
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Portion {
    /// It is so much now.
    pub fn set(&mut self, part: usize) {
        if part > self.part {
            self.sum.0.fetch_add(part - self.part, Ordering::Relaxed);
        } else if part < self.part {
            self.sum.0.fetch_sub(self.part - part, Ordering::Relaxed);
        }
        self.part = part;
    }

    /// What all parts are together, or have been a moment ago.
    pub fn sum(&self) -> usize {
        self.sum.get()
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_that_of_the_parts_there_are() {
        let sum = Sum::default();
        let (mut one, mut other) = (sum.portion(), sum.portion());
        for (first, second, all) in [(3, 4, 7), (0, 4, 4), (9, 1, 10)] {
            one.set(first);
            other.set(second);
            assert_eq!((sum.get(), one.sum()), (all, all));
        }
        drop(one);
        assert_eq!(sum.get(), 1);
    }
}
