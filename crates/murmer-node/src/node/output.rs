//! What a node wants done, or has come to know.

use alloc::sync::Arc;

use bytes::Bytes;
use murmer_membership::{Member, MemberState};
use murmer_registry::Entry;
use murmer_wire::{ActorId, ActorNumber, Incarnation, NodeId};

use super::{DialTarget, LinkId, PlaceId};
use crate::handshake::{Refusal, Verdict};
use crate::protocol::{Control, Introduction, Manifest};
use crate::watch::WatchEnd;

/// Something to do or to know.
#[derive(Debug)]
pub enum Output {
    /// Connect, and report what comes of it.
    Dial(DialTarget),
    /// This place won't be dialed any more, and means nothing if it is spoken of again: it is gone, or gave
    /// way to another.
    Forgotten(PlaceId),
    /// Answer the dialer on this connection.
    Verdict {
        /// Which connection.
        link: LinkId,
        /// What.
        verdict: Verdict,
    },
    /// The peer is in: carry its control stream, registry stream and datagrams from now on.
    Linked {
        /// Which connection.
        link: LinkId,
        /// Who.
        peer: Introduction,
    },
    /// New streams to this peer go over this connection; `None`: there is none now.
    Current {
        /// Who.
        peer: NodeId,
        /// Which connection.
        link: Option<LinkId>,
    },
    /// End this connection.
    Close {
        /// Which.
        link: LinkId,
        /// Why.
        reason: CloseReason,
    },
    /// Send on the control stream. If it doesn't fit, close the connection.
    Control {
        /// On which connection.
        link: LinkId,
        /// What.
        message: Control,
    },
    /// Send on the registry stream. If it doesn't fit, close the connection.
    Registry {
        /// On which connection.
        link: LinkId,
        /// What.
        message: murmer_registry::Message,
    },
    /// Send as a datagram; may be lost.
    Datagram {
        /// On which connection.
        link: LinkId,
        /// What.
        packet: Bytes,
    },
    /// A member came, went, or is in doubt.
    MemberChanged {
        /// Who.
        member: Member,
        /// What it was; `None` if unknown.
        from: Option<MemberState>,
        /// What it is.
        to: MemberState,
    },
    /// An actor elsewhere can be found.
    ActorAdded(Arc<Entry>),
    /// Other things are said of it now than before: here is all of it.
    ActorUpdated(Arc<Entry>),
    /// An actor elsewhere is over, or its node is.
    ActorRemoved(ActorId),
    /// Say [`Ended`](super::Input::Ended) once when this local actor is over: at once if it is, or never was.
    Observe(ActorNumber),
    /// That need not be said any more.
    Unobserve(ActorNumber),
    /// Say [`Flushed`](super::Input::Flushed) once everything that has been sent from here to this actor by
    /// now has been accepted by its mailbox, or refused, or won't arrive. At once if nothing is under way.
    Flush {
        /// What to say it with.
        ticket: u64,
        /// Which actor of another node.
        watcher: ActorId,
    },
    /// A watch of somebody here is over: tell them. It won't be spoken of again.
    Told {
        /// Which.
        watch: u64,
        /// Why.
        reason: WatchEnd,
    },
    /// A peer said which messages its actor types have.
    Manifest {
        /// Who.
        peer: NodeId,
        /// What.
        manifest: Manifest,
    },
    /// A process that knows the cookie was not let in.
    Refused {
        /// Who.
        peer: Introduction,
        /// Why.
        refusal: Refusal,
    },
    /// Joining has ended; said once.
    Joined(JoinEnd),
    /// This process must not go on under its identity.
    Withdraw(Withdrawal),
    /// The leave is done: everybody who could be told has been.
    LeaveDone,
    /// A peer did what a correct one does not; for the log.
    Misbehaved {
        /// Who.
        peer: NodeId,
        /// What: words for people.
        what: &'static str,
    },
}

/// How joining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinEnd {
    /// There was nobody to join, or everything the members had registered is here.
    Complete,
    /// It takes longer than `join_wait`; joining goes on.
    Late,
}

/// Why a process must not go on under its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawal {
    /// Another live process holds its name.
    NameInUse,
    /// It sees too few of the members to go on. It has told those that it sees that it leaves.
    Minority,
    /// Others found its state damaged: it has to begin anew, under an incarnation above this one.
    Quarantined {
        /// The one to be above of.
        at_least: Incarnation,
    },
    /// It needs an incarnation above this one: its clock went back.
    Stale {
        /// The one to be above of.
        at_least: Incarnation,
    },
}

/// Why a connection is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It leads to this very process.
    Ourselves,
    /// Another connection between the same two nodes stays.
    Duplicate,
    /// The peer was refused.
    Refused(Refusal),
    /// A new process holds the peer's name.
    Superseded,
    /// The peer is held to be down.
    Down,
    /// The peer has left.
    Left,
    /// This node leaves.
    Leaving,
}
