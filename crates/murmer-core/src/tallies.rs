//! What the actors of each type have come to together, those that are over included.
//!
//! Written when something rare happens: an actor ends, panics, restarts, turns messages away. What happens with
//! every message is counted by each actor's own [`Vitals`], and added here at its end.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::TypeInfo;
use crate::vitals::Vitals;

/// By type. As many entries as the program has types of actors.
#[derive(Default)]
pub(crate) struct Tallies(Mutex<BTreeMap<&'static str, Tally>>);

#[derive(Default)]
struct Tally {
    /// Of those that are over.
    handled: u64,
    busy_nanos: u64,
    refused: u64,
    overloaded: u64,
    panics: u64,
    restarts: u64,
    /// What was said last of all: an actor that ends during a look is missed by it, and the sums must not fall.
    told_handled: u64,
    told_busy_nanos: u64,
}

impl Tallies {
    /// An actor of this type is over, and not among those that are looked at any more. In this order: else a look
    /// would count it twice.
    pub(crate) fn ended(&self, actor_type: &'static str, vitals: &Vitals) {
        self.with(actor_type, |tally| {
            tally.handled += vitals.handled();
            tally.busy_nanos = tally.busy_nanos.saturating_add(nanos(vitals.busy()));
        });
    }

    /// Messages that had been accepted are not handled.
    pub(crate) fn refused(&self, actor_type: &'static str, messages: usize) {
        if messages > 0 {
            self.with(actor_type, |tally| tally.refused += messages as u64);
        }
    }

    /// A sender has given up waiting for room.
    pub(crate) fn overloaded(&self, actor_type: &'static str) {
        self.with(actor_type, |tally| tally.overloaded += 1);
    }

    /// A handler, a hook or a factory has panicked.
    pub(crate) fn panicked(&self, actor_type: &'static str) {
        self.with(actor_type, |tally| tally.panics += 1);
    }

    pub(crate) fn restarted(&self, actor_type: &'static str) {
        self.with(actor_type, |tally| tally.restarts += 1);
    }

    /// Adds up, with the living that `show` shows one by one. They are looked at after those that are over.
    pub(crate) fn infos(
        &self,
        show: impl FnOnce(&mut dyn FnMut(&'static str, &Vitals, usize)),
    ) -> Vec<TypeInfo> {
        let mut infos: BTreeMap<_, _> =
            self.lock().iter().map(|(actor_type, tally)| (*actor_type, tally.info(actor_type))).collect();
        show(&mut |actor_type, vitals, depth| {
            let info = infos.entry(actor_type).or_insert_with(|| Tally::default().info(actor_type));
            info.actors += 1;
            info.mailbox_depth += depth;
            info.mailbox_depth_max = info.mailbox_depth_max.max(depth);
            info.handled += vitals.handled();
            info.busy = info.busy.saturating_add(vitals.busy());
        });
        let mut tallies = self.lock();
        for info in infos.values_mut() {
            tallies.entry(info.actor_type).or_default().tell(info);
        }
        drop(tallies);
        infos.into_values().collect()
    }

    fn with(&self, actor_type: &'static str, change: impl FnOnce(&mut Tally)) {
        change(self.lock().entry(actor_type).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Tally>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    fn info(&self, actor_type: &'static str) -> TypeInfo {
        TypeInfo {
            actor_type,
            actors: 0,
            mailbox_depth: 0,
            mailbox_depth_max: 0,
            handled: self.handled,
            busy: Duration::from_nanos(self.busy_nanos),
            refused: self.refused,
            overloaded: self.overloaded,
            panics: self.panics,
            restarts: self.restarts,
        }
    }

    /// Keeps sums from falling.
    fn tell(&mut self, info: &mut TypeInfo) {
        self.told_handled = self.told_handled.max(info.handled);
        self.told_busy_nanos = self.told_busy_nanos.max(nanos(info.busy));
        info.handled = self.told_handled;
        info.busy = Duration::from_nanos(self.told_busy_nanos);
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
