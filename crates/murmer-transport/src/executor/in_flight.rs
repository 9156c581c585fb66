//! What the tasks of an executor wait for, all together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The part of one task: how much it expects to be woken for soon.
///
/// While that is little, whatever comes is carried at once. While it is much, what comes is left to gather until the
/// worker has run whatever else is ready: a packet then carries many messages rather than one.
#[derive(Debug)]
pub struct InFlight {
    all: Arc<AtomicUsize>,
    part: usize,
}

impl InFlight {
    pub(super) const fn new(all: Arc<AtomicUsize>) -> Self {
        Self { all, part: 0 }
    }

    /// So much it is now.
    pub fn set(&mut self, part: usize) {
        if part > self.part {
            self.all.fetch_add(part - self.part, Ordering::Relaxed);
        } else if part < self.part {
            self.all.fetch_sub(self.part - part, Ordering::Relaxed);
        }
        self.part = part;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.set(0);
    }
}
