//! One end of a connection in memory, as a handle.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Notify;

use super::end::{End, StreamId};
use super::link::{Side, other};
use super::network::Shared;
use super::state::{DATAGRAM_BYTES_MAX, LinkId};
use super::{MemReceiver, MemSender};
use crate::open::OpenStreams;
use crate::{Connection, ConnectionEnd, ConnectionStats, DatagramError, Limits};

/// One end of a connection in memory.
#[derive(Clone)]
pub struct MemConnection {
    handle: Arc<Handle>,
}

/// Holds one end; the last one to be dropped closes it.
pub(super) struct Handle {
    shared: Arc<Shared>,
    link: LinkId,
    side: Side,
    remote_addr: SocketAddr,
    binding: [u8; 32],
    news: Arc<Notify>,
    open: OpenStreams,
}

impl Handle {
    /// Does something with the end.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut End, &Limits) -> R) -> R {
        self.shared
            .with(|state, now| state.with_end(now, self.link, self.side, |end, limits, _| act(end, limits)))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.with(|state, now| state.release(now, self.link, self.side));
    }
}

impl MemConnection {
    pub(super) fn new(shared: Arc<Shared>, link: LinkId, side: Side) -> Self {
        let (remote_addr, binding, news) = shared.with(|state, _| {
            let link = state.link(link);
            (link.addrs[other(side)], link.binding, link.ends[side].news.clone())
        });
        let open = OpenStreams::default();
        Self { handle: Arc::new(Handle { shared, link, side, remote_addr, binding, news, open }) }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.handle.with(|end, _| end.ended.is_some())
    }

    /// Asks again at every news until there is an answer.
    async fn until<R>(&self, mut ask: impl FnMut(&mut End, &Limits) -> Option<R>) -> R {
        loop {
            let mut news = pin!(self.handle.news.notified());
            news.as_mut().enable();
            if let Some(answer) = self.handle.with(&mut ask) {
                return answer;
            }
            news.await;
        }
    }

    fn halves(&self, id: StreamId) -> (MemSender, MemReceiver) {
        let open = self.handle.open.open();
        let sender = MemSender::new(self.handle.clone(), id, open.clone());
        (sender, MemReceiver::new(self.handle.clone(), id, open))
    }
}

impl Connection for MemConnection {
    type Sender = MemSender;
    type Receiver = MemReceiver;

    fn remote_addr(&self) -> SocketAddr {
        self.handle.remote_addr
    }

    fn binding(&self) -> [u8; 32] {
        self.handle.binding
    }

    fn peer(&self) -> Option<Bytes> {
        None
    }

    async fn open_stream(&self) -> Result<(MemSender, MemReceiver), ConnectionEnd> {
        let opened = self.until(|end, limits| match &end.ended {
            Some(ended) => Some(Err(ended.clone())),
            None => end.open(limits).map(Ok),
        });
        opened.await.map(|id| self.halves(id))
    }

    async fn accept_stream(&self) -> Result<(MemSender, MemReceiver), ConnectionEnd> {
        let accepted = self.until(|end, _| end.accept().map(Ok).or_else(|| end.ended.clone().map(Err)));
        accepted.await.map(|id| self.halves(id))
    }

    fn send_datagram(&self, datagram: Bytes) -> Result<(), DatagramError> {
        let Handle { shared, link, side, .. } = &*self.handle;
        shared.with(|state, now| state.send_datagram(now, *link, *side, datagram))
    }

    async fn recv_datagram(&self) -> Result<Bytes, ConnectionEnd> {
        self.until(|end, _| end.next_datagram().map(Ok).or_else(|| end.ended.clone().map(Err))).await
    }

    fn datagram_bytes_max(&self) -> usize {
        DATAGRAM_BYTES_MAX
    }

    fn limits(&self) -> &Limits {
        &self.handle.shared.limits
    }

    fn trust(&self) {
        self.handle.with(End::trust);
    }

    fn set_streams_max(&self, n: u32) {
        self.handle.with(|end, limits| end.set_streams_max(n.min(limits.streams_hard_max)));
    }

    /// The round trip is what the network's faults make of one, on average.
    fn stats(&self) -> ConnectionStats {
        let Handle { shared, link, side, .. } = &*self.handle;
        let (rtt, stats) =
            shared.with(|state, _| (state.faults.round_trip(), state.link(*link).ends[*side].stats));
        ConnectionStats { rtt, streams_open: self.handle.open.count(), ..stats }
    }

    fn close(&self, code: u32, reason: &[u8]) {
        let reason = Bytes::copy_from_slice(reason);
        let Handle { shared, link, side, .. } = &*self.handle;
        shared.with(|state, now| state.close_end(now, *link, *side, code, reason));
    }

    async fn closed(&self) -> ConnectionEnd {
        self.until(|end, _| end.ended.clone()).await
    }
}

impl std::fmt::Debug for MemConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemConnection").field("remote_addr", &self.handle.remote_addr).finish_non_exhaustive()
    }
}
