//! One end of a QUIC connection, held to a stranger's limits until it is trusted.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use quinn::{ConnectionError, SendDatagramError, TransportErrorCode, VarInt};

use super::reserve::Reserve;
use super::{QuicConfig, QuicReceiver, QuicSender};
use crate::admission::Place;
use crate::open::OpenStreams;
use crate::{ConnectError, Connection, ConnectionEnd, ConnectionStats, DatagramError, Limits};

/// One end of a QUIC connection.
#[derive(Clone)]
pub struct QuicConnection {
    quinn: quinn::Connection,
    shared: Arc<Shared>,
}

struct Shared {
    remote_addr: SocketAddr,
    binding: [u8; 32],
    limits: Limits,
    reserve: Reserve,
    open: OpenStreams,
    standing: Mutex<Standing>,
}

struct Standing {
    trusted: bool,
    streams_max: u32,
    /// The place among strangers, until trusted or ended; an end that dialed takes none.
    place: Option<Place>,
}

impl QuicConnection {
    /// `None` if TLS has no secret to share, which a finished handshake rules out.
    pub(super) fn new(quinn: quinn::Connection, config: &QuicConfig, place: Option<Place>) -> Option<Self> {
        let mut binding = [0; 32];
        quinn.export_keying_material(&mut binding, BINDING_LABEL, b"").ok()?;
        let remote = quinn.remote_address();
        let limits = config.limits.clone();
        let standing = Standing { trusted: false, streams_max: limits.streams, place };
        let shared = Shared {
            remote_addr: SocketAddr::new(remote.ip().to_canonical(), remote.port()),
            binding,
            limits,
            reserve: Reserve::new(quinn.clone(), config.send_window),
            open: OpenStreams::default(),
            standing: Mutex::new(standing),
        };
        Some(Self { quinn, shared: Arc::new(shared) })
    }

    pub(super) fn has_ended(&self) -> bool {
        self.quinn.close_reason().is_some()
    }

    fn standing(&self) -> std::sync::MutexGuard<'_, Standing> {
        self.shared.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn halves(
        &self,
        (sender, receiver): (quinn::SendStream, quinn::RecvStream),
    ) -> (QuicSender, QuicReceiver) {
        let open = self.shared.open.open();
        (
            QuicSender::new(sender, self.shared.reserve.clone(), open.clone()),
            QuicReceiver::new(receiver, open),
        )
    }

    /// Notes the end: who is gone takes no place among strangers.
    fn ended(&self, error: ConnectionError) -> ConnectionEnd {
        self.standing().place = None;
        connection_end(error)
    }
}

impl Connection for QuicConnection {
    type Sender = QuicSender;
    type Receiver = QuicReceiver;

    fn remote_addr(&self) -> SocketAddr {
        self.shared.remote_addr
    }

    fn binding(&self) -> [u8; 32] {
        self.shared.binding
    }

    fn peer(&self) -> Option<Bytes> {
        None
    }

    async fn open_stream(&self) -> Result<(QuicSender, QuicReceiver), ConnectionEnd> {
        self.quinn.open_bi().await.map(|halves| self.halves(halves)).map_err(|error| self.ended(error))
    }

    async fn accept_stream(&self) -> Result<(QuicSender, QuicReceiver), ConnectionEnd> {
        self.quinn.accept_bi().await.map(|halves| self.halves(halves)).map_err(|error| self.ended(error))
    }

    fn send_datagram(&self, datagram: Bytes) -> Result<(), DatagramError> {
        let len = datagram.len();
        self.quinn.send_datagram(datagram).map_err(|error| match error {
            SendDatagramError::TooLarge => DatagramError::TooLarge { len, max: self.datagram_bytes_max() },
            SendDatagramError::UnsupportedByPeer | SendDatagramError::Disabled => DatagramError::Unsupported,
            SendDatagramError::ConnectionLost(error) => DatagramError::Connection(self.ended(error)),
        })
    }

    async fn recv_datagram(&self) -> Result<Bytes, ConnectionEnd> {
        self.quinn.read_datagram().await.map_err(|error| self.ended(error))
    }

    fn datagram_bytes_max(&self) -> usize {
        self.quinn.max_datagram_size().unwrap_or(0)
    }

    fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    fn trust(&self) {
        let mut standing = self.standing();
        if !standing.trusted {
            standing.trusted = true;
            standing.place = None;
            self.quinn.set_receive_window(VarInt::from_u32(self.shared.limits.connection_window));
            self.quinn.set_max_concurrent_bi_streams(VarInt::from_u32(standing.streams_max));
        }
    }

    fn set_streams_max(&self, n: u32) {
        let mut standing = self.standing();
        standing.streams_max = n.min(self.shared.limits.streams_hard_max);
        if standing.trusted {
            self.quinn.set_max_concurrent_bi_streams(VarInt::from_u32(standing.streams_max));
        }
    }

    fn stats(&self) -> ConnectionStats {
        let stats = self.quinn.stats();
        ConnectionStats {
            rtt: stats.path.rtt,
            bytes_sent: stats.udp_tx.bytes,
            bytes_received: stats.udp_rx.bytes,
            packets_sent: stats.udp_tx.datagrams,
            packets_received: stats.udp_rx.datagrams,
            packets_lost: stats.path.lost_packets,
            datagrams_sent: stats.frame_tx.datagram,
            datagrams_received: stats.frame_rx.datagram,
            streams_open: self.shared.open.count(),
        }
    }

    fn close(&self, code: u32, reason: &[u8]) {
        // quinn forgets how the peer ended it.
        if !self.has_ended() {
            self.quinn.close(VarInt::from_u32(code), reason);
        }
        self.standing().place = None;
    }

    async fn closed(&self) -> ConnectionEnd {
        self.ended(self.quinn.closed().await)
    }
}

impl std::fmt::Debug for QuicConnection {
    /// Without the binding, which is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicConnection")
            .field("remote_addr", &self.shared.remote_addr)
            .finish_non_exhaustive()
    }
}

/// What the end of a connection is in our words.
pub(super) fn connection_end(error: ConnectionError) -> ConnectionEnd {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            ConnectionEnd::ClosedByPeer { code: code(close.error_code), reason: close.reason }
        }
        ConnectionError::LocallyClosed => ConnectionEnd::ClosedHere,
        ConnectionError::TimedOut => ConnectionEnd::TimedOut,
        ConnectionError::Reset => ConnectionEnd::Reset,
        ConnectionError::VersionMismatch
        | ConnectionError::TransportError(_)
        | ConnectionError::ConnectionClosed(_)
        | ConnectionError::CidsExhausted => ConnectionEnd::Broken { detail: error.to_string().into() },
    }
}

/// Why an address could not even be dialed.
pub(super) fn not_dialed(to: SocketAddr, error: &quinn::ConnectError) -> ConnectError {
    match error {
        quinn::ConnectError::EndpointStopping => ConnectError::Closed { to },
        quinn::ConnectError::InvalidRemoteAddress(_) => ConnectError::Unreachable { to },
        other => ConnectError::Handshake { to, detail: other.to_string() },
    }
}

/// Why a handshake came to nothing.
pub(super) fn not_connected(to: SocketAddr, after: Duration, error: ConnectionError) -> ConnectError {
    match error {
        ConnectionError::ConnectionClosed(close)
            if close.error_code == TransportErrorCode::CONNECTION_REFUSED =>
        {
            ConnectError::Refused { to }
        }
        // Its transport closed while the handshake ran.
        ConnectionError::ApplicationClosed(_) => ConnectError::Refused { to },
        ConnectionError::LocallyClosed => ConnectError::Closed { to },
        ConnectionError::TimedOut => ConnectError::TimedOut { to, after },
        other => ConnectError::Handshake { to, detail: other.to_string() },
    }
}

/// Our codes are 32 bits wide; a peer that sends more is not one of ours.
pub(super) fn code(code: VarInt) -> u32 {
    u32::try_from(code.into_inner()).unwrap_or(u32::MAX)
}

/// What [`Connection::binding`] is derived for; changing it makes nodes strangers to each other.
const BINDING_LABEL: &[u8] = b"EXPORTER-murmer-binding-1";
