//! The end that asks, told anything by its peer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use murmer_node::{
    ActorFrame, Caller, CallerInput, CallerOutput, ITEM_BYTES_AHEAD_MAX, ITEMS_AHEAD_MAX, Outcome, Read,
    WriteError,
};

use super::{ACTOR, FRAME_BYTES_MAX, KEY, any_body, draft, frames};
use crate::script::Script;

/// The machine, and what must have become of each ask.
struct Bed {
    now: Duration,
    caller: Caller<u64>,
    /// By id, whether the answer is to be a stream.
    asks: BTreeMap<u64, bool>,
    /// By id, how each ended; `None` if it was given up, or its answer began.
    ended: BTreeMap<u64, Option<Outcome>>,
    /// Streamed answers that are being read.
    read: BTreeSet<u64>,
    /// What went out, in bytes that were taken and not looked at yet.
    sent: bytes::BytesMut,
    taken_id: u64,
    is_over: bool,
}

pub(super) fn check(script: &mut Script<'_>) {
    let idle_after = Duration::from_millis(script.number().min(40));
    let caller = Caller::new(Duration::ZERO, ACTOR, 1, FRAME_BYTES_MAX, idle_after);
    let mut bed = Bed {
        now: Duration::ZERO,
        caller,
        asks: BTreeMap::new(),
        ended: BTreeMap::new(),
        read: BTreeSet::new(),
        sent: bytes::BytesMut::new(),
        taken_id: 0,
        is_over: false,
    };
    while !script.is_over() {
        bed.step(script);
    }
    bed.tell(CallerInput::Lost);
    bed.take_all();
    assert!(bed.caller.is_over());
    assert!(bed.asks.keys().eq(bed.ended.keys()), "an ask has no end");
    for id in bed.read.clone() {
        bed.read(id);
    }
    assert!(bed.read.is_empty(), "a streamed answer has no end");
    check_sent(&bed);
}

impl Bed {
    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() {
            0..60 => {
                let timeout = script.number();
                let timeout = (timeout > 0).then(|| Duration::from_millis(timeout));
                self.write(timeout, true, script.byte());
            }
            60..80 => self.write(None, false, script.byte()),
            80..95 => {
                let id = script.number();
                let was_open = self.asks.contains_key(&id) && !self.ended.contains_key(&id);
                assert_eq!(self.caller.cancel(id).is_some(), was_open, "ask {id}");
                self.read.remove(&id);
                if was_open {
                    self.ended.insert(id, None);
                }
            }
            95..105 => self.read(script.number()),
            105..130 if self.caller.has_output() => {
                self.taken_id = self.caller.last_id();
                let piece = self.caller.take_buffer();
                self.sent.extend_from_slice(&piece);
            }
            130..230 => self.tell(CallerInput::Frame(any_body(script))),
            230..250 => {
                self.now += Duration::from_millis(script.number().min(100));
                if self.caller.deadline().is_some_and(|due| due <= self.now) {
                    self.tell(CallerInput::Timeout);
                    assert!(self.caller.deadline().is_none_or(|due| due > self.now), "no time passes");
                }
            }
            250..252 => self.is_over = self.caller.finish_if_quiet(),
            252..253 => self.tell(CallerInput::Lost),
            _ => {}
        }
    }

    fn write(&mut self, timeout: Option<Duration>, is_ask: bool, len: u8) {
        let id = self.caller.last_id() + 1;
        let mut message = draft(2 * usize::from(len));
        let is_streamed = is_ask && len.is_multiple_of(3);
        let token = is_ask.then_some(id);
        let written = self.caller.write(self.now, KEY, timeout, token, is_streamed, &mut message);
        match written {
            Ok(()) => {
                assert!(!self.is_over, "written after the end");
                self.asks.extend(is_ask.then_some((id, is_streamed)));
            }
            Err((error, token)) => {
                assert_eq!(token, is_ask.then_some(id), "the token comes back");
                assert_eq!(error == WriteError::Over, self.is_over, "{error}");
                assert_eq!(self.caller.last_id(), id - 1, "no id is used up");
            }
        }
    }

    fn tell(&mut self, input: CallerInput) {
        self.caller.handle(self.now, input);
        while let Some(output) = self.caller.poll() {
            assert!(!self.is_over, "{output:?} after the end");
            match output {
                CallerOutput::Settled { token, outcome } => {
                    let is_unsent = token > self.taken_id;
                    assert!(!is_unsent || !may_be_handled(&outcome), "{token} was not sent: {outcome:?}");
                    assert!(self.asks.contains_key(&token), "nobody asked {token}");
                    assert_eq!(self.ended.insert(token, Some(outcome)), None, "{token} ended twice");
                }
                CallerOutput::Begun { token, id } => {
                    assert_eq!((token, self.asks.get(&id)), (id, Some(&true)), "nobody asked for a stream");
                    assert!(id <= self.taken_id, "the answer to what was not sent");
                    assert_eq!(self.ended.insert(id, None), None, "{id} ended before");
                    self.read.insert(id);
                }
                CallerOutput::Readable(id) => assert!(self.read.contains(&id), "nobody reads {id}"),
                CallerOutput::Idle | CallerOutput::Ended(_) | CallerOutput::Misbehaved => {
                    self.is_over = true;
                }
            }
        }
    }

    /// Reads whatever has come of a streamed answer.
    fn read(&mut self, id: u64) {
        let (mut items, mut bytes) = (0, 0);
        loop {
            match self.caller.read(id) {
                Read::Item(item) => {
                    assert!(self.read.contains(&id), "nobody reads {id}");
                    assert!(items < ITEMS_AHEAD_MAX && bytes < ITEM_BYTES_AHEAD_MAX, "beyond credit");
                    (items, bytes) = (items + 1, bytes + item.len());
                }
                Read::End(_) => {
                    assert!(self.read.remove(&id), "an end is told once");
                    return;
                }
                Read::Nothing => return,
            }
        }
    }

    fn take_all(&mut self) {
        while self.caller.has_output() {
            let piece = self.caller.take_buffer();
            self.sent.extend_from_slice(&piece);
        }
    }
}

fn may_be_handled(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Reply(_) | Outcome::Failed { .. } => true,
        Outcome::Refused(_) => false,
        Outcome::Closed { may_be_handled, .. }
        | Outcome::Lost { may_be_handled }
        | Outcome::TimedOut { may_be_handled, .. } => *may_be_handled,
    }
}

/// What went out begins with `Open`, numbers its messages without a gap, and holds none that ended before.
fn check_sent(bed: &Bed) {
    let mut last_id = 0;
    // The stream may have ended in the middle of a frame that was too large for one piece.
    for (at, frame) in frames(bed.sent.clone().freeze()).into_iter().enumerate() {
        assert_eq!(at == 0, matches!(frame, ActorFrame::Open { actor: ACTOR, generation: 1 }), "{frame:?}");
        match frame {
            ActorFrame::Open { .. } => {}
            ActorFrame::Ask(sent) | ActorFrame::Tell(sent) => {
                assert_eq!((sent.id, sent.actor), (last_id + 1, ACTOR));
                last_id = sent.id;
            }
            ActorFrame::Cancel { id } if id == last_id + 1 => last_id = id,
            ActorFrame::Cancel { id } => assert!(id <= last_id, "{id} given up before it was sent"),
            ActorFrame::Credit { id, n } => assert!(id <= last_id && n > 0, "{n} items of {id}"),
            other => panic!("not for a caller to say: {other:?}"),
        }
    }
}
