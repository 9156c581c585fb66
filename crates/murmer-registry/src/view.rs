//! Labels and groups and who answers to them, among the actors of peers.
//!
//! Fed with what a [`Registry`](crate::Registry) adds, updates and removes and with which nodes are
//! reachable. The same contents give the same answers, in whatever order they came.
//!
//! Doesn't know this node's own actors, nor why one is here.

mod index;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;

use murmer_wire::{ActorId, ActorNumber, GroupName, Label, NodeId, TypeName};

use self::index::{ByAge, ByLabel};
use crate::Entry;

/// What peers have registered, for looking up.
#[derive(Debug, Default, Clone)]
pub struct View {
    nodes: BTreeMap<NodeId, BTreeMap<ActorNumber, Arc<Entry>>>,
    labels: BTreeSet<ByLabel>,
    groups: BTreeMap<GroupName, BTreeMap<TypeName, BTreeSet<ByAge>>>,
    unreachable: BTreeSet<NodeId>,
}

impl View {
    /// A view with nothing in it, in which every node counts as reachable.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an actor. One with the same id is replaced, and returned.
    pub fn add(&mut self, entry: Arc<Entry>) -> Option<Arc<Entry>> {
        let before = self.remove(&entry.id);
        if entry.label.is_some() {
            self.labels.insert(ByLabel(entry.clone()));
        }
        for group in entry.attributes.groups.names() {
            let of_type = self.groups.entry(group.clone()).or_default();
            of_type.entry(entry.actor_type.clone()).or_default().insert(ByAge(entry.clone()));
        }
        let ActorId { node, number } = &entry.id;
        match self.nodes.get_mut(node) {
            Some(actors) => actors.insert(*number, entry),
            None => self.nodes.entry(node.clone()).or_default().insert(*number, entry),
        };
        before
    }

    /// Removes an actor, if it is there, and returns it.
    pub fn remove(&mut self, id: &ActorId) -> Option<Arc<Entry>> {
        let actors = self.nodes.get_mut(&id.node)?;
        let entry = actors.remove(&id.number)?;
        if actors.is_empty() {
            self.nodes.remove(&id.node);
        }
        self.unlist(&entry);
        Some(entry)
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
        for entry in self.nodes.remove(node).unwrap_or_default().into_values() {
            self.unlist(&entry);
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
    pub fn candidates<'a>(&'a self, label: &str) -> impl Iterator<Item = &'a Entry> + use<'a> {
        index::under(&self.labels, label)
    }

    /// Who of that type is in `group`, by (`lamport`, node), each with whether its node can be reached.
    pub fn members(&self, group: &str, actor_type: &str) -> impl Iterator<Item = (&Entry, bool)> {
        let members = self.groups.get(group).and_then(|of_type| of_type.get(actor_type));
        members.into_iter().flatten().map(|ByAge(entry)| (&**entry, self.is_reachable(&entry.id.node)))
    }

    /// The labels that lists of labels have, in order, each as often as there are actors.
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        let listed = self.labels.iter().filter(|by| by.0.attributes.visibility.is_listed());
        listed.filter_map(|by| by.0.label.as_ref())
    }

    /// The actor `id`.
    pub fn get(&self, id: &ActorId) -> Option<&Entry> {
        self.nodes.get(&id.node)?.get(&id.number).map(|entry| &**entry)
    }

    /// All actors by id, each with whether its node can be reached.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, bool)> {
        let nodes = self.nodes.iter();
        nodes.flat_map(|(node, actors)| {
            let is_reachable = self.is_reachable(node);
            actors.values().map(move |entry| (&**entry, is_reachable))
        })
    }

    /// How many actors there are.
    pub fn actors(&self) -> usize {
        self.nodes.values().map(BTreeMap::len).sum()
    }

    /// True unless [`set_reachable`](Self::set_reachable) last said otherwise.
    pub fn is_reachable(&self, node: &NodeId) -> bool {
        self.unreachable.is_empty() || !self.unreachable.contains(node)
    }

    /// Takes an actor out of what it is found by.
    fn unlist(&mut self, entry: &Arc<Entry>) {
        self.labels.remove(&ByLabel(entry.clone()));
        for group in entry.attributes.groups.names() {
            let Some(of_type) = self.groups.get_mut(group) else { continue };
            let Some(members) = of_type.get_mut(&entry.actor_type) else { continue };
            members.remove(&ByAge(entry.clone()));
            if members.is_empty() {
                of_type.remove(&entry.actor_type);
            }
            if of_type.is_empty() {
                self.groups.remove(group);
            }
        }
    }
}
