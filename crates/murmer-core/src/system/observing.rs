//! Saying how actors of this node have ended, to whoever asks too late, and to other nodes.

use core::hash::BuildHasherDefault;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::ActorNumber;

use super::System;
use crate::near::AnyNear;
use crate::shards::Mixer;
use crate::watch::Watcher;
use crate::{Observer, StopReason, WatchId};

impl System {
    /// Has `observer` told once when actor `number` of this process is over. If it is over already, that is at
    /// once, with its reason if that is still remembered. There is one observer of an actor at most: the next one
    /// takes its place.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use murmer::prelude::*;
    /// # use murmer::ActorNumber;
    /// # use murmer_core::Observer;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[derive(Default)]
    /// # struct Log(Mutex<Vec<StopReason>>);
    /// # impl Observer for Log {
    /// #     fn ended(&self, _: ActorNumber, reason: StopReason) { self.0.lock().unwrap().push(reason) }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let (system, log) = (System::local(), Arc::new(Log::default()));
    /// // `log` writes down what it is told.
    /// let counter = system.start("counter", Counter, 0);
    /// system.observe(counter.id().number, log.clone());
    /// system.stop_and_wait("counter").await;
    /// assert_eq!(*log.0.lock().unwrap(), [StopReason::Stopped]);
    ///
    /// system.observe(ActorNumber(1_000), log.clone());
    /// assert_eq!(log.0.lock().unwrap()[1], StopReason::NeverExisted);
    /// # }
    /// ```
    pub fn observe(&self, number: ActorNumber, observer: Arc<dyn Observer>) {
        let over = match self.not_over(number) {
            Some(near) => near.watchers().add(OBSERVED, Watcher::Observer(observer.clone())).err(),
            None => Some(self.reason_of(number)),
        };
        if let Some(reason) = over {
            observer.ended(number, reason);
        }
    }

    /// Nobody needs to be told of that any more. It may be on its way already.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use murmer::prelude::*;
    /// # use murmer::ActorNumber;
    /// # use murmer_core::Observer;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # struct Alarm;
    /// # impl Observer for Alarm { fn ended(&self, _: ActorNumber, _: StopReason) { panic!("unwanted") } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// system.observe(counter.id().number, Arc::new(Alarm));
    /// system.unobserve(counter.id().number);
    /// system.stop_and_wait("counter").await; // and the alarm stays silent
    /// # }
    /// ```
    pub fn unobserve(&self, number: ActorNumber) {
        if let Some(near) = self.not_over(number) {
            near.watchers().remove(OBSERVED);
        }
    }

    /// On its way from the books to those that leave, it is among either; when it is over, its end is remembered
    /// before it is forgotten. So it is never missed in this order.
    pub(crate) fn not_over(&self, number: ActorNumber) -> Option<Arc<dyn AnyNear>> {
        self.inner.numbers.get(&number).or_else(|| self.inner.leaving.get(&number))
    }

    /// How that actor, which is [over](System::not_over), has ended, if that is still remembered.
    pub(crate) fn reason_of(&self, number: ActorNumber) -> StopReason {
        self.inner.ends.reason(number).unwrap_or(StopReason::NeverExisted)
    }

    /// That actor is over, and may be asked about.
    pub(crate) fn remember_end(&self, number: ActorNumber, reason: &StopReason) {
        self.inner.ends.add(number, reason.cut(REASON_BYTES_MAX));
    }
}

/// How the actors that ended last did: a reference is still about, or a watch on its way, when its actor is over.
#[derive(Default)]
pub(crate) struct Ends(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    reasons: HashMap<ActorNumber, StopReason, BuildHasherDefault<Mixer>>,
    /// Oldest first.
    order: VecDeque<ActorNumber>,
}

impl Ends {
    fn add(&self, number: ActorNumber, reason: StopReason) {
        let mut ends = self.lock();
        if ends.order.len() >= ENDS_KEPT_MAX
            && let Some(oldest) = ends.order.pop_front()
        {
            ends.reasons.remove(&oldest);
        }
        ends.order.push_back(number);
        ends.reasons.insert(number, reason);
    }

    fn reason(&self, number: ActorNumber) -> Option<StopReason> {
        self.lock().reasons.get(&number).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Below all that actors have.
const OBSERVED: WatchId = WatchId(0);
/// Ends that are remembered. A watch that crosses an end on its way is late by a round trip, or by a broken
/// connection; so many actors seldom end in that time.
const ENDS_KEPT_MAX: usize = 4_096;
/// Of the text of each of them: what another node is told of it.
const REASON_BYTES_MAX: usize = 1_024;
