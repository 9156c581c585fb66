//! The addresses a node was given: dialed until somebody answers, and again once that one is lost.
//!
//! Members that left are forgotten by all, and come back as somebody new. Seeds are what remains: by
//! dialing them again, a cluster whose seeds have all been replaced finds those that replaced them.
//!
//! Doesn't know who is a member; it is told who was linked, and who was lost.

use alloc::vec::Vec;
use core::time::Duration;

use murmer_wire::NodeId;

use super::{DIAL_PATIENCE, EAGER_EVERY, Jitter, Pace, Plan};

#[derive(Debug)]
pub(super) struct Seeds {
    seeds: Vec<Seed>,
}

#[derive(Debug)]
struct Seed {
    plan: Plan,
    pace: Pace,
    is_us: bool,
    /// Who answered last, or has that name now.
    id: Option<NodeId>,
}

impl Seeds {
    pub(super) fn new(now: Duration, count: usize) -> Self {
        let pace = Pace::eager(now);
        let seeds = (0..count).map(|_| Seed { plan: Plan::At(now), pace, is_us: false, id: None });
        Self { seeds: seeds.collect() }
    }

    /// A link to `peer` stands: whichever seed led to it, or to an earlier life of it, is done with.
    pub(super) fn linked(&mut self, peer: &NodeId) {
        let led_there = |seed: &&mut Seed| seed.id.as_ref().is_some_and(|id| id.name == peer.name);
        for seed in self.seeds.iter_mut().filter(led_there) {
            seed.plan = Plan::Idle;
            seed.id = Some(peer.clone());
        }
    }

    /// There is no link to `peer` any more: the seed that led to it is looked for at this pace.
    pub(super) fn lost(&mut self, now: Duration, peer: &NodeId, pace: Pace, jitter: &mut Jitter) {
        for seed in self.seeds.iter_mut().filter(|seed| seed.id.as_ref() == Some(peer)) {
            if seed.plan == Plan::Idle || !seed.pace.is_like(pace) {
                seed.look(pace, pace.next(now, jitter));
            }
        }
    }

    /// Nobody is left: every seed matters now.
    pub(super) fn alone(&mut self, now: Duration, jitter: &mut Jitter) {
        let eager = Pace::eager(now);
        for seed in self.seeds.iter_mut().filter(|seed| !seed.is_us) {
            if seed.plan == Plan::Idle || !seed.pace.is_like(eager) {
                let soon = Plan::At(now + jitter.within(EAGER_EVERY));
                seed.look(eager, soon);
            }
        }
    }

    /// A dialed seed said who it is. It is done with once there is a link to that node.
    pub(super) fn answered(
        &mut self,
        now: Duration,
        seed: usize,
        id: &NodeId,
        is_linked: bool,
        jitter: &mut Jitter,
    ) {
        if let Some(seed) = self.seeds.get_mut(seed) {
            seed.plan = match seed.pace.next(now, jitter) {
                // Being let in takes its time.
                Plan::At(at) if !is_linked => Plan::At(at.max(now + DIAL_PATIENCE)),
                _ => Plan::Idle,
            };
            seed.id = Some(id.clone());
        }
    }

    /// A seed is this node, and never dialed again.
    pub(super) fn is_us(&mut self, seed: usize) {
        if let Some(seed) = self.seeds.get_mut(seed) {
            seed.plan = Plan::Idle;
            seed.is_us = true;
        }
    }

    pub(super) fn failed(&mut self, now: Duration, seed: usize, jitter: &mut Jitter) {
        let seed = self.seeds.get_mut(seed);
        if let Some(seed) = seed.filter(|seed| matches!(seed.plan, Plan::UnderWay(_))) {
            seed.plan = seed.pace.next(now, jitter);
        }
    }

    /// The next whose time has come; its dial counts as under way.
    pub(super) fn due(&mut self, now: Duration) -> Option<usize> {
        let index = self.seeds.iter().position(|seed| seed.plan.is_due(now))?;
        self.seeds[index].plan = Plan::UnderWay(now + DIAL_PATIENCE);
        Some(index)
    }

    pub(super) fn clear(&mut self) {
        self.seeds.clear();
    }

    pub(super) fn are_all_us(&self) -> bool {
        self.seeds.iter().all(|seed| seed.is_us)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.seeds.iter().filter_map(|seed| seed.plan.at()).min()
    }
}

impl Seed {
    /// Begins to look for it, which a dial under way does already.
    fn look(&mut self, pace: Pace, plan: Plan) {
        self.pace = pace;
        if !matches!(self.plan, Plan::UnderWay(_)) {
            self.plan = plan;
        }
    }
}
