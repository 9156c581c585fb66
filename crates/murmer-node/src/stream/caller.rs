//! The end that asks: numbers messages, keeps time, and settles every ask exactly once.
//!
//! What an end of the stream means for an ask depends on how far its message got:
//!
//! ```text
//!                        not yet taken   taken, up to last_accepted   taken, beyond or unknown
//! Close                  never           maybe                        never
//! lost                   never           maybe                        maybe
//! deadline               never           maybe                        maybe
//! Refuse · Fail          –               never · handled              never · handled
//! ```
//!
//! "Taken" is by the shell, out of the buffer. An ask that ends before that must not go out after
//! all, and ids have no gaps: when the buffer is taken, a `Cancel` stands where its message stood.
//!
//! An ask whose answer is a stream is settled by its beginning, which its deadline is about, and keeps the
//! stream from being idle until that answer's end. What has come of it is read from here.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use murmer_wire::{ActorNumber, FRAME_BYTES_HARD_MAX, MessageKey};

use super::asks::{Ask, Asks};
use super::buffer::Buffer;
use super::draft::Draft;
use super::inbox::{Read, ReadEnd};
use super::inboxes::Inboxes;
use super::outcome::Outcome;
use super::write_error::WriteError;
use super::{STREAM_BYTES_MAX, STREAM_MESSAGES_MAX};
use crate::protocol::actor_frame::Head;
use crate::protocol::{ActorFrame, RefuseReason, StreamEnd};

/// The asking end of one stream. `T` is whatever the shell needs to hand an answer over.
#[derive(Debug)]
pub struct Caller<T> {
    actor: ActorNumber,
    frame_bytes_max: usize,
    buffer: Buffer,
    /// What the shell has begun to take: it goes out whatever happens to its messages.
    leaving: VecDeque<Bytes>,
    /// Where the messages in `buffer` begin and end, those with ids from `taken_id + 1` on.
    buffered: Vec<(usize, usize)>,
    /// Those of them that ended before they were taken.
    unsent: BTreeSet<u64>,
    /// The last id given.
    last_id: u64,
    /// The last id whose bytes the shell has taken.
    taken_id: u64,
    accepted_id: u64,
    pending: Asks<T>,
    inboxes: Inboxes,
    idle_after: Duration,
    last_used_at: Duration,
    is_over: bool,
    out: VecDeque<CallerOutput<T>>,
}

/// Something that happened.
#[derive(Debug)]
pub enum CallerInput {
    /// A frame arrived.
    Frame(Bytes),
    /// The stream or its connection ended without a `Close`, or couldn't be opened.
    Lost,
    /// The deadline has passed.
    Timeout,
}

/// Something to do.
#[derive(Debug, PartialEq, Eq)]
pub enum CallerOutput<T> {
    /// One ask is over.
    Settled {
        /// Whose.
        token: T,
        /// How.
        outcome: Outcome,
    },
    /// The streamed answer to one ask begins: [`read`](Caller::read) it, or [`cancel`](Caller::cancel) it.
    Begun {
        /// Whose.
        token: T,
        /// What its message is numbered.
        id: u64,
    },
    /// There is more to read of the answer to this ask, if only its end.
    Readable(u64),
    /// Nothing is in flight and nothing was for a while: finish the stream. The next send needs a
    /// new one.
    Idle,
    /// The stream is over, for this reason if the peer gave one. Everything has been settled.
    Ended(Option<StreamEnd>),
    /// The peer broke the protocol: reset the stream. Everything has been settled.
    Misbehaved,
}

impl<T> Caller<T> {
    /// A stream to `actor`, the `generation`-th of this process; begins with `Open` in the buffer.
    ///
    /// `idle_after` of zero never ends it for idleness.
    pub fn new(
        now: Duration,
        actor: ActorNumber,
        generation: u64,
        frame_bytes_max: usize,
        idle_after: Duration,
    ) -> Self {
        let mut buffer = Buffer::default();
        buffer.put(&ActorFrame::Open { actor, generation });
        Self {
            actor,
            frame_bytes_max: frame_bytes_max.min(FRAME_BYTES_HARD_MAX),
            buffer,
            leaving: VecDeque::new(),
            buffered: Vec::new(),
            unsent: BTreeSet::new(),
            last_id: 0,
            taken_id: 0,
            accepted_id: 0,
            pending: Asks::new(),
            inboxes: Inboxes::default(),
            idle_after,
            last_used_at: now,
            is_over: false,
            out: VecDeque::new(),
        }
    }

    /// Writes one message: an ask if there is a `token` (and a `timeout`, if it is to end), else a tell. Of an
    /// ask, whether its answer `is_streamed`.
    ///
    /// # Errors
    ///
    /// [`WriteError`]; the token is given back, and the message is still in its draft.
    pub fn write(
        &mut self,
        now: Duration,
        key: MessageKey,
        timeout: Option<Duration>,
        token: Option<T>,
        is_streamed: bool,
        message: &mut Draft,
    ) -> Result<(), (WriteError, Option<T>)> {
        if self.is_over {
            return Err((WriteError::Over, token));
        }
        if !self.has_room() {
            return Err((WriteError::Full, token));
        }
        let id = self.last_id + 1;
        let remaining_ms = timeout.map_or(0, |timeout| timeout.as_millis().clamp(1, u64::MAX.into()) as u64);
        let (head, is_ask) = (Head { id, actor: self.actor, key, remaining_ms }, token.is_some());
        let (begins_at, max) = (self.buffer.len(), self.frame_bytes_max);
        let write_head = |out: &mut _| ActorFrame::write_head(out, is_ask, &head);
        if let Err(bytes) = self.buffer.put_draft(max, write_head, message) {
            return Err((WriteError::TooLarge { bytes, max }, token));
        }
        self.last_id = id;
        self.buffered.push((begins_at, self.buffer.len()));
        self.last_used_at = now;
        if let Some(token) = token {
            // Longer than time itself is no limit.
            let expires_at = timeout.and_then(|timeout| now.checked_add(timeout));
            self.pending.insert(id, Ask { token, is_streamed, timeout, expires_at });
        }
        Ok(())
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: CallerInput) {
        debug_assert!(self.out.is_empty(), "drain the outputs first");
        if self.is_over {
            return;
        }
        match input {
            CallerInput::Frame(body) => match ActorFrame::read(body) {
                Ok(frame) => self.handle_frame(now, frame),
                Err(_) => self.misbehaved(),
            },
            CallerInput::Lost => {
                let taken = self.taken_id;
                self.end(None, ReadEnd::Lost, |id| Outcome::Lost { may_be_handled: id <= taken });
            }
            CallerInput::Timeout => self.handle_timeout(now),
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<CallerOutput<T>> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub fn deadline(&self) -> Option<Duration> {
        if self.is_over {
            return None;
        }
        let idle = self.can_idle().then(|| self.idle_at());
        self.pending.deadline().into_iter().chain(idle).min()
    }

    /// Gives up the ask with this id (see [`last_id`](Self::last_id)) and returns its token, unless it has been
    /// given back already. It is not sent, if it wasn't yet; else the actor's node is told, also if its
    /// answer has begun.
    pub fn cancel(&mut self, id: u64) -> Option<T> {
        if let Some(is_open) = self.inboxes.remove(id) {
            if is_open {
                self.buffer.put(&ActorFrame::Cancel { id });
            }
            return None;
        }
        let token = self.pending.remove(id)?.token;
        if id <= self.taken_id {
            self.buffer.put(&ActorFrame::Cancel { id });
        } else {
            self.unsent.insert(id);
        }
        Some(token)
    }

    /// Takes what comes next of the streamed answer to the ask with this id, also after the end of the stream.
    /// May have something to send then.
    pub fn read(&mut self, id: u64) -> Read {
        let (read, given_back) = self.inboxes.read(id);
        if let Some(n) = given_back {
            self.buffer.put(&ActorFrame::Credit { id, n });
        }
        read
    }

    /// Takes what is to be sent next. Again while there [is more](Self::has_output): large messages come in
    /// pieces. With the first piece all messages that were written count as taken: they may be handled from
    /// now on.
    pub fn take_buffer(&mut self) -> Bytes {
        if let Some(piece) = self.leaving.pop_front() {
            return piece;
        }
        if !self.unsent.is_empty() {
            self.drop_unsent();
        }
        self.taken_id = self.last_id;
        self.buffered.clear();
        let first = self.buffer.take_piece();
        while !self.buffer.is_empty() {
            self.leaving.push_back(self.buffer.take_piece());
        }
        first
    }

    /// The number of the message written last, counted from 1; 0 before the first.
    pub const fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Whether messages are to be taken.
    pub fn has_messages(&self) -> bool {
        !self.buffered.is_empty() || !self.leaving.is_empty()
    }

    /// Bytes to be taken.
    pub fn buffered(&self) -> usize {
        self.buffer.len() + self.leaving.iter().map(Bytes::len).sum::<usize>()
    }

    /// Asks whose answer has not come, or not begun.
    pub const fn in_flight(&self) -> usize {
        self.pending.len()
    }

    /// Whether there is something to take.
    pub fn has_output(&self) -> bool {
        !self.buffer.is_empty() || !self.leaving.is_empty()
    }

    /// Whether another message may be written.
    pub fn has_room(&self) -> bool {
        self.buffered.len() < STREAM_MESSAGES_MAX && self.buffer.len() < STREAM_BYTES_MAX
    }

    /// Whether the stream is over.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Whether the peer has accepted any message.
    pub const fn has_accepted(&self) -> bool {
        self.accepted_id > 0
    }

    /// Whether the peer has accepted every message up to this one.
    pub const fn has_accepted_upto(&self, id: u64) -> bool {
        self.accepted_id >= id
    }

    /// Whether the peer has accepted every message that was written.
    pub const fn has_all_accepted(&self) -> bool {
        self.accepted_id == self.last_id
    }

    /// Ends the stream if nothing is in flight and everything was accepted: finish it then. For one that
    /// is to go before it would be idle.
    pub fn finish_if_quiet(&mut self) -> bool {
        self.is_over |= self.is_quiet();
        self.is_over
    }

    fn handle_frame(&mut self, now: Duration, frame: ActorFrame) {
        self.last_used_at = now;
        match frame {
            ActorFrame::Reply { id, .. } | ActorFrame::Refuse { id, .. } | ActorFrame::Fail { id, .. }
                if id > self.taken_id || self.inboxes.contains(id) =>
            {
                self.misbehaved();
            }
            ActorFrame::Item { id, .. } | ActorFrame::End { id, .. }
                if id > self.taken_id || self.pending.get(id).is_some() =>
            {
                self.misbehaved();
            }
            ActorFrame::Reply { id, payload } => self.replied(id, payload),
            ActorFrame::Item { id, payload } => {
                let is_in_turn = self.inboxes.put(id, payload);
                self.arrived(id, is_in_turn);
            }
            ActorFrame::End { id, how } => {
                let is_in_turn = self.inboxes.end(id, ReadEnd::Ended(how));
                self.arrived(id, is_in_turn);
            }
            ActorFrame::Refuse { id, reason: RefuseReason::Expired } => {
                let after = self.pending.get(id).and_then(|pending| pending.timeout).unwrap_or_default();
                self.settle(id, Outcome::TimedOut { after, may_be_handled: false });
            }
            ActorFrame::Refuse { id, reason } => self.settle(id, Outcome::Refused(reason)),
            ActorFrame::Fail { id, panicked } => self.settle(id, Outcome::Failed { panicked }),
            ActorFrame::Accepted { upto } if upto <= self.taken_id => {
                self.accepted_id = self.accepted_id.max(upto);
            }
            ActorFrame::Close { reason, last_accepted } if last_accepted <= self.taken_id => {
                let outcome = |id| Outcome::Closed { reason, may_be_handled: id <= last_accepted };
                self.end(Some(reason), ReadEnd::Closed(reason), outcome);
            }
            ActorFrame::Accepted { .. }
            | ActorFrame::Close { .. }
            | ActorFrame::Open { .. }
            | ActorFrame::Ask(_)
            | ActorFrame::Tell(_)
            | ActorFrame::Cancel { .. }
            | ActorFrame::Credit { .. } => self.misbehaved(),
        }
    }

    fn replied(&mut self, id: u64, payload: Bytes) {
        match self.pending.get(id) {
            Some(pending) if !pending.is_streamed => self.settle(id, Outcome::Reply(payload)),
            Some(_) if !payload.is_empty() => self.misbehaved(),
            Some(_) => {
                if let Some(Ask { token, .. }) = self.pending.remove(id) {
                    self.inboxes.open(id);
                    self.out.push_back(CallerOutput::Begun { token, id });
                }
            }
            // Given up before, and word of that may have been forgotten: what begins so must not wait for ever.
            None if payload.is_empty() => self.buffer.put(&ActorFrame::Cancel { id }),
            None => {}
        }
    }

    /// Of a streamed answer, whether it was its turn; unknown if nobody reads it any more.
    fn arrived(&mut self, id: u64, is_in_turn: Option<bool>) {
        match is_in_turn {
            Some(true) => self.out.push_back(CallerOutput::Readable(id)),
            Some(false) => self.misbehaved(),
            None => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        for (id, Ask { token, is_streamed, timeout, .. }) in self.pending.expired(now) {
            let may_be_handled = id <= self.taken_id;
            if !may_be_handled {
                self.unsent.insert(id);
            } else if is_streamed {
                // An answer that comes too late is one frame; this would be many.
                self.buffer.put(&ActorFrame::Cancel { id });
            }
            let outcome = Outcome::TimedOut { after: timeout.unwrap_or_default(), may_be_handled };
            self.out.push_back(CallerOutput::Settled { token, outcome });
        }
        if self.can_idle() && now >= self.idle_at() {
            self.is_over = true;
            self.out.push_back(CallerOutput::Idle);
        }
    }

    /// Only when the peer has accepted all that was sent can the stream end without losing any.
    fn can_idle(&self) -> bool {
        !self.idle_after.is_zero() && self.is_quiet()
    }

    fn is_quiet(&self) -> bool {
        self.pending.is_empty() && !self.inboxes.has_open() && !self.has_output() && self.has_all_accepted()
    }

    const fn idle_at(&self) -> Duration {
        self.last_used_at.saturating_add(self.idle_after)
    }

    /// Puts a `Cancel` in place of each message in the buffer that is not to be sent.
    fn drop_unsent(&mut self) {
        let whole = self.buffer.take_whole();
        let mut copied = 0;
        for id in core::mem::take(&mut self.unsent) {
            let (begin, end) = self.buffered[(id - self.taken_id - 1) as usize];
            self.buffer.put_written(&whole[copied..begin]);
            self.buffer.put(&ActorFrame::Cancel { id });
            copied = end;
        }
        self.buffer.put_written(&whole[copied..]);
    }

    fn settle(&mut self, id: u64, outcome: Outcome) {
        // Unknown if it expired before: the answer came too late.
        if let Some(Ask { token, .. }) = self.pending.remove(id) {
            self.out.push_back(CallerOutput::Settled { token, outcome });
        }
    }

    fn misbehaved(&mut self) {
        let taken = self.taken_id;
        self.end(None, ReadEnd::Lost, |id| Outcome::Lost { may_be_handled: id <= taken });
        self.out.pop_back();
        self.out.push_back(CallerOutput::Misbehaved);
    }

    fn end(&mut self, reason: Option<StreamEnd>, read_end: ReadEnd, outcome: impl Fn(u64) -> Outcome) {
        self.is_over = true;
        self.buffer.clear();
        self.leaving.clear();
        self.buffered.clear();
        self.unsent.clear();
        let settled = self.pending.take().map(|(id, Ask { token, .. })| (token, outcome(id)));
        self.out.extend(settled.map(|(token, outcome)| CallerOutput::Settled { token, outcome }));
        self.out.extend(self.inboxes.end_all(read_end).into_iter().map(CallerOutput::Readable));
        self.out.push_back(CallerOutput::Ended(reason));
    }
}
