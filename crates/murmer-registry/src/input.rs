//! What a registry is told.

use murmer_wire::{ActorNumber, Label, NodeId, TypeName};

use crate::{Attributes, Message};

/// A local actor that others should be able to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its number in this process.
    pub number: ActorNumber,
    /// What it is looked up by; `None` if it is anonymous.
    pub label: Option<Label>,
    /// What it is.
    pub actor_type: TypeName,
    /// Who hears of it, and its groups.
    pub attributes: Attributes,
}

/// Something that happened, for [`Registry::handle`](crate::Registry::handle).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A local actor is to be visible elsewhere. A number that is registered already is left as it is,
    /// and nothing can be registered after [`Leave`](Self::Leave). A private actor is not registered.
    Register(Registration),
    /// Other things are to be said of a registered actor from now on; they take the place of those said
    /// before. Unknown numbers are ignored. One that is private now is registered no longer.
    Update {
        /// Which.
        number: ActorNumber,
        /// What is to be said.
        attributes: Attributes,
    },
    /// A local actor is to be visible no longer. Unknown numbers are ignored.
    Deregister(ActorNumber),
    /// An authenticated link to this very incarnation is up, and it is a reachable member. Said again
    /// without [`PeerUnlinked`](Self::PeerUnlinked) in between, it is a new link.
    PeerLinked(NodeId),
    /// The link is lost. What the peer registered is kept.
    PeerUnlinked(NodeId),
    /// The peer is down, left or superseded: everything it registered is dropped, and should it come
    /// back it starts from nothing.
    PeerDown(NodeId),
    /// A message arrived. From a peer that isn't linked, it is ignored.
    Message {
        /// Whom the link is proven to belong to.
        from: NodeId,
        /// What was said.
        message: Message,
    },
    /// This node leaves: all its registrations end at once, everywhere, and for good.
    Leave,
    /// [`Registry::deadline`](crate::Registry::deadline) has passed.
    Timeout,
}
