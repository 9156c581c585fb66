//! Membership by gossip: SWIM, with foca inside, and doubt around it.
//!
//! foca probes, suspects and passes on. This machine decides what foca gets to hear (see `judge`) and
//! what its verdicts are worth (see `peer`). It compares its own view with all of foca's again and
//! again instead of trusting foca's notifications: those leave out suspicion, and can't tell a
//! restart from a change of name.
//!
//! Doesn't know how packets travel, or whether a dial succeeds.

mod ballot;
mod config;
mod detector;
mod id;
mod judge;
mod packet;
mod peer;
mod receive;
mod reconcile;
mod timers;

use alloc::collections::{BTreeMap, VecDeque};
use core::fmt;
use core::time::Duration;

use murmer_wire::{NodeId, NodeName};

use self::ballot::Ballot;
use self::detector::Detector;
use self::id::SwimId;
use self::packet::Claim;
use self::peer::{Peer, Standing};
use crate::{Input, MEMBERS_MAX, Member, MemberState, Membership, Output};

pub use self::config::{PACKET_BYTES_MAX, SwimConfig};

/// Membership by gossip, for any cluster up to [`MEMBERS_MAX`].
///
/// Deterministic: the same seed and the same inputs give the same outputs.
pub struct Swim {
    us: Member,
    config: SwimConfig,
    detector: Detector,
    peers: BTreeMap<NodeName, Peer>,
    ballot: Ballot,
    is_outvoted: bool,
    renewed_at: Option<Duration>,
    /// When to compare with the detector even if nothing happens; none while alone.
    reconcile_at: Option<Duration>,
    has_left: bool,
    out: VecDeque<Output>,
}

impl Swim {
    /// The machine of a node that calls itself `us` and knows nobody yet.
    ///
    /// `seed` decides whom it probes and tells first; it should differ between nodes.
    pub fn new(us: Member, config: SwimConfig, seed: u64) -> Self {
        let config = config.sound();
        let detector = Detector::new(SwimId::of(&us, 0), &config, seed);
        Self {
            us,
            config,
            detector,
            peers: BTreeMap::new(),
            ballot: Ballot::default(),
            is_outvoted: false,
            renewed_at: None,
            reconcile_at: None,
            has_left: false,
            out: VecDeque::new(),
        }
    }

    fn handle_linked(&mut self, now: Duration, member: Member) {
        let name = member.id.name.clone();
        if name == self.us.id.name {
            return;
        }
        let holder = self.peers.get_mut(&name);
        let mut standing = Standing::Guest;
        if let Some(old) = holder.filter(|holder| holder.member.id != member.id) {
            if old.has_vote() {
                standing = Standing::Heir;
            }
            if !old.is_over() {
                self.out.extend(old.enter(MemberState::Down));
            }
            self.peers.remove(&name);
        }
        if !self.peers.contains_key(&name) && !self.make_room(0) {
            self.out.push_back(Output::Full(member));
            return;
        }
        if self.detector.find(&name).is_some_and(|known| known.id().node != member.id) {
            self.detector.forget(&name);
        }
        let is_new = !self.peers.contains_key(&name);
        let peer = self.peers.entry(name.clone()).or_insert_with(|| Peer::new(member.clone()));
        if is_new {
            peer.standing = standing;
        }
        peer.member.addr = member.addr;
        self.out.extend(peer.link(now, &self.config));
        self.detector.relocate(&member);
        if self.detector.find(&name).is_none() {
            let generation = peer.generation.unwrap_or(0);
            self.detector.apply(Claim::alive(SwimId::of(&member, generation)));
        }
        self.ask(&name);
    }

    fn handle_left(&mut self, id: &NodeId) {
        let Some(peer) = self.peers.get_mut(&id.name).filter(|peer| peer.member.id == *id) else {
            return;
        };
        self.out.extend(peer.enter(MemberState::Left));
        if let Some(known) = self.detector.find(&id.name).filter(|known| known.id().node == *id) {
            let death = Claim::down(known.id().clone());
            self.detector.apply(death);
        }
    }

    fn leave(&mut self) {
        self.detector.leave();
        while let Some((to, packet)) = self.detector.next_send() {
            if self.peers.get(&to.node.name).is_some_and(|peer| peer.linked && peer.member.id == to.node) {
                self.out.push_back(Output::Send { to: to.node, packet });
            }
        }
        self.has_left = true;
        self.reconcile_at = None;
    }

    /// Asks a member to introduce itself: its answer carries its latest generation, and if it is
    /// thought dead here it learns so.
    fn ask(&mut self, name: &NodeName) {
        if let Some(id) = self.detector.find(name).map(|known| known.id().clone()) {
            self.detector.announce(id);
        }
    }

    /// True if one more member fits beside the `fresh` ones about to come, after forgetting an ended
    /// one if need be.
    fn make_room(&mut self, fresh: usize) -> bool {
        if self.peers.len().saturating_add(fresh) < MEMBERS_MAX {
            return true;
        }
        let forgettable = self.peers.iter().filter(|(_, peer)| !peer.linked && peer.is_over());
        // First those never told of, then the dead, then those that left: they won't be back.
        let Some(name) = forgettable.min_by_key(|(_, peer)| peer.state).map(|(name, _)| name.clone()) else {
            return false;
        };
        self.peers.remove(&name);
        self.detector.forget(&name);
        true
    }

    fn peer_mut(&mut self, id: &NodeId) -> Option<&mut Peer> {
        self.peers.get_mut(&id.name).filter(|peer| peer.member.id == *id)
    }
}

impl Membership for Swim {
    fn handle(&mut self, now: Duration, input: Input) {
        debug_assert!(self.out.is_empty(), "poll is drained between two inputs");
        // foca would come back to life if it were told anything after it has left.
        if self.has_left {
            return;
        }
        self.detector.set_now(now);
        match input {
            Input::Linked { member } => self.handle_linked(now, member),
            Input::Unlinked(id) => {
                if let Some(peer) = self.peer_mut(&id) {
                    peer.linked = false;
                }
            }
            Input::Packet { from, packet } => self.handle_packet(now, &from, &packet),
            Input::Alive(id) => {
                if let Some(peer) = self.peer_mut(&id) {
                    peer.alive_at = Some(now);
                }
            }
            Input::PeerLeft(id) => self.handle_left(&id),
            Input::Down(id) => {
                let peer = self.peer_mut(&id).filter(|peer| peer.state == Some(MemberState::Unreachable));
                let change = peer.and_then(|peer| peer.enter(MemberState::Down));
                self.out.extend(change);
            }
            Input::Quarantined(id) => {
                let change = self.peer_mut(&id).and_then(Peer::quarantine);
                self.out.extend(change);
            }
            Input::Leave => return self.leave(),
            Input::Timeout => self.detector.run_due(),
        }
        self.settle(now);
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Duration> {
        if self.has_left {
            return None;
        }
        self.detector.deadline().into_iter().chain(self.reconcile_at).min()
    }

    fn members(&self) -> impl Iterator<Item = (&Member, MemberState)> {
        self.peers.values().filter_map(|peer| Some((&peer.member, peer.state?)))
    }

    fn has_met(&self, id: &NodeId) -> bool {
        self.peers.get(&id.name).is_some_and(|peer| peer.member.id == *id && peer.is_met)
    }
}

impl fmt::Debug for Swim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Swim")
            .field("us", self.detector.us())
            .field("peers", &self.peers)
            .finish_non_exhaustive()
    }
}

/// How often the caller is asked to dial one and the same member.
const DIAL_EVERY: Duration = Duration::from_secs(1);
