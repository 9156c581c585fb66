//! The node of an actor: the serving end of one stream, and what its shell does with it.

use std::time::Duration;

use bytes::Bytes;
use murmer_node::{ActorFrame, Callee, CalleeInput, CalleeOutput, RefuseReason, StreamEnd};
use murmer_wire::FrameDecoder;

use super::super::pipe::{ACTOR, KEY};
use super::actor::{Actor, Delivered};
use super::ledger::Ledger;
use super::message::Order;

/// The serving end of one stream, and what its shell holds for it.
#[derive(Debug)]
pub(super) struct FarEnd {
    pub(super) callee: Callee,
    /// Which stream of its sender it is, once that was said.
    generation: Option<u64>,
    waiting: Option<Delivered>,
    /// Cuts what it says, so that it is heard by the ledger before it is sent.
    said: FrameDecoder,
    is_over: bool,
    /// The last id that was seen.
    last_id: u64,
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
        if actor.has_room(room)
            && let Some(delivered) = self.waiting.take()
        {
            ledger.taken(delivered.number);
            actor.put(delivered);
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

    /// A newer stream carries the messages; what was asked over this one is still answered.
    pub(super) fn supersede(&mut self, now: Duration, ledger: &mut Ledger, actor: &mut Actor) {
        self.waiting = None;
        self.tell(now, CalleeInput::Superseded, ledger, actor);
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
                    let Order { is_ask: is_asked, bytes, timeout, .. } = message.order;
                    assert_eq!((is_asked, bytes, timeout), (is_ask, payload.len(), remaining));
                    let expires_at = remaining.map(|remaining| now + remaining);
                    let delivered = Delivered { generation, id, is_ask, number, expires_at };
                    assert!(self.waiting.replace(delivered).is_none(), "two at once");
                }
                CalleeOutput::Cancelled(id) => {
                    let generation = self.generation.expect("it is bound");
                    ledger.cancelled(generation, id);
                    actor.cancel(generation, id);
                }
                CalleeOutput::Credited(id) => assert_eq!(self.callee.may_send_item(id), Some(true)),
                CalleeOutput::Over => self.is_over = true,
            }
        }
        bound
    }
}

/// A payload begins with the message's number, and each byte behind is that number's lowest.
fn number_of(payload: &[u8]) -> usize {
    let (number, rest) = payload.split_first_chunk().expect("a payload holds a number");
    let number = u64::from_le_bytes(*number);
    assert!(rest.iter().all(|byte| *byte == number as u8), "bytes of two messages");
    number as usize
}

/// An item begins with its message's number and its own.
pub(super) fn item(whose: usize, number: usize, bytes: usize) -> Vec<u8> {
    let mut item = vec![0; bytes.max(16)];
    item[..8].copy_from_slice(&(whose as u64).to_le_bytes());
    item[8..16].copy_from_slice(&(number as u64).to_le_bytes());
    item
}

/// Whose item it is, and which.
pub(super) fn parse_item(item: &[u8]) -> (usize, usize) {
    let (whose, rest) = item.split_first_chunk().expect("an item holds two numbers");
    let (number, _) = rest.split_first_chunk().expect("an item holds two numbers");
    (u64::from_le_bytes(*whose) as usize, u64::from_le_bytes(*number) as usize)
}
