//! Changes that have no position yet, in the order they were made.
//!
//! An actor that comes and goes while waiting leaves no trace; so this never holds more than two
//! changes per actor there is, however long nobody listens.

use alloc::collections::{BTreeMap, BTreeSet};

use murmer_wire::ActorNumber;

use crate::Registration;

#[derive(Debug)]
pub(super) enum Change {
    Add(Registration),
    Remove(ActorNumber),
}

impl Change {
    /// About as many bytes as its op will take.
    fn bytes(&self) -> usize {
        match self {
            Self::Add(add) => CHANGE_BYTES + add.label.as_str().len() + add.actor_type.as_str().len(),
            Self::Remove(_) => CHANGE_BYTES,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    changes: BTreeMap<u64, Change>,
    bytes: usize,
    /// Where in `changes` each add is.
    adds: BTreeMap<ActorNumber, u64>,
    removes: BTreeSet<ActorNumber>,
    next_turn: u64,
}

impl Pending {
    pub(super) fn add(&mut self, registration: Registration) {
        self.adds.insert(registration.number, self.next_turn);
        self.push(Change::Add(registration));
    }

    /// Takes back a waiting add, or else lets a removal wait.
    pub(super) fn remove(&mut self, number: ActorNumber) {
        if let Some(turn) = self.adds.remove(&number) {
            let change = self.changes.remove(&turn).expect("every add in the index waits");
            self.bytes -= change.bytes();
        } else if self.removes.insert(number) {
            self.push(Change::Remove(number));
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn take(&mut self) -> impl Iterator<Item = Change> + use<> {
        let taken = core::mem::take(self);
        taken.changes.into_values()
    }

    pub(super) fn adds(&self) -> usize {
        self.adds.len()
    }

    pub(super) fn adds_number(&self, number: ActorNumber) -> bool {
        self.adds.contains_key(&number)
    }

    pub(super) fn removes_number(&self, number: ActorNumber) -> bool {
        self.removes.contains(&number)
    }

    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn push(&mut self, change: Change) {
        self.bytes += change.bytes();
        self.changes.insert(self.next_turn, change);
        self.next_turn += 1;
    }
}

const CHANGE_BYTES: usize = 12;
