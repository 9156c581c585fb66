//! An actor's children: that they end with it, and which of them begin another life together.
//!
//! A child that is to be restarted asks here. If its siblings go with it, they lay down their lives, the
//! youngest first; once all are down, they begin again, the oldest first. Whichever child failed first sees
//! to that; one that fails meanwhile is restarted along.
//!
//! ```text
//! Running ──fails, or is told to lay down──▶ Down ──its turn──▶ Beginning ──started──▶ Running
//! ```

use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use murmer_wire::ActorNumber;
use tokio::sync::{OwnedMutexGuard, watch};

use crate::ChildStrategy;
use crate::StopReason;
use crate::mailbox::Signal;
use crate::near::AnyNear;

pub(crate) struct Family {
    strategy: ChildStrategy,
    parent: Arc<dyn AnyNear>,
    /// In the order of their starts.
    children: Mutex<Vec<Child>>,
    /// Held by whoever restarts several.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone)]
struct Child {
    near: Arc<dyn AnyNear>,
    stage: Arc<watch::Sender<Stage>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Alive.
    Running,
    /// In its start-up.
    Beginning,
    /// Its life is over; another waits for its turn.
    Down,
    /// Over for good.
    Over,
}

impl Stage {
    const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Beginning)
    }
}

impl Family {
    pub(crate) fn new(strategy: ChildStrategy, parent: Arc<dyn AnyNear>) -> Self {
        Self { strategy, parent, children: Mutex::default(), turn: Arc::default() }
    }

    /// One more child, the youngest.
    pub(crate) fn join(self: &Arc<Self>, near: Arc<dyn AnyNear>) -> Place {
        let child = Child { near, stage: Arc::new(watch::Sender::new(Stage::Running)) };
        self.lock().push(child.clone());
        Place { family: self.clone(), child }
    }

    /// Ends all children, the youngest first. Those that have not ended after `wait` are killed.
    pub(crate) async fn end(&self, signal: Signal, wait: Duration) {
        // One that is started meanwhile would be missed by a list taken once.
        while let Some(child) = { self.lock().last().cloned() } {
            child.near.end_and_retire(signal);
            let over = async {
                // An error can't be: the child holds the other end.
                let _ = child.stage.subscribe().wait_for(|stage| *stage == Stage::Over).await;
            };
            if tokio::time::timeout(wait, over).await.is_err() {
                tracing::warn!(child = %child.near.id(), ?wait, "a child has not ended in time; killing it");
                child.near.end_and_retire(Signal::Kill);
                // One that doesn't even wait can't be killed; it is left behind.
                self.forget(child.near.number());
            }
        }
    }

    fn forget(&self, number: ActorNumber) {
        self.lock().retain(|child| child.near.number() != number);
    }

    /// Those who are restarted when `number` is, itself included; the oldest first.
    fn affected(&self, number: ActorNumber) -> Vec<Child> {
        let children = self.lock();
        let at = children.iter().position(|child| child.near.number() == number).unwrap_or(children.len());
        match self.strategy {
            ChildStrategy::OneForOne => children.get(at..=at).unwrap_or_default().to_vec(),
            ChildStrategy::OneForAll => children.clone(),
            ChildStrategy::RestForOne => children.get(at..).unwrap_or_default().to_vec(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Child>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child's place in its family; given up when it is over.
pub(crate) struct Place {
    family: Arc<Family>,
    child: Child,
}

/// Siblings that are down and begin again after the child that holds this.
pub(crate) struct Younger {
    waiting: Vec<Child>,
    _turn: OwnedMutexGuard<()>,
}

impl Place {
    /// This child's life is over and it may begin another: waits until that is its turn. What it returns is
    /// to be [`let go`](Younger::begin) once the new life has begun.
    ///
    /// # Cancel safety
    ///
    /// Dropped when the child is to end instead; its siblings then begin without it.
    pub(crate) async fn restart(&self) -> Option<Younger> {
        self.set(Stage::Down);
        let turn = tokio::select! {
            biased;
            // Restarted along with another one.
            () = self.begun() => return None,
            turn = self.family.turn.clone().lock_owned() => turn,
        };
        if self.stage().is_up() {
            return None;
        }
        let affected = self.family.affected(self.child.near.number());
        let mut younger = Younger { waiting: affected.clone(), _turn: turn };
        for child in affected.iter().rev().filter(|child| !self.is(child)) {
            let mut stage = child.stage.subscribe();
            let is_up = stage.borrow_and_update().is_up();
            if is_up {
                child.near.renew();
            }
            // An error can't be: we hold the other end.
            let _ = stage.wait_for(|stage| !stage.is_up()).await;
        }
        // From here on the oldest first: those before this one, this one, and the others behind it.
        while let Some(child) = younger.waiting.first().cloned() {
            younger.waiting.remove(0);
            if self.is(&child) {
                break;
            }
            child.begin().await;
        }
        self.set(Stage::Beginning);
        Some(younger)
    }

    /// Laid down for a sibling's sake: waits for its turn.
    pub(crate) async fn renewed(&self) {
        self.set(Stage::Down);
        self.begun().await;
    }

    /// Its start-up is done.
    pub(crate) fn is_running(&self) {
        self.set(Stage::Running);
    }

    /// It gave up for good; if it is to take its parent along, that hears of it.
    pub(crate) fn gave_up(&self, reason: StopReason, escalates: bool) {
        if escalates {
            self.family.parent.lay_down(StopReason::ChildFailed(Box::new(reason)));
        }
    }

    async fn begun(&self) {
        // An error can't be: we hold the other end.
        let _ = self.child.stage.subscribe().wait_for(|stage| stage.is_up()).await;
    }

    fn is(&self, child: &Child) -> bool {
        child.near.number() == self.child.near.number()
    }

    fn stage(&self) -> Stage {
        *self.child.stage.borrow()
    }

    fn set(&self, stage: Stage) {
        self.child.stage.send_replace(stage);
    }
}

impl Child {
    /// Its turn has come. Waits until its new life has begun, or can't.
    async fn begin(&self) {
        if *self.stage.borrow() != Stage::Down {
            return;
        }
        self.stage.send_replace(Stage::Beginning);
        // An error can't be: we hold the other end.
        let _ = self.stage.subscribe().wait_for(|stage| *stage != Stage::Beginning).await;
    }
}

impl Younger {
    /// Lets the others begin, one after the other.
    pub(crate) async fn begin(mut self) {
        while !self.waiting.is_empty() {
            self.waiting.remove(0).begin().await;
        }
    }
}

impl Drop for Younger {
    fn drop(&mut self) {
        for child in &self.waiting {
            child.stage.send_if_modified(|stage| {
                let is_down = *stage == Stage::Down;
                if is_down {
                    *stage = Stage::Beginning;
                }
                is_down
            });
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.family.forget(self.child.near.number());
        self.set(Stage::Over);
    }
}
