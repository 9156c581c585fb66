//! Which actor's handler is running, for what is called in it: the deadline its asks inherit, and who would
//! wait for whom.
//!
//! One scope per actor task. Tasks that a handler spawns are outside of it and inherit nothing.

use core::cell::Cell;
use std::sync::Arc;

use tokio::time::Instant;

use crate::deadline::Deadline;
use crate::near::AnyNear;

tokio::task_local! {
    static CURRENT: Current;
}

struct Current {
    near: Arc<dyn AnyNear>,
    deadline: Cell<Option<Deadline>>,
}

/// Runs an actor's task, whose handlers are `near`'s.
pub(crate) fn scope<F: Future>(near: Arc<dyn AnyNear>, task: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(Current { near, deadline: Cell::new(None) }, task)
}

/// A handler begins, for a message that is to be answered by `deadline`.
pub(crate) fn set_deadline(deadline: Option<Instant>) {
    // An error means that this is no actor's task: a test that dispatches by hand, say.
    let _ = CURRENT.try_with(|current| current.deadline.set(deadline.and_then(Deadline::new)));
}

/// By when the message in hand is to be answered.
pub(crate) fn deadline() -> Option<Instant> {
    CURRENT.try_with(|current| current.deadline.get()).ok().flatten().map(Deadline::at)
}

/// The actor whose handler is running.
pub(crate) fn with_near<R>(act: impl FnOnce(&dyn AnyNear) -> R) -> Option<R> {
    CURRENT.try_with(|current| act(&*current.near)).ok()
}
