//! A streamed answer as a list of the items that were sent: what may follow, and what must be read.

use murmer_node::{ITEM_BYTES_AHEAD_MAX, ITEMS_AHEAD_MAX, ItemsEnd, ReadEnd};

/// One streamed answer.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// Their sizes.
    sent: Vec<usize>,
    /// How many of them were read.
    read: usize,
    end: Option<ItemsEnd>,
    read_end: Option<ReadEnd>,
}

impl Items {
    /// Another one is sent: never more than credit covers. What was read and not given back yet only makes
    /// that less.
    pub(super) fn sent(&mut self, bytes: usize) {
        assert_eq!(self.end, None, "an item after the end");
        self.sent.push(bytes);
        let ahead = &self.sent[self.read..];
        assert!(ahead.len() <= ITEMS_AHEAD_MAX, "{} items ahead of their reader", ahead.len());
        let but_the_last: usize = ahead[..ahead.len() - 1].iter().sum();
        assert!(but_the_last < ITEM_BYTES_AHEAD_MAX, "{but_the_last} bytes ahead of their reader");
    }

    pub(super) fn ended(&mut self, how: ItemsEnd) {
        assert_eq!(self.end.replace(how), None, "ended twice");
    }

    pub(super) fn read(&mut self, number: usize, bytes: usize) {
        assert_eq!(self.read_end, None, "an item behind the end");
        assert_eq!(number, self.read, "out of order");
        assert_eq!(self.sent.get(number), Some(&bytes), "not what was sent");
        self.read += 1;
    }

    pub(super) fn read_end(&mut self, end: ReadEnd) {
        if let ReadEnd::Ended(how) = end {
            assert_eq!(Some(how), self.end, "another end");
            assert_eq!(self.read, self.sent.len(), "items are missing");
        }
        assert_eq!(self.read_end.replace(end), None, "ended twice");
    }

    /// How many items there are so far.
    pub(super) fn count(&self) -> usize {
        self.sent.len()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Its reader knows that it is over.
    pub(super) fn is_read_to_the_end(&self) -> bool {
        self.read_end.is_some()
    }
}
