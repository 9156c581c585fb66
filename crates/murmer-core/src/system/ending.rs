//! Ending actors, one or all.

use core::sync::atomic::Ordering;
use core::time::Duration;

use murmer_wire::ActorNumber;

use super::System;
use crate::Event;
use crate::mailbox::Signal;
use crate::near::AnyNear;

impl System {
    /// Stops the actor of this node under `label`; says whether there was one.
    ///
    /// When it returns, the label is free. The message being handled is finished; everything behind
    /// it is refused: asks end with [`Stopped`](crate::SendError::Stopped). An actor on another node is
    /// never touched. [`Control`](crate::Control) has a table of what becomes of what.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// assert!(system.stop("counter"));
    /// assert!(!system.stop("counter")); // there is none any more
    ///
    /// assert!(matches!(counter.add(1).await, Err(SendError::Stopped)));
    /// system.try_start("counter", Counter, 0, Default::default()).expect("the label is free");
    /// # }
    /// ```
    pub fn stop(&self, label: &str) -> bool {
        self.end_label(label, Signal::Stop)
    }

    /// The same, once everything that the actor has accepted is handled. What comes is refused from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// let (one, _) = tokio::join!(biased; counter.add(1), async { system.drain("counter") });
    /// assert_eq!(one?, 1); // had been accepted
    /// assert!(counter.add(1).await.is_err()); // came too late
    /// # Ok(()) }
    /// ```
    pub fn drain(&self, label: &str) -> bool {
        self.end_label(label, Signal::Drain)
    }

    /// The same, at once: the message in hand is broken off where it waits, and no hook runs.
    ///
    /// An actor that was stopped or drained before holds no label any more; its
    /// [`Control`](crate::Control) reaches it until it is over.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use murmer::prelude::*;
    /// # struct Sleeper;
    /// # impl Actor for Sleeper { type State = (); }
    /// # #[handlers] impl Sleeper {
    /// #     #[handler] async fn nap(&mut self) { tokio::time::sleep(Duration::from_secs(3_600)).await }
    /// # }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let system = System::local();
    /// let sleeper = system.start("sleeper", Sleeper, ());
    /// let error = sleeper.nap().timeout(Duration::from_secs(1)).await.unwrap_err();
    /// assert!(matches!(error, SendError::TimedOut { .. })); // the handler goes on for an hour
    ///
    /// assert!(system.kill("sleeper"));
    /// assert_eq!(sleeper.ended().await, StopReason::Killed);
    /// # }
    /// ```
    pub fn kill(&self, label: &str) -> bool {
        self.end_label(label, Signal::Kill)
    }

    /// Stops the actor under `label` and waits until it is over, its clean-up included; says whether there
    /// was one.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the actor stops all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use murmer::prelude::*;
    /// struct Journal;
    /// impl Actor for Journal {
    ///     type State = Arc<Mutex<Vec<&'static str>>>;
    ///
    ///     async fn stopped(&mut self, _: &ActorContext<Self>, lines: &mut Self::State, _: &StopReason) {
    ///         lines.lock().unwrap().push("closed");
    ///     }
    /// }
    /// # #[handlers] impl Journal {
    /// #     #[handler] fn open(&self, lines: &mut Arc<Mutex<Vec<&'static str>>>) { lines.lock().unwrap().push("open") }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    ///
    /// # let system = System::local();
    /// let lines = Arc::default();
    /// system.start("journal", Journal, Arc::clone(&lines)).open().await?;
    /// assert!(system.stop_and_wait("journal").await);
    /// assert_eq!(*lines.lock().unwrap(), ["open", "closed"]);
    /// # Ok(()) }
    /// ```
    pub async fn stop_and_wait(&self, label: &str) -> bool {
        let Some(near) = self.inner.labels.get(label) else { return false };
        let was_there = near.end_and_retire(Signal::Stop);
        near.when_ended().wait().await;
        was_there
    }

    /// Stops all actors of this node, last started first, and leaves the cluster if in one. What waits in a
    /// mailbox is refused; to have it handled, [`drain`](System::drain) its actor before.
    ///
    /// Afterwards nothing can be started here. Returns once everything has ended. Handlers that still run
    /// after [`shutdown_wait`](super::SystemOptions::shutdown_wait) are broken off; those that don't even
    /// wait for anything are left behind and logged.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the rest undone; calling it again goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # struct Counter; impl Actor for Counter { type State = u64; }
    /// # #[handlers] impl Counter { #[handler] fn add(&mut self, n: &mut u64, by: u64) -> u64 { *n += by; *n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), SendError> {
    /// use murmer::StartError;
    ///
    /// let system = System::local();
    /// let counter = system.start("counter", Counter, 0);
    /// system.shutdown().await;
    /// assert_eq!(counter.ended().await, StopReason::Stopped);
    ///
    /// let refused = system.try_start("counter", Counter, 0, Default::default());
    /// assert!(matches!(refused, Err(StartError::ShutDown)));
    /// # Ok(()) }
    /// ```
    pub async fn shutdown(&self) {
        self.inner.is_shut_down.store(true, Ordering::SeqCst);
        let mut actors = self.inner.numbers.values();
        actors.sort_by_key(|near| core::cmp::Reverse(near.number()));
        for near in &actors {
            near.end_and_retire(Signal::Stop);
        }
        self.inner.groups.close();
        let wait = self.inner.options.shutdown_wait;
        // Also for those that were stopped before: their handlers may still answer.
        if tokio::time::timeout(wait, self.inner.running.none()).await.is_err() {
            tracing::warn!(?wait, "some handlers still run; breaking them off");
            // All of them, also those that were stopped before.
            let mut leaving = self.inner.leaving.values();
            leaving.sort_by_key(|near| near.number());
            leaving.iter().for_each(|near| near.end(Signal::Kill));
            if tokio::time::timeout(KILL_WAIT, self.inner.running.none()).await.is_err() {
                tracing::warn!("some handlers can't be broken off; shutting down without them");
            }
        }
        if let Some(joined) = &self.inner.cluster {
            joined.cluster.leave().await;
        }
        self.inner.end.set();
    }

    /// Whether a [`shutdown`](Self::shutdown) has begun.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// assert!(!system.is_shut_down());
    /// system.shutdown().await;
    /// assert!(system.is_shut_down());
    /// # }
    /// ```
    pub fn is_shut_down(&self) -> bool {
        self.inner.is_shut_down.load(Ordering::SeqCst)
    }

    /// Waits until a [`shutdown`](Self::shutdown) is over: for whatever serves others beside the system, and is to end
    /// with it.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let system = System::local();
    /// let beside = tokio::spawn({
    ///     let system = system.clone();
    ///     async move { system.ended().await }
    /// });
    /// system.shutdown().await;
    /// beside.await.expect("it ends with the system");
    /// # }
    /// ```
    pub async fn ended(&self) {
        self.inner.end.wait().await;
    }

    /// Ends all actors of this node as if the process had died: no hook runs. The cluster isn't told.
    #[doc(hidden)]
    pub fn abandon(&self) {
        self.inner.is_shut_down.store(true, Ordering::SeqCst);
        let mut actors = self.inner.numbers.values();
        actors.extend(self.inner.leaving.values());
        actors.sort_by_key(|near| near.number());
        for near in &actors {
            near.end_and_retire(Signal::Kill);
        }
        self.inner.groups.close();
        self.inner.end.set();
    }

    pub(crate) fn end_actor(&self, near: &dyn AnyNear, signal: Signal) -> bool {
        let was_there = self.retire(near);
        near.end(signal);
        was_there
    }

    /// That actor is over.
    pub(crate) fn forget(&self, number: ActorNumber) {
        self.inner.leaving.remove_if(&number, |_| true);
    }

    /// Takes that very actor off the books: a successor under its label is left alone. Until it is over it is
    /// among those that leave. Says whether it was on the books.
    pub(crate) fn retire(&self, near: &dyn AnyNear) -> bool {
        let number = near.number();
        // Before it is off the books: whoever looks for it must not find it in neither place.
        if let Some(leaving) = self.inner.numbers.get(&number) {
            self.inner.leaving.insert_new(number, leaving.clone());
            // Over in between, nobody would take it out again.
            if leaving.when_ended().is_set() {
                self.forget(number);
            }
        }
        if let Some(label) = near.label() {
            self.inner.labels.remove_if(label.as_str(), |held| held.number() == number);
        }
        let was_told = self.leave_all(near);
        let was_there = self.inner.numbers.remove_if(&number, |_| true).is_some();
        // Others hear of an anonymous one only if it was in a group.
        let is_known = was_told || (was_there && near.label().is_some());
        if let Some(changes) = self.changes_of(near).filter(|_| is_known) {
            changes.remove(number);
        }
        was_there
    }

    /// Actor `from` waits for `target`'s answer: names the ring if that makes one.
    pub(crate) fn warn_of_cycle(&self, from: &dyn AnyNear, target: ActorNumber) {
        let mut actors = vec![(from.id(), from.label().cloned())];
        let mut at = target;
        while at != from.number() {
            let Some(near) = self.inner.numbers.get(&at) else { return };
            actors.push((near.id(), near.label().cloned()));
            match near.vitals().waits_for() {
                Some(next) if actors.len() <= CYCLE_MAX => at = next,
                Some(_) | None => return,
            }
        }
        let shown: Vec<_> = actors
            .iter()
            .map(|(id, label)| label.as_ref().map_or_else(|| id.to_string(), ToString::to_string))
            .collect();
        tracing::warn!(
            "actors wait for each other's answers, so none can come: {} in a ring",
            shown.join(" -> ")
        );
        self.inner.bus.emit(|| Event::AskCycle { actors });
    }

    fn end_label(&self, label: &str, signal: Signal) -> bool {
        self.inner.labels.get(label).is_some_and(|near| near.end_and_retire(signal))
    }
}

/// How long handlers have that are broken off.
pub(crate) const KILL_WAIT: Duration = Duration::from_millis(500);
/// The longest ring that is looked for.
const CYCLE_MAX: usize = 64;
