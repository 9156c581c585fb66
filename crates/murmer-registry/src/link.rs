//! What is under way between this node and one linked peer. All of it goes when the link does.

mod receiving;
mod sending;

use core::time::Duration;

pub(crate) use receiving::{Context, Receiving};
pub(crate) use sending::Sending;

#[derive(Debug)]
pub(crate) struct Link {
    /// Ours, among all links this process had.
    pub(crate) session: u64,
    /// The peer's, once we read its `Versions`; 0 before.
    pub(crate) heard: u64,
    /// The peer answered our `Versions`.
    pub(crate) is_answered: bool,
    /// When to repeat our `Versions`, unless they have been answered and the peer's own read by then.
    pub(crate) repeat_at: Option<Duration>,
    pub(crate) sending: Sending,
    pub(crate) receiving: Receiving,
}

impl Link {
    pub(crate) fn new(session: u64) -> Self {
        let (sending, receiving) = (Sending::default(), Receiving::default());
        Self { session, heard: 0, is_answered: false, repeat_at: None, sending, receiving }
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        [self.repeat_at, self.sending.deadline(), self.receiving.deadline()].into_iter().flatten().min()
    }
}
