//! A member, and what is believed about it.

use core::net::SocketAddr;

use murmer_wire::NodeId;

/// The most members a node keeps, itself not counted.
///
/// Ended ones (Down, Left) count until they are forgotten, and make room for new ones first.
pub const MEMBERS_MAX: usize = 1_024;

/// One life of one process, and where it can be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// Which process.
    pub id: NodeId,
    /// Where it can be reached, as far as is known here.
    pub addr: SocketAddr,
}

/// What a node believes about a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberState {
    /// It answers.
    Up,
    /// Somebody got no answer from it. It counts as up until it had its chance to object.
    Suspect,
    /// It is said to be gone, and nothing has been pruned yet.
    Unreachable,
    /// It is held to be dead. It may still be running: if it shows up again, it is
    /// [`Up`](Self::Up) under the same id.
    Down,
    /// It said itself that it leaves.
    Left,
}

impl MemberState {
    /// True for [`Down`](Self::Down) and [`Left`](Self::Left): what it had here is to be dropped.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Up | Self::Suspect | Self::Unreachable => false,
            Self::Down | Self::Left => true,
        }
    }
}
