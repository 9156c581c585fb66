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
