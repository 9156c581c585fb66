//! The answers of one serving stream: written by actors, from any thread, and taken by the stream's task.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BytesMut;
use murmer_core::{Failure, ReplySink};
use murmer_node::{Callee, CalleeInput, CalleeOutput, RefuseReason, STREAM_BYTES_MAX};
use murmer_transport::SendHalf;
use murmer_wire::EncodeError;

use super::pump::BufferWriter;
use super::scratch;

/// The callee, and how to wake its task when an answer is in the buffer.
pub(super) struct Answers {
    state: Mutex<State>,
    /// So that an actor that begins with an ask looks under the lock only if there is something to see.
    has_cancelled: AtomicBool,
}

struct State {
    callee: Callee,
    /// Asks that were delivered and have no answer yet.
    unanswered: usize,
    /// Those of them whose asker has stopped waiting, as far as remembered.
    cancelled: BTreeSet<u64>,
    task: Option<Waker>,
}

impl Answers {
    pub(super) fn new(callee: Callee) -> Self {
        let state = State { callee, unanswered: 0, cancelled: BTreeSet::new(), task: None };
        Self { state: Mutex::new(state), has_cancelled: AtomicBool::new(false) }
    }

    /// An ask is with its actor now, and will be answered or failed once.
    pub(super) fn delivered(&self) {
        self.lock().unanswered += 1;
    }

    pub(super) fn cancel(&self, id: u64) {
        let mut state = self.lock();
        if state.unanswered > 0 && state.cancelled.len() < CANCELLED_MAX {
            state.cancelled.insert(id);
            self.has_cancelled.store(true, Ordering::Release);
        }
    }

    /// Whether another ask may be delivered: what it adds to is bounded.
    pub(super) fn takes_asks(&self) -> bool {
        self.lock().unanswered < UNANSWERED_MAX
    }

    /// Whether the peer takes its answers, or few enough of them wait for it.
    pub(super) fn has_room(&self) -> bool {
        self.lock().callee.buffered() < STREAM_BYTES_MAX
    }

    pub(super) fn all_answered(&self) -> bool {
        self.lock().unanswered == 0
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.lock().callee.deadline()
    }

    pub(super) fn handle(&self, now: Duration, input: CalleeInput) -> Vec<CalleeOutput> {
        let mut state = self.lock();
        state.callee.handle(now, input);
        std::iter::from_fn(|| state.callee.poll()).collect()
    }

    /// Ready only when the stream is broken. Later answers wake the task.
    pub(super) fn poll_write<S: SendHalf>(
        &self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
    ) -> Poll<()> {
        loop {
            match writer.poll_flush(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
            let mut state = self.lock();
            if !state.callee.has_output() {
                state.task = Some(cx.waker().clone());
                return Poll::Pending;
            }
            writer.put(state.callee.take_buffer());
        }
    }

    pub(super) fn poll_last<S: SendHalf>(
        &self,
        cx: &mut Context<'_>,
        writer: &mut BufferWriter<S>,
    ) -> Poll<Result<(), murmer_transport::StreamEnd>> {
        loop {
            ready!(writer.poll_flush(cx))?;
            let buffer = self.lock().callee.take_buffer();
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
    fn write(&self, id: u64, write: impl FnOnce(&mut Callee)) {
        let mut state = self.lock();
        write(&mut state.callee);
        state.unanswered -= 1;
        state.cancelled.remove(&id);
        if state.unanswered == 0 {
            // Also those that came after their answer.
            state.cancelled.clear();
        }
        if state.cancelled.is_empty() {
            self.has_cancelled.store(false, Ordering::Release);
        }
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl ReplySink for Answers {
    fn reply(&self, id: u64, encode: &mut dyn FnMut(&mut BytesMut) -> Result<(), EncodeError>) {
        match scratch::draft(encode) {
            Ok(mut answer) => {
                self.write(id, |callee| callee.reply(id, &mut answer));
                scratch::reuse(answer);
            }
            Err(_) => self.write(id, |callee| callee.fail(id, false)),
        }
    }

    fn fail(&self, id: u64, failure: Failure) {
        self.write(id, |callee| match failure {
            Failure::Stopped => callee.refuse(id, RefuseReason::NoActor),
            Failure::Expired => callee.refuse(id, RefuseReason::Expired),
            Failure::Panicked => callee.fail(id, true),
            Failure::NoReply => callee.fail(id, false),
        });
    }

    fn is_wanted(&self, id: u64) -> bool {
        !self.has_cancelled.load(Ordering::Acquire) || !self.lock().cancelled.contains(&id)
    }
}

/// Asks of one stream that an actor may owe an answer. Far above any mailbox; an actor that keeps this many
/// replies for later is refused more of them.
const UNANSWERED_MAX: usize = 65_536;
/// Cancellations remembered per stream. One that is forgotten costs a handler run in vain.
const CANCELLED_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    struct Unspeakable;

    impl serde::Serialize for Unspeakable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("on purpose"))
        }
    }

    fn answers() -> Answers {
        Answers::new(Callee::new(1 << 20))
    }

    #[test]
    fn a_cancelled_ask_is_not_wanted_until_it_is_answered() {
        let answers = answers();
        answers.cancel(1);
        assert!(answers.is_wanted(1), "there is no such ask");
        answers.delivered();
        answers.delivered();
        answers.cancel(2);
        assert!(answers.is_wanted(1) && !answers.is_wanted(2));
        answers.fail(2, Failure::Stopped);
        assert!(answers.is_wanted(2), "forgotten with its answer");
        answers.cancel(9);
        answers.fail(1, Failure::NoReply);
        assert!(answers.is_wanted(9) && answers.all_answered(), "nothing is kept for asks that are over");
    }

    #[test]
    fn nobody_waits_for_a_value_that_encodes() {
        let (answers, other) = (answers(), answers());
        let mut is_written = false;
        answers.delivered();
        answers.reply(1, &mut |out| {
            // On another thread these would wait for ever if this one held the lock.
            assert!(answers.state.try_lock().is_ok());
            // And a value may do as it likes: its memory is its own.
            other.delivered();
            other.fail(1, Failure::NoReply);
            out.extend_from_slice(b"worth the wait");
            is_written = true;
            Ok(())
        });
        assert!(is_written && answers.all_answered());
        assert!(answers.lock().callee.take_buffer().ends_with(b"worth the wait"));
    }

    #[test]
    fn a_value_that_refuses_to_be_encoded_is_no_answer() {
        let answers = answers();
        answers.delivered();
        answers.reply(1, &mut |out| murmer_wire::encode(&Unspeakable, out));
        assert!(answers.all_answered());
    }

    #[test]
    fn a_peer_that_cancels_without_end_makes_nobody_remember_without_end() {
        let answers = answers();
        answers.delivered();
        for id in 0..10 * CANCELLED_MAX as u64 {
            answers.cancel(id);
        }
        assert!(answers.lock().cancelled.len() <= CANCELLED_MAX);
    }
}
