//! What a membership machine wants done or known.

use bytes::Bytes;
use murmer_wire::NodeId;

use crate::{Member, MemberState};

/// Something to do, or to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram on the peer's link. It may be lost; the link was up by what the machine
    /// has been told.
    Send {
        /// To whom; always a linked peer.
        to: NodeId,
        /// At most [`PACKET_BYTES_MAX`](crate::PACKET_BYTES_MAX) bytes.
        packet: Bytes,
    },
    /// A member's state is another one now.
    Changed {
        /// Which member.
        member: Member,
        /// What it was; `None` for one that was never told of.
        from: Option<MemberState>,
        /// What it is.
        to: MemberState,
    },
    /// It would help to have a link to this member. A hint, at most one a second for each name:
    /// the caller has its own back-off, and only a link proves that the member exists.
    Dial(Member),
    /// Ask this linked peer's node machine for a sign of life on the control stream, and hand its
    /// answer in as [`Input::Alive`](crate::Input::Alive). It is in doubt, and datagrams get lost.
    AskAlive(NodeId),
    /// Others held this node to be down. It goes on under the same id with a new generation, which
    /// only SWIM sees: nothing needs to be pruned or sent again.
    DownedByOthers {
        /// How often that has happened to this process.
        generation: u32,
    },
    /// This node sees too few of the members to go on under
    /// [`KeepMajority`](crate::Downing::KeepMajority): it is to [leave](crate::Input::Leave). Said once.
    Outvoted,
    /// A peer was linked, but [`MEMBERS_MAX`](crate::MEMBERS_MAX) members are here already. It was not
    /// taken in; its link should be closed.
    Full(Member),
    /// A peer sent what no sound peer sends. It was dropped, all of it.
    Misbehaved {
        /// Which peer.
        peer: NodeId,
        /// What it did.
        what: Misbehaviour,
    },
}

/// What was wrong with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// It has more bytes than any packet may have.
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// Its bytes are not a packet, or not one that makes sense.
    Malformed,
    /// It names a sender other than the peer whose link it came on.
    WrongSource,
    /// It is addressed to somebody else.
    WrongDestination,
}
