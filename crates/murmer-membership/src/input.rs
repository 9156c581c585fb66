//! What a membership machine is told.

use bytes::Bytes;
use murmer_wire::NodeId;

use crate::Member;

/// Something happened that bears on who is in the cluster.
///
/// A peer named in an input is one whose identity the caller has proven on its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A link proven to lead to this very life of the member is up.
    ///
    /// A member met this way is up at once, and one held to be down is up again. Another life of the
    /// same name ends here: the caller has challenged it before. Repeating it for a link that
    /// replaces another is harmless.
    Linked {
        /// Who is at the other end, and where it can be reached: what it says itself in packets, and
        /// what others say, is not believed above this.
        member: Member,
    },
    /// The last link to this peer is gone. That is not a death.
    Unlinked(NodeId),
    /// A datagram came from this peer, on its own link.
    Packet {
        /// Whose link it came on.
        from: NodeId,
        /// The datagram.
        packet: Bytes,
    },
    /// The peer's node machine itself said something on the control stream (an answer to
    /// [`Output::AskAlive`](crate::Output::AskAlive), say): a sign of life, where an acknowledgement by
    /// the transport is none.
    Alive(NodeId),
    /// The peer itself said on its link that it leaves.
    PeerLeft(NodeId),
    /// An operator says that this member is down. Believed of one that is unreachable, whatever the policy and
    /// whatever signs of life there were: it is down at once. If it is alive all the same, it is up again as
    /// soon as it is heard of. Of one that answers it is not believed.
    Down(NodeId),
    /// What this member said on its own link can't be right: its state is damaged. It is down at once, and
    /// nothing that is heard brings it back. Its links are to be closed, and no new one let in but of another life.
    Quarantined(NodeId),
    /// This node leaves: tell the others, then do nothing any more.
    Leave,
    /// The deadline has passed.
    Timeout,
}
