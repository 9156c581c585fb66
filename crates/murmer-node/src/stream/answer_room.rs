//! How many asks may wait for their turn, so that their answers don't fill memory.
//!
//! Answers are written by actors, which never wait for the network: once an ask is in a mailbox its answer
//! will be in the buffer, however large. So asks whose turn has not come are counted, at the size of the
//! largest answers seen lately, and the next one is held back while all of that exceeds a bound.
//!
//! An ask whose turn has come counts no more, also if its answer is kept for later: what comes behind it
//! may be what that answer waits for. One that is held back could not be handled before those in front of
//! it anyway, nor could what follows it.

use alloc::collections::VecDeque;

/// The answers that one stream may have to carry, estimated.
#[derive(Debug)]
pub struct AnswerRoom {
    /// Asks with the actor whose turn has not come; their ids rise.
    queued: VecDeque<u64>,
    /// Bytes of a large answer: the largest one at once, forgotten slowly.
    estimate: usize,
}

impl AnswerRoom {
    /// Nothing is known yet, so little is allowed.
    pub const fn new() -> Self {
        Self { queued: VecDeque::new(), estimate: ANSWER_BYTES_MAX / QUEUED_FIRST }
    }

    /// The ask `id` was handed to the actor.
    pub fn delivered(&mut self, id: u64) {
        self.queued.push_back(id);
    }

    /// The turn of `id` has come, and of all before it.
    pub fn begun(&mut self, id: u64) {
        while self.queued.front().is_some_and(|queued| *queued <= id) {
            self.queued.pop_front();
        }
    }

    /// The ask `id` is over without an answer to speak of.
    pub fn ended(&mut self, id: u64) {
        if let Ok(at) = self.queued.binary_search(&id) {
            self.queued.remove(at);
        }
    }

    /// The ask `id` was answered with so many bytes.
    pub fn answered(&mut self, id: u64, bytes: usize) {
        self.ended(id);
        self.estimate = bytes.max(self.estimate - self.estimate / FORGOTTEN_PART);
    }

    /// Whether another ask may be handed to the actor while so many bytes of answers are in the buffer. One
    /// always may wait for its turn.
    pub fn admits(&self, buffered: usize) -> bool {
        let expected = self.estimate.saturating_mul(self.queued.len() + 1);
        self.queued.is_empty() || expected.saturating_add(buffered) <= ANSWER_BYTES_MAX
    }
}

impl Default for AnswerRoom {
    fn default() -> Self {
        Self::new()
    }
}

/// What the answers of one stream may take in memory, by estimate: what is in the buffer, and what asks
/// that wait for their turn will add. A few of the largest frames.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;
/// Asks that may wait for their turn before the size of any answer is known.
const QUEUED_FIRST: usize = 16;
/// With each answer this part of the estimate is forgotten, so that one large answer in a hundred is
/// remembered and one in a thousand is not.
const FORGOTTEN_PART: usize = 64;
