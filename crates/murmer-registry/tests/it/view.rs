//! Lookups depend on what is there, never on how it came.

use std::sync::Arc;

use murmer_registry::{Attributes, Entry, View};
use murmer_wire::{ActorId, ActorNumber, Label, TypeName, Visibility};
use proptest::prelude::*;

use crate::net::{in_groups, node};

fn entry(name: &str, number: u64, label: &str, actor_type: &str, lamport: u64) -> Arc<Entry> {
    let id = ActorId { node: node(name), number: ActorNumber(number) };
    let (label, actor_type) = (Label::new(label).ok(), TypeName::new(actor_type).unwrap());
    Arc::new(Entry { id, label, actor_type, lamport, attributes: Attributes::default() })
}

/// The same in these groups.
fn in_these(entry: &Entry, groups: &[&str]) -> Arc<Entry> {
    Arc::new(Entry { attributes: in_groups(groups), ..entry.clone() })
}

fn view(entries: &[Arc<Entry>]) -> View {
    let mut view = View::new();
    for entry in entries {
        assert_eq!(view.add(entry.clone()), None);
    }
    view
}

#[test]
fn the_earliest_wins_then_the_smaller_node() {
    let late = entry("a", 1, "room", "T", 9);
    let early = entry("z", 1, "room", "T", 3);
    let tied = entry("y", 1, "room", "T", 3);
    let view = view(&[late, early, tied.clone()]);
    assert_eq!(view.lookup("room", "T"), Some(&*tied));
    assert_eq!(view.candidates("room").map(|entry| entry.lamport).collect::<Vec<_>>(), [3, 3, 9]);
}

#[test]
fn another_type_does_not_shadow() {
    let other = entry("a", 1, "room", "Other", 1);
    let wanted = entry("b", 1, "room", "T", 2);
    let view = view(&[other, wanted.clone()]);
    assert_eq!(view.lookup("room", "T"), Some(&*wanted));
    assert_eq!(view.lookup("room", "None"), None);
    assert_eq!(view.lookup("hall", "T"), None);
}

#[test]
fn reachable_goes_before_early() {
    let early = entry("a", 1, "room", "T", 1);
    let late = entry("b", 1, "room", "T", 2);
    let mut view = view(&[early.clone(), late.clone()]);
    view.set_reachable(&node("a"), false);
    assert_eq!(view.lookup("room", "T"), Some(&*late));
    view.set_reachable(&node("b"), false);
    assert_eq!(view.lookup("room", "T"), Some(&*early));
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
    assert!(view.add(moved.clone()).is_some());
    assert_eq!(view.lookup("room", "T"), None);
    assert_eq!(view.get(&moved.id), Some(&*moved));
    assert_eq!(view.entries().count(), 1);
}

#[test]
fn a_group_has_those_of_the_type_that_are_in_it_now() {
    let (early, late) = (entry("b", 1, "", "T", 1), entry("a", 1, "", "T", 2));
    let other = entry("a", 2, "", "Other", 1);
    let mut view = view(&[late.clone(), early.clone(), other.clone()]);
    let numbers = |view: &View, group: &str| {
        let members = view.members(group, "T").map(|(entry, is_reachable)| (entry.lamport, is_reachable));
        members.collect::<Vec<_>>()
    };
    assert_eq!(numbers(&view, "g"), []);
    for actor in [&late, &early, &other] {
        assert_eq!(view.add(in_these(actor, &["g", "h"])).as_ref(), Some(actor));
    }
    view.set_reachable(&node("b"), false);
    assert_eq!(numbers(&view, "g"), [(1, false), (2, true)]);
    view.add(in_these(&early, &["h"]));
    assert_eq!((numbers(&view, "g"), numbers(&view, "h").len()), (vec![(2, true)], 2));
    view.forget(&node("a"));
    assert_eq!((numbers(&view, "g"), numbers(&view, "h").len()), (vec![], 1));
}

#[test]
fn a_list_of_labels_has_the_listed_ones() {
    let hidden = Arc::unwrap_or_clone(entry("a", 1, "hidden", "T", 1));
    let attributes = Attributes { visibility: Visibility::Unlisted, ..Attributes::default() };
    let hidden = Arc::new(Entry { attributes, ..hidden });
    let view = view(&[hidden.clone(), entry("a", 2, "", "T", 1), entry("b", 3, "shown", "T", 1)]);
    assert_eq!(view.labels().map(Label::as_str).collect::<Vec<_>>(), ["shown"]);
    assert_eq!(view.lookup("hidden", "T"), Some(&*hidden));
    assert_eq!(view.candidates("").count(), 0, "nobody is found by no label");
}

fn is(entry: &Entry, label: &str) -> bool {
    entry.label.as_ref().is_some_and(|held| held.as_str() == label)
}

/// Label, type, logical time and groups.
type Said = (String, String, u64, Vec<String>);

fn said() -> impl Strategy<Value = Said> {
    ("[xy]", "[TU]", 0..4u64, prop::collection::vec("[gh]", 0..3))
}

proptest! {
    #[test]
    fn any_order_and_any_detour_gives_the_naive_winner_and_members(
        kept in prop::collection::btree_map(("[a-d]", 0..4u64), said(), 0..12),
        detours in prop::collection::vec((("[a-d]", 0..4u64), said()), 0..12),
        unreachable in prop::collection::btree_set("[a-d]", 0..3),
        reversed: bool,
    ) {
        let make = |((name, number), (label, actor_type, lamport, groups)): (&(String, u64), &Said)| {
            let entry = entry(name, *number, label, actor_type, *lamport);
            in_these(&entry, &groups.iter().map(String::as_str).collect::<Vec<_>>())
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
        for entry in &entries {
            view.add(entry.clone());
        }
        unreachable.iter().for_each(|name| view.set_reachable(&node(name), false));
        for label in ["x", "y"] {
            for actor_type in ["T", "U"] {
                let naive = entries
                    .iter()
                    .filter(|e| is(e, label) && e.actor_type.as_str() == actor_type)
                    .min_by_key(|e| (!view.is_reachable(&e.id.node), e.lamport, e.id.clone()))
                    .map(|entry| &**entry);
                prop_assert_eq!(view.lookup(label, actor_type), naive);
            }
        }
        for (group, actor_type) in [("g", "T"), ("g", "U"), ("h", "T"), ("h", "U")] {
            let is_in = |e: &Entry| e.attributes.groups.contains(group) && e.actor_type.as_str() == actor_type;
            let mut naive: Vec<_> = entries.iter().filter(|entry| is_in(entry)).collect();
            naive.sort_by_key(|entry| (entry.lamport, entry.id.clone()));
            let naive: Vec<_> = naive.iter().map(|e| (&***e, view.is_reachable(&e.id.node))).collect();
            prop_assert_eq!(view.members(group, actor_type).collect::<Vec<_>>(), naive);
        }
        prop_assert_eq!(view.entries().count(), entries.len());
    }
}
