//! What the serving streams of one connection do to each other: too many that don't read hold up all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use murmer_node::{Blocked, BlockedPlace};
use murmer_transport::Limits;

use super::signal::Signal;

/// The streams of one connection that don't read now. Clones are the same.
#[derive(Clone)]
pub(crate) struct Pressure(Arc<Mutex<Blocked<Arc<Signal>>>>);

impl Pressure {
    /// For a connection whose peer is held to `limits`.
    pub(crate) fn new(limits: &Limits) -> Self {
        // Each may leave its whole window unread. The other half is for those that read.
        let places = limits.connection_window / limits.stream_window / 2;
        Self(Arc::new(Mutex::new(Blocked::new(places.max(1) as usize))))
    }

    /// A stream reads nothing until the value is dropped.
    pub(super) fn enter(&self, now: Duration) -> Pressing {
        let shed = Arc::<Signal>::default();
        let mut blocked = self.lock();
        let place = blocked.enter(now, shed.clone());
        while let Some(shed) = blocked.excess() {
            shed.set();
        }
        Pressing { pressure: self.clone(), place, shed }
    }

    fn lock(&self) -> MutexGuard<'_, Blocked<Arc<Signal>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that doesn't read.
pub(super) struct Pressing {
    pressure: Pressure,
    place: BlockedPlace,
    shed: Arc<Signal>,
}

impl Pressing {
    /// Ready once it is this stream that has to give way.
    pub(super) fn poll_shed(&self, cx: &Context<'_>) -> Poll<()> {
        self.shed.poll(cx)
    }
}

impl Drop for Pressing {
    fn drop(&mut self) {
        self.pressure.lock().leave(self.place);
    }
}
