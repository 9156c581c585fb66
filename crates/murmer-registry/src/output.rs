//! What a registry says.

use alloc::sync::Arc;

use murmer_wire::{ActorNumber, NodeId};

use crate::{Entry, Message};

/// Something to do or to know, from [`Registry::poll`](crate::Registry::poll).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// A message is to go out on the link to `to`, in order, behind all earlier ones. If it can't,
    /// the link must be closed: the registry relies on what it sent on a living link.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: Message,
    },
    /// A peer's actor became visible.
    Added(Arc<Entry>),
    /// Its node says other things of a visible actor than before: here is all of it.
    Updated(Arc<Entry>),
    /// A peer's actor is visible no longer.
    Removed(Arc<Entry>),
    /// The peer said that it leaves; its actors have been removed just before.
    Left(NodeId),
    /// Everything that this peer had registered when it answered the link is applied. Once per link.
    Synced(NodeId),
    /// Our copy of the peer's log differs from the peer's own although it is as long: a defect in one
    /// of the two. A snapshot has been asked for and will replace the copy.
    Diverged(NodeId),
    /// The peer said something that a correct one can't have said. It was ignored, from the first
    /// wrong item on; if the copy of its log can't go on without it, a snapshot will replace that.
    Misbehaved {
        /// Who.
        peer: NodeId,
        /// What.
        what: Misbehaviour,
    },
    /// A local actor was not registered, since [`ENTRIES_PER_ORIGIN_MAX`](crate::ENTRIES_PER_ORIGIN_MAX)
    /// leaves no room. It is visible on this node only; or, if it was registered before, it is to others what
    /// it was.
    Refused(ActorNumber),
}

/// What a correct peer doesn't say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// It spoke for the log of another node.
    NotItsOrigin,
    /// A batch is empty or too long, or its numbers can't be.
    Malformed,
    /// It claims to hold more of our log than there is.
    Ahead,
    /// It claims that its log got shorter.
    WentBack,
    /// It added an actor under a number that it has in use.
    NumberTaken(ActorNumber),
    /// It removed, or said more of, an actor it doesn't have.
    NumberUnknown(ActorNumber),
    /// It registered more actors than [`ENTRIES_PER_ORIGIN_MAX`](crate::ENTRIES_PER_ORIGIN_MAX).
    TooManyActors,
    /// A logical time is beyond [`LAMPORT_MAX`](crate::LAMPORT_MAX).
    LamportTooLarge,
    /// It went on after it had left.
    AfterLeave,
    /// A snapshot doesn't hold what it said it would.
    SnapshotMismatch,
}
