//! One life of one node as the world knows it: what it has registered in truth, and what it says its log is.
//!
//! The log is learnt from what the node itself sends. It sends the same to everybody, so it is put together
//! here once, and everybody's copy can be held against it at the position it stands at.
//!
//! Doesn't know who was sent what.

use std::collections::BTreeMap;

use murmer_registry::{Attributes, Chunk, Entry, Op, Record};
use murmer_wire::{ActorNumber, Label};

use crate::dice::hash;

/// A set of actors, with a number that stands for all of it in whatever order it came about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) actors: BTreeMap<ActorNumber, Actor>,
    sum: u64,
}

/// An actor in two numbers: who it is, and what its node says of it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Actor {
    who: u64,
    pub(crate) said: u64,
}

/// One life of one node.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// Every actor it ever started, and its label.
    pub(crate) started: BTreeMap<ActorNumber, Label>,
    /// Those of them that run.
    pub(crate) running: BTreeMap<ActorNumber, Label>,
    pub(crate) is_leaving: bool,
    /// What each op was, by position.
    ops: BTreeMap<u64, u64>,
    /// What the log amounts to after each position.
    sums: BTreeMap<u64, u64>,
    /// What it amounts to after the last that is known.
    head: Contents,
    known: u64,
    /// A snapshot that is being sent, by the cable it is sent on.
    chunks: BTreeMap<u64, Contents>,
}

impl Contents {
    /// False if the number was taken.
    pub(crate) fn insert(&mut self, number: ActorNumber, actor: Actor) -> bool {
        self.sum = self.sum.wrapping_add(actor.print());
        self.actors.insert(number, actor).is_none()
    }

    /// Other things are said of an actor; false if it isn't there.
    pub(crate) fn update(&mut self, number: ActorNumber, said: u64) -> bool {
        let Some(actor) = self.actors.get_mut(&number) else { return false };
        self.sum = self.sum.wrapping_sub(actor.print());
        actor.said = said;
        self.sum = self.sum.wrapping_add(actor.print());
        true
    }

    /// False if it wasn't there.
    pub(crate) fn remove(&mut self, number: ActorNumber) -> bool {
        let removed = self.actors.remove(&number);
        self.sum = self.sum.wrapping_sub(removed.map_or(0, Actor::print));
        removed.is_some()
    }

    pub(crate) const fn sum(&self) -> u64 {
        self.sum
    }
}

impl Actor {
    pub(crate) fn of_entry(entry: &Entry) -> Self {
        let who = who(entry.id.number, entry.label.as_ref(), entry.actor_type.as_str(), entry.lamport);
        Self { who, said: said(&entry.attributes) }
    }

    fn of_record(record: &Record) -> Self {
        let who = who(record.number, record.label.as_ref(), record.actor_type.as_str(), record.lamport);
        Self { who, said: said(&record.attributes) }
    }

    fn print(self) -> u64 {
        hash(&[self.who, self.said])
    }
}

impl Origin {
    /// Learns what the node sends of its log, and says what is wrong with it.
    pub(crate) fn learn_ops(&mut self, first: u64, ops: &[Op]) -> Result<(), (&'static str, String)> {
        for (op, position) in ops.iter().zip(first..) {
            let print = print_op(op);
            if let Some(before) = self.ops.get(&position) {
                if *before != print {
                    return Err(("one log", format!("op {position} is not what it was: {op:?}")));
                }
                continue;
            }
            if position <= self.known {
                // It was only ever sent as a part of a snapshot.
                continue;
            }
            if position != self.known + 1 {
                return Err(("one log", format!("op {position} follows {}", self.known)));
            }
            self.apply(op)?;
            self.known = position;
            self.ops.insert(position, print);
            self.sums.insert(position, self.head.sum());
        }
        Ok(())
    }

    /// Learns one chunk that is sent over `cable`.
    pub(crate) fn learn_chunk(&mut self, cable: u64, chunk: &Chunk) -> Result<(), (&'static str, String)> {
        if chunk.index == 0 {
            self.chunks.insert(cable, Contents::default());
        }
        let Some(contents) = self.chunks.get_mut(&cable) else { return Ok(()) };
        for record in &chunk.records {
            if self.started.get(&record.number) != record.label.as_ref() {
                return Err(("ownership", format!("a snapshot has {record:?}, which was never started")));
            }
            contents.insert(record.number, Actor::of_record(record));
        }
        if !chunk.last {
            return Ok(());
        }
        let whole = self.chunks.remove(&cable).unwrap_or_default();
        if let Some(sum) = self.sum_at(chunk.upto) {
            let is_same = sum == whole.sum();
            return if is_same {
                Ok(())
            } else {
                Err(("one log", format!("the snapshot at {} is not what the log was", chunk.upto)))
            };
        }
        if chunk.upto > self.known {
            self.known = chunk.upto;
            self.sums.insert(self.known, whole.sum());
            self.head = whole;
        }
        Ok(())
    }

    /// What the log amounts to after a position, if it was ever said.
    pub(crate) fn sum_at(&self, position: u64) -> Option<u64> {
        if position == 0 { Some(0) } else { self.sums.get(&position).copied() }
    }

    fn apply(&mut self, op: &Op) -> Result<(), (&'static str, String)> {
        match op {
            Op::ActorAdd(record) => {
                let is_true = self.started.get(&record.number) == record.label.as_ref();
                if !is_true || !self.head.insert(record.number, Actor::of_record(record)) {
                    return Err(("ownership", format!("the log has {record:?}, which was not started")));
                }
            }
            Op::ActorUpdate { number, attributes } => {
                if !self.head.update(*number, said(attributes)) {
                    return Err(("ownership", format!("the log updates {number:?}, which it has not")));
                }
            }
            Op::ActorRemove { number } => {
                if self.running.contains_key(number) || !self.head.remove(*number) {
                    return Err(("ownership", format!("the log removes {number:?}, which was not stopped")));
                }
            }
            Op::Leave => {
                if !self.is_leaving {
                    return Err(("ownership", "the log ends, though the node does not leave".into()));
                }
                self.head = Contents::default();
            }
        }
        Ok(())
    }
}

/// A number that stands for what a node says of an actor.
pub(crate) fn said(attributes: &Attributes) -> u64 {
    let names = attributes.groups.names().iter().flat_map(|name| name.as_str().bytes().chain([0xff]));
    hash(&[attributes.visibility as u64, text(names)])
}

fn who(number: ActorNumber, label: Option<&Label>, actor_type: &str, lamport: u64) -> u64 {
    let label = label.map_or("", Label::as_str);
    hash(&[number.0, lamport, text(label.bytes().chain([0xff]).chain(actor_type.bytes()))])
}

fn text(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0, |sum: u64, byte| sum.rotate_left(7).wrapping_mul(31) ^ u64::from(byte))
}

fn print_op(op: &Op) -> u64 {
    match op {
        Op::ActorAdd(record) => hash(&[1, Actor::of_record(record).print()]),
        Op::ActorUpdate { number, attributes } => hash(&[4, number.0, said(attributes)]),
        Op::ActorRemove { number } => hash(&[2, number.0]),
        Op::Leave => hash(&[3]),
    }
}
