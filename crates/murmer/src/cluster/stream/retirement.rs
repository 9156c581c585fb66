//! Moving streams off a connection that another one has replaced.
//!
//! A connection is retired, not cut: its streams take no new messages, and end when what they carry has been
//! answered. Whoever closes the connection waits until they have.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Of one connection: whether its streams are to move, and whether any are left. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Retirement(Arc<State>);

/// Held by one stream for as long as it is on its connection.
pub(crate) struct Staying(Arc<State>);

/// Wakes streams in the order in which they began to wait, where a watch channel would leave that to chance.
#[derive(Default)]
struct State {
    is_retired: AtomicBool,
    retired: Notify,
    staying: AtomicUsize,
    emptied: Notify,
}

impl Retirement {
    /// Says whether streams are to move off.
    pub(crate) fn set(&self, is_retired: bool) {
        self.0.is_retired.store(is_retired, Ordering::SeqCst);
        self.0.retired.notify_waiters();
    }

    /// One more stream is on the connection.
    pub(crate) fn stay(&self) -> Staying {
        self.0.staying.fetch_add(1, Ordering::SeqCst);
        Staying(self.0.clone())
    }

    /// Waits until no stream is left.
    pub(crate) async fn emptied(&self) {
        until(&self.0.emptied, || self.0.staying.load(Ordering::SeqCst) == 0).await;
    }
}

impl Staying {
    /// Waits until this stream is to move off.
    pub(crate) async fn until_retired(self) {
        until(&self.0.retired, || self.0.is_retired.load(Ordering::SeqCst)).await;
    }
}

impl Clone for Staying {
    fn clone(&self) -> Self {
        self.0.staying.fetch_add(1, Ordering::SeqCst);
        Self(self.0.clone())
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        if self.0.staying.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.emptied.notify_waiters();
        }
    }
}

/// Registers, looks, and only then waits: a change in between is not missed.
async fn until(changed: &Notify, is_so: impl Fn() -> bool) {
    loop {
        let mut changed = pin!(changed.notified());
        changed.as_mut().enable();
        if is_so() {
            return;
        }
        changed.await;
    }
}
