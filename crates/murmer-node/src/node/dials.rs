//! Whom to dial next, and when: seeds until they answer, members without a link, those who are down, and
//! what discoveries found.

mod pace;
mod places;
mod seeds;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use murmer_membership::MEMBERS_MAX;
use murmer_wire::{NodeId, NodeName};

use self::pace::{EAGER_EVERY, Jitter, Pace, Plan};
use self::places::Places;
use self::seeds::Seeds;
use crate::protocol::Introduction;

pub use self::places::PlaceId;

/// What to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialTarget {
    /// The seed at this position, whose name is resolved anew.
    Seed(usize),
    /// What a discovery found.
    Place(PlaceId),
    /// This process, or whichever has taken its place at its address.
    Peer(Introduction),
}

#[derive(Debug)]
pub(super) struct Dials {
    seeds: Seeds,
    places: Places,
    peers: BTreeMap<NodeName, Wanted>,
    jitter: Jitter,
}

#[derive(Debug)]
struct Wanted {
    who: Introduction,
    plan: Plan,
    pace: Pace,
    is_down: bool,
    attempts: u32,
}

/// Why there is no link to a peer any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// It, or its successor, may be back at any moment.
    Down,
    /// It has left; its successor may be on its way.
    Left,
    /// It was not let in, or is a member that is dialed as one.
    Other,
}

impl Dials {
    pub(super) fn new(now: Duration, seeds: usize, random_seed: u64) -> Self {
        Self {
            seeds: Seeds::new(now, seeds),
            places: Places::default(),
            peers: BTreeMap::new(),
            jitter: Jitter::new(random_seed),
        }
    }

    /// A link to `who` is wanted: soon, unless a dial is planned or under way.
    pub(super) fn want(&mut self, now: Duration, who: &Introduction) {
        self.want_at(now, who, false);
    }

    /// The same for one that is down: it, or its successor, may come back.
    pub(super) fn want_back(&mut self, now: Duration, who: &Introduction) {
        self.want_at(now, who, true);
    }

    fn want_at(&mut self, now: Duration, who: &Introduction, is_down: bool) {
        let wait = self.jitter.within(if is_down { EAGER_EVERY } else { (Duration::ZERO, LINK_FIRST) });
        if self.peers.len() >= WANTED_MAX && !self.peers.contains_key(&who.id.name) {
            return;
        }
        let wanted = self.peers.entry(who.id.name.clone()).or_insert_with(|| Wanted {
            who: who.clone(),
            plan: Plan::At(now + wait),
            pace: Pace::eager(now),
            is_down,
            attempts: 0,
        });
        let is_newer = wanted.who.id.incarnation < who.id.incarnation;
        if is_newer || (wanted.who.id == who.id && wanted.is_down != is_down) {
            wanted.who = who.clone();
            wanted.pace = Pace::eager(now);
            wanted.is_down = is_down;
            if let Plan::At(at) = wanted.plan {
                wanted.plan = Plan::At(at.min(now + wait));
            }
        }
    }

    /// A link to `peer` stands: nothing more to do for it, nor for the place where it was found.
    pub(super) fn linked(&mut self, peer: &NodeId, found_at: Option<SocketAddr>) {
        self.peers.remove(&peer.name);
        self.seeds.linked(peer);
        self.places.linked(peer, found_at);
    }

    /// The last link to `peer` is gone, or can't come back: the seed that led to it may lead elsewhere.
    pub(super) fn lost(&mut self, now: Duration, peer: &NodeId, loss: Loss) {
        let pace = match loss {
            Loss::Down => Pace::eager(now),
            Loss::Left => Pace::brief(now),
            Loss::Other => Pace::patient(now),
        };
        self.seeds.lost(now, peer, pace, &mut self.jitter);
        self.places.lost(now, peer, loss, &mut self.jitter);
    }

    pub(super) fn forget(&mut self, peer: &NodeId) {
        self.peers.remove(&peer.name);
    }

    /// A dialed seed said who it is. It is done with once there is a link to that node.
    pub(super) fn seed_answered(&mut self, now: Duration, seed: usize, id: &NodeId, is_linked: bool) {
        self.seeds.answered(now, seed, id, is_linked, &mut self.jitter);
    }

    /// A seed is this node, and never dialed again.
    pub(super) fn seed_is_us(&mut self, seed: usize) {
        self.seeds.is_us(seed);
    }

    pub(super) fn has_only_us_as_seeds(&self) -> bool {
        self.seeds.are_all_us()
    }

    /// A discovery found a place; `known` is the node that is linked there. Returns the place that is
    /// forgotten for it: maybe itself.
    pub(super) fn found(
        &mut self,
        now: Duration,
        place: PlaceId,
        addrs: Vec<SocketAddr>,
        known: Option<NodeId>,
    ) -> Option<PlaceId> {
        self.places.found(now, place, addrs, known, &mut self.jitter)
    }

    /// A place is announced no longer. True if it was remembered.
    pub(super) fn gone(&mut self, place: PlaceId) -> bool {
        self.places.gone(place)
    }

    /// Whoever is at a place said who it is.
    pub(super) fn place_answered(&mut self, now: Duration, place: PlaceId, id: &NodeId, is_linked: bool) {
        self.places.answered(now, place, id, is_linked, &mut self.jitter);
    }

    /// A place is this node, and not dialed again.
    pub(super) fn place_is_us(&mut self, place: PlaceId) {
        self.places.is_us(place);
    }

    /// True if there is no place, seed or discovered, where somebody else may be.
    pub(super) fn has_nobody_in_sight(&self) -> bool {
        self.seeds.are_all_us() && self.places.are_all_us()
    }

    pub(super) fn failed(&mut self, now: Duration, target: &DialTarget) {
        match target {
            DialTarget::Seed(index) => self.seeds.failed(now, *index, &mut self.jitter),
            DialTarget::Place(place) => self.places.failed(now, *place, &mut self.jitter),
            DialTarget::Peer(who) => {
                let Some(wanted) = self.peers.get_mut(&who.id.name) else { return };
                let ceiling = LINK_FIRST * 2u32.saturating_pow(wanted.attempts.min(8) + 1);
                let every =
                    if wanted.is_down { EAGER_EVERY } else { (LINK_FIRST, ceiling.min(LINK_EVERY_MAX)) };
                wanted.attempts = wanted.attempts.saturating_add(1);
                wanted.plan = wanted.pace.next_within(now, every, &mut self.jitter);
                if wanted.plan == Plan::Idle {
                    self.peers.remove(&who.id.name);
                }
            }
        }
    }

    /// A node that has nobody left goes back to where it found somebody.
    pub(super) fn alone(&mut self, now: Duration) {
        self.seeds.alone(now, &mut self.jitter);
        self.places.alone(now, &mut self.jitter);
    }

    pub(super) fn clear(&mut self) {
        self.seeds.clear();
        self.places.clear();
        self.peers.clear();
    }

    /// Whether a link to `peer` is wanted: then there was one, or others named it.
    pub(super) fn has(&self, peer: &NodeId) -> bool {
        self.peers.get(&peer.name).is_some_and(|wanted| wanted.who.id == *peer)
    }

    pub(super) fn len(&self) -> usize {
        self.peers.len() + self.places.len()
    }

    /// The next target whose time has come; its dial counts as under way until it failed or linked.
    pub(super) fn due(&mut self, now: Duration) -> Option<DialTarget> {
        if let Some(index) = self.seeds.due(now) {
            return Some(DialTarget::Seed(index));
        }
        if let Some(wanted) = self.peers.values_mut().find(|wanted| wanted.plan.is_due(now)) {
            wanted.plan = Plan::UnderWay(now + DIAL_PATIENCE);
            return Some(DialTarget::Peer(wanted.who.clone()));
        }
        // Hearsay comes last.
        self.places.due(now, &mut self.jitter).map(DialTarget::Place)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let peers = self.peers.values().filter_map(|wanted| wanted.plan.at());
        peers.chain(self.seeds.deadline()).chain(self.places.deadline()).min()
    }
}

/// Members without a link: the first dial comes within this, so that two ends rarely collide.
const LINK_FIRST: Duration = Duration::from_millis(100);
/// Between two dials of a member without a link.
const LINK_EVERY_MAX: Duration = Duration::from_secs(2);
/// How long a dial may go without a word: longer than connecting, the handshake and a challenge take.
///
/// The dial of one node may end as a link to another, or to ourselves; then nobody says that it failed.
const DIAL_PATIENCE: Duration = Duration::from_secs(10);
/// The most peers that are dialed at one time: all members there can be.
const WANTED_MAX: usize = MEMBERS_MAX;
