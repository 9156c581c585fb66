//! The node of an actor: one serving end per stream that has come, one mailbox, and the actor.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use murmer_node::{ActorFrame, Callee, CalleeInput, CalleeOutput, RefuseReason, StreamEnd};
use murmer_wire::FrameDecoder;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::super::pipe::{ACTOR, KEY, draft};
use super::ledger::{Answer, Ledger};

/// A message on its way to the actor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivered {
    generation: u64,
    id: u64,
    is_ask: bool,
    number: usize,
    expires_at: Option<Duration>,
}

/// The serving end of one stream, and what its shell holds for it.
#[derive(Debug)]
pub(super) struct FarEnd {
    callee: Callee,
    /// Which stream of its sender it is, once that was said.
    generation: Option<u64>,
    waiting: Option<Delivered>,
    /// Cuts what it says, so that it is heard by the ledger before it is sent.
    said: FrameDecoder,
    is_over: bool,
    /// The last id that was seen.
    last_id: u64,
}

/// The mailbox and the actor behind it.
#[derive(Debug, Default)]
pub(super) struct Actor {
    mailbox: VecDeque<Delivered>,
    cancelled: BTreeSet<(u64, u64)>,
    /// Asks that were handled and got no answer yet.
    owed: Vec<Delivered>,
}

impl FarEnd {
    pub(super) fn new(frame_bytes_max: usize) -> Self {
        Self {
            callee: Callee::new(frame_bytes_max),
            generation: None,
            waiting: None,
            said: FrameDecoder::new(usize::MAX),
            is_over: false,
            last_id: 0,
        }
    }

    pub(super) const fn generation(&self) -> Option<u64> {
        self.generation
    }

    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether its shell reads on: not while the mailbox has yet to take a message.
    pub(super) const fn reads(&self) -> bool {
        !self.is_over && self.waiting.is_none()
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// A frame arrives. Returns the generation that the stream turns out to be of, with its first.
    pub(super) fn hear(
        &mut self,
        now: Duration,
        frame: Bytes,
        ledger: &mut Ledger,
        actor: &mut Actor,
    ) -> Option<u64> {
        let read = ActorFrame::read(frame.clone()).expect("the asking end follows the protocol");
        if let ActorFrame::Cancel { id } = read
            && id == self.last_id + 1
        {
            self.last_id = id;
        }
        self.tell(now, CalleeInput::Frame(frame), ledger, actor)
    }

    /// The mailbox takes what waits, if it has room.
    pub(super) fn take(&mut self, now: Duration, ledger: &mut Ledger, actor: &mut Actor, room: usize) {
        if actor.mailbox.len() < room
            && let Some(delivered) = self.waiting.take()
        {
            ledger.taken(delivered.number);
            actor.mailbox.push_back(delivered);
            self.tell(now, CalleeInput::Taken, ledger, actor);
        }
    }

    /// What waits is turned away.
    pub(super) fn refuse(
        &mut self,
        now: Duration,
        ledger: &mut Ledger,
        actor: &mut Actor,
        reason: RefuseReason,
    ) {
        if let Some(Delivered { id, number, .. }) = self.waiting.take() {
            ledger.refused(number, reason);
            self.tell(now, CalleeInput::Refused { id, reason }, ledger, actor);
        }
    }

    pub(super) fn end(&mut self, now: Duration, ledger: &mut Ledger, actor: &mut Actor, reason: StreamEnd) {
        self.waiting = None;
        self.tell(now, CalleeInput::End(reason), ledger, actor);
    }

    pub(super) fn time_passes(&mut self, now: Duration, ledger: &mut Ledger, actor: &mut Actor) {
        if self.callee.deadline().is_some_and(|due| due <= now) {
            self.tell(now, CalleeInput::Timeout, ledger, actor);
        }
    }

    pub(super) fn has_output(&self) -> bool {
        self.callee.has_output()
    }

    /// A piece of what it has to say.
    pub(super) fn take_piece(&mut self, ledger: &mut Ledger) -> Bytes {
        let piece = self.callee.take_buffer();
        self.said.push(piece.clone());
        while let Some(frame) = self.said.next_frame().expect("it writes frames") {
            let frame = ActorFrame::read(frame).expect("it writes frames of this stream");
            let generation = self.generation.expect("nothing is said before that is known");
            // What else bounds the answering end (credit, say) is held against its frames here.
            match frame {
                ActorFrame::Accepted { upto } => ledger.accepted(generation, upto),
                ActorFrame::Close { reason, last_accepted } => {
                    ledger.closed(generation, reason, last_accepted)
                }
                _ => {}
            }
        }
        piece
    }

    fn tell(
        &mut self,
        now: Duration,
        input: CalleeInput,
        ledger: &mut Ledger,
        actor: &mut Actor,
    ) -> Option<u64> {
        let mut bound = None;
        self.callee.handle(now, input);
        while let Some(output) = self.callee.poll() {
            assert!(!self.is_over, "{output:?} after the end");
            match output {
                CalleeOutput::Bind { actor, generation } => {
                    assert_eq!(actor, ACTOR);
                    self.generation = Some(generation);
                    bound = self.generation;
                }
                CalleeOutput::Deliver { id, is_ask, key, remaining, payload } => {
                    assert_eq!((id, key), (self.last_id + 1, KEY), "a gap, a swap, or another message");
                    self.last_id = id;
                    let generation = self.generation.expect("it is bound");
                    let number = number_of(&payload);
                    let message = ledger.message(number);
                    assert_eq!((message.generation, message.id), (generation, id), "somebody else's bytes");
                    assert_eq!((message.is_ask, message.bytes), (is_ask, payload.len()));
                    assert_eq!(message.timeout, remaining);
                    let expires_at = remaining.map(|remaining| now + remaining);
                    let delivered = Delivered { generation, id, is_ask, number, expires_at };
                    assert!(self.waiting.replace(delivered).is_none(), "two at once");
                }
                CalleeOutput::Cancelled(id) => {
                    let generation = self.generation.expect("it is bound");
                    ledger.cancelled(generation, id);
                    actor.cancelled.insert((generation, id));
                }
                CalleeOutput::Over => self.is_over = true,
            }
        }
        bound
    }
}

impl Actor {
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
            Answer::TooLarge => end.callee.reply(ask.id, &mut words(max / 8 + 1)),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.mailbox.is_empty() && self.owed.is_empty()
    }
}

/// The stream that an ask came over, if it is still there.
fn end_of<'e>(ask: Delivered, ends: &'e mut [&mut FarEnd]) -> Option<&'e mut FarEnd> {
    ends.iter_mut().map(|end| &mut **end).find(|end| end.generation == Some(ask.generation))
}

/// A payload begins with the message's number, and each byte behind is that number's lowest.
fn number_of(payload: &[u8]) -> usize {
    let (number, rest) = payload.split_first_chunk().expect("a payload holds a number");
    let number = u64::from_le_bytes(*number);
    assert!(rest.iter().all(|byte| *byte == number as u8), "bytes of two messages");
    number as usize
}
