//! An actor of a peer, as this node knows it.

use alloc::sync::Arc;

use murmer_wire::{ActorId, Label, NodeId, TypeName};

use crate::{Attributes, Record};

/// A peer's actor. There is one value of it for the copy of its node's log, the [`View`](crate::View) and
/// whoever else keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which actor, where.
    pub id: ActorId,
    /// What it is looked up by; `None` if it is anonymous.
    pub label: Option<Label>,
    /// What it is.
    pub actor_type: TypeName,
    /// When it was first told to anyone, by the cluster's logical clock. Of several actors with one
    /// label, the smallest wins.
    pub lamport: u64,
    /// Who hears of it, and its groups.
    pub attributes: Attributes,
}

impl Entry {
    pub(crate) fn new(origin: &NodeId, record: Record) -> Arc<Self> {
        let Record { number, label, actor_type, lamport, attributes } = record;
        let id = ActorId { node: origin.clone(), number };
        Arc::new(Self { id, label, actor_type, lamport, attributes })
    }

    /// The same actor as `record` describes: it differs in attributes, if at all.
    pub(crate) fn is_of(&self, record: &Record) -> bool {
        let Record { number, label, actor_type, lamport, attributes: _ } = record;
        self.id.number == *number
            && self.label == *label
            && self.actor_type == *actor_type
            && self.lamport == *lamport
    }
}
