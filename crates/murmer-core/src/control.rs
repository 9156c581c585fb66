//! Ending an actor of this process from outside.

use core::fmt;
use std::sync::Arc;

use crate::mailbox::Signal;
use crate::near::AnyNear;

/// How to end one actor. Of any type, so that different actors fit one collection. Of an actor that is gone,
/// or lives on another node, nothing of it does anything.
///
/// | | stop | drain | kill |
/// |---|---|---|---|
/// | the message in hand | finished | finished | broken off where it waits |
/// | asks that wait | [`Stopped`](crate::SendError::Stopped), never delivered | handled | `Stopped` |
/// | tells that wait | [`Undelivered`](crate::Event::Undelivered) | handled | `Undelivered` |
/// | senders in line for a place | `Stopped` | `Stopped` | `Stopped` |
/// | what comes later | `Stopped` | `Stopped` | `Stopped` |
/// | [`stopped`](crate::Actor::stopped) | runs | runs | does not run |
/// | children | stopped first | stopped first | killed first |
///
/// In every case the label is free at once, a full mailbox makes no difference, and a restart is not due. Only
/// a drain goes on in another life if the actor fails meanwhile and is supervised.
#[derive(Clone)]
pub struct Control {
    near: Option<Arc<dyn AnyNear>>,
}

impl Control {
    pub(crate) fn new(near: Arc<dyn AnyNear>) -> Self {
        Self { near: Some(near) }
    }

    pub(crate) const fn nobody() -> Self {
        Self { near: None }
    }

    /// Ends the actor once the message in hand is finished. Says whether it was still there to be told.
    pub fn stop(&self) -> bool {
        self.end(Signal::Stop)
    }

    /// Ends the actor once everything that has been accepted is handled; [`ended`](Self::ended) waits for
    /// that. Its children are stopped then, not drained.
    pub fn drain(&self) -> bool {
        self.end(Signal::Drain)
    }

    /// Ends the actor at once. A handler that doesn't wait can't be broken off: then after it.
    pub fn kill(&self) -> bool {
        self.end(Signal::Kill)
    }

    /// Waits until the actor is over, its clean-up included. Cancel-safe.
    pub async fn ended(&self) {
        if let Some(near) = &self.near {
            near.when_ended().wait().await;
        }
    }

    /// Stops the actor and waits until it is over.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the actor stops all the same.
    pub async fn stop_and_wait(&self) -> bool {
        let was_there = self.stop();
        self.ended().await;
        was_there
    }

    fn end(&self, signal: Signal) -> bool {
        self.near.as_ref().is_some_and(|near| near.end_and_retire(signal))
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("actor", &self.near.as_ref().map(|near| near.id())).finish()
    }
}
