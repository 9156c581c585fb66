//! One value for what the actors of a node have in common, however often it is said.
//!
//! A node has many actors and few types of them; a name that doesn't fit in place would else be held once
//! for each actor.

use alloc::collections::BTreeSet;

use murmer_wire::{GroupSet, TypeName};

use crate::{Attributes, Record};

#[derive(Debug, Default)]
pub(crate) struct Interned {
    types: BTreeSet<TypeName>,
    groups: BTreeSet<GroupSet>,
}

impl Interned {
    pub(crate) fn record(&mut self, record: Record) -> Record {
        Record {
            actor_type: one(&mut self.types, record.actor_type),
            attributes: self.attributes(record.attributes),
            ..record
        }
    }

    pub(crate) fn attributes(&mut self, attributes: Attributes) -> Attributes {
        Attributes { groups: one(&mut self.groups, attributes.groups), ..attributes }
    }
}

fn one<T: Ord + Clone>(held: &mut BTreeSet<T>, value: T) -> T {
    if let Some(same) = held.get(&value) {
        return same.clone();
    }
    // Who has more than that has nothing in common.
    if held.len() >= INTERNED_MAX {
        held.clear();
    }
    held.insert(value.clone());
    value
}

/// How many values of a kind are kept for each node.
const INTERNED_MAX: usize = 256;
