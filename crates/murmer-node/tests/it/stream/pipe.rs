//! A caller and a callee, back to back over two ordered pipes, with an actor that a test plays.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    Callee, CalleeInput, CalleeOutput, Caller, CallerInput, CallerOutput, Draft, ItemsEnd, Outcome, Read,
    ReadEnd, RefuseReason, StreamEnd, WriteError,
};
use murmer_wire::{ActorNumber, FrameDecoder, MessageKey};

pub(super) const ACTOR: ActorNumber = ActorNumber(7);
pub(super) const KEY: MessageKey = MessageKey(1);
pub(super) const FRAME_BYTES_MAX: usize = 1 << 20;
/// Of a payload that is not copied.
pub(super) const LARGE: usize = 20_000;
pub(super) const IDLE_AFTER: Duration = Duration::from_secs(60);

/// What a test knows beyond what the two ends say.
pub(super) struct Pipe {
    pub(super) now: Duration,
    pub(super) caller: Caller<u64>,
    pub(super) callee: Callee,
    there: VecDeque<Bytes>,
    back: VecDeque<Bytes>,
    /// A message that the mailbox has not taken yet.
    waiting: Option<(u64, bool)>,
    /// Messages that reached the actor.
    pub(super) handled: BTreeSet<u64>,
    /// Asks that the actor owes an answer.
    pub(super) owed: Vec<u64>,
    pub(super) refused: BTreeSet<u64>,
    pub(super) outcomes: BTreeMap<u64, Outcome>,
    pub(super) cancelled: Vec<u64>,
    /// Streamed answers that have begun, at the asking end.
    pub(super) begun: BTreeSet<u64>,
    pub(super) end: Option<CallerOutput<u64>>,
    pub(super) callee_is_over: bool,
}

impl Pipe {
    pub(super) fn new() -> Self {
        Self {
            now: Duration::ZERO,
            caller: Caller::new(Duration::ZERO, ACTOR, 1, FRAME_BYTES_MAX, IDLE_AFTER),
            callee: Callee::new(FRAME_BYTES_MAX),
            there: VecDeque::new(),
            back: VecDeque::new(),
            waiting: None,
            handled: BTreeSet::new(),
            owed: Vec::new(),
            refused: BTreeSet::new(),
            outcomes: BTreeMap::new(),
            cancelled: Vec::new(),
            begun: BTreeSet::new(),
            end: None,
            callee_is_over: false,
        }
    }

    pub(super) fn write(
        &mut self,
        is_ask: bool,
        timeout: Option<Duration>,
        bytes: usize,
    ) -> Result<u64, WriteError> {
        self.write_streamed(is_ask, timeout, false, bytes)
    }

    pub(super) fn write_streamed(
        &mut self,
        is_ask: bool,
        timeout: Option<Duration>,
        is_streamed: bool,
        bytes: usize,
    ) -> Result<u64, WriteError> {
        let id = self.caller.last_id() + 1;
        let token = is_ask.then_some(id);
        let mut message = draft(&vec![id as u8; bytes]);
        let written = self.caller.write(self.now, KEY, timeout, token, is_streamed, &mut message);
        written.map(|()| id).map_err(|(error, given_back)| {
            assert_eq!(given_back, token, "the token comes back");
            error
        })
    }

    pub(super) fn ask(&mut self) -> u64 {
        self.write(true, None, 3).unwrap()
    }

    /// An ask whose answer is a stream; it has begun when this returns.
    pub(super) fn stream(&mut self) -> u64 {
        let id = self.write_streamed(true, None, true, 3).unwrap();
        self.run();
        self.begin_items(id);
        self.run();
        assert!(self.begun.contains(&id));
        id
    }

    /// The actor answers by a stream.
    pub(super) fn begin_items(&mut self, id: u64) {
        self.owed.retain(|owed| *owed != id);
        self.callee.begin_items(id);
    }

    /// The next item of so many bytes, if there is credit for one. Each begins with its number.
    pub(super) fn item(&mut self, id: u64, number: u32, bytes: usize) -> bool {
        if self.callee.may_send_item(id) != Some(true) {
            return false;
        }
        let mut item = vec![0; bytes.max(4)];
        item[..4].copy_from_slice(&number.to_le_bytes());
        self.callee.item(id, &mut draft(&item));
        true
    }

    pub(super) fn end_items(&mut self, id: u64) {
        self.callee.end_items(id, ItemsEnd::Complete);
    }

    /// What the reader of `id` finds: the numbers of items, and the end.
    pub(super) fn read(&mut self, id: u64, at_most: usize) -> (Vec<u32>, Option<ReadEnd>) {
        let mut numbers = vec![];
        while numbers.len() < at_most {
            match self.caller.read(id) {
                Read::Item(item) => numbers.push(u32::from_le_bytes(item[..4].try_into().unwrap())),
                Read::End(end) => return (numbers, Some(end)),
                Read::Nothing => break,
            }
        }
        (numbers, None)
    }

    /// The shell of the caller writes to the stream.
    pub(super) fn flush_there(&mut self) {
        self.there.extend(frames(all_of(&mut self.caller, Caller::has_output, Caller::take_buffer)));
    }

    pub(super) fn flush_back(&mut self) {
        self.back.extend(frames(all_of(&mut self.callee, Callee::has_output, Callee::take_buffer)));
    }

    /// The shell of the callee reads one frame, unless it waits for the mailbox.
    pub(super) fn read_there(&mut self) -> bool {
        if self.waiting.is_some() || self.callee_is_over {
            return false;
        }
        let Some(frame) = self.there.pop_front() else { return false };
        self.tell_callee(CalleeInput::Frame(frame));
        true
    }

    pub(super) fn read_back(&mut self) -> bool {
        let Some(frame) = self.back.pop_front() else { return false };
        self.tell_caller(CallerInput::Frame(frame));
        true
    }

    /// The mailbox takes the message that waits.
    pub(super) fn take(&mut self) -> bool {
        let Some((id, is_ask)) = self.waiting.take() else { return false };
        assert!(self.handled.insert(id), "delivered twice");
        if is_ask {
            self.owed.push(id);
        }
        self.tell_callee(CalleeInput::Taken);
        true
    }

    pub(super) fn refuse(&mut self, reason: RefuseReason) {
        if let Some((id, _)) = self.waiting.take() {
            self.refused.insert(id);
            self.tell_callee(CalleeInput::Refused { id, reason });
        }
    }

    /// The actor answers the `n`-th of those it owes an answer.
    pub(super) fn reply(&mut self, n: usize) {
        if !self.owed.is_empty() {
            let id = self.owed.remove(n % self.owed.len());
            self.callee.reply(id, &mut draft(&id.to_le_bytes()));
        }
    }

    /// The same, at length.
    pub(super) fn reply_large(&mut self, n: usize) {
        if !self.owed.is_empty() {
            let id = self.owed.remove(n % self.owed.len());
            self.callee.reply(id, &mut draft(&id.to_le_bytes().repeat(LARGE / 8)));
        }
    }

    pub(super) fn fail(&mut self, n: usize) {
        if !self.owed.is_empty() {
            let id = self.owed.remove(n % self.owed.len());
            self.callee.fail(id, true);
        }
    }

    pub(super) fn end_callee(&mut self, reason: StreamEnd) {
        self.waiting = None;
        self.tell_callee(CalleeInput::End(reason));
    }

    /// Time passes, and both ends hear of it when they want to.
    pub(super) fn wait(&mut self, span: Duration) {
        self.now += span;
        if self.caller.deadline().is_some_and(|at| at <= self.now) {
            self.tell_caller(CallerInput::Timeout);
        }
        if self.callee.deadline().is_some_and(|at| at <= self.now) {
            self.tell_callee(CalleeInput::Timeout);
        }
    }

    /// Everything that is under way arrives, and the mailbox takes it all.
    pub(super) fn run(&mut self) {
        loop {
            self.flush_there();
            self.flush_back();
            if !(self.read_there() | self.take() | self.read_back()) {
                break;
            }
        }
    }

    pub(super) fn tell_caller(&mut self, input: CallerInput) {
        self.caller.handle(self.now, input);
        while let Some(output) = self.caller.poll() {
            assert_eq!(self.end, None, "nothing comes after the end");
            match output {
                CallerOutput::Settled { token, outcome } => {
                    assert_eq!(self.outcomes.insert(token, outcome), None, "settled twice");
                }
                CallerOutput::Begun { token, id } => {
                    assert_eq!(token, id);
                    assert!(self.begun.insert(id), "begun twice");
                }
                CallerOutput::Readable(id) => assert!(self.begun.contains(&id), "nobody's item"),
                CallerOutput::Idle | CallerOutput::Ended(_) | CallerOutput::Misbehaved => {
                    self.end = Some(output);
                }
            }
        }
    }

    pub(super) fn tell_callee(&mut self, input: CalleeInput) {
        self.callee.handle(self.now, input);
        while let Some(output) = self.callee.poll() {
            match output {
                CalleeOutput::Bind { actor, generation } => assert_eq!((actor, generation), (ACTOR, 1)),
                CalleeOutput::Deliver { id, is_ask, key, payload, .. } => {
                    assert_eq!(key, KEY);
                    assert!(payload.iter().all(|byte| *byte == id as u8), "another message's payload");
                    assert!(self.waiting.replace((id, is_ask)).is_none(), "delivered two at once");
                }
                CalleeOutput::Cancelled(id) => self.cancelled.push(id),
                CalleeOutput::Credited(id) => assert_eq!(self.callee.may_send_item(id), Some(true)),
                CalleeOutput::Over => self.callee_is_over = true,
            }
        }
    }
}

pub(super) fn draft(payload: &[u8]) -> Draft {
    Draft::encode::<()>(BytesMut::new(), &mut |out| {
        out.extend_from_slice(payload);
        Ok(())
    })
    .unwrap()
}

/// What one end has to send, piece by piece.
fn all_of<E>(end: &mut E, has_output: impl Fn(&E) -> bool, take: impl Fn(&mut E) -> Bytes) -> Bytes {
    let mut all = BytesMut::new();
    while has_output(end) {
        all.extend_from_slice(&take(end));
    }
    all.freeze()
}

pub(super) fn frames(bytes: Bytes) -> Vec<Bytes> {
    let mut decoder = FrameDecoder::new(FRAME_BYTES_MAX);
    decoder.push(bytes);
    let frames = std::iter::from_fn(|| decoder.next_frame().unwrap()).collect();
    assert!(!decoder.is_mid_frame(), "half a frame was written");
    frames
}
