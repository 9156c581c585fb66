//! What discoveries found: hints, from a network where anybody may say anything.
//!
//! Each is dialed once, and is done with if it leads to a node that is linked; if that one is lost, it is
//! dialed again for as long as it is announced. So that lies cost little, all of them together are dialed at
//! a limited rate, one that leads nowhere waits twice as long each time, and only so many are remembered.
//!
//! Doesn't know how places are found, nor what they are called.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;

use murmer_wire::NodeId;

use super::{DIAL_PATIENCE, EAGER_EVERY, Jitter, Loss, Plan};

/// What a discovery found, as the shell numbers it; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub u64);

#[derive(Debug, Default)]
pub(super) struct Places {
    places: BTreeMap<PlaceId, Place>,
    /// No place is dialed before then.
    free_at: Duration,
}

#[derive(Debug)]
struct Place {
    addrs: Vec<SocketAddr>,
    plan: Plan,
    is_us: bool,
    /// Who answered last, or is linked under one of its addresses.
    id: Option<NodeId>,
    /// Dials in a row that led nowhere.
    failures: u32,
}

impl Places {
    /// A place is there, or still is, at these addresses as far as they are known. `known` says that it is
    /// a node that is linked. Returns the place that is forgotten for it: maybe itself.
    pub(super) fn found(
        &mut self,
        now: Duration,
        id: PlaceId,
        addrs: Vec<SocketAddr>,
        known: Option<NodeId>,
        jitter: &mut Jitter,
    ) -> Option<PlaceId> {
        let plan = if known.is_some() { Plan::Idle } else { Plan::At(now + jitter.within(FIRST)) };
        if let Some(place) = self.places.get_mut(&id) {
            // Other addresses are another place under the same name.
            if place.addrs != addrs {
                *place = Place { plan, ..Place::new(addrs, known) };
            }
            return None;
        }
        let displaced = if self.places.len() < PLACES_MAX { None } else { Some(self.least(jitter)) };
        match displaced {
            Some(None) => return Some(id),
            Some(Some(least)) => drop(self.places.remove(&least)),
            None => {}
        }
        self.places.insert(id, Place { plan, ..Place::new(addrs, known) });
        displaced.flatten()
    }

    /// Any of those that led nowhere most often. If all lead somewhere, any that leads where another does;
    /// `None` if none does.
    fn least(&self, jitter: &mut Jitter) -> Option<PlaceId> {
        let astray = || self.places.iter().filter(|(_, place)| place.is_astray());
        let worst = astray().map(|(_, place)| place.failures).max();
        let mut all: Vec<_> = match worst {
            Some(worst) => astray().filter(|(_, place)| place.failures == worst).map(|(id, _)| *id).collect(),
            None => {
                let mut seen = BTreeSet::new();
                let spare = self.places.iter().filter(|(_, place)| place.is_us || !seen.insert(&place.id));
                spare.map(|(id, _)| *id).collect()
            }
        };
        if all.is_empty() { None } else { Some(all.swap_remove(jitter.below(all.len()))) }
    }

    /// A place is announced no longer. True if it was remembered.
    pub(super) fn gone(&mut self, id: PlaceId) -> bool {
        self.places.remove(&id).is_some()
    }

    /// A link to `peer` stands: places that lead there are done with.
    pub(super) fn linked(&mut self, peer: &NodeId, found_at: Option<SocketAddr>) {
        let leads_there = |place: &&mut Place| {
            found_at.is_some_and(|addr| place.addrs.contains(&addr))
                || place.id.as_ref().is_some_and(|id| id.name == peer.name)
        };
        for place in self.places.values_mut().filter(leads_there) {
            (place.plan, place.failures, place.id) = (Plan::Idle, 0, Some(peer.clone()));
        }
    }

    /// There is no link to `peer` any more.
    pub(super) fn lost(&mut self, now: Duration, peer: &NodeId, loss: Loss, jitter: &mut Jitter) {
        let wait = match loss {
            Loss::Down => EAGER_EVERY,
            // A successor of one that left is announced as another place.
            Loss::Left | Loss::Other => LOST_FIRST,
        };
        for place in self.places.values_mut().filter(|place| place.id.as_ref() == Some(peer)) {
            place.look(now, wait, jitter);
        }
    }

    /// Nobody is left: every place that led to a node matters now.
    pub(super) fn alone(&mut self, now: Duration, jitter: &mut Jitter) {
        for place in self.places.values_mut().filter(|place| !place.is_us) {
            place.look(now, EAGER_EVERY, jitter);
        }
    }

    /// Whoever is there said who it is. The place is done with if there is a link to that node.
    pub(super) fn answered(
        &mut self,
        now: Duration,
        id: PlaceId,
        peer: &NodeId,
        is_linked: bool,
        jitter: &mut Jitter,
    ) {
        let Some(place) = self.places.get_mut(&id) else { return };
        place.id = Some(peer.clone());
        if is_linked {
            (place.plan, place.failures) = (Plan::Idle, 0);
        } else {
            // Being let in takes its time, and may come to nothing.
            place.fail(now, jitter);
            place.plan = place.plan.not_before(now + DIAL_PATIENCE);
        }
    }

    /// A place is this node, and not dialed again.
    pub(super) fn is_us(&mut self, id: PlaceId) {
        if let Some(place) = self.places.get_mut(&id) {
            (place.plan, place.is_us) = (Plan::Idle, true);
        }
    }

    pub(super) fn failed(&mut self, now: Duration, id: PlaceId, jitter: &mut Jitter) {
        let place = self.places.get_mut(&id);
        if let Some(place) = place.filter(|place| matches!(place.plan, Plan::UnderWay(_))) {
            place.fail(now, jitter);
        }
    }

    /// The one that has waited longest, if it is time to dial one; its dial counts as under way.
    pub(super) fn due(&mut self, now: Duration, jitter: &mut Jitter) -> Option<PlaceId> {
        for place in self.places.values_mut() {
            // A dial that nobody speaks of any more.
            if matches!(place.plan, Plan::UnderWay(until) if until <= now) {
                place.fail(now, jitter);
            }
        }
        if now < self.free_at {
            return None;
        }
        let due = self.places.iter_mut().filter(|(_, place)| place.plan.is_due(now));
        let (id, place) = due.min_by_key(|(_, place)| place.plan.at())?;
        place.plan = Plan::UnderWay(now + DIAL_PATIENCE);
        self.free_at = now + PLACE_DIAL_EVERY;
        Some(*id)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let next = |place: &Place| match place.plan {
            Plan::At(at) => Some(at.max(self.free_at)),
            Plan::UnderWay(until) => Some(until),
            Plan::Idle => None,
        };
        self.places.values().filter_map(next).min()
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    pub(super) fn are_all_us(&self) -> bool {
        self.places.values().all(|place| place.is_us)
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }
}

impl Place {
    const fn new(addrs: Vec<SocketAddr>, id: Option<NodeId>) -> Self {
        Self { addrs, plan: Plan::Idle, is_us: false, id, failures: 0 }
    }

    /// True unless it leads to a node as far as is known, be it this one.
    const fn is_astray(&self) -> bool {
        !self.is_us && (self.id.is_none() || self.failures > 0)
    }

    /// Begins to look for whoever was there, unless that is so already.
    fn look(&mut self, now: Duration, wait: (Duration, Duration), jitter: &mut Jitter) {
        if self.plan == Plan::Idle {
            self.plan = Plan::At(now + jitter.within(wait));
        }
    }

    fn fail(&mut self, now: Duration, jitter: &mut Jitter) {
        let wait = AGAIN_FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(AGAIN_MAX);
        self.failures = self.failures.saturating_add(1);
        self.plan = Plan::At(now + jitter.within((wait / 2, wait)));
    }
}

/// Between two dials of places, whichever they are. Four a second find a cluster of a dozen at once, and make
/// no flood of what somebody forges: each is a few datagrams of 1,200 bytes.
const PLACE_DIAL_EVERY: Duration = Duration::from_millis(250);
/// The most places remembered. One that leads to a member leads to all others; these are a dozen times what
/// a cluster that has only just begun finds.
pub(super) const PLACES_MAX: usize = 256;
/// The first dial of a place comes within this, so that two that find each other rarely collide.
const FIRST: (Duration, Duration) = (Duration::ZERO, Duration::from_millis(100));
/// A member whose links are gone is dialed as a member first.
const LOST_FIRST: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(10));
/// After the first dial that led nowhere; doubled by each.
const AGAIN_FIRST: Duration = Duration::from_secs(1);
/// A minute: what is announced and never answers costs one dial in it.
const AGAIN_MAX: Duration = Duration::from_secs(60);
