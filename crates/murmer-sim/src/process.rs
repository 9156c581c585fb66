//! One life of one node, and what it has said so far.
//!
//! Doesn't know about the other nodes, nor whether what it says is true.

use std::collections::BTreeMap;

use murmer_membership::Swim;
use murmer_node::{Introduction, Node};
use murmer_wire::{ActorId, ActorNumber, Label};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) who: Introduction,
    pub(crate) node: Node<Swim>,
    /// The sites whose addresses it was given as seeds.
    pub(crate) seeds: Vec<usize>,
    pub(crate) dials: u64,
    /// The actors of others it has told of and not taken back.
    pub(crate) view: BTreeMap<ActorId, Label>,
    /// Its own actors, as registered now.
    pub(crate) actors: BTreeMap<ActorNumber, Label>,
    pub(crate) last_actor: u64,
    pub(crate) is_leaving: bool,
}
