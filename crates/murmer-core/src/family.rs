//! An actor's children: that they end with it, and which of them begin another life together.
//!
//! What becomes of a child is reported here, and after every report the next thing is set in motion: first
//! the youngest of those that are to lie down does so; once there are none, the oldest of those that are to
//! begin again does. So nobody holds a turn that could be lost, and a child that fails meanwhile is simply
//! one more report.
//!
//! ```text
//!         ┌── fails ──▶ Failed ──back-off is over──┐
//! Running ┴── is laid down ──────────────────────▶ Down ──its turn──▶ Beginning ──started──▶ Running
//! ```
//!
//! Doesn't decide whether a child may begin again; see [`crate::supervision`].

mod siblings;

use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::ActorNumber;
use tokio::sync::watch;

use self::siblings::{Child, Siblings, Stage};
use crate::ChildStrategy;
use crate::StopReason;
use crate::mailbox::Signal;
use crate::near::AnyNear;
use crate::system::KILL_WAIT;

pub(crate) struct Family {
    strategy: ChildStrategy,
    parent: Arc<dyn AnyNear>,
    siblings: Mutex<Siblings>,
}

/// Whether children can come after those that were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doors {
    Open,
    Closed,
}

impl Family {
    pub(crate) fn new(strategy: ChildStrategy, parent: Arc<dyn AnyNear>) -> Self {
        Self { strategy, parent, siblings: Mutex::default() }
    }

    /// One more child, the youngest. `None` if the parent's life is over: then it must not begin.
    pub(crate) fn join(self: &Arc<Self>, near: Arc<dyn AnyNear>) -> Option<Place> {
        let number = near.number();
        let stage = self.lock().join(near)?;
        Some(Place { family: self.clone(), number, stage })
    }

    /// Ends all children, the youngest first. Those that have not ended after `wait` are killed.
    ///
    /// # Cancel safety
    ///
    /// Called again, it goes on.
    pub(crate) async fn end(&self, signal: Signal, wait: Duration, doors: Doors) {
        // One that is started meanwhile would be missed by a list taken once.
        while let Some((near, mut stage)) = { self.lock().last_to_end(doors) } {
            let mut over = async || {
                // An error means that its place is gone, which comes to the same.
                let _ = stage.wait_for(|stage| *stage == Stage::Over).await;
            };
            near.end_and_retire(signal);
            if tokio::time::timeout(wait, over()).await.is_ok() {
                continue;
            }
            tracing::warn!(child = %near.id(), ?wait, "a child has not ended in time; killing it");
            near.end_and_retire(Signal::Kill);
            if tokio::time::timeout(KILL_WAIT, over()).await.is_err() {
                tracing::warn!(child = %near.id(), "a child can't be broken off; going on without it");
                self.lock().forget(near.number());
            }
        }
    }

    /// Kills all children without waiting for them, and lets no more join.
    pub(crate) fn abandon(&self) {
        let left = self.lock().close();
        for near in left {
            near.end_and_retire(Signal::Kill);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Siblings> {
        self.siblings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child's place in its family; given up when it is over.
pub(crate) struct Place {
    family: Arc<Family>,
    number: ActorNumber,
    stage: watch::Receiver<Stage>,
}

impl Place {
    /// This child's life is over because it failed; it will ask for another one.
    pub(crate) fn failed(&self) {
        let strategy = self.family.strategy;
        self.report(|child| {
            child.near.forget_renewal();
            // With nobody to go along, nobody needs to know.
            if strategy != ChildStrategy::OneForOne {
                child.fails();
            }
        });
    }

    /// A failed child may begin another life: waits until that is its turn. Cancel-safe.
    pub(crate) async fn restart(&self) {
        if self.family.strategy == ChildStrategy::OneForOne {
            return;
        }
        self.family.lock().restart(self.number, self.family.strategy);
        self.begun().await;
    }

    /// Laid down for a sibling's sake: waits for its turn. Cancel-safe.
    pub(crate) async fn renewed(&self) {
        self.report(|child| {
            child.near.forget_renewal();
            child.is_laid_down();
        });
        self.begun().await;
    }

    /// Its start-up is done.
    pub(crate) fn is_running(&self) {
        self.report(Child::runs);
    }

    /// It failed for good, and its parent is to fail with it.
    pub(crate) fn gave_up(&self, reason: StopReason) {
        // One that was left behind is nothing to its parent's next life.
        if self.family.lock().holds(self.number) {
            self.family.parent.lay_down(StopReason::ChildFailed(Box::new(reason)));
        }
    }

    async fn begun(&self) {
        // An error means that its parent went on without it; then it is about to be ended.
        let _ = self.stage.clone().wait_for(|stage| stage.is_up()).await;
    }

    fn report(&self, change: impl FnOnce(&mut Child)) {
        self.family.lock().report(self.number, change);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.family.lock().forget(self.number);
    }
}
