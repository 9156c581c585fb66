//! Forgeries: what a member might say, over its own links, in the name of others.
//!
//! A forger lies about others, not about itself: its own log and its own leave are its own to tell.
//! Doesn't know what the lies lead to.

use std::net::SocketAddr;

use bytes::{BufMut, Bytes};
use foca::{Codec, Header, Member as Claim, Message as Gossip, PostcardCodec, State};
use murmer_node::{Control, Introduction};
use murmer_registry::{Attributes, Chunk, Digest, Message, Op, Record, Versions};
use murmer_wire::{ActorNumber, Incarnation, Label, NodeId, NodeName, TypeName};
use serde::{Deserialize, Serialize};

use super::Sim;
use crate::cable::{End, Packet, Word};
use crate::fault::Fault;

/// A member's identity as packets carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WireId {
    node: NodeId,
    addr: SocketAddr,
    generation: u32,
}

/// Who lies to whom, and about whom.
struct Plot {
    /// The receiver's end of the connection.
    to: End,
    forger: Introduction,
    receiver: Introduction,
    victim: Introduction,
}

impl Sim {
    /// A member sends a packet that no sound one would send.
    pub(super) fn forge_gossip(&mut self) -> bool {
        let Some(plot) = self.plot(Fault::ForgedGossip) else { return false };
        let packet = self.packet(&plot);
        let Plot { to, forger, receiver, victim } = plot;
        self.trace.say(self.now, || {
            format!("FAULT {} forges for {} about {}: {packet:?}", forger.id, receiver.id, victim.id)
        });
        self.packet_arrived(Packet { to, packet });
        true
    }

    fn packet(&mut self, plot: &Plot) -> Bytes {
        let (kind, roll) = (self.dice(Fault::ForgedGossip).below(9), self.dice(Fault::ForgedGossip).roll());
        let Plot { forger, receiver, victim, .. } = plot;
        let wire =
            |who: &Introduction, generation| WireId { node: who.id.clone(), addr: who.addr, generation };
        let (us, them, it) = (wire(forger, 0), wire(receiver, 0), wire(victim, 0));
        let about = |claim| write(&us, &them, Gossip::Gossip, &[claim]);
        let later =
            WireId { node: NodeId { name: victim.id.name.clone(), incarnation: Incarnation::MAX }, ..it };
        match kind {
            0 => about(Claim::new(it, 0, State::Down)),
            1 => about(Claim::new(later, 0, State::Alive)),
            2 => about(Claim::new(WireId { generation: 1 + (roll % 3) as u32, ..it }, 0, State::Alive)),
            3 => about(Claim::new(WireId { generation: u32::MAX, ..it }, 0, State::Down)),
            4 => about(Claim::new(it, u16::MAX, State::Suspect)),
            5 => write(&us, &them, Gossip::TurnUndead, &[]),
            // In the name of another, over the forger's own link.
            6 => write(&it, &them, Gossip::Gossip, &[Claim::new(us.clone(), 0, State::Down)]),
            7 => about(Claim::new(ghost(roll), 0, State::Alive)),
            _ => Bytes::from(roll.to_le_bytes().repeat(1 + (roll % 100) as usize)),
        }
    }

    /// A member says to another's registry, or node, what is not so.
    pub(super) fn forge_words(&mut self) -> bool {
        let Some(plot) = self.plot(Fault::ForgedWords) else { return false };
        let (kind, roll) = (self.dice(Fault::ForgedWords).below(10), self.dice(Fault::ForgedWords).roll());
        let origin = plot.victim.id.clone();
        let number = ActorNumber(1 + roll % 8);
        let word = match kind {
            0 => {
                registry(Message::Ops { origin, first: 1 + roll % 20, ops: vec![Op::ActorRemove { number }] })
            }
            1 => registry(Message::Ops {
                origin,
                first: 1 + roll % 20,
                ops: vec![Op::ActorAdd(record(number))],
            }),
            2 => registry(Message::Ops { origin, first: 1 + roll % 20, ops: vec![Op::Leave] }),
            3 => registry(Message::Snapshot(chunk(origin, roll % 200))),
            4 => registry(Message::Ack { applied: roll }),
            5 => registry(Message::ChunkAck { upto: roll % 50, index: (roll >> 32) as u32 }),
            6 => registry(Message::Again { after: (!roll.is_multiple_of(3)).then_some(roll % 64) }),
            7 => registry(Message::Versions(Versions {
                session: 0,
                heard: 0,
                applied: roll,
                lamport: roll,
                waiting: 0,
            })),
            8 => registry(Message::Digest(Digest { sent: 1, head: 0, live: roll, fingerprint: roll })),
            _ => Word::Control(Control::Pong(roll % 16)),
        };
        self.trace
            .say(self.now, || format!("FAULT {} forges for {}: {word:?}", plot.forger.id, plot.receiver.id));
        let forger = self.site_of(plot.to.other()).and_then(|site| self.sites[site].process.as_mut());
        forger.into_iter().for_each(|forger| forger.has_forged = true);
        self.send(plot.to.other(), word);
        true
    }

    /// Two nodes with a link, and a third to lie about.
    fn plot(&mut self, fault: Fault) -> Option<Plot> {
        let forger = self.some_site(fault);
        let (receiver, victim) = (self.some_site(fault), self.some_site(fault));
        if forger == receiver || victim == forger {
            return None;
        }
        let who = |site: usize| Some(self.sites[site].process.as_ref()?.who.clone());
        let (forger, receiver, victim) = (who(forger)?, who(receiver)?, who(victim)?);
        let link = self.sites.iter().filter_map(|place| place.process.as_ref());
        let link = link.filter(|process| process.who.id == receiver.id);
        let link = link.filter_map(|process| process.node.link_to(&forger.id)).next()?;
        Some(Plot { to: End::of(link), forger, receiver, victim })
    }
}

fn registry(message: Message) -> Word {
    Word::Registry(message)
}

fn write(src: &WireId, dst: &WireId, message: Gossip<WireId>, claims: &[Claim<WireId>]) -> Bytes {
    let header = Header { src: src.clone(), src_incarnation: 0, dst: dst.clone(), message };
    let mut bytes = Vec::new();
    PostcardCodec.encode_header(&header, &mut bytes).expect("a Vec takes anything");
    if !claims.is_empty() {
        bytes.put_u16(claims.len() as u16);
        for claim in claims {
            PostcardCodec.encode_member(claim, &mut bytes).expect("a Vec takes anything");
        }
    }
    bytes.into()
}

/// Somebody who never was.
fn ghost(roll: u64) -> WireId {
    let number = roll as usize % GHOSTS;
    let name = NodeName::new(&format!("ghost{number}")).expect("a word and a number make a name");
    let node = NodeId { name, incarnation: Incarnation::from(1) };
    WireId { node, addr: SocketAddr::from(([10, 0, 0, 1], GHOST_PORT + number as u16)), generation: 0 }
}

fn record(number: ActorNumber) -> Record {
    let label = Some(Label::new("label/forged").expect("a word makes a label"));
    let actor_type = TypeName::new("sim::Actor").expect("a path is a type's name");
    Record { number, label, actor_type, lamport: 1, attributes: Attributes::default() }
}

fn chunk(origin: NodeId, upto: u64) -> Chunk {
    Chunk { origin, upto, live: 0, fingerprint: 0, left: false, index: 0, last: true, records: Vec::new() }
}

/// How many that never were are told of.
pub(super) const GHOSTS: usize = 8;
/// Where nobody listens.
const GHOST_PORT: u16 = 60_000;
