//! The end that serves, told anything by its peer.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use murmer_node::{
    ActorFrame, Callee, CalleeInput, CalleeOutput, ITEMS_AHEAD_MAX, ItemsEnd, RefuseReason, Sent, StreamEnd,
};

use super::{ACTOR, FRAME_BYTES_MAX, KEY, any_body, draft, frames, written};
use crate::script::Script;

/// The machine, and what it must have handed on.
struct Bed {
    now: Duration,
    callee: Callee,
    /// Whether the actor is known.
    is_bound: bool,
    /// The message that the mailbox has not taken.
    waiting: Option<u64>,
    /// The last id that was delivered, or given up before it was sent.
    last_id: u64,
    taken_id: u64,
    /// Items that are ahead of their reader, at the most, by the ids of streamed answers.
    streamed: BTreeMap<u64, u64>,
    is_superseded: bool,
    is_over: bool,
    said: BytesMut,
}

pub(super) fn check(script: &mut Script<'_>) {
    let mut bed = Bed {
        now: Duration::ZERO,
        callee: Callee::new(FRAME_BYTES_MAX),
        is_bound: false,
        waiting: None,
        last_id: 0,
        taken_id: 0,
        streamed: BTreeMap::new(),
        is_superseded: false,
        is_over: false,
        said: BytesMut::new(),
    };
    while !script.is_over() {
        bed.step(script);
    }
    bed.tell(CalleeInput::End(StreamEnd::Stopped));
    bed.take_all();
    check_said(&bed);
}

impl Bed {
    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() {
            0..40 if self.waiting.is_none() => self.hear(any_body(script)),
            40..110 if self.waiting.is_none() => self.hear(self.rightly(script)),
            110..150 if self.waiting.take().is_some() => {
                self.taken_id = self.last_id;
                self.tell(CalleeInput::Taken);
            }
            150..160 => {
                if let Some(id) = self.waiting.take() {
                    self.taken_id = self.last_id;
                    self.tell(CalleeInput::Refused { id, reason: RefuseReason::UnknownMessage });
                }
            }
            // What the shell answers is always a message that was taken.
            160..190 => {
                let id = 1 + script.number() % self.taken_id.max(1);
                if self.taken_id > 0 {
                    self.answer(id, script.byte());
                }
            }
            190..220 => {
                self.now += Duration::from_millis(script.number().min(100));
                if self.callee.deadline().is_some_and(|due| due <= self.now) {
                    self.tell(CalleeInput::Timeout);
                    assert!(self.callee.deadline().is_none_or(|due| due > self.now), "no time passes");
                }
            }
            220..240 if self.callee.has_output() => {
                let piece = self.callee.take_buffer();
                self.said.extend_from_slice(&piece);
            }
            240..242 => {
                self.waiting = None;
                self.tell(CalleeInput::End(StreamEnd::Shed));
            }
            242 => {
                self.waiting = None;
                self.is_superseded = true;
                self.tell(CalleeInput::Superseded);
            }
            _ => {}
        }
    }

    fn answer(&mut self, id: u64, how: u8) {
        match how % 16 {
            0 => self.callee.fail(id, true),
            1 => self.callee.refuse(id, RefuseReason::Expired),
            2..4 => self.callee.reply(id, &mut draft(usize::from(how))),
            4 => self.callee.reply(id, &mut draft(2 * FRAME_BYTES_MAX)),
            // An ask is answered once, which is the actor's business.
            5..8 if !self.streamed.contains_key(&id) => {
                self.callee.begin_items(id);
                self.streamed.insert(id, 0);
            }
            8 => self.callee.end_items(id, ItemsEnd::Complete),
            _ => {
                // As many as there is credit for.
                while self.callee.may_send_item(id) == Some(true) {
                    self.callee.item(id, &mut draft(usize::from(how)));
                    let Some(ahead) = self.streamed.get_mut(&id) else { panic!("no such answer") };
                    *ahead += 1;
                    assert!(*ahead <= ITEMS_AHEAD_MAX as u64, "beyond credit");
                }
            }
        }
    }

    fn hear(&mut self, body: Bytes) {
        let frame = ActorFrame::read(body.clone());
        if let Ok(ActorFrame::Credit { id, n }) = frame
            && let Some(ahead) = self.streamed.get_mut(&id)
        {
            *ahead = ahead.saturating_sub(n);
        }
        let is_skipped = self.is_bound
            && !self.is_superseded
            && !self.is_over
            && matches!(frame, Ok(ActorFrame::Cancel { id }) if id == self.last_id + 1);
        self.tell(CalleeInput::Frame(body));
        if is_skipped {
            self.last_id += 1;
            self.taken_id = self.last_id;
        }
    }

    /// The frame that a correct peer might send next.
    fn rightly(&self, script: &mut Script<'_>) -> Bytes {
        let (id, how) = (self.last_id + 1, script.byte());
        let payload = Bytes::copy_from_slice(&[how]);
        let sent = || Sent { id, actor: ACTOR, key: KEY, remaining_ms: u64::from(how), payload };
        written(&match how % 8 {
            _ if !self.is_bound => ActorFrame::Open { actor: ACTOR, generation: 1 },
            0..4 => ActorFrame::Ask(sent()),
            4..6 => ActorFrame::Tell(sent()),
            6 => ActorFrame::Cancel { id },
            _ if how > 128 => ActorFrame::Credit { id: u64::from(how) % id, n: u64::from(how) % 40 },
            _ => ActorFrame::Cancel { id: u64::from(how) % id },
        })
    }

    fn tell(&mut self, input: CalleeInput) {
        self.callee.handle(self.now, input);
        while let Some(output) = self.callee.poll() {
            assert!(!self.is_over, "{output:?} after the end");
            match output {
                CalleeOutput::Bind { .. } => {
                    assert!(!self.is_bound, "bound twice");
                    self.is_bound = true;
                }
                CalleeOutput::Deliver { id, .. } => {
                    assert!(self.is_bound && self.waiting.is_none(), "nobody reads {id} yet");
                    assert!(!self.is_superseded, "a newer stream carries the messages");
                    assert_eq!(id, self.last_id + 1, "a gap, or a swap");
                    self.last_id = id;
                    self.waiting = Some(id);
                }
                CalleeOutput::Cancelled(id) => assert!(id <= self.last_id, "{id} was never sent"),
                CalleeOutput::Credited(id) => assert_eq!(self.callee.may_send_item(id), Some(true)),
                CalleeOutput::Over => self.is_over = true,
            }
        }
    }

    fn take_all(&mut self) {
        while self.callee.has_output() {
            let piece = self.callee.take_buffer();
            self.said.extend_from_slice(&piece);
        }
    }
}

/// What was said ends with one `Close`, and tells no more than was taken.
fn check_said(bed: &Bed) {
    let said = frames(bed.said.clone().freeze());
    let mut accepted = 0;
    for (at, frame) in said.iter().enumerate() {
        match frame {
            ActorFrame::Accepted { upto } => {
                assert!(*upto >= accepted, "{upto} after {accepted}");
                assert!(*upto <= bed.taken_id, "told early");
                accepted = *upto;
            }
            ActorFrame::Close { last_accepted, .. } => {
                assert_eq!(at + 1, said.len(), "something follows a close");
                assert!(*last_accepted >= accepted, "less than was told before");
                assert_eq!(*last_accepted, bed.taken_id, "the sender is told something else");
            }
            ActorFrame::Reply { .. } | ActorFrame::Fail { .. } | ActorFrame::Refuse { .. } => {}
            ActorFrame::Item { .. } | ActorFrame::End { .. } => {}
            other => panic!("not for a callee to say: {other:?}"),
        }
    }
    assert!(bed.is_over && matches!(said.last(), Some(ActorFrame::Close { .. })), "no close at the end");
}
