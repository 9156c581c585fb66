//! Streamed answers on their way out: who waits for credit, or for room in the buffer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use murmer_core::ItemSink;
use murmer_node::{CalleeOutput, ItemsEnd};
use murmer_wire::EncodeError;

use super::answers::Answers;
use super::scratch;

/// The tasks that yield the items of streamed answers, by the ids of the asks, while they wait.
#[derive(Default)]
pub(super) struct Exports {
    waiting: BTreeMap<u64, Waker>,
    /// Those of them that wait only for room in the buffer.
    for_room: BTreeMap<u64, Waker>,
}

impl Exports {
    pub(super) fn wait(&mut self, id: u64, cx: &Context<'_>) {
        self.waiting.insert(id, cx.waker().clone());
    }

    pub(super) fn wait_for_room(&mut self, id: u64, cx: &Context<'_>) {
        self.wait(id, cx);
        self.for_room.insert(id, cx.waker().clone());
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.waiting.remove(&id);
        self.for_room.remove(&id);
    }

    /// Those for whom something has changed by that.
    pub(super) fn concerned(&mut self, output: &CalleeOutput) -> Vec<Waker> {
        match output {
            CalleeOutput::Credited(id) | CalleeOutput::Cancelled(id) => {
                self.waiting.remove(id).into_iter().collect()
            }
            CalleeOutput::Over => std::mem::take(&mut self.waiting).into_values().collect(),
            CalleeOutput::Bind { .. } | CalleeOutput::Deliver { .. } => Vec::new(),
        }
    }

    /// There is room again.
    pub(super) fn take_for_room(&mut self) -> BTreeMap<u64, Waker> {
        std::mem::take(&mut self.for_room)
    }
}

/// The way out of one streamed answer.
pub(super) struct Export {
    answers: Arc<Answers>,
    /// Of the ask.
    id: u64,
}

impl Export {
    pub(super) const fn new(answers: Arc<Answers>, id: u64) -> Self {
        Self { answers, id }
    }
}

impl ItemSink for Export {
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        self.answers.poll_item_ready(cx, self.id)
    }

    fn poll_unwanted(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.answers.poll_items_unwanted(cx, self.id)
    }

    fn send(&mut self, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        match scratch::draft(encode) {
            Ok(mut item) => {
                self.answers.item(self.id, &mut item);
                scratch::reuse(item);
            }
            Err(_) => self.answers.end_items(self.id, ItemsEnd::Unwritable),
        }
    }

    fn end(self: Box<Self>, panicked: bool) {
        let how = if panicked { ItemsEnd::Panicked } else { ItemsEnd::Complete };
        self.answers.end_items(self.id, how);
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.answers.close_items(self.id);
    }
}
