//! The node that sends: the asking end of one stream, and what its shell does with it.

use std::time::Duration;

use bytes::Bytes;
use murmer_node::{
    Caller, CallerInput, CallerOutput, Read, STREAM_BYTES_MAX, STREAM_MESSAGES_MAX, WriteError,
};

use super::super::pipe::{ACTOR, KEY, draft};
use super::far::parse_item;
use super::ledger::Ledger;
use super::message::{Message, Order};

/// The asking end. Tokens are the messages' numbers.
#[derive(Debug)]
pub(super) struct NearEnd {
    caller: Caller<usize>,
    generation: u64,
    frame_bytes_max: usize,
    /// More pieces of what was taken last are to follow.
    is_leaving: bool,
    end: Option<CallerOutput<usize>>,
}

impl NearEnd {
    pub(super) fn new(now: Duration, generation: u64, frame_bytes_max: usize, idle_after: Duration) -> Self {
        let caller = Caller::new(now, ACTOR, generation, frame_bytes_max, idle_after);
        Self { caller, generation, frame_bytes_max, is_leaving: false, end: None }
    }

    pub(super) const fn is_leaving(&self) -> bool {
        self.is_leaving
    }

    /// How the stream ended, if it did.
    pub(super) const fn end(&self) -> Option<&CallerOutput<usize>> {
        self.end.as_ref()
    }

    /// Writes message `number`, and says whether it could be.
    pub(super) fn write(&mut self, now: Duration, ledger: &mut Ledger, number: usize, order: Order) -> bool {
        let Order { is_ask, is_streamed, timeout, bytes } = order;
        let mut payload = vec![number as u8; bytes.max(8)];
        payload[..8].copy_from_slice(&(number as u64).to_le_bytes());
        let (id, bytes) = (self.caller.last_id() + 1, payload.len());
        let (waiting, waiting_bytes) = ledger.buffered(self.generation);
        let token = is_ask.then_some(number);
        let written = self.caller.write(now, KEY, timeout, token, is_streamed, &mut draft(&payload));
        let headers_max = HEADER_BYTES_MAX * (waiting + 1);
        match written.map_err(|(error, _)| error) {
            Ok(()) => {
                assert!(waiting < STREAM_MESSAGES_MAX && waiting_bytes < STREAM_BYTES_MAX, "no room");
                assert!(bytes < self.frame_bytes_max, "{bytes} bytes in one frame");
                let message = Message::new(self.generation, id, Order { bytes, ..order });
                assert_eq!(ledger.written(message), number);
                true
            }
            Err(WriteError::Full) => {
                let is_full = waiting == STREAM_MESSAGES_MAX;
                assert!(is_full || waiting_bytes + headers_max >= STREAM_BYTES_MAX, "{waiting_bytes} bytes");
                false
            }
            Err(WriteError::TooLarge { bytes: counted, max }) => {
                assert!(counted > max && counted >= bytes && max == self.frame_bytes_max);
                assert!(bytes + HEADER_BYTES_MAX > max, "{bytes} bytes are not too many for {max}");
                false
            }
            Err(error) => panic!("{error}, but the stream is not over"),
        }
    }

    pub(super) fn give_up(&mut self, ledger: &mut Ledger, number: usize) {
        let message = ledger.message(number);
        assert_eq!(self.caller.cancel(message.id), message.is_open().then_some(number));
        ledger.given_up(number);
    }

    /// Reads what has come of a streamed answer, at most so many items; returns how many there were.
    pub(super) fn read(&mut self, ledger: &mut Ledger, number: usize, at_most: usize) -> usize {
        let id = ledger.message(number).id;
        for read in 0..at_most {
            match self.caller.read(id) {
                Read::Item(item) => {
                    let (whose, item_number) = parse_item(&item);
                    assert_eq!(whose, number, "somebody else's item");
                    ledger.item_read(number, item_number, item.len());
                }
                Read::End(end) => {
                    ledger.end_read(number, end);
                    assert_eq!(self.caller.read(id), Read::Nothing, "an end is told once");
                    return read + 1;
                }
                Read::Nothing => return read,
            }
        }
        at_most
    }

    /// Reads all that has come, of all streamed answers; returns how many items and ends there were.
    pub(super) fn read_all(&mut self, ledger: &mut Ledger) -> usize {
        let numbers = ledger.being_read(self.generation);
        numbers.into_iter().map(|number| self.read(ledger, number, usize::MAX)).sum()
    }

    /// A piece of what is to be sent.
    pub(super) fn take_piece(&mut self, ledger: &mut Ledger) -> Option<Bytes> {
        if !self.caller.has_output() {
            return None;
        }
        if !self.is_leaving {
            ledger.left(self.generation);
        }
        let piece = self.caller.take_buffer();
        // Nothing is written in between: so what there is belongs to the same taking.
        self.is_leaving = self.caller.has_output();
        Some(piece)
    }

    pub(super) fn tell(&mut self, now: Duration, ledger: &mut Ledger, input: CallerInput) {
        self.caller.handle(now, input);
        while let Some(output) = self.caller.poll() {
            assert_eq!(self.end, None, "{output:?} after the end");
            match output {
                CallerOutput::Settled { token, outcome } => ledger.ended(token, outcome),
                CallerOutput::Begun { token, id } => {
                    assert_eq!(ledger.message(token).id, id);
                    ledger.begun(token);
                }
                CallerOutput::Readable(id) => {
                    assert!(ledger.find(self.generation, id).is_being_read(), "nobody reads {id}");
                }
                CallerOutput::Idle => {
                    ledger.finished(self.generation);
                    self.end = Some(output);
                }
                CallerOutput::Ended(_) => self.end = Some(output),
                CallerOutput::Misbehaved => panic!("the serving end follows the protocol"),
            }
        }
        if self.end.is_some() {
            assert!(
                !self.caller.has_output() && self.caller.deadline().is_none(),
                "it goes on after its end"
            );
        }
    }

    pub(super) fn time_passes(&mut self, now: Duration, ledger: &mut Ledger) {
        if self.caller.deadline().is_some_and(|due| due <= now) {
            self.tell(now, ledger, CallerInput::Timeout);
            assert!(self.caller.deadline().is_none_or(|due| due > now), "no time passes");
        }
    }

    /// Another way to the actor is to be taken, if nothing gets lost by that.
    pub(super) fn finish_if_quiet(&mut self, ledger: &Ledger) {
        if self.caller.finish_if_quiet() {
            ledger.finished(self.generation);
            self.end = Some(CallerOutput::Idle);
        }
    }
}

/// In bytes: its length, kind, three numbers and a key, and the first frame of all.
const HEADER_BYTES_MAX: usize = 64;
