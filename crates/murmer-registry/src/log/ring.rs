//! The most recent ops of a log, for readers that are not far behind.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::Op;

#[derive(Debug)]
pub(crate) struct Ring {
    /// The position of the first op held, or of the next one if none is.
    first: u64,
    ops: VecDeque<Op>,
    bytes: usize,
    ops_max: usize,
    bytes_max: usize,
    pinned_bytes_max: usize,
}

/// Consecutive ops out of a ring.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) ops: Vec<Op>,
    pub(crate) bytes: usize,
}

impl Ring {
    pub(super) fn new(ops_max: usize, bytes_max: usize, pinned_bytes_max: usize) -> Self {
        Self { first: 1, ops: VecDeque::new(), bytes: 0, ops_max, bytes_max, pinned_bytes_max }
    }

    pub(super) fn push(&mut self, op: Op) {
        self.bytes += op.bytes();
        self.ops.push_back(op);
        // Between two trims a burst may add more ops than there are actors; these bounds don't wait.
        while self.bytes > self.pinned_bytes_max.max(self.bytes_max) {
            self.pop();
        }
    }

    /// Drops the oldest ops beyond the limits, except those that follow `pinned`, which have a limit
    /// of their own.
    pub(super) fn trim(&mut self, pinned: Option<u64>) {
        while self.ops.len() > self.ops_max || self.bytes > self.bytes_max {
            if pinned.is_some_and(|pinned| self.first > pinned) && self.bytes <= self.pinned_bytes_max {
                break;
            }
            self.pop();
        }
    }

    pub(super) fn after(&self, position: u64, ops_max: usize, bytes_max: usize) -> Option<Slice> {
        if !self.holds_after(position) {
            return None;
        }
        let start = (position + 1 - self.first) as usize;
        let mut slice = Slice { ops: Vec::new(), bytes: 0 };
        for op in self.ops.range(start..).take(ops_max) {
            if slice.bytes + op.bytes() > bytes_max && !slice.ops.is_empty() {
                break;
            }
            slice.bytes += op.bytes();
            slice.ops.push(op.clone());
        }
        Some(slice)
    }

    /// True if all that follows `position` is here.
    pub(super) fn holds_after(&self, position: u64) -> bool {
        position < u64::MAX && position + 1 >= self.first && position <= self.head()
    }

    /// How many ops there are, and their bytes.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.ops.len(), self.bytes)
    }

    pub(super) fn head(&self) -> u64 {
        self.first + self.ops.len() as u64 - 1
    }

    fn pop(&mut self) {
        if let Some(op) = self.ops.pop_front() {
            self.bytes -= op.bytes();
            self.first += 1;
        }
    }
}
