//! What a handler may know and do as the actor it runs in.

mod children;
mod grouping;
mod tasks;
mod watching;

use core::fmt;
use std::sync::{Arc, OnceLock};

use murmer_wire::{ActorId, Label};

pub use self::tasks::TaskHandle;
pub(crate) use self::tasks::Tasks;
use crate::family::{Doors, Family};
use crate::mailbox::Signal;
use crate::near::{AnyNear, Near};
use crate::{ChildStrategy, Endpoint, Handlers, StopReason, System, current};

/// What a handler may know and do as the actor it runs in: one for each of its lives.
pub struct ActorContext<A: Handlers> {
    near: Arc<Near<A>>,
    tasks: Tasks,
    strategy: ChildStrategy,
    family: OnceLock<Arc<Family>>,
    /// Whether [`stop`](Self::stop) may end this life only, and another one begin.
    is_permanent: bool,
}

impl<A: Handlers> ActorContext<A> {
    pub(crate) fn new(near: Arc<Near<A>>, strategy: ChildStrategy, is_permanent: bool) -> Self {
        Self { near, tasks: Tasks::default(), strategy, family: OnceLock::new(), is_permanent }
    }

    /// Stops this actor: the message being handled is finished, everything behind it is refused.
    ///
    /// One that is supervised as [`Permanent`](crate::Restart::Permanent) begins another life instead, and
    /// what is behind it waits for that.
    pub fn stop(&self) {
        if self.is_permanent {
            self.near.lay_down(StopReason::Stopped);
        } else {
            self.near.system().end_actor(&*self.near, Signal::Stop);
        }
    }

    /// Stops this actor once everything that waits for it has been handled; what comes is refused from now
    /// on.
    pub fn drain(&self) {
        self.near.system().end_actor(&*self.near, Signal::Drain);
    }

    /// Which actor this is, among all that ever were.
    pub fn id(&self) -> ActorId {
        self.near.id()
    }

    /// What this actor is looked up by; `None` for an anonymous one.
    pub fn label(&self) -> Option<&Label> {
        self.near.label()
    }

    /// An endpoint of this actor, to hand to others.
    ///
    /// Asking oneself through it waits for a handler that cannot begin before this one ends; tell
    /// instead.
    pub fn endpoint(&self) -> Endpoint<A> {
        Endpoint::near(self.near.clone())
    }

    /// The system this actor runs in.
    pub fn system(&self) -> &System {
        self.near.system()
    }

    /// How much time is left to answer the message in hand, as far as its sender waits; `None` if without
    /// end. Asks made in this handler inherit it unless they set their own.
    pub fn remaining(&self) -> Option<core::time::Duration> {
        let deadline = current::deadline()?;
        Some(deadline.saturating_duration_since(tokio::time::Instant::now()))
    }

    /// Ends what belongs to this life: its tasks first, then its children, the youngest first.
    pub(crate) async fn end(&self, signal: Signal, doors: Doors) {
        let wait = self.system().options().shutdown_wait;
        self.tasks.end(wait).await;
        if let Some(family) = self.family.get() {
            family.end(signal, wait, doors).await;
        }
    }
}

impl<A: Handlers> Drop for ActorContext<A> {
    /// At the end of a life nothing is left by now. A task that is dropped half-way, as its runtime ends, can't
    /// wait for its children, which may be on threads of their own; it can tell them.
    fn drop(&mut self) {
        if let Some(family) = self.family.get() {
            family.abandon();
        }
    }
}

impl<A: Handlers> fmt::Debug for ActorContext<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorContext").field("id", &self.id()).field("label", &self.label()).finish()
    }
}
