//! Which streams of one connection don't read, since when, and which of them must give way.
//!
//! What a stream doesn't read stays in the window that all streams of its connection share, the registry's
//! included. So their number is bounded; beyond it those that have been stuck longest give way.

use alloc::collections::BTreeMap;
use core::time::Duration;

/// The streams of one connection that don't read. `T` is whatever the shell needs to tell one.
#[derive(Debug)]
pub struct Blocked<T> {
    max: usize,
    last_place: u64,
    since: BTreeMap<BlockedPlace, T>,
}

/// Since when a stream has not read, and which of those that began then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockedPlace(Duration, u64);

impl<T> Blocked<T> {
    /// At most `max` streams stay blocked.
    pub const fn new(max: usize) -> Self {
        Self { max, last_place: 0, since: BTreeMap::new() }
    }

    /// A stream doesn't read from now on. Then look for [`excess`](Self::excess).
    pub fn enter(&mut self, now: Duration, who: T) -> BlockedPlace {
        self.last_place += 1;
        let place = BlockedPlace(now, self.last_place);
        self.since.insert(place, who);
        place
    }

    /// It reads again, or is over. Nothing happens if it was told to give way in the meantime.
    pub fn leave(&mut self, place: BlockedPlace) {
        self.since.remove(&place);
    }

    /// The stream that has to give way, the longest blocked of too many. It counts no more.
    pub fn excess(&mut self) -> Option<T> {
        if self.since.len() <= self.max {
            return None;
        }
        self.since.pop_first().map(|(_, who)| who)
    }
}
