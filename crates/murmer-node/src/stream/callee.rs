//! The end that serves: bound to one actor by the first frame, it hands messages on in order and
//! carries answers back in any.
//!
//! The shell delivers one message at a time and says [`Taken`](CalleeInput::Taken) when the mailbox has
//! it; until then it reads no further, which is the whole of back-pressure here. The items of a streamed
//! answer have their own: [`may_send_item`](Callee::may_send_item).

use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use bytes::Bytes;
use murmer_wire::{ActorNumber, FRAME_BYTES_HARD_MAX, MessageKey};

use super::buffer::Buffer;
use super::credit::Credit;
use super::draft::Draft;
use crate::protocol::actor_frame::Sent;
use crate::protocol::{ActorFrame, ItemsEnd, RefuseReason, StreamEnd};

/// The serving end of one stream.
#[derive(Debug)]
pub struct Callee {
    frame_bytes_max: usize,
    buffer: Buffer,
    step: Step,
    /// The last message read: ids rise by one.
    last_id: u64,
    taken_id: u64,
    told_id: u64,
    tell_at: Option<Duration>,
    /// The streamed answers that have begun and not ended, by their asks.
    streamed: BTreeMap<u64, Credit>,
    out: VecDeque<CalleeOutput>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Unbound,
    Bound(ActorNumber),
    /// A newer stream carries the messages; here only what was asked before is answered.
    Superseded,
    Over,
}

/// Something that happened.
#[derive(Debug)]
pub enum CalleeInput {
    /// A frame arrived.
    Frame(Bytes),
    /// The mailbox has taken, or refused, the message delivered last.
    Taken,
    /// The delivered message with this id was no message of the actor's; the sender is to know.
    Refused {
        /// Which message.
        id: u64,
        /// Why.
        reason: RefuseReason,
    },
    /// A newer stream carries the sender's messages: those that come here are too late.
    Superseded,
    /// The stream ends from this side.
    End(StreamEnd),
    /// The stream or its connection ended; nothing can be sent any more.
    Lost,
    /// The deadline has passed.
    Timeout,
}

/// Something to do.
#[derive(Debug, PartialEq, Eq)]
pub enum CalleeOutput {
    /// The stream is for this actor. End all streams of older generations from the same node to it,
    /// and this one if there is a newer.
    Bind {
        /// Which actor of this process.
        actor: ActorNumber,
        /// Which of the sender's streams to it.
        generation: u64,
    },
    /// Hand a message to the actor.
    Deliver {
        /// Which message of this stream.
        id: u64,
        /// Whether an answer is wanted.
        is_ask: bool,
        /// What it is.
        key: MessageKey,
        /// How long the sender waits; `None` for as long as it takes.
        remaining: Option<Duration>,
        /// The encoded message.
        payload: Bytes,
    },
    /// The answer to this message is no longer wanted; if it is streamed, it is over.
    Cancelled(u64),
    /// More items of the streamed answer to this message may be sent.
    Credited(u64),
    /// The last frame is in the buffer: send it and finish the stream.
    Over,
}

impl Callee {
    /// A stream that has not said yet what it is for.
    pub fn new(frame_bytes_max: usize) -> Self {
        Self {
            frame_bytes_max: frame_bytes_max.min(FRAME_BYTES_HARD_MAX),
            buffer: Buffer::default(),
            step: Step::Unbound,
            last_id: 0,
            taken_id: 0,
            told_id: 0,
            tell_at: None,
            streamed: BTreeMap::new(),
            out: VecDeque::new(),
        }
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: CalleeInput) {
        debug_assert!(self.out.is_empty(), "drain the outputs first");
        if self.step == Step::Over {
            return;
        }
        match input {
            CalleeInput::Frame(body) => match ActorFrame::read(body) {
                Ok(frame) => self.handle_frame(now, frame),
                Err(_) => self.end(StreamEnd::Protocol),
            },
            CalleeInput::Taken => self.taken(now),
            CalleeInput::Refused { id, reason } => {
                self.buffer.put(&ActorFrame::Refuse { id, reason });
                self.taken(now);
            }
            CalleeInput::Superseded => self.step = Step::Superseded,
            CalleeInput::End(reason) => self.end(reason),
            CalleeInput::Lost => {
                self.buffer.clear();
                self.over();
            }
            CalleeInput::Timeout => {
                if self.tell_at.is_some_and(|at| now >= at) {
                    self.tell_accepted();
                }
            }
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<CalleeOutput> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub const fn deadline(&self) -> Option<Duration> {
        self.tell_at
    }

    /// Writes the answer to `id`. If it is too large, the asker learns that there is none. After the end of
    /// the stream nothing is written.
    pub fn reply(&mut self, id: u64, answer: &mut Draft) {
        if self.step == Step::Over {
            return;
        }
        if self.taken_id - self.told_id >= TAKEN_TOLD_ALONG {
            // With what leaves anyway: by itself it would be a packet.
            self.tell_accepted();
        }
        let head = |out: &mut _| ActorFrame::write_reply_head(out, id);
        if self.buffer.put_draft(self.frame_bytes_max, head, answer).is_err() {
            self.fail(id, false);
        }
    }

    /// Answers `id` by a stream, whose items follow.
    pub fn begin_items(&mut self, id: u64) {
        if self.step != Step::Over {
            self.buffer.put(&ActorFrame::Reply { id, payload: Bytes::new() });
            self.streamed.insert(id, Credit::default());
        }
    }

    /// Whether the next item of the answer to `id` may be sent by now; `None` if that answer is over, or
    /// nobody wants it any more.
    pub fn may_send_item(&self, id: u64) -> Option<bool> {
        self.streamed.get(&id).map(Credit::covers_another)
    }

    /// Writes the next item of the answer to `id`, which [may be sent](Self::may_send_item). If it is too large,
    /// that is the answer's end. After that, nothing is written.
    pub fn item(&mut self, id: u64, item: &mut Draft) {
        let Some(credit) = self.streamed.get_mut(&id) else { return };
        debug_assert!(credit.covers_another(), "ask first");
        let (size, max) = (item.bytes().len(), self.frame_bytes_max);
        let head = |out: &mut _| ActorFrame::write_item_head(out, id);
        match self.buffer.put_draft(max, head, item) {
            Ok(()) => credit.spend(size),
            Err(bytes) => self.end_items(id, ItemsEnd::TooLarge { bytes: bytes as u64, max: max as u64 }),
        }
    }

    /// Says that there are no more items of the answer to `id`, unless that has been said.
    pub fn end_items(&mut self, id: u64, how: ItemsEnd) {
        if self.streamed.remove(&id).is_some() {
            self.buffer.put(&ActorFrame::End { id, how });
        }
    }

    /// Says that `id` got no answer although a handler ran.
    pub fn fail(&mut self, id: u64, panicked: bool) {
        if self.step != Step::Over {
            self.buffer.put(&ActorFrame::Fail { id, panicked });
        }
    }

    /// Says that `id` never reached a handler.
    pub fn refuse(&mut self, id: u64, reason: RefuseReason) {
        if self.step != Step::Over {
            self.buffer.put(&ActorFrame::Refuse { id, reason });
        }
    }

    /// Takes what is to be sent next. Again while there [is more](Self::has_output): large answers come in
    /// pieces.
    pub fn take_buffer(&mut self) -> Bytes {
        self.buffer.take_piece()
    }

    /// Bytes to be sent.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there is something to take.
    pub fn has_output(&self) -> bool {
        !self.buffer.is_empty()
    }

    fn handle_frame(&mut self, now: Duration, frame: ActorFrame) {
        match (self.step, frame) {
            (Step::Unbound, ActorFrame::Open { actor, generation }) => {
                self.step = Step::Bound(actor);
                self.out.push_back(CalleeOutput::Bind { actor, generation });
            }
            (Step::Bound(actor), ActorFrame::Ask(sent)) => self.handle_sent(actor, true, sent),
            (Step::Bound(actor), ActorFrame::Tell(sent)) => self.handle_sent(actor, false, sent),
            (Step::Bound(_) | Step::Superseded, ActorFrame::Cancel { id }) if id <= self.last_id => {
                self.streamed.remove(&id);
                self.out.push_back(CalleeOutput::Cancelled(id));
            }
            (Step::Bound(_) | Step::Superseded, ActorFrame::Credit { id, n }) if id <= self.last_id => {
                self.credit(id, n);
            }
            (Step::Superseded, _) => {}
            (Step::Bound(_), ActorFrame::Cancel { id }) if id == self.last_id + 1 => self.skip(now),
            _ => self.end(StreamEnd::Protocol),
        }
    }

    fn handle_sent(&mut self, actor: ActorNumber, is_ask: bool, sent: Sent) {
        if sent.id != self.last_id + 1 {
            return self.end(StreamEnd::Protocol);
        }
        if sent.actor != actor {
            self.buffer.put(&ActorFrame::Refuse { id: sent.id, reason: RefuseReason::WrongActor });
            return self.end(StreamEnd::WrongActor);
        }
        self.last_id = sent.id;
        let remaining = (sent.remaining_ms > 0).then(|| Duration::from_millis(sent.remaining_ms));
        self.out.push_back(CalleeOutput::Deliver {
            id: sent.id,
            is_ask,
            key: sent.key,
            remaining,
            payload: sent.payload,
        });
    }

    fn credit(&mut self, id: u64, n: u64) {
        // The answer may have ended in the meantime.
        let Some(credit) = self.streamed.get_mut(&id) else { return };
        if n == 0 || !usize::try_from(n).is_ok_and(|n| credit.give_back(n)) {
            return self.end(StreamEnd::Protocol);
        }
        // A large item may still be out.
        if credit.covers_another() {
            self.out.push_back(CalleeOutput::Credited(id));
        }
    }

    /// A message was given up before it was sent: all that comes of it is its number.
    fn skip(&mut self, now: Duration) {
        let is_waiting = self.taken_id < self.last_id;
        self.last_id += 1;
        // Behind one that still waits, it counts as taken along with that one.
        if !is_waiting {
            self.taken(now);
        }
    }

    fn taken(&mut self, now: Duration) {
        self.taken_id = self.last_id;
        if self.taken_id - self.told_id >= TAKEN_UNTOLD_MAX {
            self.tell_accepted();
        } else if self.tell_at.is_none() {
            self.tell_at = Some(now + TELL_AFTER);
        }
    }

    fn tell_accepted(&mut self) {
        self.tell_at = None;
        self.told_id = self.taken_id;
        self.buffer.put(&ActorFrame::Accepted { upto: self.taken_id });
    }

    fn end(&mut self, reason: StreamEnd) {
        self.buffer.put(&ActorFrame::Close { reason, last_accepted: self.taken_id });
        self.over();
    }

    fn over(&mut self) {
        self.step = Step::Over;
        self.tell_at = None;
        self.streamed.clear();
        self.out.push_back(CalleeOutput::Over);
    }
}

/// Messages taken before the next answer tells the sender so.
const TAKEN_TOLD_ALONG: u64 = 64;
/// Messages taken before the sender is told so, answer or not.
const TAKEN_UNTOLD_MAX: u64 = 256;
/// How long a message may be taken before the sender is told so.
const TELL_AFTER: Duration = Duration::from_millis(50);
