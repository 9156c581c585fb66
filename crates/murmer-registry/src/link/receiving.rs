//! What arrives of one peer's log: applied if it is next in line, dropped if known, asked for again
//! if something before it is missing.
//!
//! Nothing a peer sends makes this ask more often than its limits, hold more than one snapshot, or
//! leave a copy that isn't a prefix of the log.

use alloc::vec::Vec;
use core::time::Duration;

use crate::lamport::Lamport;
use crate::outbox::Outbox;
use crate::replica::{ENTRIES_PER_ORIGIN_MAX, Progress, Replica, Shadow};
use crate::{
    CHUNK_RECORDS_MAX, Chunk, Counters, Digest, Message, Misbehaviour, OPS_PER_MESSAGE_MAX, Op, Output,
};

#[derive(Debug, Default)]
pub(crate) struct Receiving {
    /// The last position known to exist.
    seen: u64,
    /// The position from which on the peer counts as synced.
    target: Option<u64>,
    is_synced: bool,
    /// Ops are of no use: only a whole snapshot is.
    needs_whole: bool,
    /// And that because our copy differs from what it is a copy of.
    is_diverged: bool,
    /// The last position that a digest named.
    head: u64,
    shadow: Option<Shadow>,
    unacked: usize,
    ack_at: Option<Duration>,
    asked_at: Option<Duration>,
    asked_whole_at: Option<Duration>,
    ask_at: Option<Duration>,
}

/// What receiving works on.
pub(crate) struct Context<'a> {
    pub(crate) now: Duration,
    pub(crate) ack_after: Duration,
    pub(crate) replica: &'a mut Replica,
    pub(crate) lamport: &'a mut Lamport,
    pub(crate) counters: &'a mut Counters,
    pub(crate) out: &'a mut Outbox,
}

impl Context<'_> {
    fn send(&mut self, message: Message) {
        self.out.send(self.replica.origin(), message);
    }

    fn misbehaved(&mut self, what: Misbehaviour) {
        self.out.misbehaved(self.replica.origin(), what);
    }
}

impl Receiving {
    pub(crate) fn handle_ops(&mut self, first: u64, ops: Vec<Op>, cx: &mut Context<'_>) {
        let applied = cx.replica.applied();
        let is_possible = (1..=POSITION_MAX).contains(&first);
        if !is_possible || !(1..=OPS_PER_MESSAGE_MAX).contains(&ops.len()) {
            return cx.misbehaved(Misbehaviour::Malformed);
        }
        let last = first + ops.len() as u64 - 1;
        if self.needs_whole {
            return;
        }
        if first > applied + 1 {
            self.seen = self.seen.max(last);
            // The peer sends ops only behind a snapshot, so the rest of one won't come.
            self.shadow = None;
            cx.counters.gaps += 1;
            return self.ask(cx);
        }
        self.ack_at.get_or_insert(cx.now + cx.ack_after);
        for op in ops.into_iter().skip((applied + 1 - first) as usize) {
            if let Err(what) = cx.replica.apply(op, cx.lamport, cx.out) {
                cx.misbehaved(what);
                return self.ask_whole(cx);
            }
            self.unacked += 1;
        }
        if self.unacked >= OPS_PER_ACK_MAX {
            self.ack(cx);
        }
        self.settle(cx);
    }

    pub(crate) fn handle_chunk(&mut self, chunk: Chunk, cx: &mut Context<'_>) {
        let (upto, index) = (chunk.upto, chunk.index);
        if chunk.records.len() > CHUNK_RECORDS_MAX || upto > POSITION_MAX {
            return cx.misbehaved(Misbehaviour::Malformed);
        }
        if !self.needs_whole && upto <= cx.replica.applied() {
            // Acknowledged nevertheless, so that the peer gets to the end of it.
            self.shadow = None;
            cx.send(Message::ChunkAck { upto, index });
            return self.settle(cx);
        }
        match self.push_chunk(chunk) {
            Ok(Progress::Gap) => {
                self.seen = self.seen.max(upto);
                self.shadow = None;
                cx.counters.gaps += 1;
                self.ask(cx);
            }
            Ok(progress) => {
                cx.send(Message::ChunkAck { upto, index });
                self.ask_at = Some(cx.now + CHUNK_WAIT);
                if progress == Progress::Whole {
                    self.finish_snapshot(cx);
                }
            }
            Err(what) => {
                cx.misbehaved(what);
                self.ask_whole(cx);
            }
        }
    }

    pub(crate) fn handle_digest(&mut self, digest: &Digest, cx: &mut Context<'_>) {
        let &Digest { sent, head, live, fingerprint } = digest;
        if sent > head || head > POSITION_MAX || live > ENTRIES_PER_ORIGIN_MAX as u64 {
            return cx.misbehaved(Misbehaviour::Malformed);
        }
        // An acknowledgement that got lost would otherwise keep the peer's window full for ever.
        self.ack(cx);
        self.target.get_or_insert(head);
        self.head = head;
        if self.needs_whole {
            return;
        }
        let applied = cx.replica.applied();
        if head < applied {
            cx.misbehaved(Misbehaviour::WentBack);
            return self.ask_whole(cx);
        }
        if head == applied && !cx.replica.matches(live, fingerprint) {
            cx.counters.divergences += 1;
            self.is_diverged = true;
            cx.out.push(Output::Diverged(cx.replica.origin().clone()));
            return self.ask_whole(cx);
        }
        if sent > applied && self.shadow.is_none() {
            self.seen = self.seen.max(sent);
            cx.counters.gaps += 1;
            self.ask(cx);
        }
        self.settle(cx);
    }

    pub(crate) fn tick(&mut self, cx: &mut Context<'_>) {
        if self.ack_at.is_some_and(|at| at <= cx.now) {
            self.ack(cx);
        }
        if self.ask_at.is_some_and(|at| at <= cx.now) {
            self.ask_at = None;
            if self.is_behind(cx.replica) {
                self.shadow = None;
                self.ask(cx);
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        [self.ack_at, self.ask_at].into_iter().flatten().min()
    }

    /// How many changes are known to exist and are not applied.
    pub(crate) fn missing(&self, replica: &Replica) -> u64 {
        self.seen.max(self.head).saturating_sub(replica.applied())
    }

    /// All that there was when the link began is applied, and whatever the peer said of its log since.
    pub(crate) fn is_in_sync(&self, replica: &Replica) -> bool {
        self.is_synced && !self.is_behind(replica) && self.missing(replica) == 0
    }

    fn push_chunk(&mut self, chunk: Chunk) -> Result<Progress, Misbehaviour> {
        let continues = self.shadow.as_ref().is_some_and(|shadow| shadow.is_of(&chunk));
        if !continues {
            if chunk.index > 0 {
                return Ok(Progress::Gap);
            }
            self.shadow = Some(Shadow::new(&chunk)?);
        }
        let shadow = self.shadow.as_mut().expect("set just above unless it was there");
        shadow.push(chunk)
    }

    fn finish_snapshot(&mut self, cx: &mut Context<'_>) {
        let Some(shadow) = self.shadow.take() else { return };
        // What was seen before may have been a lie; an honest peer goes on from here.
        self.seen = shadow.head().upto;
        self.needs_whole = false;
        cx.counters.snapshots_applied += 1;
        cx.counters.divergences_healed += u64::from(core::mem::take(&mut self.is_diverged));
        cx.replica.replace(shadow, cx.lamport, cx.out);
        self.ack(cx);
        self.settle(cx);
    }

    /// Brings the timers and the sync notice in line with what is held now.
    fn settle(&mut self, cx: &mut Context<'_>) {
        if self.is_behind(cx.replica) {
            self.ask_at.get_or_insert(cx.now + ASK_EVERY);
        } else {
            self.ask_at = None;
        }
        let is_reached = self.target.is_some_and(|target| target <= cx.replica.applied());
        if is_reached && !self.is_synced && !self.needs_whole {
            self.is_synced = true;
            cx.out.push(Output::Synced(cx.replica.origin().clone()));
        }
    }

    fn ack(&mut self, cx: &mut Context<'_>) {
        (self.unacked, self.ack_at) = (0, None);
        cx.send(Message::Ack { applied: cx.replica.applied() });
    }

    fn ask_whole(&mut self, cx: &mut Context<'_>) {
        self.needs_whole = true;
        self.shadow = None;
        self.ask(cx);
    }

    /// Asks for what is missing, or makes a note to, if that was done just now.
    fn ask(&mut self, cx: &mut Context<'_>) {
        let (asked_at, every) = if self.needs_whole {
            (&mut self.asked_whole_at, ASK_WHOLE_EVERY)
        } else {
            (&mut self.asked_at, ASK_EVERY)
        };
        let allowed_at = asked_at.map_or(cx.now, |at| at + every);
        if allowed_at > cx.now {
            self.ask_at = Some(allowed_at);
            return;
        }
        *asked_at = Some(cx.now);
        self.ask_at = Some(cx.now + every);
        let after = (!self.needs_whole).then_some(cx.replica.applied());
        cx.send(Message::Again { after });
    }

    fn is_behind(&self, replica: &Replica) -> bool {
        self.needs_whole || self.shadow.is_some() || replica.applied() < self.seen
    }
}

/// How many changes are applied before they are acknowledged at once.
const OPS_PER_ACK_MAX: usize = 256;
/// How often a peer is asked for what is missing.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often a peer is asked for a snapshot because its log can't be followed.
const ASK_WHOLE_EVERY: Duration = Duration::from_secs(10);
/// How long the next chunk of a snapshot may take.
const CHUNK_WAIT: Duration = Duration::from_secs(10);
/// The last position a log can have; a claim beyond it would overflow sums before it got there.
const POSITION_MAX: u64 = 1 << 62;
