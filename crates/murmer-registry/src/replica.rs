//! This node's copy of one peer's log: what a prefix of it amounts to.
//!
//! The copy changes in two ways: by the next op, or by being replaced with a whole snapshot. Either
//! succeeds or leaves the copy as it was, so it stands for a prefix at all times.
//!
//! Doesn't know about links, loss or repetition; see [`crate::link`] for those.

mod shadow;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use murmer_wire::{ActorNumber, NodeId};

use crate::fingerprint::Fingerprint;
use crate::interned::Interned;
use crate::lamport::Lamport;
use crate::outbox::Outbox;
use crate::{Attributes, Entry, LAMPORT_MAX, Misbehaviour, Op, Output, Record};
pub(crate) use shadow::{Progress, Shadow};

#[derive(Debug)]
pub(crate) struct Replica {
    origin: NodeId,
    applied: u64,
    left: bool,
    live: BTreeMap<ActorNumber, Arc<Entry>>,
    /// What those take of [`ENTRIES_PER_ORIGIN_MAX`].
    weight: usize,
    fingerprint: Fingerprint,
    interned: Interned,
}

impl Replica {
    pub(crate) fn new(origin: NodeId) -> Self {
        Self {
            origin,
            applied: 0,
            left: false,
            live: BTreeMap::new(),
            weight: 0,
            fingerprint: Fingerprint::default(),
            interned: Interned::default(),
        }
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
            Op::ActorUpdate { number, attributes } => self.apply_update(number, attributes, out)?,
            Op::ActorRemove { number } => {
                let entry = self.live.remove(&number).ok_or(Misbehaviour::NumberUnknown(number))?;
                self.weight -= entry.attributes.weight();
                self.fingerprint.remove(&*entry);
                out.push(Output::Removed(entry));
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
        self.weight = snapshot.weight();
        let mut old = core::mem::take(&mut self.live);
        for (number, record) in snapshot.into_records() {
            let before = old.remove(&number);
            let entry = match before {
                Some(before) if before.is_of(&record) && before.attributes == record.attributes => before,
                before => {
                    lamport.see(record.lamport);
                    let is_same = before.as_ref().is_some_and(|before| before.is_of(&record));
                    let entry = Entry::new(&self.origin, self.interned.record(record));
                    if is_same {
                        out.push(Output::Updated(entry.clone()));
                    } else {
                        out.extend(before.map(Output::Removed));
                        out.push(Output::Added(entry.clone()));
                    }
                    entry
                }
            };
            self.live.insert(number, entry);
        }
        // Additions came first, so a label that moved to a new actor was never without one.
        out.extend(old.into_values().map(Output::Removed));
        if left && !self.left {
            out.push(Output::Left(self.origin.clone()));
        }
        (self.applied, self.left, self.fingerprint) = (applied, left, fingerprint);
    }

    /// Drops everything, telling of each actor.
    pub(crate) fn clear(&mut self, out: &mut Outbox) {
        let live = core::mem::take(&mut self.live);
        out.extend(live.into_values().map(Output::Removed));
        self.weight = 0;
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
        let weight = self.weight + record.attributes.weight();
        if weight > ENTRIES_PER_ORIGIN_MAX {
            return Err(Misbehaviour::TooManyActors);
        }
        lamport.see(record.lamport);
        self.weight = weight;
        self.fingerprint.insert(&record);
        let entry = Entry::new(&self.origin, self.interned.record(record));
        out.push(Output::Added(entry.clone()));
        self.live.insert(entry.id.number, entry);
        Ok(())
    }

    fn apply_update(
        &mut self,
        number: ActorNumber,
        attributes: Attributes,
        out: &mut Outbox,
    ) -> Result<(), Misbehaviour> {
        let entry = self.live.get_mut(&number).ok_or(Misbehaviour::NumberUnknown(number))?;
        let weight = self.weight - entry.attributes.weight() + attributes.weight();
        if weight > ENTRIES_PER_ORIGIN_MAX {
            return Err(Misbehaviour::TooManyActors);
        }
        if entry.attributes == attributes {
            return Ok(());
        }
        self.weight = weight;
        self.fingerprint.remove(&**entry);
        // Whoever holds the former value keeps it.
        *entry = Arc::new(Entry { attributes: self.interned.attributes(attributes), ..(**entry).clone() });
        self.fingerprint.insert(&**entry);
        out.push(Output::Updated(entry.clone()));
        Ok(())
    }
}

/// How many actors one node may have registered at a time, as far as others are concerned. Each group that
/// an actor is in counts as one more.
///
/// 2^20, ten times what a large node was designed for. At 28 to 600 bytes each this bounds what a
/// hostile member can make each other member hold.
pub const ENTRIES_PER_ORIGIN_MAX: usize = 1 << 20;
