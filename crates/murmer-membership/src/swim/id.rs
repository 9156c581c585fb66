//! What SWIM calls a member: its id, its address, and how often it has come back from the dead.
//!
//! foca keeps one identity per name, and a generation is what lets a wrongly buried member come
//! back without becoming somebody else.

use core::net::SocketAddr;

use foca::Identity;
use murmer_wire::{NodeId, NodeName};
use serde::{Deserialize, Serialize};

use crate::Member;

/// A member's identity in packets.
///
/// Where it is found is carried along and no part of it: one member is found at different addresses
/// from this machine and from another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SwimId {
    pub(super) node: NodeId,
    pub(super) addr: SocketAddr,
    /// 32 bits: at one renewal per probe they last for decades, so nobody can use them up for us.
    pub(super) generation: u32,
}

impl SwimId {
    pub(super) fn of(member: &Member, generation: u32) -> Self {
        Self { node: member.id.clone(), addr: member.addr, generation }
    }

    pub(super) fn member(&self) -> Member {
        Member { id: self.node.clone(), addr: self.addr }
    }
}

impl PartialEq for SwimId {
    fn eq(&self, other: &Self) -> bool {
        (&self.node, self.generation) == (&other.node, other.generation)
    }
}

impl Eq for SwimId {}

impl Identity for SwimId {
    type Addr = NodeName;

    fn renew(&self) -> Option<Self> {
        let generation = self.generation.checked_add(1)?;
        Some(Self { generation, ..self.clone() })
    }

    fn addr(&self) -> NodeName {
        self.node.name.clone()
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        let rank = |id: &Self| (id.node.incarnation, id.generation);
        rank(self) > rank(adversary)
    }
}
