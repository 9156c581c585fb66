//! Where each child of a family stands, and who is next to lie down or to begin.

use std::sync::Arc;

use murmer_wire::ActorNumber;
use tokio::sync::watch;

use super::Doors;
use crate::ChildStrategy;
use crate::near::AnyNear;

/// The children of one life of their parent.
#[derive(Default)]
pub(super) struct Siblings {
    /// In the order of their starts.
    children: Vec<Child>,
    /// They are being ended: nobody begins again.
    is_ending: bool,
    /// Nobody can join any more.
    is_closed: bool,
}

pub(super) struct Child {
    pub(super) near: Arc<dyn AnyNear>,
    stage: watch::Sender<Stage>,
    /// It has been told, or will be, to lay down its life.
    is_to_lie_down: bool,
    /// It is to begin again when its turn comes.
    is_to_begin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Alive.
    Running,
    /// In its start-up.
    Beginning,
    /// Its life is over; it waits out its back-off.
    Failed,
    /// Its life is over; another waits for its turn.
    Down,
    /// Over for good.
    Over,
}

impl Stage {
    pub(super) const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Beginning)
    }
}

impl Siblings {
    pub(super) fn join(&mut self, near: Arc<dyn AnyNear>) -> Option<watch::Receiver<Stage>> {
        if self.is_closed {
            return None;
        }
        let (stage, seen) = watch::channel(Stage::Running);
        self.children.push(Child { near, stage, is_to_lie_down: false, is_to_begin: false });
        Some(seen)
    }

    /// The youngest child, which is to end first. Once there is none, the doors are as given.
    pub(super) fn last_to_end(&mut self, doors: Doors) -> Option<(Arc<dyn AnyNear>, watch::Receiver<Stage>)> {
        let last = self.children.last().map(|child| (child.near.clone(), child.stage.subscribe()));
        self.is_ending = last.is_some();
        self.is_closed = last.is_none() && doors == Doors::Closed;
        last
    }

    /// Nobody begins again, nor joins. Who is left, the youngest first.
    pub(super) fn close(&mut self) -> Vec<Arc<dyn AnyNear>> {
        self.is_ending = true;
        self.is_closed = true;
        self.children.iter().rev().map(|child| child.near.clone()).collect()
    }

    pub(super) fn report(&mut self, number: ActorNumber, change: impl FnOnce(&mut Child)) {
        if let Some(at) = self.position(number) {
            change(&mut self.children[at]);
            self.settle();
        }
    }

    /// A failed child asks for another life, and for that of whoever is to begin again with it.
    pub(super) fn restart(&mut self, number: ActorNumber, strategy: ChildStrategy) {
        let Some(at) = self.position(number) else { return };
        self.children[at].set(Stage::Down);
        // Else it is among those that begin again already.
        if !self.children[at].is_to_begin {
            let first = match strategy {
                ChildStrategy::OneForAll => 0,
                ChildStrategy::OneForOne | ChildStrategy::RestForOne => at,
            };
            for child in &mut self.children[first..] {
                child.is_to_begin = true;
                child.is_to_lie_down = child.stage().is_up();
            }
        }
        self.settle();
    }

    /// A child is over, or left behind.
    pub(super) fn forget(&mut self, number: ActorNumber) {
        if let Some(at) = self.position(number) {
            self.children.remove(at).set(Stage::Over);
            self.settle();
        }
    }

    pub(super) fn holds(&self, number: ActorNumber) -> bool {
        self.position(number).is_some()
    }

    /// From the youngest on, who are the first to end.
    fn position(&self, number: ActorNumber) -> Option<usize> {
        self.children.iter().rposition(|child| child.near.number() == number)
    }

    /// Sets the next thing in motion; harmless if it is already.
    ///
    /// Told under the lock, a child that is up hears of it in that very life.
    fn settle(&mut self) {
        if self.is_ending {
            return;
        }
        if let Some(child) = self.children.iter().rfind(|child| child.is_to_lie_down) {
            return child.near.renew();
        }
        if let Some(child) = self.children.iter().find(|child| child.is_to_begin)
            && child.stage() == Stage::Down
        {
            child.set(Stage::Beginning);
        }
    }
}

impl Child {
    pub(super) fn fails(&mut self) {
        self.is_to_lie_down = false;
        self.set(Stage::Failed);
    }

    pub(super) fn is_laid_down(&mut self) {
        self.is_to_lie_down = false;
        self.is_to_begin = true;
        self.set(Stage::Down);
    }

    pub(super) fn runs(&mut self) {
        self.set(Stage::Running);
        // Else this life is not yet the one that was meant.
        if !self.is_to_lie_down {
            self.is_to_begin = false;
        }
    }

    fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    fn set(&self, stage: Stage) {
        self.stage.send_replace(stage);
    }
}
