//! The mailbox, and the actor behind it: what it is handed, what it owes, what it streams.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use murmer_node::{ItemsEnd, RefuseReason};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::super::pipe::draft;
use super::far::{FarEnd, item};
use super::ledger::Ledger;
use super::message::Answer;

/// A message on its way to the actor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivered {
    pub(super) generation: u64,
    pub(super) id: u64,
    pub(super) is_ask: bool,
    pub(super) number: usize,
    pub(super) expires_at: Option<Duration>,
}

/// The mailbox and the actor behind it.
#[derive(Debug, Default)]
pub(super) struct Actor {
    mailbox: VecDeque<Delivered>,
    cancelled: BTreeSet<(u64, u64)>,
    /// Asks that were handled and got no answer yet.
    owed: Vec<Delivered>,
    /// Asks whose answer has begun and not ended.
    streaming: Vec<Delivered>,
}

impl Actor {
    pub(super) fn has_room(&self, room: usize) -> bool {
        self.mailbox.len() < room
    }

    pub(super) fn put(&mut self, delivered: Delivered) {
        self.mailbox.push_back(delivered);
    }

    pub(super) fn cancel(&mut self, generation: u64, id: u64) {
        self.cancelled.insert((generation, id));
    }

    /// Handles the next message, unless its asker has given up or run out of time.
    pub(super) fn handle_next(&mut self, now: Duration, ledger: &mut Ledger, ends: &mut [&mut FarEnd]) {
        let Some(next) = self.mailbox.pop_front() else { return };
        if self.cancelled.contains(&(next.generation, next.id)) {
            return;
        }
        if next.expires_at.is_some_and(|at| at <= now) {
            ledger.refused(next.number, RefuseReason::Expired);
            if let Some(end) = end_of(next, ends) {
                end.callee.refuse(next.id, RefuseReason::Expired);
            }
            return;
        }
        ledger.handled(next.number);
        if next.is_ask {
            self.owed.push(next);
        }
    }

    /// Answers any of the asks that wait for that.
    pub(super) fn answer(
        &mut self,
        rng: &mut ChaCha8Rng,
        max: usize,
        ledger: &mut Ledger,
        ends: &mut [&mut FarEnd],
    ) {
        if self.owed.is_empty() {
            return;
        }
        let ask = self.owed.swap_remove(rng.random_range(0..self.owed.len()));
        let answer = match rng.random_range(0..12) {
            0 => Answer::Failed { panicked: true },
            1 => Answer::Failed { panicked: false },
            2..8 if ledger.message(ask.number).order.is_streamed => Answer::Items,
            _ if ledger.message(ask.number).order.is_streamed => Answer::Failed { panicked: false },
            2 => Answer::TooLarge,
            3 => Answer::Words(rng.random_range(0..max / 8 - 8)),
            _ => Answer::Words(1),
        };
        ledger.answered(ask.number, answer.clone());
        let Some(end) = end_of(ask, ends) else { return };
        let words = |count| draft(&(ask.number as u64).to_le_bytes().repeat(count));
        match answer {
            Answer::Words(count) => end.callee.reply(ask.id, &mut words(count)),
            Answer::Failed { panicked } => end.callee.fail(ask.id, panicked),
            Answer::Items => {
                end.callee.begin_items(ask.id);
                self.streaming.push(ask);
            }
            Answer::TooLarge => end.callee.reply(ask.id, &mut words(max / 8 + 1)),
        }
    }

    /// Sends the next item of any of its streamed answers, if there is credit, or ends that answer. Returns
    /// whether anything came of it.
    pub(super) fn stream(
        &mut self,
        rng: &mut ChaCha8Rng,
        max: usize,
        ledger: &mut Ledger,
        ends: &mut [&mut FarEnd],
    ) -> bool {
        if self.streaming.is_empty() {
            return false;
        }
        let at = rng.random_range(0..self.streaming.len());
        let ask = self.streaming[at];
        let end = end_of(ask, ends);
        let may_send = end.as_ref().and_then(|end| end.callee.may_send_item(ask.id));
        let (Some(end), Some(may_send)) = (end, may_send) else {
            // Given up, or the stream that carried it is over.
            self.streaming.swap_remove(at);
            return true;
        };
        let (number, items) = (ask.number, &ledger.message(ask.number).items);
        match rng.random_range(0..40) {
            0 => {
                let how = if rng.random() { ItemsEnd::Complete } else { ItemsEnd::Interrupted };
                end.callee.end_items(ask.id, how);
                ledger.items_ended(number, how);
            }
            _ if !may_send => return false,
            1 => {
                let at = items.count();
                end.callee.item(ask.id, &mut draft(&item(number, at, max)));
                assert_eq!(end.callee.may_send_item(ask.id), None, "an item that no frame holds");
                // Kind and id, and at the most as many bytes of length.
                let bytes = (max + 1 + varint_len(ask.id) + 4) as u64;
                ledger.items_ended(number, ItemsEnd::TooLarge { bytes, max: max as u64 });
            }
            _ => {
                let bytes = rng.random_range(0..max - 40).max(16);
                end.callee.item(ask.id, &mut draft(&item(number, items.count(), bytes)));
                ledger.item_sent(number, bytes);
            }
        }
        true
    }

    /// It has nothing to do but to stream.
    pub(super) fn is_done(&self) -> bool {
        self.mailbox.is_empty() && self.owed.is_empty()
    }
}

/// The stream that an ask came over, if it is still there.
fn end_of<'e>(ask: Delivered, ends: &'e mut [&mut FarEnd]) -> Option<&'e mut FarEnd> {
    ends.iter_mut().map(|end| &mut **end).find(|end| end.generation() == Some(ask.generation))
}

const fn varint_len(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}
