//! Packets nobody sound would send, written with the same layout as real ones.

use std::net::SocketAddr;

use bytes::{Buf, BufMut, Bytes};
use foca::{Codec, Header, Member as Claim, Message, PostcardCodec, State};
use murmer_membership::Member;
use murmer_wire::NodeId;
use serde::{Deserialize, Serialize};

/// An identity as packets carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WireId {
    pub(crate) node: NodeId,
    pub(crate) addr: SocketAddr,
    pub(crate) generation: u32,
}

impl WireId {
    pub(crate) fn of(member: &Member, generation: u32) -> Self {
        Self { node: member.id.clone(), addr: member.addr, generation }
    }
}

/// A packet from `src` to `dst`.
pub(crate) fn packet(src: WireId, dst: WireId, message: Message<WireId>, claims: &[Claim<WireId>]) -> Bytes {
    let header = Header { src, src_incarnation: 0, dst, message };
    let mut bytes = Vec::new();
    PostcardCodec.encode_header(&header, &mut bytes).expect("a Vec takes anything");
    if !claims.is_empty() {
        bytes.put_u16(u16::try_from(claims.len()).expect("claims are few"));
        for claim in claims {
            PostcardCodec.encode_member(claim, &mut bytes).expect("a Vec takes anything");
        }
    }
    bytes.into()
}

/// What a real packet says, for looking at what a machine sends.
pub(crate) fn header(bytes: &Bytes) -> Header<WireId> {
    let mut rest = &bytes[..];
    PostcardCodec.decode_header(&mut rest).expect("machines send packets")
}

/// What a real packet claims.
pub(crate) fn claims(bytes: &Bytes) -> Vec<Claim<WireId>> {
    let mut rest = &bytes[..];
    let _: Header<WireId> = PostcardCodec.decode_header(&mut rest).expect("machines send packets");
    let count = if rest.is_empty() { 0 } else { rest.get_u16() };
    (0..count).map(|_| PostcardCodec.decode_member(&mut rest).expect("machines send packets")).collect()
}

pub(crate) fn alive(member: &Member, generation: u32) -> Claim<WireId> {
    Claim::new(WireId::of(member, generation), 0, State::Alive)
}

pub(crate) fn dead(member: &Member, generation: u32) -> Claim<WireId> {
    Claim::new(WireId::of(member, generation), 0, State::Down)
}
