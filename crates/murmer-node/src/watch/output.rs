//! What the watches of a node want done.

use murmer_wire::{ActorId, ActorNumber, NodeId};

use crate::node::LinkId;
use crate::protocol::{EndReason, WatchWord};

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchingOutput {
    /// Send on the control stream.
    Send {
        /// Over which link; if that is gone, not at all.
        link: LinkId,
        /// What.
        word: WatchWord,
    },
    /// Say [`Ended`](super::WatchingInput::Ended) once when this actor here is over: at once if it is, or
    /// never was.
    Observe(ActorNumber),
    /// That need not be said any more.
    Unobserve(ActorNumber),
    /// Say [`Flushed`](super::WatchingInput::Flushed) once everything that has been sent from here to this actor
    /// by now has been accepted by its mailbox, or refused, or won't arrive. At once if nothing is under way.
    Flush {
        /// What to say it with.
        ticket: u64,
        /// Which actor of a peer's.
        watcher: ActorId,
    },
    /// A watch of somebody here is over: tell them. It won't be spoken of again.
    Told {
        /// Which.
        watch: u64,
        /// Why.
        reason: WatchEnd,
    },
    /// A peer did what a correct one does not; for the log.
    Misbehaved {
        /// Who.
        peer: NodeId,
        /// What: words for people.
        what: &'static str,
    },
}

/// Why a watch is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEnd {
    /// The actor is.
    Ended(EndReason),
    /// Its node is held to be down.
    NodeDown,
    /// Its node has left.
    NodeLeft,
}
