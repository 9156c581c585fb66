//! How far the items of a streamed answer may be ahead of their reader.
//!
//! Both ends keep the same account of the items that are out: sent, and not given back. Another may follow
//! while fewer than so many, and fewer than so many bytes, are out; the last one may be larger than what was
//! left, so that none is too large for ever. What was read is given back by the half: one frame for many
//! items, and nobody waits for credit while there is nothing to read.
//!
//! Doesn't know the items themselves; see [`super::inbox`].

use alloc::collections::VecDeque;

/// The account of one streamed answer.
#[derive(Debug, Default)]
pub(super) struct Credit {
    /// The sizes of the items that are out, oldest first.
    out: VecDeque<usize>,
    out_bytes: usize,
}

impl Credit {
    /// An item of so many bytes is out from now on.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.out.push_back(bytes);
        self.out_bytes += bytes;
    }

    /// The `n` oldest that are out were read. False, and nothing has changed, if there are not so many.
    pub(super) fn give_back(&mut self, n: usize) -> bool {
        if n > self.out.len() {
            return false;
        }
        self.out_bytes -= self.out.drain(..n).sum::<usize>();
        true
    }

    /// Whether another item may follow.
    pub(super) fn covers_another(&self) -> bool {
        self.out.len() < ITEMS_AHEAD_MAX && self.out_bytes < ITEM_BYTES_AHEAD_MAX
    }
}

/// Whether so much has been read that it is to be given back.
pub(super) const fn is_worth_giving_back(items: usize, bytes: usize) -> bool {
    items >= ITEMS_AHEAD_MAX / 2 || bytes >= ITEM_BYTES_AHEAD_MAX / 2
}

/// Items of a streamed answer that may be out: as many as may wait for a reader within a process.
pub const ITEMS_AHEAD_MAX: usize = 32;
/// Their bytes, but for the last one, which may be larger.
pub const ITEM_BYTES_AHEAD_MAX: usize = 64 << 10;
