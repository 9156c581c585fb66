//! Which connections lead to which peer, and which of several stays.
//!
//! One per pair. Of two from the same dialer, the later dial stays, and either end closes the earlier at
//! once. Of two from different dialers, the one dialed by the smaller id stays; the other is closed by
//! its own dialer, once the one that stays has carried a word both ways. So no end ever closes what the
//! other kept.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;

use murmer_wire::{NodeId, NodeName};

use super::{CloseReason, LinkId, Peer};
use crate::protocol::Introduction;

#[derive(Debug, Default)]
pub(super) struct Links {
    links: BTreeMap<LinkId, Link>,
    current: BTreeMap<NodeId, LinkId>,
}

#[derive(Debug)]
struct Link {
    who: Introduction,
    dialer: NodeId,
    dialed_here: bool,
    dial: u64,
    /// Where the peer is for certain: a dial has led there, or it says so and its packets come from there.
    found_at: Option<SocketAddr>,
}

/// What a new connection changes.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// Words to this peer go a new way from now on.
    pub(super) is_new_current: bool,
    /// Connections that lost, and are ours to close at once.
    pub(super) close: Vec<(LinkId, CloseReason)>,
    /// The connection that stays, to be tried out so that the one that lost can be closed.
    pub(super) probe: Option<LinkId>,
}

/// A connection that is gone.
#[derive(Debug)]
pub(super) struct Removed {
    pub(super) peer: NodeId,
    pub(super) was_current: bool,
}

impl Peer {
    /// Where it is for certain, if that is known.
    pub(super) fn found_at(&self) -> Option<SocketAddr> {
        (self.dialed || self.seen_at == self.who.addr).then_some(self.seen_at)
    }
}

impl Links {
    pub(super) fn add(&mut self, id: LinkId, peer: Peer, us: &NodeId) -> Added {
        let peer_id = peer.who.id.clone();
        let dialer = if peer.dialed { us.clone() } else { peer_id.clone() };
        let found_at = peer.found_at();
        let new = Link { who: peer.who, dialer, dialed_here: peer.dialed, dial: peer.dial, found_at };
        let mut added = Added::default();
        for old in self.all_of(&peer_id) {
            if self.links[&old].dialer != new.dialer {
                continue;
            }
            // Same dialer: the later dial replaces the earlier, whichever arrives first.
            if self.links[&old].dial > new.dial {
                added.close.push((id, CloseReason::Duplicate));
                return added;
            }
            self.links.remove(&old);
            added.close.push((old, CloseReason::Duplicate));
        }
        self.links.insert(id, new);
        let before = self.current.get(&peer_id).copied();
        let winner = self.winner(&peer_id);
        added.is_new_current = winner.is_some() && before != winner;
        if let Some(winner) = winner {
            let several = self.all_of(&peer_id).len() > 1;
            added.probe = several.then_some(winner);
            self.current.insert(peer_id, winner);
        }
        added
    }

    pub(super) fn remove(&mut self, id: LinkId) -> Option<Removed> {
        let link = self.links.remove(&id)?;
        let peer = link.who.id;
        let was_current = self.current.get(&peer) == Some(&id);
        if was_current {
            match self.winner(&peer) {
                Some(next) => self.current.insert(peer.clone(), next),
                None => self.current.remove(&peer),
            };
        }
        Some(Removed { peer, was_current })
    }

    /// A word came back on `id`: what lost against it and was dialed here is closed now.
    pub(super) fn carried_both_ways(&mut self, id: LinkId) -> Vec<(LinkId, CloseReason)> {
        let Some(peer) = self.peer(id).map(|who| who.id.clone()) else { return Vec::new() };
        if self.current.get(&peer) != Some(&id) {
            return Vec::new();
        }
        let lost: Vec<_> = self
            .all_of(&peer)
            .into_iter()
            .filter(|other| *other != id && self.links[other].dialed_here)
            .collect();
        for other in &lost {
            self.links.remove(other);
        }
        lost.into_iter().map(|other| (other, CloseReason::Duplicate)).collect()
    }

    pub(super) fn peer(&self, id: LinkId) -> Option<&Introduction> {
        self.links.get(&id).map(|link| &link.who)
    }

    /// The peer that a link has found at one of these addresses.
    pub(super) fn at(&self, addrs: &[SocketAddr]) -> Option<&NodeId> {
        let is_there = |link: &&Link| link.found_at.is_some_and(|addr| addrs.contains(&addr));
        self.links.values().find(is_there).map(|link| &link.who.id)
    }

    pub(super) fn current(&self, peer: &NodeId) -> Option<LinkId> {
        self.current.get(peer).copied()
    }

    pub(super) fn currents(&self) -> Vec<(NodeId, LinkId)> {
        self.current.iter().map(|(peer, link)| (peer.clone(), *link)).collect()
    }

    pub(super) fn all_of(&self, peer: &NodeId) -> Vec<LinkId> {
        self.links.iter().filter(|(_, link)| link.who.id == *peer).map(|(id, _)| *id).collect()
    }

    pub(super) fn has_name(&self, name: &NodeName) -> bool {
        self.links.values().any(|link| link.who.id.name == *name)
    }

    /// True if there is a link to `peer`, or to a later life of it.
    pub(super) fn has_as_late(&self, peer: &NodeId) -> bool {
        // Lives of one name are in order.
        self.current.range(peer..).next().is_some_and(|(id, _)| id.name == peer.name)
    }

    /// True if a link leads to `addr`, and to somebody with another name. A later life would be dialed: the link
    /// to the earlier one may not have noticed yet that it leads nowhere.
    pub(super) fn has_another_at(&self, addr: SocketAddr, name: &NodeName) -> bool {
        self.links.values().any(|link| link.found_at == Some(addr) && link.who.id.name != *name)
    }

    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    fn winner(&self, peer: &NodeId) -> Option<LinkId> {
        let of_peer = self.links.iter().filter(|(_, link)| link.who.id == *peer);
        of_peer.min_by(|(_, a), (_, b)| a.dialer.cmp(&b.dialer)).map(|(id, _)| *id)
    }
}
