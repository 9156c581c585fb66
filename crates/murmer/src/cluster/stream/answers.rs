//! The answers of one serving stream: written by actors, from any thread, and taken by the stream's task.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BytesMut;
use murmer_core::{Failure, InboundPort, ItemSink, ReplySink};
use murmer_node::{
    AnswerRoom, Callee, CalleeInput, CalleeOutput, Draft, ItemsEnd, RefuseReason, STREAM_BYTES_MAX,
};
use murmer_transport::{Portion, SendHalf};
use murmer_wire::EncodeError;

use super::exports::{Export, Exports};
use super::pump::BufferWriter;
use super::scratch;
use super::signal::keep;
use super::unsent::{COUNTED_BYTES, Unsent};

/// The callee, and how to wake its task when an answer is in the buffer.
pub(super) struct Answers {
    state: Mutex<State>,
    /// So that an actor that begins with an ask looks under the lock only if there is something to see.
    has_cancelled: AtomicBool,
    /// The last ask whose turn has come; an actor begins with them in their order.
    begun: AtomicU64,
    /// The task holds back an ask until a turn has come.
    is_holding: AtomicBool,
}

struct State {
    callee: Callee,
    unsent: Unsent,
    /// What all streams may hold together, but for a little each.
    unsent_max: usize,
    room: AnswerRoom,
    /// Asks that were delivered and have no answer yet, or not the end of a streamed one.
    unanswered: usize,
    /// Those of them whose asker has stopped waiting, as far as remembered.
    cancelled: BTreeSet<u64>,
    exports: Exports,
    /// Of the task, while it waits for answers to write.
    task: Option<Waker>,
    /// Of the task, while it holds back an ask.
    holding: Option<Waker>,
    /// The ask that is being taken back from the mailbox's line, while it is.
    withdrawing: Option<u64>,
}

/// An ask that is one too many.
pub(super) struct TooMany;

/// How the machine stands after an input.
pub(super) struct Handled {
    /// Whether the message that it delivers may go to the actor.
    pub(super) admitted: Poll<Result<(), TooMany>>,
    /// Whether the peer takes its answers, or few enough of them wait for it.
    pub(super) has_room: bool,
    pub(super) deadline: Option<Duration>,
}

/// What is left when all has been written that can be.
pub(super) struct Written {
    /// As in [`Handled`].
    pub(super) has_room: bool,
    /// Asks that were delivered.
    pub(super) unanswered: usize,
    /// The buffer was taken, and may have room for what there was none for.
    pub(super) has_written: bool,
}

impl Default for Handled {
    fn default() -> Self {
        Self { admitted: Poll::Ready(Ok(())), has_room: true, deadline: None }
    }
}

impl Answers {
    pub(super) fn new(callee: Callee, unsent: Portion, unsent_max: usize) -> Self {
        let state = State {
            callee,
            unsent: Unsent::new(unsent),
            unsent_max,
            room: AnswerRoom::new(),
            unanswered: 0,
            cancelled: BTreeSet::new(),
            exports: Exports::default(),
            task: None,
            holding: None,
            withdrawing: None,
        };
        Self {
            state: Mutex::new(state),
            has_cancelled: AtomicBool::new(false),
            begun: AtomicU64::new(0),
            is_holding: AtomicBool::new(false),
        }
    }

    /// Ready if the ask `id` may go to its actor; it will be answered or failed once, then. While pending, the
    /// task is woken by turns that come and by answers.
    pub(super) fn poll_admit(&self, cx: &mut Context<'_>, id: u64) -> Poll<Result<(), TooMany>> {
        let mut state = self.lock();
        // An actor first says whose turn it is and then looks for this; we do it the other way around.
        self.is_holding.store(true, Ordering::SeqCst);
        let admitted = state.admit(id, self.begun.load(Ordering::SeqCst));
        let is_holding = admitted.is_pending();
        state.holding = is_holding.then(|| cx.waker().clone());
        self.is_holding.store(is_holding, Ordering::SeqCst);
        admitted
    }

    /// Lets go of the port that the ask `id` waits in. False if the mailbox has taken it after all; if not, it
    /// is over without a word: whoever ends the stream says what that means.
    pub(super) fn withdraw(&self, id: u64, port: Option<Box<dyn InboundPort>>) -> bool {
        self.lock().withdrawing = Some(id);
        // A message that is dropped with its port says so here, by `fail`.
        drop(port);
        self.lock().withdrawing.take().is_none()
    }

    /// That ask did not get to its actor after all, and is answered otherwise.
    pub(super) fn undelivered(&self, id: u64) {
        let mut state = self.lock();
        state.unanswered -= 1;
        state.room.ended(id);
    }

    pub(super) fn cancel(&self, id: u64) {
        let mut state = self.lock();
        if state.unanswered > 0 && state.cancelled.len() < CANCELLED_MAX {
            state.cancelled.insert(id);
            self.has_cancelled.store(true, Ordering::Release);
        }
    }

    pub(super) fn all_answered(&self) -> bool {
        self.lock().unanswered == 0
    }

    /// Feeds the machine, after it has been told of the last message if the mailbox `has_taken` it. Adds what it
    /// says to `outputs`; a message that it delivers is admitted, if possible, on the way.
    pub(super) fn handle(
        &self,
        now: Duration,
        has_taken: bool,
        input: CalleeInput,
        outputs: &mut Vec<CalleeOutput>,
    ) -> Handled {
        let mut state = self.lock();
        if has_taken {
            state.callee.handle(now, CalleeInput::Taken);
        }
        state.callee.handle(now, input);
        let mut handled = Handled::default();
        let mut concerned = Vec::new();
        while let Some(output) = state.callee.poll() {
            match output {
                CalleeOutput::Deliver { id, is_ask: true, .. } => {
                    handled.admitted = state.admit(id, self.begun.load(Ordering::SeqCst));
                }
                CalleeOutput::Deliver { .. } | CalleeOutput::Bind { .. } => {}
                _ => {
                    concerned.extend(state.exports.concerned(&output));
                    // Answers to come are dropped, and those that are left go out or are lost soon.
                    if output == CalleeOutput::Over {
                        state.count_unsent(Some(0));
                    }
                }
            }
            outputs.push(output);
        }
        handled.has_room = state.has_room();
        handled.deadline = state.callee.deadline();
        drop(state);
        concerned.into_iter().for_each(Waker::wake);
        handled
    }

    /// Ready with true if another item of the streamed answer to `id` may be sent, with false if it is over.
    pub(super) fn poll_item_ready(&self, cx: &Context<'_>, id: u64) -> Poll<bool> {
        let mut state = self.lock();
        match state.callee.may_send_item(id) {
            None => return Poll::Ready(false),
            Some(true) if state.has_room() => return Poll::Ready(true),
            Some(true) => state.exports.wait_for_room(id, cx),
            Some(false) => state.exports.wait(id, cx),
        }
        Poll::Pending
    }

    pub(super) fn poll_items_unwanted(&self, cx: &Context<'_>, id: u64) -> Poll<()> {
        let mut state = self.lock();
        if state.callee.may_send_item(id).is_none() {
            return Poll::Ready(());
        }
        state.exports.wait(id, cx);
        Poll::Pending
    }

    pub(super) fn item(&self, id: u64, item: &mut Draft) {
        let mut state = self.lock();
        state.callee.item(id, item);
        state.count_unsent(None);
        let task = state.task.take();
        drop(state);
        task.into_iter().for_each(Waker::wake);
    }

    /// No more items of the streamed answer to `id` follow; it is still to be [closed](Self::close_items).
    pub(super) fn end_items(&self, id: u64, how: ItemsEnd) {
        self.lock().callee.end_items(id, how);
    }

    /// Whatever was to say about the streamed answer to `id` has been said, unless its actor was interrupted.
    pub(super) fn close_items(&self, id: u64) {
        self.write(id, |state| {
            state.callee.end_items(id, ItemsEnd::Interrupted);
            state.exports.remove(id);
        });
    }

    /// Writes what there is; later answers, or room for more of them, wake the task. An error if the stream is
    /// broken.
    pub(super) fn poll_write<S: SendHalf>(
        &self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
    ) -> Result<Written, murmer_transport::StreamEnd> {
        let mut has_written = false;
        loop {
            let is_flushed = writer.poll_flush(cx)?.is_ready();
            let mut state = self.lock();
            state.count_unsent(Some(writer.unsent()));
            if is_flushed && !state.callee.has_output() {
                keep(&mut state.task, cx.waker());
            }
            if !is_flushed || !state.callee.has_output() {
                return Ok(Written { has_room: state.has_room(), unanswered: state.unanswered, has_written });
            }
            writer.put(state.callee.take_buffer());
            has_written = true;
            let waited = if state.has_room() { state.exports.take_for_room() } else { Default::default() };
            drop(state);
            waited.into_values().for_each(Waker::wake);
        }
    }

    pub(super) fn poll_last<S: SendHalf>(
        &self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
    ) -> Poll<Result<(), murmer_transport::StreamEnd>> {
        loop {
            ready!(writer.poll_flush(cx))?;
            let mut state = self.lock();
            let buffer = state.callee.take_buffer();
            state.count_unsent(Some(buffer.len()));
            drop(state);
            if buffer.is_empty() {
                return Poll::Ready(Ok(()));
            }
            writer.put(buffer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Each ask that was delivered comes here once.
    fn write(&self, id: u64, write: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        write(&mut state);
        state.count_unsent(None);
        state.unanswered -= 1;
        state.cancelled.remove(&id);
        if state.unanswered == 0 {
            // Also those that came after their answer.
            state.cancelled.clear();
        }
        if state.cancelled.is_empty() {
            self.has_cancelled.store(false, Ordering::Release);
        }
        let tasks = [state.task.take(), state.holding.take()];
        drop(state);
        tasks.into_iter().flatten().for_each(Waker::wake);
    }

    fn turn_has_come(&self, id: u64) {
        // Asked again later, for an answer that is kept, it is not the last one any more.
        if self.begun.load(Ordering::Relaxed) >= id {
            return;
        }
        self.begun.fetch_max(id, Ordering::SeqCst);
        if self.is_holding.load(Ordering::SeqCst) {
            let task = self.lock().holding.take();
            task.into_iter().for_each(Waker::wake);
        }
    }
}

impl State {
    /// Another answer has been written, or the task holds so much now of what it has taken.
    fn count_unsent(&mut self, leaving: Option<usize>) {
        self.unsent.count(self.callee.buffered(), leaving);
    }

    fn has_room(&self) -> bool {
        self.callee.buffered() < STREAM_BYTES_MAX
    }

    /// For a stream whose actor has come to the ask `begun`.
    fn admit(&mut self, id: u64, begun: u64) -> Poll<Result<(), TooMany>> {
        if self.unanswered >= UNANSWERED_MAX {
            return Poll::Ready(Err(TooMany));
        }
        self.room.begun(begun);
        let is_crowded = self.unsent.sum() >= self.unsent_max && self.callee.buffered() >= COUNTED_BYTES;
        if is_crowded || !self.has_room() || !self.room.admits(self.callee.buffered()) {
            return Poll::Pending;
        }
        self.unanswered += 1;
        self.room.delivered(id);
        Poll::Ready(Ok(()))
    }
}

impl ReplySink for Answers {
    fn items(self: Arc<Self>, id: u64) -> Box<dyn ItemSink> {
        let mut state = self.lock();
        // It says nothing of its own; what follows is held up by credit.
        state.room.ended(id);
        if !state.cancelled.contains(&id) {
            state.callee.begin_items(id);
        }
        let tasks = [state.task.take(), state.holding.take()];
        drop(state);
        tasks.into_iter().flatten().for_each(Waker::wake);
        Box::new(Export::new(self, id))
    }

    fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        match scratch::draft(encode) {
            Ok(mut answer) => {
                self.write(id, |state| {
                    let before = state.callee.buffered();
                    state.callee.reply(id, &mut answer);
                    state.room.answered(id, state.callee.buffered() - before);
                });
                scratch::reuse(answer);
            }
            Err(_) => self.fail(id, Failure::NoReply),
        }
    }

    fn fail(&self, id: u64, failure: Failure) {
        self.write(id, |state| {
            state.room.ended(id);
            match failure {
                Failure::Stopped if state.withdrawing == Some(id) => state.withdrawing = None,
                Failure::Stopped => state.callee.refuse(id, RefuseReason::NoActor),
                Failure::Expired => state.callee.refuse(id, RefuseReason::Expired),
                Failure::Panicked => state.callee.fail(id, true),
                Failure::NoReply => state.callee.fail(id, false),
            }
        });
    }

    /// An actor asks this first of all when the turn of an ask comes.
    fn is_wanted(&self, id: u64) -> bool {
        self.turn_has_come(id);
        !self.has_cancelled.load(Ordering::Acquire) || !self.lock().cancelled.contains(&id)
    }
}

/// Asks of one stream that an actor may owe an answer. Far above any mailbox; an actor that keeps this many
/// replies for later is refused more of them.
const UNANSWERED_MAX: usize = 65_536;
/// Cancellations remembered per stream. One that is forgotten costs a handler run in vain.
const CANCELLED_MAX: usize = 1_024;

#[cfg(test)]
mod tests;
