//! Whom to dial next, and when: seeds until they answer, members without a link, those who are down.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use murmer_membership::MEMBERS_MAX;
use murmer_wire::{NodeId, NodeName};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::protocol::Introduction;

/// What to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DialTarget {
    /// The seed at this position, whose name is resolved anew.
    Seed(usize),
    /// This process, or whichever has taken its place at its address.
    Peer(Introduction),
}

#[derive(Debug)]
pub(super) struct Dials {
    seeds: Vec<Seed>,
    peers: BTreeMap<NodeName, Wanted>,
    rng: ChaCha8Rng,
}

#[derive(Debug)]
struct Seed {
    plan: Plan,
    since: Duration,
    is_us: bool,
    /// Who answered last.
    id: Option<NodeId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Nothing to do.
    Idle,
    /// To be dialed then.
    At(Duration),
    /// Being dialed, or being let in. If nothing has come of it by then, it is dialed again.
    UnderWay(Duration),
}

impl Plan {
    const fn at(self) -> Option<Duration> {
        match self {
            Self::At(at) | Self::UnderWay(at) => Some(at),
            Self::Idle => None,
        }
    }
}

#[derive(Debug)]
struct Wanted {
    who: Introduction,
    plan: Plan,
    since: Duration,
    is_down: bool,
    attempts: u32,
}

impl Dials {
    pub(super) fn new(now: Duration, seeds: usize, random_seed: u64) -> Self {
        let seeds =
            (0..seeds).map(|_| Seed { plan: Plan::At(now), since: now, is_us: false, id: None }).collect();
        Self { seeds, peers: BTreeMap::new(), rng: ChaCha8Rng::seed_from_u64(random_seed) }
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
        let wait = if is_down {
            self.jitter(SEED_EVERY.0, SEED_EVERY.1)
        } else {
            self.jitter(Duration::ZERO, LINK_FIRST)
        };
        if self.peers.len() >= WANTED_MAX && !self.peers.contains_key(&who.id.name) {
            return;
        }
        let wanted = self.peers.entry(who.id.name.clone()).or_insert_with(|| Wanted {
            who: who.clone(),
            plan: Plan::At(now + wait),
            since: now,
            is_down,
            attempts: 0,
        });
        let is_newer = wanted.who.id.incarnation < who.id.incarnation;
        if is_newer || (wanted.who.id == who.id && wanted.is_down != is_down) {
            wanted.who = who.clone();
            wanted.since = now;
            wanted.is_down = is_down;
            if let Plan::At(at) = wanted.plan {
                wanted.plan = Plan::At(at.min(now + wait));
            }
        }
    }

    /// A link to `peer` stands: nothing more to do for it.
    pub(super) fn linked(&mut self, peer: &NodeId) {
        self.peers.remove(&peer.name);
        for seed in self.seeds.iter_mut().filter(|seed| seed.id.as_ref() == Some(peer)) {
            seed.plan = Plan::Idle;
        }
    }

    pub(super) fn forget(&mut self, peer: &NodeId) {
        self.peers.remove(&peer.name);
    }

    /// A dialed seed said who it is. It is done with once there is a link to that node.
    pub(super) fn seed_answered(&mut self, now: Duration, seed: usize, id: &NodeId, is_linked: bool) {
        if let Some(seed) = self.seeds.get_mut(seed) {
            seed.plan = if is_linked { Plan::Idle } else { Plan::UnderWay(now + DIAL_PATIENCE) };
            seed.id = Some(id.clone());
        }
    }

    /// A seed is this node, and never dialed again.
    pub(super) fn seed_is_us(&mut self, seed: usize) {
        if let Some(seed) = self.seeds.get_mut(seed) {
            seed.plan = Plan::Idle;
            seed.is_us = true;
        }
    }

    pub(super) fn has_only_us_as_seeds(&self) -> bool {
        self.seeds.iter().all(|seed| seed.is_us)
    }

    pub(super) fn failed(&mut self, now: Duration, target: &DialTarget) {
        match target {
            DialTarget::Seed(index) => {
                let wait = self.jitter(SEED_EVERY.0, SEED_EVERY.1);
                let seed = self.seeds.get_mut(*index);
                if let Some(seed) = seed.filter(|seed| matches!(seed.plan, Plan::UnderWay(_))) {
                    seed.plan = next(now, seed.since, wait).map_or(Plan::Idle, Plan::At);
                }
            }
            DialTarget::Peer(who) => {
                let attempts = self.peers.get(&who.id.name).map_or(0, |wanted| wanted.attempts);
                let is_down = self.peers.get(&who.id.name).is_some_and(|wanted| wanted.is_down);
                let ceiling = (LINK_FIRST * 2u32.saturating_pow(attempts.min(8) + 1)).min(LINK_EVERY_MAX);
                let wait = if is_down {
                    self.jitter(SEED_EVERY.0, SEED_EVERY.1)
                } else {
                    self.jitter(LINK_FIRST, ceiling)
                };
                if let Some(wanted) = self.peers.get_mut(&who.id.name) {
                    wanted.attempts = wanted.attempts.saturating_add(1);
                    match next(now, wanted.since, wait) {
                        Some(at) => wanted.plan = Plan::At(at),
                        None => drop(self.peers.remove(&who.id.name)),
                    }
                }
            }
        }
    }

    /// A node that has nobody left goes back to its seeds.
    pub(super) fn alone(&mut self, now: Duration) {
        for index in 0..self.seeds.len() {
            let wait = self.jitter(SEED_EVERY.0, SEED_EVERY.1);
            let seed = &mut self.seeds[index];
            if seed.plan == Plan::Idle && !seed.is_us {
                *seed = Seed { plan: Plan::At(now + wait), since: now, is_us: false, id: None };
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.seeds.clear();
        self.peers.clear();
    }

    /// The next target whose time has come; its dial counts as under way until it failed or linked.
    pub(super) fn due(&mut self, now: Duration) -> Option<DialTarget> {
        let is_due = |at: Option<Duration>| at.is_some_and(|at| at <= now);
        if let Some(index) = self.seeds.iter().position(|seed| is_due(seed.plan.at())) {
            self.seeds[index].plan = Plan::UnderWay(now + DIAL_PATIENCE);
            return Some(DialTarget::Seed(index));
        }
        let wanted = self.peers.values_mut().find(|wanted| is_due(wanted.plan.at()))?;
        wanted.plan = Plan::UnderWay(now + DIAL_PATIENCE);
        Some(DialTarget::Peer(wanted.who.clone()))
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let seeds = self.seeds.iter().filter_map(|seed| seed.plan.at());
        seeds.chain(self.peers.values().filter_map(|wanted| wanted.plan.at())).min()
    }

    fn jitter(&mut self, from: Duration, to: Duration) -> Duration {
        let span = to.saturating_sub(from).as_micros() as u64;
        from + Duration::from_micros(self.rng.random_range(0..=span))
    }
}

/// Eagerly for ten minutes, patiently for a day, then never again.
fn next(now: Duration, since: Duration, wait: Duration) -> Option<Duration> {
    match now.saturating_sub(since) {
        age if age < EAGER_FOR => Some(now + wait),
        age if age < PATIENT_FOR => Some(now + PATIENT_EVERY),
        _ => None,
    }
}

/// Seeds, and members that are down: between two dials, at random.
const SEED_EVERY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));
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
const EAGER_FOR: Duration = Duration::from_secs(600);
const PATIENT_FOR: Duration = Duration::from_secs(24 * 3_600);
const PATIENT_EVERY: Duration = Duration::from_secs(30);
