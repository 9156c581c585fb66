//! The items of one streamed answer that have arrived, until they are read.

use alloc::collections::VecDeque;

use bytes::Bytes;

use super::credit::{Credit, is_worth_giving_back};
use crate::protocol::{ItemsEnd, StreamEnd};

/// What there is to read of a streamed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The next item, still encoded.
    Item(Bytes),
    /// There are no more items. Told once.
    End(ReadEnd),
    /// Nothing, for now.
    Nothing,
}

/// Why there are no more items to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadEnd {
    /// The answer itself is over.
    Ended(ItemsEnd),
    /// The stream that carried it closed.
    Closed(StreamEnd),
    /// That stream was lost.
    Lost,
}

/// The reading end of one streamed answer.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    unread: VecDeque<Bytes>,
    credit: Credit,
    /// Items, and their bytes, that were read and not given back.
    read: (usize, usize),
    end: Option<ReadEnd>,
}

impl Inbox {
    /// The next item has come. False if it was not covered by credit, or comes behind the end.
    pub(super) fn put(&mut self, item: Bytes) -> bool {
        if self.end.is_some() || !self.credit.covers_another() {
            return false;
        }
        self.credit.spend(item.len());
        self.unread.push_back(item);
        true
    }

    pub(super) const fn end(&mut self, end: ReadEnd) {
        self.end = Some(end);
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// What comes next, and how many items are to be given back by now, if any.
    pub(super) fn read(&mut self) -> (Read, Option<u64>) {
        let Some(item) = self.unread.pop_front() else {
            return (self.end.map_or(Read::Nothing, Read::End), None);
        };
        self.read = (self.read.0 + 1, self.read.1 + item.len());
        let (items, bytes) = self.read;
        let gives_back = self.end.is_none() && is_worth_giving_back(items, bytes);
        if gives_back {
            self.credit.give_back(items);
            self.read = (0, 0);
        }
        (Read::Item(item), gives_back.then_some(items as u64))
    }
}
