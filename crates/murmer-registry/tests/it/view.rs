//! Lookups depend on what is there, never on how it came.

use murmer_registry::{Entry, View};
use murmer_wire::{ActorId, ActorNumber, Label, TypeName};
use proptest::prelude::*;

use crate::net::node;

fn entry(name: &str, number: u64, label: &str, actor_type: &str, lamport: u64) -> Entry {
    let id = ActorId { node: node(name), number: ActorNumber(number) };
    let (label, actor_type) = (Label::new(label).unwrap(), TypeName::new(actor_type).unwrap());
    Entry { id, label, actor_type, lamport }
}

fn view(entries: &[Entry]) -> View {
    let mut view = View::new();
    entries.iter().cloned().for_each(|entry| view.add(entry));
    view
}

#[test]
fn the_earliest_wins_then_the_smaller_node() {
    let late = entry("a", 1, "room", "T", 9);
    let early = entry("z", 1, "room", "T", 3);
    let tied = entry("y", 1, "room", "T", 3);
    let view = view(&[late, early, tied.clone()]);
    assert_eq!(view.lookup("room", "T"), Some(&tied));
    assert_eq!(view.candidates("room").map(|entry| entry.lamport).collect::<Vec<_>>(), [3, 3, 9]);
}

#[test]
fn another_type_does_not_shadow() {
    let other = entry("a", 1, "room", "Other", 1);
    let wanted = entry("b", 1, "room", "T", 2);
    let view = view(&[other, wanted.clone()]);
    assert_eq!(view.lookup("room", "T"), Some(&wanted));
    assert_eq!(view.lookup("room", "None"), None);
    assert_eq!(view.lookup("hall", "T"), None);
}

#[test]
fn reachable_goes_before_early() {
    let early = entry("a", 1, "room", "T", 1);
    let late = entry("b", 1, "room", "T", 2);
    let mut view = view(&[early.clone(), late.clone()]);
    view.set_reachable(&node("a"), false);
    assert_eq!(view.lookup("room", "T"), Some(&late));
    view.set_reachable(&node("b"), false);
    assert_eq!(view.lookup("room", "T"), Some(&early));
    view.set_reachable(&node("a"), true);
    assert_eq!(view.entries().map(|(_, reachable)| reachable).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_forgotten_node_is_gone_with_all_it_had() {
    let mut view =
        view(&[entry("a", 1, "room", "T", 1), entry("a", 2, "hall", "T", 2), entry("b", 1, "room", "T", 3)]);
    view.set_reachable(&node("a"), false);
    view.forget(&node("a"));
    assert_eq!(view.entries().count(), 1);
    assert!(view.is_reachable(&node("a")));
    assert_eq!(view.lookup("hall", "T"), None);
}

#[test]
fn an_id_is_there_once() {
    let mut view = view(&[entry("a", 1, "room", "T", 1)]);
    let moved = entry("a", 1, "hall", "T", 2);
    view.add(moved.clone());
    assert_eq!(view.lookup("room", "T"), None);
    assert_eq!(view.get(&moved.id), Some(&moved));
    assert_eq!(view.entries().count(), 1);
}

proptest! {
    #[test]
    fn any_order_and_any_detour_gives_the_naive_winner(
        kept in prop::collection::btree_map(("[a-d]", 0..4u64), ("[xy]", "[TU]", 0..4u64), 0..12),
        detours in prop::collection::vec((("[a-d]", 0..4u64), ("[xy]", "[TU]", 0..4u64)), 0..12),
        unreachable in prop::collection::btree_set("[a-d]", 0..3),
        reversed: bool,
    ) {
        let make = |((name, number), (label, actor_type, lamport)): (&(String, u64), &(String, String, u64))| {
            entry(name, *number, label, actor_type, *lamport)
        };
        let mut view = View::new();
        for (id, what) in &detours {
            view.add(make((id, what)));
        }
        for (id, what) in &detours {
            if !kept.contains_key(id) {
                view.remove(&make((id, what)).id);
            }
        }
        let mut entries: Vec<_> = kept.iter().map(make).collect();
        if reversed {
            entries.reverse();
        }
        entries.iter().cloned().for_each(|entry| view.add(entry));
        unreachable.iter().for_each(|name| view.set_reachable(&node(name), false));
        for label in ["x", "y"] {
            for actor_type in ["T", "U"] {
                let naive = entries
                    .iter()
                    .filter(|e| e.label.as_str() == label && e.actor_type.as_str() == actor_type)
                    .min_by_key(|e| (!view.is_reachable(&e.id.node), e.lamport, e.id.clone()));
                prop_assert_eq!(view.lookup(label, actor_type), naive);
            }
        }
        prop_assert_eq!(view.entries().count(), entries.len());
    }
}
