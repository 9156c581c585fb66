//! How many streams of a connection are open: those of which somebody holds a half.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The count of one connection's end. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenStreams(Arc<AtomicU32>);

/// One stream; its halves share it, and it counts until both are dropped.
#[derive(Debug)]
pub(crate) struct OpenStream(OpenStreams);

impl OpenStreams {
    pub(crate) fn open(&self) -> Arc<OpenStream> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Arc::new(OpenStream(self.clone()))
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
