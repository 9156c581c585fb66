//! Moving streams off a connection that another one has replaced.
//!
//! A connection is retired, not cut: its streams take no new messages, and end when what they carry has been
//! answered. Whoever closes the connection waits until they have.

use std::sync::Arc;

use tokio::sync::watch;

/// Of one connection: whether its streams are to move, and whether any are left. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Retirement(Arc<watch::Sender<bool>>);

/// Held by one stream for as long as it is on its connection.
#[derive(Clone)]
pub(crate) struct Staying(watch::Receiver<bool>);

impl Retirement {
    /// Says whether streams are to move off.
    pub(crate) fn set(&self, is_retired: bool) {
        self.0.send_replace(is_retired);
    }

    /// One more stream is on the connection.
    pub(crate) fn stay(&self) -> Staying {
        Staying(self.0.subscribe())
    }

    /// Waits until no stream is left.
    pub(crate) async fn emptied(&self) {
        self.0.closed().await;
    }
}

impl Staying {
    /// Waits until this stream is to move off. Its place on the connection is kept until it is dropped.
    pub(crate) async fn until_retired(mut self) {
        if self.0.wait_for(|is_retired| *is_retired).await.is_err() {
            // Nobody can retire the connection any more.
            std::future::pending().await
        }
    }
}
