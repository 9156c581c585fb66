//! A SWIM packet taken apart, before foca sees it.
//!
//! foca applies whatever a packet says. Here it is taken apart, so that claims can be taken out,
//! and put together again.

use alloc::vec::Vec;

use bytes::{Buf, BufMut};
use foca::{Codec, Header, Message, PostcardCodec};

use super::PACKET_BYTES_MAX;
use super::id::SwimId;
use crate::Misbehaviour;

/// What a packet claims about one member.
pub(super) type Claim = foca::Member<SwimId>;

/// A packet of the right shape; who sent it is not checked yet.
pub(super) struct Packet {
    pub(super) header: Header<SwimId>,
    pub(super) claims: Vec<Claim>,
}

impl Packet {
    pub(super) fn read(mut bytes: &[u8]) -> Result<Self, Misbehaviour> {
        if bytes.len() > PACKET_BYTES_MAX {
            return Err(Misbehaviour::TooLong { bytes: bytes.len() });
        }
        let header: Header<SwimId> =
            PostcardCodec.decode_header(&mut bytes).map_err(|_| Misbehaviour::Malformed)?;
        let mut claims = Vec::new();
        if bytes.remaining() >= COUNT_BYTES {
            for _ in 0..bytes.get_u16() {
                claims.push(PostcardCodec.decode_member(&mut bytes).map_err(|_| Misbehaviour::Malformed)?);
            }
        }
        let carries = !claims.is_empty();
        // Nothing of ours is broadcast through SWIM, and an announcement carries nothing.
        let is_sound = match header.message {
            Message::Broadcast => false,
            Message::Announce | Message::TurnUndead => !carries,
            Message::Ping(_)
            | Message::Ack(_)
            | Message::PingReq { .. }
            | Message::IndirectPing { .. }
            | Message::IndirectAck { .. }
            | Message::ForwardedAck { .. }
            | Message::Feed
            | Message::Gossip => true,
        };
        if bytes.has_remaining() || !is_sound {
            return Err(Misbehaviour::Malformed);
        }
        Ok(Self { header, claims })
    }

    /// The packet as foca reads it.
    ///
    /// `None` if it can't be written, which doesn't happen to one that was read and only shrank.
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(PACKET_BYTES_MAX);
        PostcardCodec.encode_header(&self.header, &mut bytes).ok()?;
        if !self.claims.is_empty() {
            bytes.put_u16(u16::try_from(self.claims.len()).ok()?);
            for claim in &self.claims {
                PostcardCodec.encode_member(claim, &mut bytes).ok()?;
            }
        }
        Some(bytes)
    }
}

/// Before the claims of a packet comes their number.
const COUNT_BYTES: usize = 2;
