//! What registries say to each other.
//!
//! Every list is cut off while it is being decoded, so that a frame of single-byte items can't grow
//! to many times its size in memory.

use alloc::vec::Vec;

use murmer_wire::{ActorNumber, Label, NodeId, TypeName, at_most};
use serde::{Deserialize, Serialize};

use crate::Attributes;
use crate::attributes::NAME_LENGTH_BYTES;

/// One message on the registry stream of a link. Encode it with [`murmer_wire::encode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The first word on a link, and repeated until answered with a [`Digest`].
    Versions(Versions),
    /// Consecutive changes of a log.
    Ops {
        /// Whose log. Must be the sender's own.
        origin: NodeId,
        /// The position of the first, counted from 1.
        first: u64,
        /// The changes: 1 to [`OPS_PER_MESSAGE_MAX`].
        #[serde(deserialize_with = "at_most::<_, _, OPS_PER_MESSAGE_MAX>")]
        ops: Vec<Op>,
    },
    /// A piece of what a log amounts to.
    Snapshot(Chunk),
    /// All up to and including this position of your log is applied.
    Ack {
        /// The position.
        applied: u64,
    },
    /// This chunk of the snapshot at `upto`, and all before it, arrived.
    ChunkAck {
        /// Which snapshot.
        upto: u64,
        /// Which chunk, counted from 0.
        index: u32,
    },
    /// Something is missing: send what follows this position again; or, if there is none, a snapshot.
    Again {
        /// The last position that is held.
        after: Option<u64>,
    },
    /// What you should hold. Answers [`Versions`], then repeated now and then.
    Digest(Digest),
}

/// What one end of a link holds and knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Counts the sender's links, from 1: tells a repetition from a fresh start.
    pub session: u64,
    /// The `session` of the receiver's that the sender has read on this link; 0 if none, which asks
    /// for it.
    pub heard: u64,
    /// How much of the receiver's log the sender holds.
    pub applied: u64,
    /// The largest logical time the sender knows of.
    pub lamport: u64,
    /// How many actors the sender has that got no logical time yet, having been told to nobody.
    pub waiting: u64,
}

/// What a log amounts to, in four numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The last position sent to the receiver before this: if it holds less, something got lost.
    pub sent: u64,
    /// The last position there is.
    pub head: u64,
    /// How many actors are registered at `head`.
    pub live: u64,
    /// What stands for them all, in any order.
    pub fingerprint: u64,
}

/// A piece of a snapshot. All pieces of one repeat the same head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Whose log. Must be the sender's own.
    pub origin: NodeId,
    /// The position up to which the snapshot stands for the log.
    pub upto: u64,
    /// How many records all chunks hold together.
    pub live: u64,
    /// What stands for them all, in any order.
    pub fingerprint: u64,
    /// The origin has left; then there are no records.
    pub left: bool,
    /// Which chunk this is, counted from 0.
    pub index: u32,
    /// No chunk follows.
    pub last: bool,
    /// At most [`CHUNK_RECORDS_MAX`].
    #[serde(deserialize_with = "at_most::<_, _, CHUNK_RECORDS_MAX>")]
    pub records: Vec<Record>,
}

/// One change of a log.
///
/// There is no change that stands for "nothing": positions are given when changes are first sent, so
/// an actor that comes and goes in between takes none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// An actor is registered.
    ActorAdd(Record),
    /// Its node says other things of a registered actor now. Takes the place of all it said before.
    ActorUpdate {
        /// Which.
        number: ActorNumber,
        /// What.
        attributes: Attributes,
    },
    /// An actor is registered no longer. Names the number, so it can't hit a successor under the
    /// same label.
    ActorRemove {
        /// Which.
        number: ActorNumber,
    },
    /// The node leaves, with all its actors. Nothing follows.
    Leave,
}

/// An actor as its own node describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its number there.
    pub number: ActorNumber,
    /// What it is looked up by; `None` if it is anonymous.
    pub label: Option<Label>,
    /// What it is.
    pub actor_type: TypeName,
    /// When it was first told to anyone.
    pub lamport: u64,
    /// Who hears of it, and its groups.
    pub attributes: Attributes,
}

impl Op {
    /// An upper bound of its encoded size, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::ActorAdd(record) => 1 + record.bytes(),
            Self::ActorUpdate { attributes, .. } => 1 + VARINT_BYTES_MAX + attributes.bytes(),
            Self::ActorRemove { .. } => 1 + VARINT_BYTES_MAX,
            Self::Leave => 1,
        }
    }
}

impl Record {
    /// An upper bound of its encoded size, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let names =
            self.label.as_ref().map_or(0, |label| label.as_str().len()) + self.actor_type.as_str().len();
        2 * VARINT_BYTES_MAX + 1 + 2 * NAME_LENGTH_BYTES + names + self.attributes.bytes()
    }
}

/// The most changes one message carries; as many waiting are sent at once.
pub const OPS_PER_MESSAGE_MAX: usize = 256;
/// The most bytes of changes one message carries; as many waiting are sent at once.
pub const OPS_BYTES_MAX: usize = 32 << 10;
/// The most records one chunk of a snapshot carries.
pub const CHUNK_RECORDS_MAX: usize = 2_048;

const VARINT_BYTES_MAX: usize = 10;
