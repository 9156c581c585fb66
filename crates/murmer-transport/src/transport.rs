//! The seam: where connections come from, and what one can do.
//!
//! The contract stands here and is checked, line by line, by one suite that runs against all
//! implementors. Where they may differ, the text says so.

use std::fmt::Debug;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::{
    ConnectError, ConnectionEnd, ConnectionStats, DatagramError, Limits, RecvHalf, SendHalf, StreamEnd,
};

/// One local address: it dials, and is dialed, from the same port.
///
/// Dropping it ends its connections like [`close`](Self::close), without waiting for anything.
pub trait Transport: Debug + Send + Sync + 'static {
    /// What dialing and accepting give.
    type Connection: Connection;

    /// The address bound, with the port that was picked if none was asked for.
    fn local_addr(&self) -> SocketAddr;

    /// Dials `to`; ready once the connection is encrypted and can carry streams.
    ///
    /// Every call makes a connection of its own: two ends that dial each other get two. Ends within
    /// [`Limits::connect_timeout`](Limits::connect_timeout), whether or not anybody is there.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up; the other side may see a connection that closes.
    ///
    /// # Errors
    ///
    /// [`ConnectError`], which names `to`. There is no connection then, and trying again is safe.
    fn connect(&self, to: SocketAddr) -> impl Future<Output = Result<Self::Connection, ConnectError>> + Send;

    /// The next connection that somebody dialed, ready for streams; `None` once closed.
    ///
    /// Handshakes run beside each other and have three seconds each, so a slow dialer holds up nobody.
    /// A connection counts against [`Limits::untrusted_max`](Limits::untrusted_max) until it is
    /// trusted, closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    fn accept(&self) -> impl Future<Output = Option<Self::Connection>> + Send;

    /// Ends all connections, so that peers see [`ConnectionEnd::ClosedByPeer`] with code 0, and waits,
    /// two seconds at most, until the port can be bound again.
    ///
    /// Handles to the ended connections may live on; they don't hold the port.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// One end of a connection. Clones are the same end.
///
/// - Bytes of a stream arrive in order, whole and once, or the stream ends with an error. Streams don't
///   wait for each other.
/// - A stream is invisible to the peer until something was sent on it, or on one opened later: streams
///   are accepted in the order in which they were opened.
/// - When a connection ends, all of its streams end. Bytes under way are lost; streams, bytes and
///   datagrams that had arrived can still be taken, and only then does the end show.
/// - A peer that is silent for [`Limits::idle_timeout`](Limits::idle_timeout) is given up:
///   [`ConnectionEnd::TimedOut`]. A peer that restarted and forgot the connection is noticed within a
///   round trip of the next packet: [`ConnectionEnd::Reset`].
/// - Dropping the last handle of an end, its streams' halves included, closes it with code 0.
pub trait Connection: Debug + Clone + Send + Sync + 'static {
    /// The half that sends.
    type Sender: SendHalf;
    /// The half that receives.
    type Receiver: RecvHalf;

    /// Where the peer's packets come from.
    ///
    /// An IPv4 peer of an IPv6 socket shows its IPv4 address.
    fn remote_addr(&self) -> SocketAddr;

    /// Thirty-two bytes that the two ends of this connection share and nobody else can know, not even
    /// somebody who relays it.
    ///
    /// For QUIC a TLS exporter (RFC 8446, section 7.5); in memory, dice.
    fn binding(&self) -> [u8; 32];

    /// The peer's certified identity; `None` if all it showed is a key that it made itself.
    fn peer(&self) -> Option<Bytes>;

    /// Opens a stream; waits while the peer's stream limit is used up.
    ///
    /// # Cancel safety
    ///
    /// No stream was opened when the future is dropped early.
    ///
    /// # Errors
    ///
    /// The connection has ended.
    fn open_stream(
        &self,
    ) -> impl Future<Output = Result<(Self::Sender, Self::Receiver), ConnectionEnd>> + Send;

    /// The next stream that the peer opened.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// The connection has ended, and no stream is left that arrived before.
    fn accept_stream(
        &self,
    ) -> impl Future<Output = Result<(Self::Sender, Self::Receiver), ConnectionEnd>> + Send;

    /// Sends `datagram` once: it arrives whole or not at all, in any order. Never waits; when datagrams
    /// pile up the oldest are dropped, silently, at either end.
    ///
    /// # Errors
    ///
    /// [`DatagramError`]; nothing was sent.
    fn send_datagram(&self, datagram: Bytes) -> Result<(), DatagramError>;

    /// The next datagram from the peer.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// The connection has ended, and no datagram is left that arrived before.
    fn recv_datagram(&self) -> impl Future<Output = Result<Bytes, ConnectionEnd>> + Send;

    /// The largest datagram that can be sent now, in bytes: at least 1,150 on any path that carries
    /// QUIC at all. It may move as the path's MTU is learnt.
    fn datagram_bytes_max(&self) -> usize;

    /// What this end holds its peer to.
    fn limits(&self) -> &Limits;

    /// Lifts the limits on strangers; see [`Limits`]. Once is enough.
    ///
    /// To be called when the peer has proven who it is. It frees the place that an accepted connection
    /// takes among those not yet trusted.
    fn trust(&self);

    /// How many streams the peer may have open at once, from [`trust`](Self::trust) on.
    ///
    /// Starts at [`Limits::streams`](Limits::streams); more than
    /// [`Limits::streams_hard_max`](Limits::streams_hard_max) is taken as that. A smaller number
    /// than before takes nothing back: it holds as streams end. Memory is paid for the number, not for
    /// its use, so raise it on demand, and by more than an eighth: the peer need not be told of fewer
    /// places, neither of new ones nor of those that ended streams leave, until there are so many.
    fn set_streams_max(&self, n: u32);

    /// What this end has sent, received and lost so far, and how far the peer is. Cheap enough to be asked every
    /// second; what is counted is counted anyway.
    fn stats(&self) -> ConnectionStats;

    /// Ends the connection, at once and with all its streams. The peer learns `code` and `reason` if it
    /// can be reached; keep `reason` under a kilobyte. Closing again does nothing.
    fn close(&self, code: u32, reason: &[u8]);

    /// Waits for the end, whoever brings it about, and says what it was.
    ///
    /// # Cancel safety
    ///
    /// Can be dropped and asked again; the answer stays the same.
    fn closed(&self) -> impl Future<Output = ConnectionEnd> + Send;
}

impl From<ConnectionEnd> for StreamEnd {
    fn from(end: ConnectionEnd) -> Self {
        Self::Connection(end)
    }
}
