//! Datagrams that wait; when there are too many the oldest are dropped.

use std::collections::VecDeque;

use bytes::Bytes;

#[derive(Debug)]
pub(super) struct Queue {
    datagrams: VecDeque<Bytes>,
    bytes: usize,
    bytes_max: usize,
}

impl Queue {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self { datagrams: VecDeque::new(), bytes: 0, bytes_max }
    }

    pub(super) fn push(&mut self, datagram: Bytes) {
        // Empty ones take room as well.
        self.bytes += datagram.len() + OVERHEAD_BYTES;
        self.datagrams.push_back(datagram);
        while self.bytes > self.bytes_max {
            self.pop();
        }
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let datagram = self.datagrams.pop_front()?;
        self.bytes -= datagram.len() + OVERHEAD_BYTES;
        Some(datagram)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.datagrams.is_empty()
    }
}

const OVERHEAD_BYTES: usize = 32;
