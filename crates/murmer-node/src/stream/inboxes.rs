//! The streamed answers that one calling end reads, by the ids of their asks.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use bytes::Bytes;

use super::inbox::{Inbox, Read, ReadEnd};

/// Those that have begun and were neither read to their end nor given up.
#[derive(Debug, Default)]
pub(super) struct Inboxes {
    by_id: BTreeMap<u64, Inbox>,
    /// How many of them have not ended.
    open: usize,
}

impl Inboxes {
    pub(super) fn open(&mut self, id: u64) {
        self.by_id.insert(id, Inbox::default());
        self.open += 1;
    }

    /// An item has come: whether it may. `None` if nobody reads that answer.
    pub(super) fn put(&mut self, id: u64, item: Bytes) -> Option<bool> {
        self.by_id.get_mut(&id).map(|inbox| inbox.put(item))
    }

    /// That answer is over: whether it may be. `None` if nobody reads it.
    pub(super) fn end(&mut self, id: u64, end: ReadEnd) -> Option<bool> {
        let inbox = self.by_id.get_mut(&id)?;
        if inbox.has_ended() {
            return Some(false);
        }
        inbox.end(end);
        self.open -= 1;
        Some(true)
    }

    /// All of them are over, those that have ended as they have; returns the others.
    pub(super) fn end_all(&mut self, end: ReadEnd) -> Vec<u64> {
        self.open = 0;
        let open = self.by_id.iter_mut().filter(|(_, inbox)| !inbox.has_ended());
        open.map(|(id, inbox)| (inbox.end(end), *id).1).collect()
    }

    /// What comes next, and how many items to give back for it.
    pub(super) fn read(&mut self, id: u64) -> (Read, Option<u64>) {
        let Some(inbox) = self.by_id.get_mut(&id) else { return (Read::Nothing, None) };
        let (read, given_back) = inbox.read();
        if matches!(read, Read::End(_)) {
            self.by_id.remove(&id);
        }
        (read, given_back)
    }

    /// Nobody reads that answer any more. Whether more of it could come; `None` if nobody did before.
    pub(super) fn remove(&mut self, id: u64) -> Option<bool> {
        let is_open = !self.by_id.remove(&id)?.has_ended();
        self.open -= usize::from(is_open);
        Some(is_open)
    }

    pub(super) fn contains(&self, id: u64) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether there is one of which more can come.
    pub(super) const fn has_open(&self) -> bool {
        self.open > 0
    }
}
