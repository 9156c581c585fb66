//! Room for little and urgent chunks on a connection whose send window others have filled.
//!
//! quinn shares the window out to whoever asks first, and wakes those that wait for room in the reverse of the order
//! in which they came. So among hundreds of streams that always have more to send, one that wants to send a few
//! bytes can wait until all of them are done.

use std::sync::{Arc, Mutex, PoisonError};

/// The reserve of one connection's end. Clones are the same.
#[derive(Clone)]
pub(super) struct Reserve(Arc<Shared>);

struct Shared {
    quinn: quinn::Connection,
    send_window: u64,
    /// Held while the window is the larger one.
    widening: Mutex<()>,
}

impl Reserve {
    /// For a connection that was made with `send_window`.
    pub(super) fn new(quinn: quinn::Connection, send_window: u64) -> Self {
        Self(Arc::new(Shared { quinn, send_window, widening: Mutex::new(()) }))
    }

    /// Runs `write` with the reserve on top of the window. Another write that happens in between may profit: the
    /// two together stay the most that is ever under way.
    pub(super) fn with<T>(&self, write: impl FnOnce() -> T) -> T {
        let Shared { quinn, send_window, widening } = &*self.0;
        let _widening = widening.lock().unwrap_or_else(PoisonError::into_inner);
        quinn.set_send_window(send_window + send_window / SHARE);
        let written = write();
        quinn.set_send_window(*send_window);
        written
    }
}

/// Chunks up to this many bytes may use the reserve. A stream with much to send has larger ones, so even many of
/// them can't keep the reserve, and with it the window, to themselves.
pub(super) const LITTLE: usize = 4 << 10;

/// The reserve is this part of the window: by default 1 MiB, 256 chunks and more.
const SHARE: u64 = 16;
