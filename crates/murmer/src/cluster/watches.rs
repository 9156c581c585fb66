//! Watches across nodes, between the actors of this process and the driver: who here is to be told of what, and
//! what the driver has yet to hear.
//!
//! Not a queue: there is at most one thing to hear of each watch, of each observed actor and of each flush. So it
//! is bounded by their number, however slow the driver is.
//!
//! Doesn't know when a watch is over; that is for [`Watching`](murmer_node::Watching).

mod reason;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use murmer_core::{FarWatch, Observer, StopReason, WatchId};
use murmer_node::{EndReason, Input, WatchEnd};
use murmer_wire::{ActorId, ActorNumber};
use tokio::sync::{Notify, oneshot};

/// What this process watches elsewhere, and what others are to hear of its actors.
#[derive(Default)]
pub(crate) struct Watches {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// By the number that the machine knows a watch by.
    open: BTreeMap<u64, Watcher>,
    unheard: Unheard,
    last_waiter: u64,
    /// Nobody will hear anything any more.
    is_over: bool,
}

/// What the driver has yet to hear.
#[derive(Default)]
struct Unheard {
    watches: BTreeMap<u64, Change>,
    ended: BTreeMap<ActorNumber, EndReason>,
    flushed: BTreeSet<u64>,
}

enum Change {
    Watch { target: ActorId, watcher: Option<ActorNumber> },
    Unwatch,
}

/// Whoever is to be told.
enum Watcher {
    Actor(FarWatch),
    /// Somebody who waits for an actor's end.
    Waiter(oneshot::Sender<StopReason>),
}

impl Watches {
    /// For an actor here.
    pub(crate) fn watch(&self, watch: FarWatch) {
        let (number, target, watcher) = (number(watch.id), watch.target.clone(), watch.watcher);
        self.open(number, target, Some(watcher), Watcher::Actor(watch));
    }

    pub(crate) fn unwatch(&self, watch: WatchId) {
        self.close(number(watch));
    }

    /// Waits until that actor is over. Cancel-safe.
    pub(crate) async fn ended(&self, target: &ActorId) -> StopReason {
        let (sender, told) = oneshot::channel();
        let number = {
            let mut state = self.lock();
            state.last_waiter += 1;
            number_of_waiter(state.last_waiter)
        };
        let waiting = Waiting { watches: self, number };
        self.open(number, target.clone(), None, Watcher::Waiter(sender));
        // An error would mean that nobody can tell any more.
        let reason = told.await.unwrap_or(StopReason::NodeDown);
        drop(waiting);
        reason
    }

    /// A watch is over.
    pub(crate) fn tell(&self, number: u64, end: WatchEnd) {
        let watcher = self.lock().open.remove(&number);
        if let Some(watcher) = watcher {
            watcher.tell(reason::told(end));
        }
    }

    /// What a flush waited for is there.
    pub(crate) fn flushed(&self, ticket: u64) {
        self.hear(|unheard| {
            unheard.flushed.insert(ticket);
        });
    }

    /// Takes what the driver has yet to hear.
    pub(crate) fn take(&self) -> Vec<Input> {
        let Unheard { watches, ended, flushed } = std::mem::take(&mut self.lock().unheard);
        let watches = watches.into_iter().map(|(watch, change)| match change {
            Change::Watch { target, watcher } => Input::Watch { watch, target, watcher },
            Change::Unwatch => Input::Unwatch(watch),
        });
        let ended = ended.into_iter().map(|(actor, reason)| Input::Ended { actor, reason });
        watches.chain(ended).chain(flushed.into_iter().map(Input::Flushed)).collect()
    }

    /// Waits until there may be something to take. Cancel-safe.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// This node is no longer one of a cluster. What was watched may be running all the same.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.is_over = true;
        state.unheard = Unheard::default();
        let open = std::mem::take(&mut state.open);
        drop(state);
        open.into_values().for_each(|watcher| watcher.tell(StopReason::NodeDown));
    }

    fn open(&self, number: u64, target: ActorId, watcher: Option<ActorNumber>, who: Watcher) {
        let mut state = self.lock();
        if state.is_over {
            drop(state);
            return who.tell(StopReason::NodeDown);
        }
        state.open.insert(number, who);
        state.unheard.watches.insert(number, Change::Watch { target, watcher });
        drop(state);
        self.changed.notify_one();
    }

    fn close(&self, number: u64) {
        let mut state = self.lock();
        // Told of in the meantime, it is over for the driver, too.
        let Some(watcher) = state.open.remove(&number) else { return };
        // A watch that the driver has not heard of cancels out.
        if state.unheard.watches.remove(&number).is_none() {
            state.unheard.watches.insert(number, Change::Unwatch);
        }
        drop(state);
        self.changed.notify_one();
        // Outside the lock: it may be the last that holds its actor.
        drop(watcher);
    }

    fn hear(&self, what: impl FnOnce(&mut Unheard)) {
        let mut state = self.lock();
        if !state.is_over {
            what(&mut state.unheard);
        }
        drop(state);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Watches {
    fn ended(&self, actor: ActorNumber, reason: StopReason) {
        let reason = reason::to_tell(reason);
        self.hear(|unheard| {
            unheard.ended.insert(actor, reason);
        });
    }
}

impl Watcher {
    fn tell(self, reason: StopReason) {
        match self {
            Self::Actor(watch) => watch.tell(reason),
            // Whoever has stopped waiting has dropped the other half.
            Self::Waiter(waiter) => drop(waiter.send(reason)),
        }
    }
}

/// Gives the watch up with those who wait.
struct Waiting<'a> {
    watches: &'a Watches,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.watches.close(self.number);
    }
}

/// Watches of actors have even numbers, and those of nobody the odd ones.
const fn number(watch: WatchId) -> u64 {
    watch.as_u64() << 1
}

const fn number_of_waiter(nth: u64) -> u64 {
    nth << 1 | 1
}

#[cfg(test)]
mod tests;
