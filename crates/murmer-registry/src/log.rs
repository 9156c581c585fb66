//! The log of this node's own registrations, numbered from 1 without gaps.
//!
//! Only this node appends. A change first waits, without a position; [`Log::commit`] gives positions
//! and logical times to all that wait. Readers ask for what follows a position and get either the ops
//! or, once the ring has dropped those, a frozen copy of what the log amounts to.
//!
//! Doesn't know about peers, links or time.

mod frozen;
mod pending;
mod ring;

use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use murmer_wire::{ActorNumber, NodeId};

use crate::fingerprint::Fingerprint;
use crate::lamport::Lamport;
use crate::replica::ENTRIES_PER_ORIGIN_MAX;
use crate::{Attributes, OPS_BYTES_MAX, OPS_PER_MESSAGE_MAX, Op, Record, Registration, RegistryConfig};
pub(crate) use frozen::Frozen;
use pending::{Change, Pending};
use ring::Ring;
pub(crate) use ring::Slice;

#[derive(Debug)]
pub(crate) struct Log {
    origin: NodeId,
    pending: Pending,
    leaving: bool,
    left: bool,
    /// What the log amounts to at its head.
    live: BTreeMap<ActorNumber, Record>,
    /// What those take of [`ENTRIES_PER_ORIGIN_MAX`].
    weight: usize,
    fingerprint: Fingerprint,
    ring: Ring,
    frozen: Vec<Weak<Frozen>>,
}

impl Log {
    pub(crate) fn new(origin: NodeId, config: &RegistryConfig) -> Self {
        Self {
            origin,
            pending: Pending::default(),
            leaving: false,
            left: false,
            live: BTreeMap::new(),
            weight: 0,
            fingerprint: Fingerprint::default(),
            ring: Ring::new(config.ring_ops_max, config.ring_bytes_max, config.pinned_bytes_max),
            frozen: Vec::new(),
        }
    }

    /// False if the log is full.
    pub(crate) fn register(&mut self, registration: Registration) -> bool {
        let number = registration.number;
        if self.leaving || self.is_registered(number) {
            return true;
        }
        if !self.has_room(registration.attributes.weight(), 0) {
            return false;
        }
        self.pending.add(registration);
        true
    }

    /// False if the log is full; then nothing changes.
    pub(crate) fn update(&mut self, number: ActorNumber, attributes: Attributes) -> bool {
        if self.leaving || !self.is_registered(number) {
            return true;
        }
        let told = self.live.get(&number).filter(|_| !self.pending.adds_number(number));
        if told.is_some_and(|told| told.attributes == attributes) {
            self.pending.take_back_update(number);
            return true;
        }
        // What is told already stays as it is until then; what waits is replaced.
        let told = told.map_or(0, |told| told.attributes.weight());
        let growth = attributes.weight().saturating_sub(told);
        if !self.has_room(growth, self.pending.weight_of(number)) {
            return false;
        }
        self.pending.update(number, attributes, growth);
        true
    }

    pub(crate) fn deregister(&mut self, number: ActorNumber) {
        if !self.leaving && self.is_registered(number) {
            self.pending.remove(number);
        }
    }

    pub(crate) fn leave(&mut self) {
        self.leaving = true;
        self.pending.clear();
    }

    /// Gives every waiting change its position, and every add its logical time.
    pub(crate) fn commit(&mut self, lamport: &mut Lamport) {
        for change in self.pending.take() {
            match change {
                Change::Add(registration) => self.commit_add(registration, lamport.next()),
                Change::Update { number, attributes, .. } => self.commit_update(number, attributes),
                Change::Remove(number) => self.commit_remove(number),
            }
        }
        if self.leaving && !self.left {
            self.left = true;
            self.live.clear();
            self.weight = 0;
            self.fingerprint = Fingerprint::default();
            self.ring.push(Op::Leave);
        }
        self.trim();
    }

    /// A copy of the log at a position not before `position`, from which the ring still goes on; an
    /// existing one if possible. `None` while too many others are in use.
    pub(crate) fn freeze(&mut self, position: u64) -> Option<Arc<Frozen>> {
        self.frozen.retain(|frozen| frozen.strong_count() > 0);
        let newest = self.frozen.last().and_then(Weak::upgrade);
        if let Some(frozen) = newest.filter(|f| f.upto >= position && self.ring.holds_after(f.upto)) {
            return Some(frozen);
        }
        if self.frozen.len() >= FROZEN_MAX {
            return None;
        }
        let frozen = Arc::new(Frozen {
            origin: self.origin.clone(),
            upto: self.head(),
            left: self.left,
            fingerprint: self.fingerprint.as_u64(),
            records: self.live.values().cloned().collect(),
        });
        self.frozen.push(Arc::downgrade(&frozen));
        Some(frozen)
    }

    /// The ops that follow `position`, as many as fit in a message; `None` if the ring dropped them.
    pub(crate) fn after(&self, position: u64, ops_max: usize, bytes_max: usize) -> Option<Slice> {
        self.ring.after(position, ops_max.min(OPS_PER_MESSAGE_MAX), bytes_max.min(OPS_BYTES_MAX))
    }

    pub(crate) fn origin(&self) -> &NodeId {
        &self.origin
    }

    pub(crate) fn head(&self) -> u64 {
        self.ring.head()
    }

    /// How many ops are kept, and their bytes.
    pub(crate) fn kept(&self) -> (usize, usize) {
        self.ring.size()
    }

    pub(crate) fn live(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint.as_u64()
    }

    /// How many adds wait for their logical time.
    pub(crate) fn waiting(&self) -> usize {
        self.pending.adds()
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty() || (self.leaving && !self.left)
    }

    /// True if what waits fills a message, or is the last word.
    pub(crate) fn is_urgent(&self) -> bool {
        let full = self.pending.len() >= OPS_PER_MESSAGE_MAX || self.pending.bytes() >= OPS_BYTES_MAX;
        full || (self.leaving && !self.left)
    }

    pub(crate) fn lamport_of(&self, number: ActorNumber) -> Option<u64> {
        self.live.get(&number).map(|record| record.lamport)
    }

    fn is_registered(&self, number: ActorNumber) -> bool {
        self.pending.adds_number(number)
            || (self.live.contains_key(&number) && !self.pending.removes_number(number))
    }

    /// Whether others hold this much more of us, at any of the positions to come, `instead` of what waits.
    fn has_room(&self, weight: usize, instead: usize) -> bool {
        self.weight + self.pending.weight() - instead + weight <= ENTRIES_PER_ORIGIN_MAX
    }

    fn commit_add(&mut self, registration: Registration, lamport: u64) {
        let Registration { number, label, actor_type, attributes } = registration;
        let record = Record { number, label, actor_type, lamport, attributes };
        self.weight += record.attributes.weight();
        self.fingerprint.insert(&record);
        self.live.insert(number, record.clone());
        self.ring.push(Op::ActorAdd(record));
    }

    fn commit_update(&mut self, number: ActorNumber, attributes: Attributes) {
        let Some(record) = self.live.get_mut(&number) else { return };
        self.fingerprint.remove(&*record);
        self.weight = self.weight - record.attributes.weight() + attributes.weight();
        record.attributes = attributes.clone();
        self.fingerprint.insert(&*record);
        self.ring.push(Op::ActorUpdate { number, attributes });
    }

    fn commit_remove(&mut self, number: ActorNumber) {
        if let Some(record) = self.live.remove(&number) {
            self.weight -= record.attributes.weight();
            self.fingerprint.remove(&record);
            self.ring.push(Op::ActorRemove { number });
        }
    }

    /// Drops what the ring needn't hold: what follows a frozen copy in use is kept for its readers.
    fn trim(&mut self) {
        let pinned = self.frozen.iter().filter_map(Weak::upgrade).map(|frozen| frozen.upto).min();
        self.ring.trim(pinned);
    }
}

/// How many copies of the log, at different positions, may be on their way to peers at once.
pub const FROZEN_MAX: usize = 4;
