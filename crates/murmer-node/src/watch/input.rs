//! What the watches of a node are told.

use murmer_wire::{ActorId, ActorNumber, NodeId};

use crate::node::LinkId;
use crate::protocol::{EndReason, WatchWord};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum WatchingInput {
    /// Somebody here wants to be told of the end of an actor elsewhere.
    Watch {
        /// Its number, never used twice in this process.
        watch: u64,
        /// Which actor.
        target: ActorId,
        /// The actor that watches, if it is one.
        watcher: Option<ActorNumber>,
        /// What is known of the target's node.
        standing: Standing,
    },
    /// Nobody wants that any more; does nothing to one that was told of.
    Unwatch(u64),
    /// An actor here that was [to be observed](super::WatchingOutput::Observe) is over.
    Ended {
        /// Which.
        actor: ActorNumber,
        /// Why.
        reason: EndReason,
    },
    /// A [`Flush`](super::WatchingOutput::Flush) is done.
    Flushed(u64),
    /// Words to this peer go over this link now.
    Current {
        /// Who.
        peer: NodeId,
        /// Which link, if there is one.
        link: Option<LinkId>,
    },
    /// This link is gone.
    Unlinked(LinkId),
    /// This peer is a member, and not over.
    Met(NodeId),
    /// This peer is held to be down, or has left.
    Over {
        /// Who.
        peer: NodeId,
        /// Whether it left.
        has_left: bool,
    },
    /// A word came over a link that is proven to be this peer's.
    Word {
        /// Who.
        peer: NodeId,
        /// Which link.
        link: LinkId,
        /// What.
        word: WatchWord,
    },
    /// The deadline has passed.
    Timeout,
}

/// How a node stands with this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A member.
    Member,
    /// Never met, or forgotten.
    Unmet,
    /// Held to be down, or followed by a later life of it.
    Down,
    /// It has left.
    Left,
    /// A life of this very process' name: an actor of it would not be elsewhere.
    Ourselves,
}
