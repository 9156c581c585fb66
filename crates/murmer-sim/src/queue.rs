//! What is to happen, by time, then in the order in which it was planned.
//!
//! Doesn't know what the events mean.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

/// The future.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    planned: BinaryHeap<Reverse<Planned<E>>>,
    last: u64,
}

#[derive(Debug)]
struct Planned<E> {
    at: Duration,
    turn: u64,
    event: E,
}

impl<E> Queue<E> {
    pub(crate) const fn new() -> Self {
        Self { planned: BinaryHeap::new(), last: 0 }
    }

    pub(crate) fn push(&mut self, at: Duration, event: E) {
        self.last += 1;
        self.planned.push(Reverse(Planned { at, turn: self.last, event }));
    }

    /// When the next event comes.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.planned.peek().map(|Reverse(next)| next.at)
    }

    /// The next event, unless it comes after `end`.
    pub(crate) fn pop_until(&mut self, end: Duration) -> Option<(Duration, E)> {
        let Reverse(next) = self.planned.peek()?;
        if next.at > end {
            return None;
        }
        let Reverse(next) = self.planned.pop()?;
        Some((next.at, next.event))
    }
}

impl<E> Ord for Planned<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.turn).cmp(&(other.at, other.turn))
    }
}

impl<E> PartialOrd for Planned<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Planned<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<E> Eq for Planned<E> {}
