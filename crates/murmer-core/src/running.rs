//! How many actors' tasks there are, those included that have been stopped and still finish a message.

use core::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(crate) struct Running {
    tasks: AtomicUsize,
    /// Told when the last one ends.
    none: Notify,
}

impl Running {
    pub(crate) fn begin(&self) {
        self.tasks.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn end(&self) {
        if self.tasks.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.none.notify_waiters();
        }
    }

    /// Waits until there is none. Cancel-safe.
    pub(crate) async fn none(&self) {
        loop {
            let mut told = core::pin::pin!(self.none.notified());
            // Before the look, so that an end in between is not missed.
            told.as_mut().enable();
            if self.tasks.load(Ordering::Acquire) == 0 {
                return;
            }
            told.await;
        }
    }
}
