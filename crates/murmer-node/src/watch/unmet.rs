//! Watches of a node that nobody has met, each with a wait of its own: the next one is due first.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;

#[derive(Debug, Clone, Default)]
pub(super) struct Unmet {
    until: BTreeMap<u64, Duration>,
    /// The same, in the order of time.
    order: BTreeSet<(Duration, u64)>,
}

impl Unmet {
    /// `watch` is not in there.
    pub(super) fn add(&mut self, watch: u64, until: Duration) {
        self.until.insert(watch, until);
        self.order.insert((until, watch));
    }

    pub(super) fn remove(&mut self, watch: u64) {
        if let Some(until) = self.until.remove(&watch) {
            self.order.remove(&(until, watch));
        }
    }

    /// Takes out one whose wait is over.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<u64> {
        let (_, watch) = self.order.first().copied().filter(|(until, _)| *until <= now)?;
        self.remove(watch);
        Some(watch)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.order.first().map(|(until, _)| *until)
    }
}
