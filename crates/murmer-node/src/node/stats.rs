//! How a node is doing, in figures for whoever operates it.

use alloc::vec::Vec;

use murmer_membership::{MemberState, Membership};
use murmer_registry::{Lag, RegistryStats};
use murmer_wire::NodeId;

use super::Node;

/// See [`Node::stats`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeStats {
    /// It has no seeds, or has had a link with a member, or all its seeds are itself.
    pub has_joined: bool,
    /// It is on its way out, or must not go on.
    pub is_leaving: bool,
    /// Its own log.
    pub registry: RegistryStats,
    /// The members that can be reached and that it is to be linked with: without a link yet, `None`.
    pub peers: Vec<(NodeId, Option<Lag>)>,
}

impl<M: Membership> Node<M> {
    /// How this node is doing.
    pub fn stats(&self) -> NodeStats {
        let members = self.membership.members();
        let at_hand = members.filter(|(_, state)| matches!(state, MemberState::Up | MemberState::Suspect));
        let peers = at_hand.map(|(member, _)| (member.id.clone(), self.registry.lag(&member.id)));
        NodeStats {
            has_joined: self.join.has_met(),
            is_leaving: self.leaving.has_begun() || self.is_withdrawn,
            registry: self.registry.stats(),
            // Without gossip nobody but seeds is dialed.
            peers: peers.filter(|(_, lag)| self.gossip || lag.is_some()).collect(),
        }
    }
}
