//! What becomes of the packets of one socket: lost, late, twice, or sent as they are.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use quinn::udp::{EcnCodepoint, Transmit};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::Shared;
use crate::quic::socket::Held;

/// The way out of one socket.
pub(in crate::quic) struct Suffering {
    network: Arc<Shared>,
    from: SocketAddr,
    late: mpsc::Sender<(Instant, Packet)>,
}

struct Packet {
    destination: SocketAddr,
    ecn: Option<EcnCodepoint>,
    contents: Box<[u8]>,
    src_ip: Option<std::net::IpAddr>,
}

impl Suffering {
    /// For the socket at `from`, for as long as it is held.
    pub(in crate::quic) fn new(network: Arc<Shared>, from: SocketAddr, held: &Arc<Held>) -> Self {
        let (late, packets) = mpsc::channel(PACKETS_MAX);
        tokio::spawn(run(network.clone(), from, Arc::downgrade(held), packets));
        Self { network, from, late }
    }

    pub(in crate::quic) fn try_send(&self, held: &Held, transmit: &Transmit<'_>) -> io::Result<()> {
        if self.network.is_calm(self.from, canonical(transmit.destination)) {
            return held.socket.try_send(transmit);
        }
        let segment = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
        for contents in transmit.contents.chunks(segment) {
            let to = canonical(transmit.destination);
            for arrives_at in self.network.arrivals(self.from, to, contents.len()) {
                let packet = Packet {
                    destination: transmit.destination,
                    ecn: transmit.ecn,
                    contents: contents.into(),
                    src_ip: transmit.src_ip,
                };
                // Too many on their way: one more is lost.
                drop(self.late.try_send((arrives_at, packet)));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Suffering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suffering").field("from", &self.from).finish_non_exhaustive()
    }
}

/// Sends each packet when it is due, until the socket is let go of.
async fn run(
    network: Arc<Shared>,
    from: SocketAddr,
    held: Weak<Held>,
    mut packets: mpsc::Receiver<(Instant, Packet)>,
) {
    let mut under_way = BTreeMap::new();
    let mut count = 0_u64;
    loop {
        let due_at = under_way.first_key_value().map(|((at, _), _): (&(Instant, u64), &Packet)| *at);
        tokio::select! {
            // What is due first, or a busy sender would keep it waiting.
            biased;
            () = sleep_until(due_at.unwrap_or_else(Instant::now)), if due_at.is_some() => {
                let Some(held) = held.upgrade() else { return };
                let now = Instant::now();
                while let Some(packet) = under_way.first_entry().filter(|packet| packet.key().0 <= now) {
                    let packet = packet.remove();
                    if !network.is_cut(from, canonical(packet.destination)) {
                        packet.send(&held);
                    }
                }
            }
            late = packets.recv(), if under_way.len() < PACKETS_MAX => {
                let Some((at, packet)) = late else { return };
                // Those for the same moment keep their order.
                count += 1;
                under_way.insert((at, count), packet);
            }
        }
    }
}

impl Packet {
    fn send(&self, held: &Held) {
        let Self { destination, ecn, contents, src_ip } = self;
        let transmit =
            Transmit { destination: *destination, ecn: *ecn, contents, segment_size: None, src_ip: *src_ip };
        // No room in the kernel is one loss more.
        drop(held.socket.try_send(&transmit));
    }
}

/// An IPv4 peer of an IPv6 socket by its IPv4 address, as paths name it.
fn canonical(addr: SocketAddr) -> SocketAddr {
    SocketAddr::new(addr.ip().to_canonical(), addr.port())
}

/// Packets of one socket that are on their way; more are lost. Twice that many bytes are some megabytes.
const PACKETS_MAX: usize = 4_096;
