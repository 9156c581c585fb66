//! Watches across nodes: each is told of once, with the true reason, whatever the order in which actors end,
//! connections break and nodes go.
//!
//! ```text
//!   node of the watchers                                        node of the watched
//!   Ours: what is watched there   ──▶ Set, in pieces ──▶        Theirs: what is watched from there
//!         one version for all     ◀── Begin · SetHeard ◀──      held until it is dropped
//!   a notice drops its watch      ◀── Notices, in batches ◀──   said in each session until then
//! ```
//!
//! There is nothing but that set: a watch that was told of is taken out of it, as one that was given up is, and
//! that is the acknowledgement. The node of the watched begins a session on each new current link, so both ends
//! mean the same one; a set whose version it holds already is not sent again. The beginning may come before the
//! other end has let the link in, and is lost then; so it is said again when that end begins, in its turn.
//!
//! A notice waits here, beside the target, until whatever the target had sent to the watcher has been accepted
//! over there, or never will be: [`Flush`](WatchingOutput::Flush). So it needs no fence on its way.
//!
//! Both ends forget all that a peer has to do with once membership holds it to be over; the watchers are told
//! that instead. A peer that comes back after that finds nothing of before.
//!
//! Doesn't know how an actor is watched within a process, nor what a mailbox is.

mod input;
mod ours;
mod output;
mod theirs;
mod unmet;

use alloc::collections::VecDeque;
use core::time::Duration;

pub use self::input::{Standing, WatchingInput};
use self::ours::Ours;
pub use self::output::{WatchEnd, WatchingOutput};
use self::theirs::Theirs;
use crate::protocol::WatchWord;

/// All watches between this node's actors and those of others, in both directions.
#[derive(Debug, Clone, Default)]
pub struct Watching {
    ours: Ours,
    theirs: Theirs,
    out: VecDeque<WatchingOutput>,
}

impl Watching {
    /// Nobody watches anybody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies one input. Drain [`poll`](Self::poll) before the next one.
    pub fn handle(&mut self, now: Duration, input: WatchingInput) {
        debug_assert!(self.out.is_empty(), "drain the outputs first");
        let out = &mut self.out;
        match input {
            WatchingInput::Watch { watch, target, watcher, standing } => {
                self.ours.watch(now, watch, target, watcher, standing, out);
            }
            WatchingInput::Unwatch(watch) => self.ours.unwatch(watch, out),
            WatchingInput::Ended { actor, reason } => self.theirs.ended(actor, reason, out),
            WatchingInput::Flushed(ticket) => self.theirs.flushed(ticket, out),
            WatchingInput::Current { peer, link } => self.theirs.current(&peer, link, out),
            WatchingInput::Unlinked(link) => self.ours.unlinked(link),
            WatchingInput::Met(peer) => self.ours.met(&peer),
            WatchingInput::Over { peer, has_left } => {
                self.ours.over(&peer, if has_left { WatchEnd::NodeLeft } else { WatchEnd::NodeDown }, out);
                self.theirs.over(&peer, out);
            }
            WatchingInput::Word { peer, link, word } => match word {
                WatchWord::Begin { session, version } => {
                    if self.ours.begin(&peer, link, session, version, out) {
                        self.theirs.peer_has_begun(&peer, out);
                    }
                }
                WatchWord::SetHeard { session } => self.ours.heard(&peer, session, out),
                WatchWord::Notices { session, notices } => {
                    self.ours.notices(&peer, session, notices, out);
                }
                WatchWord::Set { session, is_afresh, added, dropped, version } => {
                    self.theirs.set(&peer, session, is_afresh, added, &dropped, version, out);
                }
                WatchWord::NoticesHeard { session } => self.theirs.heard(&peer, session, out),
            },
            WatchingInput::Timeout => self.ours.timeout(now, out),
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll(&mut self) -> Option<WatchingOutput> {
        self.out.pop_front()
    }

    /// When to call `handle` with `Timeout`.
    pub fn deadline(&self) -> Option<Duration> {
        self.ours.deadline()
    }

    /// Watches that are held: ours, and those of peers.
    pub fn len(&self) -> (usize, usize) {
        (self.ours.len(), self.theirs.len())
    }

    /// Nodes that anything is known of, each way.
    pub fn peers(&self) -> usize {
        self.ours.peers() + self.theirs.peers()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }
}

/// Watches of one node's actors by another node: as many as actors that a process can hold with ease. One too
/// many is told of as if its node were down.
pub const WATCHES_MAX: usize = 1 << 20;
/// How long a watch of an actor of a node that was never met is held, in case the two nodes still find each
/// other: a few times what joining takes. After that it is told of as if the node were down.
pub const UNMET_WAIT: Duration = Duration::from_secs(30);
/// Watches in one word, as many dropped ones, and as many notices: some kilobytes, a moment's work.
pub(crate) const WATCHES_PER_WORD_MAX: usize = 256;
/// Bytes of notices in one word, but for one more.
const NOTICE_BYTES_PER_WORD_MAX: usize = 16 << 10;
/// Words of either kind that have been sent and not been heard: far fewer than a connection's queue holds.
const WORDS_UNHEARD_MAX: usize = 8;
