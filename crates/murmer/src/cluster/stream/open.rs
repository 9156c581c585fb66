//! One open stream to an actor on another node, as those who send and its task share it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use murmer_core::FarReply;
use murmer_node::Caller;
use murmer_transport::Portion;
use murmer_wire::MessageKey;
use tokio::sync::oneshot;

use super::signal::keep;
use super::unsent::{COUNTED_BYTES, Unsent};

/// One open stream: what senders and its task share.
pub(crate) struct Stream {
    state: Mutex<StreamState>,
}

pub(crate) struct StreamState {
    pub(crate) caller: Caller<Awaiting>,
    /// Wakes the task when there is something to send.
    pub(crate) task: Option<Waker>,
    /// Those who wait for items of streamed answers, by the ids of the asks.
    pub(crate) readers: BTreeMap<u64, Waker>,
    /// Those who wait until everything up to a message has been accepted; one per look at the stream.
    flushing: Vec<(u64, oneshot::Sender<()>)>,
    /// The connection was replaced: nothing more is written here.
    pub(crate) is_retiring: bool,
    pub(super) sendable: Sendable,
    unsent: Unsent,
}

/// Messages that the other node is known not to lack, so that not every one is looked up in its manifest.
#[derive(Default)]
pub(super) struct Sendable {
    /// What was true after so many changes of manifests.
    changes: u64,
    keys: [Option<MessageKey>; SENDABLE_KEPT_MAX],
}

/// A caller that awaits an answer, and what to call things in its errors.
#[derive(Debug)]
pub(crate) struct Awaiting {
    pub(crate) reply: FarReply,
    pub(crate) actor_type: &'static str,
    pub(crate) message: &'static str,
    pub(crate) asked_at: Duration,
}

impl Sendable {
    pub(super) fn contains(&self, key: MessageKey, changes: u64) -> bool {
        self.changes == changes && self.keys.contains(&Some(key))
    }

    pub(super) fn add(&mut self, key: MessageKey, changes: u64) {
        if self.changes != changes {
            *self = Self { changes, ..Self::default() };
        }
        // The oldest goes.
        self.keys.rotate_right(1);
        self.keys[0] = Some(key);
    }
}

impl StreamState {
    fn new(caller: Caller<Awaiting>, unsent: Portion) -> Self {
        Self {
            caller,
            task: None,
            readers: BTreeMap::new(),
            flushing: Vec::new(),
            is_retiring: false,
            sendable: Sendable::default(),
            unsent: Unsent::new(unsent),
        }
    }

    /// Ready once what has been written by now has been accepted, or the stream is over; `None` if that is so.
    pub(super) fn flush(&mut self) -> Option<oneshot::Receiver<()>> {
        if self.is_flushed(self.caller.last_id()) {
            return None;
        }
        let (sender, flushed) = oneshot::channel();
        self.flushing.push((self.caller.last_id(), sender));
        Some(flushed)
    }

    /// Those for whom that has come.
    pub(super) fn take_flushed(&mut self) -> Vec<oneshot::Sender<()>> {
        if self.flushing.is_empty() {
            return Vec::new();
        }
        let (flushed, rest) =
            std::mem::take(&mut self.flushing).into_iter().partition(|(id, _)| self.is_flushed(*id));
        self.flushing = rest;
        let flushed: Vec<(u64, _)> = flushed;
        flushed.into_iter().map(|(_, sender)| sender).collect()
    }

    fn is_flushed(&self, id: u64) -> bool {
        self.caller.is_over() || self.caller.has_accepted_upto(id)
    }

    /// Another message has been written, or the task holds so much now of what it has taken.
    pub(super) fn count_unsent(&mut self, leaving: Option<usize>) {
        self.unsent.count(self.caller.buffered(), leaving);
    }

    /// Whether more may be written while all streams together may hold so much: each may hold a little, so that
    /// those that are stuck don't slow the others, or one message, so that it has something to be woken for.
    pub(super) fn may_hold_more(&self, max: usize) -> bool {
        let holds_little = self.caller.buffered() < COUNTED_BYTES || !self.caller.has_messages();
        holds_little || self.unsent.sum() < max
    }

    /// Whoever has something to send wakes the task that polls.
    pub(crate) fn set_task(&mut self, cx: &Context<'_>) {
        keep(&mut self.task, cx.waker());
    }
}

impl Stream {
    pub(super) fn new(caller: Caller<Awaiting>, unsent: Portion) -> Self {
        Self { state: Mutex::new(StreamState::new(caller, unsent)) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, StreamState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Messages of one actor that are in use at a time, mostly.
const SENDABLE_KEPT_MAX: usize = 4;
