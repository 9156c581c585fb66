//! Locks and atomics, from the standard library or, to search all interleavings, from loom.

#[cfg(not(murmer_loom))]
pub(crate) use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
#[cfg(not(murmer_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(murmer_loom)]
pub(crate) use loom::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
#[cfg(murmer_loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};
#[cfg(murmer_loom)]
pub(crate) use std::sync::PoisonError;

/// Tells the core that this thread waits for another one, so many times.
#[cfg(not(murmer_loom))]
pub(crate) fn spin(times: u32) {
    (0..times).for_each(|_| core::hint::spin_loop());
}

/// Lets the others run: nothing that this thread does will change what it sees.
#[cfg(murmer_loom)]
pub(crate) fn spin(_times: u32) {
    loom::thread::yield_now();
}
