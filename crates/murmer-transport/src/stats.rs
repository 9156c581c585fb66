//! What a connection has carried, in figures.

use std::time::Duration;

/// What one end of a connection has sent, received and lost since it began.
///
/// Over QUIC, bytes and packets are those of UDP, with all that is sent again and all that QUIC adds; in memory,
/// the bytes of streams and datagrams, and as many packets as there were pieces. A transport says zero of what it
/// doesn't know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionStats {
    /// The current estimate of a round trip.
    pub rtt: Duration,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Packets sent.
    pub packets_sent: u64,
    /// Packets received.
    pub packets_received: u64,
    /// Of those sent, how many are taken for lost.
    pub packets_lost: u64,
    /// Datagrams that went out.
    pub datagrams_sent: u64,
    /// Datagrams that came in, whether or not anybody took them.
    pub datagrams_received: u64,
    /// Streams, of either side, of which a half is held here.
    pub streams_open: u32,
}
