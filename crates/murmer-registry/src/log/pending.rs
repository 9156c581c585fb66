//! Changes that have no position yet, in the order they were made.
//!
//! An actor that comes and goes while waiting leaves no trace, and what is said anew of one that waits takes
//! the place of what was said; so this never holds more than two changes per actor there is, however long
//! nobody listens.

use alloc::collections::{BTreeMap, BTreeSet};

use murmer_wire::{ActorNumber, Label};

use crate::{Attributes, Registration};

#[derive(Debug)]
pub(super) enum Change {
    Add(Registration),
    Update {
        number: ActorNumber,
        attributes: Attributes,
        /// What it weighs more than what has been told.
        growth: usize,
    },
    Remove(ActorNumber),
}

impl Change {
    /// About as many bytes as its op will take.
    fn bytes(&self) -> usize {
        match self {
            Self::Add(add) => {
                let label = add.label.as_ref().map_or(0, |label: &Label| label.as_str().len());
                CHANGE_BYTES + label + add.actor_type.as_str().len() + add.attributes.bytes()
            }
            Self::Update { attributes, .. } => CHANGE_BYTES + attributes.bytes(),
            Self::Remove(_) => CHANGE_BYTES,
        }
    }

    /// What it can add at most to what others hold of us.
    fn weight(&self) -> usize {
        match self {
            Self::Add(add) => add.attributes.weight(),
            Self::Update { growth, .. } => *growth,
            Self::Remove(_) => 0,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pending {
    changes: BTreeMap<u64, Change>,
    bytes: usize,
    weight: usize,
    /// Where in `changes` each add is.
    adds: BTreeMap<ActorNumber, u64>,
    /// And each update of what has been added.
    updates: BTreeMap<ActorNumber, u64>,
    removes: BTreeSet<ActorNumber>,
    next_turn: u64,
}

impl Pending {
    pub(super) fn add(&mut self, registration: Registration) {
        self.adds.insert(registration.number, self.next_turn);
        self.push(Change::Add(registration));
    }

    /// Says it with the add if that waits, and else once, in the place of an update that waits.
    pub(super) fn update(&mut self, number: ActorNumber, attributes: Attributes, growth: usize) {
        if let Some(turn) = self.adds.get(&number).copied() {
            if let Some(Change::Add(registration)) = self.pop(turn) {
                self.put(turn, Change::Add(Registration { attributes, ..registration }));
            }
            return;
        }
        self.take_back_update(number);
        self.updates.insert(number, self.next_turn);
        self.push(Change::Update { number, attributes, growth });
    }

    pub(super) fn take_back_update(&mut self, number: ActorNumber) {
        if let Some(turn) = self.updates.remove(&number) {
            self.pop(turn);
        }
    }

    /// Takes back a waiting add, or else lets a removal wait.
    pub(super) fn remove(&mut self, number: ActorNumber) {
        self.take_back_update(number);
        if let Some(turn) = self.adds.remove(&number) {
            self.pop(turn);
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

    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// What an add or an update of that actor, whichever waits, can add at most.
    pub(super) fn weight_of(&self, number: ActorNumber) -> usize {
        let turn = self.adds.get(&number).or_else(|| self.updates.get(&number));
        turn.and_then(|turn| self.changes.get(turn)).map_or(0, Change::weight)
    }

    fn push(&mut self, change: Change) {
        self.put(self.next_turn, change);
        self.next_turn += 1;
    }

    fn put(&mut self, turn: u64, change: Change) {
        self.bytes += change.bytes();
        self.weight += change.weight();
        self.changes.insert(turn, change);
    }

    fn pop(&mut self, turn: u64) -> Option<Change> {
        let change = self.changes.remove(&turn)?;
        self.bytes -= change.bytes();
        self.weight -= change.weight();
        Some(change)
    }
}

const CHANGE_BYTES: usize = 13;
