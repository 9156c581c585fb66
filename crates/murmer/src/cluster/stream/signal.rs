//! Something that happens once, and the one task that looks out for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Whether it has happened. To look costs one load if it has, and no future is made for it.
#[derive(Debug, Default)]
pub(super) struct Signal {
    is_set: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Signal {
    /// It has happened, for good.
    pub(super) fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        if let Some(task) = self.lock().take() {
            task.wake();
        }
    }

    /// Ready once it has happened. The last task to ask is woken.
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.is_set() {
            keep(&mut self.lock(), cx.waker());
        }
        // Behind: one that is set in between has not seen the task.
        if self.is_set() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds `waker` from now on: a clone only if it is another.
pub(super) fn keep(held: &mut Option<Waker>, waker: &Waker) {
    if !held.as_ref().is_some_and(|held| held.will_wake(waker)) {
        *held = Some(waker.clone());
    }
}
