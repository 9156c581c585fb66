//! What a node is told.

use alloc::vec::Vec;
use core::net::SocketAddr;

use bytes::Bytes;
use murmer_registry::{Attributes, Registration};
use murmer_wire::{ActorId, ActorNumber, NodeId};

use super::{DialTarget, PlaceId};
use crate::handshake::Refusal;
use crate::protocol::{Control, EndReason, Introduction};

/// A connection, as its shell numbers it; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// The other end of a connection that has proven the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Who it says it is.
    pub who: Introduction,
    /// Whether this node dialed it.
    pub dialed: bool,
    /// The dialer's number of the dial.
    pub dial: u64,
    /// Where its packets come from; if this node dialed it, the address that was dialed.
    pub seen_at: SocketAddr,
    /// The members it named, if it let us in.
    pub members: Vec<Introduction>,
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A handshake has got as far as knowing who the peer is. If the peer dialed, it waits for a
    /// [`Verdict`](super::Output::Verdict).
    Introduced {
        /// On which connection.
        link: LinkId,
        /// Who.
        peer: Peer,
    },
    /// A connection that was [`Introduced`](Self::Introduced) has ended.
    Unlinked(LinkId),
    /// A control message arrived.
    Control {
        /// On which connection.
        link: LinkId,
        /// What.
        message: Control,
    },
    /// A registry message arrived.
    Registry {
        /// On which connection.
        link: LinkId,
        /// What.
        message: murmer_registry::Message,
    },
    /// A SWIM packet arrived.
    Datagram {
        /// On which connection.
        link: LinkId,
        /// What.
        packet: Bytes,
    },
    /// A dial did not lead to [`Introduced`](Self::Introduced).
    DialFailed {
        /// What was dialed.
        target: DialTarget,
        /// If it was the peer's node that said no: why.
        refusal: Option<Refusal>,
    },
    /// The dial of a seed led to this node, which may be ourselves.
    SeedIs {
        /// Which seed.
        seed: usize,
        /// Who it is.
        id: NodeId,
    },
    /// A discovery says that a node may be here, or still is. Not believed: it is dialed now and then, and
    /// proved like anybody else.
    Found {
        /// Where.
        place: PlaceId,
        /// The place's addresses, as far as they are known without asking; a place that is a linked node's
        /// is not dialed. No two places that differ have the same number.
        addrs: Vec<SocketAddr>,
    },
    /// A discovery says that nobody is there any more. Links that came of it stay.
    Gone(PlaceId),
    /// The dial of a place led to this node, which may be ourselves.
    PlaceIs {
        /// Which place.
        place: PlaceId,
        /// Who it is.
        id: NodeId,
    },
    /// A local actor is to be known elsewhere.
    Register(Registration),
    /// Other things are to be known of it elsewhere.
    Update {
        /// Which.
        number: ActorNumber,
        /// What.
        attributes: Attributes,
    },
    /// A local actor is over.
    Deregister(ActorNumber),
    /// Somebody here wants to be told of the end of an actor of another node, once.
    Watch {
        /// Its number, never used twice in this process.
        watch: u64,
        /// Which actor.
        target: ActorId,
        /// The local actor that watches, if it is one.
        watcher: Option<ActorNumber>,
    },
    /// Nobody wants that any more; does nothing to one that was told of.
    Unwatch(u64),
    /// A local actor that was [to be observed](super::Output::Observe) is over.
    Ended {
        /// Which.
        actor: ActorNumber,
        /// Why.
        reason: EndReason,
    },
    /// What a [`Flush`](super::Output::Flush) waits for is there.
    Flushed(u64),
    /// An operator says that this member is down; see
    /// [`murmer_membership::Input::Down`] for when that is believed.
    Down(NodeId),
    /// Leave the cluster for good.
    Leave,
    /// The deadline has passed.
    Timeout,
}
