//! foca's timers: one ordered queue behind one deadline.
//!
//! foca sets a new timer whenever it starts over, and relies on the old one being ignored by its
//! token. Only the newest of each kind can still matter, so only that is kept, and no peer can make
//! the queue grow by making foca start over.

use alloc::collections::BTreeMap;
use core::time::Duration;

use foca::Timer;
use murmer_wire::NodeName;

use super::id::SwimId;

/// The timers foca has set and not been given back.
#[derive(Debug, Default)]
pub(super) struct Timers {
    waiting: BTreeMap<Slot, (Duration, Timer<SwimId>)>,
    /// When a dead member may be forgotten. Apart, since these are many and wait for hours.
    forgets: BTreeMap<NodeName, (Duration, SwimId)>,
}

/// What there can be only one timer of. Ordered like foca's own order for timers due together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    IndirectProbe,
    Probe,
    Suspicion(NodeName),
    Announce,
    Gossip,
    AnnounceDown,
}

impl Timers {
    pub(super) fn set(&mut self, at: Duration, timer: Timer<SwimId>) {
        let slot = match &timer {
            Timer::ProbeRandomMember(_) => Slot::Probe,
            Timer::SendIndirectProbe { .. } => Slot::IndirectProbe,
            Timer::ChangeSuspectToDown { member_id, .. } => Slot::Suspicion(member_id.node.name.clone()),
            Timer::PeriodicAnnounce(_) => Slot::Announce,
            Timer::PeriodicAnnounceDown(_) => Slot::AnnounceDown,
            Timer::PeriodicGossip(_) => Slot::Gossip,
            Timer::RemoveDown(id) => {
                self.forgets.insert(id.node.name.clone(), (at, id.clone()));
                return;
            }
        };
        // A suspect that fails another probe gets the same timer again; its time must not start over.
        if self.waiting.get(&slot).is_some_and(|(_, waiting)| is_same_suspicion(waiting, &timer)) {
            return;
        }
        self.waiting.insert(slot, (at, timer));
    }

    /// Takes out the first timer due at `now`.
    pub(super) fn pop(&mut self, now: Duration) -> Option<Timer<SwimId>> {
        let (at, slot) = self.first()?;
        if at > now {
            return None;
        }
        let slot = slot.clone();
        self.waiting.remove(&slot).map(|(_, timer)| timer)
    }

    /// Takes out a member to be forgotten by `now`.
    pub(super) fn pop_forget(&mut self, now: Duration) -> Option<SwimId> {
        let name = self.forgets.iter().find(|(_, (at, _))| *at <= now).map(|(name, _)| name.clone())?;
        self.forgets.remove(&name).map(|(_, id)| id)
    }

    pub(super) fn cancel_forget(&mut self, name: &NodeName) {
        self.forgets.remove(name);
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.first().map(|(at, _)| at)
    }

    fn first(&self) -> Option<(Duration, &Slot)> {
        self.waiting.iter().map(|(slot, (at, _))| (*at, slot)).min()
    }
}

fn is_same_suspicion(a: &Timer<SwimId>, b: &Timer<SwimId>) -> bool {
    matches!(a, Timer::ChangeSuspectToDown { .. }) && a == b
}
