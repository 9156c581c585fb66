//! One end of a connection, as a handle.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use murmer::transport::{Connection, ConnectionEnd, ConnectionStats, DatagramError, Limits};

use super::halves::{Halves, TcpReceiver, TcpSender};
use super::machine::{DATAGRAM_BYTES_MAX, Machine};
use super::shared::Shared;

#[derive(Debug, Clone)]
pub(crate) struct TcpConnection(Arc<Handle>);

/// Holds one end; the last one to be dropped closes it.
#[derive(Debug)]
pub(super) struct Handle(pub(super) Arc<Shared>);

impl TcpConnection {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(Handle(shared)))
    }

    pub(super) fn has_ended(&self) -> bool {
        self.shared().with(|machine| machine.end.is_some())
    }

    fn shared(&self) -> &Shared {
        &self.0.0
    }

    /// What `take` finds, now or later; or the connection's end, once there is nothing.
    async fn next<R>(&self, take: impl Fn(&mut Machine) -> Option<R>) -> Result<R, ConnectionEnd> {
        self.shared().until(|machine| take(machine).map(Ok).or_else(|| machine.end.clone().map(Err))).await
    }
}

impl Connection for TcpConnection {
    type Sender = TcpSender;
    type Receiver = TcpReceiver;

    fn remote_addr(&self) -> SocketAddr {
        self.shared().remote_addr
    }

    /// Not secret: see [`tcp`](super).
    fn binding(&self) -> [u8; 32] {
        self.shared().binding
    }

    fn peer(&self) -> Option<Bytes> {
        None
    }

    async fn open_stream(&self) -> Result<(TcpSender, TcpReceiver), ConnectionEnd> {
        let open = |machine: &mut Machine| if machine.end.is_none() { machine.open() } else { None };
        self.next(open).await.map(|id| Halves::split(self.0.clone(), id))
    }

    async fn accept_stream(&self) -> Result<(TcpSender, TcpReceiver), ConnectionEnd> {
        self.next(Machine::accept).await.map(|id| Halves::split(self.0.clone(), id))
    }

    fn send_datagram(&self, datagram: Bytes) -> Result<(), DatagramError> {
        self.shared().with(|machine| machine.send_datagram(datagram))
    }

    async fn recv_datagram(&self) -> Result<Bytes, ConnectionEnd> {
        self.next(|machine| machine.datagrams.pop()).await
    }

    fn datagram_bytes_max(&self) -> usize {
        DATAGRAM_BYTES_MAX
    }

    fn limits(&self) -> &Limits {
        &self.shared().limits
    }

    fn trust(&self) {
        self.shared().with(Machine::trust);
    }

    fn set_streams_max(&self, n: u32) {
        self.shared().with(|machine| machine.set_streams_max(n));
    }

    fn stats(&self) -> ConnectionStats {
        self.shared().with(|machine| machine.stats)
    }

    fn close(&self, code: u32, reason: &[u8]) {
        self.shared().with(|machine| machine.close(code, reason));
    }

    async fn closed(&self) -> ConnectionEnd {
        self.shared().closed().await
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.with(|machine| machine.close(0, b""));
    }
}
