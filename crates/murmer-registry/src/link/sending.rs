//! How far one peer has been sent our log.
//!
//! Ops are sent within a window, from wherever the peer said it is. A peer that is behind the ring is
//! sent a frozen copy in chunks, also within a window, and then goes on with the ops that follow.
//!
//! Decides what goes out next; doesn't know what the peer's own log holds.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use crate::log::{Frozen, Log};
use crate::{Digest, Message, RegistryConfig};

#[derive(Debug, Default)]
pub(crate) struct Sending {
    /// The peer's `Versions` have been read; nothing of the log is sent before.
    is_started: bool,
    /// The last position sent, and not taken back since.
    cursor: u64,
    acked: u64,
    in_flight: VecDeque<Batch>,
    ops_in_flight: usize,
    bytes_in_flight: usize,
    /// The peer can't go on with ops, wherever the cursor is.
    needs_snapshot: bool,
    snapshot: Option<Snapshot>,
    /// Keeps the ring from dropping what follows a snapshot until the peer has caught up.
    pin: Option<Arc<Frozen>>,
    /// When the peer last took something of a snapshot or behind it.
    moved_at: Duration,
    rewound_at: Option<Duration>,
    snapshot_at: Option<Duration>,
    paused_until: Option<Duration>,
    digest_at: Option<Duration>,
}

#[derive(Debug)]
struct Batch {
    last: u64,
    ops: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Snapshot {
    frozen: Arc<Frozen>,
    next_record: usize,
    next_index: u32,
    acked_chunks: u32,
}

impl Sending {
    /// Starts anew from what the peer holds.
    pub(crate) fn start(&mut self, now: Duration, applied: u64) {
        self.is_started = true;
        self.snapshot = None;
        self.acked = applied;
        self.rewind_now(now, Some(applied));
    }

    /// Goes back to a position the peer asked for, or to a snapshot.
    ///
    /// A peer is heard at most every [`REWIND_EVERY`]: asking again is a few bytes, an answer may be a
    /// whole window.
    pub(crate) fn rewind(&mut self, now: Duration, after: Option<u64>) {
        // Asked before the snapshot's first chunks can have arrived.
        let is_fresh = self.snapshot_at.is_some_and(|at| now < at + SNAPSHOT_EVERY);
        if self.snapshot.is_some() && is_fresh {
            return;
        }
        self.rewind_now(now, after);
    }

    /// Takes note of how much the peer has applied. If that is a lie, the peer alone misses what it
    /// claims to hold.
    pub(crate) fn acked(&mut self, now: Duration, applied: u64) {
        if applied > self.acked {
            self.acked = applied;
            self.moved_at = now;
        }
        while self.in_flight.front().is_some_and(|batch| batch.last <= applied) {
            let batch = self.in_flight.pop_front().expect("front was checked above");
            self.ops_in_flight -= batch.ops;
            self.bytes_in_flight -= batch.bytes;
        }
        // After going back, an answer to what was sent before it may still arrive.
        if self.snapshot.is_none() && !self.needs_snapshot {
            self.cursor = self.cursor.max(applied);
        }
    }

    pub(crate) fn chunk_acked(&mut self, now: Duration, upto: u64, index: u32) {
        if let Some(snapshot) = self.snapshot.as_mut().filter(|snapshot| snapshot.frozen.upto == upto)
            && index < snapshot.next_index
            && index >= snapshot.acked_chunks
        {
            snapshot.acked_chunks = index + 1;
            self.moved_at = now;
        }
    }

    /// The next message of the log for this peer; to be called until there is none.
    pub(crate) fn next(&mut self, now: Duration, log: &mut Log, config: &RegistryConfig) -> Option<Message> {
        if !self.is_started || self.paused_until.is_some() {
            return None;
        }
        if self.snapshot.is_none() {
            if self.is_window_full(config) {
                return None;
            }
            if !self.needs_snapshot
                && let Some(message) = self.next_ops(log, config)
            {
                return message;
            }
            self.start_snapshot(now, log)?;
        }
        self.next_chunk(config)
    }

    /// What the peer should hold, having been sent what it was.
    pub(crate) fn digest(&mut self, now: Duration, log: &Log, config: &RegistryConfig) -> Message {
        self.digest_at = Some(now + config.digest_every);
        // A peer that was given up is to notice that it misses something, and ask.
        let sent = if self.is_started { self.cursor } else { log.head() };
        Message::Digest(Digest {
            sent,
            head: log.head(),
            live: log.live() as u64,
            fingerprint: log.fingerprint(),
        })
    }

    /// Lets timers expire; true if the digest is due.
    pub(crate) fn tick(&mut self, now: Duration) -> bool {
        if self.paused_until.is_some_and(|until| until <= now) {
            self.paused_until = None;
        }
        if self.stalls_at().is_some_and(|at| at <= now) {
            // The peer asks again if it is still there and wants to go on.
            if self.snapshot.take().is_some() {
                self.is_started = false;
            }
            self.pin = None;
        }
        self.digest_at.is_some_and(|at| at <= now)
    }

    pub(crate) fn is_started(&self) -> bool {
        self.is_started
    }

    /// True if the peer said that it holds all up to `head`.
    pub(crate) fn is_acked(&self, head: u64) -> bool {
        self.is_started && self.acked >= head
    }

    /// How much of a log that goes up to `head` the peer has not said that it holds.
    pub(crate) fn unacked(&self, head: u64) -> u64 {
        head.saturating_sub(self.acked)
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        [self.paused_until, self.stalls_at(), self.digest_at].into_iter().flatten().min()
    }

    fn rewind_now(&mut self, now: Duration, after: Option<u64>) {
        self.is_started = true;
        self.snapshot = None;
        self.in_flight.clear();
        (self.ops_in_flight, self.bytes_in_flight) = (0, 0);
        self.needs_snapshot = after.is_none();
        self.cursor = after.unwrap_or(self.cursor);
        let allowed_at = self.rewound_at.map_or(now, |at| now.max(at + REWIND_EVERY));
        self.rewound_at = Some(allowed_at.min(now + REWIND_EVERY));
        if allowed_at > now {
            self.paused_until = self.rewound_at;
        }
    }

    /// `None` if the ring no longer holds them.
    fn next_ops(&mut self, log: &Log, config: &RegistryConfig) -> Option<Option<Message>> {
        let ops_max = config.window_ops_max.saturating_sub(self.ops_in_flight).max(1);
        let bytes_max = config.window_bytes_max.saturating_sub(self.bytes_in_flight);
        let slice = log.after(self.cursor, ops_max, bytes_max)?;
        if slice.ops.is_empty() {
            self.pin = None;
            return Some(None);
        }
        let first = self.cursor + 1;
        self.cursor += slice.ops.len() as u64;
        self.ops_in_flight += slice.ops.len();
        self.bytes_in_flight += slice.bytes;
        self.in_flight.push_back(Batch { last: self.cursor, ops: slice.ops.len(), bytes: slice.bytes });
        Some(Some(Message::Ops { origin: log.origin().clone(), first, ops: slice.ops }))
    }

    /// `None` if that has to wait.
    fn start_snapshot(&mut self, now: Duration, log: &mut Log) -> Option<()> {
        if let Some(again_at) = self.snapshot_at.map(|at| at + SNAPSHOT_EVERY).filter(|at| *at > now) {
            self.paused_until = Some(again_at);
            return None;
        }
        let Some(frozen) = log.freeze(self.acked) else {
            self.paused_until = Some(now + FREEZE_AGAIN_AFTER);
            return None;
        };
        self.pin = Some(frozen.clone());
        self.snapshot = Some(Snapshot { frozen, next_record: 0, next_index: 0, acked_chunks: 0 });
        (self.snapshot_at, self.moved_at) = (Some(now), now);
        Some(())
    }

    fn next_chunk(&mut self, config: &RegistryConfig) -> Option<Message> {
        let chunk_bytes = config.chunk_bytes_max.clamp(1, CHUNK_BYTES_MAX);
        let window = (config.window_bytes_max / chunk_bytes).clamp(1, CHUNKS_IN_FLIGHT_MAX) as u32;
        let snapshot = self.snapshot.as_mut()?;
        if snapshot.next_index - snapshot.acked_chunks >= window {
            return None;
        }
        let chunk = snapshot.frozen.chunk(snapshot.next_index, snapshot.next_record, chunk_bytes);
        snapshot.next_index += 1;
        snapshot.next_record += chunk.records.len();
        if chunk.last {
            self.cursor = chunk.upto;
            self.needs_snapshot = false;
            self.in_flight.clear();
            (self.ops_in_flight, self.bytes_in_flight) = (0, 0);
            self.snapshot = None;
        }
        Some(Message::Snapshot(chunk))
    }

    fn is_window_full(&self, config: &RegistryConfig) -> bool {
        self.ops_in_flight >= config.window_ops_max.max(1)
            || (self.bytes_in_flight >= config.window_bytes_max && !self.in_flight.is_empty())
    }

    /// When a snapshot, or what follows it, counts as given up by the peer.
    fn stalls_at(&self) -> Option<Duration> {
        self.pin.as_ref().map(|_| self.moved_at + SNAPSHOT_STALL_MAX)
    }
}

/// How often a peer may make us go back.
const REWIND_EVERY: Duration = Duration::from_millis(100);
/// How often a peer may start a snapshot.
const SNAPSHOT_EVERY: Duration = Duration::from_secs(1);
/// How long to wait if too many other peers are being sent snapshots.
const FREEZE_AGAIN_AFTER: Duration = Duration::from_millis(100);
/// How long a peer may take no chunk before its snapshot is dropped; ours to free, the peer's to ask
/// for again.
const SNAPSHOT_STALL_MAX: Duration = Duration::from_secs(30);
/// The largest chunk that any setting allows, in bytes; below every limit on frames.
const CHUNK_BYTES_MAX: usize = 256 << 10;
/// The most chunks under way that any setting allows.
const CHUNKS_IN_FLIGHT_MAX: usize = 256;
