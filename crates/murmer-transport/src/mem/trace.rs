//! All that a network has delivered, as one number: what, when, from whom and to whom.

use std::net::{IpAddr, SocketAddr};

use tokio::time::Instant;

use super::end::Packet;

#[derive(Debug, Default)]
pub(super) struct Trace {
    /// When the first was delivered; instants differ from run to run.
    began: Option<Instant>,
    hash: u64,
}

impl Trace {
    pub(super) fn datagram(&mut self, now: Instant, from_to: [SocketAddr; 2], datagram: &[u8]) {
        self.head(now, from_to, 0);
        self.bytes(datagram);
    }

    pub(super) fn packet(&mut self, now: Instant, from_to: [SocketAddr; 2], packet: &Packet) {
        let (kind, stream, number, bytes): (u64, _, _, &[u8]) = match packet {
            Packet::Data { stream, bytes } => (1, Some(stream), 0, bytes),
            Packet::Finish { stream } => (2, Some(stream), 0, &[]),
            Packet::Reset { stream, code } => (3, Some(stream), u64::from(*code), &[]),
            Packet::Stop { stream, code } => (4, Some(stream), u64::from(*code), &[]),
            Packet::Room { stream, bytes } => (5, Some(stream), *bytes as u64, &[]),
            Packet::ConnectionRoom { bytes } => (6, None, *bytes as u64, &[]),
            Packet::Streams { more } => (7, None, *more, &[]),
            Packet::Close { code, reason } => (8, None, u64::from(*code), reason),
        };
        self.head(now, from_to, kind);
        self.number(stream.map_or(u64::MAX, |stream| stream.index << 1 | u64::from(stream.by_dialer)));
        self.number(number);
        self.bytes(bytes);
    }

    pub(super) const fn hash(&self) -> u64 {
        self.hash
    }

    fn head(&mut self, now: Instant, from_to: [SocketAddr; 2], kind: u64) {
        let began = *self.began.get_or_insert(now);
        self.number(now.saturating_duration_since(began).as_nanos() as u64);
        for addr in from_to {
            match addr.ip() {
                IpAddr::V4(ip) => self.bytes(&ip.octets()),
                IpAddr::V6(ip) => self.bytes(&ip.octets()),
            }
            self.number(u64::from(addr.port()));
        }
        self.number(kind);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        for eight in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..eight.len()].copy_from_slice(eight);
            self.number(u64::from_le_bytes(padded));
        }
    }

    /// One round of FxHash: quick, and the same on every machine.
    const fn number(&mut self, number: u64) {
        self.hash = (self.hash.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
