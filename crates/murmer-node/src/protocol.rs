//! Every word nodes say to each other outside the registry's and SWIM's own. One page.

pub(crate) mod actor_frame;
mod items_end;
pub(crate) mod watch;

use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use murmer_wire::{Incarnation, MessageKey, NodeId, TypeName};
use serde::{Deserialize, Serialize};

pub use self::actor_frame::{ActorFrame, FrameKindError, RefuseReason, Sent, StreamEnd};
pub use self::items_end::ItemsEnd;
pub use self::watch::{EndCause, EndReason, EndWrap, Notice, REASON_BYTES_MAX, WatchEntry, WatchWord};

/// The first frames on the control stream, until both ends know each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Greeting {
    /// What the sender speaks, before anything is proven.
    Hello(Hello),
    /// One tag per cookie the sender accepts: the current one, and the previous one during a change.
    Proof(Vec<[u8; 32]>),
    /// No. The same for every reason that has to do with the proof.
    Refused,
    /// Who the dialer is.
    Node(Introduction),
    /// Who the acceptor is, and that the dialer is in.
    Welcome(Welcome),
    /// The dialer's incarnation is not above one that has been here: take a larger one.
    Stale { at_least: Incarnation },
    /// A live process holds the dialer's name.
    NameInUse,
    /// The node holds too many members, or links, to take another.
    Full,
    /// What the dialer said as a member can't be right: begin anew, under a larger incarnation.
    Quarantined { at_least: Incarnation },
}

/// What a node speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The lowest and the highest minor version of the protocol.
    pub(crate) minors: (u16, u16),
    /// Bits for what may be spoken beyond that; unknown ones are ignored.
    pub(crate) features: u64,
    /// Counts the dialer's dials up; 0 from an acceptor.
    pub(crate) dial: u64,
}

/// Who a node is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// Its name and incarnation.
    pub id: NodeId,
    /// Where it can be dialed, as far as it knows. Whoever sees it elsewhere knows better.
    pub addr: SocketAddr,
}

/// What an acceptor tells a dialer it lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Who the acceptor is.
    pub node: Introduction,
    /// The members the acceptor knows to be up, neither of the two among them; at most
    /// [`MEMBERS_MAX`](murmer_membership::MEMBERS_MAX).
    pub members: Vec<Introduction>,
}

/// What two nodes that know each other say on the control stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// Answer with the same number.
    Ping(u64),
    /// The answer, made by the peer's node machine: evidence of life.
    Pong(u64),
    /// The sender leaves the cluster for good.
    Leave,
    /// The leave was heard and acted on.
    LeaveAck,
    /// Actor types that the sender uses, and their messages; adds to what it said before.
    Manifest(Manifest),
    /// Who watches whom, and who of those is over.
    Watching(WatchWord),
}

/// Actor types and their messages, so that a build that differs is noticed before a byte is misread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// One per actor type; at most as many as fit a frame.
    pub types: Vec<ManifestEntry>,
}

/// One actor type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// `crate::Type`.
    pub actor_type: TypeName,
    /// Its messages: what stands for each on the wire, and the handler's name.
    pub messages: Vec<(MessageKey, String)>,
}

/// The first frame of every stream but the control stream, which is the first stream: what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// The two registries; opened by the dialer.
    Registry,
    /// One actor. `Open` follows.
    Actor,
}

/// The most bytes a frame may have before the cookie is proven.
pub const HELLO_BYTES_MAX: usize = 512;
/// The minor versions of the protocol spoken here: lowest and highest.
pub(crate) const MINORS: (u16, u16) = (0, 0);
