//! This node's copy of one peer's log: what a prefix of it amounts to.
//!
//! The copy changes in two ways: by the next op, or by being replaced with a whole snapshot. Either
//! succeeds or leaves the copy as it was, so it stands for a prefix at all times.
//!
//! Doesn't know about links, loss or repetition; see [`crate::link`] for those.

mod shadow;

use alloc::collections::BTreeMap;

use murmer_wire::{ActorId, ActorNumber, NodeId};

use crate::fingerprint::Fingerprint;
use crate::lamport::Lamport;
use crate::outbox::Outbox;
use crate::{Entry, LAMPORT_MAX, Misbehaviour, Op, Output, Record};
pub(crate) use shadow::{Progress, Shadow};

#[derive(Debug)]
pub(crate) struct Replica {
    origin: NodeId,
    applied: u64,
    left: bool,
    live: BTreeMap<ActorNumber, Record>,
    fingerprint: Fingerprint,
}

impl Replica {
    pub(crate) fn new(origin: NodeId) -> Self {
        Self { origin, applied: 0, left: false, live: BTreeMap::new(), fingerprint: Fingerprint::default() }
    }

    /// Applies the op that follows, and tells of it; or says why it can't be one.
    pub(crate) fn apply(
        &mut self,
        op: Op,
        lamport: &mut Lamport,
        out: &mut Outbox,
    ) -> Result<(), Misbehaviour> {
        if self.left {
            return Err(Misbehaviour::AfterLeave);
        }
        match op {
            Op::ActorAdd(record) => self.apply_add(record, lamport, out)?,
            Op::ActorRemove { number } => {
                let record = self.live.remove(&number).ok_or(Misbehaviour::NumberUnknown(number))?;
                self.fingerprint.remove(&record);
                out.push(Output::Removed(self.entry(record)));
            }
            Op::Leave => {
                self.clear(out);
                self.left = true;
                out.push(Output::Left(self.origin.clone()));
            }
        }
        self.applied += 1;
        Ok(())
    }

    /// Becomes what a whole snapshot says, and tells only of what differs.
    pub(crate) fn replace(&mut self, snapshot: Shadow, lamport: &mut Lamport, out: &mut Outbox) {
        let head = snapshot.head();
        let (applied, left, fingerprint) = (head.upto, head.left, snapshot.fingerprint());
        let mut old = core::mem::replace(&mut self.live, snapshot.into_records());
        for record in self.live.values() {
            let before = old.remove(&record.number);
            if before.as_ref() == Some(record) {
                continue;
            }
            lamport.see(record.lamport);
            out.extend(before.map(|before| Output::Removed(self.entry(before))));
            out.push(Output::Added(self.entry(record.clone())));
        }
        // Additions came first, so a label that moved to a new actor was never without one.
        out.extend(old.into_values().map(|record| Output::Removed(self.entry(record))));
        if left && !self.left {
            out.push(Output::Left(self.origin.clone()));
        }
        (self.applied, self.left, self.fingerprint) = (applied, left, fingerprint);
    }

    /// Drops everything, telling of each actor.
    pub(crate) fn clear(&mut self, out: &mut Outbox) {
        let live = core::mem::take(&mut self.live);
        out.extend(live.into_values().map(|record| Output::Removed(self.entry(record))));
        self.fingerprint = Fingerprint::default();
    }

    pub(crate) fn origin(&self) -> &NodeId {
        &self.origin
    }

    pub(crate) fn applied(&self) -> u64 {
        self.applied
    }

    /// True if the copy amounts to these.
    pub(crate) fn matches(&self, live: u64, fingerprint: u64) -> bool {
        self.live.len() as u64 == live && self.fingerprint.as_u64() == fingerprint
    }

    fn apply_add(
        &mut self,
        record: Record,
        lamport: &mut Lamport,
        out: &mut Outbox,
    ) -> Result<(), Misbehaviour> {
        if record.lamport > LAMPORT_MAX {
            return Err(Misbehaviour::LamportTooLarge);
        }
        if self.live.contains_key(&record.number) {
            return Err(Misbehaviour::NumberTaken(record.number));
        }
        if self.live.len() >= ENTRIES_PER_ORIGIN_MAX {
            return Err(Misbehaviour::TooManyActors);
        }
        lamport.see(record.lamport);
        self.fingerprint.insert(&record);
        out.push(Output::Added(self.entry(record.clone())));
        self.live.insert(record.number, record);
        Ok(())
    }

    fn entry(&self, record: Record) -> Entry {
        let Record { number, label, actor_type, lamport } = record;
        Entry { id: ActorId { node: self.origin.clone(), number }, label, actor_type, lamport }
    }
}

/// How many actors one node may have registered at a time, as far as others are concerned.
///
/// 2^20, ten times what a large node was designed for. At 28 to 600 bytes each this bounds what a
/// hostile member can make each other member hold.
pub const ENTRIES_PER_ORIGIN_MAX: usize = 1 << 20;
