//! Orders in which a view keeps its actors: each costs a word per actor, since the actor is its own key.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::ops::Bound;

use murmer_wire::{ActorId, Label};

use crate::Entry;

/// An actor among those of all labels: by label, then by (`lamport`, id).
#[derive(Debug, Clone)]
pub(super) struct ByLabel(pub(super) Arc<Entry>);

/// An actor among others, by (`lamport`, id).
#[derive(Debug, Clone)]
pub(super) struct ByAge(pub(super) Arc<Entry>);

/// A place in the order of labels; one without an actor is in front of all under its label.
trait Place {
    fn place(&self) -> (&str, Option<(u64, &ActorId)>);
}

/// In front of everybody under a label.
struct Front<'a>(&'a str);

/// The actors under `label`.
pub(super) fn under<'a>(
    labels: &'a BTreeSet<ByLabel>,
    label: &str,
) -> impl Iterator<Item = &'a Entry> + use<'a> {
    let front: &dyn Place = &Front(label);
    let mut from = labels.range::<dyn Place, _>((Bound::Included(front), Bound::Unbounded)).peekable();
    // The label as the first of them holds it: what is returned doesn't hold on to the question.
    let first = from.peek().and_then(|by| by.0.label.as_ref());
    let held = first.filter(|held| held.as_str() == label);
    from.map(|by| &*by.0).take_while(move |entry| held.is_some() && entry.label.as_ref() == held)
}

impl Place for ByLabel {
    fn place(&self) -> (&str, Option<(u64, &ActorId)>) {
        let Entry { id, label, lamport, .. } = &*self.0;
        (label.as_ref().map_or("", Label::as_str), Some((*lamport, id)))
    }
}

impl Place for Front<'_> {
    fn place(&self) -> (&str, Option<(u64, &ActorId)>) {
        (self.0, None)
    }
}

impl<'a> Borrow<dyn Place + 'a> for ByLabel {
    fn borrow(&self) -> &(dyn Place + 'a) {
        self
    }
}

impl Ord for dyn Place + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for dyn Place + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for dyn Place + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for dyn Place + '_ {}

impl Ord for ByLabel {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for ByLabel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByLabel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByLabel {}

impl Ord for ByAge {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.lamport, &self.0.id).cmp(&(other.0.lamport, &other.0.id))
    }
}

impl PartialOrd for ByAge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByAge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ByAge {}
