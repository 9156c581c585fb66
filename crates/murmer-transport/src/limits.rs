//! What a peer may use of us, and how long things may take: the same for every transport.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::SettingError;

/// Limits of one transport, in bytes, streams, connections and time.
///
/// Each says its range and why its default is what it is. A peer is a stranger until
/// [`trust`](crate::Connection::trust); limits on strangers are a thousandth of those on members, since
/// anybody can be one.
///
/// # Examples
///
/// ```
/// use murmer_transport::Limits;
///
/// // A line of ten gigabits with a round trip of 5 ms carries 6 MiB while one acknowledgement travels.
/// let limits = Limits { stream_window: 8 << 20, connection_window: 256 << 20, ..Limits::default() };
/// assert!(limits.check().is_ok());
/// let error = Limits { stream_window: 64 << 20, ..limits }.check().unwrap_err();
/// assert_eq!(error.to_string(), "stream_window must be 1 KiB to 16 MiB, not 67108864");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long a peer may be silent before its connection is given up.
    ///
    /// 100 ms to an hour, and at least three times the keep-alive, or one lost packet ends a healthy
    /// connection. The default is 8 s: four keep-alives.
    pub idle_timeout: Duration,
    /// How long dialing waits for an answer.
    ///
    /// 100 ms to 5 s. The default of 3 s lets the first packet be lost three times over.
    pub connect_timeout: Duration,
    /// Bytes that the peer may send on one stream ahead of its reader.
    ///
    /// 1 KiB to 16 MiB. The default of 512 KiB fills a gigabit link up to a round trip of 4 ms, and lets
    /// 256 streams that nobody reads fit into the connection's window.
    pub stream_window: u32,
    /// Bytes that a trusted peer may send on all streams together ahead of their readers.
    ///
    /// At least twice `stream_window`, so that one stream that nobody reads leaves room for others, up to 1 GiB;
    /// this much memory can each peer cost. The default of 128 MiB is what 256 such streams fill.
    pub connection_window: u32,
    /// The same for a stranger.
    ///
    /// 1 KiB up to `connection_window`. The default of 16 KiB is ample for a handshake.
    pub stranger_window: u32,
    /// Streams that a trusted peer may have open, unless
    /// [`set_streams_max`](crate::Connection::set_streams_max) says otherwise.
    ///
    /// 1 up to `streams_hard_max`. The default of 64 costs some kilobytes per connection.
    pub streams: u32,
    /// The most streams that can be allowed to one peer.
    ///
    /// 1 to 65,536. The default of 16,384 costs 1.3 MB per connection that is allowed so many.
    pub streams_hard_max: u32,
    /// Streams that a stranger may have open.
    ///
    /// Up to `streams`. The default of 1 is for the handshake. 0 shuts strangers out.
    pub stranger_streams: u32,
    /// Bytes of datagrams waiting to be sent on one connection; beyond it the oldest are dropped.
    ///
    /// 2 KiB to 1 MiB. Datagrams are for news that ages, so the default is small: 64 KiB.
    pub datagram_send_buffer: usize,
    /// Bytes of datagrams waiting to be taken from one connection; beyond it the oldest are dropped.
    ///
    /// 2 KiB to 1 MiB. The default of 256 KiB bounds what all strangers together can fill to 64 MiB.
    pub datagram_receive_buffer: usize,
    /// Accepted connections whose peers are still strangers, handshakes included; beyond it dialers are
    /// refused.
    ///
    /// 1 to 65,536. The default of 256 lets a thousand nodes join within seconds.
    pub untrusted_max: usize,
    /// The same for one IP address.
    ///
    /// 1 up to `untrusted_max`. The default is 16. Raise it where many nodes share an address, behind
    /// one NAT or in a test on one machine.
    pub untrusted_per_address_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(8),
            connect_timeout: Duration::from_secs(3),
            stream_window: 512 << 10,
            connection_window: 128 << 20,
            stranger_window: 16 << 10,
            streams: 64,
            streams_hard_max: 16_384,
            stranger_streams: 1,
            datagram_send_buffer: 64 << 10,
            datagram_receive_buffer: 256 << 10,
            untrusted_max: 256,
            untrusted_per_address_max: 16,
        }
    }
}

impl Limits {
    /// Checks every range.
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the first that is wrong, and what it must be.
    pub fn check(&self) -> Result<(), SettingError> {
        let time = Duration::from_millis(100)..=Duration::from_secs(3_600);
        let dial = Duration::from_millis(100)..=Duration::from_secs(5);
        let stream = 1 << 10..=16 << 20;
        let connection = self.stream_window.saturating_mul(2)..=1 << 30;
        let stranger = 1 << 10..=self.connection_window;
        let datagrams = 2 << 10..=1 << 20;
        within("idle_timeout", &self.idle_timeout, time, "100 ms to an hour")?;
        within("connect_timeout", &self.connect_timeout, dial, "100 ms to 5 s")?;
        within("stream_window", &self.stream_window, stream, "1 KiB to 16 MiB")?;
        within("connection_window", &self.connection_window, connection, "twice stream_window to 1 GiB")?;
        within("stranger_window", &self.stranger_window, stranger, "1 KiB to connection_window")?;
        within("streams_hard_max", &self.streams_hard_max, 1..=65_536, "1 to 65,536")?;
        within("streams", &self.streams, 1..=self.streams_hard_max, "1 to streams_hard_max")?;
        within("stranger_streams", &self.stranger_streams, 0..=self.streams, "at most streams")?;
        within("datagram_send_buffer", &self.datagram_send_buffer, datagrams.clone(), "2 KiB to 1 MiB")?;
        within("datagram_receive_buffer", &self.datagram_receive_buffer, datagrams, "2 KiB to 1 MiB")?;
        within("untrusted_max", &self.untrusted_max, 1..=65_536, "1 to 65,536")?;
        let places = 1..=self.untrusted_max;
        within("untrusted_per_address_max", &self.untrusted_per_address_max, places, "1 to untrusted_max")
    }
}

/// `Ok` if a setting keeps to its range, which `range` says in words.
pub(crate) fn within<T: PartialOrd + Debug>(
    setting: &'static str,
    given: &T,
    values: RangeInclusive<T>,
    range: &'static str,
) -> Result<(), SettingError> {
    if values.contains(given) {
        return Ok(());
    }
    Err(SettingError { setting, range, given: format!("{given:?}") })
}
