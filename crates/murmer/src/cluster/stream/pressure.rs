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

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// Of a connection whose window is so many times that of a stream.
    fn pressure(windows: u32) -> Pressure {
        let limits = Limits::default();
        Pressure::new(&Limits { connection_window: windows * limits.stream_window, ..limits })
    }

    fn is_shed(pressing: &Pressing) -> bool {
        pressing.poll_shed(&Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn streams_that_leave_half_of_the_window_may_stay_and_then_the_first_gives_way() {
        let pressure = pressure(6);
        let pressing: Vec<_> = (0..4).map(|at| pressure.enter(Duration::from_secs(at))).collect();
        assert_eq!(pressing.iter().map(is_shed).collect::<Vec<_>>(), [true, false, false, false]);
    }

    #[test]
    fn a_stream_that_reads_again_takes_no_place() {
        let pressure = pressure(4);
        let held = pressure.enter(Duration::ZERO);
        for at in 1..10 {
            assert!(!is_shed(&pressure.enter(Duration::from_secs(at))));
        }
        assert!(!is_shed(&held), "never were there more than two");
    }
}
