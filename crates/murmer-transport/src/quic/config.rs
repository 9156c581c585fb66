//! Settings of a QUIC transport, and what they are in quinn's terms.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, EndpointConfig, IdleTimeout, MtuDiscoveryConfig, ServerConfig, VarInt};
use quinn_proto::HashedConnectionIdGenerator;
use ring::hmac;

use crate::limits::within;
use crate::{Limits, SettingError};

/// Settings of a [`QuicTransport`](crate::QuicTransport). The default suits a LAN.
///
/// Windows are of two kinds: what peers may send ahead of their readers is in [`Limits`], what this side may
/// have under way in [`send_window`](Self::send_window).
///
/// # Examples
///
/// ```
/// use murmer_transport::{Limits, QuicConfig};
/// use std::time::Duration;
///
/// // Jumbo frames throughout, and a crash that shows after 2 s.
/// let limits = Limits { idle_timeout: Duration::from_secs(2), ..Limits::default() };
/// let keep_alive = Duration::from_millis(500);
/// let config = QuicConfig { limits, keep_alive, mtu_max: 6_000, ..QuicConfig::default() };
/// assert!(config.check().is_ok());
///
/// let error = QuicConfig { mtu_max: 9_000, ..config }.check().unwrap_err();
/// assert_eq!(error.to_string(), "mtu_max must be 1,200 to 6,000, not 9000");
/// ```
#[derive(Clone)]
pub struct QuicConfig {
    /// What peers may use; see there.
    pub limits: Limits,
    /// How often a connection that is otherwise quiet says that it lives.
    ///
    /// 10 ms up to a third of [`Limits::idle_timeout`]. It also bounds how long a restart of the peer
    /// stays unnoticed on a quiet connection. The default of 2 s costs a packet of 30 bytes per peer.
    pub keep_alive: Duration,
    /// Bytes sent but not acknowledged, and bytes waiting to be sent, on one connection.
    ///
    /// 64 KiB to 1 GiB. The default of 16 MiB fills ten gigabits up to a round trip of 13 ms.
    /// A sixteenth more is kept for chunks of up to 4 KiB and streams of a raised
    /// [priority](crate::SendHalf::set_priority), so that they need not wait behind all the others.
    pub send_window: u64,
    /// What a round trip is taken for until one was measured.
    ///
    /// 1 ms to 1 s. Three of it pass before a lost first packet is sent again. The default of 100 ms is
    /// a distant region; RFC 9002 proposes 333 ms for the whole internet.
    pub initial_rtt: Duration,
    /// The bytes of UDP payload that are sent before the path's MTU was found out.
    ///
    /// 1,200, which every path that carries QUIC must pass, up to `mtu_max`. The default is 1,200; a
    /// larger one on a path that does not carry it costs seconds at each connect.
    pub initial_mtu: u16,
    /// The bytes of UDP payload up to which a larger MTU is searched for, and accepted.
    ///
    /// 1,200, which turns the search off, to 6,000, which doubles bulk throughput on loopback and jumbo
    /// frames; beyond, batches of segments outgrow what the kernel takes. The default of 1,452 is
    /// Ethernet's, less IPv6 and UDP headers.
    pub mtu_max: u16,
    /// Whether many packets are handed to the kernel at once (GSO).
    ///
    /// On by default: without it, bulk throughput is a third. Off helps with drivers that get it wrong.
    pub segmentation_offload: bool,
    /// Packets that a peer receives before it has to acknowledge them at once; until then it may wait for something else
    /// to say, for 25 ms at the most (RFC 9000, section 13.2.1).
    ///
    /// 1 to 64. The default of 10 saves a third of all packets where messages go both ways, and a loss shows as soon, by
    /// the packets behind it. Peers that know nothing of QUIC's acknowledgement frequency acknowledge every other packet.
    pub packets_per_ack: u32,
    /// Bytes of the kernel's receive buffer; `None` leaves the system's default.
    ///
    /// 4 KiB to 1 GiB; a wish, since the kernel gives no more than it allows (`net.core.rmem_max` on Linux). The
    /// default of 4 MiB holds what arrives while the thread that reads is kept from running for a few
    /// milliseconds; what finds no room is lost.
    pub socket_receive_buffer: Option<usize>,
    /// Bytes of the kernel's send buffer; `None`, which is the default, leaves the system's.
    ///
    /// 4 KiB to 1 GiB; a wish as well (`net.core.wmem_max`). A full one makes senders wait and loses nothing, so
    /// there is little to gain.
    pub socket_send_buffer: Option<usize>,
    /// A secret that stays the same when this process is restarted at the same address.
    ///
    /// With it, peers are told within a round trip that the process no longer knows their connections
    /// (a stateless reset, RFC 9000, section 10.3); without, they wait out the idle timeout. Nothing can
    /// be read or forged with it but such a reset. `None` by default.
    pub stable_key: Option<[u8; 32]>,
}

impl Default for QuicConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            keep_alive: Duration::from_secs(2),
            send_window: 16 << 20,
            initial_rtt: Duration::from_millis(100),
            initial_mtu: MTU_MIN,
            mtu_max: 1_452,
            segmentation_offload: true,
            packets_per_ack: 10,
            socket_receive_buffer: Some(4 << 20),
            socket_send_buffer: None,
            stable_key: None,
        }
    }
}

impl QuicConfig {
    /// Checks every range, those of the limits included.
    ///
    /// # Errors
    ///
    /// [`SettingError`] names the first that is wrong, and what it must be.
    pub fn check(&self) -> Result<(), SettingError> {
        self.limits.check()?;
        let alive = Duration::from_millis(10)..=self.limits.idle_timeout / 3;
        let rtt = Duration::from_millis(1)..=Duration::from_secs(1);
        within("keep_alive", &self.keep_alive, alive, "10 ms to a third of idle_timeout")?;
        within("send_window", &self.send_window, 64 << 10..=1 << 30, "64 KiB to 1 GiB")?;
        within("initial_rtt", &self.initial_rtt, rtt, "1 ms to 1 s")?;
        within("mtu_max", &self.mtu_max, MTU_MIN..=MTU_MAX, "1,200 to 6,000")?;
        within("initial_mtu", &self.initial_mtu, MTU_MIN..=self.mtu_max, "1,200 to mtu_max")?;
        within("packets_per_ack", &self.packets_per_ack, 1..=64, "1 to 64")?;
        for (setting, bytes) in [
            ("socket_receive_buffer", self.socket_receive_buffer),
            ("socket_send_buffer", self.socket_send_buffer),
        ] {
            if let Some(bytes) = bytes {
                within(setting, &bytes, SOCKET_BUFFER, "4 KiB to 1 GiB")?;
            }
        }
        Ok(())
    }

    /// To be called on settings that are in range.
    pub(super) fn transport(&self) -> quinn::TransportConfig {
        let limits = &self.limits;
        let idle = IdleTimeout::try_from(limits.idle_timeout).expect("an hour at most, checked before");
        let mut search = MtuDiscoveryConfig::default();
        search.upper_bound(self.mtu_max);
        let mut acks = quinn::AckFrequencyConfig::default();
        // Those that may come without one; the next brings it.
        acks.ack_eliciting_threshold(VarInt::from_u32(self.packets_per_ack - 1));
        let mut config = quinn::TransportConfig::default();
        config
            .ack_frequency_config(Some(acks))
            .max_idle_timeout(Some(idle))
            .keep_alive_interval(Some(self.keep_alive))
            .max_concurrent_bidi_streams(VarInt::from_u32(limits.stranger_streams))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .stream_receive_window(VarInt::from_u32(limits.stream_window))
            .receive_window(VarInt::from_u32(limits.stranger_window))
            .send_window(self.send_window)
            .datagram_send_buffer_size(limits.datagram_send_buffer)
            .datagram_receive_buffer_size(Some(limits.datagram_receive_buffer))
            .initial_rtt(self.initial_rtt)
            .initial_mtu(self.initial_mtu)
            .mtu_discovery_config((self.mtu_max > self.initial_mtu).then_some(search))
            .enable_segmentation_offload(self.segmentation_offload);
        config
    }

    pub(super) fn server(
        &self,
        tls: QuicServerConfig,
        transport: &Arc<quinn::TransportConfig>,
    ) -> ServerConfig {
        let mut config = ServerConfig::with_crypto(Arc::new(tls));
        config
            .transport_config(transport.clone())
            // Nodes don't roam; an address that changes is a new connection.
            .migration(false)
            .max_incoming(self.limits.untrusted_max)
            .incoming_buffer_size(INCOMING_BYTES_MAX)
            .incoming_buffer_size_total(INCOMING_BYTES_TOTAL_MAX);
        config
    }

    pub(super) fn client(
        &self,
        tls: QuicClientConfig,
        transport: Arc<quinn::TransportConfig>,
    ) -> ClientConfig {
        let mut config = ClientConfig::new(Arc::new(tls));
        config.transport_config(transport);
        config
    }

    pub(super) fn endpoint(&self) -> EndpointConfig {
        let mut config = match &self.stable_key {
            Some(key) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, key);
                let reset = hmac::sign(&key, b"murmer/1 stateless reset");
                let ids = hmac::sign(&key, b"murmer/1 connection ids");
                let ids = ids.as_ref().first_chunk().expect("a SHA-256 tag has more than eight bytes");
                let ids = u64::from_be_bytes(*ids);
                let reset = hmac::Key::new(hmac::HMAC_SHA256, reset.as_ref());
                let mut config = EndpointConfig::new(Arc::new(reset));
                // Ids that don't look like our own are dropped before a reset is considered, so the
                // generator must outlive the process as well.
                config.cid_generator(move || Box::new(HashedConnectionIdGenerator::from_key(ids)));
                config
            }
            None => EndpointConfig::default(),
        };
        config
            .max_udp_payload_size(self.mtu_max.max(UDP_PAYLOAD_DEFAULT))
            .expect("it is between what was checked and quinn's own");
        config
    }
}

impl std::fmt::Debug for QuicConfig {
    /// Everything but the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QuicConfig")
            .field("limits", &self.limits)
            .field("keep_alive", &self.keep_alive)
            .field("send_window", &self.send_window)
            .field("initial_rtt", &self.initial_rtt)
            .field("initial_mtu", &self.initial_mtu)
            .field("mtu_max", &self.mtu_max)
            .field("segmentation_offload", &self.segmentation_offload)
            .field("packets_per_ack", &self.packets_per_ack)
            .field("socket_receive_buffer", &self.socket_receive_buffer)
            .field("socket_send_buffer", &self.socket_send_buffer)
            .field("stable_key", &self.stable_key.is_some())
            .finish()
    }
}

/// Bytes kept for a dialer whose handshake has not begun.
const INCOMING_BYTES_MAX: u64 = 64 << 10;
/// The same for all of them.
const INCOMING_BYTES_TOTAL_MAX: u64 = 4 << 20;
const MTU_MIN: u16 = 1_200;
const MTU_MAX: u16 = 6_000;
/// A kernel asked for less gives what it takes for the least.
const SOCKET_BUFFER: std::ops::RangeInclusive<usize> = 4 << 10..=1 << 30;
/// What quinn accepts unless told otherwise: Ethernet's MTU, less IPv4 and UDP headers.
const UDP_PAYLOAD_DEFAULT: u16 = 1_472;
