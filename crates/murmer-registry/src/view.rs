//! Labels and who answers to them, among the actors of peers.
//!
//! Fed with what a [`Registry`](crate::Registry) adds and removes and with which nodes are reachable.
//! The same contents give the same answers, in whatever order they came.
//!
//! Doesn't know this node's own actors, nor why one is here.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use murmer_wire::{ActorId, Label, NodeId};

use crate::Entry;

/// What peers have registered, for looking up.
#[derive(Debug, Default, Clone)]
pub struct View {
    entries: BTreeMap<ActorId, Entry>,
    labels: BTreeMap<Label, Candidates>,
    unreachable: BTreeSet<NodeId>,
}

impl View {
    /// A view with nothing in it, in which every node counts as reachable.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an actor. One with the same id is replaced.
    pub fn add(&mut self, entry: Entry) {
        self.remove(&entry.id);
        let rank = Rank::of(&entry);
        match self.labels.get_mut(&entry.label) {
            Some(candidates) => candidates.insert(rank),
            None => {
                self.labels.insert(entry.label.clone(), Candidates::One(rank));
            }
        }
        self.entries.insert(entry.id.clone(), entry);
    }

    /// Removes an actor, if it is there.
    pub fn remove(&mut self, id: &ActorId) {
        let Some(entry) = self.entries.remove(id) else { return };
        let Some(candidates) = self.labels.get_mut(&entry.label) else { return };
        if candidates.remove(&Rank::of(&entry)) {
            self.labels.remove(&entry.label);
        }
    }

    /// Says whether `node` can be reached now. Its actors stay, but give way to reachable ones.
    pub fn set_reachable(&mut self, node: &NodeId, is_reachable: bool) {
        if is_reachable {
            self.unreachable.remove(node);
        } else {
            self.unreachable.insert(node.clone());
        }
    }

    /// Drops all that is known of `node`: its actors, and whether it can be reached.
    pub fn forget(&mut self, node: &NodeId) {
        self.unreachable.remove(node);
        let first = ActorId { node: node.clone(), number: murmer_wire::ActorNumber(0) };
        let ids = self.entries.range(&first..).map(|(id, _)| id).take_while(|id| id.node == *node);
        for id in ids.cloned().collect::<Vec<_>>() {
            self.remove(&id);
        }
    }

    /// The peer's actor that `label` stands for, among those of the wanted type: a reachable one
    /// before an unreachable one, then the one with the smallest (`lamport`, node).
    ///
    /// Whether a local actor goes first is the caller's business.
    pub fn lookup(&self, label: &str, actor_type: &str) -> Option<&Entry> {
        let mut fallback = None;
        for entry in self.candidates(label).filter(|entry| entry.actor_type.as_str() == actor_type) {
            if self.is_reachable(&entry.id.node) {
                return Some(entry);
            }
            fallback = fallback.or(Some(entry));
        }
        fallback
    }

    /// All actors under `label`, of whatever type, by (`lamport`, node): more than one is a conflict.
    pub fn candidates(&self, label: &str) -> impl Iterator<Item = &Entry> {
        let candidates = self.labels.get(label).into_iter().flat_map(Candidates::iter);
        candidates.filter_map(|rank| self.entries.get(&rank.id))
    }

    /// The actor `id`.
    pub fn get(&self, id: &ActorId) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// All actors by id, each with whether its node can be reached.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, bool)> {
        self.entries.values().map(|entry| (entry, self.is_reachable(&entry.id.node)))
    }

    /// True unless [`set_reachable`](Self::set_reachable) last said otherwise.
    pub fn is_reachable(&self, node: &NodeId) -> bool {
        self.unreachable.is_empty() || !self.unreachable.contains(node)
    }
}

/// Where an actor comes among those with its label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    lamport: u64,
    id: ActorId,
}

impl Rank {
    fn of(entry: &Entry) -> Self {
        Self { lamport: entry.lamport, id: entry.id.clone() }
    }
}

/// Nearly every label has one actor, and a set of one costs a kilobyte.
#[derive(Debug, Clone)]
enum Candidates {
    One(Rank),
    Many(BTreeSet<Rank>),
}

impl Candidates {
    fn insert(&mut self, rank: Rank) {
        match self {
            Self::One(one) => *self = Self::Many(BTreeSet::from([one.clone(), rank])),
            Self::Many(many) => {
                many.insert(rank);
            }
        }
    }

    /// True if nothing is left.
    fn remove(&mut self, rank: &Rank) -> bool {
        match self {
            Self::One(one) => one == rank,
            Self::Many(many) => {
                many.remove(rank);
                if many.len() == 1
                    && let Some(one) = many.pop_first()
                {
                    *self = Self::One(one);
                }
                false
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Rank> {
        let (one, many) = match self {
            Self::One(one) => (Some(one), None),
            Self::Many(many) => (None, Some(many)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
