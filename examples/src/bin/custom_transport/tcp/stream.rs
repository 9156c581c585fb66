//! One stream, as one end of the connection knows it.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::Bytes;

#[derive(Debug)]
pub(super) struct Stream {
    /// Bytes that the peer has room for.
    pub(super) room: usize,
    /// Not finished or reset yet.
    pub(super) sending: bool,
    pub(super) stopped: Option<u32>,
    pub(super) send_waker: Option<Waker>,
    pub(super) stop_waker: Option<Waker>,

    pub(super) chunks: VecDeque<Bytes>,
    pub(super) unread: usize,
    /// The end as the peer sent it.
    pub(super) arrived: Option<Result<(), u32>>,
    /// The application still reads.
    pub(super) receiving: bool,
    pub(super) recv_waker: Option<Waker>,
}

impl Stream {
    pub(super) const fn new(window: usize) -> Self {
        Self {
            room: window,
            sending: true,
            stopped: None,
            send_waker: None,
            stop_waker: None,
            chunks: VecDeque::new(),
            unread: 0,
            arrived: None,
            receiving: true,
            recv_waker: None,
        }
    }

    /// Throws away what was not read, and says how much it was.
    pub(super) fn discard(&mut self) -> usize {
        self.chunks.clear();
        std::mem::take(&mut self.unread)
    }

    pub(super) fn wakers(&mut self) -> impl Iterator<Item = Waker> + use<> {
        let wakers = [&mut self.send_waker, &mut self.stop_waker, &mut self.recv_waker];
        wakers.map(Option::take).into_iter().flatten()
    }

    /// Neither way has anything to say any more.
    pub(super) const fn is_over(&self) -> bool {
        !self.sending && !self.receiving && self.arrived.is_some()
    }
}
